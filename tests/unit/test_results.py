"""Results, as notebooks hold them."""

import csv
import json
import re
import shutil
from dataclasses import replace

import pytest
from made import rounds, row, session_in
from made_of_pythons import read
from whole_session import session

from gil_lab.analysis.core_use import CoreUse
from gil_lab.analysis.summaries import Summary
from gil_lab.experiment.results import Results
from gil_lab.experiment.session_to_show import is_reference, session_to_show
from gil_lab.model.errors import StoreError, UsageError
from gil_lab.report.documents.answer import words
from gil_lab.report.drawing.picture import MIME, NothingToDrawError
from gil_lab.sessions import reader
from gil_lab.sessions.csv_table import decoded
from gil_lab.sessions.reference import reference_folder


def test_results_come_in_the_order_of_the_experiment(tmp_path):
    """The order of the trials is random; the session noted that of the strategies. Workers come last."""
    references = {"sequential": "sequential", "threading": "sequential", "joblib": "sequential"}
    trials = [row("joblib"), row("threading", cell=replace(row().cell, workers=4)), row("threading"), row("sequential")]
    numbered = [replace(one, trial=number) for number, one in enumerate(trials, 1)]
    found = Results.read(session_in(tmp_path, numbered, {"schema": 1, "references": references}))
    assert [(one.cell.strategy, one.cell.workers) for one in found] == [
        ("sequential", 1),
        ("threading", 2),
        ("threading", 4),
        ("joblib", 2),
    ]


def test_interpreters_come_in_the_order_of_the_session_before_workers(tmp_path):
    """Whatever their names; those that it does not note come last."""
    found = read(tmp_path, ("pypy3.11", "3.11", "3.13t"), workers=(2, 4))
    threads = [(one.cell.interpreter, one.cell.workers) for one in found if one.cell.strategy == "threading"]
    assert threads == [(python, workers) for python in ("pypy3.11", "3.11", "3.13t") for workers in (2, 4)]
    for interpreters in (None, ["3.13t"], {"3.13t": {}}):
        again = Results.read(session_in(tmp_path / str(interpreters), found.trials, {"interpreters": interpreters}))
        order = list(dict.fromkeys(one.cell.interpreter for one in again if one.cell.strategy == "threading"))
        assert order == (["3.13t", "3.11", "pypy3.11"] if interpreters else sorted(order))


def test_results_tell_how_interpreters_compare(tmp_path):
    """In the order of the rows, of those that are left by a filter only."""
    found = read(tmp_path, ("3.13", "3.13t", "3.13t+gil"))
    assert [(one.cell.interpreter, one.reference) for one in found.where(strategy="sequential").across] == [
        ("3.13t", "3.13"),
        ("3.13t", "3.13t+gil"),
        ("3.13t+gil", "3.13"),
    ]
    assert found.where(interpreter="3.13t").across == []
    assert "3.13t+gil" in repr(found)
    assert "as under" in found._repr_html_()
    assert found.matrix().title.startswith("threading x2 is")


@pytest.mark.parametrize(
    ("references", "parallel"), [({"mine": "yours"}, 3.0), ({}, 8.0), ({"mine": 5}, 8.0), (["mine"], 8.0)]
)
def test_the_reference_of_an_unknown_strategy_is_what_the_session_noted(tmp_path, references, parallel):
    """A strategy of a user's file is not in our catalogue; without a note it is compared with sequential work."""
    trials = [*rounds("sequential", 8), *rounds("yours", 3, cell=replace(row("yours").cell, workers=1)), row("mine", 1)]
    numbered = [replace(one, trial=number) for number, one in enumerate(trials, 1)]
    found = Results.read(session_in(tmp_path, numbered, {"schema": 1, "references": references}))
    assert [one.parallel_speedup and one.parallel_speedup.value for one in found.where(strategy="mine")] == [parallel]


