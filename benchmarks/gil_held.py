"""Do independent instruments agree on which threads compute under the GIL? The lab, `perf stat` and Python's profiler.

`python benchmarks/gil_held.py [PYTHON]` runs the same work three times per round, each in two threads: in the lab; in a
bare script that `perf stat` counts (cores busy); in the same script that `profiling.sampling --mode gil` samples (PEP
799: the share of time in which a thread held the GIL). PYTHON is a name or path as for `--python`, 3.15 by default, the
first with that profiler. Needs a checkout, `perf` and an idle machine. Nothing here is a test of the code.
"""

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gil_lab.interpreters import Interpreter, choose
from gil_lab.measuring import controller
from gil_lab.measuring.environment import environment
from gil_lab.measuring.launcher import Launcher
from gil_lab.model.records import Cell, Flag, Trial
from gil_lab.sessions.rows import Numbers
from gil_lab.sessions.trial_rows import numbers
from gil_lab.suite.catalogue import Catalogue

HERE = Path(__file__).resolve().parent
ROUNDS = int(os.environ.get("ROUNDS", "5"))
SECONDS = 2.0
WORKERS, TASKS = 2, 32
TOLERANCE = 0.1
"""Cores, or shares of the time: smaller differences are ignored. What is compared differs by a whole core or share."""
HELD_TOLERANCE = 0.03
"""Between the profiler and the lab, which looks from outside."""
POOL_THREAD = "threading.py:Thread._bootstrap:"
"""The first frame of every thread but the main one."""


@dataclass(frozen=True)
class Case:
    name: str
    workload: str
    strategy: str
    form: str
    size: int
    held: bool
    """Whether the GIL should be held all the time, or never."""


CASES = (
    Case("primes, plain Python", "primes", "threading", "call", 1_000, held=True),
    Case("primes, compiled nogil", "primes", "numba-nogil", "nogil", 60_000, held=False),
    Case("sha256, C that releases", "sha256", "threading", "call", 24, held=False),
    Case("sleep, only waiting", "sleep", "threading", "call", 20, held=False),
)


@dataclass(frozen=True)
class RoundResult:
    """The results of one round of one case. None if that instrument is missing."""

    lab_cores: float
    states: tuple[float | None, float | None, float | None]
    """In the lab: running, ready, blocked, as shares of the tasks' time."""
    disturbed: bool
    """By other processes, according to the lab; the other instruments do not detect that."""
    perf_cores: float | None
    gil_held: float | None
    """By the profiler."""
    lab_held: float | None
    """By the lab, in its traced passes."""


def in_the_lab(case: Case, python: Interpreter) -> tuple[Numbers, bool]:
    """The numbers of one trial, and whether it was disturbed."""
    launcher = Launcher((python.executable, "-m", "gil_lab.child"), environment=python.environment)
    cell = Cell(case.workload, case.strategy, WORKERS, python.label, TASKS, case.size)
    result = controller.run(Trial(1, 1, cell, SECONDS, 120.0), launcher, Catalogue())
    if result.measurement is None:
        raise SystemExit(f"{case.name}: {result.status}: {result.detail}")
    return numbers(result.measurement, ""), Flag.DISTURBED in result.flags


@contextmanager
def bare(case: Case, python: Interpreter, seconds: float) -> Iterator[tuple[list[str], Mapping[str, str], Path]]:
    """Arguments of the bare script, its environment, and a path for the instrument's output."""
    with tempfile.TemporaryDirectory() as folder:
        script_numbers = map(str, (WORKERS, TASKS, case.size, seconds))
        built = environment(WORKERS, Path(folder), "bare", python.environment)
        script = [str(HERE / "bare_threads.py"), case.workload, case.form, *script_numbers]
        yield script, {**built, "PYTHONPATH": str(HERE.parent)}, Path(folder) / "output"


