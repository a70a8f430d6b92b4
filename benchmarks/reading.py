"""How fast are results read, compared with pandas and duckdb, which check nothing and summarise nothing?

`python benchmarks/reading.py [SESSIONS]` makes that many sessions (1000 by default, with a million rows) in a temporary
folder. pandas and duckdb are left out where they are not installed. All files are in the system's cache. Nothing here
is a test: speeds are reported, not asserted.
"""

import importlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from many_sessions import make

from gil_lab.analysis.estimates import estimate
from gil_lab.analysis.history import history
from gil_lab.report.text.sentences import ratio
from gil_lab.sessions import reader
from gil_lab.sessions.schema import FILES

ROUNDS = int(os.environ.get("ROUNDS", "7"))
SESSIONS = 1000
SHARES = (4, 2, 1)
SUMMARISED = ("trials.csv",)
"""The files that a summary needs."""
LIBRARIES = ("pandas", "duckdb")

Step = Callable[[], object]


def command(folder: Path) -> None:
    """`gil-lab report` of the newest session in `folder`, from start to end."""
    started = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    gil_lab = str(Path(sys.executable).with_name("gil-lab"))
    subprocess.run([gil_lab, "report", str(folder)], env=started, stdout=subprocess.DEVNULL, check=True)


def lab_rows(root: Path) -> int:
    """Every row of every file."""
    names = [name for name in FILES if name not in SUMMARISED]
    sessions = map(reader.read, reader.sessions(root))
    return sum(len(session.trials) + sum(len(reader.read_rows(session, n)) for n in names) for session in sessions)


def pandas_rows(root: Path, names: Sequence[str]) -> int:
    pd: Any = importlib.import_module("pandas")
    return sum(len(pd.concat(map(pd.read_csv, root.glob(f"*/*/{name}")))) for name in names)


def duckdb_rows(root: Path, names: Sequence[str]) -> int:
    duckdb: Any = importlib.import_module("duckdb")
    with duckdb.connect() as base:
        for name in names:
            base.execute(f"create table {Path(name).stem} as select * from read_csv('{root}/*/*/{name}')")
        return sum(base.execute(f"select count(*) from {Path(name).stem}").fetchone()[0] for name in names)


def beside(root: Path, names: Sequence[str]) -> dict[str, Step]:
    """The same files, read by other libraries."""
    steps: dict[str, Step] = {
        "pandas": lambda: pandas_rows(root, names),
        "duckdb": lambda: duckdb_rows(root, names),
    }
    return {name: step for name, step in steps.items() if find_spec(name)}


def timed(steps: Mapping[str, Step]) -> dict[str, list[float]]:
    """Seconds of each step in each round, alternating, after one round that is not counted."""
    taken: dict[str, list[float]] = {name: [] for name in steps}
    for number in range(ROUNDS + 1):
        for name in sorted(steps, reverse=bool(number % 2)):
            begin = time.perf_counter()
            steps[name]()
            if number:
                taken[name].append(time.perf_counter() - begin)
    return taken


def show(taken: Mapping[str, Sequence[float]]) -> None:
    """Seconds of each, and how many times as long as each of the others the first one took."""
    (first, own), *others = taken.items()
    for name, seconds in taken.items():
        print(f"  {name:24} {statistics.median(seconds):.3f} s  ({min(seconds):.3f} to {max(seconds):.3f})")
    for name, seconds in others:
        print(f"  {first} / {name}: {ratio(estimate([a / b for a, b in zip(own, seconds, strict=True)]))}")


def main(count: int) -> None:
    for name in LIBRARIES:
        if not find_spec(name):
            print(f"{name} is left out: it is not installed")
    with tempfile.TemporaryDirectory() as base:
        roots = {count // share: Path(base) / str(count // share) for share in SHARES}
        rows = {sessions: make(root, sessions) for sessions, root in roots.items()}
        root = roots[count]
        make(single := Path(base) / "single", 1)
        print(f"{count} sessions with {rows[count]} rows; {ROUNDS} rounds, medians (minimum to maximum)")
        print("gil-lab report of the newest session, the whole command")
        show(timed({"among all": lambda: command(root), "alone": lambda: command(single)}))
        print("a summary of every cell of all sessions, compared with reading the same files (trials.csv)")
        show(timed({"history": lambda: history(root), **beside(root, SUMMARISED)}))
        print("every row of every file as an object, compared with reading the same files")
        show(timed({"gil-lab": lambda: lab_rows(root), **beside(root, tuple(FILES))}))
        print("cost per row, in microseconds per row of the folder")
        for what, step in (("history", history), ("every row", lab_rows)):
            steps = {str(sessions): (lambda step=step, of=of: step(of)) for sessions, of in roots.items()}
            for sessions, seconds in timed(steps).items():
                costs = [1e6 * second / rows[int(sessions)] for second in seconds]
                spread = f"({min(costs):.2f} to {max(costs):.2f})"
                print(f"  {what:10} {sessions:>6} sessions: {statistics.median(costs):.2f}  {spread}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SESSIONS)
