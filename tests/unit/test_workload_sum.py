"""Every way to add up gives the same sum, and tells how much room a number takes."""

import importlib
import pickle
import sys
from array import array

import pytest

from gil_lab.suite.workloads import Workload

workload = importlib.import_module("gil_lab.suite.workloads.sum")
WAYS: dict[str, Workload] = {"": workload.WORKLOAD, **workload.VARIANTS}
every_way = pytest.mark.parametrize("way", WAYS)
SIZE = 1000


def answers(way, tasks=3, size=SIZE):
    with WAYS[way].inputs(tasks, size) as inputs:
        return inputs, [WAYS[way].forms["call"](each) for each in inputs]


def observed(way, size=SIZE):
    inputs, outputs = answers(way, size=size)
    return {one.name: one.value for one in WAYS[way].observe(inputs, [outputs])}


@every_way
def test_the_sum_is_right_and_a_python_integer(way):
    """Answers of NumPy's types could not be compared by an interpreter without NumPy."""
    inputs, outputs = answers(way)
    assert outputs == [number + sum(range(SIZE)) for number in range(3)]
    assert {type(one) for one in outputs} == {int}
    assert WAYS[way].verify(inputs, outputs) is None
    assert WAYS[way].verify(inputs, [outputs[0] + 1, *outputs[1:]]) is not None


@every_way
def test_a_single_number_is_a_sum_too(way):
    """The smallest size."""
    inputs, outputs = answers(way, 1, 1)
    assert outputs == [0]
    assert WAYS[way].verify(inputs, outputs) is None


@every_way
def test_a_way_can_be_sent_and_says_what_it_lacks(way):
    """By name; and of each form that is not there, why."""
    task = WAYS[way].forms["call"]
    assert pickle.loads(pickle.dumps(task)) is task
    assert {*WAYS[way].forms, *WAYS[way].why_not} == {"call", "coroutine", "nogil", "parallel"}


def test_what_a_way_imports_is_required():
    """So that its absence is a reason to skip it, and its import is start-up."""
    assert {name: way.requires for name, way in WAYS.items() if way.requires} == {
        "numpy-elements": ("numpy",),
        "numpy": ("numpy",),
        "numba-object": ("numba",),
        "numba": ("numba",),
    }


def test_a_number_takes_36_bytes_in_a_list_and_8_in_an_array():
    """A pointer and an object, or the number alone; each container has a little room of its own besides."""
    assert observed("", 100_000)["bytes an element"] == pytest.approx(36, abs=0.1)
    assert observed("array", 100_000)["bytes an element"] == pytest.approx(8, abs=0.1)
    assert observed("numpy", 100_000)["bytes an element"] == pytest.approx(8, abs=0.1)


def test_an_object_that_is_in_a_list_twice_counts_once():
    """It takes its room once."""
    one = 10**6
    assert workload.bytes_of([one] * 5) == sys.getsizeof([one] * 5) + sys.getsizeof(one)


def test_an_array_holds_no_objects():
    """What iterating it would show are objects that are made for the occasion."""
    numbers = array("q", list(range(10**6, 10**6 + 1000)))
    assert workload.bytes_of(numbers) == sys.getsizeof(numbers)


def test_allocations_report_who_makes_objects():
    """NumPy's numbers are made one by one in Python's loop and in object mode, by none of the loops in C."""
    counted = {way: observed(way, 20_000)["allocations an element"] for way in WAYS}
    assert counted["numpy-elements"] == pytest.approx(2, abs=0.1)
    assert counted["numba-object"] >= 1.9
    assert counted["numba"] < 0.1
    assert counted["numpy"] < 0.1
    assert counted["builtin"] < 0.1
    assert counted["array"] >= counted[""]


def test_where_objects_have_no_size_nothing_is_reported(monkeypatch):
    """PyPy raises TypeError."""

    def none_to_be_had(one):
        raise TypeError

    monkeypatch.setattr(sys, "getsizeof", none_to_be_had)
    assert observed("") == {}


def test_what_is_compiled_is_compiled_once():
    """In the warm-up pass; no later call compiles for other types."""
    answers("numba")
    answers("numba", 2, 7)
    assert len(workload.compiled().signatures) == 1
