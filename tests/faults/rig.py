"""What the fault tests share: gil-lab as a user runs it, and what must hold afterwards, whatever was done to it."""

import contextlib
import csv
import io
import os
import shutil
import subprocess
import sys
import tempfile
import time
import weakref
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import pytest
from command_line import called
from examples import thorough
from places import BROKEN_WORKLOADS

from faults import forked, shared_memory
from faults.processes import Identity, of_run
from gil_lab.cli.app import execute
from gil_lab.measuring import controller
from gil_lab.measuring.launcher import Launcher
from gil_lab.model.records import Cell, Status, Trial
from gil_lab.suite.catalogue import with_file

FAULTS = BROKEN_WORKLOADS
"""An experiment file with workloads that go wrong (`crashing`, `hanging`, `lying` ...) and one that is `fine`."""
TINY = ("--strategy", "sequential", "--tasks", "2", "--rounds", "1", "--min-time", "0.0001")
"""Of a task that takes nothing, some fifty passes: each of them is a row that is written and read."""
LAB = (sys.executable, "-m", "gil_lab")
TWO_GENERATIONS = """
import sys
from gil_lab.sessions import schedule
schedule.MAX_GENERATIONS = 2
sys.argv[0] = "gil-lab"
from gil_lab.__main__ import main
main()
"""
"""gil-lab, in which a session has two generations and not four: each of them starts a process for each cell."""
GONE_S = 15.0
"""Two seconds are promised; tests share the machine, and only what stays for good is a stray."""

TALLY: Counter[str] = Counter()
"""Faults injected, rows lost, strays: shown at the end of the tests."""


def _works(*command: str) -> bool:
    exists = shutil.which(command[0]) is not None
    return exists and subprocess.run(command, capture_output=True, timeout=30, check=False).returncode == 0


IS_ROOT = os.geteuid() == 0 and _works("unshare", "--mount", "--net", "true")
HAS_STRACE = _works("strace", "-qq", "-o", "/dev/null", "true")


def needs_root(test: Callable[..., object]) -> Callable[..., object]:
    """Marks a test that mounts, makes namespaces and control groups or becomes another user."""
    return pytest.mark.needs_root(pytest.mark.skipif(not IS_ROOT, reason="needs root and unshare")(test))


def needs_strace(test: Callable[..., object]) -> Callable[..., object]:
    """Marks a test that injects errors and kills at single system calls, or watches them."""
    return pytest.mark.needs_strace(pytest.mark.skipif(not HAS_STRACE, reason="needs strace")(test))


@dataclass(frozen=True)
class Ended:
    """How one run of gil-lab ended."""

    pid: int
    code: int
    """Exit code; negative for the signal that killed it."""
    out: str
    err: str


_SEEN: dict[str, str] = {}


def first_of_its_test() -> bool:
    """Whether the test that runs is the first case of its function: outside the thorough profile, it stands for all."""
    case = os.environ.get("PYTEST_CURRENT_TEST", "")
    return _SEEN.setdefault(case.partition("[")[0], case) == case


def eventually(true: Callable[[], object], within_s: float = 10.0) -> bool:
    """Wait for a state, not for a time."""
    until = time.monotonic() + within_s
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


