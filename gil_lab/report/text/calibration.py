"""What calibrations say, in a line of a report and in the few lines of `gil-lab calibrate`."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from gil_lab.analysis.calibration import pooled_rate
from gil_lab.analysis.proportions import NOMINAL, Proportion
from gil_lab.model.language import gettext
from gil_lab.model.text import number
from gil_lab.sessions.calibrations import Calibration

MINUTE_S = 60
MUCH = 0.5
"""The share of disturbed turns from which a calibration says more about the others than about the machine."""


def report_line(recent: Sequence[Calibration], at: datetime) -> str:
    """What a report quotes: the nearest calibration in time, and the false positives of all; empty without any."""
    if not recent:
        return ""
    nearest = min(recent, key=lambda one: abs(one.at - at))
    calibrated = gettext("calibrated {day}").format(day=nearest.utc[:10])
    if mostly_disturbed(nearest):
        calibrated = gettext("calibrated {day}, while others used the cores").format(day=nearest.utc[:10])
    rate = gettext("{rate} false positives").format(rate=_rate(pooled_rate(recent)))
    if len(recent) > 1:
        text = gettext("{rate} false positives in {count} calibrations")
        rate = text.format(rate=_rate(pooled_rate(recent)), count=len(recent))
    return gettext("{seen} ({calibrated}; {rate}).").format(seen=seen(nearest), calibrated=calibrated, rate=rate)


def seen(calibration: Calibration) -> str:
    difference = percent(calibration.smallest_difference)
    text = gettext("This machine shows differences of {difference} in {time}")
    return text.format(difference=difference, time=in_time(calibration.budget_s))


def answer(calibration: Calibration, of_this_machine: Sequence[Calibration]) -> Iterator[str]:
    """`of_this_machine` are all that are kept, this one among them."""
    yield f"{seen(calibration)}."
    own = _rate(pooled_rate([calibration]))
    nominal = f"nominally {100 * NOMINAL:.0f} %"
    yield f"False positives: {own} of comparisons of identical work ({nominal}; in brackets the 95 % interval)."
    if len(of_this_machine) > 1:
        yield f"In all {len(of_this_machine)} calibrations of this machine: {_rate(pooled_rate(of_this_machine))}."
    share = calibration.disturbed_turns / max(1, calibration.turns)
    yield (
        f"Measured for {calibration.took_s:.0f} s: {calibration.turns} turns, {calibration.disturbed_turns} of them "
        f"({100 * share:.0f} %) disturbed; {calibration.pairs} pairs, {calibration.different} called different."
    )
    if mostly_disturbed(calibration):
        yield "Others used the cores most of the time: calibrate again when nothing else runs."


def mostly_disturbed(calibration: Calibration) -> bool:
    return calibration.disturbed_turns >= MUCH * max(1, calibration.turns)


def percent(share: float) -> str:
    return f"{number(100 * share, 2)} %"


def in_time(seconds: float) -> str:
    if seconds == MINUTE_S:
        return gettext("a minute")
    whole_minutes = seconds > MINUTE_S and seconds % MINUTE_S == 0
    minutes = gettext("{count} minutes").format(count=f"{seconds / MINUTE_S:.0f}")
    return minutes if whole_minutes else f"{number(seconds, 2)} s"


def _rate(rate: Proportion) -> str:
    return f"{100 * rate.value:.0f} % [{100 * rate.low:.0f}, {100 * rate.high:.0f}]"
