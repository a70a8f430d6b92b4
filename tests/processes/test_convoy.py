"""The heartbeat: a schedule that never waits, read in the measured process, and the statistics of its delays."""

import contextlib
import threading
import time
from dataclasses import replace
from functools import cache
from itertools import pairwise

import pytest
from made import measurement, row

from gil_lab.analysis.heartbeats import beats_by_cell
from gil_lab.child import trial
from gil_lab.measuring import controller
from gil_lab.measuring.launcher import Launcher
from gil_lab.measuring.measured_child import MeasuredChild
from gil_lab.measuring.other_processes import OtherProcesses
from gil_lab.model.records import Beat, Cell, Flag, Status, Trial
from gil_lab.sessions.detail_rows import beat_rows
from gil_lab.sessions.options import Options
from gil_lab.sessions.plan import MIN_TIME_S, Design, settings
from gil_lab.sessions.rows import BeatRow, Delays
from gil_lab.sessions.trial_rows import numbers as numbers_of
from gil_lab.suite.catalogue import Catalogue
from gil_lab.suite.instruments import heartbeat
from gil_lab.suite.instruments.heartbeat import MS, Heartbeat
from gil_lab.suite.workloads import convoy, primes

CATALOGUE = Catalogue()
PERIOD_NS = convoy.PERIOD_MS * MS


@pytest.fixture
def beating():
    with contextlib.closing(Heartbeat(1)) as made:
        yield made


def counting(monkeypatch, *counts):
    """Each read gives the next of these numbers of expirations."""
    reported = iter(counts)
    monkeypatch.setattr(heartbeat.os, "read", lambda *_: next(reported).to_bytes(8, heartbeat.sys.byteorder))


def test_beats_are_numbered_and_one_period_apart_from_the_first_one_on(beating):
    """The schedule is absolute: no beat is counted from the one before."""
    for _ in range(3):
        beating.take()
    last_ns = time.monotonic_ns() - MS
    beats = beating.between(0, last_ns - MS)
    assert [one.number for one in beats] == list(range(len(beats)))
    assert {later.due_ns - one.due_ns for one, later in pairwise(beats)} <= {MS}
    assert all(one.taken_ns >= one.due_ns for one in beats)


def test_all_beats_of_a_stall_are_there_and_each_has_waited_from_its_own_time(beating, monkeypatch):
    """To count the stall once would be coordinated omission."""
    counting(monkeypatch, 1, 5)
    beating.take()
    beating.take()
    first, *stalled = beating.between(0, beating._due_ns(5))
    assert len(stalled) == 5
    assert len({one.taken_ns for one in stalled}) == 1
    assert [one.due_ns - first.due_ns for one in stalled] == [MS, 2 * MS, 3 * MS, 4 * MS, 5 * MS]


def test_only_the_beats_that_were_due_in_the_time_count(beating, monkeypatch):
    """Also those at its very ends, and no matter when they were taken."""
    counting(monkeypatch, 10)
    beating.take()
    found = beating.between(beating._due_ns(3), beating._due_ns(6))
    assert [one.number for one in found] == [3, 4, 5, 6]
    assert [one.number for one in beating.between(beating._due_ns(3) + 1, beating._due_ns(6) - 1)] == [4, 5]


def test_beats_that_nobody_took_are_an_error_and_no_good_news(beating, monkeypatch):
    """Left out, they would be the longest delays of all."""
    counting(monkeypatch, 3)
    beating.take()
    assert len(beating.between(0, beating._due_ns(3) - 1)) == 3
    with pytest.raises(RuntimeError, match="were not taken"):
        beating.between(0, beating._due_ns(3))


def test_a_system_without_such_timers_is_reported(monkeypatch):
    """The workload is skipped there with the reason, the others run."""
    monkeypatch.setattr(heartbeat.ctypes, "CDLL", lambda *_, **__: object())
    with (
        pytest.raises(trial.SkippedError, match="needs the timers of Linux"),
        trial.heartbeat_beside(int, CATALOGUE.form("call"), 7),
    ):
        pass


def test_a_timer_that_is_refused_is_an_error_with_the_systems_reason(monkeypatch):
    class Refusing:
        def timerfd_create(self, *_):
            heartbeat.ctypes.set_errno(24)
            return -1

    monkeypatch.setattr(heartbeat.ctypes, "CDLL", lambda *_, **__: Refusing())
    with pytest.raises(OSError, match="Too many open files"):
        Heartbeat(7)


@pytest.mark.parametrize("form", ["call", "coroutine", "nogil", "parallel"])
def test_a_workload_without_a_heartbeat_runs_its_task_alone(form):
    """No thread, no timer, no wrapper."""
    before = threading.enumerate()
    with trial.heartbeat_beside(int, CATALOGUE.form(form), None) as (task, beating):
        assert task is int
        assert beating is None
        assert threading.enumerate() == before


def test_no_other_workload_has_a_heartbeat():
    others = {name for name in CATALOGUE.workload_names() if name != "convoy"}
    assert {CATALOGUE.workload(name).heartbeat_ms for name in others} == {None}


def test_convoy_is_the_very_work_of_primes():
    """So that its speed-ups can be compared with those of the other experiments."""
    same = replace(convoy.WORKLOAD, summary=primes.WORKLOAD.summary, heartbeat_ms=None)
    assert same == primes.WORKLOAD


def test_beats_meet_every_phase_of_the_usual_switch_intervals():
    """Else they would always or never come at the worst moment."""
    assert all(convoy.PERIOD_MS % interval and interval % convoy.PERIOD_MS for interval in (5, 50))


