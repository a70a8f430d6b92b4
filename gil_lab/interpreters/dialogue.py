"""A program that should write messages to a pipe; it may hang, flood, fork, crash or not be Python at all."""

import os
import select
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

from gil_lab.measuring.environment import modules, where_the_user_is
from gil_lab.measuring.supervised_process import FolderError, SupervisedProcess
from gil_lab.model.errors import ProtocolError
from gil_lab.model.text import one_line
from gil_lab.model.wire import decode

GRACE_S = 0.5
MAX_ANSWER_BYTES = 1024 * 1024
CHUNK_BYTES = 64 * 1024
MAX_REASON_CHARACTERS = 500
"""Longer than other lines, because it holds paths of programs."""
MAX_OUTPUT_CHARACTERS = 90
"""Of a program's output within such a line."""


class NoAnswerError(Exception):
    """One line: what the program did instead of answering, and the next step; to be prefixed with its name."""


class Examination:
    """The program runs from here to the end of the `with` block. Raises NoAnswerError if it cannot be started.

    `folder` is its own, is made and removed with it; it runs there, or where the user stands if it can import a `file`
    of his. Its output is discarded, except standard error, which may say why it ended. It inherits `pass_fds`.
    """

    def __init__(
        self,
        command: Callable[[int], list[str]],
        env: dict[str, str],
        folder: Path,
        file: Path | None = None,
        pass_fds: Sequence[int] = (),
    ) -> None:
        self._answers, theirs = os.pipe()
        self._received = b""
        try:
            # no grace period: it may ignore SIGTERM, and has nothing to save
            self.process = SupervisedProcess(
                *(command(theirs), env, folder, (theirs, *pass_fds)),
                errors_only=True,
                grace_s=0,
                cwd=where_the_user_is() if file else None,
                modules=modules(file),
            )
        except BaseException as error:
            os.close(self._answers)
            if isinstance(error, FolderError):
                raise
            if isinstance(error, OSError | ValueError):
                cause = getattr(error, "strerror", None) or error
                raise NoAnswerError(f"cannot be started ({cause}); give a program that is Python") from error
            raise
        finally:
            os.close(theirs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.close()
        os.close(self._answers)

    def receive(self, within_s: float) -> Any:
        """The next message; None for a line that is not a message. Raises TimeoutError, or EOFError if it ended."""
        deadline = time.monotonic() + within_s
        while b"\n" not in self._received:
            if len(self._received) > MAX_ANSWER_BYTES:
                return None
            if (left := deadline - time.monotonic()) <= 0:
                raise TimeoutError
            ended = self.process.wait(0) is not None  # checked before reading, so that its last message is not lost
            watched = [self._answers] if ended else [self._answers, self.process.news]
            ready, _, _ = select.select(watched, [], [], 0 if ended else left)
            chunk = os.read(self._answers, CHUNK_BYTES) if self._answers in ready else b""
            self._received += chunk
            if not chunk and (ended or self._answers in ready):
                raise EOFError(self._end())
        line, _, self._received = self._received.partition(b"\n")
        try:
            return decode(line)
        except ProtocolError:
            return None

    def _end(self) -> str:
        """The end of its output, else its exit code."""
        code = self.process.wait(GRACE_S)
        if code is None:
            return "it closed its pipe and is still running"
        output = self.process.close().printed
        lines = [line.strip() for line in output.split("\n") if line.strip()]
        if lines:
            return one_line(lines[-1] if "Traceback (most" in output else lines[0], MAX_OUTPUT_CHARACTERS)
        return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
