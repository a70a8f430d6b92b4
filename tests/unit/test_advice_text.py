"""The advice in words: the answer first, at most twenty lines of eighty columns, then the code."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from made import cell, failed, summary
from made_summaries import SEQUENTIAL, sped_up
from made_targets import examined, target_facts

from gil_lab.advice.code import Code
from gil_lab.advice.decision import Certainty, choose
from gil_lab.advice.found import FoundAdvice, Tried
from gil_lab.advice.text import MOST_LINES, lines, reasons, tried, whole
from gil_lab.analysis.estimates import Estimate
from gil_lab.model.records import Status

WHY_NOT = (
    ("asyncio", "a plain function; coroutines need async def"),
    ("numba-nogil", "Untyped global name 'PATTERN': Cannot determine Numba type of <class 're.Pattern'> " * 3),
)


def advice(*rows, facts=None, why_not=WHY_NOT, **more):
    every = (SEQUENTIAL, *rows)
    results = SimpleNamespace(usable_cores=2)
    return FoundAdvice(examined(facts), results, every, choose(every), why_not, **more)


def said(*rows, **more):
    return " ".join(lines(advice(*rows, **more)))


def test_what_to_use_comes_first():
    """Model, workers, chunks, gain, how sure."""
    text = said(sped_up(1.9, 1.85, 1.95))
    assert text.startswith("parse: use multiprocessing, 2 processes, in chunks, four a worker (a pool of processes")
    assert "Gain: 1.90x [1.85, 1.95]. How sure: sure." in text


def test_a_tie_names_the_others():
    """And that the one that is advised is the simpler."""
    text = said(sped_up(1.9, 1.85, 1.95, strategy="threading"), sped_up(1.91, 1.85, 1.97))
    assert "How sure: a tie with multiprocessing x2; this one is the simpler." in text


def test_too_little_work_is_said_in_the_first_words():
    """Where the user's own inputs take less than what starting the workers costs."""
    text = said(sped_up(1.9, 1.85, 1.95, break_even_s=100.0))
    assert text.startswith(
        "parse: leave it as it is for your 1,000 inputs, which take 10.0 s; from 100 s of work on, use"
    )


def test_short_calls_are_better_vectorised():
    """Twelve microseconds are less than it takes to hand them over."""
    text = said(summary(), facts=target_facts(12e-6))
    assert "a call takes 12.0 µs, and nothing here will help. Vectorise it" in text


def test_where_nothing_is_chosen_nothing_gains_less():
    """There is nothing that it could be less than."""
    text = said(sped_up(1.9, 0.8, 4.0), sped_up(1.5, 0.1, 2.5, strategy="threading"))
    assert text.startswith("parse: leave it as it is for now")
    assert "gains less" not in text


def test_unsafe_models_are_named_with_the_first_difference():
    """They are never advised."""
    wrong = replace(
        failed("threading"), status=Status.WRONG, detail="the answers differ: task 3 answered 1 instead of 2"
    )
    text = said(wrong, sped_up(1.9, 1.85, 1.95))
    assert "unsafe for this function: the answers differ: task 3 answered 1 instead of 2" in " ".join(text.split())


def test_the_gil_and_what_would_change_it_are_named():
    """Where threads compute in turn."""
    text = said(summary("threading"), sped_up(1.9, 1.85, 1.95))
    assert "threading x2 0.998x the GIL: one of them computes at a time" in " ".join(text.split())
    assert "What would change it: a free-threaded Python" in text


def test_a_free_threaded_python_is_not_named_where_threads_gain_as_much():
    """Nearly, or with other settings than those that are advised."""
    near, held = sped_up(1.8, 1.79, 1.81, strategy="threading"), summary("threading", workers=4)
    assert "What would change it" not in said(near, held, sped_up(1.95, 1.94, 1.96))


