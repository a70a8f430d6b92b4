"""Does a law of scaling predict a pool that it has not seen? `python benchmarks/scaling_laws.py [SECONDS]`

Ten sweeps of 1, 2, 3, 4, 6, 8, 12 and 16 workers, each measured in so many seconds (60 by default): work that waits,
and work that computes under the GIL, as pools that compute in parallel need as many cores as workers. The largest pool
is held out, predicted by each law from the others, and compared with what was measured. Then so is every other one in
turn. A prediction is right if it is off by at most a tenth; the universal scalability law has to be so in eight of ten.
"""

import sys
import tempfile
from pathlib import Path

from gil_lab.analysis.scaling import RIGHT, Scaling, scalings
from gil_lab.analysis.scaling_laws import UNIVERSAL, fit
from gil_lab.experiment import measure
from gil_lab.report.text.scaling import lines
from gil_lab.sessions.options import Options
from gil_lab.sessions.plan import Design
from gil_lab.sessions.run import SilentWatcher, prepare
from gil_lab.suite.catalogue import Catalogue

WORKERS = (1, 2, 3, 4, 6, 8, 12, 16)
TASKS = 48
"""Shared out evenly among each of these."""
SWEEPS = (
    ("sleep", "threading"),
    ("sleep", "asyncio"),
    ("http", "threading"),
    ("http", "asyncio"),
    ("http", "multiprocessing"),
    ("files", "threading"),
    ("mixed", "threading"),
    ("mixed", "asyncio-threads"),
    ("primes", "threading"),
    ("mandelbrot", "threading"),
)


def swept(workload: str, strategy: str, budget_s: float) -> Scaling | None:
    """None if it could not be measured. Rounds that others disturbed count where there are no better ones."""
    with tempfile.TemporaryDirectory() as folder:
        design = Design("sweep", (workload,), (strategy,))
        options = Options(workers=WORKERS, tasks=TASKS, budget_s=budget_s, out=Path(folder))
        results = measure(prepare(design, options, Catalogue()), SilentWatcher())
        found = scalings(results.rows, None, flagged_too=True)  # none of these sweeps wants a core for each worker
        disturbed = sum(row.flagged for row in results.rows)
        print(f"  {disturbed} of {len(results.rows)} cells flagged in every round", flush=True)
    return found[0] if found else None


def each_held_out(scaling: Scaling) -> str:
    """By how much the universal law misses each pool but the first, predicted from all others."""
    walls = {row.cell.workers: 1 / row.parallel_speedup.value for row in scaling.cells if row.parallel_speedup}
    off = []
    for workers, wall in walls.items():
        others = {each: seconds for each, seconds in walls.items() if each != workers}
        off.append(f"x{workers} {100 * (wall / fit(UNIVERSAL, others).wall(workers) - 1):+.0f} %")
    return ", ".join(off[1:])


def main(budget_s: float) -> None:
    right: dict[str, list[bool]] = {}
    for workload, strategy in SWEEPS:
        print(f"\n{workload}, {strategy}", flush=True)
        found = swept(workload, strategy, budget_s)
        if found is None:
            print("  no numbers")
            continue
        walls = (f"x{row.cell.workers} {row.parallel_speedup.value:.2f}" for row in found.cells if row.parallel_speedup)
        print(f"  speed-ups {', '.join(walls)}")
        print(f"  {lines([found])[0][1]}")
        if found.fits:
            print(f"  each held out: {each_held_out(found)}", flush=True)
        for check in found.checks:
            right.setdefault(check.law, []).append(check.right)
    print(f"\nOff by at most {100 * RIGHT:.0f} %, of {len(SWEEPS)} sweeps:")
    for law, judged in right.items():
        print(f"  {law}: {sum(judged)} of {len(judged)} that were fitted")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 60.0)
