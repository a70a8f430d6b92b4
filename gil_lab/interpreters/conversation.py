"""A program that should write messages to a pipe of its own; it may hang, flood, fork, crash or be no Python at all."""

import os
import select
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from gil_lab.errors import ProtocolError
from gil_lab.launcher import signal_group
from gil_lab.text import one_line
from gil_lab.wire import decode

LOOK_S = 0.1
"""How often it is looked whether the program still runs: something else may hold its pipe open."""
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

    What it prints goes nowhere, but for the last lines on stderr, which may say why it ends.
    """

    def __init__(self, command: Callable[[int], list[str]], env: dict[str, str], folder: Path) -> None:
        self._answers, theirs = os.pipe()
        self._errors, theirs_too = os.pipe()
        self._open = [self._answers, self._errors]
        self._heard, self._first_words, self._last_words = b"", b"", b""
        try:
            self._process = subprocess.Popen(
                command(theirs),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=theirs_too,
                env=env,
                cwd=folder,
                pass_fds=(theirs,),
                start_new_session=True,
            )
        except BaseException as error:
            os.close(self._answers)
            os.close(self._errors)
            if isinstance(error, OSError | ValueError):
                told = getattr(error, "strerror", None) or error
                raise NoAnswerError(f"cannot be started ({told}); give a program that is Python") from error
            raise
        finally:
            os.close(theirs)
            os.close(theirs_too)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        signal_group(self._process.pid, signal.SIGKILL)  # it may ignore a polite word, and has nothing to save
        self._process.wait()
        os.close(self._answers)
        os.close(self._errors)

    def hear(self, within_s: float) -> Any:
        """The next message; None if a line is none. Raises TimeoutError, or EOFError that tells how it ended."""
        deadline = time.monotonic() + within_s
        while b"\n" not in self._heard:
            if len(self._heard) > LONGEST_ANSWER:
                return None
            if (left := deadline - time.monotonic()) <= 0:
                raise TimeoutError
            ended = self._process.poll() is not None  # asked before reading: what it said last is still heard
            more = self._listen(0 if ended else min(left, LOOK_S))
            if self._answers not in self._open or (ended and not more):
                raise EOFError(self._end())
        line, _, self._heard = self._heard.partition(b"\n")
        try:
            return decode(line)
        except ProtocolError:
            return None

    def _listen(self, wait_s: float) -> bool:
        """Read what there is. True if there was a piece of an answer, or its end."""
        ready, _, _ = select.select(self._open, [], [], wait_s)
        for pipe in ready:
            chunk = os.read(pipe, CHUNK)
            if not chunk:
                self._open.remove(pipe)
            elif pipe == self._answers:
                self._heard += chunk
            else:
                self._first_words = (self._first_words + chunk)[:CHUNK]
                self._last_words = (self._last_words + chunk)[-CHUNK:]
        return self._answers in ready

    def _end(self) -> str:
        """Its last words, else its exit code."""
        try:
            code = self._process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            return "it closes its pipe and runs on"
        for _ in range(10):  # a pipe's worth; others may write to it for ever
            self._listen(0)
        traceback = b"Traceback (most" in self._last_words
        words = (self._last_words if traceback else self._first_words).decode(errors="replace").split("\n")
        told = [word.strip() for word in words if word.strip()]
        if told:
            return one_line(told[-1] if traceback else told[0], LAST_WORDS)
        return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