def test_results_can_be_chosen_by_the_fields_of_a_cell(tmp_path):
    """By several at once; a name that is none is refused, with those that there are."""
    found = Results.read(session_in(tmp_path, [row("joblib", number=1), row("threading", number=2)]))
    assert [one.cell.strategy for one in found.where(strategy="joblib", workers=2)] == ["joblib"]
    assert len(found.where(strategy="joblib", workers=3)) == 0
    with pytest.raises(UsageError, match="no field 'worker'; it has workload, strategy, workers"):
        found.where(worker=2)


def test_turns_are_read_once_whatever_is_computed_from_them(tmp_path, monkeypatch):
    """Summaries, ratios, and those of some of the cells; what is wrong with the file is noted once."""
    session(tmp_path)
    (folder,) = tmp_path.glob("*/*")
    with (folder / "turns.csv").open("a") as file:
        file.write("no turn\n")
    opened, usual = [], reader.read_rows
    monkeypatch.setattr(reader, "read_rows", lambda session, name: opened.append(name) or usual(session, name))
    results = Results.read(folder)
    assert results.contrasts is results.where(strategy="threading").contrasts is not None
    assert opened.count("turns.csv") == 1
    assert len([note for note in results.session.notes if "of turns.csv left out" in note]) == 1


def test_results_write_files_that_can_be_read_again(tmp_path):
    """A summary and the use of cores, also where there are no samples."""
    found = Results.read(session_in(tmp_path, [row()]))
    assert [path.name for path in found.write()] == ["summary.csv", "core_use.csv"]
    assert decoded((tmp_path / "summary.csv").read_text(), Summary, "summary.csv").rows == list(found)
    assert decoded((tmp_path / "core_use.csv").read_text(), CoreUse, "core_use.csv").rows == []


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A session with all its files: sequential, threads and processes."""
    return Results.read(session(tmp_path_factory.mktemp("whole")))


@pytest.mark.parametrize("method", ["map", "speedups", "timeline", "cores", "costs"])
def test_pictures_are_drawn_by_notebooks_without_any_package(whole, method):
    """As Vega-Lite in the type that JupyterLab knows, as a line of text elsewhere."""
    picture = getattr(whole, method)()
    bundle = picture._repr_mimebundle_()
    assert repr(picture).startswith(f"Picture {picture.name}: ")
    assert len(repr(picture).splitlines()) == 1
    assert bundle[MIME]["$schema"].endswith("/v5.json")
    assert "threading" in json.dumps(bundle[MIME])
    assert "\n" not in bundle["text/plain"]
    assert bundle["text/plain"]


def test_marimo_gets_the_version_that_it_draws(whole):
    """The rest is the same; else its page warns of each picture on the console."""
    mime, data = whole.map()._mime_()
    assert mime == MIME
    spec = json.loads(data)
    assert spec.pop("$schema").endswith("/v6.json")
    assert spec.pop("usermeta")["embedOptions"]["actions"] is False  # its menu opens a page of another site
    assert spec == {key: value for key, value in json.loads(json.dumps(whole.map().spec)).items() if key != "$schema"}


def measured_here(root, second, **options):
    """A copy of the reference session, as if it was measured with these options in this second of a day."""
    (made,) = (reference_folder() / "cpu-bound").iterdir()
    own = root / "cpu-bound" / f"20270101T0000{second:02}Z-vm"
    shutil.copytree(made, own)
    about = json.loads((own / "session.json").read_text())
    about["options"].update(options)
    (own / "session.json").write_text(json.dumps(about))
    return own


def test_what_a_class_has_measured_comes_before_the_reference(tmp_path):
    """Its newest session; what is damaged is an error, and not another machine's."""
    assert is_reference(session_to_show("cpu-bound", tmp_path).results)
    (tmp_path / "cpu-bound" / "20260101T000000Z-vm").mkdir(parents=True)
    assert is_reference(session_to_show("cpu-bound", tmp_path).results)
    for second in (1, 2):
        own = measured_here(tmp_path, second, quick=True, workers=[8])
        found = session_to_show("cpu-bound", tmp_path)
        assert (found.results.folder, found.passed_over) == (own, "")
    assert not is_reference(found.results)
    (own / "trials.csv").write_bytes(b"\xff\xfe no table")
    with pytest.raises(StoreError):
        session_to_show("cpu-bound", tmp_path)


