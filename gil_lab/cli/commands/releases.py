"""`gil-lab releases`."""

from pathlib import Path
from typing import Annotated

import typer

from gil_lab.cli import parsing


def releases(
    expression: Annotated[str, typer.Argument(metavar="EXPRESSION", help="The call: 'hashlib.sha256(data).digest()'.")],
    setup: Annotated[
        list[str] | None, typer.Option(metavar="STATEMENTS", help="Run once before: 'import hashlib; data = ...'.")
    ] = None,
    python: Annotated[
        list[str] | None, typer.Option(metavar="NAME|PATH", help="Which Pythons; see gil-lab pythons.")
    ] = None,
    budget: Annotated[
        str | None, typer.Option(metavar="TIME", help="Measure for so long: 30s, 2m. [default: 6s for each Python]")
    ] = None,
    seed: Annotated[str | None, typer.Option(metavar="N", help="Seed of the order.")] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where to create the session's folder. [default: results]")
    ] = None,
) -> int:
    """Does this call let go of the GIL, so that other threads can run meanwhile?"""
    from gil_lab.advice.release_library import release_of_expression
    from gil_lab.advice.releasing_text import blocks
    from gil_lab.cli.advised import measured_beside
    from gil_lab.cli.outcome import print_blocks
    from gil_lab.cli.terminal.screen import Screen
    from gil_lab.measuring.machine import usable_cores
    from gil_lab.sessions.options import Options, check

    budget_s, chosen = parsing.duration("budget", budget), parsing.whole("seed", seed)
    check(Options(budget_s=budget_s, seed=chosen), usable_cores())
    screen = Screen(drop_unwritable=True)
    found = release_of_expression(
        expression,
        "\n".join(setup or ()),
        lambda prepared: measured_beside(screen, prepared),
        pythons=parsing.several("python", python) or ("this",),
        budget_s=budget_s,
        seed=chosen,
        out=out or Path("results"),
        say=lambda text: screen.print(f"{text} ...", style="dim"),
    )
    screen.print()
    print_blocks(screen, blocks(found))
    screen.print(f"Files: {found.results.folder}", soft_wrap=True, style="dim")
    return 0


COMMAND = releases
