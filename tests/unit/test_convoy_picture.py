"""The picture of the delays: what it says, draws and leaves out."""

import json
from dataclasses import dataclass, replace

import pytest
from made import cell, failed, summary
from made_of_cells import HOSTILE
from vega_lite import check, subtitle, values, views, words

from gil_lab.analysis.heartbeats import Beats
from gil_lab.model.records import Flag
from gil_lab.report import pictures
from gil_lab.report.drawing.picture import NothingToDrawError
from gil_lab.report.pictures import delays
from gil_lab.report.pictures.delays import switch_ms

MS = 1_000_000
WIDEST = 660


@dataclass
class Made:
    """What the picture is drawn from."""

    rows: list
    beats: list
    usable_cores: int | None = 2


def made(*cells, **changes):
    """Of cells and the delays of their beats in milliseconds."""
    rows = [row for row, _ in cells]
    found = [(row, sorted(round(delay * MS) for delay in late)) for row, late in cells]
    return Made(rows, [Beats(row.cell, tuple(late)) for row, late in found if late], **changes)


def convoy(strategy="threading", python="3.11", gil=True, **changes):
    workers = 1 if strategy == "sequential" else 2
    where = cell(strategy, workload="convoy", interpreter=python, workers=workers, size=1000)
    return summary(strategy, cell=where, gil=gil, **changes)


def around(median):
    """A hundred and one delays, from a tenth of it to three times as much."""
    return [median * (0.1 + 0.9 * at / 50 if at <= 50 else 1 + 2 * (at - 50) / 50) for at in range(101)]


def one_python():
    names = {"sequential": 5, "threading": 9, "asyncio": 1.5, "multiprocessing": 0.03}
    return made(*((convoy(name), around(median)) for name, median in names.items()))


def pythons():
    """Three interpreters and a setting."""
    late = {"3.11": 9, "3.11+switch=0.5ms": 0.7, "3.13t": 0.04, "pypy3.11": 3}
    return made(
        *((convoy("threading", python, python != "3.13t"), around(median)) for python, median in late.items()),
        *((convoy("multiprocessing", python, python != "3.13t"), around(0.03)) for python in late),
    )


def twenty():
    names = ("threading", "multiprocessing-forkserver", "asyncio-threads", "numba-parallel", "joblib")
    found = [(name, f"3.1{minor}+switch=0.25ms") for name in names for minor in range(1, 5)]
    return made(*((convoy(name, python), around(2)) for name, python in found))


def hostile():
    where = replace(convoy().cell, strategy=HOSTILE, workload=HOSTILE, interpreter=HOSTILE)
    other = replace(where, interpreter="x" * 300)
    return made((summary(cell=where), [0.0, 1e7]), (summary(cell=other), [3]))


def one_beat():
    return made((convoy(), [0.0]), usable_cores=None)


def two_kinds_of_work():
    first = convoy()
    other = replace(first, cell=replace(first.cell, workload="mine"))
    return made((first, around(5)), (other, around(3)))


CASES = (one_python, pythons, twenty, hostile, one_beat, two_kinds_of_work)
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)


def drawn(case):
    return pictures.draw("delays", case())


def rows(picture):
    return [row for view in views(picture.spec) for row in view["data"]["values"]]


@every_case
def test_a_specification_is_vega_lite_5_and_small(case):
    picture = drawn(case)
    check(picture.spec)
    assert len(json.dumps(picture.spec, allow_nan=False)) < 45_000
    assert "\n" not in picture.title


def test_control_characters_of_names_are_not_drawn():
    """An image cannot hold them."""
    text = json.dumps(drawn(hostile).spec)
    assert "alert" in text
    assert "\\u001b" not in text


@every_case
def test_a_picture_is_drawn_and_fits_a_page(case):
    engine = pytest.importorskip("vl_convert", reason="vl-convert is not installed")
    svg = engine.vegalite_to_svg(json.dumps(drawn(case).spec), vl_version="5.20")
    assert 300 < float(svg.split('width="')[1].split('"')[0]) <= WIDEST


def test_the_title_is_the_longest_delay_and_the_shortest():
    assert drawn(one_python).title == (
        "beside threading x2 a beat is 9.00 ms late (median); beside multiprocessing x2 0.0300 ms"
    )
    assert drawn(pythons).title.startswith("beside threading x2 under 3.11 a beat is 9.00 ms late")


def test_the_title_of_a_single_cell_tells_its_worst():
    assert delays.draw(made((convoy(), [1, 5, 20]))).title == (
        "beside threading x2 a beat is 5.00 ms late (median), at worst 20.0 ms"
    )


