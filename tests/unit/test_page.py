"""The report's page as text: one file, a policy that fits it, everything in its place, and data that stays data."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import rounds, row, session_in

import gil_lab
from gil_lab.analysis.claims import Checked, Judgement, Outcome
from gil_lab.experiment.results import Results
from gil_lab.model.records import Flag, Status
from gil_lab.report.drawing.picture import SCHEMA, Picture
from gil_lab.report.page import page
from gil_lab.report.page.disturbances import sentence
from gil_lab.report.page.figures import data_block, figures
from gil_lab.report.page.glossary import WORDS, explained

PACKAGE = Path(gil_lab.__file__).parent
ROOT = PACKAGE.parent
HOSTILE = "</script><img src=x onerror=alert(1)>{{7*7}}{% raw %}<!--'\"&amp;\u202ex\u200by\ud800"
ABOUT = {"schema": 1, "experiment": "cpu-bound", "machine": {"host": "vm", "memory_bytes": 2**33}}
VOID = {"meta", "link", "img", "br", "input"}


class Elements(HTMLParser):
    """Every element in the order of the page: tag, attributes, and the text directly in it."""

    def __init__(self, text):
        super().__init__()
        self.found, self.open = [], []
        self.feed(text)
        self.close()
        assert not self.open, "each element is closed"

    def handle_starttag(self, tag, attributes):
        self.found.append([tag, dict(attributes), ""])
        if tag not in VOID:
            self.open.append(self.found[-1])

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, text):
        if self.open:
            self.open[-1][2] += text

    def texts(self, tag):
        return [" ".join(text.split()) for name, _, text in self.found if name == tag]

    def shape(self):
        return [(tag, sorted(attributes)) for tag, attributes, _ in self.found]


@pytest.fixture(autouse=True)
def no_engine(monkeypatch):
    """The drawing program itself is not needed here, and takes seconds to make."""
    monkeypatch.setattr("gil_lab.report.page.bundle", lambda: "window.vegaEmbed = 1 < 2;")


def picture(name="map", title="threading is concurrent", **spec):
    return Picture(name, title, {"$schema": SCHEMA, "mark": "point", "data": {"values": []}, **spec})


def read(folder, *trials, about=None):
    """The session of these trials, which are numbered in their order."""
    numbered = [replace(trial, trial=number) for number, trial in enumerate(trials, 1)]
    return Results.read(session_in(folder, numbered, ABOUT if about is None else about))


@pytest.fixture
def results(tmp_path):
    """Of three cells in two rounds, one of which always failed."""
    return read(
        tmp_path / "cpu-bound" / "20261123T071531Z-vm",
        *rounds("sequential", 0.50, 0.52),
        *rounds("threading", 0.50, 0.53),
        *rounds("joblib", None, None, detail="not done after 60 s", status=Status.TIMEOUT),
    )


def policy_of(elements):
    (content,) = (a["content"] for tag, a, _ in elements.found if a.get("http-equiv") == "Content-Security-Policy")
    return dict(directive.split(" ", 1) for directive in content.split("; "))


def digest(text):
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_the_page_names_no_other_file_but_the_raw_ones(results):
    """Whatever a browser might fetch by itself is in the page."""
    for tag, attributes, _ in Elements(page(results, [picture()])).found:
        named = {
            attributes[name] for name in ("src", "href", "srcset", "action", "data", "poster") if name in attributes
        }
        assert all(address.startswith("data:" if tag == "link" else ("./", "#")) for address in named)
    assert "@import" not in page(results, [])
    assert "url(" not in page(results, [])


def test_the_policy_admits_exactly_the_scripts_and_the_style_of_the_page(results):
    elements = Elements(page(results, [picture()]))
    policy = policy_of(elements)
    run = [text for tag, attributes, text in elements.found if tag == "script" and "type" not in attributes]
    (style,) = (text for tag, _, text in elements.found if tag == "style")
    assert policy == {
        "default-src": "'none'",
        "script-src": " ".join(map(digest, run)),
        "style-src": digest(style),
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert len(run) == 5


def test_no_element_has_a_style_or_a_handler_of_its_own(results):
    """The policy would refuse them."""
    names = {name for _, attributes, _ in Elements(page(results, [picture()])).found for name in attributes}
    assert not {name for name in names if name == "style" or name.startswith("on")}


def test_the_map_comes_first_and_the_settings_last(results):
    """In the order in which a reader asks."""
    text = page(results, [picture("speedups"), picture("map"), picture("timeline")], question="Does it?")
    order = ["<h1>cpu-bound", "Does it?", 'class="answer"', "<nav", 'id="map"', 'id="verdicts"', 'id="numbers"']
    order += ['id="speedups"', 'id="timeline"', 'id="disturbances"', 'id="settings"', 'id="words"', "Raw data"]
    places = [text.index(part) for part in order]
    assert places == sorted(places)


def test_where_nothing_ran_at_the_same_time_the_speedups_come_first(tmp_path):
    """A map of cells that all ran one task after the other has nothing to tell."""
    alone = read(tmp_path / "sum" / "20261123T071531Z-vm", *rounds("sequential", 0.5), *rounds("numba-sequential", 0.1))
    text = page(alone, [picture("map"), picture("speedups")])
    assert text.index('id="speedups"') < text.index('id="verdicts"') < text.index('id="map"')


def test_the_picture_that_answers_the_question_comes_first(results):
    """As the experiment has it; the map is one of the others then."""
    text = page(results, [picture("map"), picture("scaling")], first="scaling")
    assert text.index('id="scaling"') < text.index('id="verdicts"') < text.index('id="map"')


def test_the_contents_lead_to_each_section_that_there_is(results):
    """And to none that there is not."""
    for claims in ([], [Checked("x", "It is so", Judgement(Outcome.HOLDS, "2"))]):
        found = Elements(page(results, [picture()], claims=claims)).found
        links = [attributes["href"][1:] for tag, attributes, _ in found if attributes.get("href", "").startswith("#")]
        sections = [attributes["id"] for tag, attributes, _ in found if tag == "h2"]
        assert links == sections


def test_the_answer_stands_above_everything_else(results):
    """In the words in which a run ends."""
    (answer,) = (
        text for _, attributes, text in Elements(page(results, [])).found if attributes.get("class") == "answer"
    )
    assert answer == "Nothing is known to be faster than sequential."


def test_words_say_what_they_mean_where_one_points_at_them(results):
    """Each once in a sentence, none within a name; columns too."""
    text = page(results, [])
    assert f'<abbr title="{WORDS["tasks in flight"]}">tasks in flight</abbr>'.replace("'", "&#39;") in text
    assert str(explained("numba-parallel x2: parallel, parallel <b>")) == (
        f'numba-parallel x2: <abbr title="{WORDS["parallel"]}">parallel</abbr>, parallel &lt;b&gt;'
    )
    headings = [
        attributes for tag, attributes, _ in Elements(text).found if tag == "th" and attributes["scope"] == "col"
    ]
    assert all("title" in attributes for attributes in headings)


def test_the_words_of_the_page_are_those_of_the_glossary():
    """With their meanings, which stand in two places because only one of them is installed."""
    rows = re.findall(r"^\| `?([^|`]+?)`? \| (.+?) \|", (ROOT / "docs" / "glossary.md").read_text(), re.MULTILINE)
    assert set(WORDS.items()) <= set(rows)


def test_a_picture_for_phones_is_beside_the_usual_one(results):
    """With its own size and without the data, which are those of the usual one."""
    elements = Elements(page(results, [picture(), picture("costs")], narrow=[picture(width=100)]))
    blocks = [
        (a.get("class"), json.loads(text)) for _, a, text in elements.found if a.get("type") == "application/json"
    ]
    named = {"mark": "point", "data": {"name": "data-1"}}
    assert blocks == [
        (None, {**named, "datasets": {"data-1": []}}),
        ("narrow", {**named, "width": 100, "datasets": {}}),
        (None, {"mark": "point", "data": {"values": []}}),
    ]


def test_claims_and_observations_stand_on_the_page_as_text(results):
    """Outcome, sentence and numbers; what there is none of has no heading."""
    claim = Checked("x", "<b>Bold</b> claim", Judgement(Outcome.FAILS, "1.00 (claimed above 2)"))
    text = page(results, [], claims=[claim])
    assert "What it claims" in text
    assert "does not hold" in text
    assert "&lt;b&gt;Bold&lt;/b&gt; claim" in text
    assert "What it claims" not in page(results, [])
    assert "What was observed" not in text


def test_headings_go_down_by_one_level_at_a_time(results):
    levels = [int(tag[1]) for tag, _, _ in Elements(page(results, [picture()])).found if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_the_head_says_when_where_and_how_much(results):
    assert Elements(page(results, [])).texts("p")[1] == (
        "23 November 2026, 07:15 UTC · on vm · 6 trials, 2 of them without numbers"
    )


def test_a_figure_is_labelled_with_the_title_of_its_picture(results):
    (figure,) = (a for tag, a, _ in Elements(page(results, [picture(title='2 < 3 & "so"')])).found if tag == "figure")
    assert figure["aria-label"] == '2 < 3 & "so"'


def test_a_title_stands_above_its_picture_and_not_inside(results):
    """As text, which wraps where a drawing cannot."""
    spec = {**picture().spec, "title": {"text": ["both", "lines"], "subtitle": ["how to", "read it"]}}
    (figure,) = figures(Picture("map", "both lines", spec))
    assert (figure.name, figure.title, figure.subtitle) == ("map", "both lines", "how to read it")
    assert "title" not in json.loads(figure.data)
    told = Elements(page(results, [Picture("map", "both lines", spec)])).texts("p")
    assert told[told.index("both lines") + 1] == "how to read it"


def test_each_kind_of_work_of_a_picture_is_a_figure(results):
    """All with the configuration that they share."""
    views = [{"title": {"text": [name]}, "mark": "bar", "width": 100} for name in ("primes", "sha256")]
    made = figures(Picture("map", "primes sha256", {"$schema": SCHEMA, "config": {"font": "serif"}, "vconcat": views}))
    assert [(figure.name, figure.title) for figure in made] == [("map", "primes"), ("map-2", "sha256")]
    assert [json.loads(figure.data) for figure in made] == [
        {"config": {"font": "serif"}, "mark": "bar", "width": 100}
    ] * 2


@pytest.mark.parametrize(
    "spec", [{"title": "inside"}, {"vconcat": [{"mark": "bar"}]}, {"vconcat": []}, {"mark": "bar"}]
)
def test_a_picture_with_other_titles_is_drawn_as_it_is(spec):
    (figure,) = figures(Picture("own", "Its title", {"$schema": SCHEMA, **spec}))
    assert (figure.title, figure.subtitle, json.loads(figure.data)) == ("Its title", "", spec)


def test_a_specification_comes_back_from_its_data_block(results):
    """Without the version it was written for, of which the drawing program would warn."""
    (block,) = (
        text
        for _, attributes, text in Elements(page(results, [picture(title=HOSTILE, description=HOSTILE)])).found
        if attributes.get("type") == "application/json"
    )
    assert json.loads(block) == {"mark": "point", "data": {"values": []}, "description": HOSTILE}


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none()))
def test_a_data_block_has_no_sign_that_markup_needs(value):
    block = data_block(value)
    assert json.loads(block) == value
    assert not set(block) & set("<>&\u2028\u2029")


def test_a_number_that_json_does_not_know_is_refused(results):
    """It would not be a picture of anything that was measured."""
    with pytest.raises(ValueError, match="JSON compliant"):
        data_block({"value": float("nan")})


def test_every_cell_has_a_sentence_and_a_row(results):
    elements = Elements(page(results, []))
    assert elements.texts("dt")[:3] == ["sequential", "threading x2", "joblib x2"]
    assert {"tasks in flight", "running", "blocked", "concurrent, not parallel"} <= set(elements.texts("abbr"))
    assert elements.texts("dd")[2] == "timeout: not done after 60 s"
    names = [text for (tag, a, text) in elements.found if tag == "th" and a["scope"] == "row"]
    assert names == ["sequential", "threading", "joblib"]


def test_every_row_is_as_wide_as_the_heading(results):
    """A failed cell says why in the place of the numbers that it lacks."""
    text = page(results, [])
    columns = text.count('scope="col"')
    body = text[text.index("<tbody>") : text.index("</tbody>")]
    widths = []
    for one in body.split("</tr>")[:-1]:
        spans = [int(span) for span in re.findall(r'colspan="(\d+)"', one)]
        widths.append(one.count("<th ") + one.count("<td") - len(spans) + sum(spans))
    assert widths == [columns] * 3
    assert '<tr class="failed">' in body
    assert "timeout: not done after 60 s</td>" in body


def test_cells_are_sorted_by_the_number_that_they_begin_with(results):
    """`~0.98 ±3%` by 0.98; an empty one by nothing."""
    shown = re.findall(r'data-number="([^"]*)">([^<]*)<', page(results, []))
    assert len(shown) == 14
    assert all(text.removeprefix("~").split(" ")[0] == number for number, text in shown)
    assert any(text.startswith("~") for _, text in shown)
    assert ("", "") in shown


def test_work_of_different_kinds_stands_in_different_tables(tmp_path):
    both = read(
        tmp_path,
        row("sequential"),
        row("threading", number=2, cell=row().cell.__class__("sleep", "threading", 2, "3.11", 32, 50)),
    )
    text = page(both, [])
    assert text.count("<table") == 2
    assert "<h3>primes, 32 tasks, size 6500, Python 3.11, 1 round</h3>" in text


def test_flags_are_counted_and_explained(tmp_path):
    trials = rounds("threading", 0.5, 0.5, 0.5, flags=(Flag.DRIFTED,))
    trials.append(row(number=4, round=4, flags=(Flag.DISTURBED,)))
    items = Elements(page(read(tmp_path, *trials), [])).texts("li")
    assert f"3 of 4 trials: {sentence(Flag.DRIFTED)}" in items
    assert f"1 of 4 trials: {sentence(Flag.DISTURBED)}" in items


@pytest.mark.parametrize("flag", list(Flag), ids=str)
def test_a_flag_is_explained_in_one_place(flag):
    """Its word and its meaning stand beside each other, and nowhere else in the package: a new flag is one edit."""
    assert flag.meaning.endswith(".") and flag.remedy.endswith(".")
    texts = [file.read_text(encoding="utf-8") for file in PACKAGE.rglob("*.py")]
    assert sum(flag.meaning in text for text in texts) == 1
    assert sum(f'"{flag}"' in text for text in texts) == 1


def test_an_undisturbed_session_says_so(tmp_path):
    text = page(read(tmp_path, row("sequential")), [])
    assert "Nothing: no trial has a flag, and every row could be read." in text


def test_what_the_reader_had_to_leave_out_is_told(tmp_path):
    folder = session_in(tmp_path, [row("sequential")])
    with (folder / "trials.csv").open("a") as file:
        file.write("half a row")
    assert "the last row of trials.csv is incomplete and left out" in page(Results.read(folder), [])


def test_a_single_round_is_no_evidence_and_the_page_says_so(tmp_path):
    text = page(read(tmp_path, row("sequential")), [])
    assert "One round: no intervals. Use more <code>--rounds</code> before you believe a difference." in text


def test_a_picture_that_could_not_be_drawn_is_a_line_with_its_reason(results):
    """If it is the one that answers the question, or if there is none at all: others do not apply."""
    undrawn = {"scaling": "one number of workers; use --workers 1,2,4", "delays": "no heartbeat"}
    line = "No picture “scaling”: one number of workers; use <code>--workers</code> 1,2,4"
    assert line in page(results, [], undrawn=undrawn)
    text = page(results, [picture()], undrawn=undrawn, first="scaling")
    assert line in text
    assert "No picture “delays”" not in text
    assert "No picture" not in page(results, [picture()], undrawn=undrawn)


def raw_links(text):
    """Of the files; those of the contents stay on the page."""
    return [a["href"] for tag, a, _ in Elements(text).found if tag == "a" and not a["href"].startswith("#")]


def test_raw_files_are_linked_where_they_are_and_only_those(results, tmp_path):
    """From wherever the page is put; a folder may be called anything."""
    elsewhere = tmp_path / "a b#c%?é"
    for folder, start in ((None, results.folder), (elsewhere, elsewhere)):
        links = raw_links(page(results, [], folder=folder))
        assert [unquote(link).rsplit("/", 1)[1] for link in links] == ["session.json", "trials.csv"]
        start.mkdir(exist_ok=True)
        assert all((start / unquote(link)).is_file() for link in links)


def test_a_folder_whose_name_looks_like_an_address_stays_a_folder(tmp_path):
    inside = read(tmp_path / "javascript:alert(1)", row())
    links = raw_links(page(inside, [], folder=tmp_path))
    assert links[0] == "./javascript%3Aalert%281%29/session.json"


def test_foreign_text_makes_no_element(tmp_path):
    """The page of a hostile session has the very elements and attributes of a harmless one, and can be written."""
    shapes = []
    for number, text in enumerate(("harmless", HOSTILE)):
        about = {
            "experiment": text,
            "machine": {"host": text, text + "key": text},
            "interpreters": {text: {"version": text, "packages": [{"name": text, "version": text}]}},
            "options": {"workers": [text, {"x": text}]},
        }
        trials = [row(cell=row("sequential").cell), row("joblib", None, number=2, detail=text)]
        folder = session_in(tmp_path / str(number), trials, about)
        written = page(Results.read(folder), [picture(title=text)], undrawn={text: text}, question=text)
        shapes.append(Elements(written).shape())
        assert "{{7*7}}" in written or not number
    assert shapes[0] == shapes[1]
    written.encode()
    assert "\u202e" not in written
    assert "\u200b" not in written
    assert "\\u202ex\\u200by" in written


def test_a_session_without_trials_has_a_page(tmp_path):
    text = page(read(tmp_path, about={}), [])
    assert "No trials yet." in text
    assert "<table" not in text


def test_a_time_that_is_none_is_shown_as_it_stands(tmp_path):
    assert "yesterday · on vm" in page(read(tmp_path, row(began_utc="yesterday")), [])


def test_where_a_number_varies_it_can_be_changed(tmp_path, results):
    """With a script of its own, which the policy admits; elsewhere there is neither."""
    pools = [row("threading", number=n, cell=replace(row().cell, workers=n)) for n in (2, 4)]
    text = page(read(tmp_path, *pools), [])
    assert {"Change one number"} <= set(Elements(text).texts("h2")) & set(Elements(text).texts("a"))
    assert policy_of(Elements(text))["script-src"].count("sha256") == 6
    assert "Change one number" not in page(results, [])
