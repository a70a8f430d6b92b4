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
from dataclasses import dataclass
from pathlib import Path

from gil_lab.measuring.supervisor import remove_tree

GUARDIAN = Path(__file__).with_name("supervisor.py")
GRACE_S = 1.0
STARTED_WITHIN_S = 20.0
"""On a machine that swaps."""
GONE_WITHIN_S = 12.0
"""More than all the patience of a guardian together."""
_ALIVE: "weakref.WeakSet[Guarded]" = weakref.WeakSet()
_UNGUARDED: set[Path] = set()


@dataclass(frozen=True, slots=True)
class End:
    """What was found when it was over."""

    leaked: bool
    """Processes were left running by one that had ended by itself, and have been killed."""
    printed: str
    """The beginning and the end of what it printed."""


class Guarded:
    """A running process with a folder of its own. The caller must `close` it, whatever happens.

    `folder` is removed with it. The process inherits the descriptors `pass_fds`, reads nothing, and what it prints is
    kept (`errors_only`: only what it prints on standard error; the rest goes nowhere). Raises OSError if it cannot be
    started.
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
    ) -> None:
        self.folder = folder
        lifeline_theirs, self._lifeline = os.pipe()
        self._status, status_theirs = os.pipe()
        self._heard, self._end = b"", End(leaked=False, printed="")
        self._open, self._silent = True, False
        self.code: int | None = None
        """Its exit code once it has ended, negative for a signal."""
        self.stopped = self.suspended = False
        """Somebody has stopped it (SIGSTOP, SIGTSTP); somebody had, and has let it go on."""
        self.peak_rss_bytes: int | None = None
        """Of it and the descendants that it has waited for: the largest; known once it has ended."""
        own = (str(lifeline_theirs), str(status_theirs), ",".join(map(str, pass_fds)))
        how = ("errors" if errors_only else "all", f"{grace_s:g}", str(folder))
        try:
            self._guardian = subprocess.Popen(
                [sys.executable, "-I", "-S", str(GUARDIAN), *own, *how, *command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=dict(env),
                cwd=folder,
                pass_fds=(lifeline_theirs, status_theirs, *pass_fds),
                start_new_session=True,  # so that a terminal's Ctrl-C reaches the lab alone
            )
        except BaseException:
            os.close(self._lifeline)
            os.close(self._status)
            raise
        finally:
            os.close(lifeline_theirs)
            os.close(status_theirs)
        _UNGUARDED.discard(folder)
        try:
            self.pid, self.began_ns = self._started()
        except BaseException:
            self.close()
            raise
        _ALIVE.add(self)

    def _started(self) -> tuple[int, int]:
        until = time.monotonic() + STARTED_WITHIN_S
        while not (words := self._next()):
            if not self._hear(until - time.monotonic()) or self._silent:
                raise OSError(0, "no guardian could be started for it")
        if words[0] == b"failed":
            raise OSError(int(words[1]), os.strerror(int(words[1])))
        return int(words[1]), int(words[2])

    def _next(self) -> list[bytes]:
        """The words of the next whole line that was heard; none if there is none."""
        line, found, rest = self._heard.partition(b"\n")
        if not found:
            return []
        self._heard = rest
        return line.split()

    def _hear(self, wait_s: float) -> bool:
        """Wait for more. False if nothing came in time."""
        ready, _, _ = select.select([self._status], [], [], max(0.0, wait_s))
        if ready:
            chunk = os.read(self._status, 1 << 16)
            self._heard, self._silent = self._heard + chunk, not chunk
        return bool(ready)

    @property
    def news(self) -> int:
        """A descriptor that is readable when there is news: then call `wait(0)`."""
        return self._status

    def wait(self, wait_s: float) -> int | None:
        """Its exit code; None if it has not ended in time."""
        until = time.monotonic() + wait_s
        while self.code is None:
            if words := self._next():
                self._take(words)
            elif not self._hear(until - time.monotonic()):
                break
            elif self._silent:  # who kills a guardian kills its process (PR_SET_PDEATHSIG)
                self.code = -signal.SIGKILL
        return self.code

    def _take(self, words: list[bytes]) -> None:
        if words[0] == b"stopped":
            self.stopped = True
        elif words[0] == b"continued":
            self.stopped, self.suspended = False, True
        elif words[0] == b"ended":
            self.code = int(words[1])
            self.peak_rss_bytes = int(words[2]) * (1 if sys.platform == "darwin" else 1024)

    def signal(self, number: signal.Signals) -> None:
        """To it and to all in its process group; nothing happens if it has ended."""
        if self.code is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)

    def release(self) -> None:
        """Let its guardian end it, without waiting for that."""
        _ALIVE.discard(self)
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1

    def close(self) -> End:
        """End it and all that came of it, whatever that has done to get away, and wait until it is over."""
        self.release()
        if not self._open:
            return self._end
        self._open = False
        until = time.monotonic() + GONE_WITHIN_S
        while not self._silent and self._hear(until - time.monotonic()):
            pass
        while (words := self._next()) and words[0] != b"done":
            self._take(words)
        self._guardian.kill()  # it has said its last word, or never will
        self._guardian.wait()
        os.close(self._status)
        remove_tree(self.folder)
        if words:
            self._end = End(words[1] == b"1", self._heard.decode(errors="replace"))
        return self._end


def private_folder() -> Path:
    """A new folder that nobody else can look into. Raises OSError. From its guardian on, that removes it."""
    path = Path(tempfile.gettempdir(), f"gil-lab-{secrets.token_hex(6)}")
    _UNGUARDED.add(path)  # first: a signal may come between any two lines
    path.mkdir(0o700)
    return path


def remove_unguarded() -> None:
    """Folders that have no guardian yet, for a lab that leaves at once."""
    for folder in tuple(_UNGUARDED):
        remove_tree(folder)


def stop_all() -> None:
    """Stop everything that is being measured (Ctrl-Z)."""
    for guarded in tuple(_ALIVE):
        guarded.signal(signal.SIGSTOP)


def continue_all() -> None:
    """Let it go on."""
    for guarded in tuple(_ALIVE):
        guarded.signal(signal.SIGCONT)
