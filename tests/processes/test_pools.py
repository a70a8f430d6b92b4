"""The contract of a strategy: any pool that is opened keeps it, under any Python."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest
import pythons
from examples import thorough
from offered_modules import offer_modules
from places import SUPPORT

from gil_lab.measuring.environment import environment
from gil_lab.suite.catalogue import Catalogue, module_name
from gil_lab.suite.strategies.asyncio_loops import number_of_loops

PROGRAM = SUPPORT / "pool_contract.py"
STRATEGIES = [name for name in Catalogue().strategy_names() if Catalogue().strategy(name).form in ("call", "coroutine")]
KEPT = ("resource_tracker", "forkserver", "loky.backend.resource_tracker")
"""Processes that multiprocessing keeps for the next pool; they leave with the program."""
ONE_OF_A_KIND = ("sequential", "asyncio", "threading", "multiprocessing", "subinterpreters")
"""Under other Pythons; all of them are tried there in the thorough profile, and in the contract of cells."""
TWIN = "3.14"
"""Of 3.15, in which pools are the same: it is tried in the thorough profile, and in the contract of cells."""
SAME_POOL = ("joblib-dask",)
"""As that of `dask`, which takes seconds to open: tried in the thorough profile, and in the contract of cells."""
POOLS = [
    (name, python)
    for python in ("this", *pythons.found())
    for name in (STRATEGIES if python == "this" or thorough() else ONE_OF_A_KIND)
    if (thorough() or python != TWIN or "3.15" not in pythons.found())
    if (thorough() or name not in SAME_POOL)
    if Catalogue().strategy(name).since <= (sys.version_info[:2] if python == "this" else pythons.version(python))
]
pytestmark = pytest.mark.timeout(900)
"""Only to end what hangs: beside busy loops, locks of 3.13t that yield the core wait for whole time slices, and a pool
that takes two seconds on a quiet machine takes four minutes."""
every_pool = pytest.mark.parametrize(("name", "python"), POOLS)


@cache
def answers(python: str) -> dict[str, dict]:
    """What the program says of each strategy under a Python, and who was still there when it had said it.

    A process for each Python opens one pool after the other, the next one when a line is written to it. In the contract
    of cells each has a process of its own.
    """
    names = [name for name, where in POOLS if where == python]
    executable = sys.executable if python == "this" else pythons.executable(python)
    code = f"import {module_name(PROGRAM)} as contract; contract.one_after_the_other({names!r})"
    said: dict[str, dict] = {}
    with TemporaryDirectory() as folder:
        offer_modules(Path(folder) / "modules", PROGRAM)
        with subprocess.Popen(
            [executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(3, Path(folder), "contract"),
            cwd=folder,
            text=True,
        ) as program:
            for name in names:
                if not (reported := program.stdout.readline()):
                    break
                said[name] = {**json.loads(reported), "strays": left(program.pid)}
                program.stdin.write("\n")
                program.stdin.flush()
            _, printed = program.communicate(timeout=60)
    assert (program.returncode, printed) == (0, "")
    return said


def left(pid: int) -> list[str]:
    """Command lines of the program's processes that do not leave within 10 s."""
    try:
        children = psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    pools = [child for child in children if not any(word in command(child) for word in KEPT)]
    return [command(process) for process in psutil.wait_procs(pools, timeout=10)[1]]


def command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def kept(name: str, python: str) -> dict:
    """The answer of a strategy that works there."""
    reported = answers(python)[name]
    if "refused" in reported:
        pytest.skip(reported["refused"])
    return reported


@every_pool
def test_outputs_come_in_the_order_of_the_inputs(name, python):
    """Whatever ends first, the answers stand where their questions stood."""
    assert kept(name, python)["squares"] == [item * item for item in range(20)]


@every_pool
def test_no_inputs_give_no_outputs(name, python):
    """An empty workload is not an error."""
    assert kept(name, python)["none"] == []


@every_pool
def test_all_workers_are_used_at_the_same_time(name, python):
    """As many tasks as there are workers wait for each other, and all meet: each worker holds one."""
    strategy = Catalogue().strategy(name)
    met = kept(name, python).get("met")
    if strategy.workers_are is None:
        assert met is None
        return
    pids, threads = {pid for pid, _ in met}, {tuple(one) for one in met}
    if strategy.loops_in:
        assert len(threads) == number_of_loops(3)
    else:
        assert len(threads) == (1 if strategy.workers_are == "coroutines" else 3)
    assert len(pids) == (3 if strategy.workers_are == "processes" else 1)


@every_pool
def test_processes_are_other_processes_and_threads_are_not(name, python):
    """A strategy of processes does not run tasks in the process that opened it; every other one does."""
    met = kept(name, python).get("met") or []
    elsewhere = Catalogue().strategy(name).workers_are == "processes"
    assert all((pid != kept(name, python)["parent"]) == elsewhere for pid, _ in met)


@every_pool
def test_one_worker_is_enough(name, python):
    """A pool of one gives the same answers."""
    assert kept(name, python)["one"] == [25, 16, 9]


@every_pool
def test_an_exception_in_a_task_reaches_the_caller(name, python):
    """A task that fails is not swallowed, and not turned into another error; the pool can go on."""
    reported = kept(name, python)
    assert (reported["raised"], reported["ran out"]) == ("LookupError: task 7", "MemoryError: task 7")
    assert reported["went on"] == [4]


@every_pool
def test_nothing_is_left_running_when_the_pool_is_closed(name, python):
    """No thread, no interpreter and no worker process outlives the pool."""
    reported = kept(name, python)
    assert (reported["strays"], reported["threads"], reported["interpreters"]) == ([], [], 1)


@every_pool
def test_a_refusal_is_one_line_that_says_why(name, python):
    """A strategy that is missing is reported with the version or the package that it needs."""
    refused = answers(python)[name].get("refused")
    assert refused is None or (len(refused.split()) > 4 and "\n" not in refused)
