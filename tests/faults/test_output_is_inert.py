"""What files and other programs say is shown, and obeyed by nothing: terminal, browser, spreadsheet, renderer."""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from html.parser import HTMLParser
from itertools import cycle
from string import ascii_lowercase

import pytest
from every_report import every_report
from examples import examples, thorough
from hostile import TEXTS
from hypothesis import given
from hypothesis import strategies as st
from made import failed, rounds, row, session_in, summary
from made_of_cells import Made
from shown import as_markdown

from gil_lab.analysis.claims import Checked, Judgement, Outcome
from gil_lab.analysis.summaries import summaries
from gil_lab.experiment.results import Results
from gil_lab.model.records import COUNTED_FLAGS, Flag, Status
from gil_lab.model.text import one_line
from gil_lab.report import images, pictures
from gil_lab.report.documents.claims import claims_document
from gil_lab.report.documents.document import FORMATS
from gil_lab.report.page.disturbances import sentence
from gil_lab.report.tables.as_html import table_body
from gil_lab.report.tables.results import results_table, strategy
from gil_lab.report.text import sentences as words
from gil_lab.sessions.csv_values import as_text, reader

BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"
CONTROLS = "".join(map(chr, (*range(32), 127, *range(128, 160)))) + BIDI + "\u2028\u2029\ufeff\ud800"
ELEMENTS = {"script", "img", "svg", "iframe", "object", "embed", "form", "base", "link"}


