"""The plan where workers are threads or coroutines by the thousand, and the work grows with the pool."""

import pytest
from made_plans import CORES, LAB, asked_for, facts, strategy, workload

from gil_lab.measuring.machine import Limits
from gil_lab.model.errors import UsageError
from gil_lab.model.records import Cell
from gil_lab.sessions.options import Options, check
from gil_lab.sessions.plan import Design, blocks, cells, filled_in, kinds_of_workers, reason_to_skip, settings
from gil_lab.sessions.worker_limits import MAX_BLOCK_THREADS, MAX_LIGHT_WORKERS, max_workers
from gil_lab.suite.catalogue import Catalogue

MANY = Design(
    "many",
    ("connections",),
    ("threading", "asyncio", "numba-nogil"),
    workers=lambda _: (10, 5000),
    compared=False,
    quick_workers=(100,),
    tasks_per_worker=2,
)


def test_the_work_grows_with_the_pool():
    """As many tasks for each worker, so that all of them have work."""
    made = asked_for(design=MANY, strategies=("asyncio",), workers=(10, 1000))
    assert [(each.workers, each.tasks) for each in made] == [(10, 20), (1000, 2000)]


def test_a_number_of_tasks_that_is_asked_for_is_that_of_every_pool():
    """The user knows better."""
    made = asked_for(design=MANY, strategies=("asyncio",), workers=(10, 1000), tasks=30)
    assert [(each.workers, each.tasks) for each in made] == [(10, 30), (1000, 30)]


@pytest.mark.parametrize(
    ("options", "workers"),
    [
        (Options(), (10, 5000)),
        (Options(quick=True), (100,)),
        (Options(quick=True, workers=(3,)), (3,)),
    ],
)
def test_a_quick_look_has_numbers_of_workers_of_its_own(options, workers):
    """Unless others are asked for."""
    assert filled_in(MANY, options, CORES).workers == workers


@pytest.mark.parametrize(
    ("kind", "limits", "most"),
    [
        ("processes", Limits(), 64),
        ("interpreters", Limits(), 64),
        ("threads", Limits(), MAX_LIGHT_WORKERS),
        ("coroutines", Limits(), MAX_LIGHT_WORKERS),
        ("threads", Limits(pids=1000), 992),
        ("threads", Limits(open_files=1024), 496),
        ("coroutines", Limits(pids=1000, open_files=1024), MAX_LIGHT_WORKERS),
    ],
)
def test_what_waits_for_little_memory_may_be_many(kind, limits, most):
    """A process takes megabytes; a thread has an id and files; a coroutine is nothing to the system."""
    assert max_workers(CORES, limits, kind) == most
    check(Options(workers=(most,)), CORES, limits, (kind,))
    with pytest.raises(UsageError, match=f"^workers is {most + 1}; it takes a whole number from 1 to {most} "):
        check(Options(workers=(most + 1,)), CORES, limits, (kind,))


def test_of_several_kinds_the_heaviest_decides():
    """One number is that of all pools."""
    with pytest.raises(UsageError, match="from 1 to 64"):
        check(Options(workers=(1000,)), CORES, kinds=("coroutines", "processes"))


def test_the_kinds_are_those_of_the_strategies():
    """One that there is not is refused later, by its name."""
    names = ("threading", "numba-nogil", "sequential", "asyncio", "multiprocessing", "nonsense")
    assert kinds_of_workers(names, LAB) == ("threads", "coroutines", "processes")


def test_a_block_has_no_more_threads_than_the_system_has_room_for():
    """Pools of threads are divided among blocks; coroutines are none."""
    names = ("threading", "numba-nogil", "asyncio", "asyncio-loops")
    chosen = settings(MANY, Options(strategies=names, workers=(5000,)), LAB, CORES)
    made = cells(chosen, LAB, ("3.11", "3.13t", "3.14"))
    found = blocks(made, chosen, LAB)
    assert [each for block in found for each in block] == made
    pools = [sum(each.strategy in ("threading", "numba-nogil") for each in block) for block in found]
    assert max(pools) * 5000 <= MAX_BLOCK_THREADS < 4 * 5000
    assert len(found) == 2


def reason(loops_in, **changes):
    lab = Catalogue(
        workloads={"mine": workload(forms={"coroutine": print}, **changes)},
        strategies={"so": strategy(form="coroutine", workers_are="coroutines", loops_in=loops_in)},
    )
    return reason_to_skip(Cell("mine", "so", 4, "3.11", 4, 1), lab, facts())


@pytest.mark.parametrize(
    ("loops_in", "changes", "why"),
    [
        ("threads", {"after": len}, "wait for each other, which coroutines do in one event loop only; choose asyncio"),
        ("threads", {"heartbeat_ms": 7}, "run beside a heartbeat, which coroutines do in one event loop only"),
        ("interpreters", {"after": len}, "wait for each other, but interpreters share no memory; choose threading"),
        ("interpreters", {"in_one_process": True}, "share data, but interpreters share no memory; choose threading"),
        ("interpreters", {"requires": ("numpy",)}, "needs numpy, which no subinterpreter can import so far"),
    ],
)
def test_tasks_that_need_one_loop_are_not_spread_over_several(loops_in, changes, why):
    """They would wait for ever, or not at all; the reason says what to choose."""
    assert why in reason(loops_in, **changes)
    assert reason(None, **changes) == ""


@pytest.mark.parametrize(("loops_in", "one"), [(None, True), ("threads", True), ("interpreters", False)])
def test_loops_in_threads_have_one_gil_together(loops_in, one):
    """Those in interpreters have one each."""
    assert strategy(form="coroutine", workers_are="coroutines", loops_in=loops_in).shares_gil is one
