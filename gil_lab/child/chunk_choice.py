"""The chunk for `--chunk auto`: from how much the tasks differ, and from what it takes to hand one over.

Larger chunks are handed over less often; smaller ones leave less to wait for at the end, since workers that were fast
take more of them. For N tasks whose times have the standard deviation s, on P workers, in chunks of K that each occupy
a worker for the time h beside the tasks, about

    N h / (K P)  +  s sqrt(2 K ln P)

is added to the time, and that is least for K = (sqrt(2) N h / (s P sqrt(ln P))) ** (2/3): C. P. Kruskal and A. Weiss,
"Allocating independent subtasks on parallel processors", IEEE Transactions on Software Engineering 11 (1985), pages
1001 to 1016.

`multiprocessing.Pool.map` makes four chunks for each worker whatever the tasks are, `concurrent.futures` a chunk of
each task, and joblib enlarges its batches until one takes 0.2 s: none of them knows what handing over takes.
"""

import math
import time
from collections.abc import Sequence
from typing import Any

from gil_lab.model.chunks import SHARE, even, share
from gil_lab.model.records import Cell, TaskSpan
from gil_lab.suite.strategies import Run

MOST_HANDED_OVER, PASSES = 512, 3
"""Inputs that are handed over to measure what that takes, and how often; the median counts."""
FEWEST = 2
"""Tasks of which a standard deviation is known."""


def given(word: str | None, cell: Cell) -> int | None:
    """The number that was asked for; None if that is left to the API."""
    if word is None:
        return None
    return share(cell.tasks, cell.workers) if word == SHARE else int(word)


def chosen(run: Run, spans: Sequence[TaskSpan], inputs: Sequence[Any], workers: int) -> int:
    """For a pool that is open and hands over tasks one by one; `spans` are of its tasks, in one pass."""
    return predicted(spread_s(spans), hand_over_s(run, inputs, workers), len(inputs), workers)


def predicted(spread_s: float, hand_over_s: float, tasks: int, workers: int) -> int:
    """The best number of tasks in a chunk, rounded so that each worker gets as many chunks as any other."""
    if workers == 1 or spread_s <= 0:
        return share(tasks, workers)
    best = (math.sqrt(2) * tasks * hand_over_s / (spread_s * workers * math.sqrt(math.log(workers)))) ** (2 / 3)
    return even(best, tasks, workers)


def spread_s(spans: Sequence[TaskSpan]) -> float:
    """Standard deviation of the tasks' times, without each worker's first one, which may have imported modules."""
    workers: set[tuple[int, int]] = set()
    later = []
    for span in sorted(spans, key=lambda span: span.begin_ns):
        if (span.pid, span.tid) in workers:
            later.append((span.end_ns - span.begin_ns) / 1e9)
        workers.add((span.pid, span.tid))
    import statistics  # which takes 10 ms that the start of each measured process would take longer

    return statistics.stdev(later) if len(later) >= FEWEST else 0.0


def hand_over_s(run: Run, inputs: Sequence[Any], workers: int) -> float:
    """For how long it occupies a worker to be handed an input: with tasks that do nothing, all workers do only that."""
    some = [inputs[number] for number in range(min(len(inputs), MOST_HANDED_OVER))]
    walls_s = []
    for _ in range(PASSES):
        begin = time.perf_counter()
        run(nothing, some)
        walls_s.append(time.perf_counter() - begin)
    return workers * sorted(walls_s)[PASSES // 2] / len(some)


def nothing(item: Any) -> None:
    """A task without work."""
