"""What a cluster's law says of a thousand workers: `python benchmarks/many_workers.py [SECONDS]`

Tasks that wait for 10 and 100 ms, so that workers need no core of their own, on clusters of dask's of 1 to 12
workers on this machine, each length measured in so many seconds (60 by default). The universal scalability law is
fitted to each sweep, and says what 10 to 1,000 workers would gain: a simulation, far beyond what was measured, with the
interval that the fit gives. What a worker costs, in seconds to start and in memory, is measured beside it.

The law has in it what client and scheduler do for each task, one after the other: that is its serial share.
"""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from gil_lab.analysis.results import SessionResults
from gil_lab.analysis.scaling import scalings
from gil_lab.analysis.summaries import Summary
from gil_lab.experiment import measure
from gil_lab.model.text import number
from gil_lab.report.text.scaling import lines
from gil_lab.sessions.options import Options
from gil_lab.sessions.plan import Design
from gil_lab.sessions.run import SilentWatcher, prepare
from gil_lab.suite.catalogue import Catalogue

WORKERS = (1, 2, 3, 4, 6, 8, 12)
TASKS_BY_LENGTH_MS = {10: 96, 100: 24}
"""Of a pass: shared out evenly among most of these numbers of workers."""
SIMULATED = (10, 30, 100, 300, 1000)


def swept(length_ms: int, tasks: int, budget_s: float) -> SessionResults:
    with tempfile.TemporaryDirectory() as folder:
        design = Design("sweep", ("sleep",), ("dask",))
        options = Options(workers=WORKERS, tasks=tasks, sizes=(length_ms,), budget_s=budget_s, out=Path(folder))
        return measure(prepare(design, options, Catalogue()), SilentWatcher())


def further_worker(rows: Sequence[Summary]) -> str:
    """What each worker of the largest pool adds to the smallest one."""
    pools = [row for row in rows if not row.is_baseline and row.costs and row.memory.pss_bytes]
    if len(pools) < 2:  # noqa: PLR2004 - a difference
        return "what a worker costs is not known"
    few, most = (min(pools, key=workers_of), max(pools, key=workers_of))
    further = most.cell.workers - few.cell.workers
    assert few.costs
    assert most.costs
    start_s = (most.costs.startup_s - few.costs.startup_s) / further
    megabytes = ((most.memory.pss_bytes or 0) - (few.memory.pss_bytes or 0)) / further / 1e6
    return f"each of {further} further workers: {number(start_s)} s to start, {number(megabytes)} MB (PSS)"


def workers_of(row: Summary) -> int:
    return row.cell.workers


def main(budget_s: float) -> None:
    for length_ms, tasks in TASKS_BY_LENGTH_MS.items():
        results = swept(length_ms, tasks, budget_s)
        print(f"Tasks of {length_ms} ms, {tasks} of them")
        for row in results.rows:
            gain = row.speedup
            said = f"{number(gain.value)}x [{number(gain.low or 0)}, {number(gain.high or 0)}]" if gain else row.detail
            print(f"  measured: {row.cell.strategy} x{row.cell.workers} {said}")
        print(f"  {further_worker(results.rows)}")
        found = [one for one in scalings(results.rows, None, flagged_too=True) if one.fits]
        for one in found:
            print(*(f"  {name}: {text}" for name, text in lines([one])), sep="\n")
            law = one.fits[0]
            one_worker_s = law.wall(1)
            for workers in SIMULATED:
                wall = law.predicted(workers)
                low, high = one_worker_s / (wall.high or wall.value), one_worker_s / max(wall.low or 0, 1e-9)
                faster = f"{number(one_worker_s / wall.value)}x [{number(low)}, {number(high)}]"
                print(f"  simulated: x{workers} {faster}", flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 60.0)
