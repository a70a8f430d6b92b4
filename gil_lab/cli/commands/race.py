"""`gil-lab race`."""

from pathlib import Path
from typing import Annotated

import typer

from gil_lab.cli import parsing


def race(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.py", help="It defines setup(), operations, and invariant(object).")
    ],
    python: Annotated[
        list[str] | None, typer.Option(metavar="NAME|PATH", help="Which Pythons. [default: every one there is]")
    ] = None,
    workers: Annotated[
        str | None,
        typer.Option(metavar="N", help="Threads. [default: one for each operation, as many as cores at least]"),
    ] = None,
    repeat: Annotated[
        str | None,
        typer.Option(metavar="N", help="Times that a thread does its operation in a round. [default: for 2 ms]"),
    ] = None,
    budget: Annotated[
        str | None, typer.Option(metavar="TIME", help="For all Pythons together: 30s, 2m. [default: 20s]")
    ] = None,
    seed: Annotated[str | None, typer.Option(metavar="N", help="Decides the order in which threads begin.")] = None,
    only_round: Annotated[
        str | None, typer.Option("--round", metavar="N", help="Only that order, of the round of that number.")
    ] = None,
) -> int:
    """Whether your own class keeps its invariant when threads use it, under every Python."""
    from gil_lab.advice import invariant
    from gil_lab.advice.invariant_text import again, blocks
    from gil_lab.cli.outcome import print_blocks
    from gil_lab.cli.terminal.screen import Screen
    from gil_lab.cli.terminal.stopping import STOPPING
    from gil_lab.measuring.machine import usable_cores
    from gil_lab.measuring.machine_load import LoadWatch
    from gil_lab.model.errors import UsageError
    from gil_lab.sessions.options import Options, check

    if not file.is_file():
        what = "is no file" if file.exists() else "does not exist"
        raise UsageError(f"{str(file)!a:.100} {what}; give the path of a Python file that defines setup()")
    budget_s = parsing.duration("budget", budget)
    threads, repeats = parsing.whole("workers", workers), parsing.whole("repeat", repeat)
    number, chosen = parsing.whole("seed", seed), parsing.whole("round", only_round)
    check(Options(budget_s=budget_s, seed=number, workers=None if threads is None else (threads,)), usable_cores())
    for name, value in (("repeat", repeats), ("round", chosen)):
        if value is not None and not 1 <= value <= MOST:
            raise UsageError(f"{name} is {value}; it takes a whole number from 1 to {MOST}")
    screen, load = Screen(drop_unwritable=True), LoadWatch()
    STOPPING.note = "no round was run"

    def show(found: "invariant.FoundInvariant") -> None:
        STOPPING.note = "what was found is above"
        if found.stopped and screen.is_terminal:
            screen.print()  # after the ^C
        print_blocks(screen, blocks(found))
        others = load.load().cores_busy
        if not all(each.broken for each in found.tested) and usable_cores() - others < ENOUGH_CORES:
            screen.print(
                f"Others kept {others:.1f} of {usable_cores()} cores busy: threads could not always run at the same "
                "time, so that fewer races show. Try again on an idle machine.",
                style="dim",
            )
        if command := again(found):
            screen.print(f"The same order of starts again: {command}", soft_wrap=True)

    found = invariant.race(
        file,
        pythons=parsing.several("python", python) or ("all",),
        threads=threads,
        least_threads=max(2, usable_cores()),
        repeats=repeats,
        budget_s=budget_s or invariant.BUDGET_S,
        seed=0 if number is None else number,
        only_round=chosen,
        say=lambda text: screen.print(f"{text} ...", style="dim"),
        stopped=show,
    )
    show(found)
    return 3 if found.broken or not found.complete else 0


MOST = 1_000_000
ENOUGH_CORES = 1.5
"""That are free, for two threads to run at the same time as a rule."""
COMMAND = race
