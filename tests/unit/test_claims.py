"""Every claim of every experiment can hold, can fail and can be left open; the sessions are made up."""

import importlib

import pytest
from made_claims import empty, of, session

from gil_lab.analysis.claims import Checked, Evidence, InconclusiveError, Judgement, Outcome, Quantity, every, is_true
from gil_lab.analysis.claims.wording import WORDING, name_of
from gil_lab.analysis.estimates import Estimate
from gil_lab.report.tables.claims import MAX_EVIDENCE_CHARACTERS, evidence
from gil_lab.sessions.csv_table import columns
from gil_lab.sessions.rows import Numbers
from gil_lab.suite.catalogue import names, variant

EXPERIMENTS = {name: variant("experiments", "EXPERIMENT", name) for name in names("experiments")}
CLAIMS = [(name, claim) for name, experiment in EXPERIMENTS.items() for claim in experiment.claims]
every_claim = pytest.mark.parametrize(
    ("experiment", "claim"), CLAIMS, ids=[f"{name}: {claim.sentence}" for name, claim in CLAIMS]
)
FEWEST = 30


def made_for(experiment):
    return importlib.import_module(f"test_claims_{experiment.replace('-', '_')}")


def judged(experiment, claim, results):
    (one,) = (one for one in EXPERIMENTS[experiment].check(results) if one.sentence == claim.sentence)
    return one.judgement


@every_claim
def test_a_claim_holds_of_results_that_show_it(experiment, claim):
    """And tells the numbers that it comes from."""
    found = judged(experiment, claim, made_for(experiment).HOLDS[claim.sentence])
    assert (found.outcome, found.reason) == (Outcome.HOLDS, "")
    assert found.measured


@every_claim
def test_a_claim_does_not_hold_of_results_that_show_the_opposite(experiment, claim):
    """One that cannot fail says nothing."""
    found = judged(experiment, claim, made_for(experiment).FAILS[claim.sentence])
    assert found.outcome is Outcome.FAILS, found
    assert found.measured


@every_claim
def test_a_claim_cannot_be_told_from_results_that_lack_its_cells(experiment, claim):
    """And says why, in a sentence."""
    found = judged(experiment, claim, empty())
    assert found.outcome is Outcome.INCONCLUSIVE
    assert len(found.reason.split()) > 3
    assert "check failed" not in found.reason


@every_claim
def test_a_claim_is_a_sentence_of_one_line(experiment, claim):
    """Which is read in a list of many, in a terminal."""
    assert claim.sentence[0].isupper() or claim.sentence[0].isdigit()
    assert len(claim.sentence) <= 120
    assert not claim.sentence.endswith(".")


def test_every_experiment_claims_something_and_all_together_enough():
    """An experiment without an expectation is a benchmark."""
    assert not [name for name, experiment in EXPERIMENTS.items() if not experiment.claims]
    assert len(CLAIMS) >= FEWEST


def threads(**changes):
    return session(of("sequential", 0.1), of("threading", 0.1, **changes))


def number(name, limit, results):
    seen = Evidence(results)
    return seen.number(seen.cell(strategy="threading"), name).below(limit)


def test_a_number_is_judged_by_its_whole_interval():
    """Inside, outside, and across the limit."""
    assert number("cores_busy", 1.1, threads(cores_busy=1.0)).outcome is Outcome.HOLDS
    assert number("cores_busy", 0.9, threads(cores_busy=1.0)).outcome is Outcome.FAILS
    across = number("cores_busy", 1.0, threads(cores_busy=1.0))
    assert (across.outcome, across.reason[:9]) == (Outcome.INCONCLUSIVE, "too noisy")


def test_columns_are_called_what_they_are_in_words():
    """Each of them is a column of trials.csv, and an observation keeps its own name."""
    assert set(WORDING) <= set(columns(Numbers))
    assert (name_of("startup_s"), name_of("lost updates")) == ("start-up", "lost updates")
    seen = Evidence(session(of(startup_s=0.5), of("multiprocessing", startup_s=1.0)))
    found = seen.ratio(seen.cell(strategy="multiprocessing"), to=seen.cell(strategy="threading"), number="startup_s")
    assert str(found).startswith("start-up: multiprocessing x2 / threading x2 2.00x")


