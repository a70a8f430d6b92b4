"""A process that cannot outlive the lab: started, watched and ended through `gil_lab.measuring.supervisor`."""

import contextlib
import os
import secrets
import select
import signal
import subprocess
import sys
import tempfile
import time
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from gil_lab.measuring.removal import remove_tree
from gil_lab.model.frozen import frozen

SUPERVISOR = Path(__file__).with_name("start_supervisor.py")
GRACE_S = 1.0
STARTED_WITHIN_S = 20.0
"""Long enough for a machine that swaps."""
ENDED_WITHIN_S = 12.0
"""More than the sum of a supervisor's own time limits."""
REMOVED_WITHIN_S = 3.0
"""For what a process left in its folder: 1,125 folders in each other took 1.2 s on a busy disk. What takes longer is
removed while the lab goes on."""
_REMOVING: "list[subprocess.Popen[bytes]]" = []
"""Keepers whose supervisors remove files still; kept, because a Popen that is dropped while it runs is a warning."""
_RUNNING: "weakref.WeakSet[SupervisedProcess]" = weakref.WeakSet()


class FolderError(OSError):
    """A process cannot have a folder of its own."""


@frozen
class ProcessEnd:
    """How a supervised process ended."""

    leaked: bool
    """It ended by itself and left processes running, which were killed."""
    printed: str
    """The beginning and the end of its output."""
    left: str = ""
    """What became of its folder, unless it was removed."""


