"""The speed-ups: what its bars consist of, what its intervals say, and what is no gain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import cell, failed
from made_of_cells import Made, compiled, nogil, one_round, processes, sequential, session, threads
from vega_lite import layers, subtitle, values, words

from gil_lab.report.drawing.speedup_parts import COMPILING, LOST, TOGETHER, UNSPLIT, parts
from gil_lab.report.pictures import speedups


@given(st.floats(0.01, 100), st.floats(0.01, 100))
def test_the_parts_of_a_bar_make_up_the_speed_up(overall, parallel):
    """What is drawn as a gain ends at the overall speed-up, and never is one what made it slower."""
    found = {part.what: part for part in parts(overall, parallel)}
    gained = [part.end for part in found.values() if part.what != LOST]
    if overall > 1.001:
        assert max(gained) == pytest.approx(overall, rel=0.001)
    else:
        assert all(end <= max(1, overall) * 1.001 for end in gained)
    if parallel <= 1:
        assert TOGETHER not in found
    if overall / parallel <= 1:
        assert COMPILING not in found


@pytest.mark.parametrize(
    ("overall", "parallel", "expected"),
    [
        (54.0, 1.8, [(COMPILING, 1, 30), (TOGETHER, 30, 54)]),
        (1.8, 1.8, [(TOGETHER, 1, 1.8)]),
        (30.0, 1.0, [(COMPILING, 1, 30)]),
        (27.0, 0.9, [(COMPILING, 1, 27), (LOST, 27, 30)]),
        (7.5, 7.67, [(TOGETHER, 1, 7.5), (LOST, 7.5, 7.67)]),
        (0.5, 0.5, [(LOST, 0.5, 1)]),
        (0.5, 1.6, [(LOST, 0.5, 1.6)]),
        (3.0, None, [(UNSPLIT, 1, 3)]),
        (0.3, None, [(LOST, 0.3, 1)]),
    ],
)
def test_a_bar_is_split_into_gains_and_what_was_lost_of_them(overall, parallel, expected):
    found = [(part.what, part.begin, part.end) for part in parts(overall, parallel)]
    assert found == [(what, pytest.approx(begin), pytest.approx(end)) for what, begin, end in expected]


def test_the_title_of_the_speed_ups_takes_the_fastest_apart():
    made = Made([sequential(), threads(), compiled(), nogil()])
    assert speedups.draw(made).title == (
        "numba-nogil x8 is 54.0 times as fast as sequential: 30.0 times by compiling, "
        "1.80 times by running at the same time; threading x8: no difference seen"
    )


def test_the_title_of_the_speed_ups_is_that_of_the_data():
    made = Made([sequential(), threads(overall=(1.9, 1.95, 2.0)), processes(overall=(0.5, 0.52, 0.51))])
    assert speedups.draw(made).title == (
        "threading x8 is 1.95 times as fast as sequential; multiprocessing x8: 0.510 times as fast"
    )


def test_what_is_not_faster_is_not_called_so():
    title = speedups.draw(Made([sequential(), threads()])).title
    assert title == "nothing is shown to be faster than sequential; threading x8: no difference seen"


def test_where_no_difference_was_seen_there_is_a_hollow_point_and_no_bar():
    spec = speedups.draw(Made([sequential(), threads(), processes()])).spec
    assert {value["cell"] for value in values(spec, "bar")} == {"multiprocessing x8"}
    assert {value["cell"] for value in values(spec, "point", fill="white")} == {"threading x8"}
    assert "Hollow: no difference seen" in subtitle(spec)
    assert "no difference seen" in values(spec, "point", cell="threading x8")[0]["overall"]


def test_the_parts_have_one_legend():
    """Some versions of Vega-Lite, marimo's among them, draw one for each scale that the picture has: the second, of the
    edges, was black.
    """
    drawn = [layer["encoding"] for layer in layers(speedups.draw(session()).spec)]
    with_legend = {
        channel
        for encoding in drawn
        for channel, how in encoding.items()
        if channel in {"color", "fill", "stroke"} and how.get("scale", {}) is not None
    }
    assert with_legend == {"fill"}


def test_a_reference_is_not_compared_with_itself():
    left, right = speedups.draw(session()).spec["hconcat"]
    assert "numba-sequential" in {value["cell"] for value in values(left, "bar")}
    assert "numba-sequential" not in {value["cell"] for value in values(right, "point")}


def test_after_one_round_there_are_no_intervals_and_it_is_said():
    spec = speedups.draw(one_round()).spec
    assert values(spec, "tick") == []
    assert "A single round gives no intervals." in subtitle(spec)


def test_an_absurd_interval_is_cut_and_an_arrow_says_so():
    wild = threads(overall=(0.1, 1.0, 30.0))
    left, right = speedups.draw(Made([sequential(), wild, processes()])).spec["hconcat"]
    low, high = scale_of(left)
    assert 0.3 < low < high < 5
    shapes = [layer["mark"].get("shape") for layer in layers(left)]
    assert {"triangle-left", "triangle-right"} <= set(shapes)
    assert "triangle-right" in [layer["mark"].get("shape") for layer in layers(right)]


def scale_of(view, channel="x"):
    """The domain of a view's scale."""
    found = [layer["encoding"][channel].get("scale") for layer in layers(view) if channel in layer["encoding"]]
    return next(scale["domain"] for scale in found if scale)


def test_the_scale_from_nothing_begins_at_nothing():
    _, right = speedups.draw(session()).spec["hconcat"]
    assert scale_of(right)[0] == 0


@pytest.mark.parametrize(
    ("cores", "told"), [(2, ["2 cores", "no gain"]), (64, ["no gain"]), (1, ["no gain"]), (None, ["no gain"])]
)
def test_no_gain_and_the_cores_are_lines_if_the_values_keep_their_room(cores, told):
    """64 cores would press a speed-up of 1.8 against the edge."""
    spec = speedups.draw(Made([sequential(), threads(), processes()], cores)).spec
    assert sorted(set(words(spec)) & {"no gain", "2 cores", "64 cores", "1 core"}) == told


def test_a_cell_without_numbers_keeps_its_row_with_the_reason():
    spec = speedups.draw(session()).spec
    assert values(spec, "text", cell="joblib x8") == [{"cell": "joblib x8", "text": "timeout"}]


def test_without_sequential_work_the_same_form_is_still_compared():
    """`sequential` failed: nothing is told against it."""
    alone = nogil(speedup=None, speedup_low=None, speedup_high=None)
    made = Made([failed("sequential", cell=cell("sequential")), compiled(speedup=None), alone])
    picture = speedups.draw(made)
    assert picture.title == "nothing can be compared with sequential work here"
    assert values(picture.spec, "bar") == []
    assert [value["cell"] for value in values(picture.spec, "point")] == ["numba-nogil x8"]
