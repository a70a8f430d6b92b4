"""The picture of the warm-up curves: what it says, draws and leaves out; and what a curve is made of."""

import json
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import cell, failed, rounds, row, summary
from made_of_cells import HOSTILE
from vega_lite import check, subtitle, values, words

from gil_lab.analysis.warm_up import Nth, WarmUp, warm_ups
from gil_lab.model.records import Flag, Pass
from gil_lab.report import pictures
from gil_lab.report.drawing.picture import NothingToDrawError
from gil_lab.report.pictures import warm_up
from gil_lab.report.pictures.warm_up import MAX_PASSES
from gil_lab.sessions.rows import PassRow

MS = 1_000_000
WIDEST = 660
FLAT = (1.0, 1.0, 1.0, 1.0)


def passes(trial, *walls_ms, first="warm-up"):
    """Of a trial, one after the other, the first one to warm up, then a traced one."""
    kinds = [first, *["timed"] * (len(walls_ms) - 1), "traced"]
    found, begin = [], 5_000 * MS
    for number, (kind, wall_ms) in enumerate(zip(kinds, (*walls_ms, 900), strict=True)):
        end = begin + round(wall_ms * MS)
        found.append(PassRow(trial, number, Pass(kind, begin, end)))
        begin = end + MS
    return found


def curve(*walls_ms):
    (found,) = warm_ups([row("sequential", number=1)], passes(1, *walls_ms))
    return found


def nth(found):
    return [round(each.median, 6) for each in found.passes]


def test_a_curve_is_the_time_of_each_pass_in_times_of_the_later_ones():
    """The warm-up pass first; the traced one, which takes notes, is none of them."""
    found = curve(12, 8, 4, 4, 4, 4)
    assert nth(found) == [3, 2, 1, 1, 1, 1]
    assert (found.first, found.later_s, found.noise) == (3, 0.004, 1)


def test_later_passes_are_the_second_half_of_the_timed_ones():
    """So that a long warm-up does not become its own measure."""
    assert curve(9, 9, 9, 3, 3).later_s == 0.003
    assert curve(9, 6, 3).later_s == 0.003
    assert curve(9, 9, 9, 9, 3, 3, 3).later_s == 0.003


def test_two_passes_are_no_curve():
    assert warm_ups([row("sequential", number=1)], passes(1, 9, 3)) == []


def test_a_first_pass_is_seen_if_later_ones_do_not_take_as_long_by_chance():
    assert curve(6, *[4] * 10).seen
    assert not curve(4.4, *[4] * 10).seen
    assert not curve(6, *[4] * 5, 4, 4, 8, 8, 8).seen


def test_of_several_rounds_the_median_counts_and_the_ends_are_told():
    trials = [row("sequential", number=number, round=number) for number in (1, 2, 3)]
    told = [*passes(1, 6, 3, 3), *passes(2, 12, 6, 6, 6), *passes(3, 15, 5, 5)]
    (found,) = warm_ups(trials, told)
    assert nth(found) == [2, 1, 1]
    assert (found.passes[0].least, found.passes[0].most) == (2, 3)
    assert found.later_s == 0.005


def test_a_curve_ends_where_the_shortest_round_does():
    """Beyond, it would be one of other trials."""
    trials = [row("sequential", number=number, round=number) for number in (1, 2)]
    (found,) = warm_ups(trials, [*passes(1, 6, 3, 3), *passes(2, 6, *[3] * 50)])
    assert len(found.passes) == 3


def test_doubtful_rounds_count_only_if_there_are_no_others():
    trials = [row("sequential", number=1), row("sequential", number=2, round=2, flags=(Flag.DISTURBED,))]
    told = [*passes(1, 6, 3, 3), *passes(2, 90, 3, 3)]
    assert warm_ups(trials, told)[0].first == 2
    assert warm_ups(trials[1:], told)[0].first == 30


