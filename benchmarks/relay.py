"""What relay promises, measured: `python benchmarks/relay.py NAME [RUNS]`, on a machine that should be idle meanwhile.

`default` and `neighbour`: the half-width of each speed-up of `gil-lab run cpu-bound --workers 8`, alone and beside a
process that burns one core in bursts of 50 to 500 ms, a third of the time. `same`: how often a cell is called different
from itself. `seeded`: how often a difference of known size is found, and its size lies in the interval; by relay and by
separate trials, as the lab measured before. `asleep`: the CPU time and memory of a generation that sleeps.
"""

import itertools
import math
import multiprocessing
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from gil_lab.analysis.contrasts import Contrasts
from gil_lab.analysis.estimates import Estimate, estimate
from gil_lab.analysis.results import SessionResults
from gil_lab.experiment import measure
from gil_lab.measuring import controller
from gil_lab.measuring.generation import Generation
from gil_lab.measuring.launcher import Launcher
from gil_lab.measuring.processes import pss_bytes
from gil_lab.model.records import Cell, Trial
from gil_lab.sessions.options import Options
from gil_lab.sessions.plan import MODELS, Design
from gil_lab.sessions.run import SilentWatcher, prepare
from gil_lab.suite.catalogue import Catalogue, with_file

WORKERS = 8
ALIKE = 16
"""Names of the same cell."""
SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
"""Of extra work."""
BUSY_S, BUSY_SHARE = (0.05, 0.5), 1 / 3
ASLEEP_S = 10.0


def cpu_bound(out: Path) -> SessionResults:
    design = Design("cpu-bound", ("primes",))
    return measure(prepare(design, Options(workers=(WORKERS,), out=out), Catalogue()), SilentWatcher())


