"""`gil-lab claims`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gil_lab.analysis.claims import Checked
    from gil_lab.experiment import Experiment

PRINTED = ("table", "md", "csv", "json")


def claims(
    experiment: Annotated[
        list[str] | None, typer.Argument(metavar="[EXPERIMENT]...", help="Only of these; see gil-lab list.")
    ] = None,
    results: Annotated[
        Path, typer.Option(metavar="DIR", help="Where the sessions are; the newest of each experiment is asked.")
    ] = Path("results"),
    format_: Annotated[str, typer.Option("--format", metavar="|".join(PRINTED), help="How to show them.")] = "table",
) -> None:
    """List what the experiments claim, and whether it holds in the newest session of each."""
    from gil_lab.cli.outcome import print_blocks
    from gil_lab.cli.terminal.screen import Screen, write
    from gil_lab.experiment import experiments
    from gil_lab.report.documents.claims import claims_blocks, claims_document
    from gil_lab.report.documents.document import FORMATS
    from gil_lab.report.tables.claims import counted
    from gil_lab.suite.catalogue import check_known

    check_known("format", format_, PRINTED)
    known = {one.design.name: one for one in experiments()}
    for name in experiment or ():
        check_known("experiment", name, list(known))
    chosen = [one for name, one in known.items() if not experiment or name in experiment]
    checked = {one: _newest(one, results) for one in chosen}
    if format_ in FORMATS:
        chapters = [(str(one.chapter or ""), found) for one, found in checked.items()]
        write(FORMATS[format_](claims_document(chapters)))
        return
    screen = Screen()
    chapter = None
    for one, found in checked.items():
        if one.chapter != chapter:
            chapter = one.chapter
            screen.print(f"\n{chapter or 'Further'}", style="bold underline")
        print_blocks(screen, claims_blocks(found, f"{one.design.name}: {one.question}"))
    screen.print(f"\n{counted([each for found in checked.values() for each in found])}.")


def _newest(experiment: "Experiment", root: Path) -> "list[Checked]":
    """The claims of an experiment, held against its newest session below the folder, if there is one."""
    from gil_lab.analysis.claims import unmeasured
    from gil_lab.experiment.results import Results
    from gil_lab.model.errors import StoreError

    name = experiment.design.name
    try:
        return experiment.check(Results.read(root / name))
    except StoreError:
        return unmeasured(name, experiment.claims)


COMMAND = claims
