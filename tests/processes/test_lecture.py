"""The lecture: one notebook that tells of every experiment, runs from end to end, and stores no result."""

import ast
import contextlib
import html
import importlib.util
import inspect
import io
import re
import runpy
import shutil
import sys
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import pytest
from examples import thorough
from messages import in_english
from places import ROOT

from experiments import cpu_bound
from gil_lab import Results, UsageError
from gil_lab.advice.exercises import every_exercise
from gil_lab.cli import lecture_cells
from gil_lab.cli.lecture_cells import Lecture
from gil_lab.model.chapters import TITLE, Chapter
from gil_lab.model.language import ENGLISH, VARIABLE, speak, speaking
from gil_lab.model.records import Flag
from gil_lab.report.code_spans import with_code
from gil_lab.report.page.replay import replay
from gil_lab.sessions.predictions import AnswerRow, keep_answers, read_answers
from gil_lab.suite.catalogue import names, variant

FILE = ROOT / "lectures" / "lecture.py"
REFERENCE = ROOT / "results" / "reference"
EXPERIMENTS = {name.replace("-", "_"): variant("experiments", "EXPERIMENT", name) for name in names("experiments")}
"""By the names of their files."""
SILENT = {"settings", "ask", "imports"}
"""Cells that show nothing."""
pytestmark = pytest.mark.skipif(
    not (FILE.exists() and REFERENCE.exists()), reason="there is no lecture, with its sessions, outside a checkout"
)


