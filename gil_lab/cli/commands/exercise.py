"""`gil-lab exercise`."""

from pathlib import Path
from typing import Annotated

import typer

from gil_lab.cli import parsing


def exercise(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="Which one; without it, all are listed.")] = "",
    check: Annotated[
        Path | None, typer.Option(metavar="FILE.py", help="Whether the claim holds of the repaired program.")
    ] = None,
    hint: Annotated[bool, typer.Option("--hint", help="Where to look.")] = False,
    solution: Annotated[bool, typer.Option("--solution", help="Print a program that is repaired.")] = False,
    python: Annotated[
        str, typer.Option(metavar="NAME|PATH", help="Which Python. [default: this one, or one that shows it]")
    ] = "",
    timeout: Annotated[
        str | None, typer.Option(metavar="S", help="Seconds after which the program is ended. [default: 30]")
    ] = None,
) -> int:
    """Repair a small program that is broken on purpose, and have the lab check what it then does."""
    from gil_lab.advice import exercises, exercises_text
    from gil_lab.analysis.claims import Outcome
    from gil_lab.cli.outcome import print_blocks
    from gil_lab.cli.terminal.screen import Screen, write
    from gil_lab.model.errors import StoreError, UsageError

    timeout_s = exercises.TIMEOUT_S if timeout is None else parsing.seconds("timeout", timeout) or 0.0
    if timeout_s <= 0:
        raise UsageError(f"--timeout takes seconds above 0, not {timeout}")
    if (check is not None) + hint + solution > 1:
        raise UsageError("--check, --hint and --solution are three different things; give one of them")
    if check is None and (python or timeout):
        raise UsageError("--python and --timeout are for --check; leave them out")
    screen = Screen()
    if not name:
        if check is not None or hint or solution:
            raise UsageError("say which exercise; gil-lab exercise lists them")
        print_blocks(screen, exercises_text.listed(exercises.every_exercise(), exercises.done()))
        return 0
    chosen = exercises.exercise(name)
    if solution:
        write(exercises.solution(name))
    elif hint:
        print_blocks(screen, [f"Hint: {chosen.hint}"])
    elif check is None:
        print_blocks(screen, exercises_text.given(name, chosen, exercises.put(name, Path()).name))
    else:
        found = exercises.check(name, check, python=python, timeout_s=timeout_s)
        print_blocks(screen, exercises_text.checked(found, chosen))
        try:
            exercises.keep(found)
        except StoreError as error:
            screen.print(f"Note: {error}", style="dim")
        return {Outcome.HOLDS: 0, Outcome.FAILS: 3, Outcome.INCONCLUSIVE: 5}[found.judgement.outcome]
    return 0


COMMAND = exercise
