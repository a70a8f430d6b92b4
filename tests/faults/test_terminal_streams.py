"""Standard input, output and error that are closed, full, abandoned or know ASCII only; and terminals of all kinds."""

import contextlib
import fcntl
import math
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from examples import thorough

from faults import forked
from faults.light_children import light
from faults.rig import FAULTS, LAB, TALLY, TINY
from faults.terminal import Terminal

FINE = (str(FAULTS), "--workload", "fine", *TINY)
MIXED = (str(FAULTS), "--workload", "fine,lying", *TINY)
NUMBERS = ("sequential", "fine", "Files:")


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """A folder with a small session under `results`, for commands that only read."""
    home = tmp_path_factory.mktemp("session")
    environment = {**os.environ, "GIL_LAB_PYTHONS": ""}
    assert forked_lab("run", *FINE, "--rounds", "2", cwd=home, env=environment, before=light()).returncode == 0
    return home


def lab(*arguments, cwd, **how):
    return subprocess.run([*LAB, *arguments], cwd=cwd, capture_output=True, text=True, timeout=60, check=False, **how)


def forked_lab(*arguments, cwd, env=os.environ, before=lambda: None, **how):
    """The same in a process that is forked from this one; see `faults.forked`."""
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = forked.start(list(arguments), env, None, before, cwd=cwd, **{**streams, "text": True, **how})
    out, err = process.communicate(timeout=60)
    return SimpleNamespace(returncode=process.returncode, stdout=out, stderr=err)


def in_shell(line, cwd):
    """`gil-lab` in a line for bash, with the exit code of the first program of a pipe."""
    python = f'gil_lab() {{ {sys.executable} -m gil_lab "$@"; }}\n'
    command = ["bash", "-c", f"{python}{line}\nexit ${{PIPESTATUS[0]}}"]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60, check=False)


@contextlib.contextmanager
def abandoned_pipe():
    """A pipe whose reader has left."""
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


