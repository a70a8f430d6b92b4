"""The GPU: kernels in Numba's simulator, by the lab's own way; its clocks and layout on a GPU that is made up."""

import functools
from types import SimpleNamespace

import pytest
from examples import thorough

from gil_lab.interpreters import choose
from gil_lab.measuring import controller
from gil_lab.model.records import Status
from gil_lab.sessions import plan
from gil_lab.sessions.options import Options
from gil_lab.sessions.run import launcher
from gil_lab.sessions.trial_rows import numbers
from gil_lab.suite.catalogue import Catalogue
from gil_lab.suite.compilers import cuda
from gil_lab.suite.forms import cuda as form
from gil_lab.suite.strategies.numba_cuda import no_gpu

CATALOGUE = Catalogue()
WORKLOADS = [
    name
    for work in CATALOGUE.workload_names()
    for name in (work, *CATALOGUE.variant_names(work))
    if "cuda" in CATALOGUE.workload(name).forms
]
KERNELS = {CATALOGUE.workload(name).forms["cuda"]: name for name in reversed(WORKLOADS)}
"""Workloads by their kernels: some have that of another one, as `convoy` that of `primes`."""
STAGES = ["transfer to the GPU", "launch", "kernel", "transfer back"]
SHAPES = [(3, 3 * cuda.SIMULATED_THREADS + 1), *[(6, 30), (1, 1)] * thorough()]
"""Tasks and their size: several, each of which gives some threads more to do than others; in the thorough profile
others, and the least.
"""


@functools.cache
def simulator():
    (found,) = choose(("this+cudasim",), strategies=("numba-cuda",)).interpreters
    return found


@functools.cache
def measured(name, tasks, size):
    """One trial in the simulator, planned and run as `gil-lab run` does."""
    options = Options(tasks=tasks, sizes=(size,), rounds=1, min_time_s=0.001)
    design = plan.Design("contract", (name,), ("numba-cuda",), compared=False)
    label = simulator().label
    settings = plan.settings(design, options, CATALOGUE, 2)
    cells = plan.cells(settings, CATALOGUE, (label,))
    (trial,) = plan.trials(cells, settings, CATALOGUE, {label: simulator().facts})
    return controller.run(trial, launcher(simulator(), None), CATALOGUE)


every_kernel = pytest.mark.parametrize("name", WORKLOADS if thorough() else sorted(KERNELS.values()))


def test_the_workloads_that_a_gpu_can_do_are_there():
    """Those that compute with numbers and nothing else."""
    assert {"primes", "mandelbrot", "vector+loop"} <= set(WORKLOADS)
    assert len(KERNELS) >= 3


@every_kernel
@pytest.mark.parametrize(("tasks", "size"), SHAPES)
def test_a_kernel_gives_the_right_answers(name, tasks, size):
    """In every pass, whatever the number of threads that share a task: the child has checked them."""
    result = measured(name, tasks, size)
    assert (result.status, result.detail) == (Status.OK, "")


@every_kernel
def test_transfer_launch_and_kernel_are_distinguished(name):
    """And what ran the kernel: times of the simulator are none of a GPU."""
    reported = {one.name: one for one in measured(name, *SHAPES[0]).measurement.observations}
    assert "simulator" in reported["GPU"].text
    assert [(reported[stage].unit, reported[stage].value > 0) for stage in STAGES] == [("s", True)] * 4


@every_kernel
def test_all_tasks_of_a_kernel_are_in_flight_from_its_begin_to_its_end(name):
    """One span for all, inside the traced pass; what the host's thread got of a core is dealt out equally."""
    one = measured(name, *SHAPES[0]).measurement
    traced = one.traces[0].traced
    assert [span.task for span in one.spans] == list(range(SHAPES[0][0]))
    assert len({(span.begin_ns, span.end_ns, span.pid, span.tid, span.running_ns) for span in one.spans}) == 1
    assert traced.begin_ns <= one.spans[0].begin_ns < one.spans[0].end_ns <= traced.end_ns
    assert all(
        span.running_ns > 0 and (span.blocked_ns is None or span.blocked_ns <= span.end_ns - span.begin_ns)
        for span in one.spans
    )
    assert 1 < numbers(one, "").in_flight <= SHAPES[0][0]


def test_compiling_and_getting_ready_are_apart_from_the_passes():
    row = numbers(measured(KERNELS[CATALOGUE.workload("primes").forms["cuda"]], *SHAPES[0]).measurement, "")
    assert row.costs.startup_s > 0
    assert row.costs.compile_s > 0


def test_it_is_one_cell_whatever_the_workers():
    options = Options(workers=(2, 4, 8))
    design = plan.Design("made", ("primes",), ("numba-cuda",), compared=False)
    settings = plan.settings(design, options, CATALOGUE, 2)
    assert [cell.workers for cell in plan.cells(settings, CATALOGUE, ("3.11",))] == [1]


