"""Standard input, output and error, whatever they are connected to: a pipe whose reader left, a full disk, nothing.

Results matter more than progress: for a command that measures, output that cannot be written is dropped.
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
MAX_WAIT_S = 1.0
"""How long a command that measures waits for a slow reader if the descriptor is non-blocking (O_NONBLOCK)."""


class ReaderGoneError(Exception):
    """The reader of the output is gone. Not a BrokenPipeError, which typer turns into exit code 1."""


class Output(io.RawIOBase):
    """An open descriptor. A failed write raises ReaderGoneError or StoreError once, or nothing if `drop_unwritable`."""

    def __init__(self, descriptor: int, *, drop_unwritable: bool) -> None:
        self.drop_unwritable = drop_unwritable
        self.cursor_hidden = False
        self._descriptor, self._failed, self._max_wait_s = descriptor, False, MAX_WAIT_S

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
                if not self.drop_unwritable:
                    self._failed = True  # flushing the buffer must not fail again
                    if error.errno == errno.EPIPE:
                        raise ReaderGoneError from None
                    raise StoreError(
                        f"the output cannot be written ({error.strerror}); redirect it elsewhere"
                    ) from error
        return len(content)

    def _write(self, content: bytes) -> int:
        while True:
            if HIDE_CURSOR in content:  # set before writing: a signal may come in between
                self.cursor_hidden = True
            try:
                done = os.write(self._descriptor, content)
            except BlockingIOError:
                wait_s = self._max_wait_s if self.drop_unwritable else None
                if not select.select([], [self._descriptor], [], wait_s)[1]:
                    self._max_wait_s = 0  # until it is read again
                    return len(content)
            else:
                self._max_wait_s = MAX_WAIT_S
                if HIDE_CURSOR in content or SHOW_CURSOR in content:
                    self.cursor_hidden = content.rfind(HIDE_CURSOR) > content.rfind(SHOW_CURSOR)
                return done


def prepare() -> None:
    """Make all three usable. The number of a closed one would be reused for a pipe or file of ours."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # the lowest free number: this one
    if sys.stdin is None:
        sys.stdin = open(0, closefd=False, encoding="utf-8")  # noqa: SIM115 - a number, and never closed
    sys.stdout = _text(sys.stdout, Output(1, drop_unwritable=False), "replace")
    sys.stderr = _text(sys.stderr, Output(2, drop_unwritable=True), "backslashreplace")


def _text(old: "TextIO | None", output: Output, errors: str) -> io.TextIOWrapper:
    encoding = old.encoding if old else "utf-8"
    line_buffering = output.isatty() or output.drop_unwritable
    return io.TextIOWrapper(io.BufferedWriter(output), encoding, errors, line_buffering=line_buffering)


def drop_unwritable() -> None:
    """From now on output that cannot be written is dropped, and nothing is raised."""
    if (output := _output()) is not None:
        output.drop_unwritable = True


def show_cursor() -> bool:
    """Show the cursor of the terminal if we have hidden it, bypassing buffers. True if it was hidden."""
    output = _output()
    if output is None or not output.cursor_hidden:
        return False
    with contextlib.suppress(OSError):
        os.write(output.fileno(), SHOW_CURSOR)
    output.cursor_hidden = False
    return True


def hide_cursor() -> None:
    """Hide it again after a suspension."""
    if (output := _output()) is not None:
        with contextlib.suppress(OSError):
            os.write(output.fileno(), HIDE_CURSOR)
        output.cursor_hidden = True


def _output() -> Output | None:
    """Our output; None in a notebook or a test, which replace it."""
    output = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    return output if isinstance(output, Output) else None
