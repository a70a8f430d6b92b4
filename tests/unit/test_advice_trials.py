"""Which variants are worth a try for a function, and with how many of its inputs."""

import pytest
from made_targets import examined, target_facts

from gil_lab.advice import trials
from gil_lab.model.errors import UsageError
from gil_lab.suite.catalogue import Catalogue


def variants(one, cores=2, tasks=64):
    return list(dict.fromkeys(trials.worth_a_try(one, Catalogue(), cores, tasks)))


def test_every_strategy_with_code_is_tried_if_it_can_take_the_function():
    """And sequential work, with which all are compared; a plain function is no coroutine, and Numba refused it."""
    names = {name.partition(" by ")[0] for name, _ in variants(examined())}
    assert names == {"sequential", "threading", "multiprocessing", "joblib", "subinterpreters"}


def test_compiled_forms_are_tried_as_far_as_they_compile():
    """In threads and one at a time by the form nogil, in a loop by the form parallel."""
    names = {name for name, _ in variants(examined(forms=("nogil",)))}
    assert names >= {"numba-sequential", "numba-nogil"}
    assert "numba-parallel" not in names


def test_a_function_that_waits_is_tried_with_many_workers():
    """As long as a worker costs little; there are never more workers than tasks."""
    waiting = examined(target_facts(0.05, computing=0.01))
    workers = {number for name, number in variants(waiting, tasks=40) if name == "threading"}
    assert workers == {10, 40}
    assert max(workers) == 40
    assert max(number for name, number in variants(waiting) if name == "multiprocessing") == 8


def test_chunks_are_tried_where_calls_are_short():
    """Larger ones than the pool makes; single tasks where calls are long."""
    short = {name for name, _ in variants(examined(target_facts(5e-5)), tasks=2000)}
    assert "multiprocessing by 100" in short
    assert "multiprocessing by 1" in {name for name, _ in variants(examined(target_facts(0.02)))}


def test_a_chunk_that_the_pool_makes_anyway_is_not_tried_twice():
    """Of eight tasks for two workers each is a chunk of its own."""
    names = {name for name, workers in variants(examined(target_facts(0.02)), tasks=8) if workers == 2}
    assert "multiprocessing" in names
    assert "multiprocessing by 1" not in names


def test_where_a_pass_takes_long_only_the_cores_are_tried():
    """Every further variant would take five such passes."""
    long = variants(examined(target_facts(1.0)), cores=4, tasks=4)
    assert {workers for name, workers in long if name == "threading"} == {4}


@pytest.mark.parametrize(
    ("call_s", "computing", "inputs", "tasks"),
    [
        (0.01, 1.0, 1000, 20),
        (1e-6, 1.0, 10**6, 2000),
        (0.01, 1.0, 5, 5),
        (2.0, 1.0, 1000, 2),
        (0.05, 0.0, 1000, 30),
        (0.001, 0.0, 1000, 128),
    ],
)
def test_the_sample_is_what_a_pass_has_time_for(call_s, computing, inputs, tasks):
    """A fifth of a second of computing, two of waiting; two tasks a worker unless calls are long."""
    assert trials.number_of_tasks(examined(target_facts(call_s, computing, inputs=inputs)), 2) == tasks


def test_why_a_model_cannot_take_a_function_says_what_to_change():
    """Of coroutines, of functions without a module, of what cannot be pickled."""
    strategy = Catalogue().strategy
    assert "async def" in trials.why_not(examined(), strategy("asyncio"))
    by_value = examined(target_facts(by_value=True))
    assert "define it with def" in trials.why_not(by_value, strategy("multiprocessing"))
    assert trials.why_not(by_value, strategy("joblib")) == ""
    held = examined(target_facts(unpicklable="an input cannot be pickled (attribute lock: TypeError)"))
    assert "attribute lock" in trials.why_not(held, strategy("multiprocessing"))
    assert trials.why_not(held, strategy("threading")) == ""
    assert trials.why_not(examined(reason="Numba's reason"), strategy("numba-nogil")) == "Numba's reason"


def test_a_single_input_is_refused():
    """Nothing can run beside it."""
    with pytest.raises(UsageError, match="single input"):
        trials.check_inputs(examined(target_facts(inputs=1)))


@pytest.mark.parametrize("name", ["parse", "<lambda>", "x" * 200, "...", "größe"])
def test_a_session_can_be_called_after_any_function(name):
    """Its name is that of a folder."""
    from gil_lab.sessions.options import check_name

    check_name(trials.session_name(name))


def test_of_what_takes_long_to_load_fewer_variants_are_tried():
    """Each is a process that imports it anew: as many workers as cores, and no sweep."""
    slow, quick = (examined(target_facts(load_s=load_s)) for load_s in (2.0, 0.01))
    tried = {
        kind: set(trials.worth_a_try(one, Catalogue(), 2, 100)) for kind, one in (("slow", slow), ("quick", quick))
    }
    assert len(tried["slow"]) < len(tried["quick"])
    assert {workers for _, workers in tried["slow"]} <= {1, 2}
