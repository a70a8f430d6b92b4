"""What the commands show of a plan and of results, and the exit code that follows."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console

    from gil_lab.analysis.claims import Checked
    from gil_lab.experiment import Experiment
    from gil_lab.experiment.results import Results
    from gil_lab.report.tables.blocks import Block
    from gil_lab.sessions.plan import Options
    from gil_lab.sessions.run import Prepared


def show_plan(prepared: "Prepared") -> None:
    from gil_lab.model.cell_names import naming

    called = naming(prepared.cells)
    for trial in prepared.trials:
        skipped = f"  skipped: {trial.skip}" if trial.skip else ""
        print(f"{trial.number:4}  round {trial.round}  {trial.cell.work} {called(trial.cell)}{skipped}")
    for missing in prepared.choice.missing:
        print(f"left out: {missing.name} ({missing.reason})")
    print(f"{len(prepared.trials)} trials, seed {prepared.options.seed}; nothing was run.")


def show(screen: "Console", results: "Results", claims: "Sequence[Checked]") -> None:
    """The map, the table, a sentence for each cell, what speaks against the numbers, what became of the claims."""
    from gil_lab.report.documents.claims import claims_blocks
    from gil_lab.report.documents.session import report

    if not results.rows:
        screen.print("No trials yet.")
    print_blocks(screen, [*report(results), *claims_blocks(claims)])
    for note in results.session.notes:
        screen.print(f"Note: {note}")
    screen.print(f"Files: {results.folder}", soft_wrap=True)
    screen.print("More: gil-lab report --timeline all, gil-lab report --open", style="dim")


def show_lanes(results: "Results", strategies: "Sequence[str]") -> None:
    """The timelines of some strategies, or of all."""
    from gil_lab.cli.terminal.screen import Screen
    from gil_lab.report.documents.session import timelines
    from gil_lab.suite.catalogue import check_known

    there = [timeline.cell.strategy for timeline in results.timelines]
    for name in strategies:
        check_known("strategy", name, [*dict.fromkeys(there), "all"])
    chosen = [one for one in results.timelines if "all" in strategies or one.cell.strategy in strategies]
    print_blocks(Screen(), timelines(chosen))


def print_blocks(screen: "Console", blocks: "Iterable[Block]") -> None:
    from gil_lab.report.tables.as_rich import as_rich

    for part in as_rich(blocks):
        screen.print(part)


def kept(experiment: "Experiment", results: "Results") -> "Sequence[Checked]":
    """What became of its claims; that they cannot be written beside the results costs nothing else."""
    from gil_lab.model.errors import StoreError

    try:
        return experiment.keep(results)
    except StoreError as error:
        print(f"gil-lab: note: {error}", file=sys.stderr)
        return experiment.check(results)


def exit_code(results: "Results", options: "Options", *, strict: bool) -> int:
    """3 if some cell is not ok; skipped ones count if their strategy was asked for by name and nobody could run it.

    If `strict`, also if there is a doubt about some trial.
    """
    ran = {row.cell.strategy for row in results.trials if row.status != "skipped"}
    named = set(options.strategies or ()) - ran
    bad = [row for row in results.trials if not row.numbers and (row.status != "skipped" or row.cell.strategy in named)]
    doubtful = strict and any(row.flags for row in results.trials)
    return 3 if bad or doubtful else 0
