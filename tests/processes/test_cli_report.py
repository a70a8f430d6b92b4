"""`gil-lab report` as a user types it: pictures, pages and traces as files, timelines, two sessions, all of them."""

import json
import subprocess
import sys

import pytest
from command_line import called
from made_of_turns import took_turns
from whole_session import session

from gil_lab.cli.commands.report import PRINTED
from gil_lab.report import pictures


def gil_lab(*arguments, cwd, without=()):
    """The command in a process of its own, with plain output of 80 columns, and `without` some modules."""
    program = f"import sys; sys.modules.update(dict.fromkeys({without!r})); from gil_lab.__main__ import main; main()"
    return subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", "COLUMNS": "80", "HOME": str(cwd), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.fixture(scope="module")
def where(tmp_path_factory):
    """A folder with one session in its results."""
    folder = tmp_path_factory.mktemp("where")
    session(folder / "results")
    return folder


def test_the_map_comes_first_and_its_letters_stand_in_the_table(where):
    """Before the table and the sentences, in plain text of 80 columns."""
    done = gil_lab("report", cwd=where)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].strip() == "cores busy"
    assert "parallel" in done.stdout.partition("tasks in flight")[0]
    assert [line.split()[0] for line in lines if "threading  " in line][:1] == ["b"]
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize(("asked", "titles"), [("threading", 1), ("threading,sequential", 2), ("all", 3)])
def test_timelines_are_shown_as_text(where, asked, titles):
    """Of the strategies that are named, or of all."""
    done = called("report", "--timeline", asked, cwd=where)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("in flight:") == titles
    assert "50 % running, 25 % ready, 25 % blocked" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_the_threshold_of_a_report_is_an_option(tmp_path):
    """Of one session, of two and of all; what is no share is refused."""
    for name in ("a", "b"):
        took_turns(tmp_path / "results" / name, {"sequential": 1, "threading": 1.01})
    for arguments in (["results/a"], ["results/a", "results/b"], ["--all"]):
        done = called("report", *arguments, "--threshold", "3%", cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        assert "= differs by less than 3 %" in done.stdout
        assert max(map(len, done.stdout.splitlines())) <= 80
    done = called("report", "--threshold", "much", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "gil-lab: error: --threshold takes per cent like 5%, not 'much'\n")


def test_a_session_without_a_trial_has_no_timeline(tmp_path):
    """It says so, and is no error: the session may have been interrupted."""
    done = called("report", session(tmp_path, rounds=0), "--timeline", "all", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip() == "No traced pass: measure something first."


def test_the_page_is_a_file_in_the_folder_of_the_session(where, script_cache):
    """Its place is printed, and nothing else."""
    pytest.importorskip("vl_convert")
    done = called("report", "--format", "html", cwd=where, XDG_CACHE_HOME=str(script_cache))
    assert (done.returncode, done.stderr) == (0, "")
    (page,) = where.glob("results/cpu-bound/*/report.html")
    assert done.stdout.strip() == str(page.relative_to(where))
    assert page.read_text().startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("asked", ["results", "results/cpu-bound", "cpu-bound"])
def test_a_quiz_of_all_is_made_of_a_folder_of_results_or_of_one_experiment(where, tmp_path, asked):
    """Of its newest session."""
    pytest.importorskip("vl_convert")
    done = called("report", asked, "--all", "--format", "quiz", "--out", tmp_path / "quiz", cwd=where)
    assert (done.returncode, done.stderr) == (0, "")
    assert "<legend>" in (tmp_path / "quiz" / "quiz.html").read_text()


@pytest.mark.parametrize(("format_", "begins"), [("svg", b"<svg"), ("png", b"\x89PNG")])
def test_single_pictures_are_files(where, tmp_path, format_, begins):
    """All that can be drawn, in the folder that is asked for; why one cannot is reported."""
    pytest.importorskip("vl_convert")
    done = called("report", "--format", format_, "--out", tmp_path / "slides", cwd=where)
    assert done.returncode == 0
    made = {file.name for file in (tmp_path / "slides").iterdir()}
    undrawn = {"matrix", "scaling", "delays", "warm-up", "ladder", "releases", "sizes", "dispatch", "answers"}
    may_be = {f"gil.{format_}"}  # a tiny pass may be too short for samples of it
    assert made | may_be == {f"{name}.{format_}" for name in pictures.names() if name not in undrawn}
    assert "no picture scaling" in done.stderr
    assert all(file.read_bytes().startswith(begins) for file in (tmp_path / "slides").iterdir())


def test_a_picture_is_an_svg_unless_another_format_is_asked_for(where, tmp_path):
    pytest.importorskip("vl_convert")
    assert called("report", "--picture", "map", "--out", tmp_path / "slides", cwd=where).returncode == 0
    assert [file.name for file in (tmp_path / "slides").iterdir()] == ["map.svg"]


def test_an_experiment_that_is_not_measured_yet_is_not_taken_for_another_one(where):
    """The name is known: there is no session of it."""
    done = called("report", "cpu-bound", "io-bound", cwd=where)
    assert done.returncode == 4
    assert done.stderr == "gil-lab: error: no session of 'io-bound' in results; measure one: gil-lab run io-bound\n"


def test_a_trace_is_a_file_of_json(where, tmp_path):
    """It needs nothing that is not there; made elsewhere, it leaves the session as it is."""
    before = {file: file.stat().st_mtime_ns for file in where.rglob("*") if file.is_file()}
    done = called("report", "--format", "trace", "--out", tmp_path, cwd=where)
    assert (done.returncode, done.stderr) == (0, "")
    assert {file: file.stat().st_mtime_ns for file in where.rglob("*") if file.is_file()} == before
    assert json.loads((tmp_path / "trace.json").read_text())["traceEvents"]


def test_two_sessions_stand_side_by_side(where, tmp_path):
    """Twice as fast is reported as such."""
    first, second = session(tmp_path / "a"), session(tmp_path / "b", factor=0.5)
    done = called("report", first, second, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "faster" in done.stdout
    assert max(map(len, (line for line in done.stdout.splitlines() if str(tmp_path) not in line))) <= 80
    for format_ in PRINTED[1:]:
        assert called("report", first, second, "--format", format_, cwd=tmp_path).stdout.count("threading") >= 1


def test_all_sessions_are_reported_in_one_table(tmp_path):
    """One that cannot be read costs a note, and not the others."""
    session(tmp_path / "results")
    session(tmp_path / "results")
    (next((tmp_path / "results").glob("*/*")) / "trials.csv").write_text("nonsense")
    done = called("report", "--all", cwd=tmp_path)
    assert done.returncode == 0
    assert "cpu-bound" in done.stdout
    assert done.stdout.count("Note:") == 1
    for format_ in PRINTED[1:]:
        assert "cpu-bound" in called("report", "--all", "--format", format_, cwd=tmp_path).stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--format", "pdf"], "unknown format 'pdf'; there are table, csv"),
        (["--format", "csv", "--picture", "map"], "--picture is for --format svg or --format png, not csv"),
        (["--open", "--picture", "map"], "--picture is for --format svg or --format png, not html"),
        (["--format", "png", "--picture", "mop"], "unknown picture 'mop'; did you mean 'map'?"),
        (["--format", "png", "--picture", "nonsense"], "of them: gil-lab report --help"),
        (["--format", "png", "--picture", "scaling"], "--workers"),
        (["--timeline", "thredding"], "unknown strategy 'thredding'; did you mean 'threading'?"),
        (["cpu-bound", "cpu-bound", "--format", "html"], "--format html is for one session"),
        (["--all", "--open"], "--format html is for one session"),
        (["cpu-bound", "cpu-bound"], "gil-lab: error:"),
    ],
)
def test_bad_input_is_refused_in_one_line(where, arguments, message, tmp_path):
    """The cause and the next step, and no file."""
    before = sorted(where.rglob("*.png"))
    done = called("report", *arguments, cwd=where)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert message in done.stderr
    assert sorted(where.rglob("*.png")) == before


@pytest.mark.parametrize("format_", ["html", "svg", "png"])
def test_without_the_extra_there_is_the_table_and_what_to_install(where, format_, tmp_path):
    """Nothing that was measured is kept from whoever has not installed it; no file is made."""
    done = gil_lab("report", "--format", format_, "--out", tmp_path, cwd=where, without=("vl_convert", "jinja2"))
    assert done.returncode == 2
    assert "threading" in done.stdout
    assert done.stderr.count("\n") == 1
    assert "pip install 'gil-lab[report]'" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_reported(where, tmp_path):
    """Before the picture is lost there is the line that says where else to put it."""
    (tmp_path / "file").write_text("in the way")
    done = called("report", "--format", "trace", "--out", tmp_path / "file", cwd=where)
    assert done.returncode == 4
    assert "--out" in done.stderr
    assert done.stderr.count("\n") == 1
