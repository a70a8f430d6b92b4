"""The form `coroutine`: what is not written as `async def`, but given as one."""

import asyncio
import functools

import pytest

from gil_lab.suite.forms.coroutine import task
from gil_lab.suite.workloads import Workload


async def doubled(item):
    return 2 * item


@functools.wraps(doubled)
def wrapped(item):
    return doubled(item)


def plain(item):
    return 2 * item


def answer(function):
    workload = Workload("doubles", "cpu", [1, 2, 3], {"call": plain, "coroutine": function})
    return asyncio.run(task(workload)(4))


def test_a_plain_function_is_an_error_that_names_the_form():
    """And what to write instead; else the text would be the interpreter's own."""
    cause = "the form coroutine is a plain function, which answers with int; write it as async def"
    with pytest.raises(TypeError, match=cause):
        answer(plain)


@pytest.mark.parametrize("function", [doubled, wrapped, functools.partial(doubled)])
def test_what_answers_with_something_to_await_is_a_coroutine_form(function):
    """A decorator's function is a plain one that answers with a coroutine."""
    assert answer(function) == 8


def test_a_coroutine_function_is_run_as_it_is():
    """Nothing stands between it and the clock."""
    assert task(Workload("doubles", "cpu", [1], {"call": plain, "coroutine": doubled})) is doubled
