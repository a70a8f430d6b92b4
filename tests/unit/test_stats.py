"""Statistics: what a session's rows come to. Numbers were worked out by hand, from the rules and not from the code."""

import math
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import cell, failed, numbers, rounds, row

from gil_lab.analysis.contrasts import Contrasts, TimedTurn
from gil_lab.analysis.summaries import (
    Estimate,
    Summary,
    break_even_s,
    estimate,
    summaries,
    unflagged,
)
from gil_lab.analysis.verdicts import Verdict
from gil_lab.model.records import COUNTED_FLAGS, Flag, Status
from gil_lab.report.tables.results import against_sequential

REFERENCES = {"numba-sequential": "numba-sequential", "numba-nogil": "numba-sequential"}
RATIOS = st.floats(0.001, 1000)


def told(*trials):
    """The summaries of these trials, by strategy."""
    made = summaries(trials, lambda strategy: REFERENCES.get(strategy, "sequential"))
    return {summary.cell.strategy: summary for summary in made}


def close(value, low, high):
    return pytest.approx(value), pytest.approx(low, rel=1e-3), pytest.approx(high, rel=1e-3)


# Estimates: medians with Student's interval on the logarithms


def test_a_single_round_gives_no_interval():
    """One number has no spread, so nothing is said about a difference."""
    assert estimate([1.9]) == Estimate(1.9, None, None)
    assert estimate([1.9]).shows_a_difference is None


def test_equal_rounds_give_an_interval_of_no_width():
    """Without spread there is no doubt."""
    assert estimate([1, 1, 1]) == Estimate(1, 1, 1)


def test_two_rounds_give_the_interval_of_one_degree_of_freedom():
    """Logarithms 0 and ln 4 have mean ln 2 and standard error ln 2, and t is 12.706."""
    found = estimate([1, 4])
    assert (found.low, found.high) == (pytest.approx(2 ** (1 - 12.706)), pytest.approx(2 ** (1 + 12.706)))


@pytest.mark.parametrize(
    ("logarithms", "middle", "low", "high"),
    [
        ((-1, 0, 1), 0, -4.303 / math.sqrt(3), 4.303 / math.sqrt(3)),
        ((0, 0, 3), 0, 1 - 4.303, 1 + 4.303),
        ((-2, -1, 0, 1, 2), 0, -2.776 / math.sqrt(2), 2.776 / math.sqrt(2)),
        ((-1,) * 16 + (1,) * 15, -1, -1 / 31 - 2.042 * 0.182479, -1 / 31 + 2.042 * 0.182479),
    ],
)
def test_the_interval_is_students(logarithms, middle, low, high):
    """Mean of the logarithms, give or take t times their standard error, with t from any table."""
    found = estimate([math.exp(value) for value in logarithms])
    stretched = min(low, middle), max(high, middle)
    assert (found.value, found.low, found.high) == close(math.exp(middle), *map(math.exp, stretched))


def test_the_table_of_quantiles_goes_on_smoothly():
    """Beyond thirty degrees of freedom t still is what the tables say: 2.021 for 40, 1.980 for 120."""
    for freedom, quantile in ((40, 2.021), (120, 1.980)):
        logarithms = [-1, 1] * (freedom // 2) + [0]
        error = math.sqrt(2 * (freedom // 2) / freedom / (freedom + 1))
        assert estimate([math.exp(value) for value in logarithms]).high == pytest.approx(
            math.exp(quantile * error), rel=1e-3
        )


def test_the_interval_is_stretched_to_hold_the_median():
    """Of twenty rounds at 1 and ten far above, the mean's interval alone would lie above the median."""
    found = estimate([1.0] * 20 + [math.exp(3)] * 10)
    assert (found.value, found.low) == (1, 1)
    assert found.high == pytest.approx(math.exp(1 + 2.045 * math.sqrt(60 / 29 / 30)), rel=1e-3)


@given(st.lists(RATIOS, min_size=2, max_size=40))
def test_every_interval_holds_its_value(ratios):
    """Low, value and high are in this order, whatever was measured."""
    found = estimate(ratios)
    assert found.low <= found.value <= found.high


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0.9, 1.1, False), (1.0, 1.2, False), (0.8, 1.0, False), (1.01, 1.2, True), (0.8, 0.99, True), (None, None, None)],
)
def test_a_difference_shows_if_the_interval_leaves_one_out(low, high, expected):
    """An interval that touches 1 holds it."""
    assert Estimate(1.05, low, high).shows_a_difference is expected


