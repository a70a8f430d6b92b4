"""Which variant is advised, and how sure that is."""

from dataclasses import replace

import pytest
from made import cell, failed, summary
from made_summaries import sped_up
from made_targets import examined, target_facts

from gil_lab.advice.decision import Certainty, choose
from gil_lab.advice.reasons import reason
from gil_lab.analysis.distinctions import Distinction
from gil_lab.analysis.estimates import Estimate
from gil_lab.model.records import Flag, Status


def test_the_fastest_is_advised_if_all_others_are_known_to_be_slower():
    """Then it is sure."""
    found = choose([sped_up(1.9, 1.85, 1.95), sped_up(1.1, 1.05, 1.15, strategy="joblib")])
    assert (found.best.cell.strategy, found.certainty, found.ties) == ("multiprocessing", Certainty.SURE, ())


def test_of_those_as_fast_the_simplest_is_advised():
    """Threads are simpler than processes, and what needs no package than what does; the others are named as ties."""
    rows = [sped_up(1.92, 1.88, 1.96, strategy=name) for name in ("joblib", "multiprocessing", "threading")]
    found = choose(rows)
    assert (found.best.cell.strategy, found.certainty) == ("threading", Certainty.TIE)
    assert {one.cell.strategy for one in found.ties} == {"joblib", "multiprocessing"}


def test_of_those_as_fast_the_fewest_workers_are_advised():
    """Within 5 %; more workers of the same strategy are no tie."""
    rows = [
        sped_up(gain, gain - 0.03, gain + 0.03, cell=cell("threading", workers=n)) for n, gain in ((4, 1.9), (2, 1.86))
    ]
    found = choose(rows)
    assert (found.best.cell.workers, found.certainty) == (2, Certainty.SURE)


def test_a_gain_below_a_tenth_is_not_worth_a_pool():
    """However well it is known."""
    found = choose([sped_up(1.06, 1.05, 1.07)])
    assert (found.best, found.certainty) == (None, Certainty.SURE)


def test_what_the_noise_hides_is_inconclusive():
    """Nothing is advised that may be slower; what looks fastest is named with its interval."""
    found = choose([sped_up(1.5, 0.8, 2.9)])
    assert (found.best, found.certainty) == (None, Certainty.INCONCLUSIVE)
    assert "multiprocessing x2 looks faster, 1.50x [0.800, 2.90]" in found.why
    assert "noise" in found.why


def test_the_best_of_many_may_be_so_by_chance():
    """Its own interval excludes 1, and what is known of all comparisons does not: both are said."""
    gain = Estimate(1.5, 1.2, 1.9, distinction=Distinction.NOT_SEEN)
    found = choose([replace(summary("multiprocessing"), speedup=gain), sped_up(1.0, 0.9, 1.1, strategy="joblib")])
    assert (found.best, found.certainty) == (None, Certainty.INCONCLUSIVE)
    assert found.why == "multiprocessing x2 looks faster, 1.50x [1.20, 1.90], but of 2 variants one may do so by chance"


@pytest.mark.parametrize("interval", [(0.7, 1.9), (None, None)])
def test_what_may_gain_more_than_a_tenth_leaves_it_open(interval):
    """Where nothing gained so much: its interval reaches far above it, or is not known."""
    found = choose([sped_up(1.06, *interval), sped_up(1.0, 0.97, 1.03, strategy="joblib")])
    assert (found.best, found.certainty) == (None, Certainty.INCONCLUSIVE)
    assert "multiprocessing x2 may gain more than a tenth, 1.06x" in found.why


def test_what_gains_a_tenth_at_most_is_not_worth_a_pool():
    """Also where the end of its interval is a little above that."""
    found = choose([sped_up(1.03, 0.95, 1.12)])
    assert (found.best, found.certainty) == (None, Certainty.SURE)


def test_flagged_gains_are_never_sure():
    """Beside a busy neighbour an advice is better than none, and says that it is inconclusive."""
    flagged = sped_up(3.0, 1.6, 6.0, strategy="numba-nogil", flags=(Flag.DISTURBED,))
    found = choose([flagged, sped_up(1.9, 1.85, 1.95)])
    assert (found.best, found.certainty) == (flagged, Certainty.INCONCLUSIVE)
    assert "other programs" in found.why


