"""Timelines and core series: what the rows of a session come to over time. Numbers were worked out by hand."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import cell, row
from made_of_time import BEGIN, MS, Made, dealt, session, span, wall_ms

from gil_lab.analysis.core_series import core_series, joined
from gil_lab.analysis.timelines import timelines
from gil_lab.model.records import Flag, Pass
from gil_lab.sessions.rows import CoreRow, PassRow, SampleRow


def timeline(*spans, wall=100.0):
    """Of one cell with these tasks."""
    (made,) = Made().add(cell(), spans, wall).timelines
    return made


def lanes(made):
    """The numbers of the tasks in each lane."""
    return [[bar.task for bar in lane.bars] for lane in made.lanes]


# Lanes


def test_a_lane_is_a_thread_and_workers_are_counted_as_they_begin():
    """Thread 7 began first; process 1 has a thread of the same number."""
    made = timeline(
        span(0, 5, 10, pid=2, tid=9), span(1, 1, 9, pid=2, tid=7), span(2, 10, 20, pid=2, tid=7), span(3, 2, 4, tid=7)
    )
    assert [(lane.worker, lane.pid, lane.tid) for lane in made.lanes] == [(1, 2, 7), (2, 100, 7), (3, 2, 9)]
    assert lanes(made) == [[1, 2], [3], [0]]


def test_coroutines_of_one_thread_get_as_many_lanes_as_are_in_flight_together():
    """The third one begins when the first ends, and takes its lane; all are of worker 1."""
    made = timeline(span(0, 0, 10), span(1, 1, 20), span(2, 10, 15), span(3, 16, 30))
    assert lanes(made) == [[0, 2, 3], [1]]
    assert [lane.worker for lane in made.lanes] == [1, 1]


def test_times_count_from_the_beginning_of_the_pass():
    """Which is kept, on the clock of the files, for whoever joins it with other times."""
    (made,) = (one := Made().add(cell(), [span(0, 2.5, 10)], 40.0)).timelines
    (bar,) = made.lanes[0].bars
    assert (bar.begin_s, bar.end_s, made.wall_s) == (0.0025, 0.01, 0.04)
    assert made.begin_ns == one.passes[-1].one.begin_ns


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 50), st.integers(0, 30)), min_size=1, max_size=30
    )
)
def test_lanes_never_overlap_and_lose_no_task(given_spans):
    """And a thread has as many lanes as it has tasks in flight at the same time at most."""
    spans = [
        span(task, begin, begin + length, pid=pid, tid=tid)
        for task, (pid, tid, begin, length) in enumerate(given_spans)
    ]
    made = timeline(*spans)
    assert sorted(task for lane in lanes(made) for task in lane) == list(range(len(spans)))
    for lane in made.lanes:
        assert all(one.end_s <= other.begin_s for one, other in zip(lane.bars, lane.bars[1:], strict=False))
    for pid, tid in {(one.pid, one.tid) for one in spans}:
        own = [one for one in spans if (one.pid, one.tid) == (pid, tid)]
        together = [sum(one.begin_ns <= at.begin_ns < one.end_ns for one in own) for at in own]
        empty = sum(one.begin_ns == one.end_ns for one in own)
        used = sum((lane.pid, lane.tid) == (pid, tid) for lane in made.lanes)
        assert 1 <= used <= max(together) + empty


@given(st.integers(-10, 200), st.none() | st.integers(-10, 200), st.sampled_from([0, 1, 100]))
def test_the_shares_of_a_bar_come_to_one(running_ns, ready_ns, length_ns):
    """Also where coarse clocks say more than its whole time; then the time on a core is believed first."""
    one = span(0, end_ns=length_ns, running_ns=running_ns, ready_ns=ready_ns)
    (bar,) = timeline(one).lanes[0].bars
    assert 0 <= bar.states.running <= 1
    if length_ns == 100:
        assert bar.states.running == min(1, max(0, running_ns / 100))
    if ready_ns is None:
        assert bar.states.ready is bar.states.blocked is None
    else:
        assert min(bar.states.ready, bar.states.blocked) >= 0
        assert bar.states.running + bar.states.ready + bar.states.blocked == pytest.approx(1)


def test_in_flight_and_running_are_averages_over_the_pass():
    """30 and 20 ms in a pass of 40 ms; half of each on a core."""
    made = timeline(span(0, 0, 30, running=0.5, tid=1), span(1, 10, 30, running=0.5, tid=2), wall=40.0)
    assert (made.in_flight, made.running) == (pytest.approx(1.25), pytest.approx(0.625))


# What a torn or edited file does


@pytest.mark.parametrize(
    "bad", [span(9, 10, 5), span(9, -1, 5), span(9, 90, 101), span(9, 10**9, 10**9 + 1)], ids=lambda bad: bad.begin_ns
)
def test_tasks_that_cannot_be_are_left_out(bad):
    """Those that end before they begin, and those outside their pass."""
    assert lanes(timeline(span(1, 5, 10), bad)) == [[1]]


def test_a_cell_without_a_traced_pass_or_without_tasks_has_no_timeline():
    """And none of them is an error."""
    made = session()
    assert timelines(made.trials, [], made.tasks) == []
    assert timelines(made.trials, made.passes, []) == []
    assert timelines([], made.passes, made.tasks) == []
    backwards = [replace(one, one=Pass("traced", one.one.end_ns, one.one.begin_ns)) for one in made.passes]
    assert timelines(made.trials, backwards, made.tasks) == []


def test_of_two_traced_passes_of_a_trial_the_first_counts():
    """One that was edited in moves no bar."""
    made = Made().add(cell(), [span(0, 5, 10)], 40.0)
    made.passes.append(PassRow(1, 9, Pass("traced", 0, 10**18)))
    assert made.timelines[0].wall_s == 0.04


def test_the_typical_trial_is_shown_in_the_order_of_the_cells():
    """Of the unflagged ones the one with the median wall time."""
    made = Made()
    for strategy in ("threading", "asyncio"):
        for _ in range(4):
            made.add(cell(strategy), [span()], 20.0)
    walls = [0.3, 0.1, 0.2, 0.2, 0.5, 0.4, 0.6, 9.0]
    numbered = enumerate(zip(made.trials, walls, strict=True), 1)
    made.trials = [row(number=number, cell=one.cell, wall_s=wall) for number, (one, wall) in numbered]
    for disturbed in (2, 7):
        made.trials[disturbed] = replace(made.trials[disturbed], flags=(Flag.DISTURBED,))
    assert [(one.cell.strategy, one.trial) for one in made.timelines] == [("threading", 4), ("asyncio", 5)]


# Core series


def readings(*busy, every_ms=100, wall=(0, 10**6), **changes):
    """The series of one cell from cumulative busy seconds of its cores, one reading each `every_ms`."""
    trials = [row(cell=cell())]
    passes = [PassRow(1, 1, Pass("timed", BEGIN + wall[0] * MS, BEGIN + wall[1] * MS))]
    times = [BEGIN + every_ms * MS * count for count in range(len(busy))]
    usual = {"late_ns": 0, "child_s": 0.0, "service_s": 0.0, "controller_s": 0.0}
    samples = [
        SampleRow(1, at, **{**usual, **{name: values[count] for name, values in changes.items()}})
        for count, at in enumerate(times)
    ]
    cores = [CoreRow(1, core, at, s, 0.0) for at, each in zip(times, busy, strict=True) for core, s in enumerate(each)]
    return trials, passes, samples, cores


def intervals(*given_rows):
    made = core_series(*given_rows)
    return made[0].intervals if made else ()


def test_an_interval_is_what_was_used_between_two_samples():
    """0.05 and 0.1 s in 100 ms are half a core and a whole one; who used them is told for both together."""
    rows = readings((5.0, 7.0), (5.05, 7.1), child_s=[1, 1.1], service_s=[2, 2.01], controller_s=[0.5, 0.5])
    (one,) = intervals(*rows)
    assert (one.begin_s, one.end_s) == (0, 0.1)
    assert one.busy == pytest.approx((0.5, 1.0))
    assert (one.child, one.service, one.controller) == (pytest.approx(1.0), pytest.approx(0.1), 0)
    assert one.others == pytest.approx(0.4)


def test_times_count_from_the_first_sample():
    """Which is kept, on the clock of the files."""
    (made,) = core_series(*readings((0.0,), (0.1,), (0.1,)))
    assert [(one.begin_s, one.end_s) for one in made.intervals] == [(0, 0.1), (0.1, 0.2)]
    assert made.begin_ns == BEGIN


def test_counters_that_tick_never_show_more_than_all_or_less_than_nothing():
    """A tick too many, one too few, and a process that ended: 0 to 1 for a core, others not below 0."""
    (one,) = intervals(*readings((5.0, 7.0), (5.11, 6.99), child_s=[1.0, 0.2]))
    assert one.busy == (1.0, 0.0)
    assert one.child == 0
    (one,) = intervals(*readings((5.0,), (5.0,), child_s=[1.0, 1.1]))
    assert one.others == 0


@given(
    st.lists(st.tuples(*[st.floats(0, 1e12)] * 4), min_size=2, max_size=5),
)
def test_whatever_the_counters_say_the_numbers_can_be_drawn(rows):
    """Shares are shares; nothing is below 0, infinite or not a number."""
    busy, child, service = [one[:2] for one in rows], [one[2] for one in rows], [one[3] for one in rows]
    for one in intervals(*readings(*busy, child_s=child, service_s=service)):
        assert all(0 <= share <= 1 for share in (*one.busy, *one.steal))
        assert 0 <= one.others <= 2
        assert all(0 <= value < float("inf") for value in (one.child, one.service, one.controller))


def test_a_sample_that_lacks_a_core_or_its_processes_is_left_out():
    """As a torn file has it; the interval then reaches to the next one."""
    trials, passes, samples, cores = readings((0.0, 0.0), (0.1, 0.0), (0.2, 0.0))
    torn = [one for one in cores if (one.at_ns, one.core) != (samples[1].at_ns, 1)]
    assert [one.end_s for one in intervals(trials, passes, samples, torn)] == [0.2]
    assert [one.end_s for one in intervals(trials, passes, [samples[0], samples[2]], cores)] == [0.2]


@pytest.mark.parametrize("value", [-1.0, 1e300, float("inf"), float("nan")])
def test_a_sample_that_nobody_can_have_read_is_left_out(value):
    """Of a core or of the processes."""
    trials, passes, samples, cores = readings((0.0,), (0.1,), (0.2,))
    edited = [samples[0], replace(samples[1], child_s=value), samples[2]]
    assert [one.end_s for one in intervals(trials, passes, edited, cores)] == [0.2]
    edited = [cores[0], replace(cores[1], busy_s=value), cores[2]]
    assert [one.end_s for one in intervals(trials, passes, samples, edited)] == [0.2]


def test_cores_are_numbered_from_nought_without_a_gap():
    """One that an edited file invents does not count."""
    trials, passes, samples, cores = readings((0.0,), (0.1,), (0.2,))
    strange = [*cores, CoreRow(1, 10**18, samples[1].at_ns, 1.0, 0.0)]
    assert [len(one.busy) for one in intervals(trials, passes, samples, strange)] == [1]
    assert intervals(trials, passes, samples, [replace(one, core=one.core + 1) for one in cores]) == ()


def test_samples_too_near_to_each_other_are_one_interval():
    """The counters tick every 10 ms: in 20 ms a core would be busy by halves. The last sample is always used."""
    assert [one.end_s for one in intervals(*readings(*[(0.0,)] * 6, every_ms=20))] == [0.1]
    assert [one.end_s for one in intervals(*readings((0.0,), (0.01,), every_ms=20))] == [0.02]
    assert [one.end_s for one in intervals(*readings(*[(0.0,)] * 11, every_ms=20))] == [0.06, 0.12, 0.2]


def test_only_the_time_of_the_timed_passes_counts():
    """An interval that begins after them, or ends before, shows something else."""
    rows = readings(*[(0.1 * count,) for count in range(6)], wall=(150, 350))
    (made,) = core_series(*rows)
    assert made.begin_ns == BEGIN + 100 * MS
    assert [one.end_s for one in made.intervals] == pytest.approx([0.1, 0.2, 0.3])


def test_a_cell_without_samples_or_timed_passes_has_no_series():
    """Torn files are no error."""
    trials, passes, samples, cores = readings((0.0,), (0.1,))
    assert core_series(trials, [], samples, cores) == []
    assert core_series(trials, passes, [], cores) == []
    assert core_series(trials, passes, samples, []) == []
    assert core_series(trials, passes, samples[:1], cores) == []
    assert core_series([], passes, samples, cores) == []


def test_the_order_of_rows_does_not_matter():
    """Two files that were merged by hand are in no order."""
    made = session()
    series = made.core_series
    random.Random(1).shuffle(made.cores)
    random.Random(2).shuffle(made.samples)
    random.Random(3).shuffle(made.passes)
    assert made.core_series == series


def test_joined_intervals_have_means_over_time():
    """100 ms at 0.2 and 300 ms at 0.6 are 400 ms at 0.5."""
    (one,) = intervals(*readings((0.0,), (0.02,), child_s=[0, 0.02]))
    other = replace(one, begin_s=0.1, end_s=0.4, busy=(0.6,), steal=(0.4,), child=0.6)
    both = joined([one, other])
    assert (both.begin_s, both.end_s) == (0, 0.4)
    assert (*both.busy, *both.steal, both.child) == pytest.approx((0.5, 0.3, 0.5))


def test_thousands_of_coroutines_in_flight_are_no_matter():
    """Each in a lane of its own, in well under the time that quadratic work would take."""
    spans = [span(task, 0.001 * task, 1000, tid=1) for task in range(20_000)]
    (made,) = Made().add(cell(), spans, 1000.0).timelines
    assert len(made.lanes) == 20_000


def test_a_made_up_session_is_complete():
    """The other tests of pictures stand on it."""
    made = session()
    assert [len(one.lanes) for one in made.timelines] == [1, 8, 8, 8]
    assert [len(one.intervals) for one in made.core_series] == [5, 6, 6, 4]
    assert wall_ms(dealt(1, 2, 10.0, 1.0)) == pytest.approx(20.3)
