"""`gil-lab run all`: every experiment of the lab, in the order of the story."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gil_lab.analysis.claims import Checked
    from gil_lab.cli.terminal.screen import Screen
    from gil_lab.experiment import Experiment
    from gil_lab.sessions.options import Options
    from gil_lab.sessions.run import PreparedSession

ALL = "all"
PER_EXPERIMENT = ("workers", "strategies", "workloads", "pythons", "tasks", "sizes")
"""Options that each experiment defines for itself."""


def run(options: "Options", *, dry_run: bool, strict: bool, wait_quiet: bool) -> int:
    """Run them one after the other, and show the outcome of the claims of each; the rest is in the reports.

    Raises UsageError for an option that each experiment defines for itself. An experiment that cannot be measured here
    is reported, and the others still run; the exit code is then 3.
    """
    from gil_lab.cli.outcome import show_plan
    from gil_lab.cli.quiet import note_load
    from gil_lab.cli.terminal.screen import Screen
    from gil_lab.experiment import experiments
    from gil_lab.measuring.machine_load import LoadWatch
    from gil_lab.model.errors import NothingMeasuredError, UsageError
    from gil_lab.report.tables.claims import counted
    from gil_lab.sessions.run import prepare
    from gil_lab.suite.catalogue import Catalogue

    if given := [name for name in PER_EXPERIMENT if getattr(options, name) is not None]:
        raise UsageError(f"every experiment defines its own {given[0]}; choose one experiment instead of all")
    screen, checked, codes = Screen(drop_unwritable=True), list["Checked"](), {0}
    for experiment in experiments():
        name = experiment.design.name
        screen.print(f"\n{name}: {experiment.question}", style="bold")
        watch = LoadWatch()
        try:
            prepared = prepare(experiment.design, options, Catalogue())
            if dry_run:
                show_plan(prepared)
                continue
            note_load(screen, watch, prepared.machine.usable_cores, wait=wait_quiet)
            claims, code = _measure(screen, experiment, prepared, strict=strict)
        except NothingMeasuredError as error:
            screen.print(f"Not measured: {error}")
            codes.add(3)
            continue
        checked += claims
        codes.add(code)
    if not dry_run:
        screen.print(f"\n{counted(checked)}. All of them: gil-lab claims; one experiment: gil-lab report NAME")
    return max(codes)


def _measure(
    screen: "Screen", experiment: "Experiment", prepared: "PreparedSession", *, strict: bool
) -> "tuple[Sequence[Checked], int]":
    """The claims of one experiment and its exit code."""
    from gil_lab.cli.outcome import checked_claims, exit_code, print_blocks
    from gil_lab.cli.terminal.progress import progress_for
    from gil_lab.experiment import measure
    from gil_lab.report.documents.claims import claims_blocks

    with progress_for(screen, prepared) as watcher:
        results = measure(prepared, watcher)
    checked = checked_claims(experiment, results)
    print_blocks(screen, claims_blocks(checked))
    for note in results.session.notes:
        screen.print(f"Note: {note}")
    return checked, exit_code(results, prepared.options, strict=strict)
