"""How good is the instrument? The promises of the lab about itself, measured in one run.

`python benchmarks/instrument.py [NAME ...]` runs the functions in CHECKS, all by default, on a machine that should be
idle meanwhile. Needs a checkout, `perf` (or /usr/bin/time) and, for `compiled`, gcc or clang. Nothing here is a test:
speeds are reported, not asserted.
"""

import contextlib
import csv
import os
import pty
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

from rich.console import Console

from gil_lab.analysis.estimates import estimate
from gil_lab.cli.terminal.progress import LiveView
from gil_lab.measuring import controller
from gil_lab.measuring.environment import environment
from gil_lab.measuring.launcher import Launcher
from gil_lab.model.records import Cell, Trial
from gil_lab.report.text.sentences import ratio
from gil_lab.sessions.options import Options
from gil_lab.sessions.plan import Design
from gil_lab.sessions.rows import Numbers
from gil_lab.sessions.run import prepare
from gil_lab.sessions.trial_rows import numbers, trial_row
from gil_lab.suite.catalogue import Catalogue

HERE = Path(__file__).parent
ROUNDS = int(os.environ.get("ROUNDS", "7"))
TASKS, SIZE = 32, 1_000
LARGE = 20_000
"""Size at which a compiled pass is long enough for the kernel's counters."""
BARE = {
    "joblib-dask": "joblib_dask",
    "sequential": "sequential",
    "threading": "threading",
    "multiprocessing": "processes",
    "numba-nogil": "nogil",
    "numba-parallel": "prange",
}


def in_the_lab(strategy: str, workers: int, size: int, min_time_s: float = 1.0) -> tuple[list[float], Numbers]:
    """Seconds of each timed pass of one trial, and its row."""
    cell = Cell("primes", strategy, workers, "here", TASKS, size)
    result = controller.run(Trial(1, 1, cell, min_time_s, 120.0), Launcher(), Catalogue())
    if result.measurement is None:
        raise SystemExit(f"{strategy}: {result.status}: {result.detail}")
    timed = [each.wall_s for each in result.measurement.passes if each.kind == "timed"]
    return timed, numbers(result.measurement, "")


def bare_command(strategy: str, workers: int, passes: int, size: int) -> list[str]:
    return [sys.executable, str(HERE / "bare.py"), BARE[strategy], str(workers), str(passes), str(size)]


def bare_environment(workers: int) -> dict[str, str]:
    """The environment of the lab's children, so that the same bytecode caches and thread limits apply."""
    built = environment(workers, Path(tempfile.gettempdir()), "bare")
    return {**built, "PYTHONPATH": str(HERE.parent)}


def bare(strategy: str, workers: int, passes: int, size: int) -> list[float]:
    """Seconds of each pass of the bare script."""
    command = bare_command(strategy, workers, passes, size)
    done = subprocess.run(command, env=bare_environment(workers), capture_output=True, text=True, check=True)
    return [float(line) for line in done.stdout.split()]


def lab_passes(strategy: str, size: int) -> list[float]:
    return in_the_lab(strategy, 2, size, 0.3)[0]


def bare_passes(strategy: str, size: int) -> list[float]:
    return bare(strategy, 2, 2, size)


def spread(values: Sequence[float]) -> str:
    return f"median {statistics.median(values):.3f}  ({min(values):.3f} to {max(values):.3f}, n={len(values)})"


def passes() -> None:
    """A timed pass in the lab, compared with the same pool and tasks in a bare script."""
    for strategy in ("threading", "multiprocessing", "numba-nogil", "numba-parallel"):
        size = SIZE if "numba" not in strategy else LARGE
        ratios = []
        for number in range(6 * ROUNDS):  # short and many: the CPU speed changes within a second
            halves: list[Callable[[str, int], list[float]]] = [lab_passes, bare_passes]
            measured = {half: statistics.median(half(strategy, size)) for half in halves[:: 1 if number % 2 else -1]}
            ratios.append(measured[lab_passes] / measured[bare_passes])
        print(f"  {strategy:16} lab / bare: {spread(ratios)}; {ratio(estimate(ratios))}")


