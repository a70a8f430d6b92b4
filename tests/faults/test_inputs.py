"""Bad input on the command line and in calls of the library: refused in one line, with nothing touched or started."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from asked_once import asked_once

import gil_lab
from faults import forked
from faults.rig import FAULTS, LAB, TALLY, TINY
from gil_lab.cli import app
from gil_lab.cli.terminal import ending
from gil_lab.measuring.supervised_process import SupervisedProcess
from gil_lab.model.errors import GilLabError, UsageError

FINE = (str(FAULTS), "--workload", "fine", *TINY)


@pytest.fixture
def refused(tmp_path, monkeypatch, capsys):
    """Asserts that these arguments end with a code, with a line that says so, and without a trace or a process."""
    monkeypatch.chdir(tmp_path)

    def started(*arguments, **named):
        raise AssertionError(f"started {arguments}")

    def assert_refused(code, message, *arguments, may_start=False):
        TALLY["faults injected"] += 1
        with monkeypatch.context() as patched:
            if not may_start:
                patched.setattr(SupervisedProcess, "__init__", started)
            try:
                code_given = app.execute(arguments)
            except BaseException as error:
                code_given = ending.report(error)
        printed = capsys.readouterr()
        assert code_given == code, printed
        assert printed.err.startswith("gil-lab: error: ")
        assert printed.err.count("\n") == 1
        assert message in printed.err
        assert printed.err.isascii()
        assert printed.err.strip().isprintable()
        assert printed.out == ""
        assert list(tmp_path.rglob("*")) == []

    return assert_refused


REFUSED = {
    1: [
        ("did you mean 'primes'?", "--workload", "primse"),
        ("unknown workload", "--workload", "''"),
    ],
    2: [
        ("did you mean 'threading'?", "--strategy", "treading"),
        ("empty item", "--strategy", ""),
        ("empty item", "--strategy", ",,"),
    ],
    4: [("from 1 to", "--workers", "0"), ("from 1 to", "--workers", "-1"), ("from 1 to", "--workers=-1")],
    5: [("whole number", "--workers", "2.0"), ("whole number", "--workers", "1_0"), ("whole number", "--size", "1e3")],
    6: [
        ("whole number", "--workers", "\N{ARABIC-INDIC DIGIT FOUR}"),
        ("whole number", "--workers", "0x4"),
        ("whole number", "--tasks", " 4 "),
        ("whole number", "--workers", "9" * 20),
        ("whole number", "--seed", "\N{SUPERSCRIPT TWO}"),
        ("whole number", "--rounds", "1\n"),
    ],
    7: [("on this machine", "--workers", "10000"), ("on this machine", "--workers", "2,10000")],
    8: [
        *(("takes seconds", name, value) for name in ("--min-time", "--timeout") for value in ("nan", "inf", "1e-9")),
        *(("takes seconds", name, value) for name in ("--min-time", "--timeout") for value in ("1e9", "9" * 10, "")),
        *(("timeout is", "--timeout", value) for value in ("-1", "0", "999999999")),
        *(("min-time is", "--min-time", value) for value in ("-1", "999999999")),
    ],
    9: [
        ("rounds is 0", "--rounds", "0"),
        ("tasks is 0", "--tasks", "0"),
        ("size is 0", "--size", "0"),
        ("whole number", "--size", "1" + 18 * "0"),
        ("size is 9", "--size", "9" * 18),
    ],
    19: [("--resume", "--resume", "x", "--rounds", "2"), ("--resume", "--resume", "x", "--out", "y")],
    21: [
        ("No such option: --frobnicate", "--frobnicate"),
        ("requires an argument", "--workers"),
        ("unexpected extra argument", "primes"),
    ],
}


@pytest.mark.parametrize(
    ("row", "message", "arguments"),
    [
        pytest.param(row, message, arguments, id=f"{row:02}-{arguments!a}")
        for row, cases in REFUSED.items()
        for message, *arguments in cases
    ],
)
def test_input_is_refused_before_anything_is_touched(row, message, arguments, refused):
    """Exit code 2, one line of ASCII with the cause, no file, no process."""
    refused(2, message, "run", "cpu-bound", *arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rn"], "did you mean 'run'?"),
        (["run", "cpu-boud"], "did you mean 'cpu-bound'?"),
        (["run", "x.py"], "no file 'x.py'"),
        (["report", "--format", "xyz"], "unknown format 'xyz'"),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else "",
)
def test_input_21_and_23_other_names_are_refused(arguments, message, refused):
    """Commands, experiments, files and formats."""
    refused(2, message, *arguments)


def test_input_21_no_command_shows_the_help(capsys):
    """0: nothing was wrong."""
    assert app.execute([]) == 0
    assert "Usage: gil-lab" in capsys.readouterr().out


def test_input_03_and_17_what_is_named_twice_is_run_once_and_a_path_with_spaces_is_one_argument(rig):
    """Strategies, workloads, workers and interpreters, the last also under two names of one program.

    Another program has a name that a shell would take apart: nothing goes through one.
    """
    folder = rig.out.parent / "a b; touch c"
    folder.mkdir()
    program = folder / "py thon"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    program.chmod(0o755)
    pythons = f"this,{sys.executable},this,{program},{program}"
    twice = ("--strategy", "sequential,sequential", "--workers", "1,1", "--python", pythons)
    ended = rig.run_forked(*FINE, *twice, "--workload", "fine,fine")
    rig.survived(ended, 0, next_works=False)
    assert len({row["interpreter"] for row in rig.rows()}) == len(rig.rows()) == 2


def test_input_10_and_13_sessions_of_one_round_have_no_intervals_and_a_folder_each(rig):
    """Two that begin within a second; each warns against believing in differences."""
    for number in (1, 2):
        ended = rig.run_forked(*FINE)
        rig.survived(ended, 0, next_works=False)
        assert "One round: no intervals." in ended.out
        assert len(rig.sessions()) == number


UNKNOWN, NO_FILE, NO_OPTION = "unknown experiment", "no file '", "No such option"
NAMES = {
    "../../x": NO_FILE, "a/b": NO_FILE, "..": UNKNOWN, " ": UNKNOWN, "a\nb": UNKNOWN, "a\x1b[31mb": UNKNOWN,
    "\u202egnp": UNKNOWN, "=1+1": UNKNOWN, "<script>": UNKNOWN, "[red]": UNKNOWN, "-x": NO_OPTION, "x" * 300: UNKNOWN,
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_input_11_and_12_a_name_is_no_path(name, refused):
    """There is no --name: an experiment's is the name of its folder, and one that is none is refused, shown escaped."""
    from gil_lab.sessions.options import check_name

    with pytest.raises(UsageError) as caught:
        check_name(name)
    assert str(caught.value).isascii()
    refused(2, NAMES[name], "run", name)


