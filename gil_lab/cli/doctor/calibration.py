"""Whether it is known how small a difference this machine shows."""

import dataclasses
from datetime import UTC, datetime
from pathlib import Path

from gil_lab.cli.doctor.diagnosis import Diagnosis
from gil_lab.measuring.machine import this_machine
from gil_lab.report.text.calibration import mostly_disturbed, report_line
from gil_lab.sessions.calibrations import RECENT, MachineIdentity, read

NEXT = "gil-lab calibrate measures it, in a minute"


def of_this_machine(out: Path) -> Diagnosis:
    """The newest one of this machine beside the results in `out`, and whether it is too old to be quoted."""
    kept, now = read(out), datetime.now(UTC)
    own = kept.of(MachineIdentity.of(dataclasses.asdict(this_machine())))
    if not own:
        state = kept.note or f"none of this machine in {out}: how small a difference it shows is not known"
        return Diagnosis("calibration", state, NEXT)
    newest = own[-1]
    days = (now - newest.at).days
    if abs(now - newest.at) > RECENT:
        when = f"{days} days old" if days >= 0 else f"of {newest.utc[:10]}, which is yet to come"
        return Diagnosis("calibration", f"{when}; reports no longer quote it", "measure it again: gil-lab calibrate")
    state = report_line(kept.of(newest.machine, now), now) + (f" {kept.note}." if kept.note else "")
    again = "others used the cores most of that time: gil-lab calibrate when nothing else runs"
    return Diagnosis("calibration", state, again if mostly_disturbed(newest) else "")
