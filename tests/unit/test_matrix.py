"""Strategies x interpreters at one glance: what a field says, in a terminal of any width, in Markdown and HTML."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import cell, changed, failed, summary
from made_of_cells import Made
from made_of_pythons import PYTHONS, REFUSED, made, scaled_pythons, seven_pythons
from made_summaries import EVERY, MARKUP
from shown import as_html, as_markdown, printed

from gil_lab.analysis.across_interpreters import Across
from gil_lab.analysis.estimates import Estimate
from gil_lab.model.records import Flag, Status
from gil_lab.report.documents.session import as_text, report, tables
from gil_lab.report.tables.matrix import Matrix, matrices
from gil_lab.report.tables.table import split
from gil_lab.sessions.reader import Session


def of(source):
    (found,) = matrices(source.rows, source.across)
    return found[1]


def line(matrix, name, nth=0):
    """The texts of a line, by interpreter."""
    found = [one.texts[1:] for one in matrix.table().rows if one.texts[0] == name][nth]
    return dict(zip(matrix.pythons, found, strict=True))


def test_a_field_says_what_it_brought_under_the_same_python_and_whether_it_was_parallel():
    matrix = of(seven_pythons())
    assert matrix.pythons == PYTHONS
    speedups, cores = line(matrix, "threading x2"), line(matrix, "cores busy")
    assert (speedups["3.13t"], cores["3.13t"]) == ("1.88", "||1.9")
    assert (speedups["3.11"], cores["3.11"]) == ("~0.990", "1.0")


def test_the_row_of_sequential_work_lets_the_columns_be_compared():
    """Seconds, and how many times as fast that is as under which other Python."""
    matrix = of(seven_pythons())
    assert line(matrix, "sequential, s")["3.13t"] == "0.606"
    assert (line(matrix, "times as fast")["3.13t"], line(matrix, "as under")["3.13t"]) == ("0.750", "3.13")
    assert (line(matrix, "times as fast")["3.11"], line(matrix, "as under")["3.11"]) == ("", "")


def test_each_variant_that_others_are_relative_to_has_times_of_its_own():
    """Sequential work of `contention+global` is compared with itself, not with the plain form."""
    rows, found = [], []
    for workload, times in (("contention", 2.0), ("contention+global", 0.5)):
        for python in ("3.11", "3.14"):
            work = {"workload": workload, "interpreter": python}
            rows += [summary(cell=cell("sequential", **work)), summary(cell=cell("threading", **work))]
        found.append(Across(rows[-2].cell, "3.11", Estimate(times, times - 0.1, times + 0.1)))
    ((_, matrix),) = matrices(rows, found)
    assert line(matrix, "times as fast")["3.14"] == "2.00"
    assert line(matrix, "times as fast", 1)["3.14"] == "0.500"


def test_the_state_of_the_lock_stands_at_the_head():
    assert line(of(seven_pythons()), "GIL") == {python: "off" if python == "3.13t" else "on" for python in PYTHONS}
    mixed = [
        summary(cell=cell(strategy, interpreter="3.13t"), gil=gil) for strategy, gil in (("a", True), ("b", False))
    ]
    assert Matrix.of(mixed).gil("3.13t") == ""


def test_a_field_without_numbers_says_so_and_the_reason_stands_below():
    matrix = of(seven_pythons())
    assert line(matrix, "subinterpreters x2")["3.11"] == "skipped"
    where = "subinterpreters x2 under 3.11, 3.13, 3.13t, 3.13t+gil, pypy3.11"
    assert matrix.reasons() == [f"{where}: skipped: {REFUSED}"]


def two(*changes):
    """The same strategy under two interpreters."""
    return [summary(cell=cell(interpreter=f"3.1{at}"), **change) for at, change in enumerate(changes)]


def test_a_doubtful_field_has_a_star():
    matrix = Matrix.of(two({"flags": (Flag.GIL_REENABLED,)}, {}))
    assert line(matrix, "threading x2") == {"3.10": "~0.998*", "3.11": "~0.998"}
    assert [sign[0] for sign in matrix.table().notes] == ["~", "*"]


def test_a_cell_without_a_speed_up_shows_its_seconds():
    """Its sequential counterpart failed, say."""
    none = dict.fromkeys(("speedup", "speedup_low", "speedup_high"))
    assert line(Matrix.of(two(none, {})), "threading x2") == {"3.10": "0.250 s", "3.11": "~0.998"}


def test_where_nothing_is_compared_there_are_seconds_and_nothing_of_speed_ups():
    none = dict.fromkeys(("speedup", "speedup_low", "speedup_high"))
    matrix = Matrix.of(two({**none, "further_worker_s": 0.0123, "further_worker_bytes": 7.9e6}, none))
    assert matrix.what == "seconds of one pass"
    assert line(matrix, "threading x2, s") == {"3.10": "0.250", "3.11": "0.250"}
    assert line(matrix, "per worker, ms")["3.10"] == "12.3"
    assert line(matrix, "per worker, MB") == {"3.10": "7.90", "3.11": ""}


def test_delays_are_lines_where_there_are_any():
    matrix = Matrix.of(two({"delay_s": 0.0051, "delay_p99_s": 0.0103}, {}))
    assert line(matrix, "delay p50, ms") == {"3.10": "5.10", "3.11": ""}
    assert line(matrix, "delay p99, ms")["3.10"] == "10.3"
    assert "delay" not in str(of(seven_pythons()).table().rows)


def test_each_number_of_workers_is_a_row():
    rows = [one.texts[0] for one in of(scaled_pythons()).table().rows if not one.continued]
    assert rows[:4] == ["sequential, s", "threading", "threading x2", "threading x4"]


def test_one_interpreter_needs_no_matrix():
    assert [matrix for _, matrix in matrices(EVERY)] == [None]
    assert "under the same Python" not in as_text(EVERY) + as_markdown(EVERY) + as_html(EVERY)


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_every_field_is_shown_whole_at_any_width(width):
    """In as many blocks as it takes."""
    source = seven_pythons()
    matrix = of(source)
    text = printed(tables(source.rows, source.across), width)
    block = text[: text.index("|| parallel")]
    if width >= 60:
        assert max(map(len, block.splitlines())) <= width
    for one in [one.texts for one in matrix.table().rows if not one.continued]:
        shown = " ".join(each for each in block.splitlines() if each.startswith(one[0]))
        assert sorted(one[1:]) == sorted(shown.replace(one[0], "").split())


@given(st.lists(st.floats(1, 50), min_size=1, max_size=20), st.floats(1, 100))
def test_columns_are_split_into_neighbours_that_fit(widths, room):
    blocks = split(widths, room)
    assert [at for block in blocks for at in block] == list(range(len(widths)))
    assert all(len(block) == 1 or sum(widths[at] for at in block) <= room for block in blocks)
    assert all(blocks)


def test_blocks_are_as_even_as_can_be():
    assert list(map(len, split([10] * 8, 70))) == [4, 4]
    assert list(map(len, split([10] * 8, 80))) == [8]


def test_markdown_and_html_hold_every_field():
    source = seven_pythons()
    markdown = as_markdown(source.rows, source.across)
    page = as_html(source.rows, source.across)
    for one in of(source).table().rows:
        escaped = [text.replace("|", "\\|").replace("~", "\\~") for text in one.texts]
        assert f"| {' | '.join(escaped)} |" in markdown
        assert "".join(one.texts) in re.sub("<.*?>", "", page)
    assert "3.13t against 3.13t+gil" in markdown
    assert "3.13t against 3.13t+gil" in page


@pytest.mark.parametrize("text", MARKUP)
def test_names_of_interpreters_are_data(text):
    rows = [summary(cell=cell(interpreter=text)), summary(), failed("joblib", Status.SKIPPED, f"{text}!")]
    shown = printed(tables(rows), 200)
    assert shown.count(text) >= 3
    assert "<script>" not in as_html(rows)


def test_the_report_tells_matrix_sentences_and_what_was_not_found():
    source = seven_pythons()
    about = {"missing": {"3.14t": "no Python 3.14t was found"}}
    whole = Made(source.rows, across=source.across)
    whole.session = Session("nowhere", about, [], [])
    text = printed(report(whole))
    order = [
        "cores busy",
        "Times as fast as sequential",
        "b threading x2",
        "7 Pythons",
        "threading x2\n",
        "3.13t against",
    ]
    places = [text.index(part) for part in [*order, "Not measured: 3.14t (no Python 3.14t was found)."]]
    assert places == sorted(places)
    assert max(map(len, text.splitlines())) <= 80


def test_what_several_interpreters_share_is_told_once():
    """One sentence on sequential work under all of them, whatever their number."""
    text = printed(report_of(made(("3.11", "3.13", "3.14"))), 120)
    assert re.search(
        r"^ +3\.11, 3\.13, 3\.14 +1\.0 task in flight, 1\.0 core busy: one at a time\.", text, re.MULTILINE
    )


def report_of(source):
    source.session = Session("nowhere", {}, [], [])
    return report(source)


def test_doubts_of_several_interpreters_are_told_with_them():
    rows = [changed(one, flags=(Flag.GIL_REENABLED,), gil_enabled_by="_foo") for one in two({}, {})]
    text = printed(tables(rows)) + printed(report_of(Made(rows)))
    assert "all 2 cells: too few rounds without a flag (gil-reenabled by _foo)." in text
    text = " ".join(printed(report_of(Made([*rows, *two({}, {})]))).split())
    assert "threading x2 under 3.10, 3.11: too few rounds without a flag (gil-reenabled by _foo)." in text