def test_an_interval_reaches_no_further_than_its_number_can():
    """No part of the time is below 0 or above 1."""
    assert Estimate(0.01, -0.2, 0.3).within(0, 1) == Estimate(0.01, 0, 0.3)
    assert Estimate(0.99, 0.9, 1.1).within(0, 1) == Estimate(0.99, 0.9, 1)
    assert Estimate(9, -1, 20).within(0, None) == Estimate(9, 0, 20)
    assert Estimate(1, None, None).within(0, 1) == Estimate(1, None, None)


def test_what_a_claim_comes_from_is_cut_between_cells():
    """Each number that is shown is shown whole, with its unit and what was claimed of it."""
    number = "threading x2 under 3.13t: lost updates: 0 (claimed below 0.5)"
    shown = evidence(Checked("races", "None is lost", is_true(True, "; ".join([number] * 20))))
    assert shown == "; ".join([*[number] * shown.count(number), "..."])
    assert 300 < len(shown) <= MAX_EVIDENCE_CHARACTERS
    endless = evidence(Checked("races", "None is lost", is_true(True, "9" * 5000)))
    assert len(endless) == MAX_EVIDENCE_CHARACTERS


def test_a_single_round_tells_its_number_and_no_outcome():
    """The number is shown all the same."""
    once = session(of("threading", cores_busy=1.0), rounds=1)
    found = number("cores_busy", 1.1, once)
    assert found.outcome is Outcome.INCONCLUSIVE
    assert found.reason == "one round has no interval"
    assert found.measured == "threading x2 0.996 cores busy (claimed below 1.1, and so it looks)"
    assert number("cores_busy", 0.9, once).measured.endswith("(claimed below 0.9, and it does not look so)")


def test_a_ratio_is_paired_within_rounds():
    """So that a machine that is slow in one round tells the same ratio as in the others."""
    seen = Evidence(session(of("sequential", 0.2), of("threading", 0.1)))
    ratio = seen.ratio(seen.cell(strategy="sequential"), to=seen.cell(strategy="threading"))
    assert (ratio.value, ratio.low, ratio.high) == pytest.approx((2.0, 2.0, 2.0))
    assert ratio.between(1.9, 2.1).outcome is Outcome.HOLDS
    assert ratio.above(2.1).outcome is Outcome.FAILS


def test_what_a_speed_up_lacks_of_a_ceiling_is_a_share_of_it():
    """Distances to the limits add in quadrature, as logarithms: a factor of 1.1 each are 1.144 together."""
    ceiling, speedup = Quantity(2.0, 2 / 1.1, 2 * 1.1, "x"), Quantity(1.0, 1 / 1.1, 1.1, "x")
    lost = speedup.lost_of(ceiling, "b")
    assert str(lost) == "b 50.0 % of 2.00x lost [42.8, 56.3]"
    assert (lost.above(0.4).outcome, lost.below(0.4).outcome) == (Outcome.HOLDS, Outcome.FAILS)
    assert ceiling.lost_of(ceiling, "c").value == 0
    assert ceiling.lost_of(speedup, "d").value == -1


@pytest.mark.parametrize("which", ["ceiling", "speed-up"])
def test_without_an_interval_of_both_it_is_not_known_what_was_lost(which):
    """And the one that has none says why."""
    known, unknown = Quantity(1.0, 0.9, 1.1), Quantity(2.0, None, None, without_interval="a single round")
    ceiling, speedup = (unknown, known) if which == "ceiling" else (known, unknown)
    found = speedup.lost_of(ceiling, "b").above(0)
    assert (found.outcome, found.reason) == (Outcome.INCONCLUSIVE, "a single round")


def test_what_a_worker_adds_is_paired_within_rounds():
    """Of a pool of two, and one of twelve that takes 400 kB more; a system that reports no memory is a reason."""

    def pools(few, many):
        work = {"workers": 12}
        return Evidence(session(of(peak_rss_bytes=few), of(peak_rss_bytes=many, work=work)))

    def added(seen):
        return seen.added(seen.cell(workers=12), to=seen.cell(workers=2), number="peak_rss_bytes")

    found = added(pools(10_000_000, 10_400_000))
    assert (found.value, found.low, found.high) == (40_000, 40_000, 40_000)
    assert str(found) == "threading x12: 40.0 kB a worker"
    assert found.below(50_000).outcome is Outcome.HOLDS
    with pytest.raises(InconclusiveError, match="is not known in one round"):
        added(pools(None, 10_400_000))


