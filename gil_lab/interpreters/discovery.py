"""Finding the program that a name means: candidates are greeted, batch by batch, each file once."""

import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from gil_lab.interpreters import locations
from gil_lab.interpreters.dialogue import LONGEST_REASON, NoAnswerError
from gil_lab.interpreters.examiner import Examiner, too_old
from gil_lab.interpreters.names import THIS, Version, Wanted, is_path, version
from gil_lab.model.interpreter import Greeting
from gil_lab.model.text import one_line


@dataclass(frozen=True, slots=True)
class Candidate:
    executable: str
    greeting: Greeting | None
    """None if it does not answer."""
    reason: str = ""
    """Why it cannot be used, in one line with the next step; empty if it can."""

    @property
    def identity(self) -> object:
        return locations.identity(self.executable) or self.executable


class Search:
    """What was found and greeted so far."""

    def __init__(self, examiner: Examiner) -> None:
        self._examiner = examiner
        own = Candidate(sys.executable, Greeting.own())
        if not sys.executable:  # embedded in another program
            own = Candidate("", None, "the running Python does not know its own program; name another one")
        self.this = own
        self._known: dict[object, Candidate] = {own.identity: own}
        self._last_resort: list[str] | None = None

    def greet(self, paths: Sequence[str]) -> None:
        """All of these at the same time: one that hangs costs no more than several."""
        self._greeted(paths)

    def found(self, wanted: Wanted) -> Candidate:
        """The one program that the name means; if there is none, a candidate with the reason."""
        if wanted.base == THIS:
            return self.this
        if is_path(wanted.base):
            (candidate,) = self._greeted([wanted.base])
            return candidate
        asked = version(wanted.base)
        if asked is not None:
            return self._version(wanted.base, asked)
        path = shutil.which(wanted.base)
        if path is None:
            return _nothing(f"no program {wanted.base} is on PATH; see gil-lab pythons")
        (candidate,) = self._greeted([path])
        return candidate

    def everything(self) -> list[Candidate]:
        """All that can be found, broken ones too, those that are preferred first."""
        return list(dict.fromkeys([self.this, *(one for batch in self._batches(None) for one in self._greeted(batch))]))

    def _version(self, name: str, asked: Version) -> Candidate:
        """The first of that version; batches after it are not even looked for."""
        broken = []
        for batch in chain([[self.this.executable]], self._batches(asked)):
            for one in self._greeted(batch):
                told = one.greeting
                if told and asked.matches(told.implementation, told.version, told.free_threaded):
                    return one
                if told is None and asked.version in one.executable:
                    broken.append(one)
        if broken:
            return _nothing(f"no Python {name} was found that works: {broken[0].reason}")
        return _nothing(f"no Python {name} was found; uv python install {name}, or give its path")

    def _batches(self, asked: Version | None) -> Iterator[list[str]]:
        yield locations.named()
        yield from locations.batches(asked)
        if self._last_resort is None:
            self._last_resort = list(locations.known_to_findpython())
        yield self._last_resort

    def _greeted(self, paths: Iterable[str]) -> list[Candidate]:
        """Each program of these once, in their order."""
        found = [self._program(path) for path in paths if path]
        new = {one.identity: one for one in reversed(found) if one.identity not in self._known}
        greeted = self._examiner.each(self._greet, new.values())
        self._known |= dict(zip(new, greeted, strict=True))
        return list(dict.fromkeys(self._known[one.identity] for one in found))

    def _program(self, path: str) -> Candidate:
        try:
            return Candidate(locations.program(path), None)
        except OSError as error:
            return _nothing(f"{path} {error}", path)

    def _greet(self, one: Candidate) -> Candidate:
        if one.reason:
            return one
        try:
            greeting = self._examiner.greeting(one.executable)
        except NoAnswerError as error:
            return Candidate(one.executable, None, one_line(f"{one.executable} {error}", LONGEST_REASON))
        reason = f"{one.executable}: {old}" if (old := too_old(greeting)) else ""
        return Candidate(one.executable, greeting, one_line(reason, LONGEST_REASON))


def _nothing(reason: str, path: str = "") -> Candidate:
    return Candidate(path, None, one_line(reason, LONGEST_REASON))
