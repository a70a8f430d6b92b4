"""`gil-lab claims`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gil_lab.cli.parsing import folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gil_lab.analysis.claims import Checked
    from gil_lab.cli.terminal.screen import Screen
    from gil_lab.experiment import Experiment

PRINTED = ("table", "md", "csv", "json")


def claims(
    experiment: Annotated[
        list[str] | None, typer.Argument(metavar="[EXPERIMENT]...", help="Only these; see gil-lab list.")
    ] = None,
    results: Annotated[
        Path,
        typer.Option(
            metavar="DIR",
            parser=folder("results"),
            help="The folder of sessions; the newest of each experiment is used.",
        ),
    ] = Path("results"),
    reference: Annotated[
        bool, typer.Option("--reference", help="Those of the reference sessions, which come with the lab.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Every claim with what it comes from, chapter by chapter.")
    ] = False,
    format_: Annotated[str, typer.Option("--format", metavar="|".join(PRINTED), help="Output format.")] = "table",
) -> None:
    """How many claims of the experiments hold in the newest session of each, and which do not."""
    from gil_lab.cli.outcome import print_blocks
    from gil_lab.cli.terminal.screen import Screen, write
    from gil_lab.experiment import experiments
    from gil_lab.report.documents.claims import claims_blocks, claims_document, overview_blocks
    from gil_lab.report.documents.document import FORMATS
    from gil_lab.report.tables.claims import counted
    from gil_lab.sessions.reference import reference_folder
    from gil_lab.suite.catalogue import check_known

    check_known("format", format_, PRINTED)
    if reference:
        results = reference_folder()
    known = {each.design.name: each for each in (*experiments(), *_own(results))}
    for name in experiment or ():
        check_known("experiment", name, list(known))
    chosen = [each for name, each in known.items() if not experiment or name in experiment]
    newest = {each: _newest(each, results) for each in chosen}
    checked = {each: outcomes for each, (outcomes, _) in newest.items()}
    incomplete = [f"{each.design.name}: {note}" for each, (_, notes) in newest.items() for note in notes]
    if format_ in FORMATS:
        chapters = [(str(each.chapter or ""), outcomes) for each, outcomes in checked.items()]
        write(FORMATS[format_](claims_document(chapters)))
        return
    screen = Screen()
    outcomes_of_all = [outcome for outcomes in checked.values() for outcome in outcomes]
    if not experiment and not any(one.design.name in _measured(results) for one in chosen):
        screen.print(f"No experiment is measured in {results} yet: {len(outcomes_of_all)} claims cannot be checked.")
        screen.print("Measure one experiment (gil-lab run cpu-bound) or all of them (gil-lab run all).")
        screen.print("What came out on another machine: gil-lab claims --reference", style="dim")
        return
    if not experiment and not verbose:
        print_blocks(screen, overview_blocks(outcomes_of_all))
        _note(screen, incomplete)
        screen.print("\nEvery claim, with its numbers: gil-lab claims -v, or of one: gil-lab claims NAME", style="dim")
        return
    screen.print(f"{counted(outcomes_of_all)}.")
    chapter = None
    for each, outcomes in checked.items():
        if each.chapter != chapter:
            chapter = each.chapter
            screen.print(f"\n{chapter or 'Further'}", style="bold underline")
        print_blocks(screen, claims_blocks(outcomes, f"{each.design.name}: {each.question}"))
    _note(screen, incomplete)


def _note(screen: "Screen", notes: "Sequence[str]") -> None:
    """What is missing in the sessions: claims are checked against the rest."""
    for note in notes:
        screen.print(f"Note: {note}")


def _measured(root: Path) -> set[str]:
    """Names of the experiments that have a folder there."""
    return {folder.name for folder in root.glob("*") if folder.is_dir()}


def _own(root: Path) -> "Iterator[Experiment]":
    """Of a user's files, those that were measured there, as far as they claim something."""
    from gil_lab.experiment import CLAIMS, Experiment
    from gil_lab.sessions.plan import Design
    from gil_lab.suite.catalogue import names

    for name in sorted(_measured(root) - set(names("experiments"))):
        if any((root / name).glob(f"*/{CLAIMS}")):
            yield Experiment("as it was checked when it was run", Design(name, ()))


def _newest(experiment: "Experiment", root: Path) -> "tuple[list[Checked], Sequence[str]]":
    """The claims of an experiment, checked against its newest session in the folder, if there is one; and its notes."""
    from gil_lab.analysis.claims import unmeasured, unreadable
    from gil_lab.experiment import claims_of
    from gil_lab.experiment.results import Results
    from gil_lab.model.errors import StoreError

    name = experiment.design.name
    try:
        found = Results.read(root / name)
        return claims_of(found), found.session.notes
    except StoreError as error:
        if name in _measured(root):
            return unreadable(name, experiment.claims, str(error)), ()
        return unmeasured(name, experiment.claims), ()


COMMAND = claims
