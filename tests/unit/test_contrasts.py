"""Ratios of cells that took turns, with made-up turns whose true ratios are known."""

import math
import random
from dataclasses import replace

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from made import cell
from simulated_turns import Scenario, cells, turns

from gil_lab.analysis.contrasts import Contrast, Contrasts, TimedTurn, student
from gil_lab.analysis.contrasts.discoveries import Distinction, discoveries, distinguish
from gil_lab.analysis.contrasts.generations import generation_means
from gil_lab.analysis.contrasts.moderation import MOST_FREEDOM, prior
from gil_lab.analysis.estimates import Estimate

A, B, C = cell("sequential"), cell("threading"), cell("asyncio")


def alternating(*walls_by_generation, cells=(A, B)):
    """Turns of two cells, of which these are the wall times: a list a generation, of pairs by round."""
    return [
        TimedTurn(which, generation, number, wall_s)
        for generation, rounds in enumerate(walls_by_generation)
        for number, walls in enumerate(rounds)
        for which, wall_s in zip(cells, walls, strict=True)
    ]


def simulated(seed=1, **scenario):
    return list(turns(Scenario(**scenario), random.Random(seed)))


SESSIONS = st.builds(
    simulated,
    seed=st.integers(0, 1000),
    cells=st.integers(2, 5),
    generations=st.integers(1, 4),
    rounds=st.integers(4, 12),
    effect=st.floats(-1, 1),
    outliers=st.sampled_from([0.0, 0.1]),
)


def approximately(contrast):
    return tuple(pytest.approx(value, abs=1e-9) for value in (contrast.log_ratio, contrast.error, contrast.freedom))


def numbers(contrast):
    return contrast.log_ratio, contrast.error, contrast.freedom


# Student's t


@pytest.mark.parametrize(
    ("freedom", "level", "expected"),
    [
        (1, 0.95, 12.7062),
        (2, 0.95, 4.30265),
        (3, 0.99, 5.84091),
        (10, 0.95, 2.22814),
        (30, 0.999, 3.64596),
        (120, 0.95, 1.97993),
        (1e9, 0.95, 1.96020),
        (1, 0.5, 1),
        (2.5, 0.95, 3.57465),  # by integrating the density with Simpson's rule
    ],
)
def test_quantiles_are_those_of_the_tables(freedom, level, expected):
    """Also for degrees of freedom between whole numbers."""
    assert student.quantile(freedom, level) == pytest.approx(expected, rel=1e-4)


@given(st.floats(1, 500), st.floats(0.01, 0.9999))
def test_outside_a_quantile_lies_what_it_leaves(freedom, level):
    """The probability of the quantile is that for which it was asked."""
    assert student.two_sided_p(student.quantile(freedom, level), freedom) == pytest.approx(1 - level, rel=1e-6)


@pytest.mark.parametrize(("t", "freedom", "p"), [(0, 3, 1), (1, 1, 0.5), (-1, 1, 0.5), (2, 2, 0.183503), (50, 8, 0)])
def test_probabilities_are_those_of_the_tables(t, freedom, p):
    assert student.two_sided_p(t, freedom) == pytest.approx(p, abs=1e-6)


# The algebra of ratios


@given(SESSIONS)
def test_swapped_cells_give_the_inverse(session):
    """Who is called the reference is a matter of words."""
    contrasts = Contrasts(session)
    over, under = cells(2)
    there, back = contrasts.between(over, under), contrasts.between(under, over)
    assert there == back.inverse
    less, more = sorted((there.estimate(), back.estimate()), key=lambda ratio: ratio.value)
    assert less.value == 1 / more.value
    assert (less.low, less.high) == (pytest.approx(1 / more.high), pytest.approx(1 / more.low))


@given(SESSIONS)
def test_the_value_lies_in_its_interval(session):
    for over in cells(2):
        for under in cells(2):
            ratio = Contrasts(session).ratio(over, under)
            assert ratio.low <= ratio.value <= ratio.high


