"""The pictures that are drawn from summaries: what they say, draw and leave out.

Three specifications are compared with files in `snapshots/`; GIL_LAB_RENEW_SNAPSHOTS=1 writes those anew.
"""

import ast
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import made_of_time
import pytest
from drawn_pictures import DRAWN, NOTHING_TO_DRAW, PICTURES, case_id, drawn
from hypothesis import given
from hypothesis import strategies as st
from made import cell, failed, instances, row
from made_of_cells import (
    Made,
    hostile,
    sequential,
    session,
    twenty,
    two_kinds_of_work,
)
from made_of_pythons import scaled_pythons, seven_pythons
from vega_lite import subtitle, values

from gil_lab.analysis.across_interpreters import across
from gil_lab.analysis.summaries import summaries
from gil_lab.model.errors import UsageError
from gil_lab.report import pictures
from gil_lab.report.drawing.picture import NothingToDrawError

SNAPSHOTS = Path(__file__).parent / "snapshots"
FOLDER = Path(pictures.__file__).parent
LOOKED_AT = (("map", seven_pythons), ("speedups", session), ("timeline", made_of_time.session))
"""One of each kind: marks with labels, rows of bars, panels below each other."""
every_picture = pytest.mark.parametrize("name", PICTURES)
every_drawn_case = pytest.mark.parametrize(("name", "case"), DRAWN, ids=case_id)


def text(picture):
    return json.dumps(picture.spec, allow_nan=False)


@pytest.mark.parametrize(("name", "case"), LOOKED_AT)
def test_a_specification_is_the_one_that_was_looked_at(name, case):
    """GIL_LAB_RENEW_SNAPSHOTS=1 renews it: then look at the picture."""
    made = json.dumps(pictures.draw(name, case()).spec, indent=1, allow_nan=False) + "\n"
    file = SNAPSHOTS / f"{name}_{case.__name__}.json"
    if os.environ.get("GIL_LAB_RENEW_SNAPSHOTS"):
        file.write_text(made, encoding="utf-8")
    assert made == file.read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "case"), sorted(NOTHING_TO_DRAW, key=str), ids=case_id)
def test_a_session_without_what_a_picture_shows_is_refused(name, case):
    """And no other case is left out by the tests of what is drawn."""
    with pytest.raises(NothingToDrawError):
        pictures.draw(name, case())


@every_drawn_case
def test_the_same_session_gives_the_same_picture(name, case):
    picture = drawn(name, case)
    assert text(pictures.draw(name, case())) == text(picture)


@every_picture
def test_a_picture_of_twenty_cells_is_small(name):
    """It stands in a page with others."""
    case = seven_pythons if name == "matrix" else twenty
    assert len(text(drawn(name, case))) < 30_000


@every_drawn_case
def test_nothing_is_fetched_and_nothing_is_counted_in_the_browser(name, case):
    """All data stand in the specification, and no expression is evaluated: a strict page allows none."""
    picture = drawn(name, case)
    assert not {"url", "expr", "signal", "calculate", "filter", "test", "labelExpr"} & set(keys(picture.spec))


def keys(part):
    """Of all dictionaries within it."""
    if isinstance(part, dict):
        yield from part
        part = list(part.values())
    for each in part if isinstance(part, list) else ():
        yield from keys(each)


TRIALS = st.lists(
    st.builds(
        lambda trial, strategy, workers, number, python: replace(
            trial,
            round=number,
            cell=cell(strategy, workers=1 if "sequential" in strategy else workers, interpreter=python),
        ),
        instances(type(row())),
        st.sampled_from(["sequential", "threading", "numba-sequential", "numba-nogil"]),
        st.sampled_from([1, 2, 64]),
        st.integers(1, 2),
        st.sampled_from(["3.11", "3.13t", "3.13t+gil"]),
    ),
    min_size=1,
    max_size=8,
)


@every_picture
@given(TRIALS, st.none() | st.sampled_from([1, 2, 64]))
def test_whatever_a_file_holds_is_drawn_in_finite_numbers_or_refused_in_one_line(name, trials, cores):
    """JSON knows no infinity, and a page with NaN in it would show nothing at all."""
    rows = summaries(trials, lambda strategy: "numba-sequential" if "numba" in strategy else "sequential")
    try:
        beside = tuple(across(trials, [each.cell for each in rows]))
        json.loads(text(pictures.draw(name, Made(rows, cores, across=beside))))
    except NothingToDrawError as error:
        assert "\n" not in str(error)


