"""The report's page of a session of several interpreters: the matrix, full names, and what was not found."""

import made_of_pythons
import pytest
from test_page import Elements, no_engine, picture

from gil_lab.report.page import page

__all__ = ["no_engine"]
"""The drawing program itself is not needed here either."""


@pytest.fixture
def pythons(tmp_path):
    """Four strategies under three interpreters."""
    return made_of_pythons.read(tmp_path / "free-threading" / "x", ("3.11", "3.13", "3.13t"))


def test_the_matrix_of_interpreters_stands_under_the_map_and_as_a_table(pythons):
    """The picture for a glance, the table for those without scripts; its lines belong together and are not sorted."""
    text = page(pythons, [picture("speedups"), picture("matrix"), picture("map")])
    order = ['id="matrix"', 'id="map"', 'id="verdicts"', "as under</th>", 'id="speedups"']
    places = [text.index(part) for part in order]
    assert places == sorted(places)
    tables = text.split("<table")[1:]
    assert ['class="sortable"' in table for table in tables] == [False, True]
    assert "<button" not in tables[0]
    assert "||1.9</td>" in tables[0]
    assert "subinterpreters x2 under 3.11, 3.13, 3.13t: skipped: InterpreterPoolExecutor" in text


def test_the_interpreter_of_a_cell_is_a_column_of_words(pythons):
    """It is sorted as text, and tells the rows of one strategy apart."""
    text = page(pythons, [])
    assert '<th scope="row">threading</th><td>3.13t</td>' in text
    assert "<td>3.13t</td><td colspan=" in text


def test_what_several_interpreters_share_is_told_once(pythons):
    elements = Elements(page(pythons, []))
    names = elements.texts("dt")
    assert names[0] == "sequential under 3.11, 3.13, 3.13t"
    assert "3.13t against 3.13" in names
    assert elements.texts("h3")[0] == "The same under another Python"


def test_interpreters_that_were_not_found_are_told(pythons):
    assert "Not measured: 3.14t (no Python 3.14t was found; uv python install 3.14t)." in page(pythons, [])
