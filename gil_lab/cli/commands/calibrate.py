"""`gil-lab calibrate`."""

from pathlib import Path
from typing import Annotated

import typer

from gil_lab.cli import parsing
from gil_lab.cli.parsing import folder


def calibrate(
    budget: Annotated[str, typer.Option(metavar="TIME", help="Measure for so long: 30s, 5m.")] = "60s",
    out: Annotated[
        Path, typer.Option(metavar="DIR", parser=folder("out"), help="The folder of results, beside which it is kept.")
    ] = Path("results"),
) -> int:
    """Compare the same work with itself: how small a difference this machine shows, and how many are false."""
    from gil_lab.cli.outcome import exit_code
    from gil_lab.cli.terminal.progress import progress_for
    from gil_lab.cli.terminal.screen import Screen
    from gil_lab.experiment.calibration import calibrate as measure
    from gil_lab.experiment.calibration import prepare_calibration
    from gil_lab.report.text.calibration import answer
    from gil_lab.sessions.calibrations import keep, read

    prepared = prepare_calibration(out, parsing.duration("budget", budget) or 0.0)
    screen = Screen(drop_unwritable=True)
    with progress_for(screen, prepared) as watcher:
        measured = measure(prepared, watcher)
    calibration, before = measured.calibration, read(out)
    screen.print()
    for line in answer(calibration, [*before.of(calibration.machine), calibration]):
        screen.print(line)
    for note in (*measured.results.session.notes, before.note):
        if note:
            screen.print(f"Note: {note}")
    kept = keep(out, calibration)  # last: what was measured has been shown, whatever becomes of it
    screen.print(f"Kept in {kept}, where reports and doctor find it; files: {measured.results.folder}", soft_wrap=True)
    return exit_code(measured.results, prepared.options, strict=False)


COMMAND = calibrate
