"""The pictures `timeline` and `cores`: what they say, draw and leave out."""

import json
import re
from functools import cache

import pytest
from made import cell
from made_of_time import Made, add, dealt, hostile, many_workers, one_task, session, two_workloads, untold

from gil_lab.report.drawing.picture import NothingToDrawError
from gil_lab.report.pictures import cores, timeline

PICTURES = {"timeline": timeline.draw, "cores": cores.draw}
CASES = (session, many_workers, one_task, untold, hostile, two_workloads)
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
every_picture = pytest.mark.parametrize("name", PICTURES)


@cache
def drawn(name, case):
    return PICTURES[name](case())


def text(spec):
    return json.dumps(spec, allow_nan=False)


@every_picture
def test_a_picture_of_a_usual_session_is_small(name):
    """Eight cells of 32 tasks on eight workers: it stands in a page with five others."""
    made = Made()
    for number in range(8):
        add(
            made,
            cell(f"strategy-{number}", workers=8),
            dealt(8, 32, 9.87654, 0.123456, 0.23456),
            [[0.123456] * 2] * 8,
            [0.2] * 8,
        )
    assert len(text(PICTURES[name](made).spec)) < 120_000


@every_picture
def test_a_picture_of_an_enormous_session_is_no_enormous_file(name):
    assert len(text(PICTURES[name](enormous()).spec)) < 700_000


@cache
def enormous():
    """12 cells of 3,000 tasks on 100 workers, sampled 300 times on 256 cores."""
    made, spans = Made(), dealt(100, 3000, 0.1, 0.1)
    for number in range(12):
        busy = [[0.5] * (256 if number == 11 else 4)] * (300 if number < 2 else 20)
        add(made, cell(f"s{number}", workers=100), spans, busy, [0.5] * len(busy))
    return made


@every_picture
def test_foreign_text_is_data_and_no_expression(name):
    """What a file calls a strategy stands in titles and values, not in what Vega runs."""
    spec = drawn(name, hostile).spec
    expressions = [value for key, value in entries(spec) if key in ("labelExpr", "calculate", "expr", "signal")]
    assert expressions
    assert not any("alert" in str(value) for value in expressions)
    assert "alert" in text(spec)


def entries(node):
    """All keys and values, however deep."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield key, value
        yield from entries(value)


@every_picture
def test_names_are_cut_before_they_push_everything_aside(name):
    """A strategy may be called something of 200 characters."""
    made = PICTURES[name](add(Made(), cell("W" * 200), dealt(2, 4, 10, 0.2)))
    assert "W…WWW" in made.title
    assert "W" * 30 not in text(made.spec)


@every_picture
def test_a_session_without_the_data_says_what_to_measure(name):
    """As one whose files are torn, or whose trials all failed."""
    made = session()
    made.tasks, made.samples = [], []
    with pytest.raises(NothingToDrawError, match="gil-lab run"):
        PICTURES[name](made)


@every_picture
def test_only_the_chosen_cells_are_drawn_in_their_order(name):
    """Results that were narrowed down or sorted draw what is left of them."""
    made = session()
    made.rows = [made.rows[3], made.rows[1]]
    told = text(PICTURES[name](made).spec)
    assert 0 < told.index("multiprocessing x8:") < told.rindex("threading x8:")
    assert "asyncio" not in told


@every_picture
def test_each_kind_of_work_has_a_view_of_its_own(name):
    """With its own title; the title of the picture is both."""
    made = drawn(name, two_workloads)
    first, second = made.spec["vconcat"]
    titles = [" ".join(view["title"]["text"]) for view in (first, second)]
    assert made.title == " ".join(titles)
    assert "primes" in first["title"]["subtitle"][0]
    assert "http" in second["title"]["subtitle"][0]


@every_picture
def test_more_cells_than_can_be_looked_at_are_left_out_and_it_is_said(name):
    """Of each strategy the one with the most workers stays."""
    made = Made()
    for workers in (2, 4):
        for number in range(20):
            add(made, cell(f"s{number}", workers=workers), dealt(2, 4, 10, 0.2))
    spec = PICTURES[name](made).spec
    assert "24 of 40 cells are drawn" in " ".join(spec["title"]["subtitle"])
    assert all(f"s{number} x4:" in text(spec) for number in range(20))
    assert len(set(re.findall(r"s\d+ x2:", text(spec)))) == 4