# Speed-ups: paired within rounds


def compared(reference, trials):
    """The speed-up of these trials of `threading` against these of `sequential`."""
    return told(*reference, *trials)["threading"].speedup


def test_drift_that_hits_both_cancels():
    """A machine that becomes four times slower from round to round changes no ratio within a round."""
    assert compared(rounds("sequential", 1, 4, 16), rounds("threading", 0.5, 2, 8)) == Estimate(2, 2, 2)


def test_rounds_are_paired_by_number_and_not_by_order():
    """The random order of trials is no part of the pairing."""
    reference, fast = rounds("sequential", 1, 4, 16), rounds("threading", 0.5, 2, 8)
    assert compared(reference[::-1], fast) == Estimate(2, 2, 2)


def test_rounds_that_only_one_finished_are_left_out():
    """What was not measured beside its reference has no speed-up."""
    reference = [*rounds("sequential", 1, 1), row("sequential", None, round=3)]
    fast = [*rounds("threading", 0.5), row("threading", None, round=2), row("threading", 0.1, round=3)]
    assert compared(reference, fast) == Estimate(2, None, None)


def test_there_is_no_speedup_without_a_common_round():
    """None, and neither 0 nor 1."""
    assert compared(rounds("sequential", 1), [row("threading", 1, round=2)]) is None
    assert compared([], rounds("threading", 1)) is None


@pytest.mark.parametrize("flag", sorted(COUNTED_FLAGS))
@pytest.mark.parametrize("side", [0, 1])
def test_a_doubtful_round_is_left_out(flag, side):
    """It does not matter which trial of the pair is flagged: both are needed."""
    sides = [rounds("sequential", 2, 2, 2), rounds("threading", 1, 1, 0.1)]
    sides[side][2] = replace(sides[side][2], flags=(flag,))
    assert compared(*sides) == Estimate(2, 2, 2)


def test_doubtful_rounds_are_used_if_there_are_no_others():
    """Doubtful numbers, shown as such, are better than none."""
    flagged = {"flags": (Flag.DISTURBED,)}
    assert compared(rounds("sequential", 2, 2, **flagged), rounds("threading", 1, 1)) == Estimate(2, 2, 2)


@pytest.mark.parametrize("doubted", ["sequential", "numba-sequential", "numba-nogil"])
def test_both_speedups_come_from_the_same_rounds(doubted):
    """Else one could not be divided by the other: a round that is flagged in one of the three is left out of both."""
    trials = [*rounds("sequential", 8, 8, 3), *rounds("numba-sequential", 1, 1, 5), *rounds("numba-nogil", 0.5, 0.5, 7)]
    (bad,) = [one for one in trials if (one.round, one.cell.strategy) == (3, doubted)]
    found = told(*(replace(one, flags=(Flag.IMPOSSIBLE,)) if one is bad else one for one in trials))
    assert (found["numba-nogil"].speedup.value, found["numba-nogil"].parallel_speedup.value) == (16, 2)


def test_a_trial_that_left_processes_behind_counts_only_where_there_is_no_other():
    """They may have done its work, where they are not measured."""
    leaky, clean = row("threading", flags=(Flag.LEAKED_PROCESSES,)), row("threading", flags=(Flag.FEW_WORKERS,))
    assert unflagged([leaky, clean]) == [clean]
    assert unflagged([leaky]) == [leaky]


