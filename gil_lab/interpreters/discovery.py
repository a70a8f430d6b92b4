"""Finding the program that a name refers to: candidates are asked for a greeting, batch by batch, each file once."""

import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from gil_lab.interpreters import locations
from gil_lab.interpreters.dialogue import MAX_REASON_CHARACTERS, NoAnswerError
from gil_lab.interpreters.examiner import Examiner, too_old
from gil_lab.interpreters.names import THIS, Request, Version, is_path, parse_version
from gil_lab.model.frozen import frozen
from gil_lab.model.interpreter import Greeting
from gil_lab.model.text import one_line


@frozen
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
    """The candidates found and greeted so far."""

    def __init__(self, examiner: Examiner) -> None:
        self._examiner = examiner
        own = Candidate(sys.executable, Greeting.own())
        if not sys.executable:  # embedded in another program
            own = Candidate("", None, "the path of the running Python is unknown; name another one")
        self.this = own
        self._known: dict[object, Candidate] = {own.identity: own}
        self._last_resort: list[str] | None = None

    def greet(self, paths: Sequence[str]) -> None:
        """Greet all of these at the same time, so that several hanging programs take no longer than one."""
        self._greeted(paths)

    def find(self, request: Request) -> Candidate:
        """The program that the name refers to; if there is none, a candidate with the reason."""
        if request.base == THIS:
            return self.this
        if is_path(request.base):
            (candidate,) = self._greeted([request.base])
            return candidate
        wanted = parse_version(request.base)
        if wanted is not None:
            return self._find_version(request.base, wanted)
        path = shutil.which(request.base)
        if path is None:
            return _rejected(f"no program {request.base} is on PATH; see gil-lab pythons")
        (candidate,) = self._greeted([path])
        return candidate

    def everything(self) -> list[Candidate]:
        """All candidates that can be found, including broken ones, in order of preference."""
        found = (candidate for batch in self._batches(None) for candidate in self._greeted(batch))
        return list(dict.fromkeys([self.this, *found]))

    def _find_version(self, name: str, wanted: Version) -> Candidate:
        """The first of that version; later batches are not searched for."""
        broken = []
        for batch in chain([[self.this.executable]], self._batches(wanted)):
            for candidate in self._greeted(batch):
                greeting = candidate.greeting
                if greeting and wanted.matches(greeting.implementation, greeting.version, greeting.free_threaded):
                    return candidate
                if greeting is None and wanted.version in candidate.executable:
                    broken.append(candidate)
        if broken:
            return _rejected(f"no working Python {name} was found: {broken[0].reason}")
        return _rejected(f"no Python {name} was found; uv python install {name}, or give its path")

    def _batches(self, wanted: Version | None) -> Iterator[list[str]]:
        yield locations.listed_by_user()
        yield from locations.batches(wanted)
        if self._last_resort is None:
            self._last_resort = list(locations.known_to_findpython())
        yield self._last_resort

    def _greeted(self, paths: Iterable[str]) -> list[Candidate]:
        """The programs of these paths, greeted, in order and without duplicates."""
        candidates = [self._program(path) for path in paths if path]
        new = {item.identity: item for item in reversed(candidates) if item.identity not in self._known}
        greeted = self._examiner.map(self._greet, new.values())
        self._known |= dict(zip(new, greeted, strict=True))
        return list(dict.fromkeys(self._known[candidate.identity] for candidate in candidates))

    def _program(self, path: str) -> Candidate:
        try:
            return Candidate(locations.program(path), None)
        except OSError as error:
            return _rejected(f"{path} {error}", path)

    def _greet(self, candidate: Candidate) -> Candidate:
        if candidate.reason:
            return candidate
        try:
            greeting = self._examiner.greeting(candidate.executable)
        except NoAnswerError as error:
            reason = f"{candidate.executable} {error}"
            return Candidate(candidate.executable, None, one_line(reason, MAX_REASON_CHARACTERS))
        reason = f"{candidate.executable}: {old}" if (old := too_old(greeting)) else ""
        return Candidate(candidate.executable, greeting, one_line(reason, MAX_REASON_CHARACTERS))


def _rejected(reason: str, path: str = "") -> Candidate:
    return Candidate(path, None, one_line(reason, MAX_REASON_CHARACTERS))
