"""What numbers are called where a claim says what it comes from: columns of trials.csv in words, with their units."""

from collections.abc import Mapping

from gil_lab.model.frozen import frozen
from gil_lab.model.language import gettext, gettext_noop


@frozen
class Wording:
    """Of a column of trials.csv."""

    name: str
    """Before a ratio of two cells."""
    unit: str
    """Behind the number of one cell."""
    factor: float = 1
    """From the number to what is shown in that unit."""
    most: float | None = None
    """What it cannot be above, as a share cannot be above the whole; nothing in trials.csv is below 0."""


def _share(name: str, unit: str) -> Wording:
    return Wording(name, unit, 100, 1)


WORDING: Mapping[str, Wording] = {
    "wall_s": Wording(gettext_noop("wall time"), gettext_noop("s")),
    "cpu_s": Wording(gettext_noop("CPU time"), gettext_noop("s of CPU time")),
    "startup_s": Wording(gettext_noop("start-up"), gettext_noop("s of start-up")),
    "compile_s": Wording(gettext_noop("compilation"), gettext_noop("s of compilation")),
    "warm_up_s": Wording(gettext_noop("warm-up"), gettext_noop("s of warm-up")),
    "in_flight": Wording(gettext_noop("tasks in flight"), gettext_noop("tasks in flight")),
    "cores_busy": Wording(gettext_noop("cores busy"), gettext_noop("cores busy")),
    "cores_wanted": Wording(gettext_noop("cores wanted"), gettext_noop("cores wanted")),
    "service_cores_busy": Wording(
        gettext_noop("cores busy with the service"), gettext_noop("cores busy with the service")
    ),
    "running_share": _share(gettext_noop("time running"), gettext_noop("% running")),
    "ready_share": _share(gettext_noop("time ready"), gettext_noop("% ready")),
    "blocked_share": _share(gettext_noop("time blocked"), gettext_noop("% blocked")),
    "gil_waiting_share": _share(gettext_noop("time waiting for the GIL"), gettext_noop("% waiting for the GIL")),
    "lock_or_io_share": _share(
        gettext_noop("time waiting for a lock or I/O"), gettext_noop("% waiting for a lock or I/O")
    ),
    "sleep_share": _share(gettext_noop("time asleep"), gettext_noop("% asleep")),
    "gil_held_share": _share(gettext_noop("time the GIL is held"), gettext_noop("% GIL held")),
    "underfill_share": _share(
        gettext_noop("idle time while tasks were queued"), gettext_noop("% idle while tasks were queued")
    ),
    "tail_share": _share(gettext_noop("idle time in the tail"), gettext_noop("% idle in the tail")),
    "gil_handoffs_per_s": Wording(
        gettext_noop("hand-offs of the GIL a second"), gettext_noop("hand-offs of the GIL a second")
    ),
    "pss_bytes": Wording(gettext_noop("memory (PSS)"), gettext_noop("MB"), 1e-6),
    "peak_rss_bytes": Wording(gettext_noop("peak of the memory"), gettext_noop("MB at the peak"), 1e-6),
    "delay_s": Wording(gettext_noop("median delay"), gettext_noop("ms late (median of the rounds)"), 1e3),
    "delay_p99_s": Wording(gettext_noop("99 % delay"), gettext_noop("ms late (99 %)"), 1e3),
}
"""Other columns are shown as they are."""
ADDED_UNITS: Mapping[str, tuple[str, float]] = {
    "peak_rss_bytes": (gettext_noop("kB"), 1e-3),
    "startup_s": (gettext_noop("ms"), 1e3),
}
"""What one worker adds to a column: its unit, and the factor to it."""


def wording(column: str) -> Wording:
    """Of any column."""
    return WORDING.get(column, Wording(column, f"({column})"))


def name_of(number: str) -> str:
    """Of a column or an observation, in the language that is spoken."""
    return gettext(wording(number).name)