@pytest.fixture(scope="module")
def lecture():
    """The notebook as a module: cells are attributes by their names, and none of them has run."""
    spec = importlib.util.spec_from_file_location("lecture", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Every cell over the reference sessions, in reading mode: what it shows, defines and prints.

    It is run once, as `python lectures/lecture.py` runs it, in this process: the notebook runs its cells at its end.
    """
    from marimo import App

    run, returned, folder = App.run, [], tmp_path_factory.mktemp("elsewhere")
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.chdir(folder),
        contextlib.redirect_stdout(io.StringIO()) as out,
        contextlib.redirect_stderr(io.StringIO()) as err,
    ):
        patch.setattr(sys, "argv", [str(FILE)])  # options of pytest are none of the notebook's
        patch.setattr(App, "run", lambda app: returned.append(run(app)))
        runpy.run_path(str(FILE), run_name="__main__")
    ((outputs, defined),) = returned
    shown = [getattr(one, "text", "") for one in outputs]
    printed = (out.getvalue(), err.getvalue())
    return SimpleNamespace(outputs=outputs, defined=defined, shown=shown, printed=printed, folder=folder)


def cells_named():
    """The names of the cells, from first to last."""
    return re.findall(r"^@app\.cell.*\ndef (\w+)\(", FILE.read_text(), re.MULTILINE)


def test_every_experiment_is_reported_in_its_chapter():
    """A new experiment without a place in the lecture fails here; so does one that has changed its chapter."""
    entries, chapter = [], None
    for name in cells_named():
        kind, _, what = name.partition("_")
        if kind == "chapter":
            chapter = Chapter[what.upper()]
            entries.append((chapter, None))
        elif kind == "practise":
            assert Chapter[what.upper()] is chapter
        elif kind == "see" and what != "all":
            entries.append((chapter, what))
    written = [one for one, what in entries if what is None]
    assert written == list(Chapter)
    assert sorted((str(one), what) for one, what in entries if what) == sorted(
        (str(one.chapter), name) for name, one in EXPERIMENTS.items()
    )


def test_a_question_stands_before_what_answers_it():
    """First `ask_`, then `see_`."""
    order = [name for name in cells_named() if name.startswith(("ask_", "see_"))]
    assert order[::2] == [name.replace("see_", "ask_") for name in order[1::2]]


def test_every_cell_runs(whole):
    """None is left out, and each that is named to show something does."""
    named = cells_named()
    assert len(whole.outputs) == len(named)
    silent = {name for name, text in zip(named, whole.shown, strict=True) if not text}
    assert silent == SILENT


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_an_experiment_shows_its_question_its_numbers_and_its_claims(whole, name):
    """All from the session that was opened, escaped as they have to be."""
    experiment = EXPERIMENTS[name]
    results = whole.defined[f"{name}_results"]
    assert results.session.experiment == experiment.design.name
    assert any(experiment.question in text and "Predict:" in text for text in whole.shown)
    sentences = [with_code(claim.sentence) for claim in experiment.claims]
    assert sentences
    (shown,) = [text for text in whole.shown[:-1] if all(sentence in text for sentence in sentences)]
    assert re.search(r"vegalite|<table", shown.replace("\\", ""))
    assert "Change a number" in shown
    assert "Measured:" in shown


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_result_opens_only_after_a_choice(whole, name):
    """Nothing of it is computed before; then it says whether the choice is right, and why."""
    results = whole.defined[f"{name}_results"]
    closed = given(predict=True).shown(chosen(whole.defined[name], None), results)
    assert "Predict first" in closed.text
    assert not any(claim.sentence in closed.text for claim in EXPERIMENTS[name].claims)
    (found,) = results.answered
    for answer in found.question.sentences:
        prediction = lecture_cells.predicted(chosen(whole.defined[name], answer), found.question)
        text = unquoted(lecture_cells.answer(found, prediction).text)
        said = "Right." if answer == found.right else f"Right is: {found.right}."
        assert f">{said if found.right else 'It cannot be said which answer is right.'}<" in text


def test_what_opens_is_all_that_there_is_to_see(whole):
    results = whole.defined["cpu_bound_results"]
    choice = chosen(whole.defined["cpu_bound"], results.answered[0].question.sentences[0])
    text = unquoted(given(predict=True).shown(choice, results).text)
    for part in (
        "Watch",
        "vegalite",
        "Replay",
        "All numbers",
        "Measure it here",
        EXPERIMENTS["cpu_bound"].claims[0].sentence,
    ):
        assert part in text


def given(**chosen):
    """The lecture with that chosen at its top."""
    return Lecture(**{"predict": False, "measure": False, "quick": True, "out": "results", **chosen})


def unquoted(text):
    """Of an element of marimo, which has what it shows as JSON in an attribute."""
    return html.unescape(html.unescape(text)).replace("\\u003c", "<").replace("\\u003e", ">").replace('\\"', '"')


def chosen(choice, answer, **value):
    """The controls of an experiment, with that answer chosen and nothing else; or with other values of theirs."""
    value = {**(value or {"answer": answer}), "measure": False, "vary": {}}
    return SimpleNamespace(value=value, elements=choice.elements, asked_at=choice.asked_at)


def test_the_hands_of_a_class_are_shown_once_all_are_counted_and_kept_without_names(whole, tmp_path):
    """Hands that are counted again take the place of the first ones; those of another question stay."""
    asked = lecture_cells.asked_of("cpu-bound", of_a_class=True)
    assert list(asked.value) == ["hands_a", "hands_b", "hands_c", "hands_d", "counted", "measure", "vary"]
    results, here = whole.defined["cpu_bound_results"], given(predict=True, out=str(tmp_path / "new"))
    hands = {"hands_a": 1, "hands_b": 0, "hands_c": 2, "hands_d": None}
    assert "Count the hands" in here.shown(chosen(asked, None, **hands, counted=False), results).text
    (found,) = results.answered
    other = [AnswerRow(asked.asked_at, "mixed", "?", "a", "a")]
    (tmp_path / "new").mkdir()
    keep_answers(tmp_path / "new", other)
    for hands["hands_b"] in (5, 1):
        text = unquoted(here.shown(chosen(asked, None, **hands, counted=True), results).text)
        people = 3 + hands["hands_b"]
        assert f"2 of {people} are right. Right is: {found.right}." in text
        assert f"{found.question.sentences[0]}: 1 (" in text
        kept = read_answers(tmp_path / "new", "cpu-bound", [])
        assert [row.answer == found.right for row in kept].count(True) == 2
        assert len(kept) == people
    assert read_answers(tmp_path / "new", "mixed", []) == other


@pytest.mark.parametrize("chapter", Chapter)
def test_a_chapter_has_an_aim_predictions_replays_claims_and_exercises(whole, chapter):
    """Of every experiment, also where one task runs after the other."""
    heading = f"After this chapter you can {chapter.aim}."
    assert any(str(chapter) in text and heading in text for text in map(html.unescape, whole.shown))
    own = {name: one for name, one in EXPERIMENTS.items() if one.chapter is chapter}
    assert all(one.questions and one.claims for one in own.values())
    practice = [name for name, one in every_exercise().items() if one.chapter is chapter]
    assert practice
    assert any(all(f"gil-lab exercise {name}" in text for name in practice) for text in whole.shown)
    assert all(replay(whole.defined[f"{name}_results"]) for name in own)


def test_pictures_are_drawn_and_not_excused(whole):
    """Over the reference sessions each picture and each replay has what it needs."""
    assert sum("vegalite" in text for text in whole.shown) >= len(EXPERIMENTS) - 2
    assert not [text for text in whole.shown if "measure some" in text or "measure more" in text]


def test_it_ends_with_every_claim(whole):
    """Sentence by sentence, in the order of the story."""
    expected = {claim.sentence for one in EXPERIMENTS.values() for claim in one.claims}
    assert {one.sentence for one in whole.defined["checked"]} == expected
    assert f"{len(whole.defined['checked'])} claims" in whole.shown[-1]


REQUESTS = [
    (how, name)
    for how in ("all", "button", "none")
    for name in EXPERIMENTS
    if thorough() or how == "button" or name in ("compilation", "cpu_bound", "mixed")
]
"""Each cell with its own button; with a choice for all of them, or none, those of three experiments stand for all: of
three that are drawn quickly.
"""


class Recorded:
    """Stands in for an experiment: notes what is asked for, and gives the reference session for measured."""

    def __init__(self, name, reference):
        self.experiment = EXPERIMENTS[name]
        self.reference = reference
        self.asked = []

    def __getattr__(self, name):
        return getattr(self.experiment, name)

    def run(self, **options):
        inspect.signature(self.experiment.run).bind(**options)
        self.asked.append(options)
        return self.reference


def run_cell(lecture, whole, name, *, button=False, undrawn=False, measure=False, out="results", **changed):
    """What the cell of an experiment shows and its results, with other settings; nothing else runs."""
    choice = SimpleNamespace(
        value={"answer": None, "measure": button, "vary": {}}, elements=whole.defined[name].elements
    )
    settings = given(measure=measure, out=out)
    if undrawn:
        settings = SimpleNamespace(measured=settings.measured, shown=lambda *_, **__: None)
    refs = {**whole.defined, "lecture": settings, name: choice, **changed}
    cell = getattr(lecture, f"see_{name}")
    output, defined = cell.run(**{ref: refs[ref] for ref in cell.refs if ref in refs})
    return output, defined[f"{name}_results"]


@pytest.mark.parametrize(("how", "name"), REQUESTS)
def test_measures_on_request_and_only_then(lecture, whole, name, how, tmp_path, monkeypatch):
    """By the choice at the top for all, by a button for one; with options that `run` has.

    What is shown is shown above for each, and below for one that was measured: here no picture is drawn.
    """
    recorded = Recorded(name, whole.defined[f"{name}_results"])
    monkeypatch.setattr(lecture_cells, "of_the_lab", lambda _: recorded)
    how_asked = {"button": how == "button", "measure": how == "all"}
    _, results = run_cell(lecture, whole, name, undrawn=True, out=tmp_path, **how_asked)
    assert len(recorded.asked) == (how != "none")
    for options in recorded.asked:
        assert options["quick"] is True
        assert options["out"] == tmp_path
    assert results.session.experiment == EXPERIMENTS[name].design.name


@pytest.fixture(scope="module")
def here(lecture, whole, tmp_path_factory):
    """The cell of an experiment that was measured here: what it shows, its results, and where they are."""
    out = tmp_path_factory.mktemp("here")
    tiny = partial(cpu_bound.run, strategies="threading", tasks=4, size=50, rounds=1, min_time_s=0.0001)
    small = SimpleNamespace(run=tiny, check=cpu_bound.check, passage=EXPERIMENTS["cpu_bound"].passage)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lecture_cells, "of_the_lab", lambda _: small)
        output, results = run_cell(lecture, whole, "cpu_bound", measure=True, WORKERS=2, out=out)
    return SimpleNamespace(text=output.text, results=results, out=out)


def test_an_experiment_is_really_measured(here):
    """In child processes, from within the notebook; a picture that lacks something says so, the rest is shown."""
    assert [row.cell.strategy for row in here.results] == ["sequential", "threading"]
    assert {row.status for row in here.results} == {"ok"}
    assert here.results.folder.is_relative_to(here.out)
    assert "vegalite" in here.text
    assert "multiprocessing" in here.text
    assert "inconclusive" in here.text


def test_what_was_measured_here_stands_beside_the_reference(here, whole):
    """Both pictures; and where most cells are flagged in every round, that this machine was too busy."""
    measured = here.results
    assert here.text.count("vegalite") >= 2
    assert here.text.index("Here") < here.text.index("Reference")
    assert lecture_cells.beside(whole.defined["cpu_bound_results"], ("map",), lambda whole: whole).name == "map"
    rows = tuple(replace(row, flags=(Flag.DISTURBED,), used=row.trials) for row in measured)
    flagged = Results(measured.session, rows, measured.threshold)
    shown = partial(given().shown, whole.defined["cpu_bound"])
    assert "This machine was too busy." in shown(flagged).text
    assert "too busy" not in shown(whole.defined["cpu_bound_results"]).text


def test_the_newest_session_that_was_measured_here_is_opened(lecture, whole, tmp_path):
    """Else the reference; so that a class sees its own numbers after a restart."""
    shutil.copytree(REFERENCE / "cpu-bound", tmp_path / "cpu-bound")
    _, own = run_cell(lecture, whole, "cpu_bound", undrawn=True, out=tmp_path)
    _, other = run_cell(lecture, whole, "mixed", undrawn=True, out=tmp_path)
    assert own.folder.is_relative_to(tmp_path)
    assert other.folder.is_relative_to(REFERENCE)


def test_one_that_answers_nothing_is_announced_and_the_reference_is_shown(lecture, whole, here):
    """That of a single round, in two of the eight ways."""
    output, shown = run_cell(lecture, whole, "cpu_bound", out=here.out)
    assert shown.folder.is_relative_to(REFERENCE)
    assert f"{here.results.folder}, which was measured here, is not shown: " in output.text


def test_each_experiment_offers_something_to_change(whole):
    """Options that its `run` has, as a choice that works without code; as it is unless one is made."""
    for name, experiment in EXPERIMENTS.items():
        choice = whole.defined[name].elements["vary"]
        assert choice.value == {}
        assert len(choice.options) > 1
        for options in choice.options.values():
            inspect.signature(experiment.run).bind(**options)


def test_a_picture_that_cannot_be_drawn_is_reported():
    """One core or a Python that is missing must not end the lecture; a bug must."""

    def lacking():
        raise UsageError("measure more")

    assert "measure more" in lecture_cells.drawn(lacking).text
    with pytest.raises(ZeroDivisionError):
        lecture_cells.drawn(lambda: 1 / 0)


def test_the_file_holds_cells_and_no_outputs():
    """Functions that are cells and nothing else, and no string longer than what stands on the screen."""
    tree = ast.parse(FILE.read_text())
    kinds = [type(statement) for statement in tree.body]
    assert kinds[0] is ast.Expr
    assert f'app_title="{TITLE}"' in FILE.read_text()
    assert set(kinds[1:]) <= {ast.Import, ast.Assign, ast.FunctionDef, ast.If}
    strings = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    assert max(map(len, strings)) < 1000
    assert not re.search(r"<(table|svg|img)|data:|base64", FILE.read_text())


def test_to_import_it_runs_nothing():
    """No cell, and so nothing of the lab: for a moment, none of it has been imported."""
    lab = {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] == "gil_lab"}
    try:
        runpy.run_path(str(FILE), run_name="lecture")
        assert not any(name.partition(".")[0] == "gil_lab" for name in sys.modules)
    finally:
        sys.modules.update(lab)


def test_it_is_a_script_too(whole):
    """Which tells what became of every claim, and leaves nothing behind."""
    out, err = whole.printed
    assert err == ""
    assert re.search(r"^[0-9]+ claims: [0-9]+ hold", out, re.MULTILINE)
    assert list(whole.folder.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    [
        "title",
        "controls",
        "chapter_models",
        "ask_released",
        "read_bytecode",
        "practise_models",
        "ask_all",
    ],
)
def test_a_cell_says_nothing_in_english_that_has_a_translation(lecture, name, monkeypatch):
    """In Chinese, which the environment asks for, as `gil-lab lecture --language zh` does."""
    monkeypatch.setenv(VARIABLE, "zh")
    monkeypatch.setattr(sys, "argv", [str(FILE)])
    monkeypatch.chdir(ROOT)
    try:
        output, _ = getattr(lecture, name).run()
    finally:
        speak(ENGLISH)
    text = html.unescape(output.text)
    assert in_english(text) == []
    assert re.search("[\u4e00-\u9fff]{4}", text)


def test_what_opens_for_a_class_says_nothing_in_english_that_has_a_translation(whole, tmp_path):
    """And hands are kept in English, so that classes of several languages can be counted together."""
    results = whole.defined["cpu_bound_results"]
    with speaking("zh"):
        asked, here = lecture_cells.asked_of("cpu-bound", of_a_class=True), given(predict=True, out=str(tmp_path))
        hands = {"hands_a": 1, "hands_b": 0, "hands_c": 2, "hands_d": 0}
        closed = here.shown(chosen(asked, None, **hands, counted=False), results).text
        opened = here.shown(chosen(asked, None, **hands, counted=True), results).text
    said = " ".join(re.sub(r"<[^>]*>", " ", text) for text in (asked.text, closed, opened))
    assert in_english(html.unescape(said)) == []
    assert "3 人中有 2 人正确" in opened
    (found,) = results.answered
    kept = [row.answer for row in read_answers(tmp_path, "cpu-bound", [])]
    assert kept.count(found.right) == 2
    assert set(kept) <= set(found.question.sentences)