def overhead() -> None:
    """What the controller uses of a core while passes are timed."""
    for strategy in ("sequential", "threading", "multiprocessing", "numba-parallel"):
        shares = [in_the_lab(strategy, 2, SIZE)[1].controller_cores_busy for _ in range(3)]
        print(f"  {strategy:16} controller, cores busy: {spread([100 * share for share in shares])} per cent")


def watched() -> None:
    """A timed pass with the live view in a terminal, drawn before and after it, and without."""
    design = Design("cpu-bound", ("primes",), ("threading", "multiprocessing"))
    prepared = prepare(design, Options(workers=(2,), rounds=1, min_time_s=0.3), Catalogue())
    ratios: dict[str, list[float]] = {}
    shares: dict[bool, list[float]] = {True: [], False: []}
    with _terminal() as screen:
        view = LiveView(screen, prepared)
        with view.live:
            for number, trial in product(range(6 * ROUNDS), prepared.trials):
                walls = {}
                for watching in (True, False) if number % 2 else (False, True):
                    if watching:
                        view.started(trial)
                    measured = controller.run(trial, Launcher(), prepared.catalogue)
                    row = trial_row(measured, "")
                    if measured.measurement is None or row.numbers is None:
                        raise SystemExit(f"{trial.cell.strategy}: {measured.status}: {measured.detail}")
                    if watching:
                        view.took_turns([(trial, replace(turn, round=number)) for turn in measured.measurement.turns])
                        view.finished(row, measured.measurement.samples)
                    walls[watching] = row.numbers.wall_s
                    shares[watching].append(100 * row.numbers.controller_cores_busy)
                ratios.setdefault(trial.cell.strategy, []).append(walls[True] / walls[False])
    for strategy, values in ratios.items():
        print(f"  {strategy:16} with / without: {spread(values)}; {ratio(estimate(values))}")
    for watching, percents in shares.items():
        print(f"  controller, cores busy {'with' if watching else 'without'} it: {spread(percents)} per cent")


@contextlib.contextmanager
def _terminal() -> Iterator[Console]:
    """A terminal of 80 columns and 40 lines, whose other end is another program, like a terminal emulator."""
    master, slave = pty.openpty()
    with (
        os.fdopen(slave, "w") as screen,
        subprocess.Popen(["cat"], stdin=master, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL),
    ):
        os.close(master)
        yield Console(file=screen, force_terminal=True, width=80, height=40)
        screen.close()


def _cpu_and_wall(command: list[str], workers: int) -> tuple[float, float]:
    """CPU and wall seconds of a whole command with all its descendants, by perf stat or else /usr/bin/time."""
    with tempfile.NamedTemporaryFile(suffix=".csv") as output:
        if shutil.which("perf"):
            counted = ["perf", "stat", "-x;", "-o", output.name, "-e", "task-clock", *command]
        else:
            counted = ["/usr/bin/time", "-o", output.name, "-f", "%U;%S", *command]
        begin = time.perf_counter()
        subprocess.run(counted, env=bare_environment(workers), stdout=subprocess.DEVNULL, check=True)
        wall = time.perf_counter() - begin
        lines = [line for line in Path(output.name).read_text().splitlines() if line and not line.startswith("#")]
    fields = lines[0].split(";")
    return (float(fields[0]) / 1e3 if shutil.which("perf") else sum(map(float, fields[:2]))), wall


def cores() -> None:
    """Cores busy in the lab, compared with perf stat over a bare script, less the same script without passes."""
    cases = {
        "one busy thread": ("sequential", 1, SIZE, 8),
        "two threads under the GIL": ("threading", 2, SIZE, 8),
        "two processes": ("multiprocessing", 2, SIZE, 12),
        "prange on two threads": ("numba-parallel", 2, LARGE, 60),
    }
    for name, (strategy, workers, size, count) in cases.items():
        differences, seen = [], []
        for _ in range(3):
            lab = in_the_lab(strategy, workers, size, 3.0)[1].cores_busy
            cpu, wall = _cpu_and_wall(bare_command(strategy, workers, count, size), workers)
            cpu_without, wall_without = _cpu_and_wall(bare_command(strategy, workers, 0, size), workers)
            outside = (cpu - cpu_without) / (wall - wall_without)
            differences.append(lab - outside)
            seen.append((lab, outside))
        pairs = ", ".join(f"{lab:.3f} / {outside:.3f}" for lab, outside in seen)
        print(f"  {name:26} lab / outside: {pairs}; difference {spread(differences)}")


