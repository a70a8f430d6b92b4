"""`gil-lab calibrate` with real children: three names instead of eight, and no more time than a generation needs."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from command_line import called

from gil_lab.experiment import calibration
from gil_lab.sessions.calibrations import FILE


@pytest.fixture(scope="module")
def measured_once(this_is_found_once, children_are_forked):
    """Three names of the work, sequential and in pools of two, with small tasks; what was measured comes again after.

    Later, so that it is another calibration of the machine.
    """
    whole, measure, known = calibration.design(), calibration.calibrate, []
    few = replace(whole, workloads=whole.workloads[:3], workers=lambda cores: (2,), sizes=(50,), tasks=4)

    def measured(prepared, watcher):
        if not known:
            known.append(measure(prepared, watcher))
            return known[0]
        now = datetime.now(UTC).isoformat()
        return replace(known[0], calibration=replace(known[0].calibration, utc=now))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calibration, "design", lambda: few)
        patch.setattr(calibration, "calibrate", measured)
        yield


@pytest.fixture(scope="module")
def calibrated(measured_once, tmp_path_factory):
    """The folder of results of a machine that was calibrated, and what the command printed."""
    out = tmp_path_factory.mktemp("calibrated")
    return out, calibrate(out)


def calibrate(out):
    return called("calibrate", "--budget", "0.5s", "--out", out)


def test_the_machine_is_calibrated_and_calibrated_again(calibrated):
    """The answer, the file beside the results, a session that can be reported on, and a sum of the two."""
    out, done = calibrated
    assert (done.returncode, done.stderr) == (0, "")
    first = done.stdout
    assert "\nThis machine shows differences of " in first
    assert "\nFalse positives: " in first
    assert f"Kept in {out / FILE}" in first
    (entry,) = json.loads((out / FILE).read_text())["calibrations"]
    assert (entry["pairs"], entry["independent"], entry["budget_s"]) == (2 * 3, 2 * 2, 0.5)
    assert entry["turns"] >= 6 * 3
    assert len(list((out / "calibration").glob("*/turns.csv"))) == 1
    reported = called("report", out)
    assert reported.returncode == 0
    assert "This machine shows differences of " in reported.stdout

    again = calibrate(out)
    assert again.returncode == 0
    assert "In all 2 calibrations of this machine: " in again.stdout
    assert len(json.loads((out / FILE).read_text())["calibrations"]) == 2


def test_what_was_measured_is_shown_although_it_cannot_be_kept(calibrated, tmp_path):
    """A folder stands where the file belongs: the answer, a note, then one line of an error."""
    (tmp_path / FILE).mkdir()
    done = calibrate(tmp_path)
    assert done.returncode == 4
    (line,) = done.stderr.splitlines()
    assert "cannot be written" in line
    assert "This machine shows differences of " in done.stdout
    assert "Note: calibration.json cannot be read" in done.stdout.replace("\n", " ")


@pytest.mark.parametrize(
    ("budget", "message"),
    [("soon", "--budget takes a time like 60s or 2m"), ("0s", "budget is 0.0"), ("-1s", "budget is -1.0")],
)
def test_a_budget_that_makes_no_sense_is_refused(tmp_path, budget, message):
    """In one line, and nothing is written."""
    done = called("calibrate", "--budget", budget, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert message in done.stderr
    assert not list(tmp_path.iterdir())


def test_help_says_what_it_is_for(tmp_path):
    """With its default, and where it is kept."""
    done = called("calibrate", "--help", cwd=tmp_path)
    text = " ".join(done.stdout.split())
    assert "how small a difference this machine shows" in text
    assert "[default: 60s]" in text
