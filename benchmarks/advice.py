"""Is the model that is advised the fastest of all, or within a tenth of it? For thirty functions.

`python benchmarks/advice.py [FUNCTION...]`: for each, the advice as a user gets it, timed; then a sweep of all
variants, without an early end; then a duel of the best of the sweep with the one that was advised, since the best of
many noisy numbers looks better than it is. An advice is right if its wall time in the duel is at most a tenth above the
best one's. Exit code 1 if one is not.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import thirty_functions
from thirty_functions import CASES, PORT

from gil_lab.advice import finding, trials
from gil_lab.advice.found import FoundAdvice
from gil_lab.analysis.summaries import Summary
from gil_lab.interpreters import choose
from gil_lab.model.cell_names import cell_name
from gil_lab.model.errors import GilLabError
from gil_lab.model.records import CHUNK_SEPARATOR, Cell
from gil_lab.model.target import GivenInputs, Location, Target
from gil_lab.model.text import one_line
from gil_lab.suite.catalogue import Catalogue
from gil_lab.suite.strategies import BASELINE

SWEEP_S, DUEL_S = 15.0, 8.0
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


def target_of(name: str) -> Target:
    file = str(Path(thirty_functions.__file__).resolve())
    kind, _, value = CASES[name].partition(":")
    given = GivenInputs(kind, f"{file}:{value}" if kind == "name" else value)
    return Target(name.rpartition(".")[2], Location(file, "", name), given, seedable=name == "simulated")


def every_variant(examined: trials.Examined, catalogue: Catalogue, cores: int, tasks: int) -> Iterator[tuple[str, int]]:
    """All strategies that can take the function, also those without code, and more workers and chunks."""
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
        for workers in (2, cores, 2 * cores, 4 * cores, *((32, 64) if light and examined.waits else ())):
            if workers <= tasks:
                yield name, workers
        if strategy.open_chunked:
            yield from (
                (f"{name}{CHUNK_SEPARATOR}{chunk}", cores) for chunk in (1, 8, 64, 256) if chunk * cores <= tasks
            )


def measured(found: FoundAdvice, cells: list[Cell] | None, budget_s: float, out: Path) -> list[Summary]:
    """The variants, all of them or those cells, with as many turns each."""
    names = tuple(dict.fromkeys(row.cell.interpreter for row in found.rows))
    choice = choose(names)

    def chosen(*about: object) -> Iterator[tuple[str, int]]:
        if cells is None:
            yield from every_variant(*about)  # type: ignore[arg-type]
        else:
            yield from ((cell.strategy, cell.workers) for cell in cells)

    prepared = trials.prepared(found.examined, choice, budget_s, 1, out, chosen)
    results = finding.measure_silently(replace(prepared, judge=None))
    baseline = next(one for one in results.rows if one.is_baseline)
    return finding.against_the_first(results, baseline)


def judge(name: str, out: Path) -> bool:
    began = time.monotonic()
    try:
        found = finding.find(target_of(name), finding.measure_silently, out=out, seed=1)
    except GilLabError as error:
        print(f"{name:<15} refused: {one_line(str(error), 90)}", flush=True)
        return False
    took_s = time.monotonic() - began
    best = found.decision.best
    swept = [one for one in measured(found, None, SWEEP_S, out) if one.speedup]
    first = sorted(swept, key=lambda one: -one.speedup.value if one.speedup else 0.0)[:DUELLISTS]
    cells = [one.cell for one in first] + [row.cell for row in found.rows if row.is_baseline]
    cells += [best.cell] if best else []
    duel = {
        cell_name(one.cell) + one.cell.interpreter: one for one in measured(found, cells, DUEL_S, out) if one.speedup
    }
    home = next(one for one in found.rows if one.is_baseline).cell
    advised = duel.get(cell_name(best.cell if best else home) + (best.cell if best else home).interpreter)
    fastest = max(duel.values(), key=lambda one: one.speedup.value if one.speedup else 0.0)
    gain = advised.speedup.value if advised and advised.speedup else 0.0
    most = fastest.speedup.value if fastest.speedup else 1.0
    right = gain * MOST_BEHIND >= most
    tried = f"code {found.tried.gain.value:.2f}x of {found.tried.expected:.2f}x" if found.tried else "no code"
    shown = cell_name(best.cell) if best else "as it is"
    behind = most / gain if gain else float("inf")
    print(
        f"{name:<15} {'right' if right else 'WRONG'} {took_s:4.0f} s  {shown:<26} {gain:6.2f}x "
        f"({found.decision.certainty.value}); best {cell_name(fastest.cell):<26} {most:6.2f}x ({behind:.2f}); {tried}",
        flush=True,
    )
    return right


def main(names: list[str]) -> int:
    with tempfile.TemporaryDirectory() as folder, subprocess.Popen([sys.executable, "-c", SERVER, str(PORT)]) as server:
        try:
            time.sleep(1)
            right = {name: judge(name, Path(folder)) for name in names or CASES}
        finally:
            server.kill()
            PORT.unlink(missing_ok=True)
    print(f"{sum(right.values())} of {len(right)} right")
    return 0 if all(right.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
