"""Is the model that is advised the fastest of all, or within a tenth of it? For thirty functions.

`python benchmarks/advice.py [--code-only] [FUNCTION...]`: for each, the advice as a user gets it, timed; its code run
by hand, which must gain within a tenth of what was said; then a sweep of all variants, without an early end; and where
the one that was advised is not within a tenth of the best there, a duel of both, since the best of many noisy numbers
looks better than it is. An advice is right if its wall time is at most a tenth above the best one's; where the interval
of that ratio reaches below a tenth, the noise leaves it open. Exit code 1 if one is not right.

With `--code-only` there is no sweep, and an advice is right if its code gains what was said.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import by_hand
import thirty_functions
from thirty_functions import CASES, PORT

from gil_lab.advice import finding, trials
from gil_lab.advice.found import FoundAdvice
from gil_lab.analysis.estimates import Estimate
from gil_lab.experiment.results import Results
from gil_lab.interpreters import choose
from gil_lab.model.cell_names import cell_name
from gil_lab.model.errors import GilLabError
from gil_lab.model.records import CHUNK_SEPARATOR, Cell, Trial, Turn
from gil_lab.model.target import GivenInputs, Location, Target
from gil_lab.model.text import one_line
from gil_lab.suite.catalogue import Catalogue
from gil_lab.suite.strategies import BASELINE

SWEEP_S, DUEL_S = 10.0, 8.0
MOST_BEHIND = 1.1
DUELLISTS = 4
SERVER = """
import http.server, pathlib, socketserver, sys, time
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        time.sleep(0.02)
        self.send_response(200); self.end_headers(); self.wfile.write(self.path.encode())
    def log_message(self, *_): pass
class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    request_queue_size = 256
    daemon_threads = True
server = Server(("127.0.0.1", 0), Handler)
pathlib.Path(sys.argv[1]).write_text(str(server.server_port))
server.serve_forever()
"""


class NoLosers:
    """A judge under whom all variants have as many turns."""

    decided = False

    def losers(self, turns: Sequence[tuple[Trial, Turn]]) -> tuple[Cell, ...]:
        return ()


def target_of(name: str) -> Target:
    file = str(Path(thirty_functions.__file__).resolve())
    kind, _, value = CASES[name].partition(":")
    given = GivenInputs(kind, f"{file}:{value}" if kind == "name" else value)
    return Target(name.rpartition(".")[2], Location(file, "", name), given, seedable=name == "simulated")


def every_variant(examined: trials.Examined, catalogue: Catalogue, cores: int, tasks: int) -> Iterator[tuple[str, int]]:
    """All strategies that can take the function, other start methods too, with more workers and chunks."""
    yield BASELINE, 1
    for name in catalogue.strategy_names():
        strategy = catalogue.strategy(name)
        extra = set(strategy.requires) - {"numba", "joblib"}
        if (
            extra
            or strategy.form not in catalogue.workload(examined.target.name).forms
            or trials.why_not(examined, strategy)
        ):
            continue
        if strategy.workers_are is None:
            yield name, 1
            continue
        light = strategy.workers_are in ("threads", "coroutines")
        if strategy.requires:
            yield name, cores
            continue
        many = (16, 32, 64) if light and examined.waits else ()
        for workers in (2 * cores, *many) if examined.waits else (2, cores, 2 * cores):
            if workers <= tasks:
                yield name, workers
        if strategy.open_chunked:
            yield from ((f"{name}{CHUNK_SEPARATOR}{chunk}", cores) for chunk in (1, 16) if chunk * cores <= tasks)


class Measured:
    """Variants with as many turns each."""

    def __init__(self, results: Results) -> None:
        baseline = next(one for one in results.rows if one.is_baseline)
        rows = finding.against_the_first(results, baseline)
        self.gains = {one.cell: one.speedup.value for one in rows if one.speedup}
        self._contrasts = results.contrasts
        self.fastest = max(self.gains, key=lambda cell: self.gains[cell])

    def behind(self, cell: Cell) -> Estimate | None:
        """How many times longer it takes than the fastest."""
        return self._contrasts.ratio(cell, self.fastest) if self._contrasts else None


def measured(found: FoundAdvice, cells: list[Cell] | None, budget_s: float, out: Path) -> Measured:
    """The variants, all of them or those cells."""
    names = tuple(dict.fromkeys(row.cell.interpreter for row in found.rows))
    choice = choose(names)

    def chosen(*about: object) -> Iterator[tuple[str, int]]:
        if cells is None:
            yield from every_variant(*about)  # type: ignore[arg-type]
        else:
            yield from ((cell.strategy, cell.workers) for cell in cells)

    prepared = trials.prepared(found.examined, choice, budget_s, 1, out, chosen)
    results = finding.measure_silently(replace(prepared, judge=NoLosers()))
    return Measured(results)


def judge(name: str, out: Path, *, code_only: bool) -> bool:
    began = time.monotonic()
    try:
        found = finding.find(target_of(name), finding.measure_silently, out=out, seed=1)
    except GilLabError as error:
        print(f"{name:<15} refused: {one_line(str(error), 90)}", flush=True)
        return False
    took_s = time.monotonic() - began
    again = by_hand.run(found, name)
    tried = f"code {found.tried.gain!r} of {found.tried.expected:.2f}x" if found.tried else found.untried or "no code"
    if again and found.tried:
        tried += f", {again}, {again.gain / found.tried.gain.value:.3f} of what was said"
    if code_only:
        print(f"{name:<14} {took_s:3.0f} s  {tried}", flush=True)
        return not again or not found.tried or abs(again.gain / found.tried.gain.value - 1) <= MOST_BEHIND - 1
    home = next(one for one in found.rows if one.is_baseline).cell
    advised = found.decision.best.cell if found.decision.best else home
    last = measured(found, None, SWEEP_S, out)
    behind = last.behind(advised)
    if behind is None or behind.value > MOST_BEHIND:
        first = sorted(last.gains, key=lambda cell: -last.gains[cell])[:DUELLISTS]
        last = measured(found, [home, *first, advised], DUEL_S, out)
        behind = last.behind(advised)
    right = behind is not None and behind.value <= MOST_BEHIND
    perhaps = behind is not None and behind.low is not None and behind.low <= MOST_BEHIND
    word = "right" if right else "noise" if perhaps else "WRONG"
    print(
        f"{name:<14} {word} {took_s:3.0f} s  {cell_name(advised):<24} {last.gains.get(advised, 0):6.2f}x "
        f"({found.decision.certainty.value}); best {cell_name(last.fastest):<24} {last.gains[last.fastest]:6.2f}x, "
        f"behind {behind!r}; {tried}",
        flush=True,
    )
    return right


def main(arguments: list[str]) -> int:
    code_only = "--code-only" in arguments
    names = [one for one in arguments if one != "--code-only"]
    with tempfile.TemporaryDirectory() as folder, subprocess.Popen([sys.executable, "-c", SERVER, str(PORT)]) as server:
        try:
            time.sleep(1)
            right = {name: judge(name, Path(folder), code_only=code_only) for name in names or CASES}
        finally:
            server.kill()
            PORT.unlink(missing_ok=True)
    print(f"{sum(right.values())} of {len(right)} right")
    return 0 if all(right.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
