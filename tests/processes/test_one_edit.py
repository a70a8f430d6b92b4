"""A quality flag is one edit: one line is added to a copy of the lab, and every report knows it."""

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import experiments
import gil_lab

FLAG = '    HAUNTED = "haunted", "Somebody walked about.", True, "Call for help."\n'
BEFORE = "    DISTURBED = (\n"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A copy of the lab in which one line was added."""
    folder = tmp_path_factory.mktemp("lab")
    for package in (gil_lab, experiments):
        home = Path(package.__file__).parent
        shutil.copytree(home, folder / home.name, ignore=shutil.ignore_patterns("__pycache__"))
    records = folder / "gil_lab" / "model" / "records.py"
    text = records.read_text()
    assert text.count(BEFORE) == 1
    records.write_text(text.replace(BEFORE, FLAG + BEFORE))
    return folder


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """A session in which every trial has that flag."""
    (kept,) = (Path(__file__).parents[2] / "results" / "reference" / "cpu-bound").iterdir()
    folder = tmp_path_factory.mktemp("session") / kept.name
    shutil.copytree(kept, folder)
    with (folder / "trials.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    place = header.index("flags")
    with (folder / "trials.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([header, *([*row[:place], "haunted", *row[place + 1 :]] for row in rows)])
    return folder


def report(lab, session, *options):
    """What the edited lab says of the session."""
    command = [sys.executable, "-P", "-m", "gil_lab", "report", str(session), *options]
    environment = {**os.environ, "PYTHONPATH": str(lab), "COLUMNS": "120"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def test_the_table_marks_a_cell_whose_every_round_has_the_new_flag(lab, session):
    """It counts, as its line says, so such a cell is starred."""
    shown = report(lab, session)
    assert "threading*" in shown
    assert "all 8 cells: too few rounds without a flag (haunted)" in shown


def test_the_page_explains_the_new_flag(lab, session, tmp_path):
    """With the sentence that stands in that line."""
    pytest.importorskip("vl_convert", reason="the extra report is not installed")
    report(lab, session, "--format", "html", "--out", str(tmp_path))
    assert "Somebody walked about." in (tmp_path / "report.html").read_text()


def test_the_lab_as_it_is_does_not_know_the_flag(session):
    """A word that no version has had makes a row unreadable, which is said."""
    home = Path(gil_lab.__file__).parents[1]
    assert "unreadable row(s) of trials.csv left out" in report(home, session)
