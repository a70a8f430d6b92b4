"""When a turn is flagged as disturbed."""

import pytest
from made import usage

from gil_lab.measuring.quality_flags import turn_flags
from gil_lab.model.records import Flag


def disturbed(**changes):
    return Flag.DISTURBED in turn_flags(usage(**changes), 2.0, 2)


@pytest.mark.parametrize(("other_processes_s", "flagged"), [(None, False), (0.0, False), (0.009, False), (0.011, True)])
def test_what_others_used_by_their_clocks_counts_exactly(other_processes_s, flagged):
    """A tenth of two cores in 50 ms are 10 ms: no tick of the cores' counters."""
    assert disturbed(wall_s=0.05, child_s=0.05, busy_s=0.05, other_processes_s=other_processes_s) is flagged


@pytest.mark.parametrize(("controller_s", "flagged"), [(0.001, False), (0.003, False), (0.012, False), (0.014, True)])
def test_a_thread_beside_the_lab_in_its_own_process_counts_as_others(controller_s, flagged):
    """Of a notebook, say: what the lab itself needs is 3 ms in a turn of 50 ms."""
    busy_s = 0.05 + controller_s
    assert disturbed(wall_s=0.05, child_s=0.05, busy_s=busy_s, controller_s=controller_s) is flagged


@pytest.mark.parametrize(("busy_s", "flagged"), [(0.05, False), (0.09, False), (0.11, True)])
def test_what_only_the_counters_of_the_cores_saw_needs_some_ticks_more(busy_s, flagged):
    """Two for each core, because they may come together: it may be a process that cannot be seen."""
    assert disturbed(wall_s=0.05, child_s=0.05, busy_s=busy_s, other_processes_s=0.0) is flagged


@pytest.mark.parametrize(
    ("child_s", "busy_s", "flagged"),
    [
        (0.0, 1.0, False),  # one core is free
        (0.09, 1.09, False),
        (0.11, 1.11, True),  # it computes
        (0.0, 1.9, True),  # no core is free: it wakes up late
        (1.0, 2.0, True),
    ],
)
def test_work_that_hardly_needs_a_core_is_not_disturbed_as_long_as_one_is_free(child_s, busy_s, flagged):
    """Waiting takes as long beside a program that computes, for which there is another core."""
    others_s = busy_s - child_s
    assert disturbed(wall_s=1.0, child_s=child_s, busy_s=busy_s, other_processes_s=others_s) is flagged
