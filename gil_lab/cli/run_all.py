"""`gil-lab run all`: every experiment of the lab, in the order of the story."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gil_lab.analysis.claims import Checked
    from gil_lab.cli.terminal.screen import Screen
    from gil_lab.experiment import Experiment
    from gil_lab.sessions.plan import Options
    from gil_lab.sessions.run import Prepared

ALL = "all"
ITS_OWN = ("workers", "strategies", "workloads", "pythons", "tasks", "sizes")
"""What means something else in each experiment."""


def run(options: "Options", *, dry_run: bool, strict: bool) -> int:
    """Run them one after the other; of each a line or two and what became of its claims, the whole is in its report.

    Raises UsageError for an option that would mean something else in each. What cannot be measured here is told, and
    costs the others nothing; the exit code is then 3.
    """
    from gil_lab.cli.outcome import show_plan
    from gil_lab.cli.terminal.screen import Screen
    from gil_lab.experiment import experiments
    from gil_lab.model.errors import NothingMeasuredError, UsageError
    from gil_lab.report.tables.claims import counted
    from gil_lab.sessions.run import prepare
    from gil_lab.suite.catalogue import Catalogue

    if given := [name for name in ITS_OWN if getattr(options, name) is not None]:
        raise UsageError(f"{given[0]} are each experiment's own; choose one experiment instead of all")
    screen, checked, codes = Screen(goes_on=True), list["Checked"](), {0}
    for experiment in experiments():
        name = experiment.design.name
        screen.print(f"\n{name}: {experiment.question}", style="bold")
        try:
            prepared = prepare(experiment.design, options, Catalogue())
            if dry_run:
                show_plan(prepared)
                continue
            found, code = _measured(screen, experiment, prepared, strict=strict)
        except NothingMeasuredError as error:
            screen.print(f"Left out: {error}")
            codes.add(3)
            continue
        checked += found
        codes.add(code)
    if not dry_run:
        screen.print(f"\n{counted(checked)}. All of them: gil-lab claims; one experiment: gil-lab report NAME")
    return max(codes)


def _measured(
    screen: "Screen", experiment: "Experiment", prepared: "Prepared", *, strict: bool
) -> "tuple[Sequence[Checked], int]":
    """The claims of one experiment and its exit code."""
    from gil_lab.cli.outcome import exit_code, kept, print_blocks
    from gil_lab.cli.terminal.progress import progress_for
    from gil_lab.experiment import measure
    from gil_lab.report.documents.claims import claims_blocks

    with progress_for(screen, prepared) as watcher:
        results = measure(prepared, watcher)
    checked = kept(experiment, results)
    print_blocks(screen, claims_blocks(checked))
    for note in results.session.notes:
        screen.print(f"Note: {note}")
    return checked, exit_code(results, prepared.options, strict=strict)
