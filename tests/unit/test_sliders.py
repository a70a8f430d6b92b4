"""What a reader may change one at a time, and which cell is where: no number is made up, and none is lost."""

import re

import pytest
from made import cell, failed, summary
from made_of_time import HOSTILE

from gil_lab.report.page.factors import OWN, factors
from gil_lab.report.page.parts import text_of
from gil_lab.report.page.sliders import READ, Sliders, sliders
from gil_lab.report.tables.results import by_workload, results_table

MOST_BYTES = 15_000


def rows(*cells, **changes):
    return [summary(cell=one, **changes) for one in cells]


def scaled():
    """Threads in two sizes of a pool, beside one task after the other."""
    return rows(cell("sequential"), *(cell("threading", workers=workers) for workers in (4, 2)))


def varying(*cells):
    return {one.name: one.values for one in factors(cells)}


def only_grid(found):
    (grid,) = sliders(found)["grids"]
    return grid


def test_only_what_varies_can_be_changed():
    """Numbers in ascending order, names as they were measured."""
    cells = [cell(workers=workers, interpreter=python) for python in ("3.14t", "3.11") for workers in (8, 2)]
    assert varying(*cells) == {"workers": (2, 8), "Python": ("3.14t", "3.11")}


def test_a_number_has_an_order_and_a_name_has_none():
    """Of which the first gets a slider."""
    cells = [cell(size=10), cell(size=20, interpreter="3.14")]
    assert {one.name: one.is_number for one in factors(cells)} == {"size": True, "Python": False}


def test_where_they_are_no_page_they_are_one_line():
    """In a plain Python session."""
    found = scaled()
    assert repr(Sliders(sliders(found), [results_table(found)])) == (
        "Sliders over 3 cells: shown in a notebook; elsewhere gil-lab report --open has them"
    )


def test_a_strategy_without_a_pool_is_the_same_beside_each_number_of_workers():
    """So it has no place on that slider."""
    assert [one["at"] for one in only_grid(scaled())["cells"]] == [[None], [1], [0]]


def test_a_strategy_without_chunks_is_the_same_beside_each_of_them():
    """One with chunks has its own as well."""
    made = rows(*map(cell, ("threading", "joblib", "joblib by 4", "joblib by all")))
    (factor,) = only_grid(made)["factors"]
    assert [short for short, _ in factor["values"]] == ["4", OWN, "each worker's whole share"]
    assert [one["at"] for one in only_grid(made)["cells"]] == [[None], [1], [0], [2]]
    assert {one["strategy"] for one in only_grid(made)["cells"]} == {"threading", "joblib"}


def test_the_number_of_tasks_is_left_out_where_the_size_tells_it():
    """It cannot be changed alone there."""
    assert set(varying(cell(size=10, tasks=256), cell(size=1000, tasks=16))) == {"size"}
    assert set(varying(cell(size=10, tasks=256), cell(size=10, tasks=16))) == {"tasks"}


def test_where_cells_of_one_point_have_different_work_each_says_how_much():
    """As many tasks for each worker: one task after the other has fewer of them."""
    made = rows(cell("sequential", tasks=8), *(cell(workers=workers, tasks=8 * workers) for workers in (2, 4)))
    grid = only_grid(made)
    assert [factor["name"] for factor in grid["factors"]] == ["workers"]
    assert [one["tasks"] for one in grid["cells"]] == [8, 16, 32]


