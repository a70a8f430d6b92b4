"""Whether the machine, the lab or a measured process was stopped while a trial ran: Ctrl-Z, SIGSTOP, a closed laptop.

Its times then hold seconds in which nothing was done, and no statistics could tell.
"""

import time
from pathlib import Path

LONGEST_GAP_S = 0.5
"""A lab that wakes up so late without having waited for a core was stopped."""
ASLEEP_S = 0.05
WAITED = Path("/proc/thread-self/schedstat")
"""Second number: nanoseconds in which this thread waited for a core (Linux, scheduler/sched-stats.rst)."""


class Suspension:
    """Watches from where it is made until `found` is asked."""

    def __init__(self) -> None:
        self._asleep_s = asleep_s()
        self._waited_ns = waited_ns()
        self._late_s = 0.0

    def tick(self, planned_ns: int) -> None:
        """To be called when a tick that was planned for `planned_ns` is taken."""
        late_ns = time.monotonic_ns() - planned_ns
        waited = waited_ns()
        self._late_s = max(self._late_s, (late_ns - (waited - self._waited_ns)) / 1e9)
        self._waited_ns = waited

    def found(self, *, stopped: bool) -> str:
        """What happened, in a few words; empty if nothing did. `stopped`: somebody has stopped the measured process."""
        if (slept_s := asleep_s() - self._asleep_s) > ASLEEP_S:
            return f"the machine slept for {slept_s:.1f} s meanwhile"
        if stopped:
            return "it was stopped meanwhile"
        if self._late_s > LONGEST_GAP_S:
            return f"the lab was stopped for {self._late_s:.1f} s meanwhile"
        return ""


def asleep_s() -> float:
    """Seconds since the machine started in which it was suspended (clock_gettime(2), CLOCK_BOOTTIME)."""
    if not hasattr(time, "CLOCK_BOOTTIME"):
        return 0.0
    return time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)


def waited_ns() -> int:
    """Of this thread, for a core; 0 where the system does not tell."""
    try:
        return int(WAITED.read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
