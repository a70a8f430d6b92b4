"""Loops of the form `parallel`: whole numbers and floats come out as they are, and what is none is refused."""

import pytest
from numba import njit, prange

import gil_lab
from gil_lab.suite.catalogue import Catalogue
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
        (halved, loop_over_numbers, [1.0, 2.0, 3.0]),
    ],
)
def test_answers_come_out_as_the_task_gives_them(task, loop, inputs):
    """Timed and traced: no float is cut off, and no large whole number rounded."""
    made = compiled(task, loop, inputs)
    expected = list(map(task, inputs))
    with OPEN(2) as run:
        assert run(made, inputs) == expected
        traced, unfold = FORM.traced(made, inputs)
        outputs, spans = unfold(run(traced, inputs))
    assert outputs == expected
    assert list(map(type, outputs)) == list(map(type, expected))
    assert len(spans) == len(inputs)


def test_a_task_that_answers_with_more_than_a_number_is_refused():
    """In one line."""
    with pytest.raises(TypeError, match=r"the task answers with .*; the loop of the form parallel stores one number"):
        compiled(both, loop_over, [(1, 2)])


def test_a_loop_that_does_not_store_an_answer_is_an_error():
    """It is said which rule it breaks; there was an IndexError."""
    inputs = [(1, 1), (2, 1), (3, 1)]
    made = compiled(rounded, loop_that_forgets, inputs)
    with OPEN(2) as run:
        traced, unfold = FORM.traced(made, inputs)
        with pytest.raises(ValueError, match=r"the loop stored no answer for 1 task\(s\); it must do so"):
            unfold(run(traced, inputs))


def test_floats_in_are_floats_out_of_a_live_pool():
    """There only the inputs are known."""
    halves = loop_over_numbers(njit(halved))
    with gil_lab.open_pool("numba-parallel", workers=2) as run:
        assert run(halves, [1.0, 2.0, 3.0]) == [0.5, 1.0, 1.5]
