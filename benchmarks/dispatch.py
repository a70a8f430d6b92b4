"""Is the chunk that `--chunk auto` chooses the best one, or within one step of it? For ten task lengths.

`python benchmarks/dispatch.py [BUDGET_S]`: tasks of 1 µs to 30 ms, two processes, chunks of 1, 4, 16, 64 and each
worker's whole share, and the one that is chosen, side by side; about ten minutes, or so many seconds. A step is from
one of the fixed chunks to the next. The measured best are all fixed chunks that may be as fast as the fastest one: the
95 % interval of the ratio of their wall times reaches below 1.02. Chosen chunks between two fixed ones are counted as
the nearer one, on a logarithmic scale. Noise makes more of them the best: so how many those are is printed too,
and the steps from the one that was fastest here, be it by chance. Exit code 1 if fewer than 9 of 10 lengths are within
one step.
"""

import math
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from experiments.dispatch import CHUNKS, POOL, by, tasks_of
from gil_lab.experiment import Experiment
from gil_lab.experiment.results import Results
from gil_lab.model.chunks import AUTO, share
from gil_lab.model.records import CHUNK_SEPARATOR, Cell
from gil_lab.sessions.plan import Design

LENGTHS_US = (1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000)
WORKERS, BUDGET_S, ALIKE, WITHIN, ENOUGH = 2, 600.0, 1.02, 1, 9


def measured(budget_s: float, out: Path) -> Results:
    design = Design(
        "dispatch-benchmark",
        ("spin",),
        ("sequential", *by(POOL, *CHUNKS, AUTO)),
        workers=lambda _cores: (WORKERS,),
        sizes=LENGTHS_US,
        tasks_of=tasks_of,
    )
    return Experiment("Is the chunk that is chosen the best one?", design).run(budget_s=budget_s, out=out)


def number_of(cell: Cell) -> int:
    """Tasks in a chunk of that cell."""
    word = cell.strategy.partition(CHUNK_SEPARATOR)[2]
    return share(cell.tasks, cell.workers) if word == CHUNKS[-1] else int(word)


def fixed(results: Results, size: int) -> dict[Cell, float]:
    """The cells of fixed chunks of that length that were measured, with their wall times."""
    rows = [row for row in results.rows if row.cell.size == size and row.cell.strategy in by(POOL, *CHUNKS)]
    return {row.cell: row.wall_s for row in rows if row.wall_s is not None}


def ratio(results: Results, cell: Cell, to: Cell) -> tuple[float, float, float]:
    """Of wall times, with its interval."""
    found = results.contrasts.ratio(cell, to) if results.contrasts else None
    if found is None or found.low is None or found.high is None:
        raise SystemExit(f"too few rounds of {cell.strategy}, size {cell.size}; give it more time")
    return found.value, found.low, found.high


def steps(chosen: int, best: Sequence[int], ladder: Sequence[int]) -> int:
    """From the fixed chunk that is nearest to the chosen one to the nearest of the best."""
    nearest = min(ladder, key=lambda one: abs(math.log(one / chosen)))
    return min(abs(ladder.index(nearest) - ladder.index(one)) for one in best)


def main(budget_s: float) -> int:
    """Print a line for each length."""
    with tempfile.TemporaryDirectory() as folder:
        results = measured(budget_s, Path(folder))
    print("length us, tasks, chosen; fixed chunks with wall / least (95 % interval); how many of them may be best;")
    print("steps from those, steps from the fastest; chosen / least (95 % interval)")
    within = strictly = 0
    for size in LENGTHS_US:
        walls_s = fixed(results, size)
        least = min(walls_s, key=lambda cell: walls_s[cell])
        auto = next(row for row in results.rows if row.cell == replace(least, strategy=by(POOL, AUTO)[0]))
        others = {cell: ratio(results, cell, least) if cell != least else (1.0, 1.0, 1.0) for cell in walls_s}
        best = [number_of(cell) for cell, (_, low, _) in others.items() if low <= ALIKE]
        ladder = sorted({number_of(cell) for cell in walls_s})
        away = steps(round(auto.chunk or 1), best, ladder)
        from_fastest = steps(round(auto.chunk or 1), [number_of(least)], ladder)
        within += away <= WITHIN
        strictly += from_fastest <= WITHIN
        ratios = ", ".join(
            f"{number_of(cell)}: {value:.2f} [{low:.2f}, {high:.2f}]" for cell, (value, low, high) in others.items()
        )
        value, low, high = ratio(results, auto.cell, least)
        counts = f"{len(best)} of {len(others)}; {away}, {from_fastest}"
        print(f"{size}, {least.tasks}, {auto.chunk:.0f}; {ratios}; {counts}; {value:.2f} [{low:.2f}, {high:.2f}]")
    print(
        f"{within} of {len(LENGTHS_US)} within {WITHIN} step of a chunk that may be the best, {strictly} of the fastest"
    )
    return int(within < ENOUGH)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if sys.argv[1:] else BUDGET_S))
