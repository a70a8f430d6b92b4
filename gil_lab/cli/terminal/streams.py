"""Standard input, output and error, whatever they are connected to: a pipe whose reader left, a full disk, nothing.

Progress is never worth a row: for a command that measures, what cannot be printed is dropped.
"""

import contextlib
import errno
import io
import os
import select
import sys

from gil_lab.model.errors import StoreError

TYPE_CHECKING = False  # not from typing, which takes as long to import as all the rest
if TYPE_CHECKING:
    from typing import TextIO

    from _typeshed import ReadableBuffer

HIDE_CURSOR, SHOW_CURSOR = b"\x1b[?25l", b"\x1b[?25h"
PATIENCE_S = 1.0
"""How long a command that measures waits for a slow reader, where writing does not (O_NONBLOCK)."""


class ReaderGoneError(Exception):
    """Nobody reads what we print. Not a BrokenPipeError, which typer turns into exit code 1."""


class Output(io.RawIOBase):
    """An open descriptor. What fails is told once, as ReaderGoneError or StoreError, or never if it `goes_on`."""

    def __init__(self, descriptor: int, *, goes_on: bool) -> None:
        self.goes_on = goes_on
        self.cursor_hidden = False
        self._descriptor, self._failed, self._patience_s = descriptor, False, PATIENCE_S

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def write(self, data: "ReadableBuffer", /) -> int:
        with memoryview(data) as view:
            content = view.tobytes()
        if not self._failed:
            try:
                return self._write(content)
            except OSError as error:
                if not self.goes_on:
                    self._failed = True  # what is buffered must not fail again when it is flushed
                    if error.errno == errno.EPIPE:
                        raise ReaderGoneError from None
                    raise StoreError(f"the output cannot be written ({error.strerror}); send it elsewhere") from error
        return len(content)

    def _write(self, content: bytes) -> int:
        while True:
            if HIDE_CURSOR in content:  # noted before it happens: a signal may come in between
                self.cursor_hidden = True
            try:
                done = os.write(self._descriptor, content)
            except BlockingIOError:
                wait_s = self._patience_s if self.goes_on else None
                if not select.select([], [self._descriptor], [], wait_s)[1]:
                    self._patience_s = 0  # until somebody reads again
                    return len(content)
            else:
                self._patience_s = PATIENCE_S
                if HIDE_CURSOR in content or SHOW_CURSOR in content:
                    self.cursor_hidden = content.rfind(HIDE_CURSOR) > content.rfind(SHOW_CURSOR)
                return done


def prepare() -> None:
    """Make all three usable. One that was closed would come back as the number of some pipe or file of ours."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # the lowest number that is free: this one
    if sys.stdin is None:
        sys.stdin = open(0, closefd=False, encoding="utf-8")  # noqa: SIM115 - a number, and never closed
    sys.stdout = _text(sys.stdout, Output(1, goes_on=False), "replace")
    sys.stderr = _text(sys.stderr, Output(2, goes_on=True), "backslashreplace")


def _text(old: "TextIO | None", output: Output, errors: str) -> io.TextIOWrapper:
    encoding = old.encoding if old else "utf-8"
    at_once = output.isatty() or output.goes_on
    return io.TextIOWrapper(io.BufferedWriter(output), encoding, errors, line_buffering=at_once)


def go_on() -> None:
    """From now on what cannot be printed is dropped, and nothing is raised."""
    if (output := _output()) is not None:
        output.goes_on = True


def show_cursor() -> bool:
    """Show the cursor of the terminal if we have hidden it, whatever state our buffers are in. True if we had."""
    output = _output()
    if output is None or not output.cursor_hidden:
        return False
    with contextlib.suppress(OSError):
        os.write(output.fileno(), SHOW_CURSOR)
    output.cursor_hidden = False
    return True


def hide_cursor() -> None:
    """The contrary, when it goes on."""
    if (output := _output()) is not None:
        with contextlib.suppress(OSError):
            os.write(output.fileno(), HIDE_CURSOR)
        output.cursor_hidden = True


def _output() -> Output | None:
    """Ours; None in a notebook or a test, which bring their own."""
    output = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    return output if isinstance(output, Output) else None
