"""What a function changes outside of itself, which processes would have copies of."""

import threading
from functools import partial

import pytest

from gil_lab.suite.targets.surroundings import surroundings

TOTAL = 0
SEEN = {}
NAMES = ["a", "b"]
LOCK = threading.Lock()
HUGE = bytes(8 * 1024 * 1024)


def counts(number):
    global TOTAL  # noqa: PLW0603 - that is what is looked for
    TOTAL += number


def remembers(number):
    with LOCK:
        SEEN[number] = len(NAMES)


def by_another(number):
    return [remembers(each) for each in (number,)]


def only_reads(number):
    return NAMES[number % 2], len(HUGE), TOTAL


class Callable:
    def __call__(self, number):
        counts(number)


@pytest.fixture(autouse=True)
def as_at_first():
    global TOTAL  # noqa: PLW0603 - that is what is looked for
    TOTAL = 0
    SEEN.clear()


@pytest.mark.parametrize(
    ("function", "name"),
    [(counts, "TOTAL"), (remembers, "SEEN"), (by_another, "SEEN"), (partial(counts), "TOTAL"), (Callable(), "TOTAL")],
    ids=["a number", "a dictionary", "through another function", "a partial", "an object"],
)
def test_a_global_that_a_call_changes_is_named(function, name):
    """Whether it is assigned to or changed itself."""
    before = surroundings(function)
    function(3)
    assert before.changed == name


def test_what_is_only_read_is_not_named():
    """And what is too large, or cannot be copied, is not looked at."""
    before = surroundings(only_reads)
    only_reads(3)
    assert before.changed == ""
    assert set(before.before) == {"NAMES", "TOTAL"}


@pytest.mark.parametrize("function", [len, sorted, print], ids=lambda one: one.__name__)
def test_a_built_in_function_has_none(function):
    """It has no code to look at."""
    assert surroundings(function).changed == ""
