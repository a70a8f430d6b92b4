"""`gil-lab run NAME --predict` in a real terminal: it asks, and a run that is interrupted can be finished."""

import csv
import json

import pytest
from command_line import called

from faults import sabotage
from faults.light_children import light
from faults.rig import eventually
from faults.terminal import CTRL_C, Terminal

TWO = (
    *("cpu-bound", "--strategy", "multiprocessing", "--workers", "2"),
    *("--tasks", "2", "--rounds", "2", "--min-time", "0.01"),
)
ANSWER = b"c\n"


@pytest.fixture
def asked(rig, tmp_path):
    """A run that has asked its question, and waits in its first round as long as a test lets it; its sign of that."""
    reached = tmp_path / "reached"
    waiting = lambda: sabotage.install("gil_lab.cli.terminal.progress:LiveView.took_turns", "60", reached)  # noqa: E731
    with Terminal(rig, rig.arguments(*TWO, "--predict"), before=light(waiting)) as terminal:
        assert terminal.until(lambda: b"Prediction: " in terminal.seen)
        yield terminal, reached


def test_fault_63_ctrl_c_at_the_question_measures_nothing(rig, asked):
    """One line says so."""
    terminal, _ = asked
    terminal.press(CTRL_C)
    ended = terminal.ended()
    assert ended.err == "gil-lab: stopped by SIGINT; nothing was predicted, and nothing measured\n"
    assert rig.sessions() == []
    rig.survived(ended, 130, next_works=False)


def test_fault_63_a_predicted_run_that_is_interrupted_is_resumed(rig, asked):
    """The prediction is kept; until the rest is measured nothing is decided, and the report says how to go on.

    The light children are processes, so threads, of which it asks, are not measured.
    """
    terminal, reached = asked
    terminal.press(b"nonsense\n" + ANSWER)
    assert terminal.until(reached.exists)
    terminal.press(CTRL_C)
    ended = terminal.ended()
    assert "Type a, b, c or d" in ended.out
    rig.survived(ended, 130, message="resume with gil-lab run --resume ", next_works=False)
    (folder,) = rig.sessions()
    predicted = json.loads((folder / "session.json").read_text())["prediction"]
    assert list(predicted["answers"].values()) == [0, 0, 1, 0]
    reported = json.loads(called("report", folder, "--format", "json").stdout)["prediction"]
    assert reported["right_answer"] is None
    assert reported["why"] == f"The session was interrupted; measure the rest: gil-lab run --resume {folder}"
    resumed = rig.run_forked("--resume", str(folder), before=light())
    assert (resumed.code, resumed.err) == (0, ""), resumed.out
    assert "Predicted: Several threads count primes" in " ".join(resumed.out.split())
    assert "Not decided: " in resumed.out
    assert "--resume" not in resumed.out
    with (folder / "answers.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 1
    assert eventually(lambda: not list(rig.temporary.iterdir()))
