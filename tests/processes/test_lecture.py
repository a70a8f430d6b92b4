"""The lecture: one notebook that tells of every experiment, runs from end to end, and stores no result."""

import ast
import contextlib
import html
import importlib.util
import inspect
import io
import re
import runpy
import sys
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import pytest
from examples import thorough
from places import ROOT

from experiments import cpu_bound
from gil_lab import Results, UsageError
from gil_lab.experiment import Chapter
from gil_lab.model.records import Flag
from gil_lab.suite.catalogue import names, variant

FILE = ROOT / "lectures" / "lecture.py"
REFERENCE = ROOT / "results" / "reference"
EXPERIMENTS = {name.replace("-", "_"): variant("experiments", "EXPERIMENT", name) for name in names("experiments")}
"""By the names of their files."""
SILENT = ("choices", "imports", "saved_and_drawn", "shown_and_changed")
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
    assert sum(map(bool, whole.shown)) == len(named) - len(
        {"choices", "imports", "saved_and_drawn", "shown_and_changed"}
    )


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_an_experiment_shows_its_question_its_numbers_and_its_claims(whole, name):
    """All from the session that was opened, escaped as they have to be."""
    experiment = EXPERIMENTS[name]
    results = whole.defined[f"{name}_results"]
    assert results.session.experiment == experiment.design.name
    assert any(experiment.question in text and "Change a number" in text for text in whole.shown)
    sentences = [html.escape(claim.sentence) for claim in experiment.claims]
    assert sentences
    (shown,) = [text for text in whole.shown[:-1] if all(sentence in text for sentence in sentences)]
    assert re.search(r"vegalite|<table", shown.replace("\\", ""))


def test_pictures_are_drawn_and_not_excused(whole):
    """Over the reference sessions each picture has what it needs."""
    assert sum("vegalite" in text for text in whole.shown) >= len(EXPERIMENTS) - 2
    assert not any("marimo-callout-output" in text for text in whole.shown)


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
    """Stands in for an experiment file: notes what is asked for, and gives the saved session for measured."""

    def __init__(self, name, saved):
        self.module = importlib.import_module(f"experiments.{name}")
        self.saved = saved
        self.asked = []

    def __getattr__(self, name):
        return getattr(self.module, name)

    def run(self, **options):
        inspect.signature(self.module.run).bind(**options)
        self.asked.append(options)
        return self.saved


def run_cell(lecture, whole, name, **changed):
    """What the cell of an experiment shows and its results, with other choices; nothing else runs."""
    cell = getattr(lecture, f"see_{name}")
    controls = {f"measure_{name}": SimpleNamespace(value=False), f"vary_{name}": SimpleNamespace(value={})}
    offered = {**whole.defined, **controls, **changed}
    output, defined = cell.run(**{ref: value for ref, value in offered.items() if ref in cell.refs})
    return output, defined[f"{name}_results"]


@pytest.mark.parametrize(("how", "name"), REQUESTS)
def test_measures_on_request_and_only_then(lecture, whole, name, how, tmp_path):
    """By the choice at the top for all, by a button for one; with options that `run` has.

    What is shown is shown above for each, and below for one that was measured: here no picture is drawn.
    """
    recorded = Recorded(name, whole.defined[f"{name}_results"])
    button = SimpleNamespace(value=how == "button")
    changed = {"MEASURE": how == "all", f"measure_{name}": button, name: recorded}
    undrawn = {"drawn": lambda *_: None, "beside": lambda *_, **__: None, "saved": lambda _: recorded.saved}
    _, results = run_cell(lecture, whole, name, OUT=tmp_path, **changed, **undrawn)
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
    small = SimpleNamespace(run=tiny, check=cpu_bound.check)
    output, results = run_cell(lecture, whole, "cpu_bound", MEASURE=True, WORKERS=2, OUT=out, cpu_bound=small)
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
    assert whole.defined["beside"](whole.defined["cpu_bound_results"], "map").name == "map"
    rows = tuple(replace(row, flags=(Flag.DISTURBED,), used=row.trials) for row in measured)
    flagged = Results(measured.session, rows, measured.threshold)
    assert "This machine was too busy." in whole.defined["shown"](flagged).text
    assert "too busy" not in whole.defined["shown"](whole.defined["cpu_bound_results"]).text


def test_each_experiment_offers_something_to_change(whole):
    """Options that its `run` has, as a choice that works without code; as it is unless one is made."""
    for name, experiment in EXPERIMENTS.items():
        choice = whole.defined[f"vary_{name}"]
        assert choice.value == {}
        assert len(choice.options) > 1
        for options in choice.options.values():
            inspect.signature(experiment.run).bind(**options)


def test_a_picture_that_cannot_be_drawn_is_reported(whole):
    """One core or a Python that is missing must not end the lecture; a bug must."""

    def lacking():
        raise UsageError("measure more")

    assert "measure more" in whole.defined["drawn"](lacking).text
    with pytest.raises(ZeroDivisionError):
        whole.defined["drawn"](lambda: 1 / 0)


def test_the_file_holds_cells_and_no_outputs():
    """Functions that are cells and nothing else, and no string longer than what stands on the screen."""
    tree = ast.parse(FILE.read_text())
    kinds = [type(statement) for statement in tree.body]
    assert kinds[0] is ast.Expr
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