def test_cells_stand_in_the_order_of_their_first_trials_and_failed_ones_are_none():
    trials = [row("asyncio", number=1), row("sequential", number=2), row("threading", None, number=3)]
    told = [each for number in (1, 2, 3) for each in passes(number, 6, 3, 3)]
    assert [one.cell.strategy for one in warm_ups(trials, told)] == ["asyncio", "sequential"]


@given(st.lists(st.integers(-(10**18), 10**18), max_size=8), st.lists(st.integers(-(10**18), 10**18), max_size=8))
def test_edited_files_give_finite_numbers_or_no_curve(begins, ends):
    told = [PassRow(1, 0, Pass("timed", *pair)) for pair in zip(begins, ends, strict=False)]
    for found in warm_ups(rounds("sequential", 0.2), told):
        assert 0 < found.later_s < 1e10
        drawn = Made([summary("sequential", cell=found.cell)], [found])
        try:
            json.dumps(warm_up.draw(drawn).spec, allow_nan=False)
        except NothingToDrawError as error:
            assert "\n" not in str(error)


@dataclass
class Made:
    """What the picture is drawn from."""

    rows: list = field(default_factory=list)
    warm_ups: list = field(default_factory=list)
    usable_cores: int | None = 2


def made(*cells, **changes):
    """Of pairs: a summary, and the passes of its curve in times of the later ones."""
    found = [
        WarmUp(row.cell, tuple(Nth(n, at, 0.9 * at, 1.1 * at) for n, at in enumerate(curve, 1)), 0.003, 1.05)
        for row, curve in cells
        if curve
    ]
    return Made([row for row, _ in cells], found, **changes)


def of(strategy="sequential", python="3.11", workers=1, **changes):
    where = {"workload": "primes", "size": 200, "interpreter": python, "workers": workers}
    return summary(strategy, cell=cell(strategy, **{**where, **changes.pop("cell", {})}), **changes)


def implementations():
    return made(
        (of(), FLAT),
        (of(python="pypy3.11"), (1.6, 1.02, 1.1, 1.0, 1.0)),
        (of("cython-untyped"), FLAT),
        (of("cython-sequential"), (1.03, 1.0, 0.99)),
        (of("cython-nogil", workers=2), (3.0, 1.0, 1.9)),
        (of("numba-sequential"), (1.04, 1.0, 1.0)),
    )


def one_cell():
    return made((of(), (500.0, 20.0, 1.0, 1.0)), usable_cores=None)


def twenty():
    return made(*((of("numba-sequential", f"3.{minor}+switch=0.25ms"), (1.2 + minor, 1.0, 1.0)) for minor in range(20)))


def hostile():
    where = {"strategy": HOSTILE, "interpreter": HOSTILE, "workload": HOSTILE}
    long = {"strategy": "x" * 300, "interpreter": "y" * 300, "workload": HOSTILE}
    return made(*((summary(cell=cell(**{**one, "workers": 1})), (2.0, 1.0, 1.0)) for one in (where, long)))


def two_kinds_of_work():
    return made((of(), (2.0, 1.0, 1.0)), (of(cell={"workload": "mandelbrot"}), (3.0, 1.0, 1.0)))


CASES = (implementations, one_cell, twenty, hostile, two_kinds_of_work)
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)


def drawn(case):
    return pictures.draw("warm-up", case())


@every_case
def test_a_specification_is_vega_lite_5_and_small(case):
    picture = drawn(case)
    check(picture.spec)
    assert picture.name == "warm-up"
    assert len(json.dumps(picture.spec, allow_nan=False)) < 30_000
    assert "\n" not in picture.title


@every_case
def test_a_picture_is_drawn_and_fits_a_page(case):
    engine = pytest.importorskip("vl_convert", reason="vl-convert is not installed")
    svg = engine.vegalite_to_svg(json.dumps(drawn(case).spec), vl_version="5.20")
    assert 300 < float(svg.split('width="')[1].split('"')[0]) <= WIDEST


