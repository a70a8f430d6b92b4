"""`gil-lab calibrate` with real children: three names instead of eight, and no more time than a generation needs."""

import json
from dataclasses import replace

import pytest
from command_line import gil_lab

from gil_lab.cli.app import execute
from gil_lab.experiment import calibration
from gil_lab.model.errors import StoreError
from gil_lab.sessions.calibrations import FILE


@pytest.fixture
def few_names(monkeypatch):
    """Names of the work: three of them, sequential and in pools of two, with small tasks."""
    whole = calibration.design()
    few = replace(whole, workloads=whole.workloads[:3], workers=lambda cores: (2,), sizes=(50,), tasks=4)
    monkeypatch.setattr(calibration, "design", lambda: few)


def calibrate(out, budget="0.5s"):
    return execute(["calibrate", "--budget", budget, "--out", str(out)])


@pytest.mark.usefixtures("few_names")
def test_the_machine_is_calibrated_and_calibrated_again(tmp_path, capsys):
    """The answer, the file beside the results, a session that can be reported on, and a sum of the two."""
    assert calibrate(tmp_path) == 0
    first = capsys.readouterr().out
    assert "\nThis machine shows differences of " in first
    assert "\nFalse positives: " in first
    assert f"Kept in {tmp_path / FILE}" in first
    (entry,) = json.loads((tmp_path / FILE).read_text())["calibrations"]
    assert (entry["pairs"], entry["independent"], entry["budget_s"]) == (2 * 3, 2 * 2, 0.5)
    assert entry["turns"] >= 6 * 3
    assert len(list((tmp_path / "calibration").glob("*/turns.csv"))) == 1
    assert execute(["report", str(tmp_path)]) == 0
    assert "This machine shows differences of " in capsys.readouterr().out

    assert calibrate(tmp_path) == 0
    assert "In all 2 calibrations of this machine: " in capsys.readouterr().out
    assert len(json.loads((tmp_path / FILE).read_text())["calibrations"]) == 2


@pytest.mark.usefixtures("few_names")
def test_what_was_measured_is_shown_although_it_cannot_be_kept(tmp_path, capsys):
    """A folder stands where the file belongs: the answer, a note, then one line of an error."""
    (tmp_path / FILE).mkdir()
    with pytest.raises(StoreError, match="cannot be written"):
        calibrate(tmp_path)
    out = capsys.readouterr().out
    assert "This machine shows differences of " in out
    assert "Note: calibration.json cannot be read" in out.replace("\n", " ")


@pytest.mark.parametrize(
    ("budget", "message"),
    [("soon", "--budget takes a time like 60s or 2m"), ("0s", "budget is 0.0"), ("-1s", "budget is -1.0")],
)
def test_a_budget_that_makes_no_sense_is_refused(tmp_path, budget, message):
    """In one line, and nothing is written."""
    done = gil_lab("calibrate", "--budget", budget, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert message in done.stderr
    assert not list(tmp_path.iterdir())


def test_help_says_what_it_is_for(tmp_path):
    """With its default, and where it is kept."""
    done = gil_lab("calibrate", "--help", cwd=tmp_path)
    text = " ".join(done.stdout.split())
    assert "how small a difference this machine shows" in text
    assert "[default: 60s]" in text