def test_a_drifting_machine_is_counted_and_its_rounds_are_used():
    """It hits all cells of a round alike, and widens the interval where it does not."""
    drifted = {"flags": (Flag.DRIFTED,)}
    found = told(*rounds("sequential", 1, 4, **drifted), *rounds("threading", 0.5, 2), row(round=3, **drifted))
    assert found["threading"].speedup == Estimate(2, 2, 2)
    assert [(one.trials, one.used, one.drifted) for one in found.values()] == [(2, 2, 2), (3, 3, 1)]


@given(st.lists(st.tuples(RATIOS, RATIOS), min_size=1, max_size=9))
def test_the_speedup_of_swapped_roles_is_the_reciprocal(walls):
    """Who is called the reference is a matter of words."""
    one, other = zip(*walls, strict=True)
    there = compared(rounds("sequential", *one), rounds("threading", *other))
    back = compared(rounds("sequential", *other), rounds("threading", *one))
    assert there.value * back.value == pytest.approx(1)
    if len(walls) > 1:
        assert there.low * back.high == pytest.approx(1)
        assert there.high * back.low == pytest.approx(1)


def test_a_compiled_strategy_has_two_speedups():
    """Eight times by compilation and twice by running at the same time make sixteen times overall."""
    found = told(*rounds("sequential", 8), *rounds("numba-sequential", 1), *rounds("numba-nogil", 0.5))
    assert {name: (one.speedup.value, one.parallel_speedup.value) for name, one in found.items()} == {
        "sequential": (1, 1),
        "numba-sequential": (8, 1),
        "numba-nogil": (16, 2),
    }


def test_efficiency_is_the_parallel_speedup_per_worker():
    """Compilation makes no worker more efficient."""
    found = told(*rounds("sequential", 8), *rounds("numba-sequential", 1), *rounds("numba-nogil", 0.4))
    assert found["numba-nogil"].efficiency == pytest.approx(2.5 / 2)


@pytest.mark.parametrize("change", [{"size": 1}, {"tasks": 1}, {"workload": "sha256"}, {"interpreter": "3.14t"}])
@pytest.mark.parametrize("changed", ["sequential", "threading"])
def test_only_the_same_work_is_a_reference(change, changed):
    """Another size, split, workload or interpreter is another question."""
    cells = [cell(strategy, **(change if strategy == changed else {})) for strategy in ("sequential", "threading")]
    assert told(*(row(cell=one) for one in cells))["threading"].speedup is None


# Break-even


@pytest.mark.parametrize(("overhead_s", "times"), [(0.5, 2.0), (1.25, 1.25), (0.0, 3.0), (2.5, 1.01)])
def test_at_the_break_even_both_ways_take_equally_long(overhead_s, times):
    """Overhead and the faster work together take as long as the sequential work; below it they take longer."""
    work_s = break_even_s(overhead_s, Estimate(times, times, times))
    assert overhead_s + work_s / times == pytest.approx(work_s)


@pytest.mark.parametrize(
    "overall",
    [None, Estimate(1.2, 0.99, 1.5), Estimate(1.2, 1.0, 1.5), Estimate(0.5, 0.4, 0.6), Estimate(2.0, None, None)],
)
def test_what_is_not_shown_to_be_faster_never_pays(overall):
    """No number of seconds makes up for an overhead if the speed-up may be none; and one round shows nothing."""
    assert break_even_s(1.0, overall) is None


def test_startup_and_compilation_must_be_paid_back():
    """Both are overhead: three seconds at twice the speed are paid back after six sequential ones."""
    fast = rounds("threading", 1, 1, numbers=numbers(0.5, startup_s=1.0, compile_s=2.0))
    assert told(*rounds("sequential", 1, 1), *fast)["threading"].break_even_s == pytest.approx(6)


# Summaries


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.OK])
def test_a_failed_cell_has_a_status_and_no_numbers(status):
    """What went wrong is told; every number is None, never 0."""
    found = told(*rounds("sequential", 1), row("threading", None, status=status, detail="it broke"))["threading"]
    assert found == failed("threading", status, "it broke")
    assert {getattr(found, field.name) for field in fields(Summary) if field.default is None} == {None}


