"""The picture `gil`: a token that wanders from thread to thread."""

import pytest
from made import GIL, cell
from made_of_time import Made, span

from gil_lab.report.drawing.picture import NothingToDrawError
from gil_lab.report.pictures import gil

HELD = {**GIL, "gil_held_share": 0.98, "gil_handoffs_per_s": 200.0}


def made(**changes):
    """Two threads that take turns, and the main thread for a moment."""
    session = Made().add(cell(), [span(), span(task=1, tid=201, begin_ms=1)], 20, **{**HELD, **changes})
    return session.held((200, 0, 5, 0), (201, 5, 10, 1), (999, 10, 11, 1), (None, 11, 12, 0), (200, 12, 20, 4))


def panel(session):
    (view,) = gil.draw(session).spec["vconcat"]
    return view


def test_each_hold_is_a_bar_in_the_row_of_its_thread():
    """Time in which it was free has no bar; threads without tasks share the last row."""
    bars = [(bar["row"], bar["begin"], bar["end"]) for bar in panel(made())["data"]["values"]]
    assert bars == [("worker 1", 0, 5), ("worker 2", 5, 10), ("another", 10, 11), ("worker 1", 12, 20)]
    assert panel(made())["encoding"]["y"]["scale"]["domain"] == ["worker 1", "worker 2", "another"]


def test_a_bar_that_hides_hand_offs_is_pale():
    """By the exact counter, of which samples see a part."""
    seen = [bar["seen"] for bar in panel(made())["data"]["values"]]
    assert seen == [gil.SEEN, gil.SEEN, gil.SEEN, gil.PARTLY_SEEN]


def test_the_title_has_the_numbers_of_what_is_drawn():
    """And not those of the timed passes, which are others; a flag of the cell is no reason to say less."""
    drawn = "threading x2: the GIL changes hands 6 times in 20.0 ms, and is held 95 % of them"
    assert gil.draw(made()).title == drawn
    flagged = made(rounds=3, flagged_rounds=3, flags=("disturbed",))
    assert flagged.rows[0].flagged
    assert gil.draw(flagged).title == drawn
    assert "1 GIL, held 95 % of 20.0 ms, 6 hand-offs" in " ".join(panel(made())["title"]["text"])


def test_of_several_cells_the_title_names_the_one_with_the_most_and_the_one_with_the_least():
    """Each with its own time."""
    session = made().add(cell("sequential"), [span()], 40, **HELD).held((200, 0, 10, 0), (None, 10, 40, 0), trial=2)
    assert gil.draw(session).title == (
        "threading x2: the GIL changes hands 6 times in 20.0 ms; sequential: it is held 25 % of 40.0 ms"
    )


def test_a_gil_that_no_thread_held_is_one_all_the_same():
    """Of coroutines that sleep, or of the process that waits for its workers."""
    session = Made().add(cell("asyncio"), [span()], 20, **HELD).held((None, 0, 20, 0))
    assert "1 GIL, held 0 % of 20.0 ms, 0 hand-offs" in " ".join(panel(session)["title"]["text"])


def test_how_often_it_was_looked_at_is_said_as_it_was():
    """On a busy machine it is less than what is aimed at; nothing is said where it is not known."""
    notes = " ".join(gil.draw(made().looked_at(11)).spec["title"]["subtitle"])
    assert "looked at 550 times a second" in notes
    assert "looked at" not in " ".join(gil.draw(made()).spec["title"]["subtitle"])


def test_only_the_first_quarter_of_a_second_is_drawn():
    """A long pass has more hand-offs than a page has pixels; what goes beyond is cut."""
    session = Made().add(cell(), [span(end_ms=900)], 1000, **HELD).held((200, 0, 400, 0), (200, 400, 900, 2))
    assert [bar["end"] for bar in panel(session)["data"]["values"]] == [250]


def test_a_session_without_a_gil_to_be_seen_says_what_to_measure():
    """Of an older gil-lab, or under a free-threaded Python."""
    with pytest.raises(NothingToDrawError, match="gil-lab run cpu-bound"):
        gil.draw(Made().add(cell(), [span()], 10))


def test_holds_outside_of_the_pass_are_left_out():
    """Files can be edited."""
    session = (
        Made().add(cell(), [span()], 10, **HELD).held((200, -5, -1, 0), (200, 5, 4, 0), (200, 1, 2, 0), (200, 9, 90, 0))
    )
    assert [(bar["begin"], bar["end"]) for bar in panel(session)["data"]["values"]] == [(1, 2)]
