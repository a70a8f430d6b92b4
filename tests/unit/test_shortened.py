"""A cause and the next step in a line that has room for only so many characters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gil_lab.model.text import shortened

CAUSE = "the work raised an error whose text goes on and on, about one thing and another"
STEP = "raise --timeout"


def test_the_cause_is_cut_and_the_next_step_kept():
    """Whoever reads it can do something."""
    assert shortened(f"{CAUSE}; {STEP}", 50) == f"{CAUSE[:30]}...; {STEP}"


def test_what_has_room_stays_as_it_is():
    assert shortened(f"{CAUSE}; {STEP}", 200) == f"{CAUSE}; {STEP}"


@pytest.mark.parametrize("text", [CAUSE, f"no; {CAUSE}"])
def test_without_a_next_step_or_room_for_it_the_end_is_cut(text):
    assert shortened(text, 50) == f"{text[:47]}..."


def test_words_are_not_cut_where_there_is_room_for_the_ones_before():
    """Half a word, or half a version, is worse than none."""
    assert shortened("it needs Python 3.14 or later; choose one", 34) == "it needs Python...; choose one"
    assert shortened(f"see {'x' * 100}", 50) == f"see {'x' * 43}..."


@given(st.text(), st.integers(10, 100))
def test_it_is_one_line_of_no_more_characters_than_asked_for(text, most):
    shown = shortened(text, most)
    assert len(shown) <= most
    assert shown.isprintable()