@given(SESSIONS)
def test_a_cell_takes_as_long_as_itself(session):
    """Exactly, with an interval of no width."""
    (first, *_) = cells(1)
    contrasts = Contrasts(session)
    assert contrasts.ratio(first, first) == Estimate(1, 1, 1)
    assert contrasts.between(first, first).p == 1


@given(SESSIONS, st.lists(st.floats(-3, 3), min_size=60, max_size=60))
def test_what_hits_a_whole_round_changes_nothing(session, logs):
    """A machine that becomes slower from round to round does so for all cells."""
    slower = [replace(turn, wall_s=turn.wall_s * math.exp(logs[12 * turn.generation + turn.round])) for turn in session]
    over, under = cells(2)
    assert numbers(Contrasts(slower).between(over, under)) == approximately(Contrasts(session).between(over, under))


@given(SESSIONS, st.floats(-5, 5))
def test_a_cell_that_takes_longer_by_a_factor_has_that_ratio(session, log):
    """And the same error as before."""
    over, under = cells(2)
    longer = [replace(turn, wall_s=turn.wall_s * math.exp(log)) if turn.cell == over else turn for turn in session]
    before, after = (Contrasts(each).between(over, under) for each in (session, longer))
    assert numbers(after) == approximately(replace(before, log_ratio=before.log_ratio + log))


@given(SESSIONS, st.randoms(use_true_random=False))
def test_the_order_of_turns_is_irrelevant(session, chance):
    """Rounds are paired by generation and number, and the session's cells are pooled in an order of their own."""
    over, under = cells(2)
    shuffled = chance.sample(session, len(session))
    assert Contrasts(shuffled).between(over, under) == Contrasts(session).between(over, under)


# What is compared


def test_cells_without_a_common_round_have_no_ratio():
    """Nor has a cell that had no turn."""
    apart = [TimedTurn(A, 0, 0, 1.0), TimedTurn(B, 0, 1, 1.0), TimedTurn(B, 1, 0, 1.0)]
    assert Contrasts(apart).ratio(A, B) is None
    assert Contrasts(apart).ratio(A, C) is None
    assert Contrasts([]).ratio(A, B) is None


def test_turns_that_only_one_cell_had_are_left_out():
    """A process that crashed, a cell that was not in a generation."""
    walls = [(1.0, 2.0), (1.1, 2.1), (1.0, 1.9)]
    alone = [TimedTurn(A, 0, 7, 99.0), TimedTurn(B, 0, 8, 99.0), TimedTurn(B, 3, 0, 99.0)]
    both = Contrasts(alternating(walls, walls, walls))
    assert Contrasts([*alternating(walls, walls, walls), *alone]).between(B, A) == both.between(B, A)


@pytest.mark.parametrize("rounds", [1, 2])
def test_fewer_than_three_rounds_have_no_interval(rounds):
    """Two values may be alike by chance."""
    contrast = Contrasts(alternating([(1.0, 2.0)] * rounds)).between(B, A)
    assert contrast.estimate() == Estimate(2, None, None)
    assert (contrast.p, contrast.reach(), contrast.rounds) == (None, None, rounds)


def test_flagged_turns_are_left_out_where_enough_remain():
    """Whichever of the two cells was flagged."""
    walls = [(1.0, 2.0), (1.0, 2.1), (1.0, 1.9), (1.0, 50.0)]
    session = alternating(walls, walls)
    for side in (A, B):
        flagged = [replace(turn, flagged=turn.round == 3 and turn.cell == side) for turn in session]
        found = Contrasts(flagged).between(B, A)
        assert found == Contrasts([turn for turn in session if turn.round != 3]).between(B, A)
        assert not found.flagged


@pytest.mark.parametrize(
    "unflagged",
    [
        {(0, 0), (1, 0)},  # two rounds
        {(0, 0), (0, 1), (0, 2), (0, 3)},  # one of three generations
        set(),
    ],
)
def test_flagged_turns_are_used_where_too_few_remain(unflagged):
    """The ratio says so."""
    session = alternating(*[[(1.0, 2.0), (1.0, 2.1), (1.0, 1.9), (1.0, 2.2)]] * 3)
    flagged = [replace(turn, flagged=(turn.generation, turn.round) not in unflagged) for turn in session]
    found = Contrasts(flagged).between(B, A)
    assert found.flagged
    assert replace(found, flagged=False) == Contrasts(session).between(B, A)