def full_pipe():
    """Both ends of a pipe into which nothing fits, and whose writer is not made to wait."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    while True:
        try:
            os.write(writer, b"x" * 4096)
        except BlockingIOError:
            return reader, writer


def test_fault_43_a_run_whose_reader_left_goes_on(rig):
    """`| head -1` costs no row; the exit code is that of the cells."""
    process = rig.forked(*MIXED)
    process.stdout.readline()
    process.stdout.close()
    process.stdout = None
    ended = rig.ended(process)
    rig.survived(ended, 3, next_works=False)
    assert sorted(row["status"] for row in rig.rows()) == ["ok", "wrong"]
    assert ended.err == ""


@pytest.mark.parametrize("which", ["both", *["stdout"] * thorough()])
def test_fault_43_a_run_goes_on_where_the_disk_of_its_output_is_full(which, rig):
    """/dev/full behind both, and in the thorough profile behind one of them: the rows are what matters."""
    with Path("/dev/full").open("wb") as full:
        streams = dict.fromkeys(("stdout", "stderr") if which == "both" else (which,), full)
        ended = rig.run_forked(*FINE, before=light(), **streams)
    rig.survived(ended, 0, next_works=False)
    assert len(rig.rows()) == 1


def test_fault_43_a_run_goes_on_where_its_output_does_not_wait(rig):
    """A full pipe with O_NONBLOCK, which is not read."""
    reader, writer = full_pipe()
    ended = rig.run_forked(*FINE, before=light(), stdout=writer)
    os.close(reader)
    os.close(writer)
    rig.survived(ended, 0, next_works=False)


def test_fault_43_a_slow_reader_of_a_pipe_that_does_not_wait_loses_nothing(session):
    """A command that only reads has all the time that its reader takes."""
    reader, writer = full_pipe()
    process = forked.start(["list"], os.environ, None, lambda: None, cwd=session, stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        read = pipe.read().lstrip(b"x")
    assert (process.wait(30), process.stderr.read()) == (0, b"")
    process.stderr.close()
    assert read == forked_lab("list", cwd=session).stdout.encode()
    TALLY["faults injected"] += 1


@pytest.mark.parametrize("command", ["report", "report --format csv", "list", "--help", "claims", "report 2>&-"])
def test_fault_44_a_reader_that_left_is_no_error(command, session):
    """`report | true` ends as a broken pipe does, and says nothing. One of them is tried in a shell."""
    command, _, closed = command.partition(" 2>&-")
    if command == "--help":
        ended = in_shell(f"gil_lab {command} | true", session)
    else:
        with abandoned_pipe() as out:
            before = (lambda: os.close(2)) if closed else (lambda: None)
            ended = forked_lab(*command.split(), cwd=session, stdout=out, before=before)
    assert (ended.returncode, ended.stderr) == (141, "")
    TALLY["faults injected"] += 1


@pytest.mark.parametrize("command", ["report", "report --format csv", "list", "--help"])
def test_fault_44_output_to_a_full_disk_is_an_error_of_one_line(command, session):
    """4, because what was asked for could not be written. One of them is tried in a shell."""
    if command == "--help":
        ended = in_shell(f"gil_lab {command} > /dev/full", session)
    else:
        with Path("/dev/full").open("wb") as full:
            ended = forked_lab(*command.split(), cwd=session, stdout=full)
    assert ended.returncode == 4
    message = "the output cannot be written (No space left on device); redirect it elsewhere"
    assert ended.stderr == f"gil-lab: error: {message}\n"
    TALLY["faults injected"] += 1


def test_fault_44_where_nothing_can_be_printed_there_is_still_the_exit_code(session):
    """Standard error may be full as well."""
    with Path("/dev/full").open("wb") as full:
        assert forked_lab("list", cwd=session, stdout=full, stderr=full).returncode == 4
    TALLY["faults injected"] += 1


CLOSED = {"out": (0, 1, 0), "all": (1, 1, 1), **({"in": (1, 0, 0), "err": (0, 0, 1)} if thorough() else {})}


@pytest.mark.parametrize("closed", CLOSED.values(), ids=CLOSED)
def test_fault_45_closed_descriptors(closed, rig):
    """As daemons are started: no pipe or file of ours takes the place of standard input, output or error.

    Of all of them, and of the one in the middle; each of the others is for the thorough profile.
    """
    close = lambda: [os.close(number) for number in range(3) if closed[number]]  # noqa: E731
    ended = rig.run_forked(*FINE, before=close)
    assert (ended.code, ended.err) == (0, "")
    assert ("Files:" in ended.out) == (not closed[1])
    assert [row["status"] for row in rig.rows()] == ["ok"]
    rig.nothing_lies_around()
    TALLY["faults injected"] += 1


ENVIRONMENTS = {
    "ascii": {"PYTHONIOENCODING": "ascii:strict"},
    "latin-1": {"PYTHONIOENCODING": "latin-1:strict"},
    "c-locale": {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    "dumb": {"TERM": "dumb"},
    "no-term": {"TERM": ""},
    "columns-0": {"COLUMNS": "0"},
    "columns-1": {"COLUMNS": "1"},
    "columns-20": {"COLUMNS": "20"},
    "columns-abc": {"COLUMNS": "abc"},
    "columns-\N{SUPERSCRIPT TWO}": {"COLUMNS": "\N{SUPERSCRIPT TWO}", "LINES": "\N{SUPERSCRIPT TWO}"},
    "lines-0": {"LINES": "0"},
    "no-color": {"NO_COLOR": "1"},
    "both-colors": {"NO_COLOR": "1", "FORCE_COLOR": "1"},
    "force-color": {"FORCE_COLOR": "1"},
}


OF_PYTHON = ("ascii", "latin-1", "c-locale")
ALIKE = ("latin-1", "no-term", "columns-0", "columns-1", "lines-0", "no-color")
"""Another encoding that lacks signs, another number that is none, and what is part of `both-colors`."""


@pytest.mark.parametrize("name", [name for name in ENVIRONMENTS if thorough() or name not in ALIKE])
def test_fault_46_a_pipe_gets_every_number_in_plain_lines(name, session):
    """Whatever the environment says of a terminal; escape codes only where FORCE_COLOR asks for them.

    Environments that are like another one are for the thorough profile. What Python decides at its start, the encoding,
    is left to it.
    """
    run = lab if name in OF_PYTHON or thorough() else forked_lab
    ended = run("report", cwd=session, env={**os.environ, **ENVIRONMENTS[name]}, errors="replace")
    assert (ended.returncode, ended.stderr) == (0, "")
    plain = re.sub(r"\x1b\[[0-9;]*m", "", ended.stdout)
    assert "sequential" in plain
    shown = [float(digits) for digits in re.findall(r"\d+\.\d+", plain)]
    assert any(math.isclose(number, wall_s(session), rel_tol=0.01) for number in shown), plain
    assert ("\x1b" in ended.stdout) == (name == "force-color")
    TALLY["faults injected"] += 1


def wall_s(session):
    """The cell's time in summary.csv, of which the report shows three digits."""
    (summary,) = session.glob("results/*/*/summary.csv")
    header, row = (line.split(",") for line in summary.read_text().splitlines()[:2])
    return float(dict(zip(header, row, strict=False))["wall_s"])


@pytest.mark.parametrize("name", ["c-locale", "no-color", *["dumb", "columns-20"] * thorough()])
def test_fault_46_a_run_in_a_terminal_of_any_kind(name, rig):
    """It shows its result; where it cannot draw or shall not, plain lines and no escape codes. Its files are UTF-8.

    Of terminals that cannot, and of those that are narrow, more are looked at above and in the thorough profile.
    """
    before = None if name in OF_PYTHON else light()
    with Terminal(rig, rig.arguments(*FINE), before=before, **ENVIRONMENTS[name]) as terminal:
        ended = terminal.ended()
    rig.survived(ended, 0, next_works=False)
    assert ended.err == ""
    assert "Files:" in ended.out
    if name in ("dumb", "no-color"):
        assert "\x1b" not in ended.out
        assert "[1/1]" in ended.out
    for file in rig.sessions()[-1].iterdir():
        file.read_bytes().decode("utf-8")