def test_the_pictures_have_names_in_the_order_in_which_they_are_shown():
    first = ("map", "matrix", "speedups", "timeline", "states", "gil", "cores", "costs", "scaling")
    assert pictures.names() == (*first, "delays", "warm-up", "ladder", "releases", "sizes", "dispatch", "answers")


@every_picture
def test_a_picture_is_drawn_by_its_name(name):
    assert pictures.draw(name, scaled_pythons()).name == name


def test_an_unknown_name_is_refused_with_those_that_there_are():
    with pytest.raises(UsageError, match="no picture is called 'pie'; there are map, matrix"):
        pictures.draw("pie", session())


@every_picture
def test_where_no_cell_was_measured_every_picture_says_that(name):
    """And not that what it shows is missing: of a Python with a GIL, say."""
    with pytest.raises(NothingToDrawError, match=r"no cell of this session was measured \(timeout: not done"):
        pictures.draw(name, Made([failed("threading")]))


@pytest.mark.parametrize(
    ("name", "source", "next_step"),
    [
        ("map", Made([failed("threading")]), "gil-lab run cpu-bound"),
        ("map", Made([]), "gil-lab run cpu-bound"),
        ("speedups", Made([sequential()]), "--strategy threading,multiprocessing"),
        ("costs", Made([failed("threading")]), "gil-lab run cpu-bound"),
        ("scaling", session(), "--workers 1,2,4"),
        ("matrix", session(), "gil-lab run cpu-bound --python all"),
        ("matrix", Made([failed(), failed(cell=cell(interpreter="3.14"))]), "gil-lab run cpu-bound"),
    ],
)
def test_without_its_data_a_picture_says_what_to_measure(name, source, next_step):
    with pytest.raises(NothingToDrawError) as caught:
        pictures.draw(name, source)
    assert next_step in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.py")), ids=lambda file: file.stem)
def test_pictures_are_made_with_the_standard_library_alone(file):
    """Also within functions: a notebook draws them without any package."""
    for node in ast.walk(ast.parse(file.read_text())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module] if isinstance(node, ast.ImportFrom) else []
        assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names | {"gil_lab"}


def test_drawing_loads_nothing_heavy():
    code = (
        "import sys; from gil_lab.report.pictures import names; import importlib\n"
        "for name in names(): importlib.import_module('gil_lab.report.pictures.' + name.replace('-', '_'))\n"
        "print([name for name in ('numpy', 'numba', 'pandas', 'rich', 'jinja2', 'vl_convert') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["map", "speedups", "costs"])
def test_a_title_does_not_tell_of_a_doubtful_cell_if_there_are_others(name):
    """In this session it is the fastest, and the one that takes the longest to start."""
    assert "*" not in drawn(name, session).title


@pytest.mark.parametrize("name", ["map", "speedups", "costs"])
def test_each_kind_of_work_has_a_view_and_a_title_of_its_own(name):
    views = drawn(name, two_kinds_of_work).spec["vconcat"]
    assert [subtitle(view).split(",")[0] for view in views] == ["primes", "http"]
    assert all("title" in view for view in views)


@pytest.mark.parametrize("name", ["map", "speedups", "costs"])
def test_names_that_were_cut_to_the_same_stay_apart(name):
    picture = drawn(name, hostile)
    named = {value.get("cell") or value.get("text") for value in values(picture.spec, "text")}
    marks = {value["cell"] for mark in ("point", "bar") for value in values(picture.spec, mark) if "cell" in value}
    assert len([one for one in named | marks if one.startswith("xxx")]) == 2


@every_drawn_case
def test_a_title_is_one_line_of_a_picture_and_wrapped_in_its_view(name, case):
    picture = drawn(name, case)
    assert "\n" not in picture.title
    views = picture.spec.get("vconcat", []) if "title" not in picture.spec else [picture.spec]
    assert " ".join(" ".join(view["title"]["text"]) for view in views) == picture.title
