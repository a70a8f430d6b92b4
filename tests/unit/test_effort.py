"""Effort: lines that differ, counted from sources, and what Numba says that it made parallel."""

import pytest

from gil_lab.suite.compilers.porting import PortedFunctions, lines_changed, parallelised, source

PLAIN = "def f(x):\n    return x\n"


@pytest.mark.parametrize(
    ("written", "lines"),
    [
        (PLAIN, 0),
        ("@njit\n" + PLAIN, 1),
        ("def f(x):\n    return 2 * x\n", 1),
        ("def f(x):\n", 1),
        ("def f(x):\n    y = x\n    x = y\n    return y\n", 3),
        ("", 2),
    ],
)
def test_new_changed_and_removed_lines_count(written, lines):
    """A line that stands in place of another counts once."""
    assert lines_changed(PLAIN, written) == lines


def test_what_is_new_altogether_counts_in_full():
    assert lines_changed("", PLAIN) == 2


def plain(x):
    return x


def test_functions_of_the_same_name_are_compared_and_others_are_new():
    """A loop around a task has no plain counterpart. One that was made twice had to be written once."""

    def other(x):
        return -x

    def named_alike(x):
        return -x

    named_alike.__name__ = "plain"
    written = PortedFunctions()
    assert [one.value for one in written.observations(plain)] == [0]
    assert written.record(other) is other
    written.record(other)
    assert [one.value for one in written.observations(plain)] == [2]
    written.record(named_alike)
    ((changed,),) = ([one.value for one in reported] for reported in [written.observations(plain)])
    assert changed == 2 + 2


def test_the_source_of_a_function_is_moved_to_the_margin():
    def inner(x):
        return x

    assert source(inner).startswith("def inner")


def test_plain_functions_have_no_parallel_loops():
    assert list(parallelised(plain)) == []