def test_what_one_library_thread_gains_is_told_apart_from_what_the_pool_does():
    """Otherwise the pool would look five times as good as it is."""
    alone = sped_up(5.5, 5.4, 5.6, cell=cell("sequential", workers=1, interpreter="3.11+threads=1"))
    both = sped_up(10.6, 10.5, 10.7, cell=cell("multiprocessing", interpreter="3.11+threads=1"))
    text = said(alone, both)
    assert "Gain: 10.6x [10.5, 10.7]. One thread for libraries alone, without multiprocessing, gains 5.50x" in text
    assert "One thread for libraries" not in said(alone)


def test_a_tie_does_not_gain_less():
    """Of a strategy its fastest variant counts: that another one is too noisy to be slower makes no tie."""
    noisy = sped_up(1.7, 1.2, 2.6, cell=cell("threading", workers=4))
    known = sped_up(1.72, 1.71, 1.73, strategy="threading")
    text = said(sped_up(1.95, 1.94, 1.96), known, noisy)
    assert "How sure: sure" in text
    assert "threading x2 1.72x" in " ".join(text.split())


@pytest.mark.parametrize("gain", [0.5, 1.0, 1.2, 30.0])
@pytest.mark.parametrize("many", [1, 30])
def test_it_fits_a_screen(gain, many):
    """However many variants there are, and however long the reasons."""
    rows = [sped_up(gain, gain * 0.9, gain * 1.1, cell=cell(f"strategy-number-{n}", workers=64)) for n in range(many)]
    rows = [replace(one, cell=replace(one.cell, strategy="threading")) for one in rows[:1]] + [
        replace(sped_up(0.5, 0.4, 0.6, strategy=name)) for name in ("multiprocessing", "joblib", "subinterpreters")
    ]
    found = lines(advice(*rows, why_not=WHY_NOT * many))
    assert len(found) <= MOST_LINES
    assert max(map(len, found)) <= 80


def test_the_reasons_are_there_in_full():
    """For `--details`."""
    assert any(line.endswith("'re.Pattern'> ") for line in reasons(advice(sped_up(1.9, 1.85, 1.95))))


def test_what_the_code_gained_stands_beside_what_the_model_did():
    """Measured at the same time: a minute later the machine may be another one."""
    ran = Tried(Estimate(1.2, 1.19, 1.21), 1.9, 2.0, 20)
    found = advice(sped_up(1.9, 1.85, 1.95), code=Code("text", Path("x.py")), tried=ran)
    assert tried(found).endswith("1.20x with the start of its workers; at the same time without it 1.90x")
    assert whole(found).endswith("text")


def test_the_gain_is_that_of_the_code_that_is_shown():
    """What a user will see; that of the model's many rounds stands in the table."""
    ran = Tried(Estimate(1.7, 1.6, 1.8), 1.9, 2.0, 20)
    found = advice(sped_up(1.9, 1.85, 1.95), code=Code("text", Path("x.py")), tried=ran)
    assert "Gain: 1.70x [1.60, 1.80], by the code below with the start of its workers; without that 1.90x." in " ".join(
        lines(found)
    )
    assert "Gain: 1.90x [1.85, 1.95]." in " ".join(lines(advice(sped_up(1.9, 1.85, 1.95))))


def test_code_that_gains_more_than_its_own_model_beside_it_varies():
    """Although it starts its workers as well: then a process is luckier than another one."""
    ran = Tried(Estimate(3.4, 3.1, 3.8), 1.8, 2.0, 20)
    found = advice(sped_up(2.8, 2.7, 2.9), code=Code("text", Path("x.py")), tried=ran)
    varies = "without that 2.80x, and 1.80x at the same time."
    assert varies in " ".join(lines(found))
    within = replace(found, tried=replace(ran, expected=3.3))
    assert "at the same time" not in " ".join(lines(within))