def test_input_12_a_name_that_is_not_utf_8_is_shown_escaped(refused):
    """It arrives as a surrogate, which cannot be printed."""
    refused(2, "\\udcff", "run", os.fsdecode(b"\xff"))


def no_folder(kind, path):
    """Something that is no folder, under that path."""
    if kind == "file":
        path.write_text("mine")
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "socket":
        bound = socket.socket(socket.AF_UNIX)
        bound.bind(str(path))
        bound.close()
    elif kind == "link":
        path.symlink_to("nowhere")
    return {"device": Path("/dev/null"), "full": Path("/dev/full")}.get(kind, path)


@pytest.mark.parametrize("kind", ["file", "fifo", "socket", "device", "full", "link"])
def test_input_14_to_16_out_that_is_no_folder_is_refused_at_once(kind, tmp_path, monkeypatch, capsys):
    """4 in one line; opening a FIFO would wait for ever, and what is not ours is left as it is."""
    monkeypatch.chdir(tmp_path)
    asked_once(monkeypatch, sys.executable)
    out = no_folder(kind, tmp_path / "out")
    before = os.lstat(out)
    with pytest.raises(GilLabError) as caught:
        app.execute(["run", "cpu-bound", *TINY, "--out", str(out)])
    after = os.lstat(out)
    assert (before.st_mode, before.st_size, before.st_ino) == (after.st_mode, after.st_size, after.st_ino)
    assert ending.report(caught.value) == 4
    assert capsys.readouterr().err.count("\n") == 1
    TALLY["faults injected"] += 1


BAD_PYTHONS = {
    "./nothing": "does not exist",
    "~/nothing": "does not exist",
    "-c": "no program -c is on PATH",
    "a\nb": "is not a name of a Python",
    "/proc": "is a folder without bin/python",
    "with space": "no program with space is on PATH",
    "\x1b[31m": "is not a name of a Python",
    "": "empty item",
    ",": "empty item",
}


