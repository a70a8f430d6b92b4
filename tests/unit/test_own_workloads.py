"""Workloads as people write them: what can be left out, and what is refused, in one line that says what is wanted."""

import re
from contextlib import contextmanager

import numba
import numpy as np
import pytest

from gil_lab.model.errors import UsageError
from gil_lab.suite.catalogue import with_file
from gil_lab.suite.forms import call, nogil
from gil_lab.suite.workloads import Workload


def work(number):
    return number + 1


def made(inputs=lambda tasks, size: [size] * tasks, verify=None, form=work):
    return Workload("mine", "cpu", inputs, {"call": form}, verify)


@contextmanager
def yielded(tasks, size):
    yield [size] * tasks


@pytest.mark.parametrize(
    "inputs", [yielded, lambda tasks, size: (size,) * tasks, [7, 7, 7], (7, 7, 7), range(3), np.zeros(3)]
)
def test_inputs_are_a_list_or_a_function_or_a_context_manager(inputs):
    """One for each task; of a list there are as many tasks."""
    workload = made(inputs)
    with workload.open_inputs(3, 7) as opened:
        assert len(opened) == 3
    assert workload.tasks == (32 if callable(inputs) else 3)


def test_of_a_list_the_first_ones_are_taken():
    """`--tasks 2`."""
    with made([1, 2, 3]).open_inputs(2, 1) as inputs:
        assert list(inputs) == [1, 2]


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ([1, 2], "inputs gives 2 inputs for 3 tasks"),
        (lambda tasks, size: [], "inputs gives 0 inputs for 3 tasks"),
        (lambda tasks, size: (number for number in range(tasks)), "inputs gives a generator; it must give a list"),
        (lambda tasks, size: None, "inputs gives a NoneType; it must give a list"),
    ],
)
def test_anything_else_is_no_inputs(inputs, message):
    """And what is missing is said."""
    with pytest.raises((TypeError, ValueError), match=message), made(inputs).open_inputs(3, 1):
        pass


@pytest.mark.parametrize(
    ("said", "complaint"),
    [(None, None), (True, None), (False, "verify says that the answers are wrong"), ("3 of 4 differ", "3 of 4 differ")],
)
def test_verify_says_what_is_wrong_or_whether_it_is_right(said, complaint):
    """As functions of that name do elsewhere."""
    assert made(verify=lambda inputs, outputs: said).complaint([1], [2]) == complaint
    assert made().complaint([1], [2]) is None


def asserts(inputs, outputs):
    """As tests do."""
    assert outputs == [5], "five is right"


def test_verify_may_answer_as_numpy_does_and_may_assert():
    """`(a == b).all()` is no bool of Python's."""
    assert made(verify=lambda inputs, outputs: np.True_).complaint([1], [2]) is None
    assert (
        made(verify=lambda inputs, outputs: np.False_).complaint([1], [2]) == "verify says that the answers are wrong"
    )
    assert made(verify=asserts).complaint([1], [5]) is None
    assert made(verify=asserts).complaint([1], [2]).startswith("verify says that the answers are wrong: five is right")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"bound": "gpu"}, "bound is 'gpu'; it is one of cpu, io, both"),
        ({"forms": {}}, "forms is empty; it must be a mapping"),
        ({"forms": work}, "it must be a mapping from the names of forms to functions"),
        ({"forms": {"call": 3}}, "the form call is 3; it must be a function"),
        ({"inputs": (number for number in range(3))}, "inputs is of type generator; it must be a list"),
        ({"inputs": map(int, "12")}, "inputs is of type map; it must be a list"),
        ({"inputs": {1: 2}}, "inputs is of type dict; it must be a list"),
        ({"inputs": "text"}, "inputs is of type str; it must be a list"),
        ({"inputs": 5}, "inputs is of type int; it must be a list"),
        ({"inputs": []}, "inputs is empty; give an input for each task"),
        ({"verify": 3}, "verify is 3; it must be a function"),
    ],
)
def test_what_no_workload_can_be_is_refused_at_once(fields, message):
    """With what is wanted, before anything is started."""
    usual = {"summary": "mine", "bound": "cpu", "inputs": [1], "forms": {"call": work}}
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        Workload(**{**usual, **fields})


@pytest.mark.parametrize("said", [0, [], "", object()])
def test_a_verify_that_says_neither_is_an_error(said):
    """An empty text is no reason, and a number none that anybody understands."""
    with pytest.raises(
        TypeError, match=r"verify returned .*; it must return None, or one line that says what is wrong"
    ):
        made(verify=lambda inputs, outputs: said).complaint([1], [2])


def takes_two(first, second):
    return first + second


@pytest.mark.parametrize("form", [takes_two, lambda: 1, lambda first, second, third=0: 1])
def test_a_task_takes_one_argument(form):
    """Which is said before it is called with one."""
    with pytest.raises(TypeError, match="is no task: a task takes one argument, its input; unpack it inside"):
        call.task(made(form=form))


@pytest.mark.parametrize("form", [work, lambda *items: 1, lambda item, more=0: 1, max, int, dict.fromkeys, str.upper])
def test_what_can_be_called_with_one_argument_is_a_task(form):
    """Of some built-in functions that is not known."""
    assert call.task(made(form=form)) is form


def test_a_function_that_is_not_compiled_is_no_compiled_form():
    """Which is said, and not that it lacks an argument."""
    with pytest.raises(TypeError, match="the form nogil is neither compiled by Numba nor a function without arguments"):
        nogil.task(Workload("mine", "cpu", [1], {"call": work, "nogil": work}))


def test_a_compiled_function_is_its_own_compiled_form():
    """It need not be wrapped into a function that builds it."""
    compiled = numba.njit(nogil=True)(work)
    for form in (compiled, lambda: compiled):
        assert nogil.task(Workload("mine", "cpu", [1], {"call": work, "nogil": form})) is compiled


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("", "in it; make"),
        ("import json\nVALUE = 1\n", "in it; make"),
        ("def work(n):\n    return n\n\ndef rest(n):\n    return n\n", "in it, only work, rest; make"),
        ("from gil_lab import Workload\n\nclass Mine:\n    pass\n", "in it, only Mine; make"),
    ],
)
def test_a_file_with_nothing_to_measure_is_refused(tmp_path, source, names):
    """Before: the lab's own work was measured, under the name of the file."""
    file = tmp_path / f"empty_{len(source)}.py"
    file.write_text(source)
    with pytest.raises(UsageError, match=r"has no Workload, Strategy or Experiment") as refused:
        with_file(file)
    assert names in str(refused.value)
