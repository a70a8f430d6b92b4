"""The traced pass of one cell as text: a line a worker, as high as its tasks were running."""

from collections.abc import Iterator, Sequence

from gil_lab.analysis.timelines import Bar, Lane, Timeline
from gil_lab.model.text import number

MARGIN = 4
WIDEST = 100
MAX_LANES = 32
HEIGHTS, DIGITS = "·▁▂▃▄▅▆▇█", "0123456789"
"""From a task that hardly ran while it was in flight to one that ran all the time."""


def text_timeline(
    timeline: Timeline, width: int = 80, *, ascii_only: bool = False, axis_s: float | None = None
) -> list[str]:
    """Lines of at most `width` columns: one for each worker, or each coroutine in flight.

    All columns are `axis_s` seconds, so that passes which are shown together can be compared; None: as many as it took.

    How high a task is drawn is the share of its time in which it ran: when within it, was not measured. A column is
    blank where no task was in flight for most of it.
    """
    columns = max(20, min(width, WIDEST) - MARGIN)
    shown = timeline.lanes[:MAX_LANES]
    before = [0, *(lane.worker for lane in shown)]
    names = ["" if lane.worker == last else str(lane.worker) for lane, last in zip(shown, before, strict=False)]
    signs = ["".join(_signs(lane, axis_s or timeline.wall_s, columns, ascii_only)) for lane in shown]
    more = len(timeline.lanes) - len(shown)
    return [
        *(f"{name:>{MARGIN - 1}} {line}".rstrip() for name, line in zip(names, signs, strict=True)),
        *([f"{'':{MARGIN}}and {more} more"] if more else []),
    ]


def title(timeline: Timeline, called: str) -> str:
    """What the lines show of a cell that is `called` so."""
    wall, in_flight = number(1e3 * timeline.wall_s), f"{timeline.in_flight:.1f}"
    states = states_of([bar for lane in timeline.lanes for bar in lane.bars])
    shown = ", ".join(f"{100 * share:.0f} % {name}" for name, share in states.items())
    return f"{called}: {wall} ms, {in_flight} in flight{': ' if shown else ''}{shown}"


def states_of(bars: Sequence[Bar]) -> dict[str, float]:
    """Running, ready and blocked as shares of the time of all tasks; only what the system tells."""
    shares: dict[str, list[float | None]] = {
        "running": [bar.running_share for bar in bars],
        "ready": [bar.ready_share for bar in bars],
        "blocked": [bar.blocked_share for bar in bars],
    }
    times_s = [bar.end_s - bar.begin_s for bar in bars]
    whole_s = sum(times_s)
    states = {}
    for name, parts in shares.items():
        known = [part * time_s for part, time_s in zip(parts, times_s, strict=True) if part is not None]
        if len(known) == len(parts) and whole_s:
            states[name] = sum(known) / whole_s
    return states


def _signs(lane: Lane, axis_s: float, columns: int, ascii_only: bool) -> Iterator[str]:
    steps = DIGITS if ascii_only else HEIGHTS
    for column in range(columns):
        begin_s, end_s = (at * axis_s / columns for at in (column, column + 1))
        inside = [(bar, min(bar.end_s, end_s) - max(bar.begin_s, begin_s)) for bar in lane.bars]
        ran = [(bar.running_share, part) for bar, part in inside if part > 0]
        covered = sum(part for _, part in ran)
        share = sum(share * part for share, part in ran) / covered if covered else 0.0
        yield steps[min(len(steps) - 1, round(share * (len(steps) - 1)))] if 2 * covered > end_s - begin_s else " "
