"""A program that should write messages to a pipe of its own; it may hang, flood, fork, crash or be no Python at all."""

import os
import select
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from gil_lab.measuring.supervised_process import SupervisedProcess
from gil_lab.model.errors import ProtocolError
from gil_lab.model.text import one_line
from gil_lab.model.wire import decode

GRACE_S = 0.5
LONGEST_ANSWER = 1024 * 1024
CHUNK = 64 * 1024
LONGEST_REASON = 500
"""With the paths of programs, it is longer than other lines."""
LAST_WORDS = 90
"""Characters: they stand in the middle of a line."""


class NoAnswerError(Exception):
    """One line: what the program did instead of answering, and the next step. The program's name goes before it."""


class Conversation:
    """The program runs from here to the end of the `with` block. Raises NoAnswerError if it cannot be started.

    `folder` is its own, and goes with it. What it prints goes nowhere, but for what it writes on standard error, which
    may say why it ends.
    """

    def __init__(self, command: Callable[[int], list[str]], env: dict[str, str], folder: Path) -> None:
        self._answers, theirs = os.pipe()
        self._heard = b""
        try:
            # without a grace: it may ignore a polite word, and has nothing to save
            self.process = SupervisedProcess(command(theirs), env, folder, (theirs,), errors_only=True, grace_s=0)
        except BaseException as error:
            os.close(self._answers)
            if isinstance(error, OSError | ValueError):
                told = getattr(error, "strerror", None) or error
                raise NoAnswerError(f"cannot be started ({told}); give a program that is Python") from error
            raise
        finally:
            os.close(theirs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.close()
        os.close(self._answers)

    def hear(self, within_s: float) -> Any:
        """The next message; None if a line is none. Raises TimeoutError, or EOFError that tells how it ended."""
        deadline = time.monotonic() + within_s
        while b"\n" not in self._heard:
            if len(self._heard) > LONGEST_ANSWER:
                return None
            if (left := deadline - time.monotonic()) <= 0:
                raise TimeoutError
            ended = self.process.wait(0) is not None  # asked before reading: what it said last is still heard
            watched = [self._answers] if ended else [self._answers, self.process.news]
            ready, _, _ = select.select(watched, [], [], 0 if ended else left)
            chunk = os.read(self._answers, CHUNK) if self._answers in ready else b""
            self._heard += chunk
            if not chunk and (ended or self._answers in ready):
                raise EOFError(self._end())
        line, _, self._heard = self._heard.partition(b"\n")
        try:
            return decode(line)
        except ProtocolError:
            return None

    def _end(self) -> str:
        """Its last words, else its exit code."""
        code = self.process.wait(GRACE_S)
        if code is None:
            return "it closes its pipe and runs on"
        words = self.process.close().printed
        told = [word.strip() for word in words.split("\n") if word.strip()]
        if told:
            return one_line(told[-1] if "Traceback (most" in words else told[0], LAST_WORDS)
        return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
