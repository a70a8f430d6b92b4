"""The life of one child: its environment, its pipes, its end and the end of all that it started."""

import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from gil_lab.catalogue import module_name
from gil_lab.child import CORES
from gil_lab.errors import ProtocolError
from gil_lab.services import SERVICE_PYTHON
from gil_lab.wire import MAX_LINE_BYTES, decode, encode

PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "SYSTEMROOT", "VIRTUAL_ENV")
"""Of the user's environment; everything else is left out, because half of it changes what is measured."""
MARK = "GIL_LAB_TRIAL"
Settings = tuple[tuple[str, str], ...]
"""Environment variables and their values."""
GRACE_S = 1.0
LOG_BYTES = 64 * 1024


def environment(workers: int, private: Path, mark: str, extra: Mapping[str, str] | Settings = ()) -> dict[str, str]:
    """The child's environment, built and not inherited; `extra` is what the interpreter's settings add.

    Bytecode caches are allowed (without them starting a process costs several times more), and pools inside libraries
    are capped at one thread, so that eight workers do not become sixty-four threads.
    """
    one_thread = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
    return {
        **{name: os.environ[name] for name in PASSED_ON if name in os.environ},
        **dict.fromkeys(one_thread, "1"),
        "NUMBA_NUM_THREADS": str(workers),
        "PYTHONPATH": os.pathsep.join(filter(None, (dict(extra).get("PYTHONPATH"), str(private / "modules")))),
        "PYTHONSAFEPATH": "1",  # a random.py in some working directory must not be imported
        "PYTHONFAULTHANDLER": "1",
        "TMPDIR": str(private),
        "JOBLIB_TEMP_FOLDER": str(private),
        MARK: mark,
        SERVICE_PYTHON: sys.executable,
        **{name: value for name, value in dict(extra).items() if name != "PYTHONPATH"},
    }


@dataclass(frozen=True)
class Launcher:
    """How children are started: `command` is the program and its arguments, to which two descriptors are added."""

    command: Sequence[str] = (sys.executable, "-m", "gil_lab.child")
    file: Path | None = None
    environment: Settings = ()
    """What the interpreter's settings add to the child's environment."""

    @property
    def cores(self) -> int | None:
        """To how many the child pins itself; None if to none."""
        return next((int(value) for name, value in self.environment if name == CORES), None)

    def start(self, workers: int) -> "Child":
        """Raises OSError if no process can be started."""
        private = Path(tempfile.mkdtemp(prefix="gil-lab-"))
        try:
            offer_modules(private / "modules", self.file)
            return Child(self.command, private, workers, self.environment)
        except BaseException:
            shutil.rmtree(private, ignore_errors=True)
            raise


def offer_modules(folder: Path, file: Path | None) -> None:
    """Make gil_lab, and the user's file, importable by name without the packages that stand beside them.

    They stand in the site-packages of one interpreter, whose extension modules would break another one.
    """
    folder.mkdir()
    (folder / "gil_lab").symlink_to(Path(__file__).resolve().parent)
    if file is not None:
        (folder / f"{module_name(file)}.py").symlink_to(file)


class Child:
    """A running child. The caller must `close` it, whatever happens."""

    def __init__(
        self, command: Sequence[str], private: Path, workers: int, extra: Mapping[str, str] | Settings = ()
    ) -> None:
        self.private = private
        self.mark = f"{os.getpid()}-{private.name}"
        self.log = private / "log"
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        self._in, self._out, self._buffer = ours_in, ours_out, b""
        self.began_ns = time.monotonic_ns()
        try:
            with self.log.open("wb") as log:
                self.process = subprocess.Popen(
                    [*command, str(theirs_in), str(theirs_out)],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env=environment(workers, private, self.mark, extra),
                    cwd=private,
                    pass_fds=(theirs_in, theirs_out),
                    start_new_session=True,
                )
        except BaseException:
            os.close(ours_in)
            os.close(ours_out)
            raise
        finally:
            os.close(theirs_in)
            os.close(theirs_out)
        self.exit = os.pidfd_open(self.process.pid) if hasattr(os, "pidfd_open") else None

    @property
    def pid(self) -> int:
        return self.process.pid

    def send(self, message: Any) -> None:
        """Raises ChildEndedError if it is gone."""
        try:
            os.write(self._out, encode(message))
        except BrokenPipeError:
            raise ChildEndedError from None

    def receive(self, deadline_ns: int, period_s: float, tick: Callable[[int], None]) -> Any:
        """The next message; meanwhile `tick(planned_ns)` is called every `period_s`.

        Raises TimeoutError at the deadline, ChildEndedError if the child ends first (its pipe may stay open: a pool
        worker can hold it), ProtocolError if it sends something else.
        """
        period_ns = int(period_s * 1e9)
        planned = time.monotonic_ns() + period_ns
        while b"\n" not in self._buffer:
            if len(self._buffer) > MAX_LINE_BYTES:
                raise ProtocolError("a line is too long")
            now = time.monotonic_ns()
            if now >= deadline_ns:
                raise TimeoutError
            if now >= planned:
                tick(planned)
                planned = max(planned + period_ns, now)
            self._read((min(planned, deadline_ns) - now) / 1e9)
        line, _, self._buffer = self._buffer.partition(b"\n")
        return decode(line)

    def _read(self, wait_s: float) -> None:
        watched = [self._in] if self.exit is None else [self._in, self.exit]
        ready, _, _ = select.select(watched, [], [], max(0.0, wait_s))
        if self._in in ready:
            if chunk := os.read(self._in, 1 << 16):
                self._buffer += chunk
                return
            self.wait(GRACE_S)
            raise ChildEndedError
        if self.process.poll() is not None:
            raise ChildEndedError

    def wait(self, wait_s: float) -> int | None:
        """Its exit code, negative for a signal; None if it has not ended in time."""
        if self.exit is not None:
            select.select([self.exit], [], [], wait_s)
            return self.process.poll()
        try:
            return self.process.wait(wait_s)
        except subprocess.TimeoutExpired:
            return None

    def printed(self) -> str:
        """The end of what it printed."""
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - LOG_BYTES))
            return log.read().decode(errors="replace")

    def close(self) -> bool:
        """End it and all that it started, also what left its process group. True if something had been left running."""
        ended_by_itself = self.process.poll() is not None
        if not ended_by_itself:
            signal_group(self.pid, signal.SIGTERM)
            if self.wait(GRACE_S) is None:
                signal_group(self.pid, signal.SIGKILL)  # by group too: a program may overwrite its own environment
        leaked = self._kill_strays()
        self.process.wait()
        for descriptor in (self._in, self._out, self.exit):
            if descriptor is not None:
                os.close(descriptor)
        shutil.rmtree(self.private, ignore_errors=True)
        return ended_by_itself and leaked

    def _kill_strays(self) -> bool:
        """Resource trackers and fork servers leave by themselves when their parent is gone: give them a moment."""
        until = time.monotonic() + GRACE_S
        while strays := marked(self.mark):
            if time.monotonic() > until or self.process.poll() is None:
                for stray in strays:
                    signal_process(stray, signal.SIGKILL)
                psutil.wait_procs(strays, timeout=GRACE_S)
                return True
            psutil.wait_procs(strays, timeout=0.02)
        return False


class ChildEndedError(Exception):
    """The child ended before it had said everything."""


def marked(mark: str) -> list[psutil.Process]:
    """Processes that carry this trial's mark in their environment, wherever they went."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def signal_group(pid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def signal_process(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except (psutil.Error, OSError):
        return