def test_the_title_does_not_tell_of_a_doubtful_cell_if_there_are_others():
    flagged = convoy("joblib", flags=(Flag.DISTURBED,))
    title = delays.draw(made((convoy(), [5]), (convoy("asyncio"), [1]), (flagged, [900]))).title
    assert "joblib" not in title
    assert "threading x2 a beat is 5.00 ms" in title


def test_a_row_has_the_quantiles_of_its_beats():
    (row,) = rows(drawn(lambda: made((convoy(), range(1, 1001)))))
    assert [row[name] for name in ("x10", "x50", "x90", "x99", "x100")] == [100, 500, 900, 990, 1000]
    assert (row["ms50"], row["ms100"], row["of"]) == ("500 ms", "1000 ms", "1000")


def test_the_numbers_beside_a_row_are_median_and_99th_percentile():
    spec = drawn(lambda: made((convoy(), range(1, 101)))).spec
    assert words(spec).count("50.0") == 1
    assert words(spec).count("99.0") == 1


def test_rows_of_several_pythons_stand_under_their_strategy():
    shown = views(drawn(pythons).spec)
    assert [view["title"]["text"] for view in shown] == ["threading x2", "multiprocessing x2"]
    names = ["3.11", "3.11+switch=0.5ms", "3.13t", "pypy3.11"]
    assert [[row["cell"] for row in view["data"]["values"]] for view in shown] == [names, names]


def test_rows_of_one_python_are_called_by_their_strategy():
    names = ["sequential", "threading x2", "asyncio x2", "multiprocessing x2"]
    assert [row["cell"] for row in rows(drawn(one_python))] == names


@pytest.mark.parametrize(
    ("python", "gil", "expected"),
    [
        ("3.11", True, 5.0),
        ("3.11+switch=0.5ms", True, 0.5),
        ("3.13t+gil", True, 5.0),
        ("3.13t+gil+switch=50ms", True, 50.0),
        ("3.13t", False, None),
        ("3.13t+switch=50ms", False, None),
        ("pypy3.11", True, None),
        ("pypy3.11+switch=1ms", True, 1.0),
        ("3.11+switch=0ms", True, None),
        (HOSTILE, True, None),
    ],
)
def test_the_switch_interval_is_known_where_there_is_a_gil_and_its_name_or_cpython_tells(python, gil, expected):
    """Nothing is marked that is not known."""
    assert switch_ms(convoy(python=python, gil=gil)) == expected


def test_each_row_has_its_switch_interval_marked():
    marks = [mark["x"] for mark in values(drawn(pythons).spec, "tick") if "x" in mark]
    assert marks == [5.0, 0.5, 5.0, 0.5]
    assert "Orange: the switch interval" in subtitle(drawn(pythons).spec)
    assert "Orange" not in subtitle(drawn(lambda: made((convoy(python="3.13t", gil=False), [1]))).spec)


def test_a_switch_interval_out_of_all_proportion_is_not_drawn():
    """It would squeeze all delays into a corner."""
    made_ = made((convoy(python="3.11+switch=1000ms"), [0.01, 0.02]))
    assert not [mark for mark in values(delays.draw(made_).spec, "tick") if "x" in mark]


def test_no_delay_at_all_has_a_place_on_the_scale():
    (row,) = rows(drawn(one_beat))
    assert row["x50"] == 0.001
    assert row["ms50"] == "0 ms"


def test_cells_without_numbers_are_counted():
    where = replace(convoy("subinterpreters").cell)
    found = made((convoy(), [5]))
    found.rows.append(failed("subinterpreters", cell=where))
    assert "1 cell without numbers." in subtitle(delays.draw(found).spec)


def test_of_very_many_cells_the_first_ones_are_drawn_and_it_is_said():
    found = made(*((convoy(python=f"3.{minor}"), [1]) for minor in range(100)))
    picture = delays.draw(found)
    assert len(rows(picture)) == delays.MAX_ROWS
    assert "60 of 100 cells are drawn." in subtitle(picture.spec)


def test_each_kind_of_work_has_a_view_of_its_own():
    assert [subtitle(view).split(",")[0] for view in drawn(two_kinds_of_work).spec["vconcat"]] == ["convoy", "mine"]


def test_without_a_heartbeat_it_says_what_to_measure():
    with pytest.raises(NothingToDrawError, match="gil-lab run convoy"):
        delays.draw(Made([summary()], []))


def test_nothing_is_counted_in_the_browser():
    """A strict page allows no expressions."""
    text = json.dumps(drawn(pythons).spec)
    assert not any(
        f'"{word}"' in text for word in ("expr", "signal", "calculate", "filter", "test", "labelExpr", "url")
    )