# Where the interval comes from


def test_the_generations_of_a_lone_pair_are_all_that_is_known():
    """Means 0, ln 2 and ln 4 have the mean ln 2 and the standard error ln 2 / root of 3, and t of 2 is 4.303."""
    contrast = Contrasts(alternating(*[[(1.0, wall_s)] * 3 for wall_s in (1.0, 2.0, 4.0)])).between(B, A)
    assert numbers(contrast) == approximately(Contrast(math.log(2), math.log(2) / math.sqrt(3), 2, 9, 3))
    assert contrast.reach() == pytest.approx(4.30265 * math.log(2) / math.sqrt(3), rel=1e-5)
    assert not contrast.assumed


@pytest.mark.parametrize("generations", [1, 2])
def test_what_too_few_generations_show_is_assumed(generations):
    """Processes differ, by 2 %: an interval is never narrower than that, however alike the rounds are."""
    alike = [(1.0, 2.0), (1.0, 2.0002), (1.0, 1.9998)]
    contrast = Contrasts(alternating(*[alike] * generations)).between(B, A)
    assert contrast.assumed
    assert 0.03 < contrast.estimate().half_width < 0.1


def test_other_cells_tell_how_much_processes_differ():
    """With eight cells an interval has more degrees of freedom than its own four generations."""
    contrasts = Contrasts(simulated(cells=8, generations=4, rounds=20))
    first, *others = cells(8)
    assert all(contrasts.between(other, first).freedom > 6 for other in others)


def test_a_noisy_cell_does_not_widen_the_intervals_of_the_others():
    """Only those of its own ratios."""
    calm = simulated(cells=6, generations=4, rounds=20, drift=0.0, noise=(0.01, 0.01))
    *_, last = cells(6)
    chance = random.Random(2)
    noisy = [replace(t, wall_s=t.wall_s * math.exp(chance.gauss(0, 0.3))) if t.cell == last else t for t in calm]
    before, after = Contrasts(calm), Contrasts(noisy)
    first, second, *_ = cells(6)
    assert after.ratio(second, first).half_width < 1.5 * before.ratio(second, first).half_width
    assert after.ratio(last, first).half_width > 5 * before.ratio(last, first).half_width


def test_one_turn_that_went_wrong_weighs_little():
    """Of ten, it moves the mean by less than the spread of the others."""
    walls = [0.0, 0.01, -0.01, 0.02, -0.02, 0.0, 0.01, -0.01, 0.015, 3.0]
    means = generation_means([walls])
    assert abs(means.means[0]) < 0.02
    assert means.variance < 0.03**2


@given(st.lists(st.lists(st.floats(-1, 1), min_size=1, max_size=6), min_size=1, max_size=4))
def test_generation_means_lie_among_their_values(generations):
    found = generation_means(generations)
    for values, mean in zip(generations, found.means, strict=True):
        assert min(values) - 1e-12 <= mean <= max(values) + 1e-12
    assert found.variance >= 0


def test_variances_that_differ_by_chance_only_are_taken_for_one():
    """And those that differ beyond it for their own."""
    chance = random.Random(3)

    def variances(scales):
        return [scale * sum(chance.gauss(0, 1) ** 2 for _ in range(4)) / 4 for scale in scales]

    alike, unlike = (prior(variances(s), [4] * 400, 0.0) for s in ([2.0] * 400, [0.1, 10.0] * 200))
    assert alike.scale == pytest.approx(2, rel=0.15)
    assert alike.freedom > 20
    assert unlike.freedom < 4
    assert prior([1.0, 1.0], [3, 3], 0.0).freedom == MOST_FREEDOM


