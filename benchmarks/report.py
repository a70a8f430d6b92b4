"""How long does the report of forty cells take, as a page and as pictures, and how large is the page?

`python benchmarks/report.py [SESSION]` first measures such a session, briefly, unless a folder is given.
Needs the extra `report`. Nothing here is a test: times are reported, not asserted.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = int(os.environ.get("ROUNDS", "7"))
STRATEGIES = (
    "threading,asyncio,asyncio-threads,multiprocessing,multiprocessing-forkserver,multiprocessing-spawn,"
    "joblib,joblib-threading,numba-nogil,numba-parallel"
)
WORKERS = "1,2,4,8"


def gil_lab(*arguments: str, cache: Path | None = None) -> float:
    """Seconds of the whole command; `cache` is the folder for its JavaScript."""
    environ = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    if cache:
        environ["XDG_CACHE_HOME"] = str(cache)
    begin = time.perf_counter()
    command = [str(Path(sys.executable).with_name("gil-lab")), *arguments]
    subprocess.run(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begin


def show(what: str, taken: list[float]) -> None:
    print(f"  {what:34} {statistics.median(taken):.2f} s  ({min(taken):.2f} to {max(taken):.2f}, n={len(taken)})")


def main(session: str | None) -> None:
    with tempfile.TemporaryDirectory() as base:
        out = Path(base) / "results"
        if session is None:
            chosen = ["--strategy", STRATEGIES, "--workers", WORKERS, "--rounds", "2", "--min-time", "0.2"]
            gil_lab("run", "cpu-bound", *chosen, "--out", str(out))
            session = str(next(out.glob("cpu-bound/*")))
        files = Path(base) / "files"
        gil_lab("report", session)  # writes bytecode caches, and summary.csv
        cells = len((Path(session) / "summary.csv").read_text().splitlines()) - 1
        print(f"a session of {cells} cells; whole commands, medians (minimum to maximum)")
        cold = [
            gil_lab("report", session, "--format", "html", "--out", str(files), cache=Path(base) / f"cache-{number}")
            for number in range(ROUNDS)
        ]
        for what, arguments in (
            ("table", ()),
            ("page", ("--format", "html", "--out", str(files))),
            ("all pictures as svg", ("--format", "svg", "--out", str(files))),
            ("trace", ("--format", "trace", "--out", str(files))),
        ):
            show(what, [gil_lab("report", session, *arguments, cache=Path(base) / "cache-0") for _ in range(ROUNDS)])
        show("page, nothing in the cache", cold)
        for file in sorted(files.iterdir()):
            print(f"  {file.name:34} {file.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
