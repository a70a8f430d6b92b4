"""`gil-lab doctor`."""

from pathlib import Path
from typing import Annotated

import typer

from gil_lab.cli.parsing import folder
from gil_lab.cli.python_option import chosen


def doctor(
    python: Annotated[
        list[str] | None, typer.Option(metavar="NAME|PATH", help="Which Pythons: 3.13t, all; see gil-lab pythons.")
    ] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", parser=folder("out"), help="The folder for results.")] = Path(
        "results"
    ),
) -> None:
    """Examine this machine: what to fix before trusting numbers."""
    from rich.table import Table
    from rich.text import Text

    from gil_lab.cli.doctor import examine
    from gil_lab.cli.terminal.screen import Screen

    interpreters = chosen(python)
    diagnoses = list(examine(interpreters, out))
    grid = Table.grid(padding=(0, 1))
    for diagnosis in diagnoses:
        grid.add_row(f"{diagnosis.about}:", Text(diagnosis.state))
    screen = Screen()
    screen.print(grid)
    remedies = Table.grid(padding=(0, 1))
    for diagnosis in diagnoses:
        if diagnosis.remedy:
            remedies.add_row(f"{diagnosis.about}:", Text(diagnosis.remedy))
    screen.print("\nTo fix before trusting numbers:" if remedies.row_count else "\nNothing to fix.")
    if remedies.row_count:
        screen.print(remedies)


COMMAND = doctor
