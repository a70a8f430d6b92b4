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
def test_what_a_task_waits_and_what_it_computes_make_up_its_size(share):
    """In microseconds, the steps of `spin` for each that it does not wait; so all shares take about as long."""
    for wait_us, _, steps in jobs(VARIANTS[str(share)]):
        assert wait_us == SIZE * share / 100
        assert steps == (SIZE - wait_us) * spin.STEPS


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
    assert WORKLOAD.complaint(inputs, outputs) == f"task 0 answered -1 instead of {inputs[0][2] & spin.MASK}"