class SupervisedProcess:
    """A running process with a folder of its own. The caller must `close` it, whatever happens.

    `folder` is made and removed with it, with links to the modules that it may import. The process inherits the
    descriptors `pass_fds` and an empty standard input; its output is kept (`errors_only`: only standard error; the rest
    is discarded). It runs in `cwd`, else in its folder. Raises FolderError if there can be no folder, OSError if it
    cannot be started.
    """

    def __init__(
        self,
        command: Sequence[str],
        env: Mapping[str, str],
        folder: Path,
        pass_fds: Sequence[int] = (),
        *,
        errors_only: bool = False,
        grace_s: float = GRACE_S,
        cwd: Path | None = None,
        modules: Mapping[str, Path] = MappingProxyType({}),
    ) -> None:
        self.folder = folder
        (lifeline_theirs, lifeline), (self._status, status_theirs) = two_pipes()
        self._lifelines = [lifeline]
        """Empty once it is closed: two threads, or a signal handler, may release it at once, and only one gets it."""
        self._received, self._end = b"", ProcessEnd(leaked=False, printed="")
        self._open, self._closed = True, False
        self.code: int | None = None
        """Its exit code once it has ended, negative for a signal."""
        self.stopped = self.suspended = False
        """It is stopped (SIGSTOP, SIGTSTP); it was stopped and then continued."""
        self.lost_supervisor = False
        """Its supervisor was killed, and a keeper ended what was left."""
        self.peak_rss_bytes: int | None = None
        """The largest of it and the descendants that it waited for; known once it has ended."""
        own = (str(lifeline_theirs), str(status_theirs), ",".join(map(str, pass_fds)))
        how = ("errors" if errors_only else "all", f"{grace_s:g}", str(folder), str(cwd or ""), str(len(modules)))
        links = [str(part) for link in modules.items() for part in link]
        try:
            self._keeper = subprocess.Popen(
                [sys.executable, "-I", "-S", str(SUPERVISOR), *own, *how, *links, *command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=dict(env),
                pass_fds=(lifeline_theirs, status_theirs, *pass_fds),
                start_new_session=True,  # so that a terminal's Ctrl-C reaches only the lab
            )
        except BaseException:
            os.close(lifeline)
            os.close(self._status)
            raise
        finally:
            os.close(lifeline_theirs)
            os.close(status_theirs)
        try:
            self.pid, self.began_ns, self.supervisor = self._started()
        except BaseException:
            self.close()
            raise
        _RUNNING.add(self)

    def _started(self) -> tuple[int, int, int]:
        """Pid, time of the start, and the pid of its supervisor, which adopts what it leaves behind."""
        until = time.monotonic() + STARTED_WITHIN_S
        while not (words := self._next()):
            if not self._receive(until - time.monotonic()) or self._closed:
                raise OSError(0, "its supervisor could not be started")
        if words[0] == b"folderless":
            raise FolderError(int(words[1]), os.strerror(int(words[1])))
        if words[0] == b"failed":
            raise OSError(int(words[1]), os.strerror(int(words[1])))
        return int(words[1]), int(words[2]), int(words[3])

    def _next(self) -> list[bytes]:
        """The words of the next complete line received; empty if there is none."""
        line, newline, rest = self._received.partition(b"\n")
        if not newline:
            return []
        self._received = rest
        return line.split()

    def _receive(self, wait_s: float) -> bool:
        """Wait for more from the supervisor. False if nothing came in time."""
        ready, _, _ = select.select([self._status], [], [], max(0.0, wait_s))
        if ready:
            chunk = os.read(self._status, 1 << 16)
            self._received, self._closed = self._received + chunk, not chunk
        return bool(ready)

    @property
    def keeper(self) -> int:
        """Pid of the process above its supervisor."""
        return self._keeper.pid

    @property
    def news(self) -> int:
        """A descriptor that is readable when there is news: then call `wait(0)`."""
        return self._status

    def wait(self, wait_s: float) -> int | None:
        """Its exit code; None if it did not end in time."""
        until = time.monotonic() + wait_s
        while self.code is None:
            if words := self._next():
                self._update(words)
            elif not self._receive(until - time.monotonic()):
                break
            elif self._closed:  # whoever kills a supervisor kills its process too (PR_SET_PDEATHSIG)
                self.code = -signal.SIGKILL
        return self.code

    def _update(self, words: list[bytes]) -> None:
        if words[0] == b"stopped":
            self.stopped = True
        elif words[0] == b"continued":
            self.stopped, self.suspended = False, True
        elif words[0] == b"killed":
            self.lost_supervisor = True
            self.code = -signal.SIGKILL if self.code is None else self.code
        elif words[0] == b"ended":
            self.code = int(words[1])
            self.peak_rss_bytes = int(words[2]) * (1 if sys.platform == "darwin" else 1024)

    def forget_suspension(self) -> None:
        """What was said of it until now."""
        self.wait(0)
        self.suspended = False

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to its process group; does nothing if it has ended."""
        if self.code is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)

    def release(self) -> None:
        """Have its supervisor end it, without waiting for that."""
        _RUNNING.discard(self)
        if self._keeper.returncode is None:
            with contextlib.suppress(ProcessLookupError):  # one that was stopped would stay for ever
                os.kill(self._keeper.pid, signal.SIGCONT)
        with contextlib.suppress(IndexError):
            os.close(self._lifelines.pop())

    def _done(self, until: float) -> list[bytes]:
        """The words of its supervisor's last message, once its text is there too; empty if it does not come in time."""
        words: list[bytes] = []
        while True:
            while not words and (line := self._next()):
                words = line if line[0] == b"done" else []
                self._update(line)
            if words and len(self._received) >= int(words[2]):
                return words
            if self._closed or not self._receive(until - time.monotonic()):
                return []

    def close(self) -> ProcessEnd:
        """End it and all its descendants, however they tried to escape, and wait until they have ended."""
        self.release()
        if not self._open:
            return self._end
        self._open = False
        words = self._done(time.monotonic() + ENDED_WITHIN_S)
        until = time.monotonic() + REMOVED_WITHIN_S
        while words and not self._closed and self._receive(until - time.monotonic()):
            pass
        length = int(words[2]) if words else 0
        printed, rest = self._received[:length], self._received[length:]
        if words and not self._closed:  # no process is left, only files: it goes on, also without the lab
            _REMOVING.append(self._keeper)
            left = f"what it left in {self.folder} is still being removed"
        else:
            self._keeper.kill()  # it has sent its last message, or never will
            self._keeper.wait()
            remove_tree(self.folder)
            left = f"{self.folder} cannot be removed" if rest or os.path.lexists(self.folder) else ""
        os.close(self._status)
        if words:
            self._end = ProcessEnd(words[1] == b"1", printed.decode(errors="replace"), left)
        return self._end


def two_pipes() -> tuple[tuple[int, int], tuple[int, int]]:
    """Two of them, or none if there are descriptors for one alone. Raises OSError."""
    first = os.pipe()
    try:
        return first, os.pipe()
    except BaseException:
        for descriptor in first:
            os.close(descriptor)
        raise


def private_folder() -> Path:
    """Where a process will have its folder. Raises OSError if there is no folder for temporary files."""
    return Path(tempfile.gettempdir(), f"gil-lab-{secrets.token_hex(6)}")


def stop_all() -> None:
    """Stop all supervised processes (Ctrl-Z)."""
    for process in tuple(_RUNNING):
        process.signal(signal.SIGSTOP)


def continue_all() -> None:
    """Continue all supervised processes."""
    for process in tuple(_RUNNING):
        process.suspended = True  # its supervisor says so too, but may say it later than the process its answer
        process.signal(signal.SIGCONT)
