"""Points in a circle: every way of writing it gives the same answers, and is what it says it is."""

from functools import cache

import pytest
from made import measurement, spans, usage
from own_process import in_own_process

from gil_lab.child.trial import observations
from gil_lab.measuring.quality_flags import quality_flags
from gil_lab.model.records import Flag
from gil_lab.suite.catalogue import Catalogue
from gil_lab.suite.workloads import vector

JOBS = [(0, 2_000), (2_000, 2_000), (4_000, 2_000)]
RIGHT = [vector.count_one_by_one(job) for job in JOBS]
CATALOGUE = Catalogue()


@pytest.fixture
def written(monkeypatch):
    """As in a fresh process."""
    fresh = vector.PortedFunctions()
    monkeypatch.setattr(vector, "PORTED", fresh)
    return fresh


def observed(workload):
    return {one.name: one.value for one in workload.observe(JOBS, [RIGHT])}


def test_the_points_fill_the_circle_evenly():
    """A quarter of pi of them lies inside, to three digits."""
    assert abs(vector.count_one_by_one((0, 100_000)) / 100_000 - 3.14159 / 4) < 1e-3


def test_numpy_and_the_loop_give_the_same_answers():
    assert [vector.count_inside(job) for job in JOBS] == RIGHT
    assert vector.verify(JOBS, RIGHT) is None


def test_the_largest_point_of_the_largest_plan_is_still_exact():
    """10,000 tasks of the largest size: no product of whole numbers leaves 63 bits, and floating point agrees."""
    last = (10_000 * vector.WORKLOAD.max_size - 50, 50)
    assert vector.count_inside(last) == vector.count_one_by_one(last)
    assert vector.verify([last], [vector.count_one_by_one(last)]) is None


@cache
@in_own_process
def observed_when_compiled(name):
    """Of a workload, before its compiled task has answered, and afterwards."""
    vector.PORTED = vector.PortedFunctions()
    workload = CATALOGUE.workload(name)
    before = observed(workload)
    task = workload.forms["nogil"]()
    assert [task(job) for job in JOBS] == RIGHT
    return before, observed(workload)


@pytest.mark.parametrize(("name", "lines"), [("vector", 1), ("vector+loop", 1), ("vector+automatic", 1)])
def test_the_compiled_task_differs_by_its_decorator(name, lines):
    """So it is the very same code, and one line."""
    before, after = observed_when_compiled(name)
    assert before == {"lines changed": 0}
    assert after["lines changed"] == lines


@in_own_process
def test_a_loop_over_the_tasks_by_hand_is_more_lines(written):
    vector.distributed(vector.compiled_loop())
    assert observed(CATALOGUE.workload("vector+loop")) == {"lines changed": 5}


def test_the_kernel_for_a_gpu_is_the_loop_with_other_first_lines(written):
    """Its parts, put together, are the whole."""
    part = vector.gpu()
    assert observed(CATALOGUE.workload("vector+loop")) == {"lines changed": 3}
    assert [sum(part(job, first, 7) for first in range(7)) for job in JOBS] == RIGHT


def test_numba_reports_what_it_made_parallel_by_itself():
    """Several loops, fused into fewer: if Numba's diagnostics have changed, this fails."""
    _, found = observed_when_compiled("vector+automatic")
    assert found["parallel loops made"] > found["parallel loops left when fused"] >= 1


@in_own_process
def test_a_prange_by_hand_is_not_counted_as_found_by_numba(written):
    import numpy as np

    loop = vector.distributed(CATALOGUE.workload("vector+loop").forms["nogil"]())
    outputs = np.zeros(len(JOBS), np.int64)
    loop(np.array(JOBS), outputs)
    assert outputs.tolist() == RIGHT
    assert "parallel loops made" not in observed(CATALOGUE.workload("vector+loop"))


def test_what_is_observed_reaches_the_child(written):
    """As the measured process asks for it."""
    workload = CATALOGUE.workload("vector")
    found = observations(workload, CATALOGUE.form("call"), workload.forms["call"], JOBS, [RIGHT])
    assert [one.name for one in found] == ["lines changed"]


def test_each_wrong_answer_is_noticed():
    for changed in ([RIGHT[0] + 1, *RIGHT[1:]], RIGHT[:-1]):
        assert vector.verify(JOBS, changed)


@pytest.mark.parametrize(("busy_s", "flags"), [(1.0, [Flag.SERIAL_FALLBACK]), (1.9, [])])
def test_one_task_at_a_time_on_several_cores_is_no_fallback(busy_s, flags):
    """All tasks on one thread are suspicious only if no other core was busy."""
    seen = measurement(spans=spans(1), usage=usage(child_s=busy_s, busy_s=busy_s))
    strategy = CATALOGUE.strategy("numba-parallel")
    assert list(quality_flags(seen, CATALOGUE.workload("vector+automatic"), strategy, workers=2, cores=2)) == flags
