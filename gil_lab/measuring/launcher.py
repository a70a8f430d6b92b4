"""The life of one child: its environment, its pipes, and its end, with that of everything it started."""

import os
import select
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from gil_lab.measuring.environment import environment, mark, modules, where_the_user_is
from gil_lab.measuring.machine import allowed_cores
from gil_lab.measuring.supervised_process import GRACE_S, ProcessEnd, SupervisedProcess, private_folder, two_pipes
from gil_lab.model.errors import ProtocolError
from gil_lab.model.frozen import frozen
from gil_lab.model.variables import CORES, Settings, cores_meant
from gil_lab.model.wire import MAX_LINE_BYTES, decode, encode


@frozen
class Launcher:
    """How children are started: `command` is the program and its arguments; two descriptors are appended."""

    command: Sequence[str] = (sys.executable, "-m", "gil_lab.child")
    file: Path | None = None
    environment: Settings = ()
    """Variables that the interpreter's settings add to the child's environment."""

    @property
    def cores(self) -> int | None:
        """The number of cores that the child pins itself to; None if it does not."""
        meant = (cores_meant(value, allowed_cores()) for name, value in self.environment if name == CORES)
        return next((len(cores) for cores in meant), None)

    def start(self, workers: int) -> "Child":
        """Raises OSError if no process can be started."""
        return Child(self.command, self.file, workers, self.environment)


class Child:
    """A running child. The caller must `close` it, whatever happens."""

    def __init__(
        self,
        command: Sequence[str],
        file: Path | None,
        workers: int,
        extra: Mapping[str, str] | Settings = (),
    ) -> None:
        """`file` is the user's, which it can import; it then runs where the user stands."""
        private = private_folder()
        (theirs_in, ours_out), (ours_in, theirs_out) = two_pipes()
        self._in, self._out, self._buffer = ours_in, ours_out, bytearray()
        try:
            self._process = SupervisedProcess(
                [*command, str(theirs_in), str(theirs_out)],
                environment(workers, private, mark(private), extra),
                private,
                (theirs_in, theirs_out),
                cwd=where_the_user_is() if file else None,
                modules=modules(file),
            )
        except BaseException:
            os.close(ours_in)
            os.close(ours_out)
            raise
        finally:
            os.close(theirs_in)
            os.close(theirs_out)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def supervisor(self) -> int:
        """Pid of the parent of it and of all orphans that it leaves."""
        return self._process.supervisor

    @property
    def keeper(self) -> int:
        """Pid of the parent of that one."""
        return self._process.keeper

    @property
    def lost_supervisor(self) -> bool:
        """Whether its supervisor was killed, and it with it."""
        return self._process.lost_supervisor

    @property
    def began_ns(self) -> int:
        return self._process.began_ns

    @property
    def stopped(self) -> bool:
        """Whether it is stopped (SIGSTOP)."""
        return self._process.stopped

    @property
    def suspended(self) -> bool:
        """Whether it was stopped and then continued."""
        return self._process.suspended

    def forget_suspension(self) -> None:
        """Suspended only counts what happens from now on."""
        self._process.forget_suspension()

    @property
    def peak_rss_bytes(self) -> int | None:
        return self._process.peak_rss_bytes

    def send(self, message: Any) -> None:
        """Raises ChildEndedError if the child is gone."""
        try:
            os.write(self._out, encode(message))
        except BrokenPipeError:
            raise ChildEndedError from None

    def receive(self, deadline_ns: int, period_s: float, tick: Callable[[int], None]) -> Any:
        """The next message; meanwhile `tick(planned_ns)` is called every `period_s`.

        Raises TimeoutError at the deadline, ChildEndedError if the child ends first (its pipe may stay open: a pool
        worker can hold it), ProtocolError if it sends anything that is not a message.
        """
        period_ns = int(period_s * 1e9)
        planned = time.monotonic_ns() + period_ns
        searched = 0
        while (end := self._buffer.find(b"\n", searched)) < 0:
            searched = len(self._buffer)
            if searched > MAX_LINE_BYTES:
                raise ProtocolError("a line is too long")
            now = time.monotonic_ns()
            if now >= deadline_ns:
                raise TimeoutError
            if now >= planned:
                tick(planned)
                planned = max(planned + period_ns, now)
            self._read((min(planned, deadline_ns) - now) / 1e9)
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return decode(line)

    def _read(self, wait_s: float) -> None:
        gone = self._process.code is not None  # it ended between two turns: there will be no further news
        ready, _, _ = select.select([self._in, self._process.news], [], [], 0.0 if gone else max(0.0, wait_s))
        if self._in in ready:
            if chunk := os.read(self._in, 1 << 16):
                self._buffer += chunk
                return
            self.wait(GRACE_S)
            raise ChildEndedError
        if (gone or ready) and self.wait(0) is not None:
            raise ChildEndedError

    def wait(self, wait_s: float) -> int | None:
        """Its exit code, negative for a signal; None if it did not end in time."""
        return self._process.wait(wait_s)

    def release(self) -> None:
        """Have it ended, with everything it started, without waiting for that."""
        self._process.release()

    def close(self) -> ProcessEnd:
        """End it and everything it started. May be called again."""
        for descriptor in (self._in, self._out):
            if descriptor >= 0:
                os.close(descriptor)
        self._in = self._out = -1
        return self._process.close()


class ChildEndedError(Exception):
    """The child ended before its last message."""
