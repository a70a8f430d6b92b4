"""A function that is made anew in each pass: lazily, eagerly, from the disk cache, or kept."""

import contextlib
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from gil_lab.suite.catalogue import Catalogue
from gil_lab.suite.compilers import inspection
from gil_lab.suite.compilers.inspection import stage_times
from gil_lab.suite.workloads import first_call, primes

pytest.importorskip("numba")
every_variant = pytest.mark.parametrize("name", first_call.VARIANTS)
BLOCK = (2, 100)
STAGES = (stage_times.TYPED, stage_times.LOWERED, stage_times.MACHINE)


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    """The folder that a user has set for caches."""
    return tmp_path_factory.mktemp("theirs")


@pytest.fixture(scope="module")
def jobs(theirs):
    """Two, with a disk cache: another process takes more than a second to fill it, so it is filled once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NUMBA_CACHE_DIR", str(theirs))
        with first_call.cached_inputs(2, 30) as made:
            patch.undo()
            yield made
        assert not Path(made[0].folder).exists()


@pytest.fixture(scope="module")
def inputs_of(jobs):
    """The inputs of a variant."""

    def inputs(name):
        if name == "cached":
            return contextlib.nullcontext(jobs)
        assert first_call.VARIANTS[name].inputs is first_call.WORKLOAD.inputs
        return first_call.WORKLOAD.inputs(2, 30)

    return inputs


@pytest.fixture(scope="module")
def observed(inputs_of):
    """What is observed of a variant, by name: the number, or the word."""

    @cache
    def of(name):
        with inputs_of(name) as inputs:
            seen = first_call.VARIANTS[name].observe(inputs, [])
            return {one.name: one.value if one.text == "" else one.text for one in seen}

    return of


@every_variant
def test_every_variant_gives_the_answers_of_the_plain_function(inputs_of, name):
    """And says so of wrong ones."""
    workload = first_call.VARIANTS[name]
    with inputs_of(name) as inputs, first_call.WORKLOAD.inputs(2, 30) as blocks:
        found = [workload.forms["call"](each) for each in inputs]
        assert found == [first_call.WORKLOAD.forms["call"](block) for block in blocks]
        assert workload.verify(inputs, found) is None
        assert workload.verify(inputs, [found[0] + 1, found[1]]) is not None


@every_variant
def test_every_variant_needs_numba_and_explains_the_forms_it_lacks(name):
    """Where numba is missing, it is skipped with a remedy."""
    workload = Catalogue().workload(f"first-call+{name}")
    assert workload.requires == ("numba",)
    assert {"coroutine", "nogil", "parallel"} <= {*workload.why_not}


def test_lazy_and_eager_make_a_new_function_each_time_and_compiled_keeps_one():
    """Else the second pass would be reported as a first call."""
    assert first_call.lazy() is not first_call.lazy()
    assert first_call.eager() is not first_call.eager()
    assert first_call.compiled() is first_call.compiled()


def test_a_lazy_function_is_compiled_by_its_first_call_and_an_eager_one_before():
    """For the same types."""
    lazy, eager = first_call.lazy(), first_call.eager()
    assert (len(lazy.signatures), len(eager.signatures)) == (0, 1)
    assert lazy(BLOCK) == eager(BLOCK) == 25
    assert lazy.signatures == eager.signatures


def test_a_cached_function_is_loaded_and_not_compiled(jobs):
    """From the folder of its own inputs, which is gone with them."""
    function = first_call.cached(jobs[0].folder)
    function(jobs[0].block)
    assert sum(function.stats.cache_hits.values()) == 1
    assert not function.stats.cache_misses
    assert function.stats.cache_path.startswith(jobs[0].folder)


def test_a_cache_that_is_not_taken_is_no_cached_call(jobs, tmp_path):
    """An empty one: what was compiled must not pass for loaded."""
    folder = shutil.copytree(jobs[0].folder, tmp_path / "copy", ignore=shutil.ignore_patterns("*.nb?"))
    with pytest.raises(RuntimeError, match="did not use its disk cache"):
        first_call.call_cached(replace(jobs[0], folder=str(folder)))


def test_a_cache_folder_that_the_user_has_set_is_not_read_and_not_written(jobs, theirs):
    """What lies there is not ours to unpickle."""
    assert list(Path(jobs[0].folder, "__pycache__").glob("*.nbi"))
    assert list(theirs.iterdir()) == []


def test_without_numba_the_inputs_are_there_and_the_cache_is_empty():
    """The trial is then skipped for want of numba, and not for an error of its surroundings."""
    code = (
        "import sys, importlib.util as u; find = u.find_spec\n"
        "u.find_spec = lambda name, *more: None if name == 'numba' else find(name, *more)\n"
        "from gil_lab.suite.workloads.first_call import cached_inputs\n"
        "with cached_inputs(1, 10) as (job,): print(job.block[1] - job.block[0])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ}, check=False)
    assert (done.stdout, done.stderr) == ("10\n", "")


@pytest.mark.parametrize("name", ["lazy", "eager", "cached"])
def test_where_the_time_goes_is_observed(observed, name):
    """Making the function, calling it first, calling it again: each took some time."""
    seen = observed(name)
    assert all(seen[one] > 0 for one in ("decoration", "first call", "later call"))
    assert seen.get("calls to pay back", 1.0) > 0


def test_the_stages_of_a_compilation_and_a_turn_at_each_level_are_observed(observed):
    """No stage takes no time, and none more than all of them."""
    seen = observed("lazy")
    assert [name for name in seen if name in STAGES] == list(STAGES)
    assert all(0 < seen[stage] < 60_000 for stage in STAGES)
    assert seen[f"{inspection.BYTECODE} of a turn"] > 5
    assert seen["vectorised"].startswith("not vectorised")
    assert seen["time of an instruction of bytecode"] > 0


def test_stages_share_out_the_whole_time_of_a_compilation():
    """By the events of Numba, with a clock of our own: each moment belongs to one stage."""
    stages = stage_times.StageClock()
    stages.since = begin = 0.0
    clock = iter([1.0, 3.0, 6.0, 10.0, 15.0])
    event = type("Event", (), {"kind": stage_times.PASS_EVENT, "data": {"name": "native_lowering [f]"}})
    llvm = type("Event", (), {"kind": stage_times.LLVM_EVENT, "data": None})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stage_times.time, "perf_counter", lambda: next(clock))
        for one, by in ((event, 1), (llvm, 1), (llvm, 1), (llvm, -1)):
            stages.change(one, by)
        stages.update()
    assert list(stages.seconds.values()) == [1.0, 2.0, 12.0]
    assert sum(stages.seconds.values()) == 15.0 - begin


def test_turns_of_the_inner_loop_are_its_divisions():
    """By hand: 4 is divided by 2; 5 by 2; 6 by 2; 7 by 2; 8 by 2; 9 by 2 and 3; 2 and 3 by nothing."""
    assert first_call.iterations((2, 10)) == 7
    assert primes.count_primes((2, 10)) == 4
