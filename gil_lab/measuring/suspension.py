"""Whether the machine, the lab or a measured process was stopped while a trial ran: Ctrl-Z, SIGSTOP, a closed laptop.

Its times then include seconds in which nothing ran, and no statistics could reveal that.
"""

import time
from pathlib import Path

MAX_LATENESS_S = 0.5
"""A lab that wakes up later than this without having waited for a core was stopped."""
MIN_SLEEP_S = 0.05
SCHEDSTAT = Path("/proc/thread-self/schedstat")
"""Its second number: nanoseconds in which this thread waited for a core (Linux, scheduler/sched-stats.rst)."""


class Suspension:
    """Watches from its creation on; `reason` ends it."""

    def __init__(self) -> None:
        self._asleep_s = asleep_s()
        self._waited_ns = waited_ns()
        self._late_s = 0.0

    def tick(self, planned_ns: int) -> None:
        """To be called at each tick, with the time for which it was planned."""
        late_ns = time.monotonic_ns() - planned_ns
        waited = waited_ns()
        self._late_s = max(self._late_s, (late_ns - (waited - self._waited_ns)) / 1e9)
        self._waited_ns = waited

    def reason(self, *, stopped: bool) -> str:
        """What was suspended, in a few words; empty if nothing was. `stopped`: whether the measured process was."""
        if (slept_s := asleep_s() - self._asleep_s) > MIN_SLEEP_S:
            return f"the machine slept for {slept_s:.1f} s meanwhile"
        if stopped:
            return "it was stopped meanwhile"
        if self._late_s > MAX_LATENESS_S:
            return f"the lab was stopped for {self._late_s:.1f} s meanwhile"
        return ""


def asleep_s() -> float:
    """Seconds for which the machine has been suspended since it booted (clock_gettime(2), CLOCK_BOOTTIME)."""
    if not hasattr(time, "CLOCK_BOOTTIME"):
        return 0.0
    return time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)


def waited_ns() -> int:
    """How long this thread has waited for a core; 0 where the system does not report it."""
    try:
        return int(SCHEDSTAT.read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
