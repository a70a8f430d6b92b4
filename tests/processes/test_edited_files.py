"""A user's file, or a module beside it, that is edited while a session runs: no trial runs other code unnoticed."""

import json
import tempfile

import pytest
from command_line import called
from made import cell, trial

from gil_lab.experiment import own_files
from gil_lab.measuring import controller
from gil_lab.measuring.environment import PACKAGE
from gil_lab.measuring.launcher import Launcher
from gil_lab.model.records import Status

MINE = """
from helper_n import N
from gil_lab import Workload


def task(number):
    return sum(range(N))


WORK = Workload("numbers", "cpu", [1, 2], {"call": task})
"""
RUN = ("--strategy", "sequential", "--rounds", "2", "--min-time", "0.0001")


@pytest.fixture
def file(tmp_path):
    (tmp_path / "helper_n.py").write_text("N = 100\n")
    (tmp_path / "mine.py").write_text(MINE)
    return tmp_path / "mine.py"


def ran(catalogue):
    planned = trial(cell=cell("sequential", workload="work", workers=1, tasks=2, size=1), min_time_s=0.001)
    return controller.run(planned, Launcher(file=catalogue.file), catalogue)


@pytest.mark.parametrize("edited", ["mine.py", "helper_n.py"])
def test_a_trial_that_would_run_other_code_is_an_error(file, edited):
    """It names what was edited; as it was, it is measured."""
    catalogue = own_files.read(file)
    assert [source.path for source in catalogue.sources] == ["mine.py", "helper_n.py"]
    assert ran(catalogue).status is Status.OK
    with (file.parent / edited).open("a") as opened:
        opened.write("N = 1000\n")
    result = ran(catalogue)
    assert result.status is Status.ERROR
    assert f"{edited} was changed since the session began; start a new one" in result.detail
    assert result.measurement is None


def test_a_session_whose_helper_was_edited_is_not_resumed(file, tmp_path):
    """Unless it is forced; and it notes which modules there were."""
    assert called("run", str(file), *RUN, cwd=tmp_path).returncode == 0
    (session,) = (tmp_path / "results").glob("*/*")
    assert list(json.loads((session / "session.json").read_text())["file"]["modules"]) == ["helper_n.py"]
    for name in ("trials.csv", "turns.csv", "starts.csv"):  # as if it had been stopped at once
        (session / name).write_text((session / name).read_text().splitlines()[0] + "\n")
    (file.parent / "helper_n.py").write_text("N = 1000\n")
    done = called("run", str(file), "--resume", str(session), cwd=tmp_path)
    assert done.returncode == 4
    assert "mine.py (or a module beside it) is not as it was" in done.stderr


def test_modules_of_an_environment_beside_the_file_are_no_part_of_it(file):
    """They are packages, and their versions are noted."""
    package = file.parent / ".venv" / "lib" / "site-packages"
    package.mkdir(parents=True)
    (package / "installed.py").write_text("")
    file.write_text(f"import sys\nsys.path.append({str(package)!r})\nimport installed\n{MINE}")
    assert [source.path for source in own_files.read(file).sources] == ["mine.py", "helper_n.py"]


GENERATING = """
import importlib.util, os, tempfile
from pathlib import Path
from gil_lab import Workload

written = Path(tempfile.mkdtemp(), "generated.py")
written.write_text(f"N = {os.getpid()}\\n")
spec = importlib.util.spec_from_file_location("generated", written)
generated = importlib.util.module_from_spec(spec)
spec.loader.exec_module(generated)
import sys
sys.modules["generated"] = generated

WORK = Workload("numbers", "cpu", [1, 2], {"call": abs})
"""


@pytest.mark.parametrize("code", [MINE, GENERATING])
def test_temporary_folders_below_the_files_folder_are_no_part_of_it(file, monkeypatch, code):
    """As of a file that stands in /tmp: each process has its own of those, with a link to the lab."""
    below = file.parent / "tmp"
    below.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(below))
    file.write_text(code)
    catalogue = own_files.read(file)
    assert [source.path for source in catalogue.sources] == ["mine.py", *["helper_n.py"] * (code == MINE)]
    result = ran(catalogue)
    assert (result.status, result.detail) == (Status.OK, "")


def test_the_lab_is_no_part_of_a_file_beside_it(tmp_path):
    """In a checkout, where the package lies beside."""
    (tmp_path / "gil_lab").symlink_to(PACKAGE)
    (tmp_path / "mine.py").write_text(MINE.replace("from helper_n import N", "N = 1"))
    assert [source.path for source in own_files.read(tmp_path / "mine.py").sources] == ["mine.py"]
