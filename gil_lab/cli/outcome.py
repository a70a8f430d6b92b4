"""How commands show a plan and results, and the exit code that follows."""

import shlex
import sys
from typing import TYPE_CHECKING

from gil_lab.model.errors import UsageError
from gil_lab.model.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console

    from gil_lab.analysis.claims import Checked
    from gil_lab.experiment import Experiment
    from gil_lab.experiment.results import Results
    from gil_lab.report.tables.blocks import Block
    from gil_lab.sessions.options import Options
    from gil_lab.sessions.run import PreparedSession


def show_plan(prepared: "PreparedSession") -> None:
    from gil_lab.model.cell_names import naming

    name = naming(prepared.cells)
    for trial in prepared.trials:
        skipped = f"  skipped: {trial.skip}" if trial.skip else ""
        print(f"{trial.number:4}  generation {trial.round}  {trial.cell.work} {name(trial.cell)}{skipped}")
    for missing in prepared.choice.missing:
        print(f"left out: {missing.name} ({missing.reason})")
    number, budget_s = len(prepared.trials), prepared.budget_s
    planned = f"{number} trials" if budget_s is None else f"at most {number} trials in about {budget_s:.0f} s"
    print(f"{planned}, seed {prepared.options.seed}; nothing was run.")


def show(screen: "Console", results: "Results", claims: "Sequence[Checked]", *, verbose: bool = True) -> None:
    """The map, the table, a sentence for each cell, the flags, and the outcome of the claims.

    Of many cells, unless it is `verbose`, an overview.
    """
    from gil_lab.report.documents.answer import MANY_CELLS
    from gil_lab.report.documents.claims import claims_blocks
    from gil_lab.report.documents.session import report
    from gil_lab.report.tables.results import by_workload

    if not verbose and (len(results.rows) > MANY_CELLS or len(by_workload(results.rows)) > 1):
        _show_overview(screen, results, claims)
        return
    if not results.rows:
        screen.print("No trials yet.")
    print_blocks(screen, [*report(results), *claims_blocks(claims)])
    for note in results.session.notes:
        screen.print(f"Note: {note}")
    screen.print(f"Files: {results.folder}", soft_wrap=True)
    screen.print(
        f"More: gil-lab report{_asked_for(results)} with --timeline all, or --open", style="dim", soft_wrap=True
    )


def _show_overview(screen: "Console", results: "Results", claims: "Sequence[Checked]") -> None:
    from gil_lab.report.documents.answer import overview

    blocks = overview(results.rows, results.across, claims, results.session.remedy)
    _show_briefly(screen, results, claims, blocks)
    command = f"gil-lab report{_asked_for(results)}"
    screen.print(f"A sentence for each cell, flags, claims: {command} -v", style="dim", soft_wrap=True)


MAX_PATH = 4096
"""Of Linux (limits.h): no path is cut."""


def _asked_for(results: "Results") -> str:
    """What `gil-lab report` needs to find this session again: nothing, if it would take this one anyway."""
    from gil_lab.model.errors import StoreError
    from gil_lab.sessions.options import Options
    from gil_lab.sessions.reader import newest

    try:
        same = newest(Options().out).resolve() == results.folder.resolve()
    except (StoreError, OSError):
        same = False
    return "" if same else f" {shlex.quote(one_line(str(results.folder), MAX_PATH))}"


def show_answer(screen: "Console", results: "Results", claims: "Sequence[Checked]") -> None:
    """One screen: the answer, one table, what speaks against it, and where the evidence is."""
    from gil_lab.report.documents.answer import SCREEN_LINES, answer, height

    evidence = f"Evidence: gil-lab report{_asked_for(results)}; as a page: --open"
    beside = [*_beside(results, claims), "", f"Files: {results.folder}", evidence]
    blocks = answer(results.rows, claims, results.session.remedy, SCREEN_LINES - height(beside))
    _show_briefly(screen, results, claims, ["", *blocks])
    screen.print(evidence, style="dim", soft_wrap=True)


def _show_briefly(
    screen: "Console", results: "Results", claims: "Sequence[Checked]", blocks: "Iterable[Block]"
) -> None:
    """These blocks, and a line for each thing that a reader should know besides."""
    print_blocks(screen, blocks)
    for line in _beside(results, claims):
        screen.print(line)
    screen.print(f"Files: {results.folder}", soft_wrap=True)


def _beside(results: "Results", claims: "Sequence[Checked]") -> list[str]:
    """What a reader should know besides, a line for each thing."""
    from gil_lab.report.tables.claims import counted
    from gil_lab.report.text import interpreters, scaling
    from gil_lab.report.text.chunks import chunks

    about, pythons = results.session.about, [row.cell.interpreter for row in results.rows]
    lines = (
        *scaling.briefly(results.scalings),
        interpreters.missing_briefly(about),
        interpreters.library_threads(about, pythons),
        chunks(about),
        f"{counted(claims)}." if claims else "",
        *(f"Note: {note}" for note in results.session.notes),
    )
    return [line for line in lines if line]


def show_lanes(results: "Results", strategies: "Sequence[str]") -> None:
    """The timelines of some strategies, or of all."""
    from gil_lab.cli.terminal.screen import Screen
    from gil_lab.report.documents.session import timelines
    from gil_lab.suite.catalogue import check_known

    available = [timeline.cell.strategy for timeline in results.timelines]
    if not available and set(strategies) != {"all"}:
        raise UsageError("no traced pass of this session can be drawn; measure again")
    for name in strategies:
        check_known("strategy", name, [*dict.fromkeys(available), "all"], "gil-lab report")
    chosen = [each for each in results.timelines if "all" in strategies or each.cell.strategy in strategies]
    print_blocks(Screen(), timelines(chosen))


def print_blocks(screen: "Console", blocks: "Iterable[Block]") -> None:
    from gil_lab.report.tables.as_rich import as_rich

    for part in as_rich(blocks):
        screen.print(part)


def checked_claims(experiment: "Experiment", results: "Results") -> "Sequence[Checked]":
    """The checked claims, also written beside the results; if they cannot be written, print a note."""
    from gil_lab.model.errors import StoreError

    try:
        return experiment.keep(results)
    except StoreError as error:
        print(f"gil-lab: note: {error}", file=sys.stderr)
        return experiment.check(results)


def exit_code(results: "Results", options: "Options", *, strict: bool) -> int:
    """3 if some cell is not ok; a skipped one counts if its strategy was requested by name and no interpreter ran it.

    With `strict`, also if any trial is flagged.
    """
    ran = {row.cell.strategy for row in results.trials if row.status != "skipped"}
    missing = set(options.strategies or ()) - ran
    bad = [
        row for row in results.trials if not row.numbers and (row.status != "skipped" or row.cell.strategy in missing)
    ]
    flagged = strict and any(row.flags for row in results.trials)
    return 3 if bad or flagged else 0