def run(command: Sequence[str], built: Mapping[str, str]) -> str:
    """Its output. If it fails, exit with the last line of its standard error."""
    done = subprocess.run(command, env=built, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = done.stderr.strip().rpartition("\n")[2]
        raise SystemExit(f"{Path(command[0]).name} ended with {done.returncode}: {reason or 'no reason given'}")
    return done.stdout


def cpu_s(case: Case, python: Interpreter, seconds: float) -> tuple[float, float]:
    """CPU seconds of the whole bare script, by perf stat, and for how long its threads had work."""
    with bare(case, python, seconds) as (script, built, output):
        count = ["perf", "stat", "-x;", "-o", str(output), "-e", "task-clock"]
        had_work_s = float(run([*count, python.executable, *script], built))
        lines = [line for line in output.read_text().splitlines() if line and not line.startswith("#")]
        return float(lines[0].split(";")[0]) / 1e3, had_work_s


def perf_cores(case: Case, python: Interpreter) -> float:
    """Cores busy of the bare script, less the same script without work for its threads."""
    whole, had_work_s = cpu_s(case, python, SECONDS)
    return (whole - cpu_s(case, python, 0)[0]) / had_work_s


def gil_held(case: Case, python: Interpreter) -> float:
    """Share of the time in which one of the bare script's threads held the GIL."""
    with bare(case, python, SECONDS) as (script, built, output):
        sample = ["-m", "profiling.sampling", "run", "-a", "--mode", "gil", "--collapsed", "-o", str(output)]
        printed = run([python.executable, *sample, *script], built)
        return share_held(printed, output.read_text(errors="replace"))


def share_held(printed: str, stacks: str) -> float:
    """The share, from the output of script and profiler and its collapsed stacks: one per line, with a sample count.

    In this mode a stack is written only for the thread that holds the GIL. Failed samples do not count. Raises
    SystemExit if the output does not have the format of Python 3.15.
    """
    first, _, rest = printed.partition("\n")
    captured = re.search(r"^Captured ([0-9., ]+) samples? in ([0-9.,]+) seconds$", rest, re.MULTILINE)
    failed = re.search(r"^Error rate: ([0-9.]+)", rest, re.MULTILINE)
    try:
        assert captured
        per_second = int(re.sub("[^0-9]", "", captured[1])) / float(captured[2].replace(",", ""))
        usable = per_second * (1 - (float(failed[1]) / 100 if failed else 0))
        held = sum(int(line.rpartition(" ")[2]) for line in stacks.splitlines() if POOL_THREAD in line)
        return held / (usable * float(first))
    except (AssertionError, ValueError, ZeroDivisionError):
        raise SystemExit("the output of profiling.sampling differs from that of 3.15; fix share_held") from None


def missing(python: Interpreter) -> tuple[str, str]:
    """Why there is no perf and no profiler; empty for what is available."""
    perf = "" if shutil.which("perf") else "no perf on this machine: install it to see cores busy from outside"
    profiler = f"{python.label} never has a GIL to hold" if python.facts.free_threaded and not python.facts.gil else ""
    command = [python.executable, "-c", "import profiling.sampling"]
    if not profiler and subprocess.run(command, capture_output=True, check=False).returncode:
        profiler = (
            f"{python.label} has no profiling.sampling: give a Python 3.15 or later to see which threads hold the GIL"
        )
    return perf, profiler


def run_round(case: Case, python: Interpreter, absent: tuple[str, str], number: int) -> RoundResult:
    """All instruments, in another order each time."""
    measured: dict[str, float] = {}
    trials: list[tuple[Numbers, bool]] = []

    def lab() -> None:
        trials.append(in_the_lab(case, python))

    def perf() -> None:
        measured["perf"] = perf_cores(case, python)

    def profiler() -> None:
        measured["held"] = gil_held(case, python)

    instruments: list[Callable[[], None]] = [lab]
    instruments += [each for each, reason in zip((perf, profiler), absent, strict=True) if not reason]
    first = number % len(instruments)
    for instrument in instruments[first:] + instruments[:first]:
        instrument()
    row, disturbed = trials[0]
    states = (row.states.running, row.states.ready, row.states.blocked)
    return RoundResult(
        row.cores_busy, states, disturbed, measured.get("perf"), measured.get("held"), row.gil_seen.held_share
    )


def spread(values: Sequence[float | None], digits: int = 2, scale: float = 1.0) -> str:
    """Median and range; a dash where nothing was measured."""
    known = [scale * value for value in values if value is not None]
    if not known:
        return "-"
    return f"{statistics.median(known):.{digits}f} ({min(known):.{digits}f} to {max(known):.{digits}f})"


def verdict(case: Case, rounds: Sequence[RoundResult]) -> str:
    """Whether the medians of the available instruments agree."""
    disagreements = []
    busy = statistics.median(seen.lab_cores for seen in rounds)
    outside = [seen.perf_cores for seen in rounds if seen.perf_cores is not None]
    if outside and abs(statistics.median(outside) - busy) > TOLERANCE:
        disagreements.append("cores busy differ")
    held = [seen.gil_held for seen in rounds if seen.gil_held is not None]
    if held and abs(statistics.median(held) - case.held) > TOLERANCE:
        disagreements.append(f"the GIL should be held {'all the time' if case.held else 'never'}")
    seen = [one.lab_held for one in rounds if one.lab_held is not None]
    if held and seen and abs(statistics.median(held) - statistics.median(seen)) > HELD_TOLERANCE:
        disagreements.append("the GIL is held for another share")
    if case.held and busy > 1 + TOLERANCE:
        disagreements.append("more than one core busy under one lock")
    if not outside and not held:
        return "nothing to compare with"
    return "no: " + ", ".join(disagreements) if disagreements else "yes"


def line(case: Case, rounds: Sequence[RoundResult]) -> tuple[str, ...]:
    running, ready, blocked = zip(*(seen.states for seen in rounds), strict=True)
    states = [spread(values, 0, 100).partition(" ")[0] for values in (running, ready, blocked)]
    return (
        case.name,
        spread([seen.lab_cores for seen in rounds]),
        spread([seen.perf_cores for seen in rounds]),
        spread([seen.gil_held for seen in rounds], 1, 100),
        spread([seen.lab_held for seen in rounds], 1, 100),
        "100" if case.held else "0",
        " / ".join(states),
        verdict(case, rounds),
    )


HEAD = (
    "",
    "cores busy: lab",
    "perf stat",
    "GIL held, %: profiler",
    "lab",
    "expected",
    "running / ready / blocked, %",
    "agree",
)


def main(names: Sequence[str]) -> None:
    choice = choose([*names[:1], "3.15"][:1], strategies=("threading", "numba-nogil"))
    if not choice.interpreters:
        raise SystemExit(choice.missing[0].reason)
    python = choice.interpreters[0]
    absent = missing(python)
    for reason in filter(None, absent):
        print(reason)
    lines: list[tuple[str, ...]] = [HEAD]
    disturbed = 0
    for case in CASES:
        if refusal := python.facts.reason_against(case.strategy):
            print(f"{case.name}: left out: {refusal}")
            continue
        rounds = [run_round(case, python, absent, number) for number in range(ROUNDS)]
        disturbed += sum(seen.disturbed for seen in rounds)
        lines.append(line(case, rounds))
    widths = [max(len(row[column]) for row in lines) for column in range(len(HEAD))]
    for row in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    print(f"Python {python.facts.version}, {WORKERS} threads, {SECONDS:g} s each; median (range) of {ROUNDS} rounds")
    if disturbed:
        print(f"{disturbed} of the lab's trials were disturbed: on an idle machine the numbers differ less.")


if __name__ == "__main__":
    main(sys.argv[1:])