def default(runs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for number in range(1, runs + 1):
            began = time.monotonic()
            results = cpu_bound(Path(folder))
            took_s = time.monotonic() - began
            widths = [
                f"{row.cell.strategy} {row.speedup.value:.3g}, "
                f"half-width {100 * (row.speedup.half_width or math.nan):.1f}%"
                for row in results.rows
                if row.speedup and not row.is_baseline
            ]
            rounds = max(row.rounds or 0 for row in results.rows)
            generations = max(row.trials for row in results.rows)
            print(
                f"{number}: {took_s:.1f} s, {generations} generations, {rounds} rounds; {', '.join(widths)}", flush=True
            )


def neighbour(runs: int) -> None:
    with busy_neighbour():
        default(runs)


def burn() -> None:
    chance = random.Random(1)
    while True:
        busy_s = chance.uniform(*BUSY_S)
        until = time.monotonic() + busy_s
        while time.monotonic() < until:
            pass
        time.sleep(busy_s * (1 / BUSY_SHARE - 1))


@contextmanager
def busy_neighbour() -> Iterator[None]:
    process = multiprocessing.get_context("spawn").Process(target=burn, daemon=True)
    process.start()
    try:
        yield
    finally:
        process.kill()


def same(runs: int) -> None:
    """A cell under many names, each pair of which is compared."""
    names = ["work", *(f"work+{number}" for number in range(1, ALIKE))]
    different = compared = 0
    for number in range(1, runs + 1):
        contrasts, cells = measured(names)
        pairs = list(itertools.combinations(cells, 2))
        found = [contrasts.ratio(one, other) for one, other in pairs]
        called = sum(each is not None and each.shows_a_difference is True for each in found)
        different, compared = different + called, compared + len(pairs)
        widths = sorted(100 * (each.half_width or math.nan) for each in found if each)
        print(
            f"{number}: {called} of {len(pairs)} pairs; median half-width {widths[len(widths) // 2]:.1f} %", flush=True
        )
    print(f"called different: {different} of {compared}, {100 * different / compared:.1f} %")


def seeded(runs: int) -> None:
    """Differences of known size, by relay and by separate trials of the same time, in turn."""
    names = ["work", *(f"work+{round(100 * share)}%" for share in SHARES)]
    tally = {(how, share): [0, 0] for how in ("relay", "trials") for share in SHARES}
    for number in range(1, runs + 1):
        contrasts, (plain, *more) = measured(names)
        by_trials = separate_trials(names)
        for share, cell, apart in zip(SHARES, more, by_trials, strict=True):
            for how, each in (("relay", contrasts.ratio(cell, plain)), ("trials", apart)):
                note(tally[how, share], each, 1 + share)
        print(number, end=" ", flush=True)
    print()
    for (how, share), (found, inside) in tally.items():
        print(f"  {how:7} {100 * share:3.0f} %: found in {found} of {runs}, its size inside the interval in {inside}")


def note(counts: list[int], each: Estimate | None, truth: float) -> None:
    if each and each.low is not None and each.high is not None:
        counts[0] += each.low > 1
        counts[1] += each.low <= truth <= each.high


def measured(names: Sequence[str]) -> tuple[Contrasts, list[Cell]]:
    """One session of about a minute: its ratios, and its cells in the order of the names."""
    with tempfile.TemporaryDirectory() as folder:
        design = Design("relay", tuple(names), ("sequential",), compared=False)
        options = Options(budget_s=60.0, out=Path(folder))
        results = measure(prepare(design, options, with_file(WORK)), SilentWatcher())
        if results.contrasts is None:
            raise SystemExit("nothing was measured")
        return results.contrasts, [row.cell for row in results.rows]


def separate_trials(names: Sequence[str]) -> list[Estimate | None]:
    """As it was before: a fresh process for each trial, half a second each, rounds of all cells for a minute."""
    catalogue, launcher = with_file(WORK), Launcher(file=WORK)
    workloads = {name: catalogue.workload(name) for name in names}
    walls: dict[str, list[float]] = {name: [] for name in names}
    chance, until = random.Random(), time.monotonic() + 60
    while time.monotonic() < until:
        for name in chance.sample(names, len(names)):
            cell = Cell(name, "sequential", 1, "here", workloads[name].tasks, workloads[name].size)
            result = controller.run(Trial(1, 1, cell, 0.5, 60.0), launcher, catalogue)
            if result.measurement is None:
                raise SystemExit(f"{name}: {result.status}: {result.detail}")
            timed = sorted(one.wall_s for one in result.measurement.passes if one.kind == "timed")
            walls[name].append(timed[len(timed) // 2])
    plain, *more = (walls[name] for name in names)
    return [estimate([b / a for a, b in zip(plain, each, strict=True)]) for each in more]


def asleep(_: int) -> None:
    cells = [Cell("primes", name, 1 if "sequential" in name else WORKERS, "here", 32, 1000) for name in MODELS]
    trials = [Trial(number, 1, cell, 0.05, 60.0) for number, cell in enumerate(cells, 1)]
    with Generation(trials, {"here": Launcher()}, Catalogue()) as generation:
        generation.start()
        generation.trace()
        generation.round(1, random.Random(1))
        before = [child.cpu_s() for child in generation.children]
        time.sleep(ASLEEP_S)
        used_s = [child.cpu_s() - was for child, was in zip(generation.children, before, strict=True)]
        for cell, each_s in zip(cells, used_s, strict=True):
            print(f"  {cell.strategy:17} {100 * each_s / ASLEEP_S:.4f} % of a core")
        print(f"  together          {100 * sum(used_s) / ASLEEP_S:.4f} % of a core")
        memory = [pss_bytes(child.processes) or 0 for child in generation.children]
        print(f"  memory (PSS)      {sum(memory) / 1e6:.0f} MB: {', '.join(f'{each / 1e6:.0f}' for each in memory)}")


WORK = Path(__file__).with_name("seeded_work.py")
CHECKS = {check.__name__: check for check in (default, neighbour, same, seeded, asleep)}

if __name__ == "__main__":
    CHECKS[sys.argv[1]](int(sys.argv[2]) if len(sys.argv) > 2 else 1)  # noqa: PLR2004 - the number of runs
