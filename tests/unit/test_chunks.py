"""How many tasks are handed over at a time: numbers and words, and the choice of a number for `auto`."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import cell
from made_plans import LAB, facts, nothing, planned, refused, strategy

from gil_lab import open_pool
from gil_lab.child import chunk_choice
from gil_lab.cli import parsing
from gil_lab.model.chunks import even, is_chunk, share
from gil_lab.model.errors import UsageError
from gil_lab.model.records import TaskSpan
from gil_lab.report.text.chunks import chunks
from gil_lab.sessions.options import Options, check
from gil_lab.sessions.plan import Design, reason_to_skip, settings
from gil_lab.suite.catalogue import Catalogue

MICROSECOND = 1e-6


@pytest.mark.parametrize(
    ("word", "known"),
    [("1", True), ("64", True), ("all", True), ("auto", True), ("0", False), ("", False), ("²", False)],
)
def test_a_chunk_is_a_number_above_0_or_a_word(word, known):
    """As it stands behind `by` in the name of a strategy."""
    assert is_chunk(word) == known


@given(st.floats(0, 1e9), st.integers(1, 5000), st.integers(1, 64))
def test_an_even_chunk_is_no_larger_than_was_asked_for_and_gives_each_worker_as_many(chunk, tasks, workers):
    """No more of them than it takes, which are as alike as can be."""
    made = even(chunk, tasks, workers)
    whole = share(tasks, workers)
    asked = min(whole, max(1.0, chunk))
    assert 1 <= made <= math.ceil(asked)
    assert math.ceil(whole / made) == math.ceil(whole / asked)


@pytest.mark.parametrize(
    ("spread_us", "hand_over_us", "tasks", "workers", "chunk"),
    [
        (1, 200, 1024, 2, 512),  # tiny tasks: each worker gets its share at once
        (100, 200, 128, 2, 32),
        (1000, 200, 16, 2, 2),
        (10_000, 200, 16, 2, 1),  # long ones that differ: one by one
        (0, 200, 128, 2, 64),  # all alike: there is nothing to balance
        (1000, 200, 16, 1, 16),  # one worker alone waits for nobody
        (100, 0, 128, 2, 1),  # handing over costs nothing
    ],
)
def test_the_chunk_that_is_predicted_weighs_handing_over_against_the_tail(
    spread_us, hand_over_us, tasks, workers, chunk
):
    """By the formula of Kruskal and Weiss; the first numbers are worked out by hand."""
    found = chunk_choice.predicted(spread_us * MICROSECOND, hand_over_us * MICROSECOND, tasks, workers)
    assert found == chunk


@given(st.floats(1e-7, 1), st.floats(1e-7, 1), st.integers(1, 5000), st.integers(1, 64), st.floats(1, 100))
def test_what_is_dearer_to_hand_over_is_handed_over_less_often(spread, hand_over, tasks, workers, factor):
    """And tasks that differ more are handed over more often."""
    found = chunk_choice.predicted(spread, hand_over, tasks, workers)
    assert chunk_choice.predicted(spread, factor * hand_over, tasks, workers) >= found
    assert chunk_choice.predicted(factor * spread, hand_over, tasks, workers) <= found


def span(task, worker, wall_ns):
    begin_ns = 10**9 * task
    return TaskSpan(task, 100, worker, begin_ns, begin_ns + wall_ns, wall_ns, 0, 0, 0)


def test_the_first_task_of_each_worker_does_not_count():
    """It may have imported modules."""
    spans = [
        span(0, 1, 10**9),
        span(1, 2, 10**9),
        *(span(number, number % 2 + 1, 1000 + number) for number in (2, 3, 4)),
    ]
    assert chunk_choice.spread_s(spans) == pytest.approx(1e-9)
    assert chunk_choice.spread_s(spans[:3]) == 0.0


def test_what_handing_over_takes_occupies_all_workers():
    """Measured with the inputs themselves, of many the first ones, and tasks that do nothing."""
    seen = []

    def run(task, inputs):
        seen.append(len(inputs))
        return list(map(task, inputs))

    assert chunk_choice.hand_over_s(run, range(10_000), 2) > 0
    assert seen == [chunk_choice.MOST_HANDED_OVER] * chunk_choice.PASSES


@pytest.mark.parametrize(("word", "chunk"), [(None, None), ("7", 7), ("all", 16)])
def test_what_was_asked_for_is_a_number_for_the_tasks_of_a_cell(word, chunk):
    """Or is left to the API."""
    assert chunk_choice.given(word, cell(tasks=32, workers=2)) == chunk


def test_a_strategy_can_be_named_with_its_chunk():
    """A number is what its pool is opened with; a word waits for the tasks."""
    opened = []

    def open_chunked(workers, chunk):
        opened.append((workers, chunk))
        return nothing()

    lab = Catalogue(strategies={"mine": strategy(open_chunked=open_chunked)})
    with lab.strategy("mine by 64").open(2):
        assert opened == [(2, 64)]
    assert [lab.strategy(f"mine by {word}").chunk for word in ("64", "all", "auto")] == ["64", "all", "auto"]
    assert all(lab.strategy(f"mine by {word}").has_chunks for word in ("64", "all", "auto"))
    assert not lab.strategy("threading").has_chunks
    for unknown in ("mine by 0", "mine by many", "threading by 4"):
        with pytest.raises(UsageError, match="unknown strategy"):
            lab.strategy(unknown)


def test_a_chunk_that_leaves_nothing_to_the_other_workers_is_skipped():
    """With what to do about it; a single worker takes all tasks anyway."""
    few = cell("multiprocessing by 16", tasks=16, workers=2)
    assert reason_to_skip(few, LAB, facts()) == (
        "one worker would be handed all 16 tasks; choose a smaller chunk, or more --tasks"
    )
    assert reason_to_skip(replace(few, tasks=17), LAB, facts()) == ""
    assert reason_to_skip(replace(few, workers=1), LAB, facts()) == ""


def test_an_interpreter_refuses_a_strategy_whatever_its_chunk():
    """Also if it was asked about one that is named with a chunk."""
    known = facts(**{"joblib by 4": "joblib does not import"})
    assert reason_to_skip(cell("joblib by auto"), LAB, known) == "joblib does not import"
    assert reason_to_skip(cell("joblib"), LAB, known) == "joblib does not import"
    assert reason_to_skip(cell("joblib-threading"), LAB, known) == ""


def test_a_chunk_is_chosen_for_plain_functions_only():
    """What handing over takes is measured with one."""
    lab = Catalogue(strategies={"mine": strategy(form="coroutine", open_chunked=lambda workers, chunk: nothing())})
    assert reason_to_skip(cell("mine by auto"), lab, facts()).endswith("plain functions; give a number")


@pytest.mark.parametrize("word", ["all", "auto"])
def test_the_words_are_options_too(word):
    """Of the command line and of the library; each trial is planned with them."""
    assert parsing.chunk("chunk", word) == word
    assert {trial.chunk for trial in planned(Options(strategies=("joblib",), chunk=word))} == {word}


def test_other_words_are_refused():
    """With those that there are."""
    assert refused(strategies=("joblib",), chunk="half") == (
        "chunk is 'half'; it takes a whole number from 1 to 10000, or all or auto"
    )
    with pytest.raises(UsageError, match=r"^--chunk takes a whole number, or all or auto, not 'half'$"):
        parsing.chunk("chunk", "half")
    check(Options(chunk="64"), 2)  # as a plan has it


def test_a_chunk_in_the_name_is_not_one_that_the_option_changes():
    """Then the option would say nothing."""
    with pytest.raises(UsageError, match=r"^chunk is for strategies with chunks"):
        planned(Options(strategies=("joblib by 4", "joblib by all"), chunk=2))


def test_an_interactive_pool_does_not_know_the_tasks():
    """So it takes numbers only."""
    with pytest.raises(UsageError, match="give a number, as in joblib by 64"), open_pool("multiprocessing by auto"):
        pass


@pytest.mark.parametrize(
    ("chunk", "told"),
    [(64, "64 at a time"), ("all", "whole share"), ("auto", "predicted to be best"), (None, ""), ("x", ""), (True, "")],
)
def test_a_report_says_that_chunks_were_asked_for(chunk, told):
    """What session.json tells can be anything."""
    line = chunks({"options": {"chunk": chunk}})
    assert told in line if told else line == ""


def test_the_number_of_tasks_can_depend_on_their_size():
    """Unless the user gives one; a quick look has fewer sizes and strategies."""
    design = Design(
        "made",
        ("spin",),
        ("threading", "joblib"),
        sizes=(1, 10, 100),
        tasks_of=lambda size: 1000 // size,
        quick_sizes=(10,),
        quick_strategies=("threading",),
    )

    def works(**options):
        chosen = settings(design, Options(**options), LAB, 2)
        return chosen.works[0].jobs, chosen.strategies

    assert works() == (((1, 1000), (10, 100), (100, 10)), ("sequential", "threading", "joblib"))
    assert works(tasks=8)[0] == ((1, 8), (10, 8), (100, 8))
    assert works(quick=True) == (((10, 100),), ("sequential", "threading"))
    assert works(quick=True, sizes=(5,), strategies=("joblib",)) == (((5, 200),), ("sequential", "joblib"))