@pytest.mark.parametrize(
    ("gain", "expected", "doubt"),
    [
        (Estimate(0.9, 0.8, 1.0), 1.9, "its code was no faster when it was run, 0.900x"),
        (Estimate(1.4, 0.9, 2.1), 1.9, "its code was not known to be faster when it was run, 1.40x"),
        (Estimate(3.4, 3.1, 3.8), 1.01, "how much it gains varies from process to process"),
        (Estimate(3.4, 3.1, 3.8), 2.5, ""),  # faster either way
        (Estimate(1.8, 1.7, 1.9), 1.9, ""),
    ],
)
def test_what_became_of_the_code_may_make_an_advice_unsure(gain, expected, doubt):
    assert Tried(gain, expected, 2.0, 20).doubt == doubt


def test_the_gain_of_compiled_code_is_said_to_be_without_compiling():
    """Which it does in its first pass only; a program that makes one pass pays for it."""
    ran = Tried(Estimate(41.0, 40.0, 42.0), 40.0, 2.0, 20)
    found = advice(sped_up(39, 38, 40, strategy="numba-parallel"), code=Code("text", Path("x.py")), tried=ran)
    text = " ".join(lines(found))
    assert "41.0x [40.0, 42.0], by the code below once it is compiled; compared with the others 39.0x." in text
    assert "start of its workers" not in text + tried(found)


def test_code_that_could_not_be_run_says_why():
    """And there is none without code."""
    found = advice(sped_up(1.9, 1.85, 1.95), code=Code("text", Path("x.py")), untried="ImportError: no")
    assert "could not be tried (ImportError: no)" in tried(found)
    assert tried(advice()) == ""
    assert advice().decision.certainty is Certainty.SURE


def test_a_pool_pays_from_two_calls_on_at_least():
    """However little its start takes: beside a single call nothing runs."""
    text = said(sped_up(1.9, 1.85, 1.95, break_even_s=0.001))
    assert "It pays from two calls on" in text


def test_calls_that_waited_for_a_core_show_no_cache():
    """The second calls may have been luckier."""
    facts = target_facts(0.01)
    lucky = replace(facts.times, again_s=0.0001)
    waited = replace(lucky, ready_s=facts.times.wall_s / 2)
    assert "it remembers its answers" in said(summary(), facts=replace(facts, times=lucky))
    assert "it remembers" not in said(summary(), facts=replace(facts, times=waited))


def test_a_call_too_short_to_be_timed_alone_takes_its_share_of_a_pass():
    """The clocks around it would take several times as long as the call."""
    pass_of_two_thousand = sped_up(1, 1, 1, cell=cell("sequential", tasks=2000), wall_s=100e-6)
    timed = FoundAdvice(
        examined(target_facts(0.4e-6)), SimpleNamespace(usable_cores=2), (pass_of_two_thousand,), choose([]), ()
    )
    assert timed.all_s == pytest.approx(1000 * 50e-9)
    text = " ".join(lines(timed))
    assert "A call takes 0.0500 µs, 100 % of it on a core" in text
    assert "0.400 µs" not in text


def test_calls_that_are_long_enough_are_timed_one_by_one():
    """So their spread is known."""
    assert "A call takes 10.0 ms (10.0 ms to 10.0 ms)" in said(summary(), facts=target_facts(0.01))


def test_a_cache_that_was_left_out_is_named():
    """Else the gain would look like that of the function as it is."""
    assert "compared without its cache" in said(summary(), facts=target_facts(0.01, is_cached=True))


def test_reasons_that_are_the_same_stand_once():
    """Numba has one for all its forms."""
    names = ("numba-sequential", "numba-nogil", "numba-parallel")
    text = said(sped_up(1.9, 1.85, 1.95), why_not=[(name, "no type of it") for name in names])
    assert "numba-sequential and 2 more - no type of it" in " ".join(text.split())


def test_what_processes_would_need_is_said_in_full():
    """Where threads wait for the GIL, and processes cannot take the function."""
    step = "it changes TAKEN, of which each process would have its own: return what it adds instead"
    text = said(summary("threading"), why_not=[("multiprocessing", step), ("joblib", step)])
    assert f"(--python); or processes, but {step}." in text
