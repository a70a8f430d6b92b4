"""The picture of strategies x interpreters: its title, its fields and shades, and what can be read without colour."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import cell, changed
from made_of_cells import Made, measured
from made_of_pythons import PYTHONS, made, seven_pythons
from vega_lite import subtitle, values, words

from gil_lab.analysis.estimates import Estimate
from gil_lab.analysis.verdicts import Verdict
from gil_lab.report.drawing.matrix_block import PLAIN, shade
from gil_lab.report.drawing.picture import WIDTH
from gil_lab.report.drawing.plane import LOOKS
from gil_lab.report.pictures import matrix


def fields(picture, **those):
    return values(picture.spec, "rect", **those)


def test_the_title_tells_what_changes_from_python_to_python_and_the_build_tax():
    assert matrix.draw(seven_pythons()).title == (
        "threading x2 is 1.88 times as fast as sequential under 3.13t, 0.980 times under 3.13t+gil; "
        "sequential work takes 33 % more time under 3.13t than under 3.13"
    )


def test_what_is_parallel_under_some_only_is_told_rather_than_what_is_widest():
    """Processes of a Python with a just-in-time compiler may lose more than threads gain."""
    source = seven_pythons()
    slow = {"speedup": 0.1, "speedup_low": 0.09, "speedup_high": 0.11}
    rows = [
        changed(one, **slow) if (one.cell.strategy, one.cell.interpreter) == ("multiprocessing", "pypy3.11") else one
        for one in source.rows
    ]
    assert matrix.draw(Made(rows)).title.startswith("threading x2 is 1.88 times as fast")


def test_no_title_is_made_of_a_difference_that_was_not_seen():
    rows = [
        measured("threading", 2, overall=gains, work={"interpreter": python})
        for python, gains in (("3.11", (0.5, 2.9, 1.4)), ("3.13t", (1.8, 1.9, 1.85)))
    ]
    assert matrix.draw(Made(rows)).title == (
        "threading x2 is 1.85 times as fast as sequential under 3.13t, not seen to differ under 3.11"
    )


@pytest.mark.parametrize(
    ("walls", "title"),
    [
        ((0.5, 0.25), "threading x2 takes 0.250 s under 3.1 and 0.500 s under 3.0"),
        ((0.5, None), "no strategy ran under two of these interpreters"),
    ],
)
def test_without_speed_ups_the_title_tells_seconds(walls, title):
    none = dict.fromkeys(("speedup", "speedup_low", "speedup_high"))
    rows = [
        changed(measured("threading", 2, wall_s=wall or 1, work={"interpreter": f"3.{at}"}), **none, wall_s=wall)
        for at, wall in enumerate(walls)
    ]
    assert matrix.draw(Made(rows)).title == title


def test_every_cell_has_a_field_with_its_numbers():
    """Also those that were skipped, which say so."""
    picture = matrix.draw(seven_pythons())
    assert len(fields(picture)) == 4 * len(PYTHONS)
    (field,) = fields(picture, cell="threading x2 under 3.13t")
    assert (field["busy"], field["verdict"]) == ("1.9", "parallel")
    assert field["speedup"].startswith("1.88x [")
    texts = words(picture.spec)
    assert {"1.88x", "1.9 cores", "~0.990x", "0.606 s", "0.750x 3.13", "GIL off", "+switch=0.5ms"} <= set(texts)
    assert texts.count("skipped") == 5
    assert "InterpreterPoolExecutor is not there" in subtitle(picture.spec)


def test_a_long_setting_stands_in_two_lines_at_the_foot_of_its_heading():
    """Nothing of it is left out."""
    texts = values(matrix.draw(made(("3.11", "3.11+threads=divided", "3.11+threads=uncapped"))).spec, "text")
    names = [each["names"] for each in texts if "names" in each]
    assert names[0] == ["3.11"]
    assert ["3.11", "+threads=", "uncapped"] in names
    assert not any("…" in line for lines in names for line in lines)


def test_what_is_parallel_is_told_by_a_shape_and_by_a_number():
    """Those of the map, so that nothing hangs on a colour."""
    shapes = [value["shape"] for value in values(matrix.draw(seven_pythons()).spec, "point")]
    assert shapes.count(LOOKS[Verdict.PARALLEL].shape) == 1 + len(PYTHONS) + 2
    assert shapes.count(LOOKS[Verdict.CONCURRENT].shape) == len(PYTHONS) - 1


def test_many_interpreters_stand_in_blocks_of_one_width():
    blocks = matrix.draw(seven_pythons()).spec["vconcat"]
    assert len(blocks) == 2
    assert max(block["width"] for block in blocks) < WIDTH
    shown = [field["cell"] for block in blocks for field in values(block, "rect")]
    assert len(set(shown)) == len(shown) == len(fields(matrix.draw(seven_pythons())))
    assert len(matrix.draw(made(("3.11", "3.13t"))).spec["vconcat"]) == 1


@given(st.floats(0.01, 100), st.floats(0.01, 100), st.floats(0.01, 100), st.floats(2, 1000))
def test_what_was_not_seen_to_differ_is_white(one, two, three, most):
    low, value, high = sorted((one, two, three))
    colour = shade(Estimate(value, low, high), most)
    if low <= 1 <= high:
        assert colour == PLAIN
    assert re.fullmatch("#[0-9a-f]{6}", colour)
    assert shade(None, most) == PLAIN


def test_faster_is_blue_and_slower_orange_and_more_of_it_is_darker():
    def channels(value):
        colour = shade(Estimate(value, 0.99 * value, 1.01 * value), 4.0)
        return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))

    assert channels(2.0)[2] > channels(2.0)[0]
    assert channels(0.5)[0] > channels(0.5)[2]
    assert channels(4.0) < channels(2.0) < channels(1.2)


def test_the_field_of_a_missing_cell_is_left_free():
    """A strategy that one interpreter was not even asked for."""
    rows = [one for one in seven_pythons().rows if one.cell != cell("threading", interpreter="3.14")]
    assert len(fields(matrix.draw(Made(rows)))) == 4 * len(PYTHONS) - 1


def test_what_further_workers_cost_stands_in_the_place_of_the_cores():
    """And in the title, where there are no speed-ups."""
    none = dict.fromkeys(("speedup", "speedup_low", "speedup_high"))
    rows = [
        changed(measured("joblib", 8, work={"interpreter": f"3.{at}"}), **none, **costs)
        for at, costs in enumerate(
            [
                {"further_worker_s": 0.0692, "further_worker_bytes": 11.2e6},
                {"further_worker_s": 0.001, "further_worker_bytes": -2e4},
            ]
        )
    ]
    picture = matrix.draw(Made(rows))
    assert picture.title == "each worker adds 1.00 ms in joblib x8 under 3.1 and 69.2 ms in joblib x8 under 3.0"
    assert {"+69.2 ms +11.2 MB", "+1.00 ms +0.0 MB"} <= set(words(picture.spec))
    assert "the marginal cost per worker" in subtitle(picture.spec)
