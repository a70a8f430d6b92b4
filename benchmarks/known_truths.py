"""Is the verdict right? `python benchmarks/known_truths.py [PYTHON...]`: work of which it is known, with all cores and
pinned to one, on a machine that is idle, beside one busy loop and beside two.

Six tasks spin, sleep, hash (which releases the GIL) or do some of each, in threads and in processes, under this Python
and those given (`3.13t`). A verdict is right, inconclusive, or wrong.
"""

import contextlib
import multiprocessing
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from gil_lab.analysis.summaries import Summary
from gil_lab.analysis.verdicts import PARALLEL, Verdict
from gil_lab.experiment import measure
from gil_lab.sessions.options import Options
from gil_lab.sessions.plan import Design
from gil_lab.sessions.run import SilentWatcher, prepare
from gil_lab.suite.catalogue import with_file

WORK = Path(__file__).with_name("known_work.py")
AT_ONCE, IN_TURNS, TOGETHER = PARALLEL, (Verdict.CONCURRENT,), (Verdict.WAITING,)
TRUTHS = {
    # work: in threads under a GIL, otherwise
    "spin": (IN_TURNS, AT_ONCE),
    "sleep": (TOGETHER, TOGETHER),
    "hashing": (AT_ONCE, AT_ONCE),
    "spin-two": (IN_TURNS, AT_ONCE),
    "spin-one": (IN_TURNS, IN_TURNS),
    "hash-two": (AT_ONCE, AT_ONCE),
}
PLACES = {"idle": 0, "one loop": 1, "two loops": 2}
WORKERS = 6


def spin() -> None:
    while True:
        pass


@contextlib.contextmanager
def beside(loops: int) -> Iterator[None]:
    processes = [multiprocessing.get_context("spawn").Process(target=spin, daemon=True) for _ in range(loops)]
    for process in processes:
        process.start()
    try:
        yield
    finally:
        for process in processes:
            process.kill()


def outcome(row: Summary) -> str:
    in_threads_under_a_gil = row.cell.strategy == "threading" and row.gil is not None and row.gil.after_work
    right = TRUTHS[row.cell.workload][0 if in_threads_under_a_gil else 1]
    if row.verdict is Verdict.INCONCLUSIVE:
        return "inconclusive"
    return "right" if row.verdict in right else "WRONG"


def seen(row: Summary) -> str:
    """The cell, its verdict, and what that comes from."""
    cell, states = row.cell, row.states
    shares = [states.running, states.ready, states.blocked] if states else []
    return (
        f"{cell.workload:8} {cell.strategy:15} {cell.interpreter:13} {row.verdict}: in flight {row.in_flight or 0:.2f},"
        f" busy {row.cores_busy or 0:.2f}, wanted {row.cores_wanted or 0:.2f}, others {row.other_cores_busy or 0:.2f},"
        f" running, ready, blocked {', '.join(f'{share or 0:.2f}' for share in shares)}"
    )


def main(pythons: tuple[str, ...]) -> None:
    tally: Counter[tuple[str, str]] = Counter()
    for place, loops in PLACES.items():
        with tempfile.TemporaryDirectory() as folder, beside(loops):
            design = Design("truths", tuple(TRUTHS), ("threading", "multiprocessing"), compared=False)
            # Beside loops nothing is repeated more often than it takes its turn: the budget holds.
            options = Options(workers=(WORKERS,), pythons=pythons, budget_s=90.0, out=Path(folder))
            results = measure(prepare(design, options, with_file(WORK)), SilentWatcher())
        for row in results.rows:
            where = f"{place}, {'one core' if 'cores=1' in row.cell.interpreter else 'all cores'}"
            judged = outcome(row)
            tally[where, judged] += 1
            print(f"{where:21} {judged:12} {seen(row)}", flush=True)
    for (where, judged), count in sorted(tally.items()):
        print(f"{where:21} {judged:12} {count}")


if __name__ == "__main__":
    main(("this", "this+cores=1", *sys.argv[1:]))
