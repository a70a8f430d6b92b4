"""What samples of the GILs say of a traced pass."""

from itertools import cycle, islice

import pytest

from gil_lab.measuring.gil_sampler import GONE, RAN, SLEPT, WAITED, GilSample, GilSamples
from gil_lab.measuring.traced_gils import LEAST_SAMPLES, with_gils
from gil_lab.model.gil import Waits
from gil_lab.model.records import Pass, TaskSpan, Trace

MS = 1_000_000
PID, FIRST, SECOND = 100, 201, 202


def sample(number, holder, handoffs, *doings):
    return GilSample(number * MS, (holder,), (handoffs,), bytes(doings))


def taken(samples, threads=(FIRST, SECOND), unknown=""):
    return GilSamples(((PID, 0),), tuple((PID, thread) for thread in threads), tuple(samples), unknown)


def span(thread=FIRST, begin_ms=0, end_ms=100, running_ms=50, ready_ms=0, task=0):
    return TaskSpan(task, PID, thread, begin_ms * MS, end_ms * MS, running_ms * MS, ready_ms * MS, 0, 0)


def trace(*spans, end_ms=100):
    return Trace(Pass("traced", 0, end_ms * MS), spans or (span(),))


def taking_turns(count=100):
    """Two threads that compute: one holds the GIL for 5 ms, and the other one waits for it."""
    for number in range(count):
        turn = number // 5
        first_holds = turn % 2 == 0
        yield sample(number, FIRST if first_holds else SECOND, turn, *((RAN, 0) if first_holds else (0, RAN)))


def test_two_threads_that_take_turns_hold_it_all_the_time_and_wait_for_it_half_of_theirs():
    """With each hand-over a hold of its own, of which the exact counter says that nothing was missed between."""
    seen = with_gils(trace(span(FIRST), span(SECOND, task=1)), taken(taking_turns()))
    (gil,) = seen.gil.gils
    assert (gil.held_share, gil.waiting, gil.handoffs) == (1.0, 1.0, 19)
    holds = seen.gil.holds
    assert [hold.tid for hold in holds] == list(islice(cycle((FIRST, SECOND)), 20))
    assert [hold.handoffs for hold in holds] == [0, *[1] * 19]
    assert [one.waits for one in seen.spans] == [Waits(50 * MS, 0, 0)] * 2
    assert seen.gil.waits == Waits(100 * MS, 0, 0)


def test_holds_have_no_gaps_between_them_and_a_free_gil_is_a_hold_of_nobody():
    """From the first sample to the last one."""
    samples = [sample(number, FIRST if number < 60 else None, 1, RAN) for number in range(100)]
    seen = with_gils(trace(), taken(samples, [FIRST])).gil
    assert [(hold.tid, hold.begin_ns, hold.end_ns) for hold in seen.holds] == [
        (FIRST, 0, 59.5 * MS),
        (None, 59.5 * MS, 99 * MS),
    ]
    assert seen.gils[0].held_share == 0.6


def test_blocked_time_is_split_in_the_proportion_of_the_samples_and_comes_to_the_exact_sum():
    """Thirty samples of sleep, ten of a lock, ten of the GIL; those in which it ran or was gone count for nothing."""
    doings = [SLEPT] * 30 + [WAITED] * 10 + [0] * 10 + [RAN] * 40 + [GONE] * 10
    samples = [sample(number, None, 0, doing) for number, doing in enumerate(doings)]
    seen = with_gils(trace(span(running_ms=33, ready_ms=6)), taken(samples, [FIRST]))
    waits = seen.spans[0].waits
    assert waits.gil_ns + waits.lock_or_io_ns + waits.sleep_ns == 61 * MS == seen.spans[0].blocked_ns
    assert waits.sleep_ns == pytest.approx(36.6 * MS)
    assert waits.gil_ns == pytest.approx(12.2 * MS)


def test_a_task_of_few_samples_has_no_parts_and_counts_among_all_tasks():
    """Five tasks of 20 ms with five blocked samples each: too few for each, enough for all."""
    doings = [RAN] * 15 + [0] * 5
    samples = [sample(number, None, 0, doings[number % 20]) for number in range(100)]
    tasks = [span(begin_ms=20 * n, end_ms=20 * n + 19, running_ms=14, task=n) for n in range(5)]
    seen = with_gils(trace(*tasks), taken(samples, [FIRST]))
    assert {one.waits for one in seen.spans} == {None}
    assert seen.gil.waits == Waits(25 * MS, 0, 0)


def test_coroutines_share_a_thread_which_does_not_tell_what_each_of_them_waits_for():
    """So the parts are unknown, and not zero; how much the GIL is held is known all the same."""
    samples = [sample(number, FIRST, 0, RAN) for number in range(100)]
    seen = with_gils(trace(span(), span(begin_ms=10, end_ms=90, task=1)), taken(samples, [FIRST]))
    assert {one.waits for one in seen.spans} == {None}
    assert seen.gil.waits is None
    assert "tasks share a thread" in seen.gil.waits_unknown
    assert seen.gil.gils[0].held_share == 1.0


