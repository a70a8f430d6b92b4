"""The contract of a strategy: any pool that is opened keeps it."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from gil_lab.catalogue import Catalogue
from gil_lab.probe import refusal

PROGRAM = Path(__file__).with_name("pool_contract.py")
STRATEGIES = [name for name in Catalogue().strategy_names() if Catalogue().strategy(name).form in ("call", "coroutine")]
pytestmark = pytest.mark.parametrize("name", STRATEGIES)


@cache
def kept(name: str) -> dict:
    """What the program says of one strategy."""
    if reason := refusal(Catalogue().strategy(name)):
        pytest.skip(reason)
    done = subprocess.run([sys.executable, PROGRAM, name], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_outputs_come_in_the_order_of_the_inputs(name):
    """Whatever ends first, the answers stand where their questions stood."""
    assert kept(name)["squares"] == [item * item for item in range(20)]


def test_no_inputs_give_no_outputs(name):
    """An empty workload is not an error."""
    assert kept(name)["none"] == []


def test_all_workers_are_used_at_the_same_time(name):
    """As many tasks as there are workers wait for each other, and all meet: each worker holds one."""
    strategy = Catalogue().strategy(name)
    met = kept(name).get("met")
    if strategy.workers_are is None:
        assert met is None
        return
    pids, threads = {pid for pid, _ in met}, {tuple(one) for one in met}
    assert len(threads) == (1 if strategy.workers_are == "coroutines" else 3)
    assert len(pids) == (3 if strategy.workers_are == "processes" else 1)


def test_processes_are_other_processes_and_threads_are_not(name):
    """A strategy of processes does not run tasks in the process that opened it; one of threads does."""
    met = kept(name).get("met") or []
    elsewhere = Catalogue().strategy(name).workers_are == "processes"
    assert all((pid != kept(name)["parent"]) == elsewhere for pid, _ in met)


def test_one_worker_is_enough(name):
    """A pool of one gives the same answers."""
    assert kept(name)["one"] == [25, 16, 9]


def test_an_exception_in_a_task_reaches_the_caller(name):
    """A task that fails is not swallowed, and not turned into another error."""
    assert kept(name)["raised"] == "LookupError: task 7"


def test_nothing_is_left_running_when_the_pool_is_closed(name):
    """No thread and no worker process outlives the pool."""
    assert kept(name)["strays"] == []
