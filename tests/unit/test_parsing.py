"""What is typed on the command line: numbers as people write them, and nothing that only int() takes for one."""

import pytest

from gil_lab.cli import parsing
from gil_lab.model.errors import UsageError


@pytest.mark.parametrize("text", ["2.0", "1_0", "٣", "", " ", " 2", "0x2", "1e3", "²", "two", "2\n", "9" * 19])
def test_what_is_typed_for_a_whole_number_must_be_one(text):
    """int() would take some of these; ranges are the plan's business."""
    with pytest.raises(UsageError, match=r"^--tasks takes a whole number, not ") as caught:
        parsing.whole("tasks", text)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("text", ["nan", "inf", "1e3", "1_0", "٣", "", ".", "1,5", "1s", "9" * 10, "1\n", "0x1"])
def test_what_is_typed_for_seconds_must_be_decimal(text):
    """float() would take some of these."""
    with pytest.raises(UsageError, match=r"^--timeout takes seconds like 0\.5, not ") as caught:
        parsing.seconds("timeout", text)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(("text", "value"), [("0", 0), ("-3", -3), ("007", 7), ("9" * 18, 10**18 - 1)])
def test_whole_numbers_are_parsed(text, value):
    """Signs and leading zeros are fine."""
    assert parsing.whole("tasks", text) == value


@pytest.mark.parametrize(("text", "value"), [("2", 2.0), ("0.5", 0.5), (".5", 0.5), ("1.", 1.0), ("-1", -1.0)])
def test_seconds_are_parsed(text, value):
    """With or without decimals."""
    assert parsing.seconds("timeout", text) == value


def test_what_is_not_typed_is_left_open():
    """None stays None, so that the experiment decides."""
    assert parsing.whole("tasks", None) is None
    assert parsing.seconds("min-time", None) is None
    assert parsing.several("strategy", None) is None
    assert parsing.whole_numbers("workers", []) is None


def test_several_values_may_be_listed_or_repeated():
    """`a,b` and `--x a --x b` are the same, spaces do not matter, doubles are left out."""
    assert parsing.several("strategy", ["a, b", "c", "a"]) == ("a", "b", "c")
    assert parsing.whole_numbers("workers", ["4,2", "4"]) == (4, 2)


@pytest.mark.parametrize("texts", [[""], ["a,"], [","], ["a,,b"], ["a", " "]])
def test_an_empty_item_is_refused(texts):
    """A comma too many is a slip, not a wish for everything."""
    with pytest.raises(UsageError, match=r"^--strategy has an empty item"):
        parsing.several("strategy", texts)


@pytest.mark.parametrize("texts", [["2,x"], ["2.0"], ["1_0"], ["2", "٣"]])
def test_each_of_several_numbers_must_be_one(texts):
    """The first that is none is named."""
    with pytest.raises(UsageError, match=r"^--workers takes a whole number, not "):
        parsing.whole_numbers("workers", texts)