def test_a_partly_failed_cell_has_both():
    """Numbers of the rounds that worked, and the status of the one that did not."""
    found = told(row("threading", 2.0), row("threading", None, round=2, status=Status.CRASHED, detail="SIGSEGV"))
    assert (found["threading"].status, found["threading"].detail) == (Status.CRASHED, "SIGSEGV")
    assert (found["threading"].trials, found["threading"].used, found["threading"].wall_s) == (1, 1, 2.0)


def test_numbers_are_medians_of_the_undoubted_rounds():
    """The flagged one is counted as measured, and its flag is kept; its numbers are not used."""
    trials = [*rounds("threading", 1, 3, 2), row("threading", 99, round=4, flags=(Flag.DISTURBED,))]
    found = told(*trials)["threading"]
    assert (found.wall.median_s, found.wall.least_s, found.wall.greatest_s) == (2, 1, 3)
    assert (found.trials, found.used, found.flags) == (4, 3, (Flag.DISTURBED,))


def test_the_verdict_comes_from_the_medians():
    """One lucky round makes nothing parallel."""
    busy = [row("threading", round=n, numbers=numbers(cores_busy=c)) for n, c in ((1, 1.0), (2, 1.9), (3, 1.1))]
    found = told(*busy)["threading"]
    assert (found.cores_busy, found.verdict) == (1.1, Verdict.CONCURRENT)


@pytest.mark.parametrize(("peaks", "expected"), [((None, None), None), ((None, 5), 5), ((7, 5), 7)])
def test_the_peak_of_memory_is_that_of_all_rounds(peaks, expected):
    """What the system does not tell is None, not 0."""
    trials = [row(round=number, numbers=numbers(peak_rss_bytes=peak)) for number, peak in enumerate(peaks, 1)]
    assert told(*trials)["threading"].memory.peak_rss_bytes == expected


def test_cells_keep_the_order_of_their_first_trials():
    """And cells of different numbers of workers are different cells."""
    trials = [row(cell=cell(strategy, workers=n)) for strategy, n in (("joblib", 4), ("threading", 2), ("joblib", 2))]
    made = summaries([*trials, *trials], lambda strategy: "sequential")
    assert [(summary.cell.strategy, summary.cell.workers) for summary in made] == [
        ("joblib", 4),
        ("threading", 2),
        ("joblib", 2),
    ]


def test_each_speedup_is_told_where_only_its_own_reference_shares_a_round():
    """A reference that failed in a round costs the other one nothing."""
    told_ = told(
        *[row("sequential", 1.0, round=1), row("numba-sequential", 0.1, round=2)],
        *rounds("numba-nogil", 0.05, 0.05),
    )["numba-nogil"]
    assert (told_.speedup.value, told_.parallel_speedup.value) == (pytest.approx(20), pytest.approx(2))


def test_a_further_worker_costs_what_the_largest_pool_has_more_than_the_smallest():
    """Each of those beyond the smallest pool, paired within rounds; told of the largest pool only."""
    rows = [
        row("threading", number=10 * turn + workers, round=turn, cell=cell(workers=workers), numbers=costs)
        for turn, per_worker_s in ((1, 0.1), (2, 0.3), (3, 0.2))
        for workers in (1, 2, 5)
        for costs in [numbers(startup_s=7 * turn + per_worker_s * workers, pss_bytes=10**7 + 10**6 * workers)]
    ]
    told = {one.cell.workers: one for one in summaries(rows, lambda name: "sequential")}
    assert told[5].marginal_cost.start_up_s == pytest.approx(0.2)
    assert told[5].marginal_cost.memory_bytes == pytest.approx(10**6)
    assert [told[few].marginal_cost.start_up_s for few in (1, 2)] == [None, None]


def test_a_pool_of_one_size_tells_nothing_of_a_further_worker():
    """Nor do rounds in which the smallest pool has no numbers, or memory that the system does not tell."""
    (alone,) = summaries(rounds("threading", 1.0, 1.0), lambda name: "sequential")
    assert alone.marginal_cost.start_up_s is None
    small = row("threading", None, number=1, cell=cell(workers=1))
    large = row("threading", number=2, cell=cell(workers=3), numbers=numbers(pss_bytes=None))
    assert [one.marginal_cost.start_up_s for one in summaries([small, large], lambda name: "sequential")] == [
        None,
        None,
    ]
    told = summaries([row("threading", number=1, cell=cell(workers=1)), large], lambda name: "sequential")[1]
    assert (told.marginal_cost.start_up_s, told.marginal_cost.memory_bytes) == (0, None)


