"""Summaries for other programs and documents: CSV, JSON, Markdown, HTML."""

import csv
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from made import cell, failed
from made_of_cells import Made
from made_summaries import COMPILED, EVERY, PARALLEL
from shown import as_csv, as_html, as_json, as_markdown

from gil_lab.analysis.claims import Checked, is_true
from gil_lab.analysis.summaries import Summary
from gil_lab.cli import report_files
from gil_lab.cli.commands import claims, report
from gil_lab.report.documents.document import FORMATS
from gil_lab.report.documents.session import as_text, session_document
from gil_lab.report.tables import results as table_columns
from gil_lab.report.tables.as_data import as_dicts
from gil_lab.report.tables.as_html import as_html as blocks_as_html
from gil_lab.report.tables.blocks import Heading, Note
from gil_lab.report.tables.claims import CheckedClaims
from gil_lab.report.tables.table import Column, signs
from gil_lab.sessions.csv_table import columns, decoded


def test_code_in_a_table_of_a_notebook_is_code():
    """What stands in backticks: claims have it. The rest is escaped."""
    claim = Checked("races", "`a < b` loses updates", is_true(True, "3 & 4"))
    shown = CheckedClaims([claim])._repr_html_()
    assert "<code>a &lt; b</code> loses updates" in shown
    assert "3 &amp; 4" in shown


def test_every_format_of_a_command_has_a_writer_and_no_other_is_offered():
    assert {*report.PRINTED} == {*claims.PRINTED} == {"table", *FORMATS}
    assert {*report.FILES} == {*report_files.FORMATS}
    assert all(write(session_document(Made(EVERY))) for write in FORMATS.values())


def test_csv_holds_every_cell_and_is_read_back():
    """With the columns of summary.csv; failed cells have a status and no numbers."""
    assert decoded(as_csv(EVERY), Summary, "summary.csv").rows == EVERY
    found = list(csv.DictReader(io.StringIO(as_csv(EVERY))))
    assert [one["strategy"] for one in found] == [one.cell.strategy for one in EVERY]
    assert (found[-1]["status"], found[-1]["wall_s"], found[-1]["detail"]) == ("crashed", "", "SIGSEGV, =1")


def test_json_holds_every_cell_and_is_read_back():
    """The same columns, unrounded numbers, null where there is none."""
    found = json.loads(as_json(EVERY))
    assert [tuple(one) for one in found] == [columns(Summary)] * len(EVERY)
    assert [one["strategy"] for one in found] == [one.cell.strategy for one in EVERY]
    assert found[3]["speedup"] == 15.44
    assert (found[-1]["status"], found[-1]["wall_s"], found[-1]["flags"]) == ("crashed", None, [])
    assert found == json.loads(json.dumps(as_dicts(EVERY, Summary)))


def markdown_rows(text):
    """The cells of each table line, as GitHub's dialect parts them: at bars without a backslash."""
    return [re.split(r" ?(?<!\\)\| ?", line)[1:-1] for line in text.splitlines() if line.startswith("|")]


def test_markdown_holds_every_cell_of_the_table():
    """One table, of as many cells in each line; what it shows is what the terminal shows."""
    headings, rules, *rows = markdown_rows(as_markdown(EVERY))
    shown = table_columns.results_table(EVERY, verdicts=True)
    assert headings == [column.title for column in shown.columns]
    assert {rule.strip(":-") for rule in rules} == {""}
    assert len(rules) == len(headings)
    assert [[re.sub(r"\\(.)", r"\1", text) for text in line] for line in rows] == [
        shown.cells(row, range(len(shown.columns))) for row in shown.rows
    ]


@pytest.mark.parametrize("text", ["a|b", "<script>", "a*b*c", "a~b~c"])
def test_markdown_takes_no_name_for_markup(text):
    """Bars part no cells, angles open no tags, stars and tildes change no letters."""
    rows = markdown_rows(as_markdown([replace(PARALLEL, cell=cell(text)), COMPILED]))
    assert len({len(line) for line in rows}) == 1
    assert rows[2][0].replace("&lt;", "<").replace("&gt;", ">").replace("\\", "") == text
    assert "<" not in rows[2][0]
    assert not re.search(r"(?<!\\)[*~|]", rows[2][0])


class Read(HTMLParser):
    """Tags and texts of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.texts = [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.texts.append(data)


def test_html_holds_every_cell_of_the_table():
    """A row for each, with the texts of the terminal."""
    page = Read(as_html(EVERY))
    table = table_columns.results_table(EVERY, verdicts=True)
    assert page.tags.count("tr") == 1 + len(EVERY)
    texts = [table.title, *(column.title for column in table.columns)]
    texts += [text for row in table.rows for text in (*row.texts, row.detail)]
    assert [text for text in page.texts if text.strip()] == [*filter(None, texts), *signs([table])]


@pytest.mark.parametrize("text", ["<script>x()</script>", "<img src=x onerror=y>", "</td>", "&lt;", "a\"b'c", "]]>"])
def test_html_takes_no_name_for_markup(text):
    """Neither of a strategy nor of a workload, an interpreter or a reason."""
    plain = Read(as_html([PARALLEL, failed()]))
    hostile = cell(text, workload=text, interpreter=text)
    page = Read(as_html([replace(PARALLEL, cell=hostile), failed(detail=text, cell=hostile)]))
    assert page.tags == plain.tags
    assert page.texts.count(text) == 2
    assert f"{text}, 32 tasks, size 6500, Python {text}, 2 workers, 3 rounds" in page.texts


def test_html_has_no_line_breaks_of_a_terminal():
    """Which would be escaped: a paragraph is one already."""
    page = blocks_as_html([Heading("\nObserved"), "", "\nFlagged:", Note("\nSigns")])
    assert page.splitlines() == ["<p><strong>Observed</strong></p>", "<p>Flagged:</p>", "<p>Signs</p>"]


@pytest.mark.parametrize("write", [as_csv, as_json, as_markdown, as_html])
def test_nothing_makes_an_empty_file_and_no_error(write):
    """A session without trials can be reported, too."""
    assert write([]).strip() in {"", "[]", ",".join(columns(Summary))}


def test_a_failed_cell_says_so_in_every_format():
    """With its number of workers, so that two of them can be told apart, and its status."""
    cells_ = [failed(cell=cell(workers=workers)) for workers in (2, 4)]
    for text in (as_markdown(cells_), as_html(cells_), as_text(cells_)):
        assert text.count("timeout") == 2
        assert "4" in text


def test_a_column_that_is_added_is_shown_by_every_renderer_and_its_signs_are_explained(monkeypatch):
    added = Column(("peak", "MB"), lambda summary: f"~{summary.cell.workers}7")
    monkeypatch.setattr(table_columns, "COLUMNS", (*table_columns.COLUMNS, added))
    for text in (as_text([PARALLEL]), as_markdown([PARALLEL]), as_html([PARALLEL])):
        assert "27" in text
        assert "no difference seen" in text
    assert "| peak MB |" in as_markdown([PARALLEL])
    assert '<td class="number" data-number="27">~27</td>' in as_html([PARALLEL])