@every_case
def test_nothing_is_counted_in_the_browser(case):
    """A strict page allows no expressions."""
    text = json.dumps(drawn(case).spec)
    assert not any(
        f'"{word}"' in text for word in ("expr", "signal", "calculate", "filter", "test", "labelExpr", "url")
    )


def test_control_characters_of_names_are_not_drawn():
    assert "\\u001b" not in json.dumps(drawn(hostile).spec)


def test_the_title_is_the_longest_first_pass_and_the_one_most_like_the_later_ones():
    assert drawn(implementations).title == (
        "sequential under pypy3.11 takes 1.60 times as long for the first pass as for later ones "
        "(4.80 ms, then 3.00 ms); sequential under 3.11 1.00 times"
    )


def test_the_title_of_a_single_cell_compares_it_with_nothing():
    assert drawn(one_cell).title.endswith("(1500 ms, then 3.00 ms)")


def test_the_title_does_not_tell_of_a_doubtful_cell_if_there_are_others():
    flagged = of("numba-sequential", flags=(Flag.DISTURBED,))
    title = warm_up.draw(made((of(), (1.5, 1.0, 1.0)), (flagged, (90.0, 1.0, 1.0)))).title
    assert title.startswith("sequential takes 1.50 times")


def test_cells_with_several_workers_are_left_out():
    """Their first passes tell how the system spreads them over the cores."""
    assert not [word for word in words(drawn(implementations).spec) if word.startswith("cython-nogil")]
    assert "One worker only." in subtitle(drawn(implementations).spec)


def test_each_line_is_called_beside_its_first_point_with_the_number_of_that():
    told = words(drawn(implementations).spec)
    for name, first in (("sequential under pypy3.11", "1.60"), ("numba-sequential under 3.11", "1.04")):
        (place,) = [text["y"] for text in values(drawn(implementations).spec, "text", text=name)]
        assert [text["text"] for text in values(drawn(implementations).spec, "text", y=place)] == [name, first]
        assert name in told


def test_points_are_medians_and_upright_lines_the_ends_of_the_rounds():
    points = list(drawn(one_cell).spec["data"]["values"])
    assert [(one["number"], one["y"]) for one in points] == [(1, 500), (2, 20), (3, 1), (4, 1)]
    assert (points[1]["low"], points[1]["high"]) == (18, 22)
    assert (points[0]["time"], points[0]["times"]) == ("1500 ms", "500")


def test_of_long_curves_the_beginning_is_drawn():
    picture = warm_up.draw(made((of(), (2.0, *[1.0] * 500))))
    assert [one["number"] for one in picture.spec["data"]["values"]] == list(range(1, MAX_PASSES + 1))


def test_of_many_curves_those_with_the_longest_first_passes_are_drawn_and_it_is_said():
    picture = drawn(twenty)
    names = {one["name"] for one in picture.spec["data"]["values"]}
    assert len(names) == warm_up.MAX_CURVES
    assert not [name for name in names if "3.0+" in name]
    assert "16 of 20 cells are drawn." in subtitle(picture.spec)


def test_each_kind_of_work_has_a_view_of_its_own():
    views = drawn(two_kinds_of_work).spec["vconcat"]
    assert [subtitle(view).split(",")[0] for view in views] == ["primes", "mandelbrot"]


def test_work_without_a_warm_up_has_no_view():
    source = made((of(), FLAT), (of(cell={"workload": "mandelbrot"}), (3.0, 1.0, 1.0)))
    assert subtitle(warm_up.draw(source).spec).startswith("mandelbrot")


@pytest.mark.parametrize(
    "source",
    [
        Made(),
        Made([failed("sequential")]),
        made((of(), None)),
        made((of(), FLAT)),
        made((of("threading", workers=2), (9.0, 1.0, 1.0))),
    ],
    ids=["nothing", "failed", "too few passes", "flat", "several workers"],
)
def test_without_a_warm_up_it_says_what_to_measure(source):
    with pytest.raises(NothingToDrawError, match="gil-lab run implementations --python") as caught:
        warm_up.draw(source)
    assert "\n" not in str(caught.value)
