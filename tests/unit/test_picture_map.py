"""The map: what its title says, what it marks, names and joins."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import cell
from made_of_cells import Made, compiled, grown, measured, nogil, processes, sequential, session, threads
from made_of_pythons import scaled_pythons, seven_pythons
from vega_lite import subtitle, values, words

from gil_lab.analysis.verdicts import Verdict
from gil_lab.report.drawing.plane import Plane
from gil_lab.report.pictures import map as the_map


def test_the_map_tells_the_cell_that_is_not_parallel_from_the_one_that_is():
    assert the_map.draw(Made([sequential(), threads(), processes()])).title == (
        "threading x8 keeps 4.7 tasks in flight on 1.0 core: concurrent, not parallel; "
        "multiprocessing x8 keeps 2.0 cores busy: parallel"
    )


def test_the_title_of_the_map_is_that_of_the_data():
    """Other numbers, other words: threads that got a core each are parallel, whatever theory says."""
    title = the_map.draw(
        Made([sequential(), threads(in_flight=3.1, busy=1.9), processes(busy=0.1, in_flight=7.5)])
    ).title
    assert title == (
        "multiprocessing x8 keeps 7.5 tasks in flight on 0.1 cores: waiting together; "
        "threading x8 keeps 1.9 cores busy: parallel"
    )


@pytest.mark.parametrize(
    ("rows", "title"),
    [
        ([sequential()], "sequential keeps 1.0 task in flight on 1.0 core: one at a time"),
        (
            [sequential(), compiled()],
            "sequential keeps 1.0 task in flight on 1.0 core: one at a time; nothing here runs at the same time",
        ),
        (
            [threads()],
            "threading x8 keeps 4.7 tasks in flight on 1.0 core: concurrent, not parallel; nothing here is parallel",
        ),
        ([processes()], "multiprocessing x8 keeps 6.1 tasks in flight on 2.0 cores: parallel"),
    ],
)
def test_the_map_has_a_title_also_for_one_kind_of_cells(rows, title):
    assert the_map.draw(Made(rows)).title == title


def test_plain_processes_are_told_of_rather_than_compiled_threads():
    """What is parallel without compiling is the simpler lesson."""
    title = the_map.draw(Made([sequential(), processes(busy=1.7), compiled(), nogil(busy=1.95)])).title
    assert title.startswith("multiprocessing x8")


def test_the_map_has_one_mark_a_cell_and_names_those_without_numbers():
    spec = the_map.draw(session()).spec
    assert [value["cell"] for value in values(spec, "point")] == [
        "sequential",
        "threading x8",
        "asyncio x8",
        "multiprocessing x8",
        "numba-sequential",
        "numba-nogil x8",
        "numba-parallel x8*",
    ]
    assert "Not drawn: joblib x8 (timeout)." in subtitle(spec)


def test_a_cell_whose_rounds_are_all_doubtful_is_hollow_and_starred():
    spec = the_map.draw(session()).spec
    assert [value["cell"] for value in values(spec, "point", fill="white")] == ["numba-parallel x8*"]
    assert "* too few rounds without a flag" in subtitle(spec)


def test_verdicts_differ_in_shape_and_in_colour():
    rows = [sequential(), threads(), processes(), measured("asyncio", 8, 7.9, 0.1)]
    marks = values(the_map.draw(Made(rows)).spec, "point")
    assert len({value["shape"] for value in marks}) == len({value["fill"] for value in marks}) == 4


@given(st.floats(0.7, 60), st.floats(0, 1.9))
def test_a_mark_lies_in_the_region_of_its_verdict(in_flight, busy):
    one = measured("threading", 64, in_flight, busy)
    plane = Plane.of([(in_flight, busy)], 2)
    x, y = plane.at(in_flight, busy)
    region = plane.regions()[one.verdict]
    assert region.left - 0.01 <= x <= region.right + 0.01
    assert region.top - 0.01 <= y <= region.bottom + 0.01


@pytest.mark.parametrize(("cores", "told"), [(None, []), (1, ["1 core"]), (2, ["2 cores"]), (64, ["64 cores"])])
def test_the_map_has_a_line_at_the_cores_of_the_machine(cores, told):
    assert [word for word in words(the_map.draw(Made([sequential()], cores)).spec) if "core" in word] == told


def test_the_cells_of_one_strategy_are_joined_and_labelled_once():
    spec = the_map.draw(grown()).spec
    assert [word for word in words(spec) if word.startswith("threading")] == ["threading x8"]
    assert [value["cell"] for value in values(spec, "point") if value["cell"].startswith("threading")] == [
        "threading",
        "threading x2",
        "threading x4",
        "threading x8",
    ]


def test_marks_of_one_strategy_that_lie_together_under_several_pythons_have_one_label():
    """With those that it is true of, or those that it is not, whichever is shorter; nothing where it is all."""
    named = words(the_map.draw(seven_pythons()).spec)
    assert {"sequential", "multiprocessing x2", "threading x2: 3.13t", "threading x2: all but 3.13t"} <= set(named)
    assert "subinterpreters x2: 3.14, 3.14+switch=0.5ms" in named


def test_a_strategy_that_moves_between_pythons_is_joined_and_is_what_the_title_tells():
    picture = the_map.draw(seven_pythons())
    assert picture.title == (
        "threading x2 is parallel under 3.13t, with 1.9 cores busy; under 6 others it is concurrent, not parallel"
    )
    joined = [layer for layer in picture.spec["layer"] if layer["mark"].get("strokeDash") == [2, 3]]
    assert [len(layer["data"]["values"]) for layer in joined] == [1]


def test_a_map_of_several_pythons_has_a_mark_for_each_cell_named_in_full():
    spec = the_map.draw(seven_pythons()).spec
    cells = [value["cell"] for value in values(spec, "point")]
    assert len(cells) == len(set(cells)) == 3 * 7 + 2
    assert "threading x2 under 3.13t" in cells
    assert "Not drawn: subinterpreters x2 under 3.11, 3.13, 3.13t, 3.13t+gil, pypy3.11 (skipped)." in subtitle(spec)


def test_workers_are_joined_within_each_python():
    spec = the_map.draw(scaled_pythons()).spec
    assert {"threading x4: 3.13t", "threading x4: all but 3.13t"} <= set(words(spec))
    assert not [layer for layer in spec["layer"] if layer["mark"].get("strokeDash") == [2, 3]]


def test_the_map_tells_under_the_mouse_what_was_measured():
    told = values(the_map.draw(session()).spec, "point", cell="numba-nogil x8")[0]
    assert (told["in_flight"], told["busy"], told["wall"]) == ("2.50", "1.80", "0.0110 s")
    assert (told["running"], told["ready"], told["blocked"]) == ("50 %", "0 %", "50 %")
    assert told["speedup"].startswith("54.0x [")


IN_TURNS = "keeps 4.7 tasks in flight on 1.0 core: concurrent, not parallel"
SHORT = replace(processes(busy=0.7, in_flight=7.4), verdict=Verdict.SHORT_OF_CORES)
OPEN = replace(threads(busy=0.6, in_flight=6.0), verdict=Verdict.INCONCLUSIVE)


@pytest.mark.parametrize(
    ("rows", "title"),
    [
        ([SHORT], "multiprocessing x8 keeps 7.4 tasks in flight on 0.7 cores: parallel, short of cores"),
        (
            [threads(), SHORT],
            f"threading x8 {IN_TURNS}; multiprocessing x8 keeps 0.7 cores busy: parallel, short of cores",
        ),
        (
            [replace(threads(), cell=cell("asyncio", workers=8)), OPEN],
            f"asyncio x8 {IN_TURNS}; there was no room to see what is parallel",
        ),
    ],
)
def test_on_a_machine_without_room_the_title_says_no_more_than_is_known(rows, title):
    """Not that nothing is parallel where nothing could be."""
    assert the_map.draw(Made([sequential(), *rows])).title == title


def test_what_has_no_region_of_its_own_is_drawn_where_it_lies():
    """With a look of its own, and no name of a region."""
    drawn = the_map.draw(Made([sequential(), SHORT, OPEN])).spec
    marks = {mark["verdict"]: mark for mark in values(drawn, "point")}
    assert set(marks) == {Verdict.ONE_AT_A_TIME, Verdict.SHORT_OF_CORES, Verdict.INCONCLUSIVE}
    assert len({(mark["shape"], mark["fill"]) for mark in marks.values()}) == 3
    assert not {Verdict.SHORT_OF_CORES, Verdict.INCONCLUSIVE} & set(words(drawn))
    notes = "Pale diamond: parallel, short of cores. Cross: inconclusive, no core was left."
    assert notes in subtitle(drawn)
    assert "Pale" not in subtitle(the_map.draw(Made([sequential(), processes()])).spec)
