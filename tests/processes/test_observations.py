"""Observations: what a workload tells beside its answers, from the measured process to the report."""

import contextlib
from pathlib import Path

import pytest
from made import cell, measurement, result
from made_claims import of, session

from gil_lab.analysis.observations import observed
from gil_lab.child import trial
from gil_lab.child.inputs import Inputs
from gil_lab.measuring import controller
from gil_lab.measuring.launcher import Launcher
from gil_lab.measuring.measured_child import MeasuredChild
from gil_lab.measuring.other_processes import OtherProcesses
from gil_lab.model.records import Cell, Observation, Status, Trial
from gil_lab.report.documents.document import FORMATS
from gil_lab.report.documents.session import report, session_document
from gil_lab.report.tables.as_data import as_dicts
from gil_lab.report.text.observations import lines, phrase
from gil_lab.sessions.detail_rows import observation_rows
from gil_lab.sessions.reader import read, read_rows
from gil_lab.sessions.rows import ObservationRow
from gil_lab.sessions.writer import Folder
from gil_lab.suite.catalogue import with_file
from gil_lab.suite.workloads import Workload

FILE = """
from contextlib import contextmanager
from gil_lab import Workload
from gil_lab.model.records import Observation

@contextmanager
def inputs(tasks, size):
    yield [(number, size) for number in range(tasks)]

SEEN = []

def task(item):
    SEEN.append(item)
    return len(SEEN)

def verify(inputs, outputs):
    return None if outputs == sorted(outputs) else "backwards"

def observe(inputs, answers):
    yield Observation("passes", len(answers))
    yield Observation("calls", len(SEEN), "calls")
    yield Observation("word", None, text="fine")

TELLING = Workload("tells", "cpu", inputs, {"call": task}, verify, 1, "ones", 9, 3, observe=observe, varies=True)
STRICT = Workload("tells", "cpu", inputs, {"call": task}, verify, 1, "ones", 9, 3, observe=observe)
NEEDY = Workload("needs", "cpu", inputs, {"call": task}, verify, 1, "ones", 9, 3, requires=("no_such_module",))
"""


@pytest.fixture
def file(tmp_path):
    """The file above."""
    made = tmp_path / "telling.py"
    made.write_text(FILE)
    return made


def planned(workload):
    return Trial(1, 1, Cell(workload, "sequential", 1, "this", 3, 1), 0.0001, 20.0)


@pytest.fixture
def run(file):
    """One trial of a workload of that file."""
    return lambda workload: controller.run(planned(workload), Launcher(file=file), with_file(file))


@pytest.fixture
def telling(file):
    """What it takes to measure the workload that reports something."""
    return planned("telling"), Launcher(file=file), with_file(file)


def test_a_workload_is_asked_once_after_all_passes(run):
    """It sees the outputs of warm-up, timed and traced passes, in the process that made them."""
    found = run("telling")
    assert (found.status, found.detail) == (Status.OK, "")
    observed = {one.name: one for one in found.measurement.observations}
    assert observed["passes"].value == len(found.measurement.passes)
    assert observed["calls"] == Observation("calls", 3.0 * len(found.measurement.passes), "calls")
    assert observed["word"] == Observation("word", None, "", "fine")


def test_it_sees_the_answers_of_all_turns(telling):
    """It is asked when the last one is over."""
    with MeasuredChild(*telling) as child:
        child.start()
        for _ in range(2):
            child.trace()
        for number in (1, 2, 3):
            child.turn(number, 1, 0.0, OtherProcesses())
        found = child.finish()
    assert (found.status, found.detail) == (Status.OK, "")
    observed = {one.name: one.value for one in found.measurement.observations}
    assert observed["passes"] == len(found.measurement.passes) >= 1 + 2 + 3
    assert observed["calls"] == 3 * observed["passes"]


def test_answers_that_differ_from_pass_to_pass_are_wrong_unless_the_workload_says_that_they_vary(run):
    """A race may come out differently each time; prime numbers may not."""
    assert run("strict").status is Status.WRONG


def test_what_a_workload_needs_and_lacks_is_a_reason_to_skip(run):
    """With the module's name and a remedy."""
    found = run("needy")
    assert found.status is Status.SKIPPED
    assert found.detail.startswith("no_such_module is not installed")


def test_an_answer_that_varies_is_verified_in_every_pass():
    """A wrong one in the last pass counts as one in the first."""

    def verify(inputs, outputs):
        return "odd" if outputs[0] % 2 else None

    made = Workload("", "cpu", contextlib.nullcontext, {"call": abs}, verify, 1, "", 1, varies=True)
    answers = trial.Answers(made, Inputs([0]))
    answers.check([[2], [4]])
    with pytest.raises(trial.WrongAnswerError, match="odd"):
        answers.check([[2], [4], [5]])


def test_an_answer_of_a_later_turn_is_compared_with_the_first_one():
    """However right it may look: the work is the same in each turn."""
    made = Workload("", "cpu", contextlib.nullcontext, {"call": abs}, lambda inputs, outputs: None, 1, "", 1)
    answers = trial.Answers(made, Inputs([0]))
    answers.check([[2]])
    answers.check([[2], [2]])
    with pytest.raises(trial.WrongAnswerError, match="differ from pass to pass"):
        answers.check([[2], [4]])


