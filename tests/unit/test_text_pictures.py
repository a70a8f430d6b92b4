"""The map and the timeline as text: what they say is in the data, at any width, with and without Unicode."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import cell, failed, summary

from gil_lab.analysis import verdicts
from gil_lab.analysis.summaries import Summary
from gil_lab.analysis.timelines import Bar, Lane, Timeline
from gil_lab.analysis.verdicts import REGIONS, Verdict
from gil_lab.report.text.map import CEILING, FLOOR, HEIGHT, LETTERS, NARROWEST, letters, text_map
from gil_lab.report.text.timeline import MAX_LANES, states_of, text_timeline, title
from gil_lab.sessions.rows import StateShares


def placed(in_flight, cores_busy, strategy="threading"):
    return summary(strategy, in_flight=in_flight, cores_busy=cores_busy, verdict=verdicts.region(in_flight, cores_busy))


POINTS = st.tuples(st.floats(0.9, 200), st.floats(0, 64))


@given(
    points=st.lists(POINTS, min_size=1, max_size=52), cores=st.none() | st.integers(1, 64), width=st.integers(40, 90)
)
def test_every_mark_stands_in_the_region_of_its_verdict(points, cores, width):
    """However the scale is stretched and whatever stands there already: neither on a line nor beyond it, nor hidden."""
    summaries = [placed(*point) for point in points]
    lines = text_map(summaries, cores, width, ascii_only=True)
    assert max(map(len, lines)) <= width
    grid = [line[5:] for line in lines[1 : HEIGHT + 1]]
    names = re.compile("|".join([*REGIONS, r"\d+ cores?"]))
    wall = grid[CEILING].index("+")
    for row, line in enumerate(grid):
        for column, sign in enumerate(names.sub(lambda name: " " * len(name.group()), line)):
            if sign in LETTERS:
                verdict_here = letters(summaries)[sign][0].verdict
                assert verdict_here is region(row, column, wall)
    assert {sign for line in grid for sign in names.sub("", line) if sign in LETTERS} == set(letters(summaries))


def region(row, column, wall):
    """What is called so on the map; a wall or a line is no region."""
    if row in (CEILING, FLOOR) and (row == CEILING or column >= wall):
        return None
    if row < CEILING:
        return Verdict.PARALLEL
    if column == wall:
        return None
    if column < wall:
        return Verdict.ONE_AT_A_TIME
    return Verdict.CONCURRENT if row < FLOOR else Verdict.WAITING


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("width", [20, 40, 80, 300])
def test_a_map_is_as_wide_as_there_is_room(width, ascii_only):
    """Down to its narrowest, and in a wide terminal no wider than is good to look at."""
    lines = text_map([placed(1, 1, "sequential"), placed(4.7, 1.0), placed(6, 2)], 2, width, ascii_only=ascii_only)
    assert max(map(len, lines)) <= max(width, NARROWEST)
    assert max(map(len, lines)) <= 100
    assert "".join(lines).isascii() == ascii_only


def test_a_map_names_its_regions_and_the_cores():
    """All four, whether or not a cell lies there."""
    told = "\n".join(text_map([placed(1, 1)], 2))
    for name in (*REGIONS, "2 cores", "tasks in flight", "cores busy"):
        assert name in told


def test_marks_in_one_place_stand_side_by_side():
    """None hides another one."""
    lines = text_map([placed(4, 1.0) for _ in range(10)], 2, 80, ascii_only=True)
    (line,) = [line for line in lines if re.search("[a-j]{10}", line)]
    assert sorted(re.search("[a-j]{10}", line).group()) == list("abcdefghij")


def test_cells_without_numbers_have_no_letter():
    """So the letters of the others are the same in map and table."""
    summaries = [failed("joblib"), placed(4, 1)]
    assert letters(summaries) == {"a": [summaries[1]]}
    assert text_map([failed("joblib")], 2) == []
    assert text_map([], None) == []


def test_more_cells_than_letters_are_left_out():
    """Fifty-two are more than anybody can tell apart."""
    summaries = [placed(4, 1) for _ in range(60)]
    assert len(letters(summaries)) == len(LETTERS) == 52
    assert text_map(summaries, 2)


def under(python, in_flight, cores_busy, strategy="threading"):
    return replace(placed(in_flight, cores_busy, strategy), cell=cell(strategy, interpreter=python))


def test_interpreters_share_the_letter_of_their_strategy():
    """One mark where they lie together, and one wherever a strategy goes from there."""
    summaries = [
        *(under(python, 1, 1, "sequential") for python in ("3.11", "3.13", "3.13t")),
        *(under(python, 1.98, busy) for python, busy in (("3.11", 1.0), ("3.13", 1.01), ("3.13t", 1.9))),
    ]
    assert letters(summaries) == {"a": summaries[:3], "b": summaries[3:]}
    grid = text_map(summaries, 2, 80, ascii_only=True)[1 : HEIGHT + 1]
    names = re.compile("|".join(REGIONS))
    marks = [sign for line in grid for sign in names.sub("", line) if sign in "ab"]
    assert sorted(marks) == ["a", "b", "b"]


def test_marks_of_one_letter_on_either_side_of_a_wall_are_two():
    """One at a time is not concurrent, however near it is."""
    lines = text_map([under("3.11", 1.45, 1.0), under("3.14", 1.55, 1.0)], 2, 80, ascii_only=True)
    assert [line for line in lines if "a|a" in line]


def bar(begin_s, end_s, running=0.25, ready=0.0):
    blocked = None if ready is None else 1 - running - ready
    return Bar(0, begin_s, end_s, StateShares(running, ready, blocked), 0, 0)


def timeline(*lanes):
    return Timeline(cell(workers=8), 1, 0.1, tuple(Lane(n, 1, n, tuple(bars)) for n, bars in enumerate(lanes, 1)))


def test_a_lane_is_as_high_as_its_tasks_ran():
    """Blank where none was in flight; the share of its time otherwise."""
    first, second = text_timeline(timeline([bar(0, 0.05, 1.0), bar(0.05, 0.1, 0.5)], [bar(0.05, 0.1, 0.0)]), 44)
    assert first == "  1 " + "█" * 20 + "▄" * 20
    assert second == "  2 " + " " * 20 + "·" * 20


def test_coroutines_of_one_thread_share_its_number():
    """It stands at the first of their lines."""
    lanes = tuple(Lane(worker, 1, worker, (bar(0, 0.1),)) for worker in (1, 1, 2))
    lines = text_timeline(Timeline(cell("asyncio"), 1, 0.1, lanes))
    assert [line[:4] for line in lines] == ["  1 ", "    ", "  2 "]


def test_a_timeline_in_plain_signs():
    """Tenths, where the terminal has no blocks."""
    (line,) = text_timeline(timeline([bar(0, 0.1, 0.5)]), 24, ascii_only=True)
    assert len(text_timeline(timeline([bar(0, 0.1, 0.5)]), 24, ascii_only=True, axis_s=0.2)[0]) == 4 + 10
    assert line == "  1 " + "4" * 20


def test_a_timeline_says_what_is_in_flight_and_in_which_state():
    """Weighted by the tasks' time."""
    told = title(timeline([bar(0, 0.1, 0.25, 0.75)], [bar(0, 0.05, 0.75, 0.0)]), "threading x8")
    assert told == "threading x8: 100 ms, 1.5 in flight: 42 % running, 50 % ready, 8 % blocked"


def test_a_state_that_the_system_does_not_tell_is_not_told():
    """Neither ready nor blocked, and no zero in their place."""
    assert states_of([bar(0, 1, 0.5, None)]) == {"running": 0.5}
    assert title(timeline([bar(0, 0.1, 0.5, None)]), "threading x8").endswith("in flight: 50 % running")


def test_a_timeline_of_very_many_workers_says_how_many_are_left_out():
    """A terminal has no room for all."""
    lines = text_timeline(timeline(*[[bar(0, 0.1)] for _ in range(MAX_LANES + 3)]))
    assert len(lines) == MAX_LANES + 1
    assert lines[-1].strip() == "and 3 more"


def test_a_timeline_without_tasks_has_no_lines():
    """Nothing to divide by."""
    assert text_timeline(timeline()) == []
    assert isinstance(summary(), Summary)
