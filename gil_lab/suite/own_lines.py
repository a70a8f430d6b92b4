"""Which line of a user's file an error came from, in the words of a message."""

import linecache
import os
from pathlib import Path
from types import FrameType

from gil_lab.model.text import described, one_line

MOST_SHOWN = 60
"""Characters of a line."""
IN_LINE = ", in line {number} of {name}: {text!a}"


def line_of(error: BaseException, file: Path) -> int | None:
    """The last line of the file that the error passed through, or that is no Python; None if there is none."""
    whole = os.path.realpath(file)
    if isinstance(error, SyntaxError):
        where, number = error.filename, error.lineno  # of a user's own error they may be anything
        if isinstance(where, str) and isinstance(number, int) and number > 0 and os.path.realpath(where) == whole:
            return number
    found, traceback = None, error.__traceback__
    while traceback is not None:
        if os.path.realpath(traceback.tb_frame.f_code.co_filename) == whole:
            found = traceback.tb_lineno
        traceback = traceback.tb_next
    return found


def place_of(error: BaseException, file: Path) -> str:
    """`, in line 2 of mine.py: 'b = a / 0'`; empty where the error did not pass through the file."""
    number = line_of(error, file)
    return "" if number is None else in_line(number, file)


def place_in(frame: FrameType | None, file: Path) -> str:
    """The same of what a thread runs; empty where that is nothing of the file's."""
    whole = os.path.realpath(file)
    while frame is not None and os.path.realpath(frame.f_code.co_filename) != whole:
        frame = frame.f_back
    return "" if frame is None else in_line(frame.f_lineno, file)


def in_line(number: int, file: Path) -> str:
    """The same of a line whose number is known."""
    text = one_line(linecache.getline(str(file), number).strip(), MOST_SHOWN)
    return IN_LINE.format(number=number, name=file.name, text=text)


def described_in(error: BaseException, file: Path, most_characters: int) -> str:
    """`ZeroDivisionError: division by zero, in line 2 of mine.py: 'b = a / 0'`, so much of the error itself."""
    place = place_of(error, file)
    if place and isinstance(error, SyntaxError) and isinstance(error.msg, str):  # its text has file and line, too
        return f"{f'{type(error).__name__}: {error.msg}':.{most_characters}}{place}"
    return f"{described(error):.{most_characters}}{place}"
