"""Text in pictures: how wide it is taken to be, where it is broken and cut, and that labels never cover anything."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import CLEAN_TEXT

from gil_lab.report.drawing.boxes import Box, around, text_box
from gil_lab.report.drawing.labels import balanced, shortened, text_width, wrapped
from gil_lab.report.drawing.placement import NEAR, Spot, place, stack

PLOT = Box(0, 0, 400, 250)
TEXTS = CLEAN_TEXT
SPOTS = st.lists(
    st.builds(
        Spot,
        st.floats(0, PLOT.right),
        st.floats(0, PLOT.bottom),
        st.sampled_from(["sequential", "threading x8", "multiprocessing-forkserver x16", "語語 x2"]),
        st.just(6.0),
    ),
    max_size=6,
)
TAKEN = st.lists(st.builds(lambda x, y: Box(x, y, x + 70, y + 15), st.floats(0, 330), st.floats(0, 235)), max_size=3)


@given(SPOTS, TAKEN)
def test_a_label_covers_no_label_no_mark_and_nothing_that_is_taken(spots, taken):
    labels = place(spots, PLOT, taken)
    boxes = [label.box for label in labels if label]
    marks = [around(spot.x, spot.y, spot.reach) for spot in spots]
    for number, box in enumerate(boxes):
        assert not any(map(box.overlaps, [*boxes[:number], *marks, *taken]))


@given(SPOTS, TAKEN)
def test_a_label_never_leaves_the_plot(spots, taken):
    assert all(label.box.inside(PLOT) for label in place(spots, PLOT, taken) if label)


@given(SPOTS)
def test_a_line_leads_from_each_mark_to_its_label_if_that_is_away(spots):
    for spot, label in zip(spots, place(spots, PLOT), strict=True):
        if label is None:
            continue
        x, y = label.box.nearest(spot.x, spot.y)
        if math.dist((spot.x, spot.y), (x, y)) > 3 * spot.reach + NEAR:
            assert label.leader[2:] in ((x, y), (x, label.box.middle))
            assert math.dist((spot.x, spot.y), label.leader[:2]) <= spot.reach + 1e-6


@given(SPOTS)
def test_a_line_to_a_label_runs_through_no_other_label(spots):
    labels = [label for label in place(spots, PLOT) if label]
    for label in labels:
        for other in labels:
            if label.leader and other is not label:
                inner = Box(other.box.left + 3, other.box.top + 3, other.box.right - 3, other.box.bottom - 3)
                assert not inner.crossed(label.leader)


@given(SPOTS)
def test_the_same_spots_get_the_same_labels(spots):
    assert place(spots, PLOT) == place(spots, PLOT)


def test_a_mark_alone_has_its_label_at_its_right():
    (label,) = place([Spot(100, 100, "threading x8", 6)], PLOT)
    assert label.leader is None
    assert (label.box.left, label.box.middle) == (109, 100)


def test_a_mark_at_the_right_edge_has_its_label_at_its_left():
    (label,) = place([Spot(395, 100, "threading x8", 6)], PLOT)
    assert label.box.right == 395 - 9


def test_many_marks_in_one_place_all_get_a_label():
    """Seven strategies that wait for the same server lie on one point, at the edge of the map."""
    names = ("threading", "asyncio", "multiprocessing", "joblib", "numba-nogil", "numba-parallel", "asyncio-threads")
    labels = place([Spot(525, 325, f"{name} x8", 6) for name in names], Box(0, 0, 594, 330))
    assert all(labels)


def test_to_keep_off_a_line_is_worth_a_way():
    line = (0, 100, 400, 100)
    (label,) = place([Spot(100, 100, "threading x8", 6)], PLOT, lines=[line])
    assert not label.box.crossed(line)


def test_a_label_stays_at_home_if_it_can():
    home = Box(0, 90, 400, 250)
    (label,) = place([Spot(100, 96, "threading x8", 6, home)], PLOT)
    assert label.box.inside(home)


def test_without_room_there_is_no_label():
    """Rather than one that covers something: whoever draws says whose label is missing."""
    tiny = Box(0, 0, 60, 30)
    labels = place([Spot(30, 15, "multiprocessing", 6), Spot(30, 20, "joblib x8", 6)], tiny)
    assert labels == [None, None]


def test_without_spots_there_are_no_labels():
    assert place([], PLOT) == []


@given(*(st.floats(0, 400) for _ in range(4)), st.floats(0, 1))
def test_a_box_around_a_point_of_a_line_is_crossed_by_it(x, y, to_x, to_y, share):
    at = x + share * (to_x - x), y + share * (to_y - y)
    line = (x, y, to_x, to_y)
    if math.dist((x, y), (to_x, to_y)) > 1:
        assert around(*at, 2).crossed(line)
    assert not Box(401, 0, 500, 400).crossed(line)
    assert not Box(0, 401, 400, 500).crossed(line)


@given(TEXTS, TEXTS)
def test_more_text_is_wider(first, second):
    assert text_width(first + second) == pytest.approx(text_width(first) + text_width(second))


@pytest.mark.parametrize(
    ("text", "helvetica"),
    [
        ("threading x8", 61.1),
        ("multiprocessing-forkserver x16", 149.2),
        ("numba-parallel x8", 88.7),
        ("0123456789", 61.2),
    ],
)
def test_widths_are_those_of_helvetica_and_a_little_more(text, helvetica):
    """Pixels at 11, from Adobe's font metrics."""
    assert helvetica <= text_width(text, 11) <= 1.15 * helvetica


@given(TEXTS, st.floats(40, 300))
def test_a_cut_text_fits(text, width):
    assert text_width(shortened(text, width)) <= width


def test_a_cut_text_keeps_its_end_which_tells_the_workers():
    cut = shortened("multiprocessing-forkserver x16", 100)
    assert cut.startswith("multi")
    assert cut.endswith("x16")
    assert "…" in cut


@given(TEXTS, st.floats(40, 300))
def test_no_line_is_wider_than_asked(text, width):
    assert all(text_width(line) <= width for line in wrapped(text, width))


def test_lines_are_broken_at_blanks():
    assert wrapped("one two three", 45) == ["one two", "three"]


def test_a_word_longer_than_a_line_is_broken():
    assert "".join(wrapped("x" * 100, 100)) == "x" * 100


@given(st.lists(st.sampled_from(["keeps", "7.9", "tasks", "in", "flight:", "concurrent"]), max_size=30).map(" ".join))
def test_balanced_lines_are_as_many_and_say_the_same(text):
    lines = balanced(text, 150)
    assert len(lines) == len(wrapped(text, 150))
    assert " ".join(lines) == text
    assert all(text_width(line) <= 150 for line in lines)


@given(st.lists(st.floats(0, 200), max_size=10))
def test_stacked_labels_keep_their_distance_and_their_order(heights):
    placed = stack(heights, 14, 5, 195)
    assert all(5 <= height <= 195 + 1e-9 for height in placed)
    in_order = sorted(range(len(heights)), key=lambda index: (heights[index], index))
    steps = [placed[after] - placed[before] for before, after in pairwise(in_order)]
    assert all(step >= 14 - 1e-9 for step in steps)


def test_a_label_that_has_room_stays_where_it_belongs():
    assert stack([20, 100], 14, 5, 195) == [20, 100]


def test_labels_without_room_leave_the_column_at_its_end():
    assert stack([50, 50, 50], 14, 5, 20) == [5, 19, 33]


def test_the_box_of_a_text_is_around_its_line():
    box = text_box("threading", 10, 50)
    assert (box.left, box.middle) == (10, 50)
    assert box.right == 10 + text_width("threading")