def compiled() -> None:
    """Compiled strategies with two workers, compared with the same loop in C with OpenMP at -O3 -march=native.

    Clang has the same back end as Numba, so that it is the stricter measure; `apt install clang libomp-dev`.
    """
    with tempfile.TemporaryDirectory() as folder:
        programs = {}
        for compiler in ("gcc", "clang"):
            if shutil.which(compiler):
                programs[compiler] = program = str(Path(folder) / compiler)
                source = str(HERE / "primes_openmp.c")
                subprocess.run([compiler, "-O3", "-fopenmp", "-march=native", source, "-o", program], check=True)
            else:
                print(f"  left out: there is no {compiler}")
        for strategy in ("numba-nogil", "numba-parallel"):
            ratios: dict[str, list[float]] = {compiler: [] for compiler in programs}
            busy = []
            for _ in range(ROUNDS):
                timed, row = in_the_lab(strategy, 2, LARGE)
                busy.append(row.cores_busy)
                for compiler, program in programs.items():
                    done = subprocess.run(
                        [program, "2", "6", str(TASKS), str(LARGE)], capture_output=True, text=True, check=True
                    )
                    walls_s = map(float, done.stdout.split())
                    ratios[compiler].append(statistics.median(timed) / statistics.median(walls_s))
            found = "; ".join(f"lab / {compiler}: {spread(each)}" for compiler, each in ratios.items())
            print(f"  {strategy:16} {found}; cores busy: {spread(busy)}")


def start() -> None:
    """`gil-lab --help`, compared with importing what it needs."""
    commands: dict[str, list[str]] = {
        "help": [str(Path(sys.executable).with_name("gil-lab")), "--help"],
        "imports": [sys.executable, "-c", "import typer, rich"],
    }
    built = environment(1, Path(tempfile.gettempdir()), "start")
    ratios = []
    for number in range(ROUNDS * 3 + 1):
        taken = {}
        for name in sorted(commands, reverse=bool(number % 2)):
            begin = time.perf_counter()
            subprocess.run(commands[name], env={**built, "PYTHONPATH": ""}, stdout=subprocess.DEVNULL, check=True)
            taken[name] = time.perf_counter() - begin
        if number:  # the first one writes bytecode caches
            ratios.append(taken["help"] / taken["imports"])
    print(f"  help / imports: {spread(ratios)}")


def quick() -> None:
    """The whole of `run cpu-bound --workers 8 --quick`, compared with the passes and start-ups in it."""
    gil_lab = Path(sys.executable).with_name("gil-lab")
    for _ in range(3):
        with tempfile.TemporaryDirectory() as folder:
            begin = time.perf_counter()
            command = [str(gil_lab), "run", "cpu-bound", "--workers", "8", "--quick", "--out", folder]
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
            whole = time.perf_counter() - begin
            (session,) = Path(folder).glob("cpu-bound/*")
            rows = list(csv.DictReader((session / "passes.csv").open()))
            worked = sum(int(r["end_ns"]) - int(r["begin_ns"]) for r in rows) / 1e9
            names = ("launch_s", "startup_s", "compile_s")
            started = sum(float(r[name]) for r in csv.DictReader((session / "trials.csv").open()) for name in names)
            print(
                f"  whole {whole:.1f} s; passes {worked:.1f} s, start-ups {started:.1f} s: "
                f"{whole / (worked + started):.2f} times their sum"
            )


CHECKS: tuple[Callable[[], None], ...] = (passes, overhead, watched, cores, compiled, start, quick)


def main(names: Sequence[str]) -> None:
    for check in CHECKS:
        if not names or check.__name__ in names:
            print(f"{check.__name__}: {check.__doc__}", flush=True)
            check()


if __name__ == "__main__":
    main(sys.argv[1:])