@pytest.mark.parametrize("python", BAD_PYTHONS, ids=ascii)
def test_input_17_a_python_that_there_is_not_is_refused(python, refused):
    """Also one whose name could be taken for an option or a line of a shell."""
    refused(2, BAD_PYTHONS[python], "run", "cpu-bound", f"--python={python}", may_start=True)


@pytest.fixture
def gone(tmp_path):
    """A working directory, which is removed before anything else is done there."""
    folder = tmp_path / "gone"
    folder.mkdir()
    return folder


def test_input_22_a_deleted_working_directory_keeps_no_lab_from_its_start(gone):
    """Nor from what needs none."""
    command = ["sh", "-c", 'rmdir "$PWD"; exec "$@"', "sh", *LAB, "list"]
    ended = subprocess.run(command, cwd=gone, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    TALLY["faults injected"] += 1


@pytest.mark.parametrize("arguments", [["report"], ["run", *FINE]], ids=lambda arguments: arguments[0])
def test_input_22_a_deleted_working_directory(arguments, gone, rig):
    """What needs it says so."""
    how = {**rig.usual(), "cwd": gone}
    ended = rig.ended(forked.start(arguments, rig.environment(), None, gone.rmdir, **how))
    assert (ended.code, ended.err.count("\n")) == (4, 1), ended
    TALLY["faults injected"] += 1


def test_input_15_and_22_a_deleted_working_directory_with_out_elsewhere_behind_a_link(gone, rig):
    """An absolute --out is enough, and may be a link to a folder on another disk: the user has made it."""
    (rig.out.parent / "elsewhere").mkdir()
    rig.out.symlink_to("elsewhere")
    rig.survived(rig.run_forked(*FINE, cwd=gone, before=gone.rmdir), 0, next_works=False)


@pytest.mark.parametrize(
    ("workload", "strategy", "named"),
    [
        (None, "threading", {}),
        ("primes", 3, {}),
        pytest.param(lambda: 1, "threading", {}, id="function"),
        ("primes", "threading", {"workers": "2"}),
        ("primes", "threading", {"workers": 2.0}),
        ("primes", "threading", {"workers": True}),
        ("primes", "threading", {"tasks": "4"}),
        ("primes", "threading", {"rounds": None, "tasks": -1}),
        ("primes", "threading", {"timeout_s": "1"}),
        ("primes", "threading", {"min_time_s": float("nan")}),
        ("primes", "threading", {"timeout_s": float("inf")}),
        ("primes", "threading", {"python": 3}),
        ("primes", "threading", {"out": 3}),
    ],
    ids=str,
)
def test_input_24_calls_with_values_of_other_types_are_refused(workload, strategy, named, tmp_path, monkeypatch):
    """A TypeError or an error of the lab, before anything is touched."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises((TypeError, GilLabError)):
        gil_lab.measure(workload, strategy, **named)
    assert list(tmp_path.iterdir()) == []
    TALLY["faults injected"] += 1


RECURSIVE = """
from contextlib import contextmanager
import gil_lab

@contextmanager
def inputs(tasks, size):
    yield list(range(tasks))

measured = []

def again(item):
    if measured:  # in an earlier pass: another answer will do
        return "once is enough"
    measured.append(item)
    return gil_lab.measure("primes", "multiprocessing", tasks=2, size=10, min_time_s=0.01, out=OUT)

ODD = gil_lab.Workload("for a test", "cpu", inputs, {FORMS}, lambda *_: None, size=1, size_unit="", max_size=9, tasks=2)
"""


@pytest.mark.parametrize(
    ("forms", "code", "message"),
    [("{'call': again}", 5, "the answers differ from pass to pass"), ("{'call': lambda item: item}", 0, "")],
    ids=["recursive", "lambda"],
)
def test_input_24_a_task_that_measures_or_has_no_name_ends(forms, code, message, rig, tmp_path):
    """Each is a row, in processes as well; what it started is gone."""
    file = tmp_path / "odd.py"
    file.write_text(RECURSIVE.replace("FORMS", forms.strip("{}")).replace("OUT", repr(str(tmp_path / "inner"))))
    options = ("--workload", "odd", "--strategy", "multiprocessing", "--workers", "1", "--timeout", "50")
    ended = rig.run_forked(str(file), *options, "--tasks", "1", "--rounds", "1", "--min-time", "0.01")
    rig.survived(ended, code, message=message, next_works=False)
    assert {row["status"] for row in rig.rows()} == {"wrong" if code else "ok"}