def test_doubtful_rounds_are_left_out_and_if_there_are_no_others_nothing_is_told():
    """Disturbed numbers are no evidence."""
    with pytest.raises(InconclusiveError, match=r"too few rounds of threading x2 are without a flag \(disturbed\)"):
        number("cores_busy", 1.1, session(of("threading", flags=("disturbed",))))


def test_an_exact_count_needs_no_interval_and_no_quiet_machine():
    """A count that is the same in every round; one that varies has a spread."""
    once = session(of(observed={"lost updates": (3, "updates")}, flags=("disturbed",)), rounds=1)
    seen = Evidence(once)
    assert str(seen.observed(seen.cell(), "lost updates", exact=True)) == "threading x2: lost updates: 3 updates"
    assert seen.observed(seen.cell(), "lost updates", exact=True).above(2).outcome is Outcome.HOLDS


def test_a_word_must_be_the_same_in_every_round():
    """An error that comes and goes is no fact."""
    seen = Evidence(session(of(observed={"error": "TypingError"})))
    assert seen.word(seen.cell(), "error") == "TypingError"
    with pytest.raises(InconclusiveError, match="tells no different words as 'nothing'"):
        seen.word(seen.cell(), "nothing")


def test_what_is_missing_is_told_with_its_reason(monkeypatch):
    """A skipped cell with its detail, a missing Python with how to get it."""
    skipped = Evidence(session(of("numba-nogil", None, detail="numba is not installed"), of("threading")))
    with pytest.raises(InconclusiveError, match="numba-nogil x2: skipped: numba is not installed"):
        skipped.cells(strategy="numba-nogil")
    missing = Evidence(session(of("threading"), missing={"3.14t": "3.14t is not installed: uv python install 3.14t"}))
    with pytest.raises(InconclusiveError, match=r"no cell of strategy threading ran without a GIL; 3\.14t is not"):
        missing.cells(strategy="threading", gil=False)
    with pytest.raises(InconclusiveError, match="strategy asyncio is not in this session"):
        missing.cells(strategy="asyncio")
    with pytest.raises(InconclusiveError, match=r"work send, variant none is not in this session$"):
        missing.cells(work="send", variant="")
    missing.results.session.about["options"] = {"quick": True}
    with pytest.raises(InconclusiveError, match=r"workload send is not in this session; --quick leaves it out$"):
        missing.cells(workload="send")
    monkeypatch.setattr(type(missing.results.session), "resumed_with", "gil-lab run --resume here")
    with pytest.raises(InconclusiveError, match=r"workload send is not in this session; the session was interrupted$"):
        missing.cells(workload="send")


def test_several_cells_are_no_single_one():
    """A claim about one of them must say which."""
    seen = Evidence(session(of("threading"), of("sequential")))
    with pytest.raises(InconclusiveError, match="several cells"):
        seen.cell(workload="primes")


def test_too_few_cores_are_a_reason():
    """A machine with one core, or a session that does not tell."""
    with pytest.raises(InconclusiveError, match="it takes 2 cores, and the machine has 1"):
        Evidence(session(of(), cores=1)).needs_cores(2)
    with pytest.raises(InconclusiveError, match="an unknown number"):
        Evidence(session(of(), cores=None)).needs_cores(2)
    Evidence(session(of(), cores=2)).needs_cores(2)


def test_of_several_the_worst_counts_and_is_told():
    """One that fails outweighs one that cannot be told, which outweighs those that hold."""
    holds, fails = is_true(True, "a"), is_true(False, "b")
    unknown = Judgement(Outcome.INCONCLUSIVE, "c", "too noisy")
    assert every([holds, unknown, fails]) == fails
    assert every([holds, unknown]) == unknown
    assert every([holds] * 5).measured == "a; a; a; and 2 more"
    with pytest.raises(InconclusiveError):
        every([])


def test_an_outcome_of_an_older_file_is_read():
    """Before 0.2 it was written in another word."""
    assert Outcome("cannot tell") is Outcome.INCONCLUSIVE
    with pytest.raises(ValueError, match="perhaps"):
        Outcome("perhaps")
