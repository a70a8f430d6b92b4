"""Made-up sessions for the claims about what Numba is good for."""

from made_claims import of, session

from experiments import numba_strengths
from gil_lab.analysis.claims import Outcome

DECORATOR = "One decorator, a single line, makes a plain loop over ten times as fast"
COMPILED = "The same line gains less than a factor of three on NumPy code: NumPy's loops are compiled already"
FUSED = "Automatic parallelisation fuses array operations into fewer loops, which pays off even on one core"
AUTOMATIC = "Automatic parallelisation keeps several cores busy with one task at a time, without a prange in the source"
GPU = "On a GPU the loop takes a few more lines, and is over twenty times as fast as plain Python, with transfers"


def vector(strategy="sequential", wall_s=0.05, variant="", **changes):
    workers = {} if strategy == "numba-parallel" else {"workers": 1}
    return of(strategy, wall_s, work={"workload": f"vector{variant}", **workers}, **changes)


def loop(compiled_s, lines=1):
    compiled = vector("numba-sequential", compiled_s, "+loop", observed={"lines changed": lines})
    return session(vector(), vector("sequential", 0.5, "+loop"), compiled)


def fused(one_thread_s, left=1):
    found = {"parallel loops made": 5, "parallel loops left when fused": left}
    return session(vector(), vector("numba-sequential", one_thread_s, "+automatic", observed=found))


def parallel(cores_busy, in_flight=1.0, cores=2):
    changes = {"cores_busy": cores_busy, "in_flight": in_flight}
    return session(vector("numba-parallel", 0.005, "+automatic", **changes), cores=cores)


def on_gpu(wall_s, name="NVIDIA H100", lines=3):
    gpu = vector("numba-cuda", wall_s, "+loop", observed={"GPU": name, "lines changed": lines})
    return session(vector("sequential", 0.5, "+loop"), gpu)


HOLDS = {
    DECORATOR: loop(0.01),
    COMPILED: session(vector(), vector("numba-sequential", 0.05)),
    FUSED: fused(0.01),
    AUTOMATIC: parallel(1.9),
    GPU: on_gpu(0.001),
}
FAILS = {
    DECORATOR: loop(0.4),
    COMPILED: session(vector(), vector("numba-sequential", 0.005)),
    FUSED: fused(0.05),
    AUTOMATIC: parallel(1.0),
    GPU: on_gpu(0.4),
}


def judged(sentence, results):
    (one,) = (one for one in numba_strengths.EXPERIMENT.check(results) if one.sentence == sentence)
    return one.judgement


def test_more_lines_than_one_are_no_decorator():
    assert judged(DECORATOR, loop(0.01, lines=7)).outcome is Outcome.FAILS


def test_loops_that_were_not_fused_do_not_show_it():
    assert judged(FUSED, fused(0.01, left=5)).outcome is Outcome.FAILS


def test_busy_cores_with_many_tasks_in_flight_are_another_kind_of_parallel():
    assert judged(AUTOMATIC, parallel(1.9, in_flight=2.0)).outcome is Outcome.FAILS


def test_on_a_single_core_automatic_parallelism_is_inconclusive():
    found = judged(AUTOMATIC, parallel(1.0, cores=1))
    assert (found.outcome, found.reason) == (Outcome.INCONCLUSIVE, "it takes 2 cores, and the machine has 1")


def test_a_kernel_for_a_gpu_that_takes_a_rewrite_does_not_hold():
    assert judged(GPU, on_gpu(0.001, lines=20)).outcome is Outcome.FAILS


def test_the_simulator_says_nothing_about_a_gpu():
    """Neither that it is slow nor that it is fast."""
    found = judged(GPU, on_gpu(9.0, name="Numba's simulator, no GPU"))
    assert (found.outcome, found.reason) == (Outcome.INCONCLUSIVE, "it ran in Numba's simulator, no GPU")


def test_without_a_gpu_the_reason_of_the_skip_is_reported():
    skipped = vector("numba-cuda", None, "+loop", detail="no GPU can be used here")
    found = judged(GPU, session(vector("sequential", 0.5, "+loop"), skipped))
    assert found.outcome is Outcome.INCONCLUSIVE
    assert "no GPU can be used here" in found.reason
