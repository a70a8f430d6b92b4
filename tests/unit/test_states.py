"""What blocked tasks wait for, in words, tables and pictures."""

import pytest
from made import cell, changed, measurement, numbers, row, summary
from made_of_time import Made, span

from gil_lab.analysis.states import TaskState, by_state, in_common
from gil_lab.analysis.summaries import summaries
from gil_lab.model.gil import GilTrace, Waits
from gil_lab.model.records import Pass, TaskSpan, Trace
from gil_lab.report.pictures import states
from gil_lab.report.tables.results import GIL_HELD, GIL_WAIT
from gil_lab.report.text.sentences import sentence
from gil_lab.sessions.rows import StateShares
from gil_lab.sessions.trial_rows import numbers as numbers_of

SPLIT = {"gil_waiting_share": 0.4, "lock_or_io_share": 0.08, "sleep_share": 0.02}
MS = 1_000_000


def test_the_parts_stand_in_the_place_of_the_whole():
    """Where they are known; else the whole, and without a run queue no more than running."""
    assert by_state(StateShares(0.4, 0.1, 0.5, 0.3, 0.2, 0.0)) == {
        TaskState.RUNNING: 0.4,
        TaskState.READY: 0.1,
        TaskState.GIL: 0.3,
        TaskState.LOCK_OR_IO: 0.2,
        TaskState.SLEEP: 0.0,
    }
    assert set(by_state(StateShares(0.4, 0.1, 0.5))) == {TaskState.RUNNING, TaskState.READY, TaskState.BLOCKED}
    assert set(by_state(StateShares(0.4, None, None))) == {TaskState.RUNNING, TaskState.NOT_RUNNING}


def test_tasks_that_are_added_up_have_no_more_parts_than_the_least_known_of_them():
    """Else some of the blocked time would be missing from the sum of each part."""
    split, whole = StateShares(0.4, 0.1, 0.5, 0.3, 0.2, 0.0), StateShares(0.5, 0.1, 0.4)
    assert in_common([split, whole]) == [StateShares(0.4, 0.1, 0.5), whole]
    assert in_common([split, split]) == [split, split]


def test_a_sentence_says_that_tasks_wait_for_the_gil_and_why_they_gain_nothing():
    """The first reason that there is."""
    told = sentence(summary(gil_held_share=0.98, **SPLIT))
    assert "40 % waiting for the GIL, 8 % waiting for a lock or I/O" in told
    assert "Its tasks wait for the GIL 40 % of their time; it is held 98 % of the time." in told


def test_tables_have_a_column_for_both_where_they_are_known():
    """And none otherwise."""
    known = summary(gil_held_share=0.98, **SPLIT)
    assert (GIL_HELD.text(known), GIL_WAIT.text(known)) == ("98%", "40%")
    assert (GIL_HELD.text(summary()), GIL_WAIT.text(summary())) == ("", "")


def test_over_the_rounds_the_parts_come_to_the_blocked_share():
    """Also where they are known of some rounds only."""
    split = changed(numbers(), **SPLIT)
    rows = [row(number=1, round=1, numbers=split), row(number=2, round=2)]
    (one,) = summaries(rows, lambda _: "sequential")
    parts = by_state(one.states)
    assert parts[TaskState.GIL] + parts[TaskState.LOCK_OR_IO] + parts[TaskState.SLEEP] == pytest.approx(0.5)
    assert parts[TaskState.GIL] == pytest.approx(0.4)


def test_the_picture_draws_the_parts_and_names_who_waits_for_the_gil_most():
    """In the order of the states, from dark to pale."""
    crowd = [summary(**SPLIT), summary("multiprocessing", gil_waiting_share=0.0, lock_or_io_share=0.5, sleep_share=0.0)]
    source = Made(rows=crowd)
    source.usable_cores = 2
    drawn = states.draw(source)
    assert drawn.title.startswith("threading x2: 40 % waiting for the GIL")
    bars = next(layer["data"]["values"] for layer in drawn.spec["layer"] if "state" in layer["data"]["values"][0])
    assert [bar["state"] for bar in bars if bar["cell"] == "threading x2"] == [
        "running",
        "waiting for the GIL",
        "waiting for a lock or I/O",
        "asleep",
    ]


def test_the_bar_of_a_task_has_the_parts_of_its_blocked_time():
    """Half of ten milliseconds: three quarters of it for the GIL."""
    waits = Waits(round(3.75 * MS), round(1.25 * MS), 0)
    (timeline,) = Made().add(cell(), [span(running=0.5, waits=waits)], 10).timelines
    found = timeline.lanes[0].bars[0].states
    assert (found.gil, found.lock_or_io, found.sleep) == (pytest.approx(0.375), pytest.approx(0.125), 0.0)


def traced(*blocked_ms_and_gils):
    """Traced passes of one task of 100 ms: how long it was blocked, and what was seen of that."""
    return tuple(
        Trace(Pass("traced", 0, 100 * MS), (TaskSpan(0, 1, 1, 0, 100 * MS, (100 - blocked) * MS, 0, 0, 0),), gil)
        for blocked, gil in blocked_ms_and_gils
    )


ALL_FOR_THE_GIL, TOO_FEW = GilTrace(waits=Waits(40 * MS, 0, 0)), GilTrace(waits_unknown="too few samples")


def test_what_tasks_waited_for_in_some_traced_passes_stands_for_the_others():
    """Blocked for 60 ms of 200, which is scaled to the exact time."""
    seen = numbers_of(measurement(traces=traced((40, ALL_FOR_THE_GIL), (20, TOO_FEW))), "")
    assert (seen.states.blocked, seen.states.gil) == (pytest.approx(0.3), pytest.approx(0.3))
    assert seen.gil_seen.unknown is None


@pytest.mark.parametrize("passes", [[(40, TOO_FEW)], [(40, ALL_FOR_THE_GIL), (60, TOO_FEW)]], ids=["no", "a minority"])
def test_a_number_that_is_missing_has_its_reason(passes):
    """What is known of less than half of the blocked time stands for nothing."""
    seen = numbers_of(measurement(traces=traced(*passes)), "")
    assert (seen.states.gil, seen.gil_seen.unknown) == (None, "too few samples")