@examples(20)
@given(SESSIONS, st.data())
def test_any_part_of_a_session_has_intervals(session, data):
    """Unbalanced as crashes leave it: cells that miss rounds and generations."""
    part = data.draw(st.lists(st.sampled_from(session), unique_by=id, min_size=1))
    contrasts = Contrasts(part)
    over, under = cells(2)
    contrast = contrasts.between(over, under)
    if contrast and contrast.rounds >= 3:
        assert 0 < contrast.error < math.inf
        assert contrast.freedom >= 1


def test_turns_without_any_noise_have_ratios():
    """No spread anywhere is no reason to divide by it."""
    exact = alternating(*[[(1.0, 2.0, 4.0)] * 4] * 3, cells=(A, B, C))
    assert Contrasts(exact).ratio(C, A).value == pytest.approx(4)
    assert Contrasts(exact).ratio(C, A).half_width < 1e-6


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    """Few sessions, so that a gross mistake shows; benchmarks/interval_coverage.py has many, of many machines."""
    held = []
    for seed in range(40):
        contrasts = Contrasts(simulated(seed, cells=5, generations=3, rounds=9, effect=0.3))
        first, *others = cells(5)
        truths = [0.3, 0.0, 0.0, 0.0]
        pairs = [(contrasts.between(other, first), truth) for other, truth in zip(others, truths, strict=True)]
        held += [abs(contrast.log_ratio - truth) <= contrast.reach() for contrast, truth in pairs]
    assert 0.89 <= sum(held) / len(held) < 1


# Many pairs


def known(log_ratio, error=0.01, freedom=20):
    return Contrast(log_ratio, error, freedom, 20, 4)


@pytest.mark.parametrize(
    ("ps", "expected"),
    [
        ([], []),
        ([0.04], [True]),
        ([0.06], [False]),
        ([0.04, 0.9], [False, False]),
        ([0.05, 0.04], [True, True]),  # the greatest is small enough, and then so are the others
        ([0.01, 0.013, 0.03, 0.9, None], [True, True, True, False, False]),
    ],
)
def test_discoveries_are_those_of_benjamini_and_hochberg(ps, expected):
    """The greatest p that is at most its rank's share of the rate, and all below it."""
    assert discoveries(ps) == expected


def test_discoveries_of_nothing_are_few():
    """Of twenty families of fifty pairs without any difference, about one in twenty has a false discovery."""
    chance = random.Random(5)
    families = [discoveries([chance.random() for _ in range(50)]) for _ in range(200)]
    assert sum(map(any, families)) / 200 < 0.1


@pytest.mark.parametrize(
    ("contrast", "expected"),
    [
        (known(0.5), Distinction.DIFFERENT),
        (known(0.02), Distinction.NOT_SEEN),
        (known(0.0, 0.005), Distinction.NEGLIGIBLE),
        (known(0.015, 0.001), Distinction.NEGLIGIBLE),  # there, and too small to matter
        (known(0.0, None), Distinction.NOT_SEEN),
        (known(0.0, 0.0), Distinction.NEGLIGIBLE),
        (known(0.1, 0.0), Distinction.DIFFERENT),
    ],
)
def test_a_pair_differs_or_does_not_or_it_is_not_seen(contrast, expected):
    """Smaller differences than the threshold are said to be so, even where they are certain."""
    assert distinguish({"pair": contrast}) == {"pair": expected}
    assert distinguish({"pair": contrast.inverse}) == {"pair": expected}


def test_the_threshold_is_the_callers():
    assert distinguish({1: known(0.05, 0.001)}, threshold=0.1) == {1: Distinction.NEGLIGIBLE}


def test_among_many_pairs_a_lone_small_p_is_no_discovery():
    """It is what chance brings among twenty."""
    lone = {0: known(0.0225), **{number: known(0.03 * (-1) ** number, 0.05) for number in range(1, 20)}}
    assert lone[0].p < 0.05
    assert distinguish(lone)[0] is Distinction.NOT_SEEN
    assert distinguish({0: lone[0]})[0] is Distinction.DIFFERENT