def test_what_is_twelve_times_as_fast_beside_a_neighbour_is_faster():
    """Nothing that others do makes a function as slow as that."""
    flagged = sped_up(30.0, 12.0, 60.0, strategy="numba-nogil", flags=(Flag.DISTURBED,))
    found = choose([flagged, sped_up(1.9, 1.85, 1.95)])
    assert (found.best, found.certainty) == (flagged, Certainty.SURE)


def home(held):
    """Sequential work, during which the GIL is held for that share of the time."""
    return summary("sequential", speedup=1.0, speedup_low=1.0, speedup_high=1.0, gil_held_share=held)


def test_threads_are_not_advised_for_what_holds_the_gil_all_the_time():
    """On a busy machine they get more of the cores than one that computes, and look faster; they cannot be."""
    threads = sped_up(1.8, 1.5, 2.1, strategy="threading")
    alone = choose([home(1.0), threads])
    assert (alone.best, alone.certainty) == (None, Certainty.SURE)
    assert "it holds the GIL" in alone.why
    assert choose([home(0.4), threads]).best is threads
    processes = sped_up(1.7, 1.5, 1.9)
    assert choose([home(1.0), threads, processes]).best is processes


def test_threads_without_a_gil_are_advised_as_before():
    """Under another Python than the first one, say."""
    threads = sped_up(1.8, 1.5, 2.1, strategy="threading", gil=False)
    assert choose([home(1.0), threads]).best is threads


def test_where_every_other_model_answers_otherwise_the_function_stays_as_it_is():
    """That is sure."""
    found = choose([replace(failed(name), status=Status.WRONG) for name in ("threading", "joblib")])
    assert (found.best, found.certainty) == (None, Certainty.SURE)
    assert "answers are others" in found.why


@pytest.mark.parametrize(("together_s", "named"), [(1.6, True), (1.1, False)])
def test_calls_that_compute_for_longer_beside_others_share_the_hardware(together_s, named):
    """As many cores are busy as there are, and yet it gains little; what a pool adds is outside of the calls."""
    alone = summary("sequential", cell=cell("sequential", workers=1), wall_s=1.0, in_flight=1.0, running_share=1.0)
    both = summary("multiprocessing", gil=False, wall_s=together_s / 2, in_flight=2.0, cores_busy=2, running_share=1.0)
    assert ("memory bandwidth" in reason(both, examined(), 2, alone)) is named


def test_a_model_with_wrong_answers_is_never_advised():
    """It is unsafe, and why stands there."""
    wrong = replace(
        failed("threading"), status=Status.WRONG, detail="the answers differ; if both are right, set varies"
    )
    found = choose([wrong, sped_up(1.9, 1.85, 1.95)])
    assert found.best.cell.strategy == "multiprocessing"
    assert reason(wrong, examined(), 2) == "unsafe for this function: the answers differ"


def test_without_any_measurement_the_cause_is_named():
    """That of the first failure."""
    found = choose([failed("threading", detail="not done after 60 s"), failed("joblib", status=Status.WRONG)])
    assert (found.best, found.certainty, found.why) == (None, Certainty.INCONCLUSIVE, "not done after 60 s")


@pytest.mark.parametrize(
    ("one", "facts", "words"),
    [
        (summary("threading"), target_facts(), "the GIL"),
        (summary("threading", gil=False, cores_busy=1.9), target_facts(), "the cores"),
        (summary("multiprocessing", gil=False, in_flight=0.3), target_facts(1e-5), "hand-over: 85 %"),
        (summary("multiprocessing", gil=False, cpu_ratio=2.5), target_facts(), "2.5 times the CPU time"),
        (summary("asyncio", cores_busy=0.1), target_facts(computing=0.1), "blocks the event loop"),
        (summary("threading", cores_busy=0.1, speedup=1.9), target_facts(computing=0.1), "waits alone: 2"),
        (summary("numba-sequential", speedup=9.0), target_facts(), "one at a time"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_reason_is_what_was_measured(one, facts, words):
    """In a few words, each from its own number."""
    assert words in reason(one, examined(facts), 2)