def test_each_value_has_its_unit():
    """Bytes as people write them."""
    made = rows(*(cell(workload="send", size=size, workers=1 + size // 5000) for size in (1000, 10_000)))
    size, workers = only_grid(made)["factors"]
    assert size["values"] == [["1 kB", "1 kB"], ["10 kB", "10 kB"]]
    assert workers["values"] == [["1", "1 worker"], ["3", "3 workers"]]


def test_variants_that_are_numbers_get_a_slider_and_words_a_choice():
    """The workload says what the numbers count."""
    numbered = only_grid(rows(*(cell(workload=f"blend+{share}") for share in (100, 25))))["factors"]
    assert numbered[0]["isNumber"]
    assert [short for short, _ in numbered[0]["values"]] == ["25", "100"]
    assert numbered[0]["values"][0][1] == "25 % waiting"
    (words,) = only_grid(rows(cell(workload="counter"), cell(workload="counter+lock")))["factors"]
    assert not words["isNumber"]
    assert [long for _, long in words["values"]] == ["counter", "counter+lock"]


def test_each_work_is_a_grid_of_its_own():
    """Their sizes mean something else."""
    made = [*scaled(), *rows(*(cell(workload="http", size=size) for size in (5, 10)))]
    assert [grid["work"] for grid in sliders(made)["grids"]] == ["primes", "http"]


@pytest.mark.parametrize(
    "found",
    [
        [],
        rows(cell("sequential"), cell("threading")),
        [*rows(cell("threading", workers=2)), failed(cell=cell("threading", workers=4))],
    ],
    ids=["nothing", "one-point", "one-measured"],
)
def test_where_a_move_has_nothing_to_say_there_are_no_sliders(found):
    """It takes two cells with numbers of one strategy."""
    assert sliders(found) is None


def test_each_cell_is_the_row_of_its_place_in_the_tables():
    """In all tables together, one after the other: the script reads numbers and reasons there."""
    made = [*scaled(), *rows(*(cell("threading", size=size, workers=8) for size in (5, 10)))]
    made = [made[3], *made[:3], failed(cell=cell("asyncio", workers=2)), made[4]]
    named = [row.texts[0] for group in by_workload(made) for row in results_table(group, verdicts=True).rows]
    cells = only_grid(made)["cells"]
    assert sorted(one["row"] for one in cells) == list(range(len(made)))
    assert all(named[one["row"]] == one["strategy"] for one in cells)


def test_what_is_read_from_the_tables_is_there():
    """By the titles of their columns."""
    titles = {column.title for column in results_table(scaled(), verdicts=True).columns}
    assert set(sliders(scaled())["columns"].values()) == {column.title for column in READ.values()} <= titles


def test_a_bar_has_the_digits_of_the_table():
    """Value and interval of the speed-up; 1 for what it is relative to."""
    bars = [one["bar"] for one in only_grid(scaled())["cells"]]
    assert bars == [["1"], *[["0.998", "0.970", "1.03"]] * 2]
    text = results_table(scaled()).rows[1].texts
    assert any(one.startswith("~0.998 ") for one in text)


def test_without_sequential_work_bars_are_wall_times():
    """From the least to the greatest round."""
    made = rows(*(cell(workers=workers) for workers in (2, 4)), speedup=None, speedup_low=None, speedup_high=None)
    grid = only_grid(made)
    assert not grid["compared"]
    assert grid["cells"][0]["bar"] == ["0.250", "0.240", "0.270"]


def test_a_cell_without_numbers_has_a_place_and_no_bar():
    """Its reason stands in the table."""
    made = [*scaled(), failed(cell=cell("threading", workers=8))]
    assert only_grid(made)["cells"][-1] == {"row": 3, "strategy": "threading", "at": [2], "bar": []}


def test_a_notebook_shows_them_in_a_frame_of_their_own():
    """With nothing in it that could leave the frame, whatever a session holds, and the tables that are read."""
    pytest.importorskip("jinja2")
    made = rows(*(cell(HOSTILE, workload=HOSTILE, workers=workers) for workers in (2, 4)))
    shown = Sliders(sliders(made), [results_table(made, verdicts=True)])
    assert "<script>alert" not in shown.document()
    assert shown.document().count('class="sortable"') == 1
    frame = shown._repr_html_()
    assert frame.startswith("<iframe srcdoc=")
    assert 'sandbox="allow-scripts"' in frame
    assert frame.count("<") == 2


def test_the_script_is_small_and_fetches_nothing():
    script = text_of("sliders.js")
    assert len(script.encode()) < MOST_BYTES
    assert not re.search(r"https?:|import\(|fetch\(|innerHTML", script)