def test_a_session_that_does_not_answer_the_question_is_passed_over(tmp_path):
    """Which one, and why; an older one that does comes before the reference."""
    without = measured_here(tmp_path, 3, strategies=["threading"])
    found = session_to_show("cpu-bound", tmp_path)
    assert is_reference(found.results)
    why = "it has other strategies or workloads than the experiment"
    assert found.passed_over == f"{without}, which was measured here, is not shown: {why}."
    usable = measured_here(tmp_path, 4)
    disturbed = measured_here(tmp_path, 5)
    trials = disturbed / "trials.csv"
    head, *rows = csv.reader(trials.read_text().splitlines())
    with trials.open("w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerows(
            [head, *({**dict(zip(head, each, strict=True)), "flags": "disturbed"}.values() for each in rows)]
        )
    found = session_to_show("cpu-bound", tmp_path)
    assert found.results.folder == usable
    assert found.passed_over.startswith(f"{disturbed}, which was measured here, is not shown: too few rounds of ")


def test_a_session_that_was_stopped_at_once_is_none(tmp_path):
    own = measured_here(tmp_path, 6)
    for file in own.glob("*.csv"):
        file.write_text(file.read_text().splitlines()[0] + "\n")
    found = session_to_show("cpu-bound", tmp_path)
    assert is_reference(found.results)
    assert found.passed_over == ""


def test_a_timeline_shows_the_strategies_that_are_named(whole):
    """And a typo is an error rather than an empty picture."""
    drawn = json.dumps(dict(whole.timeline("threading").spec))
    assert "threading x8" in drawn
    assert "multiprocessing" not in drawn
    with pytest.raises(UsageError, match="there are multiprocessing, sequential, threading"):
        whole.timeline("thredding")


def test_pictures_show_what_is_left_by_a_filter(whole):
    """As the table does."""
    assert "multiprocessing" not in json.dumps(dict(whole.where(strategy="threading").map().spec))
    with pytest.raises(NothingToDrawError):
        whole.where(workers=99).map()


def test_what_cannot_be_drawn_says_what_to_measure(whole):
    """Scaling needs several numbers of workers."""
    with pytest.raises(NothingToDrawError, match="--workers"):
        whole.scaling()


def test_timelines_and_cores_come_in_the_order_of_the_rows(whole):
    """One of each cell."""
    cells = [row.cell for row in whole]
    assert [timeline.cell for timeline in whole.timelines] == cells
    assert [series.cell for series in whole.core_series] == cells
    assert len(whole.where(strategy="threading").timelines) == 1


@pytest.fixture
def results(tmp_path):
    return Results.read(session(tmp_path))


def test_a_notebook_shows_a_table_once_and_without_colours(results, monkeypatch):
    """There, rich would show what is captured as well."""
    monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
    shown = []
    monkeypatch.setattr("rich.jupyter.display", lambda *_: shown.append(1))
    assert "\x1b" not in repr(results)
    assert shown == []


def test_the_answer_stands_above_the_table(results):
    """In text and in HTML."""
    (answer,) = words(results.rows, ())
    assert repr(results).replace("\n", " ").startswith(answer[:60])
    assert results._repr_html_().startswith(f"<p>{answer[:60]}")


def test_a_cell_is_one_line(results):
    """A tuple of them is what a notebook shows of `results.rows`."""
    assert all(re.fullmatch(r"<primes [a-z]+( x\d+)? under 3.11: .+>", repr(row)) for row in results.rows)