class Rig:
    """A home for one test: its results, its folder for temporary files, its working directory."""

    def __init__(self, home: Path) -> None:
        self.out, self.cwd = home / "results", home / "cwd"
        self.cwd.mkdir()
        # Not below `home`: the name of a socket in it may have 107 characters (unix(7)).
        self.temporary = Path(tempfile.mkdtemp(prefix="rig-"))
        weakref.finalize(self, shutil.rmtree, self.temporary, ignore_errors=True)
        self.memory = Path(tempfile.mkdtemp(prefix="rig-memory-"))
        self.memory.chmod(0o1777)
        weakref.finalize(self, shutil.rmtree, self.memory, ignore_errors=True)
        self.began_s = time.time()
        self.watched: list[Identity] = []
        """Processes that must be gone as well, although they hide their mark."""

    def arguments(self, *arguments: str) -> list[str]:
        """Of `run`, with results under this rig."""
        where = () if "--resume" in arguments else ("--out", str(self.out))
        return [*LAB, "run", *arguments, *where]

    def in_two_generations(self, *arguments: str) -> list[str]:
        """The same with at most two generations."""
        return [sys.executable, "-c", TWO_GENERATIONS, *self.arguments(*arguments)[len(LAB) :]]

    def environment(self, **changes: str) -> dict[str, str]:
        return {**os.environ, "TMPDIR": str(self.temporary), "GIL_LAB_PYTHONS": "", **changes}

    def contained(self, command: list[str]) -> list[str]:
        """The command with a /dev/shm of its own, where that can be had: others use the machine's meanwhile.

        It is the same process: each program of the chain replaces itself by the next one.
        """
        mounting = 'mount --bind "$0" /dev/shm && exec "$@"'
        return ["unshare", "--mount", "sh", "-c", mounting, str(self.memory), *command] if IS_ROOT else command

    def start(self, command: list[str], **how: object) -> "subprocess.Popen[str]":
        """Start a command as it is; see `arguments`."""
        usual = {**self.usual(), "env": self.environment()}
        return subprocess.Popen(self.contained(command), **{**usual, **how})

    def usual(self) -> dict[str, object]:
        """What a process is started with."""
        return {
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "stdin": subprocess.DEVNULL,
            "cwd": self.cwd,
            "text": True,
            "errors": "replace",
        }

    def forked(
        self, *arguments: str, before: Callable[[], object] = lambda: None, **how: object
    ) -> "subprocess.Popen[str]":
        """Start `gil-lab run ...` as `start` does, in a process forked from this one; see `faults.forked`."""
        environment = how.pop("env", None) or self.environment()
        command = self.arguments(*arguments)[len(LAB) :]
        return forked.start(command, environment, self.memory if IS_ROOT else None, before, **{**self.usual(), **how})

    def run_forked(self, *arguments: str, within_s: float = 60.0, **how: object) -> Ended:
        """That to its end."""
        return self.ended(self.forked(*arguments, **how), within_s)

    def ended(self, process: "subprocess.Popen[str]", within_s: float = 60.0) -> Ended:
        try:
            out, err = process.communicate(timeout=within_s)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        return Ended(process.pid, process.returncode, out or "", err or "")

    def run(self, *arguments: str, within_s: float = 60.0, **how: object) -> Ended:
        """`gil-lab run ...` to its end."""
        return self.ended(self.start(self.arguments(*arguments), **how), within_s)

    def called(self, *arguments: str) -> Ended:
        """`gil-lab run ...` in the process of the test, where its start and its end do not matter."""
        where = {"TMPDIR": str(self.temporary), "GIL_LAB_PYTHONS": ""}
        with mock.patch.object(tempfile, "tempdir", str(self.temporary)):
            done = called("run", *arguments, "--out", self.out, cwd=self.cwd, **where)
        return Ended(os.getpid(), done.returncode, done.stdout, done.stderr)

    def sessions(self) -> list[Path]:
        """The oldest first."""
        folders = [path.parent for path in self.out.glob("*/*/trials.csv")]
        return sorted(folders, key=lambda path: next(iter(path.glob("session.json")), path).stat().st_mtime_ns)

    def trials_file(self) -> Path:
        return self.sessions()[-1] / "trials.csv"

    def rows(self) -> list[dict[str, str]]:
        """The rows of the newest session's trials.csv, as text."""
        with self.trials_file().open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def survived(
        self,
        ended: Ended,
        code: int,
        *,
        message: str = "",
        kept: bytes = b"",
        ok_at_most: int | None = None,
        next_works: bool = True,
    ) -> None:
        """Assert what must hold after every fault.

        The exit code; `message` in stderr, which has no traceback; bytes `kept` are a prefix of trials.csv; no more
        `ok` rows than `ok_at_most`; what is left can be read; nothing runs on, nothing lies around; the next good cell
        is measured.
        """
        TALLY["faults injected"] += 1
        assert ended.code == code, (ended.code, ended.out[-2000:], ended.err[-2000:])
        assert message in ended.err, ended.err[-2000:]
        assert "Traceback" not in ended.err, ended.err[-4000:]
        assert "\x1b[?25l" not in ended.out or ended.out.rindex("\x1b[?25h") > ended.out.rindex("\x1b[?25l")
        self.nothing_runs(ended.pid)
        self.nothing_lies_around()
        assert self.sessions() or not kept
        if self.sessions():
            content = self.trials_file().read_bytes()
            TALLY["rows lost"] += not content.startswith(kept)
            assert content.startswith(kept)
            ok = sum(row["status"] == "ok" for row in self.rows())
            assert ok_at_most is None or ok <= ok_at_most
            assert all((row["wall_s"] != "") == (row["status"] == "ok") for row in self.rows() if None not in row)
            if thorough() or first_of_its_test():
                self.readable()
        if next_works and (thorough() or first_of_its_test()):
            self.next_works()

    def nothing_runs(self, pid: int) -> None:
        """Neither a process with the run's mark nor one that is watched."""
        gone = eventually(lambda: not of_run(pid) and not self.still_watched(), GONE_S)
        TALLY["strays"] += len(of_run(pid))
        assert gone, (of_run(pid), self.still_watched())

    def still_watched(self) -> list[Identity]:
        return [process for process in self.watched if process.runs()]

    def nothing_lies_around(self) -> None:
        """No folder or file beside the results, nor a half-written one in them."""
        assert eventually(lambda: not list(self.temporary.iterdir()), GONE_S), list(self.temporary.rglob("*"))
        assert not list(self.cwd.iterdir())
        assert eventually(lambda: not self.in_memory(), GONE_S), self.in_memory()
        assert not [path for path in self.out.rglob("*") if path.name.startswith(".") or path.suffix == ".tmp"]

    def in_memory(self) -> list[str]:
        """Names of what was left in /dev/shm. Without a /dev/shm of its own: that is certainly abandoned."""
        if IS_ROOT:
            return [path.name for path in self.memory.iterdir()]
        return [name for name, _ in shared_memory.abandoned(self.began_s)]

    def readable(self) -> None:
        """`report` takes what is left. In this process: a second a test would be an hour in twenty runs of all."""
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            assert execute(["report", str(self.sessions()[-1])]) == 0
        assert "Files: " in printed.getvalue()

    def next_works(self) -> None:
        """The next good cell is measured."""
        trial = Trial(1, 1, Cell("fine", "sequential", 1, "3.11", 2, 1), 0.001, 30.0)
        assert controller.run(trial, Launcher(file=FAULTS), with_file(FAULTS)).status is Status.OK
