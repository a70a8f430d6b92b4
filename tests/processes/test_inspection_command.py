"""`gil-lab inspect` shows each stage of a task, and says in one line why it cannot."""

import fcntl
import os
import subprocess
import sys

import pytest
from command_line import called
from faults import forked

PAGE_BYTES = 4096
"""What a pipe holds at least (pipe(7))."""


def inspected(*arguments):
    """In this process, as whoever has numba imported already."""
    return called("inspect", *arguments)


@pytest.mark.parametrize(
    ("stage", "shown"), [("bytecode", "BINARY_OP"), ("types", "int64"), ("llvm", "define "), ("asm", "\n        ")]
)
def test_each_stage_is_shown_with_the_facts_behind_it(stage, shown):
    """All three levels are counted, whichever is shown."""
    pytest.importorskip("numba")
    done = inspected("primes", "--stage", stage)
    assert (done.returncode, done.stderr) == (0, "")
    assert shown in done.stdout
    facts, verdict = done.stdout.splitlines()[-2:]
    assert facts.startswith("one iteration of the innermost loop, in instructions: ")
    assert "of bytecode" in facts
    assert "of LLVM IR" in facts
    assert verdict.startswith("the loop is not vectorised")


def test_nothing_that_a_terminal_would_obey_is_printed():
    """Text of other programs is foreign."""
    from gil_lab.cli.commands.inspect import _lines

    assert list(_lines("\x1b[31m\r\n\tb\x00")) == ["\\x1b[31m", "        b\\x00"]


def test_a_workload_without_a_compiled_form_shows_its_bytecode_and_why_there_is_no_more():
    """Its own reason."""
    done = inspected("sha256")
    assert done.returncode == 0
    assert "LOAD_" in done.stdout
    assert "hashlib is compiled C code already" in done.stdout.splitlines()[-1]


def test_asked_for_a_compiled_stage_it_is_a_usage_error_of_one_line():
    """With the same reason, and what there is instead."""
    done = inspected("sha256", "--stage", "asm")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "hashlib is compiled C code already" in done.stderr
    assert "--stage bytecode" in done.stderr


def test_a_variant_is_inspected_by_its_name():
    """Its own bytecode, not that of the plain workload."""
    done = inspected("source+tokens")
    assert done.returncode == 0
    assert "generate_tokens" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "reported"),
    [
        (("nothing",), "unknown workload"),
        (("source+tokn",), "did you mean 'source+tokens'"),
        (("primes", "--stage", "hex"), "'hex' is not one of"),
        ((), "Missing argument"),
    ],
)
def test_what_does_not_exist_is_refused_in_one_line(arguments, reported):
    """With what there is."""
    done = inspected(*arguments)
    assert done.returncode == 2
    assert reported in done.stderr
    assert "Traceback" not in done.stderr


def test_without_numba_bytecode_is_shown_and_the_rest_asks_for_it(monkeypatch):
    """The remedy is the one that every other command tells."""
    monkeypatch.setitem(sys.modules, "numba", None)
    shown = inspected("primes")
    assert shown.returncode == 0
    assert "numba is not installed" in shown.stdout.splitlines()[-1]
    refused = inspected("primes", "--stage", "llvm")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "numba is not installed" in refused.stderr


def test_when_numba_is_set_not_to_compile_nothing_is_passed_off_as_machine_code(monkeypatch):
    """NUMBA_DISABLE_JIT, as Numba reads it at its import, silently gives the plain function."""
    numba = pytest.importorskip("numba")
    monkeypatch.setattr(numba.config, "DISABLE_JIT", 1)
    done = inspected("primes", "--stage", "asm")
    assert (done.returncode, done.stdout) == (2, "")
    assert "NUMBA_DISABLE_JIT" in done.stderr


def test_a_reader_that_goes_away_ends_it_quietly():
    """As `head -1` does."""
    how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "bufsize": 1}

    def in_a_small_pipe():
        """Else all of it might be written before the pipe is closed."""
        fcntl.fcntl(1, fcntl.F_SETPIPE_SZ, PAGE_BYTES)

    with forked.start(["inspect", "primes", "--stage", "llvm"], os.environ, None, in_a_small_pipe, **how) as process:
        assert process.stdout.readline().endswith("\n")
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 141
