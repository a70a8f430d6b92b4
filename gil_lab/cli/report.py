"""`gil-lab report`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from gil_lab.results import Results

FORMATS = ("table", "csv", "json", "md")


def report(
    session: Annotated[
        str, typer.Argument(metavar="[SESSION|EXPERIMENT]", help="A folder, or the newest session of an experiment.")
    ] = "",
    format_: Annotated[str, typer.Option("--format", metavar="|".join(FORMATS), help="How to show it.")] = "table",
) -> None:
    """Report on a session, the newest by default, and write its summary.csv and core_use.csv."""
    from gil_lab.catalogue import check_known
    from gil_lab.cli.screen import Screen, write
    from gil_lab.report.formats import FORMATS as WRITTEN
    from gil_lab.results import Results

    check_known("format", format_, FORMATS)
    results = Results.read(_folder(session))
    _written(results)
    if format_ in WRITTEN:
        write(WRITTEN[format_](results.rows))
    else:
        show(Screen(), results)


def _folder(session: str) -> Path:
    """A path if there is one, else the experiment of that name under ./results, else ./results itself."""
    from gil_lab.catalogue import check_known
    from gil_lab.errors import StoreError

    if not session:
        return Path("results")
    if Path(session).exists() or "/" in session:
        return Path(session)
    known = sorted(folder.name for folder in Path("results").glob("*") if folder.is_dir())
    if not known:
        raise StoreError(f"no session of {session!a} in results; measure one: gil-lab run {session[:40]}")
    check_known("session or experiment", session, known)
    return Path("results") / session


def _written(results: "Results") -> None:
    """The derived files can be made again at any time: a read-only folder is told, and costs nothing else."""
    from gil_lab.errors import StoreError

    try:
        results.write()
    except StoreError as error:
        print(f"gil-lab: note: {error}", file=sys.stderr)


def show(screen: "Console", results: "Results") -> None:
    """The table, a sentence for each cell, what speaks against the numbers, and where the files are."""
    from gil_lab.report.terminal import tables, verdicts

    if not results.rows:
        screen.print("No trials yet.")
    for part in (*tables(results.rows), "", *verdicts(results.rows)):
        screen.print(part)
    if results.rows and max(row.trials for row in results.rows) == 1:
        screen.print("\nOne round: no intervals. Use more --rounds before you believe a difference.")
    for note in results.session.notes:
        screen.print(f"Note: {note}")
    screen.print(f"Files: {results.folder}", soft_wrap=True)