class Elements(HTMLParser):
    """What a browser makes of a page: elements, and what stands in scripts."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.scripts, self.inside = [], [], None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self.inside = tag

    def handle_data(self, data):
        if self.inside == "script":
            self.scripts.append(data)

    def handle_endtag(self, tag):
        self.inside = None


TOGETHER = 1 if thorough() else 3
"""Texts that are tried in one session: each of them in the names of its cells and in their details, and in each other
kind of place another one of them. In the thorough profile each is alone, and so in every place.
"""
GROUPS = [tuple(TEXTS[at : at + TOGETHER]) for at in range(0, len(TEXTS), TOGETHER)]


def hostile_session(folder, texts):
    """A session in which everything that can hold a text holds one of these."""
    trials = [*rounds("sequential", 0.5, 0.5), row("joblib", None, number=3, detail=texts[0])]
    for text in texts:
        for number in (1, 2):
            place = {"number": len(trials) + 1, "round": number}
            trials.append(row(text or "s", 0.25, detail=text, began_utc=text, **place))
    text = cycle(texts)
    about = {
        "schema": 2,
        "experiment": next(text),
        "machine": {"host": next(text), "cpu": next(text), next(text): next(text), "usable_cores": 2},
        "interpreters": {
            next(text): {"version": next(text), "packages": [{"name": next(text), "version": next(text)}]}
        },
        "missing": {next(text): next(text)},
        "options": {next(text): [next(text), {next(text): next(text)}]},
        "workloads": [next(text), {"workload": next(text) or "w", "interpreter": next(text) or "p"}],
        "references": {next(text): next(text)},
    }
    numbered = [replace(trial, trial=at) for at, trial in enumerate(trials, 1)]
    return session_in(folder, numbered, about)


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """By texts, every report on a session that is full of them."""
    home = tmp_path_factory.mktemp("inert")
    good = Results.read(session_in(home / "good" / "x", rounds("sequential", 0.5, 0.5, 0.5)))
    return {group: every_report(hostile_session(home / str(at) / "x", group), good) for at, group in enumerate(GROUPS)}


@pytest.fixture(params=GROUPS, ids=lambda group: " ".join(ascii(text)[1:20] for text in group))
def texts(request, reports):
    return reports[request.param]


OWN_SCRIPTS = 5
"""Of the page, after all blocks of data: its messages, pictures, tables, sliders and what is beside them."""
TERMINAL = ("table", "lanes", "claims", "compared", "all sessions", "notebook", "md", "all sessions md", "compared md")


def test_output_to_a_terminal_has_no_control_characters(texts):
    """Neither control characters nor those that turn the text around, whatever a file holds."""
    for name in TERMINAL:
        assert not set(texts[name].replace("\n", "")) & set(CONTROLS), name


def test_output_as_a_page_has_the_elements_of_any_other_page(texts):
    """No text becomes an element, an attribute or a script; what is in data blocks is JSON."""
    page = Elements(texts["html"])
    assert not [attributes for _, attributes in page.elements if any(name.startswith("on") for name in attributes)]
    assert {tag for tag, _ in page.elements} & ELEMENTS == {"script", "link"}
    assert [attributes for tag, attributes in page.elements if tag == "link"] == [{"rel": "icon", "href": "data:,"}]
    kinds = [attributes for tag, attributes in page.elements if tag == "script"]
    own = [attributes == {} for attributes in kinds]
    assert sum(own) == OWN_SCRIPTS
    assert own == sorted(own)
    assert len(kinds) > OWN_SCRIPTS
    for block in page.scripts[: len(kinds) - OWN_SCRIPTS]:
        json.loads(block)
        assert not re.search("[<>&\u2028\u2029]", block)


def test_output_for_programs_is_what_they_read(texts):
    """JSON without NaN, traces, specifications of pictures; tables of one width."""

    def refused(name):
        raise AssertionError(name)

    for name in ("json", "trace", "all sessions json", "compared json"):
        json.loads(texts[name], parse_constant=refused)
    for name in ("csv", "all sessions csv", "compared csv"):
        assert len({len(line) for line in csv.reader(io.StringIO(texts[name]))}) == 1


FORMULA = re.compile(r"[\"'\s]*[=+\-@\t\r]")


def test_output_as_csv_starts_no_formula(texts):
    """A text that a spreadsheet would run has a quote before it; numbers have none."""
    for name in ("csv", "compared csv", "all sessions csv"):
        for line in csv.reader(io.StringIO(texts[name])):
            for text in line:
                assert not FORMULA.match(text) or text.startswith("'") or re.fullmatch(r"-[0-9.e+-]+", text), text


@examples(200)
@given(st.text(max_size=40) | st.sampled_from(TEXTS) | st.from_regex(r"['\" ]{0,3}[=+@-].{0,5}", fullmatch=True))
def test_output_as_csv_comes_back_as_the_text_that_it_was(text):
    """The quote is put before it and taken away again, and nothing else is."""
    clean = one_line(text)
    (came,) = reader(str)([as_text(text)])
    assert came == clean
    assert not FORMULA.match(as_text(text)) or as_text(text).startswith("'")


@examples(200)
@given(st.text(st.sampled_from("|\\`*_~[]()<>&#!-+.\n\r\u2028a "), max_size=12))
def test_output_as_markdown_keeps_its_tables_whole(text):
    """As many fields in each line as in its heading, whatever stands in them."""
    rows = [summary("sequential"), failed(one_line(text) or "x", detail=one_line(text))]
    made = [as_markdown(rows)]
    claim = Checked(one_line(text), text, Judgement(Outcome.INCONCLUSIVE, text, text))
    made.append(FORMATS["md"](claims_document([(one_line(text), [claim])])))
    for table_text in made:
        lines = [line for line in table_text.split("\n") if line.startswith("|")]
        assert len({len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) for line in lines}) == 1, lines


def test_output_as_svg_is_well_formed_and_has_no_other_elements():
    """Names are text in it."""
    names = [one_line(text) for text in TEXTS if text not in ("", "sequential")]
    rows = (summary("sequential", cell=row("sequential").cell), *map(summary, names))

    root = ET.fromstring(images.svg(pictures.draw("speedups", Made(rows, 2))))
    names = {element.tag.split("}")[-1] for element in root.iter()}
    assert not names & {"script", "image", "foreignObject", "iframe", "a"}
    assert not [name for element in root.iter() for name in element.attrib if name.lower().startswith("on")]


@examples(200)
@given(st.text() | st.text(st.sampled_from(CONTROLS), max_size=50), st.integers(10, 50))
def test_every_foreign_text_is_made_harmless_by_one_function(text, longest):
    """It can be printed and encoded, in one line, of bounded length; and what is clean stays as it is."""
    clean = one_line(text, longest)
    assert not set(clean) & set(CONTROLS)
    assert len(clean) <= longest
    assert one_line(clean, longest) == clean
    clean.encode()


# Flags


WITH = {flag: f"with-{letter}" for flag, letter in zip(Flag, ascii_lowercase, strict=False)}
"""By flag, the name of a strategy all of whose rounds have it."""


def flagged(flags):
    """Three rounds under each of these strategies that all have the flag, beside sequential ones that have none."""
    trials = rounds("sequential", 0.4, 0.41, 0.42)
    for strategy_, flag in flags.items():
        trials += rounds(strategy_, 0.1, 0.1, 0.1, flags=(flag,))
    return [replace(trial, trial=number) for number, trial in enumerate(trials, 1)]


@pytest.fixture(scope="module")
def with_flags(tmp_path_factory):
    """The results of one session with every flag, and every report on it; compared with one that drifted."""
    home = tmp_path_factory.mktemp("flags")
    folder = session_in(home / "x", flagged({strategy_: flag for flag, strategy_ in WITH.items()}))
    other = Results.read(session_in(home / "y", flagged(dict.fromkeys(WITH.values(), Flag.DRIFTED))))
    return Results.read(folder), every_report(folder, other)


@pytest.mark.parametrize("flag", list(Flag), ids=str)
def test_every_flag_is_explained_on_the_page_and_counted(with_flags, flag):
    """By its name and in words."""
    _, texts = with_flags
    plain = re.sub(r"<code>(--[a-z-]+)</code>", r"\1", texts["html"].replace("&#39;", "'"))
    assert f"<code>{flag}</code> 3 of {3 + 3 * len(Flag)} trials: {sentence(flag)}" in plain


HARMLESS = {
    Flag.DRIFTED,
    Flag.FEW_WORKERS,
    Flag.FILES_LEFT,
    Flag.CLOCK_GAP,
    Flag.CUT_SHORT,
    Flag.RESTLESS,
    Flag.REPEATED,
}
"""A drift widens the intervals of all; few workers are seen in the tasks in flight; files are no work; what is restless
spoils the turns of others, which are flagged; a trial with a gap has no numbers; one that was cut short has fewer; a
turn that was repeated does not count at all.
"""


def test_a_flag_is_doubtful_or_there_is_a_reason_why_not():
    """No flag is forgotten."""
    assert set(Flag) == COUNTED_FLAGS | HARMLESS
    assert not COUNTED_FLAGS & HARMLESS


@pytest.mark.parametrize("flag", sorted(COUNTED_FLAGS))
def test_a_doubtful_cell_is_marked_everywhere_and_ranked_nowhere(with_flags, flag):
    """What seems four times as fast, but every round has a flag: marked in table, matrix and page, named below
    with the reason, in no title, sorted behind the others, not compared with another session.
    """
    (results, texts), name = with_flags, WITH[flag]
    (cell,) = (cell for cell in results if cell.cell.strategy == name)
    assert cell.flagged
    assert strategy(cell) == f"{name}*"
    assert f"{name} x2: too few rounds without a flag ({flag})." in texts["table"]
    assert "* too few rounds without a flag" in texts["table"]
    assert texts["html"].count('<tr class="flagged">') == len(COUNTED_FLAGS)
    for picture in ("map", "speedups", "costs"):
        assert name not in json.loads(texts[f"picture {picture}"])["title"]["text"]
    for compared in ("compared", "compared with"):
        told = rf"{name} x2 +Not ranked: too few rounds of [AB] are without a flag"
        assert re.search(told, texts[compared]), texts[compared]
    assert name not in texts["all sessions"]


@pytest.mark.parametrize("flag", sorted(COUNTED_FLAGS))
def test_a_doubtful_round_is_left_out_where_there_are_others_and_the_report_says_so(flag):
    """It is never averaged in silently."""
    trials = [*rounds("sequential", 0.4, 0.4, 0.4), *rounds("threading", 0.2, 0.2, 0.01)]
    trials[-1] = replace(trials[-1], flags=(flag,))
    (_, cell) = summaries(trials, lambda _: "sequential")
    assert (cell.wall_s, cell.speedup.value, cell.used, cell.trials) == (0.2, 2.0, 2, 3)
    assert words.flag_lines([cell]) == [f"threading x2: 1 of 3 rounds left out ({flag})."]


def test_a_doubtful_row_of_the_page_is_grey_and_a_good_one_is_not():
    """The script of the page sorts those with the class behind the others."""
    rows = [summary(), summary("joblib", flags=(Flag.SERIAL_FALLBACK,))]
    assert re.findall("<tr.*?>", table_body(results_table(rows))) == ["<tr>", "<tr>", '<tr class="flagged">']


def test_a_trial_that_was_suspended_has_no_numbers_to_rank(tmp_path):
    """Its row says why."""
    gone = row("threading", None, number=2, status=Status.INTERRUPTED, flags=(Flag.CLOCK_GAP,), detail="suspended")
    folder = session_in(tmp_path / "x", [row("sequential", 0.4, number=1), gone])
    texts = every_report(folder, Results.read(folder))
    assert "interrupted" in texts["table"]
    assert "suspended" in texts["table"]
    assert "clock-gap" in texts["html"]