@pytest.mark.parametrize(("observe", "kept"), [(None, 1), (lambda inputs, answers: [], 4)])
def test_answers_are_kept_only_for_a_workload_that_reports_about_them(observe, kept):
    """A session of many turns would fill the memory, and so slow down what it measures."""
    made = Workload("", "cpu", contextlib.nullcontext, {"call": abs}, lambda *_: None, 1, "", 1, observe=observe)
    answers = trial.Answers(made, Inputs([0]))
    for _ in range(2):
        answers.check([[2], [2]])
    assert answers.kept == [[2]] * kept


def test_observations_are_rows_of_their_own_file(tmp_path):
    """And come back as they were; the words of the measured process are foreign text."""
    observed = (Observation("lost", 3.0, "updates"), Observation("error", None, text="Typing\x1b[31mError" + "x" * 999))
    folder = Folder(tmp_path, "made", "host", {}, {})
    folder.append(result(measurement=measurement(observations=observed)))
    folder.close()
    lost, error = read_rows(read(folder.path), "observations.csv")
    assert lost == ObservationRow(1, observed[0])
    assert error.observation.text.startswith(r"Typing\x1b[31mError")
    assert len(error.observation.text) == 200
    assert observation_rows(result(Status.TIMEOUT)) == []


def test_a_session_without_the_file_has_none_and_needs_no_excuse():
    """It was made by an older gil-lab: no note, and an empty list."""
    older = session(of())
    assert older.rows  # it is made now
    del older.__dict__["observations"]
    assert (older.observations, older.observed, older.session.notes) == ([], [], [])


def test_over_the_rounds_a_number_is_told_as_median_with_its_range_and_a_word_once():
    """Doubtful rounds are left out where there are others."""
    first, second, third = (row for row in session(of("threading"), rounds=3).trials)
    rows = [
        ObservationRow(row.trial, one)
        for row, value in ((first, 3.0), (second, 5.0), (third, 4.0))
        for one in (Observation("lost", value, "updates"), Observation("error", None, text="E"))
    ]
    lost, error = observed([first, second, third], rows)
    assert (lost.value, lost.low, lost.high, lost.unit) == (4.0, 3.0, 5.0, "updates")
    assert (error.value, error.text) == (None, "E")
    assert phrase(lost) == "lost 4 updates (3 to 5)"
    assert phrase(error) == "error: E"
    assert as_dicts([lost], type(lost))[0]["strategy"] == "threading"


def test_observations_of_trials_that_are_not_there_are_left_out():
    """An edited file names any trial."""
    assert observed(session(of()).trials, [ObservationRow(99, Observation("lost", 1.0))]) == []


def test_the_report_has_a_line_for_each_cell_that_tells_something():
    """By the names that the table has; with the work where there are several."""
    made = session(
        of("sequential", observed={"lost updates": 0}, work={"workload": "counter"}),
        of("threading", observed={"lost updates": (12, "updates")}, work={"workload": "counter"}),
    )
    assert lines(made.observed) == [("sequential", "lost updates 0"), ("threading x2", "lost updates 12 updates")]
    shown = "\n".join(str(part) for part in report(made))
    assert "What was observed beside the times" in shown
    both = session(of(observed={"a": 1}), of(observed={"a": 2}, work={"workload": "sum", "size": 9}))
    assert [called for called, _ in lines(both.observed)] == ["primes threading x2", "sum threading x2"]


def test_documents_notebooks_and_prompts_tell_it_too():
    """As Markdown, as HTML, as text: each text escaped as theirs are."""
    made = session(of("threading", observed={"lost <updates>": (12, "updates")}, work={"workload": "counter"}))
    assert "- threading x2: lost &lt;updates&gt; 12 updates" in FORMATS["md"](session_document(made))
    assert "lost &lt;updates&gt; 12 updates" in made._repr_html_()
    assert "lost <updates> 12 updates" in repr(made)


def test_what_is_the_same_of_several_cells_is_told_once():
    """Below their names; of all of them, as that of all."""
    plan = {"critical path": (2, "s")}
    made = session(of("sequential", observed=plan), of("threading", observed=plan))
    assert lines(made.observed) == [("all", "critical path 2 s")]
    other = session(of("sequential", observed=plan), of("threading", observed=plan), of("asyncio", observed={"a": 1}))
    assert lines(other.observed) == [("sequential, threading x2", "critical path 2 s"), ("asyncio x2", "a 1")]


def test_what_is_told_of_a_cell_that_is_not_shown_is_not_shown():
    """`results.where(strategy=...)` tells of those cells only."""
    made = session(of("sequential", observed={"a": 1}), of("threading", observed={"a": 2}))
    only = type(made)(made.session, tuple(row for row in made.rows if row.cell == cell("sequential")))
    only.__dict__["observations"] = made.observations
    assert [one.cell.strategy for one in only.observed] == ["sequential"]


def test_the_path_of_a_made_up_session_is_none():
    """These tests read no file of another session by accident."""
    assert not Path("made").exists()
