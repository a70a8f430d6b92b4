"""What the experiment `connections` adds to a client, and what its server bears: `connections.py CHECK [GENERATIONS]`.

`bare`: a pass of each model in the lab against one of a client written by hand for that model
(benchmarks/bare_connections.py), in turn, with 1,000 requests at once. `server`: how many requests a second the server
answers to wrk, a load generator in C that is not ours (Debian's package wrk), and at which price in CPU time.
PYTHON names another interpreter for `bare` (`PYTHON=python3.14`); models that it does not have are left out.
"""

import math
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self

from gil_lab.analysis.estimates import estimate
from gil_lab.interpreters import choose
from gil_lab.measuring.environment import environment
from gil_lab.measuring.generation import Generation
from gil_lab.measuring.measured_child import MeasuredChild
from gil_lab.measuring.other_processes import OtherProcesses
from gil_lab.measuring.processes import clock_s
from gil_lab.model.records import Cell, Trial
from gil_lab.report.text.sentences import ratio
from gil_lab.sessions.run import launcher
from gil_lab.suite.catalogue import Catalogue
from gil_lab.suite.workloads import _connections_server
from gil_lab.suite.workloads._services import port, service
from gil_lab.suite.workloads.connections import WORKLOAD, delay_ms

REQUESTS = 1000
ROUNDS = 6
"""Of pairs in a generation."""
MODELS = {
    "threading": "threads",
    "asyncio": "loop",
    "asyncio-uvloop": "uvloop_loop",
    "asyncio-loops": "loops",
    "asyncio-interpreters": "interpreters",
    "gevent": "greenlets",
    "numba-nogil": "compiled",
}
"""Strategies, and the function of bare_connections.py that does the same."""
WRK_S = 5


class BareClient:
    """Waits until it is asked for a pass."""

    def __init__(self, executable: str, strategy: str) -> None:
        script = Path(__file__).with_name("bare_connections.py")
        delays = [str(delay_ms(number, WORKLOAD.size)) for number in range(REQUESTS)]
        self._process = subprocess.Popen(
            [executable, str(script), MODELS[strategy], sys.executable, _connections_server.__file__, *delays],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            # With its server, as measured processes have one: Linux divides the cores among sessions first.
            start_new_session=True,
            env={**environment(REQUESTS, Path(tempfile.gettempdir()), "bare"), "PYTHONPATH": str(script.parents[1])},
        )
        self.pass_s()  # it has started

    def pass_s(self) -> float:
        assert self._process.stdin
        assert self._process.stdout
        print(file=self._process.stdin, flush=True)
        return float(self._process.stdout.readline())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()


def bare(generations: int) -> None:
    """The wall time of a pass in the lab over that of the client written by hand."""
    (chosen,) = choose((os.environ.get("PYTHON", "this"),)).interpreters
    strategies = [name for name in MODELS if chosen.facts.reason_against(name) is None]
    chance = random.Random(1)
    ratios: dict[str, list[float]] = {name: [] for name in strategies}
    walls: dict[str, list[tuple[float, float]]] = {name: [] for name in strategies}
    for number in range(1, generations + 1):
        for name in strategies:
            cell = Cell("connections", name, REQUESTS, chosen.label, REQUESTS, WORKLOAD.size)
            with ExitStack() as stack:
                trials = [Trial(1, 1, cell, 1e-6, 60.0)]
                made = stack.enter_context(Generation(trials, {chosen.label: launcher(chosen, None)}, Catalogue()))
                made.start()
                made.trace()
                client = stack.enter_context(BareClient(chosen.executable, name))
                pairs = [pair(made.children[0], client, place, chance) for place in range(1, ROUNDS + 1)]
            walls[name] += pairs
            ratios[name].append(math.exp(statistics.mean(math.log(lab_s / bare_s) for lab_s, bare_s in pairs)))
        print(f"{number}: {', '.join(f'{name} {found[-1]:.3f}' for name, found in ratios.items())}", flush=True)
    for name, values in ratios.items():
        lab_s, bare_s = (statistics.median(times) for times in zip(*walls[name], strict=True))
        seconds = f"{lab_s:.3f} s, {bare_s:.3f} s by hand"
        print(f"  {name:20} {ratio(estimate(values))} ({seconds}; {generations} generations of {ROUNDS} pairs)")


def pair(child: MeasuredChild, client: BareClient, place: int, chance: random.Random) -> tuple[float, float]:
    """Wall times in the lab and by hand, measured in random order."""
    before = client.pass_s() if chance.random() < 1 / 2 else None
    turn = child.turn(place, 1, 1e-6, OtherProcesses())
    assert turn is not None, "a turn failed"
    return statistics.median(one.wall_s for one in turn.passes), before or client.pass_s()


def server(generations: int) -> None:
    """Requests a second that wrk has answered, at once and after the usual delay, and how busy the server is."""
    if shutil.which("wrk") is None:
        sys.exit("wrk is not installed: apt-get install wrk")
    for milliseconds in (0, WORKLOAD.size, delay_ms(REQUESTS // 2, WORKLOAD.size)):
        for connections in (100, REQUESTS, 5 * REQUESTS):
            found = [answered(milliseconds, connections) for _ in range(generations)]
            rate, busy = (statistics.median(values) for values in zip(*found, strict=True))
            every = ", ".join(f"{one:.0f}" for one, _ in found)
            each_us = 1e6 * busy / rate
            print(
                f"{milliseconds} ms, {connections} connections: {rate:.0f}/s ({every}), server {busy:.2f} cores, "
                f"{each_us:.0f} us of CPU an answer"
            )


def answered(milliseconds: int, connections: int) -> tuple[float, float]:
    with served() as (server_port, pid):
        before_s = clock_s(pid)
        url = f"http://127.0.0.1:{server_port}/1/{milliseconds}"
        command = ["wrk", "-t", "1", "-c", str(connections), "-d", f"{WRK_S}s", url]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        busy = (clock_s(pid) - before_s) / WRK_S
    assert "Non-2xx" not in said, said
    found = re.search(r"Requests/sec:\s+([0-9.]+)", said)
    assert found, said
    return float(found[1]), busy


@contextmanager
def served() -> Iterator[tuple[int, int]]:
    """Port and pid of a server."""
    with service(_connections_server.__file__) as process:
        yield port(process), process.pid


CHECKS = {check.__name__: check for check in (bare, server)}

if __name__ == "__main__":
    CHECKS[sys.argv[1]](int(sys.argv[2]) if len(sys.argv) > 2 else 3)  # noqa: PLR2004 - the number of generations
