"""The comparison with Python's own profiler: its output is read rightly, and disagreement is reported."""

import importlib.util
import sys

import pytest
from places import ROOT

FILE = ROOT / "benchmarks" / "gil_held.py"
PRINTED = """2.0
Captured 3,000 samples in 3.00 seconds
Sample rate: 1000.00 samples/sec
Error rate: 10.00
Collapsed stack output written to told
"""
THREAD = "threading.py:Thread._bootstrap:1181;threading.py:Thread._bootstrap_inner:1219;threading.py:Thread.run:1161"
STACKS = f"""tid:27258;{THREAD};thread.py:_worker:119;primes.py:count_primes:35 515
tid:27259;{THREAD};thread.py:_worker:119;primes.py:count_primes:34 380
tid:27259;{THREAD};thread.py:_worker:119;<GC> 5
tid:27257;<frozen runpy>:_run_code:87;bare_threads.py:<module>:6;<frozen importlib._bootstrap>:_load_unlocked:857 700
"""
"""As Python 3.15.2 wrote them, with other counts."""


@pytest.fixture(scope="module")
def program():
    spec = importlib.util.spec_from_file_location("gil_held", FILE)
    module = importlib.util.module_from_spec(spec)
    sys.modules["gil_held"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["gil_held"]


def test_the_share_is_of_the_samples_while_the_threads_had_work(program):
    """Of 900 usable samples a second, two seconds long, 900 are of threads of the pool; imports are not counted."""
    assert program.share_held(PRINTED, STACKS) == pytest.approx(0.5)


def test_nobody_who_held_the_gil_is_a_share_of_nothing(program):
    """A kernel without the GIL leaves an empty file."""
    assert program.share_held(PRINTED, "") == 0


@pytest.mark.parametrize(
    "printed",
    ["", "2.0\n", "fast\nCaptured 3 samples in 1.00 seconds\n", "2.0\nCaptured 3 samples in 0.00 seconds\n"],
)
def test_other_output_is_refused(program, printed):
    """A later Python may print something else: that is no share of zero."""
    with pytest.raises(SystemExit, match="fix share_held"):
        program.share_held(printed, STACKS)


def test_a_stack_without_a_count_is_refused(program):
    """As if the format had changed."""
    with pytest.raises(SystemExit, match="fix share_held"):
        program.share_held(PRINTED, f"tid:1;{THREAD}\n")


def seen(program, **changes):
    usual = {
        "lab_cores": 1.0,
        "states": (0.5, 0.0, 0.5),
        "disturbed": False,
        "perf_cores": 1.0,
        "gil_held": 0.99,
        "lab_held": 0.98,
    }
    return program.RoundResult(**{**usual, **changes})


@pytest.mark.parametrize(
    ("changes", "reported"),
    [
        ({}, "yes"),
        ({"lab_held": None}, "yes"),
        ({"lab_held": 0.9}, "no: the GIL is held for another share"),
        ({"perf_cores": None}, "yes"),
        ({"gil_held": None}, "yes"),
        ({"gil_held": None, "perf_cores": None}, "nothing to compare with"),
        ({"perf_cores": 1.3}, "no: cores busy differ"),
        ({"gil_held": 0.5, "lab_held": 0.5}, "no: the GIL should be held all the time"),
        ({"lab_cores": 1.5, "perf_cores": 1.5}, "no: more than one core busy under one lock"),
    ],
)
def test_what_disagrees_is_named(program, changes, reported):
    """Medians over the rounds decide; one odd round does not."""
    case = program.CASES[0]
    rounds = [seen(program, **changes)] * 3
    assert program.verdict(case, rounds) == reported
    assert program.verdict(case, [*rounds, seen(program, **{**changes, "lab_cores": 9.0})]) == reported


def test_a_kernel_without_the_gil_may_keep_two_cores_busy(program):
    """And no thread may hold the GIL meanwhile."""
    compiled = program.CASES[1]
    assert (
        program.verdict(compiled, [seen(program, lab_cores=1.9, perf_cores=1.9, gil_held=0.02, lab_held=0.01)]) == "yes"
    )
    assert "never" in program.verdict(compiled, [seen(program, lab_cores=1.9, perf_cores=1.9)])
