"""The scaling: wall time and efficiency over the number of workers."""

from dataclasses import replace
from itertools import pairwise

import pytest
from made import cell, failed
from made_of_cells import Made, grown, many_cores, measured, sequential, threads, twenty
from vega_lite import subtitle, values, words

from gil_lab.model.records import Flag, Status
from gil_lab.report.pictures import scaling


def test_the_title_of_the_scaling_tells_the_most_and_the_least_gain():
    assert scaling.draw(grown()).title == (
        "multiprocessing is 1.90 times as fast on 2 workers, 1.90 times on 8 workers; "
        "threading: 0.990 times (no difference seen) on 8 workers"
    )


def test_the_title_of_the_scaling_is_that_of_the_data():
    rows = [sequential(), *(threads(workers, overall=(0.8 * workers,) * 3) for workers in (1, 2, 4))]
    assert scaling.draw(Made(rows)).title == "threading is 3.20 times as fast on 4 workers"


def points(view):
    """What the points of a panel of the scaling are: (strategy, workers) to y."""
    return {(value["strategy"], value["workers"]): value["y"] for value in view["data"]["values"]}


def test_wall_time_and_efficiency_of_every_number_of_workers_are_drawn():
    walls, efficiencies = (points(view) for view in scaling.draw(grown()).spec["vconcat"])
    assert set(walls) == set(efficiencies)
    assert {strategy for strategy, _ in walls} == {"threading", "multiprocessing", "numba-nogil"}
    assert walls["multiprocessing", 8] == pytest.approx(0.6 / 1.9, rel=0.001)
    assert efficiencies["multiprocessing", 8] == pytest.approx(1.9 / 8, rel=0.001)


def test_each_strategy_is_named_at_the_end_of_its_line_and_so_is_each_ideal():
    upper, lower = scaling.draw(grown()).spec["vconcat"]
    assert set(words(upper)) == {
        "2 cores",
        "threading",
        "multiprocessing",
        "numba-nogil",
        "ideal: sequential",
        "ideal: numba-sequential",
    }
    assert set(words(lower)) == {"2 cores", "threading", "multiprocessing", "numba-nogil", "ideal"}


def test_only_references_of_what_is_drawn_have_an_ideal_line():
    made = grown()
    made.rows = [each for each in made.rows if each.cell.strategy != "numba-nogil"]
    assert "ideal: numba-sequential" not in words(scaling.draw(made).spec)


@pytest.mark.parametrize("case", [grown, twenty, many_cores], ids=lambda case: case.__name__)
def test_names_at_the_ends_do_not_overlap(case):
    for view in scaling.draw(case()).spec["vconcat"]:
        column = max(value["x"] for value in values(view, "text"))
        heights = sorted(value["y"] for value in values(view, "text", x=column))
        assert all(below - above >= 13.9 for above, below in pairwise(heights))


@pytest.mark.parametrize(("cores", "told"), [(2, True), (8, True), (64, False), (None, False)])
def test_the_cores_are_a_line_where_so_many_workers_are_drawn(cores, told):
    made = grown()
    made.usable_cores = cores
    assert (f"{cores} cores" in words(scaling.draw(made).spec)) == told


def test_strategies_differ_in_shape_and_in_colour_and_in_dashes():
    upper, _ = scaling.draw(twenty()).spec["vconcat"]
    looks = {(value["strategy"], value["shape"], value["colour"]) for value in upper["data"]["values"]}
    assert len({shape for _, shape, _ in looks}) == len({colour for *_, colour in looks}) == len(looks) == 5
    line = next(layer for layer in upper["layer"] if layer["mark"]["type"] == "line")
    dashes = line["encoding"]["strokeDash"]["scale"]["range"]
    assert len({tuple(dash) for dash in dashes}) == 5


def test_of_more_lines_than_looks_a_strategy_has_one_colour_and_a_variant_one_shape():
    """So that none is used twice for what has nothing in common."""
    shares = [f"blend+{share}" for share in (0, 50, 100)]
    rows = [
        measured(strategy, workers, work={"workload": workload})
        for strategy in ("threading", "asyncio", "multiprocessing")
        for workload in shares
        for workers in (2, 4)
    ]
    upper = scaling.draw(Made(rows)).spec["vconcat"][0]
    drawn = {(value["strategy"], value["shape"], value["colour"]) for value in upper["data"]["values"]}
    assert len(drawn) == 9
    assert len({(name.split()[0], colour) for name, _, colour in drawn}) == 3
    assert len({(name.split()[-1], shape) for name, shape, _ in drawn}) == 3


def test_without_a_reference_there_is_no_efficiency():
    rows = [
        threads(workers, parallel_speedup=None, speedup=None, efficiency=None, wall_s=0.6 / workers)
        for workers in (1, 2)
    ]
    picture = scaling.draw(Made(rows))
    assert len(picture.spec["vconcat"]) == 1
    assert picture.title == "threading: 0.600 s on 1 worker, 0.300 s on 2 workers"


def test_failed_numbers_of_workers_are_named():
    made = grown()
    made.rows.append(failed("threading", Status.OOM, cell=cell("threading", workers=16)))
    assert "Not drawn: threading x16 (oom)." in subtitle(scaling.draw(made).spec)


def test_a_doubtful_point_is_hollow():
    made = grown()
    made.rows[1] = replace(made.rows[1], flags=(Flag.DISTURBED,))
    upper, _ = scaling.draw(made).spec["vconcat"]
    assert [value["workers"] for value in upper["data"]["values"] if value["fill"] == "white"] == [1]


def test_a_law_that_is_fitted_is_a_curve_behind_the_points_of_its_strategy():
    """In the colour of its line, from its first pool to its last; threads of four numbers of workers have none."""
    gains = {workers: workers / (1 + 0.05 * (workers - 1)) for workers in (1, 2, 3, 4, 6, 8)}
    rows = [
        measured("multiprocessing", n, n, gain, 0.6 / gain, (gain, 0.99 * gain, 1.01 * gain))
        for n, gain in gains.items()
    ]
    fitted = scaling.draw(Made([sequential(), *rows], 16)).spec
    assert "the universal scalability law, as far as it is fitted." in subtitle(fitted)
    for view in fitted["vconcat"]:
        (curve,) = [layer for layer in view["layer"] if layer["mark"].get("strokeWidth") == 6]
        first, last = curve["data"]["values"][0], curve["data"]["values"][-1]
        assert curve["mark"]["color"] == view["data"]["values"][0]["colour"]
        assert first["x"] < last["x2"]
    assert "universal" not in subtitle(scaling.draw(grown()).spec)