def test_a_workload_without_a_kernel_is_skipped_with_a_reason():
    options = Options(rounds=1)
    design = plan.Design("made", ("http",), ("numba-cuda",), compared=False)
    settings = plan.settings(design, options, CATALOGUE, 2)
    cells = plan.cells(settings, CATALOGUE, (simulator().label,))
    (trial,) = plan.trials(cells, settings, CATALOGUE, {simulator().label: simulator().facts})
    assert trial.skip.startswith("http is not written in the form cuda, which numba-cuda runs: a GPU computes with")


def pretended(monkeypatch, **changes):
    """A `numba.cuda` that answers so."""
    import numba.cuda  # noqa: F401 - the attribute must be there to be replaced

    usual = {"is_available": lambda: False, "cuda_error": lambda: None}
    monkeypatch.setattr("numba.cuda", SimpleNamespace(**{**usual, **changes}))


def test_a_gpu_that_can_be_used_is_no_reason_against_it(monkeypatch):
    pretended(monkeypatch, is_available=lambda: True)
    assert no_gpu() is None


def broken():
    raise AttributeError("module 'numpy' has no attribute 'row_stack'")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        (
            {"cuda_error": lambda: "\nCUDA driver library cannot be found.\nIf you are"},
            "no GPU can be used (CUDA driver",
        ),
        ({"cuda_error": lambda: RuntimeError("CUDA_ERROR_NO_DEVICE")}, "no GPU can be used (CUDA_ERROR_NO_DEVICE)"),
        ({}, "there is a driver for a GPU, but no CUDA compiler"),
        ({"is_available": broken}, "numba.cuda does not import (AttributeError: module 'numpy' has no attribute"),
    ],
)
def test_what_is_missing_is_reported_in_one_line_with_a_remedy(monkeypatch, changes, why):
    """A driver, a GPU, a compiler, or a package that fits the others."""
    pretended(monkeypatch, **changes)
    reported = no_gpu()
    assert reported.startswith(why)
    assert "--python this+cudasim" in reported
    assert "\n" not in reported


class Event:
    """Of a GPU on which an hour passes between two marks."""

    made = 0

    def __init__(self):
        Event.made += 1
        self.number, self.waited = Event.made, False

    def record(self):
        self.recorded = True

    def synchronize(self):
        self.waited = self.recorded

    def elapsed_time(self, end):
        assert end.waited, "the time is known when the end is reached"
        return 3_600_000.0 * (end.number - self.number)


@pytest.fixture
def device(monkeypatch):
    found = SimpleNamespace(MULTIPROCESSOR_COUNT=132, name=b"NVIDIA H100\x1b[31m")
    monkeypatch.setattr(cuda, "SIMULATED", False)
    monkeypatch.setattr(cuda, "cuda", SimpleNamespace(event=Event, get_current_device=lambda: found))
    return found


def test_a_gpu_reports_milliseconds_and_the_lab_seconds(device):
    begin = cuda.record_event()
    assert cuda.seconds(begin, cuda.record_event()) == 3600


def test_the_name_of_the_gpu_is_foreign_text(device):
    """Old versions give bytes, new ones a string."""
    assert cuda.device_name() == "NVIDIA H100\\x1b[31m"
    device.name = "NVIDIA T4"
    assert cuda.device_name() == "NVIDIA T4"


@pytest.mark.parametrize(("tasks", "blocks"), [(32, 66), (1, 2112), (5, 423), (2112, 1), (10_000, 1)])
def test_threads_fill_the_gpu_and_every_task_has_some(device, tasks, blocks):
    """2112 blocks of 128 threads are all that 132 multiprocessors hold."""
    assert cuda.layout(tasks) == ((blocks, tasks), (cuda.THREADS_PER_BLOCK, 1))


def test_time_of_the_host_is_dealt_out_to_the_tasks(monkeypatch):
    """Where the system does not report how long a thread waited for a core, it is not known of a task either."""
    note = (None, 100, 200, 1_000, 9_000, 4_000, None, 0, 1)
    monkeypatch.setattr(form, "TracedCall", lambda task: lambda _: note)
    task, unfold = form.traced(print, [])
    task([(1,), (2,)], [0, 0])
    outputs, spans = unfold([5, 6])
    assert outputs == [5, 6]
    assert [(one.task, one.begin_ns, one.end_ns, one.running_ns, one.ready_ns) for one in spans] == [
        (0, 1_000, 9_000, 2_000, None),
        (1, 1_000, 9_000, 2_000, None),
    ]


def test_each_stage_is_timed_several_times_and_its_median_reported(monkeypatch):
    times = iter([5.0, 1.0, 3.0, 2.0, 4.0])
    monkeypatch.setattr(cuda, "device_name", lambda: "made up")
    monkeypatch.setattr(form, "stages", lambda task, inputs: [("kernel", next(times))])
    reported = {one.name: one.value for one in form.observe(print, [])}
    assert reported["kernel"] == 3.0