def test_of_few_samples_in_which_tasks_were_blocked_there_are_no_parts_but_a_reason():
    """Blocked for 9 ms of 100, of which there are as many samples."""
    samples = [sample(number, FIRST, 0, 0 if number < 9 else RAN) for number in range(100)]
    seen = with_gils(trace(span(running_ms=91)), taken(samples, [FIRST])).gil
    assert seen.waits is None
    assert "seen in only 9 samples" in seen.waits_unknown


def test_what_a_thread_without_tasks_holds_is_told_from_what_tasks_hold():
    """Of the task's own time, in which it does not wait for the GIL: it holds it for a third, another one beside it.

    Until the GIL has changed hands it waits for it, also when it was woken and waits for a core.
    """
    doings = [(FIRST, 0, RAN), (SECOND, 1, 0), (SECOND, 1, 0), (SECOND, 1, RAN), (None, 1, RAN), (SECOND, 3, RAN)]
    doings += [(None, 3, RAN), (SECOND, 3, 0)]
    samples = [
        sample(number, holder, handoffs + 4 * (number // 8), doing, RAN)
        for number, (holder, handoffs, doing) in enumerate(islice(cycle(doings), 96))
    ]
    (seen,) = with_gils(trace(), taken(samples)).gil.gils
    assert (seen.held_share, seen.held_by_tasks, seen.held_by_others) == (6 / 8, 1 / 3, 5 / 8)


def test_what_tasks_hold_is_unknown_where_their_threads_are_not_watched():
    """What others hold is known from who holds it."""
    samples = [GilSample(number * MS, (SECOND if number % 2 else FIRST,), (0,), b"") for number in range(100)]
    (seen,) = with_gils(trace(), taken(samples, threads=())).gil.gils
    assert (seen.held_share, seen.held_by_tasks, seen.held_by_others) == (1.0, None, 0.5)


def test_where_it_cannot_be_seen_what_threads_wait_for_the_gil_is_seen_all_the_same():
    """On a libc whose condition variables sleep elsewhere."""
    samples = [GilSample(number * MS, (FIRST,), (0,), b"") for number in range(100)]
    seen = with_gils(trace(), taken(samples, threads=()))
    assert (seen.gil.gils[0].held_share, seen.gil.gils[0].waiting, seen.gil.waits) == (1.0, None, None)


def test_samples_before_and_after_the_pass_are_left_out():
    """They are taken from the order to trace until the answer."""
    samples = [sample(number, FIRST if 50 <= number <= 90 else None, 0, RAN) for number in range(200)]
    inside = Trace(Pass("traced", 50 * MS, 90 * MS), (span(begin_ms=50, end_ms=90),))
    assert with_gils(inside, taken(samples, [FIRST])).gil.gils[0].held_share == 1.0


IMPOSSIBLE = {
    "too few": [sample(number, FIRST, 0, RAN) for number in range(LEAST_SAMPLES - 1)],
    "a counter that goes back": [sample(number, FIRST, 100 - number, RAN) for number in range(100)],
    "a holder that does not exist": [sample(number, 0, number, RAN) for number in range(100)],
}


@pytest.mark.parametrize("samples", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_what_cannot_be_right_gives_no_number_and_a_reason(samples):
    """Never a wrong number."""
    seen = with_gils(trace(), taken(samples, [FIRST]))
    assert seen.gil.gils == ()
    assert seen.gil.unknown
    assert seen.spans[0].waits is None


@pytest.mark.parametrize(("pass_ms", "why"), [(20, "it is too short"), (120, "there was no core left to take more")])
def test_few_samples_are_the_fault_of_the_pass_or_of_the_machine(pass_ms, why):
    """Of a pass of 120 ms there would be a hundred."""
    few = [sample(number, FIRST, 0, RAN) for number in range(4)]
    assert why in with_gils(trace(end_ms=pass_ms), taken(few, [FIRST])).gil.unknown


def test_a_reason_that_was_known_before_is_kept():
    """Of a Python without a GIL, or a system that forbids it."""
    assert with_gils(trace(), taken([], unknown=NO_GIL)).gil.unknown == NO_GIL


NO_GIL = "this Python has no GIL"


def without_gil(doings):
    samples = [GilSample(number * MS, (), (), bytes([doing])) for number, doing in enumerate(doings)]
    return GilSamples((), ((PID, FIRST),), tuple(samples), NO_GIL)


def test_without_a_gil_it_is_seen_what_threads_wait_for():
    """None of it for a GIL; that there is none to be held is said all the same."""
    seen = with_gils(trace(span(running_ms=50)), without_gil(islice(cycle([RAN, RAN, SLEPT, WAITED]), 100)))
    assert seen.gil.unknown == NO_GIL
    assert seen.gil.waits == seen.spans[0].waits == Waits(0, 25 * MS, 25 * MS)


def test_without_a_gil_too_few_samples_say_nothing():
    """As with one."""
    seen = with_gils(trace(), without_gil([RAN, SLEPT, WAITED]))
    assert seen.gil.waits is None
    assert "only 3 samples" in seen.gil.waits_unknown
    assert seen.gil.unknown == NO_GIL
