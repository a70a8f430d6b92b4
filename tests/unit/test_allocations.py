"""Allocations are counted one by one, also of what is dropped at once, and the usual allocator is back afterwards."""

import ctypes
import sys
from itertools import repeat

import pytest

from gil_lab.suite.instruments import allocations as module
from gil_lab.suite.instruments.allocations import OBJECT_DOMAIN, Allocator, allocations

COUNT = 10_000


def allocator():
    now = Allocator()
    ctypes.pythonapi.PyMem_GetAllocator(OBJECT_DOMAIN, ctypes.byref(now))
    return [getattr(now, name) for name, _ in Allocator._fields_]


@pytest.mark.parametrize("make", [object, lambda: bytes(50)], ids=["malloc", "calloc"])
def test_what_is_kept_is_counted(make):
    """A block for each object, by whichever of the two functions that hand out blocks."""
    assert allocations(lambda: [make() for _ in repeat(None, COUNT)]) == pytest.approx(COUNT, rel=0.01)


def test_what_is_dropped_at_once_is_counted_too():
    """Nothing of it is left in the end, which is all that other counters see."""
    left, big = [], 10**30

    def work():
        before = sys.getallocatedblocks()
        for _ in repeat(None, COUNT):
            big + big
        left.append(sys.getallocatedblocks() - before)

    assert allocations(work) == pytest.approx(COUNT, rel=0.01)
    assert left[0] < 100


def test_nothing_done_is_next_to_nothing_counted():
    assert allocations(lambda: None) < 10


def test_the_usual_allocator_is_back_after_an_exception():
    """Python goes on with it, whatever the work did."""
    before = allocator()
    with pytest.raises(ZeroDivisionError):
        allocations(lambda: 1 / 0)
    assert allocator() == before


def test_without_a_gil_nothing_is_counted(monkeypatch):
    """Threads would overrun the counter, and importing Numba might switch the lock on."""
    monkeypatch.setattr(module.gil, "enabled", lambda: False)
    assert allocations(lambda: None) is None


def test_without_numba_nothing_is_counted(monkeypatch):
    """The counter cannot be compiled."""
    monkeypatch.setitem(sys.modules, "numba", None)
    assert allocations(lambda: None) is None


def test_other_pythons_have_no_such_allocator(monkeypatch):
    """PyPy's ctypes knows no C API."""
    monkeypatch.delattr(ctypes, "pythonapi")
    assert allocations(lambda: None) is None
