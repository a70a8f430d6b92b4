"""How long the tasks of `blend` wait and compute, and that one which wakes too early is noticed."""

import asyncio
import time

import pytest

from gil_lab.suite.catalogue import Catalogue
from gil_lab.suite.workloads import blend, spin
from gil_lab.suite.workloads.blend import SHARES, VARIANTS, WORKLOAD

SIZE = 2000


def jobs(workload, tasks=2):
    with workload.open_inputs(tasks, SIZE) as inputs:
        return list(inputs)


@pytest.mark.parametrize("share", SHARES)
def test_what_a_task_computes_is_the_rest_of_its_size(share):
    """The steps of `spin` for each microsecond that it is not meant to wait."""
    for _, size, _, steps in jobs(VARIANTS[str(share)]):
        assert (size, steps) == (SIZE, SIZE * (100 - share) // 100 * spin.STEPS)


@pytest.mark.parametrize("form", ["call", "coroutine"])
@pytest.mark.parametrize(("share", "wait_s"), [(0, 0), (25, 0.001), (50, 0.003), (75, 0.009), (100, 0.002)])
def test_a_task_waits_in_proportion_to_the_time_that_it_has_computed(form, share, wait_s, monkeypatch):
    """However long that took: here 3 ms of CPU time. Where all is waiting its size says how long, 2 ms."""
    slept, clock = [], iter(range(0, 10**9, 3_000_000))
    inputs = jobs(VARIANTS[str(share)], tasks=1)

    async def sleep_async(seconds):
        slept.append(seconds)

    monkeypatch.setattr(time, "thread_time_ns", lambda: next(clock))
    monkeypatch.setattr(time, "sleep", slept.append)
    monkeypatch.setattr(asyncio, "sleep", sleep_async)
    monkeypatch.setattr(spin, "SLICE", 10**9)
    answer = WORKLOAD.forms[form](inputs[0])
    if form == "coroutine":
        asyncio.run(answer)
    assert sum(slept) == pytest.approx(wait_s)


def test_half_of_the_plain_one_is_waiting():
    """Each variant is compared with itself, one task after the other: it is work of its own."""
    assert jobs(WORKLOAD) == jobs(VARIANTS["50"])
    assert not WORKLOAD.same_work
    assert set(Catalogue().variant_names("blend")) == {f"blend+{share}" for share in SHARES}


@pytest.mark.parametrize("form", ["call", "coroutine"])
def test_a_wait_that_ends_too_early_is_noticed(form, monkeypatch):
    """It answers what no computing ends with."""

    async def at_once(seconds):
        """Returns before its time."""

    inputs = jobs(VARIANTS["75"])
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    monkeypatch.setattr(asyncio, "sleep", at_once)
    monkeypatch.setattr(time, "monotonic_ns", lambda: 0)
    task = WORKLOAD.forms[form]
    outputs = [task(job) if form == "call" else asyncio.run(task(job)) for job in inputs]
    assert outputs == [blend.EARLY] * 2
    assert (
        WORKLOAD.complaint(inputs, outputs)
        == f"task 0 answered -1 instead of {inputs[0][2] + inputs[0][3] & spin.MASK}"
    )