@cache
def measured(strategy, workload="convoy"):
    """A trial of at least 50 ms of a small version of the workload; the first one is that of every later test."""
    cell = Cell(workload, strategy, 1 if "sequential" in strategy else 2, "3.11", 6, 200)
    result = controller.run(Trial(1, 1, cell, 0.05, 60.0), Launcher(), CATALOGUE)
    assert (result.status, result.detail) == (Status.OK, "")
    return result


@pytest.mark.parametrize(
    "strategy",
    ["sequential", "threading", "asyncio", "multiprocessing", "numba-nogil", "numba-parallel"],
)
def test_every_beat_that_was_due_during_the_timed_passes_is_in_the_result(strategy):
    """Whatever runs the tasks, from the first pass to the last one, with the time between them."""
    result = measured(strategy)
    beats = result.measurement.beats
    passes = [one for one in result.measurement.passes if one.kind == "timed"]
    begin, end = passes[0].begin_ns, passes[-1].end_ns
    assert begin <= beats[0].due_ns < begin + PERIOD_NS
    assert end - PERIOD_NS < beats[-1].due_ns <= end
    for one, later in pairwise(beats):
        assert (later.number, later.due_ns) == (one.number + 1, one.due_ns + PERIOD_NS)
        assert one.due_ns <= one.taken_ns <= later.taken_ns


def test_the_schedule_begins_anew_with_each_turn():
    """No beat was due between two turns, when the process sleeps; each beat belongs to one turn."""
    cell = Cell("convoy", "threading", 2, "3.11", 6, 200)
    with MeasuredChild(Trial(1, 1, cell, 0.05, 60.0), Launcher(), CATALOGUE) as child:
        child.start()
        child.trace()
        turns = [child.turn(number, 1, 0.0, OtherProcesses()) for number in (1, 2)]
        result = child.finish()
    assert (result.status, result.detail) == (Status.OK, "")
    for turn in turns:
        begin, end = turn.passes[0].begin_ns, turn.passes[-1].end_ns
        assert turn.beats
        assert all(begin <= one.due_ns <= end for one in turn.beats)
        assert {later.due_ns - one.due_ns for one, later in pairwise(turn.beats)} <= {PERIOD_NS}
    assert result.measurement.beats == turns[0].beats + turns[1].beats


def test_a_trial_of_another_workload_has_no_beats():
    result = measured("threading", "primes")
    assert result.measurement.beats == ()
    assert beat_rows(result.trial, result.measurement.turns) == []


def test_the_heartbeat_is_no_worker():
    """Neither is it traced as a task nor does it make the trial impossible."""
    result = measured("sequential")
    assert len({(span.pid, span.tid) for span in result.measurement.spans}) == 1
    assert Flag.IMPOSSIBLE not in result.flags


def arrived(*delays_ms):
    return tuple(
        Beat(number, PERIOD_NS * number, PERIOD_NS * number + round(delay * MS))
        for number, delay in enumerate(delays_ms)
    )


def test_the_delays_of_a_trial_are_median_99th_percentile_and_worst():
    """Nearest rank, in seconds: each is a delay that was measured."""
    row = numbers_of(measurement(beats=arrived(*range(200, 0, -1))), "")
    assert (row.beats, row.delays) == (200, Delays(0.1, 0.198, 0.2))


def test_without_a_heartbeat_there_is_no_delay_rather_than_none_at_all():
    row = numbers_of(measurement(), "")
    assert (row.beats, row.delays) == (0, None)


def of_trial(number, *delays_ms):
    return [BeatRow(number, one, one.taken_ns - one.due_ns) for one in arrived(*delays_ms)]


def test_the_beats_of_a_cell_are_those_of_all_its_rounds():
    trials = [row(number=1), row(number=2, round=2), row("sequential", number=3)]
    (threads,) = beats_by_cell(trials, [*of_trial(1, 5, 1), *of_trial(2, 9)])
    assert threads.cell == trials[0].cell
    assert threads.delays_ns == (1 * MS, 5 * MS, 9 * MS)
    assert (threads.delay_s(0.5), threads.delay_s(1.0)) == (0.005, 0.009)


def test_rounds_that_something_speaks_against_are_left_out_if_there_are_others():
    trials = [row(number=1, flags=(Flag.DISTURBED,)), row(number=2, round=2)]
    (one,) = beats_by_cell(trials, [*of_trial(1, 100), *of_trial(2, 1)])
    assert one.delays_ns == (MS,)
    (one,) = beats_by_cell(trials[:1], of_trial(1, 100))
    assert one.delays_ns == (100 * MS,)


def test_edited_files_give_no_negative_delays_and_no_beats_of_trials_that_failed():
    trials = [row(number=1), row("asyncio", None, number=2)]
    (one,) = beats_by_cell(trials, [*of_trial(1, -3), *of_trial(2, 4), *of_trial(77, 4)])
    assert one.delays_ns == (0,)


def test_an_experiment_may_ask_for_longer_turns_and_the_user_has_the_last_word():
    """A 99th percentile needs more than a hundred beats. `--quick` has fewer turns, which are no shorter."""
    design = Design("mine", ("convoy",), min_time_s=1.0)
    asked = (Options(), Options(min_time_s=0.3), Options(quick=True))
    assert [settings(design, one, Catalogue(), 2).min_time_s for one in asked] == [1.0, 0.3, 1.0]
    assert settings(Design("other", ("primes",)), Options(), Catalogue(), 2).min_time_s == MIN_TIME_S


def test_the_experiment_measures_enough_beats_for_its_percentile():
    from experiments import convoy as experiment

    design = experiment.EXPERIMENT.design
    assert design.min_time_s * 1000 / convoy.PERIOD_MS > 100
    assert design.workloads == ("convoy",)
