"""Loops of the form `parallel`: whole numbers and floats come out as they are, and what is none is refused."""

import numpy as np
import pytest
from examples import thorough
from numba import njit, prange
from own_process import in_own_process

import gil_lab
from gil_lab.suite.catalogue import Catalogue
from gil_lab.suite.forms import parallel
from gil_lab.suite.workloads import Workload

FORM = Catalogue().form("parallel")
OPEN = Catalogue().strategy("numba-parallel").open


def loop_over(task):
    @njit(parallel=True)
    def loop(inputs, outputs):
        for i in prange(inputs.shape[0]):
            outputs[i] = task((inputs[i, 0], inputs[i, 1]))

    return loop


def loop_over_numbers(task):
    @njit(parallel=True)
    def loop(inputs, outputs):
        for i in prange(inputs.shape[0]):
            outputs[i] = task(inputs[i])

    return loop


def loop_that_forgets(task):
    @njit(parallel=True)
    def loop(inputs, outputs):
        for i in prange(inputs.shape[0]):
            if inputs[i, 0] != 2:
                outputs[i] = task((inputs[i, 0], inputs[i, 1]))

    return loop


def plain(item):
    return item[0] / item[1]


def rounded(item):
    return item[0] // item[1]


def halved(number):
    return number / 2


def both(item):
    return item[0] + 0 * item[1], item[1]


def compiled(task, loop, inputs):
    workload = Workload("mine", "cpu", inputs, {"call": task, "nogil": njit(nogil=True)(task), "parallel": loop})
    made = FORM.task(workload)
    FORM.compile(made, inputs)
    return made


@pytest.mark.parametrize(
    ("task", "loop", "inputs"),
    [
        (plain, loop_over, [(1, 2), (3, 4), (2**53 + 1, 1)]),
        (rounded, loop_over, [(5, 2), (2**53 + 1, 1)]),
        *[(halved, loop_over_numbers, [1.0, 2.0, 3.0])] * thorough(),
    ],
)
@in_own_process
def test_answers_come_out_as_the_task_gives_them(task, loop, inputs):
    """Timed and traced: no float is cut off, and no large whole number rounded.

    Floats in are for the thorough profile: outside it they go through the live pool below.
    """
    made = compiled(task, loop, inputs)
    expected = list(map(task, inputs))
    with OPEN(2) as run:
        assert run(made, inputs) == expected
        traced, unfold = FORM.traced(made, inputs)
        outputs, spans = unfold(run(traced, inputs))
    assert outputs == expected
    assert list(map(type, outputs)) == list(map(type, expected))
    assert len(spans) == len(inputs)


@njit(nogil=True)
def total(values):
    return values.sum()


def over_arrays(task):
    @njit(parallel=True)
    def loop(inputs, outputs):
        for number in prange(len(outputs)):
            outputs[number] = task(inputs[number])

    return loop


@in_own_process
def test_arrays_come_into_a_task_as_arrays():
    """And not as tuples, of which Numba compiles one for each length, in minutes."""
    work = Workload("sums", "cpu", [np.ones(1000), np.ones(1000)], {"nogil": total, "parallel": over_arrays})
    task = parallel.loop(work)
    parallel.compile_for(task, work.inputs)
    outputs = np.empty(2, task.dtype)
    task(np.array(work.inputs), outputs)
    assert outputs.tolist() == [1000.0, 1000.0]


@pytest.mark.parametrize(
    ("forms", "inputs", "message"),
    [
        ({"parallel": over_arrays}, [1], "needs the form nogil beside it"),
        ({"nogil": total, "parallel": over_arrays(total)}, [1], "give a function that takes the compiled task"),
        ({"nogil": total, "parallel": over_arrays}, [np.ones(2), np.ones(3)], "inputs of different shapes"),
        ({"nogil": total, "parallel": over_arrays}, ["a", "b"], "takes numbers, tuples of numbers or arrays"),
    ],
)
@in_own_process
def test_what_a_loop_cannot_be_made_of_is_said_in_one_line(forms, inputs, message):
    """What is missing, and what to do."""
    work = Workload("sums", "cpu", inputs, forms)
    with pytest.raises(TypeError, match=message):
        parallel.compile_for(parallel.loop(work), work.inputs)


@in_own_process
def test_a_task_that_answers_with_more_than_a_number_is_refused():
    """In one line."""
    with pytest.raises(TypeError, match=r"the task answers with .*; the loop of the form parallel stores one number"):
        compiled(both, loop_over, [(1, 2)])


@in_own_process
def test_a_loop_that_does_not_store_an_answer_is_an_error():
    """It is said which rule it breaks; there was an IndexError."""
    inputs = [(1, 1), (2, 1), (3, 1)]
    made = compiled(rounded, loop_that_forgets, inputs)
    with OPEN(2) as run:
        traced, unfold = FORM.traced(made, inputs)
        with pytest.raises(ValueError, match=r"the loop stored no answer for 1 task\(s\); it must do so"):
            unfold(run(traced, inputs))


@in_own_process
def test_floats_in_are_floats_out_of_a_live_pool():
    """There only the inputs are known."""
    halves = loop_over_numbers(njit(halved))
    with gil_lab.open_pool("numba-parallel", workers=2) as run:
        assert run(halves, [1.0, 2.0, 3.0]) == [0.5, 1.0, 1.5]