def test_where_speedups_are_told_pools_differ_in_size_for_another_reason():
    """A session of `scaling` is not about the price of a worker."""
    rows = [row("threading", number=count, cell=cell(workers=count)) for count in (1, 4)]
    told = summaries([*rows, row("sequential", number=9)], lambda name: "sequential")
    assert [one.marginal_cost.start_up_s for one in told] == [None, None, None]


def test_where_no_core_was_idle_the_verdict_comes_from_the_cores_that_were_wanted():
    """Two processes beside two busy loops, every round disturbed, and one that failed."""
    asked = {"cores_busy": 0.9, "other_cores_busy": 1.1, "cores_wanted": 2.0, "ready_share": 0.5, "blocked_share": 0.0}
    seen = numbers(**asked)
    rows = [row("multiprocessing", number=n, round=n, flags=(Flag.DISTURBED,), numbers=seen) for n in (1, 2)]
    rows.append(row("multiprocessing", number=3, round=3, wall_s=None))
    (found,) = summaries(rows, lambda _: "sequential", cores=2)
    assert (found.verdict, found.cores_wanted) == (Verdict.SHORT_OF_CORES, 2.0)
    (found,) = summaries(rows, lambda _: "sequential", cores=4)
    assert found.verdict is Verdict.CONCURRENT  # two cores were idle: nothing wanted them
    (found,) = summaries(rows, lambda _: "sequential")
    assert found.verdict is Verdict.CONCURRENT  # of which machine nothing is known


def test_a_speed_up_against_a_flagged_reference_is_marked():
    """Its own rounds are fine; what it is relative to was disturbed in every round."""
    reference = [row("sequential", number=n, round=n, wall_s=1.0, flags=(Flag.DISTURBED,)) for n in (1, 2)]
    rows = [
        *reference,
        row("threading", number=3, round=1, wall_s=0.5),
        row("threading", number=4, round=2, wall_s=0.5),
    ]
    found = {one.cell.strategy: one for one in summaries(rows, lambda _: "sequential")}
    assert not found["threading"].flagged
    assert found["threading"].speedup.flagged
    assert against_sequential(found["threading"]).endswith("*")
    assert found["sequential"].flagged
    clean = [replace(one, flags=()) for one in rows]
    (_, cell) = summaries(clean, lambda _: "sequential")
    assert not cell.speedup.flagged
    assert "*" not in against_sequential(cell)


@pytest.mark.parametrize(("flagged", "marked"), [((1, 2, 3, 4), True), ((1,), False)])
def test_a_ratio_of_turns_is_marked_if_flagged_ones_were_used(flagged, marked):
    """Only where too few others remain."""
    one, other = cell("sequential"), cell("threading")
    turns = [
        TimedTurn(each, 1, number, 1.0 + 0.01 * number, flagged=each == one and number in flagged)
        for number in (1, 2, 3, 4)
        for each in (one, other)
    ]
    assert Contrasts(turns).ratio(one, other).flagged is marked


def test_cpu_time_is_told_against_the_same_form_in_turn():
    """Medians of both; where the reference used none, there is no ratio."""
    rows = [row("sequential", number=n, round=n, numbers=numbers(cpu_s=s)) for n, s in ((1, 0.2), (2, 0.3), (3, 9.0))]
    rows += [row("threading", number=9, round=1, numbers=numbers(cpu_s=0.6))]
    assert told(*rows)["threading"].cpu_ratio == pytest.approx(2)
    assert told(rows[-1])["threading"].cpu_ratio is None
    idle = [replace(one, numbers=replace(one.numbers, cpu_s=0.0)) for one in rows]
    assert told(*idle)["threading"].cpu_ratio is None
