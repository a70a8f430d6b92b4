"""A measured process sleeps before the next one has its turn, if it does so within a moment."""

from types import SimpleNamespace

import pytest
from made import cell

from gil_lab.measuring import measured_child
from gil_lab.measuring.measured_child import LONGEST_SPIN_S, LOOK_S, MeasuredChild
from gil_lab.model.records import Trial


@pytest.fixture
def settled(monkeypatch):
    """Of a process that computes for so long after each of its steps: how long the lab waits, three times."""

    def settled(spinning_s):
        now = SimpleNamespace(s=0.0)
        clock = SimpleNamespace(
            monotonic=lambda: now.s, sleep=lambda seconds: setattr(now, "s", now.s + seconds), time=lambda: now.s
        )
        monkeypatch.setattr(measured_child, "time", clock)
        child = MeasuredChild(Trial(1, 1, cell(), 0.1, 60.0), None, None)
        waited_s = []
        for _ in range(3):
            began_s = now.s
            monkeypatch.setattr(child, "cpu_s", lambda began_s=began_s: min(now.s - began_s, spinning_s))
            child.settle()
            waited_s.append(now.s - began_s)
        return waited_s

    return settled


def test_what_sleeps_at_once_is_looked_at_a_single_time(settled):
    """After its first pass; turns do not wait for it."""
    assert settled(0.0) == [LOOK_S, 0, 0]


def test_what_spins_for_a_moment_is_waited_for_after_each_step(settled):
    """As threads of OpenBLAS do."""
    assert all(0.03 <= waited_s <= 0.03 + 2 * LOOK_S for waited_s in settled(0.03))


def test_what_never_sleeps_is_waited_for_once(settled):
    """And is then flagged, as what it is."""
    first_s, *others = settled(1e9)
    assert LONGEST_SPIN_S <= first_s <= LONGEST_SPIN_S + 2 * LOOK_S
    assert others == [0, 0]
