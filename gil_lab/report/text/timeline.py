"""The traced pass of one cell as text: a line a worker, as high as its tasks were running."""

from collections.abc import Iterator, Sequence

from gil_lab.analysis.states import TaskState, by_state, in_common
from gil_lab.analysis.timelines import Bar, Lane, Timeline
from gil_lab.model.language import listed
from gil_lab.model.text import number

MARGIN = 4
WIDEST = 100
MAX_LANES = 32
ALWAYS_SHOWN = (TaskState.RUNNING, TaskState.READY, TaskState.BLOCKED)
LEAST_SHARE = 0.005
"""Of the parts of being blocked: what would be 0 % is left out."""
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
    shown = listed(f"{100 * share:.0f} % {state}" for state, share in states.items())
    return f"{called}: {wall} ms, {in_flight} in flight{': ' if shown else ''}{shown}"


def states_of(bars: Sequence[Bar]) -> dict[TaskState, float]:
    """Shares of the time of all tasks; only what is known of each of them."""
    whole_s = sum(bar.end_s - bar.begin_s for bar in bars)
    if not whole_s:
        return {}
    alike = in_common([bar.states for bar in bars])
    states: dict[TaskState, float] = {}
    for bar, shares in zip(bars, alike, strict=True):
        for state, share in by_state(shares).items():
            states[state] = states.get(state, 0.0) + share * (bar.end_s - bar.begin_s) / whole_s
    known = {state: share for state, share in states.items() if state is not TaskState.NOT_RUNNING}
    return {state: share for state, share in known.items() if state in ALWAYS_SHOWN or share >= LEAST_SHARE}


def _signs(lane: Lane, axis_s: float, columns: int, ascii_only: bool) -> Iterator[str]:
    steps = DIGITS if ascii_only else HEIGHTS
    for column in range(columns):
        begin_s, end_s = (at * axis_s / columns for at in (column, column + 1))
        inside = [(bar, min(bar.end_s, end_s) - max(bar.begin_s, begin_s)) for bar in lane.bars]
        ran = [(bar.states.running, part) for bar, part in inside if part > 0]
        covered = sum(part for _, part in ran)
        share = sum(share * part for share, part in ran) / covered if covered else 0.0
        yield steps[min(len(steps) - 1, round(share * (len(steps) - 1)))] if 2 * covered > end_s - begin_s else " "
