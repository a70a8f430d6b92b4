"""The wheel, installed into an empty environment away from the checkout, does the main job."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from places import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Built from the checkout, without the network."""
    pytest.importorskip("build", reason="the extra dev brings the package build")
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, timeout=100)
    (made,) = folder.glob("*.whl")
    return made


def test_the_wheel_runs_the_main_job_elsewhere(wheel, tmp_path):
    """An environment that has the dependencies and this wheel, and a folder that has nothing.

    Threads stand for all strategies: what the others need is lent, and none of the wheel's.
    """
    home = tmp_path / "environment"
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    (site,) = home.glob("lib/python*/site-packages")
    options = ["--no-deps", "--no-index", "--no-compile"]
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", *options]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True, timeout=100)
    # The dependencies are lent by this environment: to download them again would test the network.
    (site / "lent.pth").write_text("\n".join(path for path in sys.path if path.endswith("site-packages")))
    options = ["--workers", "2", "--strategy", "threading", "--tasks", "4", "--size", "50", "--rounds", "1"]
    options += ["--min-time", "0.0001"]
    command = [str(home / "bin" / "gil-lab"), "run", "cpu-bound", *options]
    alone = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    elsewhere = {"cwd": tmp_path, "env": alone, "timeout": 100}
    done = subprocess.run(command, **elsewhere, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "threading x2" in done.stdout
    where = subprocess.run(
        [str(python), "-c", "import gil_lab, experiments as e, exercises as x; print(gil_lab, e, x)"],
        **elsewhere,
        capture_output=True,
        text=True,
        check=True,
    )
    assert where.stdout.count(str(site)) == 3
    lecture = [str(home / "bin" / "gil-lab"), "lecture", "--short", "--no-browser"]
    shown = subprocess.run(lecture, **elsewhere, capture_output=True, text=True, check=True)
    assert "which was measured here, is not shown: it has other strategies" in " ".join(shown.stderr.split())
    assert "cpu-bound, came with gil-lab" in (tmp_path / "results" / "two-minutes.html").read_text()
    found = "from gil_lab.cli.lecture_notebook import lecture_file; print(lecture_file())"
    notebook = subprocess.run([str(python), "-c", found], **elsewhere, capture_output=True, text=True, check=True)
    assert Path(notebook.stdout.strip()).is_relative_to(site)
    exercise = [str(home / "bin" / "gil-lab"), "exercise", "lost-updates"]
    subprocess.run(exercise, **elsewhere, check=True, capture_output=True)
    checked = subprocess.run([*exercise, "--check", "lost_updates.py"], **elsewhere, check=False)
    assert checked.returncode == 3


def test_the_wheel_holds_the_packages_and_nothing_else(wheel):
    """gil_lab with its marker for type checkers, experiments, exercises, and the metadata."""
    import zipfile

    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"gil_lab", "experiments", "exercises"}
    assert "gil_lab/py.typed" in names
    assert {f"gil_lab/lectures/lecture.{kind}" for kind in ("py", "css")} <= set(names)
    assert {f"gil_lab/report/page/page.{kind}" for kind in ("html", "css", "js")} <= set(names)
    assert not [name for name in names if "__pycache__" in name]


def test_the_reference_sessions_come_with_the_wheel(wheel):
    """As they lie in a checkout: `gil-lab claims --reference` reads them."""
    import zipfile

    there = {path.relative_to(ROOT / "results").as_posix() for path in (ROOT / "results" / "reference").rglob("*.csv")}
    assert len(there) > 100
    assert {f"gil_lab/{name}" for name in there} <= set(zipfile.ZipFile(wheel).namelist())
