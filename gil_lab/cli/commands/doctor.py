"""`gil-lab doctor`."""

from pathlib import Path
from typing import Annotated

import typer

from gil_lab.cli.python_option import chosen


def doctor(
    python: Annotated[
        list[str] | None, typer.Option(metavar="NAME|PATH", help="Which Pythons: 3.13t, all; see gil-lab pythons.")
    ] = None,
    out: Annotated[Path, typer.Option(help="The folder for results.")] = Path("results"),
) -> None:
    """Examine this machine: what to fix before trusting numbers."""
    from rich.table import Table
    from rich.text import Text

    from gil_lab.cli.doctor import examine
    from gil_lab.cli.terminal.screen import Screen

    interpreters = chosen(python)
    findings = list(examine(interpreters, out))
    grid = Table.grid(padding=(0, 1))
    for finding in findings:
        grid.add_row(f"{finding.about}:", Text(finding.state))
    screen = Screen()
    screen.print(grid)
    remedies = Table.grid(padding=(0, 1))
    for finding in findings:
        if finding.remedy:
            remedies.add_row(f"{finding.about}:", Text(finding.remedy))
    screen.print("\nTo fix before trusting numbers:" if remedies.row_count else "\nNothing to fix.")
    if remedies.row_count:
        screen.print(remedies)


COMMAND = doctor
