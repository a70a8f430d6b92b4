"""Exercises: small programs that are broken on purpose, each with the claim that fails until it is repaired.

An exercise is one folder in `exercises/`: `__init__.py` defines one `EXERCISE`, `program.py` is what students get, and
`solution.py` one way to repair it. Its check runs in a process of its own, beside the student's file, and judges what
that does, never how it is written: what was called, in which processes and threads, how much at a time, what was sent.
"""

import contextlib
import io
import runpy
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gil_lab.model.chapters import Chapter
from gil_lab.model.errors import GilLabError
from gil_lab.model.exercise import Count, Ratio
from gil_lab.model.target import Phase
from gil_lab.model.text import described, one_line
from gil_lab.model.variables import Settings
from gil_lab.suite.catalogue import imported
from gil_lab.suite.own_lines import line_of

MAX_FAILURE_CHARACTERS = 240


class ProgramError(GilLabError):
    """The student's program does not do what it is asked for; the message says what it did instead."""


class NoRoomError(GilLabError):
    """The machine did not let it be seen; the message says why."""


class Program:
    """The student's file, imported when it is first needed. Whatever it raises becomes a `ProgramError`."""

    def __init__(self, file: Path, tell: Callable[[Phase], None] = lambda _: None) -> None:
        self.file, self._tell = file, tell

    def doing(self, what: str) -> None:
        """What begins now and may not end, for whoever has to say what hangs."""
        self._tell(Phase(what))

    def get(self, name: str) -> Any:
        """What it defines by that name."""
        self.doing("importing it")
        try:
            return getattr(self._own(lambda: imported(self.file), "when it is imported"), name)
        except AttributeError:
            raise ProgramError(f"it has no {name}; keep the names of the program as it was given") from None

    def call(self, name: str, *arguments: object) -> Any:
        """What the function of that name returns."""
        return self.function(name)(*arguments)

    def function(self, name: str) -> Callable[..., Any]:
        """The function of that name, for several calls."""
        function = self.get(name)
        self.doing(f"calling {name}()")
        return lambda *arguments: self._own(lambda: function(*arguments), f"in {name}()")

    def printed(self, *arguments: object) -> str:
        """What it prints if it is run as a script."""
        self.doing("running it as a script")
        out, before = io.StringIO(), sys.argv
        sys.argv = [str(self.file), *map(str, arguments)]
        try:
            with contextlib.redirect_stdout(out):
                self._own(lambda: runpy.run_path(str(self.file), run_name="__main__"), "when it is run as a script")
        finally:
            sys.argv = before
        return out.getvalue()

    def _own(self, action: Callable[[], Any], when: str) -> Any:
        try:
            return action()
        except BaseException as error:
            if isinstance(error, SystemExit):
                raise ProgramError(f"it exits {when} (exit code {error.code!s:.20})") from error
            why = described(error)
            line = line_of(error, self.file)
            where = f"{when}, line {line}" if line else when
            raise ProgramError(one_line(f"it raises {why:.{MAX_FAILURE_CHARACTERS}} {where}", 300)) from error


Check = Callable[[Program], Iterator[Count | Ratio]]
"""Runs the program and yields what the claim is judged by. Raises ProgramError, NoRoomError."""


@dataclass(frozen=True)
class Exercise:
    """The contract of the `__init__.py` of an exercise, which defines exactly one `EXERCISE`."""

    question: str
    claim: str
    """What the program as given does not do, and a repaired one does."""
    hint: str
    check: Check
    chapter: Chapter
    """Of the story that the experiments tell."""
    error: str = ""
    """A pattern of what the program as given raises: the hint is about no other error. Empty if it raises nothing."""
    requires: tuple[str, ...] = ()
    """Modules beyond the standard library."""
    without_gil: bool = False
    """Whether it shows only under a Python without the GIL."""
    environment: Settings = ()


def right(answers: object, expected: Sequence[object]) -> Count:
    """How many of the answers are right: none, if there are not as many as there should be."""
    given = list(answers) if isinstance(answers, Iterable) else []
    same = (
        sum(bool(one == other) for one, other in zip(given, expected, strict=True))
        if len(given) == len(expected)
        else 0
    )
    what = "right answers" if same == len(expected) or not _is_mixed_up(given, expected) else "answers in their order"
    return Count(f"{what}, of {len(expected)}", same, len(expected), len(expected), of_answers=True)


def _is_mixed_up(given: Sequence[object], expected: Sequence[object]) -> bool:
    """Whether all of them are there, in another order."""
    left = list(expected)
    for one in given:
        at = next((at for at, other in enumerate(left) if bool(one == other)), None)
        if at is None:
            return False
        del left[at]
    return not left
