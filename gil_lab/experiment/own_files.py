"""Users' files: read in a process of their own with a time limit, never in the lab's.

Whatever stands at the top level of a file (an exit, an endless loop, another working directory, signal handlers,
closed streams) costs that process and one line.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NoReturn

from gil_lab.analysis.claims import Checked, Claim, Judgement, Outcome
from gil_lab.experiment import Experiment
from gil_lab.experiment.results import Results
from gil_lab.interpreters.dialogue import NoAnswerError
from gil_lab.interpreters.examiner import examination
from gil_lab.measuring.machine import usable_cores
from gil_lab.model.errors import NothingMeasuredError, UsageError
from gil_lab.model.own_file import ExperimentFacts, JudgedClaim, Judging, OwnFile, StrategyFacts, WorkloadFacts
from gil_lab.model.text import one_line
from gil_lab.model.wire import Failed
from gil_lab.report import pictures
from gil_lab.report.tables.claims import CheckedClaims
from gil_lab.sessions.plan import Design
from gil_lab.suite.catalogue import Catalogue, check_file
from gil_lab.suite.strategies import Strategy
from gil_lab.suite.workloads import Workload

READ_TIMEOUT_S = 60.0
"""As long as a trial has for its start by default: to import a large library from a cold disk takes half of it."""
READER, JUDGE = "gil_lab.child.own_file", "gil_lab.experiment.own_file_judge"
TOP_LEVEL = "move what runs into a function, or below: if __name__ == '__main__':"


@dataclass(frozen=True, eq=False)
class OwnExperiment(Experiment):
    """That of a user's file, whose claims are checked where the file is imported."""

    file: Path = Path()

    def check(self, results: Results) -> CheckedClaims:
        """Every claim against results of this experiment; inconclusive if the file does not answer."""
        if not self.claims:
            return CheckedClaims([])
        try:
            judgements = self._judgements(results)
        except UsageError as error:
            judgements = [_inconclusive(str(error))] * len(self.claims)
        return CheckedClaims(
            [
                Checked(self.design.name, claim.sentence, judgement)
                for claim, judgement in zip(self.claims, judgements, strict=True)
            ]
        )

    def _judgements(self, results: Results) -> list[Judgement]:
        """Of each claim; one whose check ends its process, or does not end, costs itself. Raises as `_asked` does."""
        found: list[Judgement] = []
        while len(found) < len(self.claims):
            with _asked(JUDGE, self.file, str(results.folder), str(len(found))) as receive:
                receive(Judging)
                try:
                    while len(found) < len(self.claims):
                        one = receive(JudgedClaim)
                        found.append(Judgement(Outcome(one.outcome), one.measured, one.reason))
                except _NotEndedError:
                    found.append(_inconclusive(f"its check did not end within {READ_TIMEOUT_S:g} s"))
                except _EndedError as end:
                    found.append(_inconclusive(f"its check ended the Python that ran it ({end.how})"))
        return found


def read(path: Path) -> Catalogue:
    """The lab's catalogue with what the file defines; its functions raise if they are called here.

    Raises UsageError if the file is not there, cannot be imported, defines nothing, or breaks a contract, and
    NothingMeasuredError if no process can be started to read it.
    """
    file = check_file(path)
    with _asked(READER, file, str(usable_cores())) as receive:
        found: OwnFile = receive(OwnFile)
    return Catalogue(
        file,
        {facts.name: _workload(facts) for facts in found.workloads},
        {facts.name: _strategy(facts) for facts in found.strategies},
        found.experiment and _experiment(file, found.experiment),
        found.sources,
    )


class _NotEndedError(UsageError):
    """The process that reads the file does not go on."""


class _EndedError(UsageError):
    """The process that reads the file has ended, as `how` says."""

    def __init__(self, message: str, how: str) -> None:
        super().__init__(message)
        self.how = how


@contextmanager
def _asked(program: str, file: Path, *arguments: str) -> Iterator[Callable[[type], Any]]:
    """What gives the program's next answer, of that kind. Raises UsageError if there is none."""

    def command(descriptor: int) -> list[str]:
        return [sys.executable, "-m", program, str(descriptor), str(file), *arguments]

    def receive(kind: type) -> Any:
        try:
            reply = dialogue.receive(READ_TIMEOUT_S)
        except TimeoutError:
            raise _NotEndedError(
                f"{file.name} is still being imported after {READ_TIMEOUT_S:g} s; {TOP_LEVEL}"
            ) from None
        except EOFError as end:
            raise _EndedError(f"{file.name} ends the Python that imports it ({end}); {TOP_LEVEL}", str(end)) from None
        if isinstance(reply, Failed):
            raise UsageError(reply.detail)
        if not isinstance(reply, kind):
            raise UsageError(f"{file.name} writes where its reader answers; {TOP_LEVEL}")
        return reply

    try:
        with examination(command, (), file) as dialogue:
            yield receive
    except NoAnswerError as error:
        raise NothingMeasuredError(one_line(f"{sys.executable} {error}")) from error


def _inconclusive(reason: str) -> Judgement:
    return Judgement(Outcome.INCONCLUSIVE, "", one_line(reason))


def _elsewhere(*_: object, **__: object) -> NoReturn:
    raise RuntimeError("functions of a user's file are called in measured processes only")


@contextmanager
def _opened_elsewhere(*_: object) -> Iterator[NoReturn]:
    _elsewhere()
    yield


def _workload(facts: WorkloadFacts) -> Workload:
    return Workload(
        facts.summary,
        facts.bound,  # type: ignore[arg-type]  # the reader made a Workload of it, which checks that
        _elsewhere if facts.inputs is None else range(facts.inputs),
        dict.fromkeys(facts.forms, _elsewhere),
        _elsewhere if facts.verifies else None,
        facts.size,
        facts.size_unit,
        facts.max_size,
        facts.tasks,
        facts.releases_gil,
        {one.form: one.reason for one in facts.why_not},
        facts.heartbeat_ms,
        facts.requires,
        varies=facts.varies,
        after=_elsewhere if facts.ordered else None,
        in_one_process=facts.in_one_process,
    )


def _strategy(facts: StrategyFacts) -> Strategy:
    major, minor, *_ = (*facts.since, 0, 0)
    return Strategy(
        facts.summary,
        facts.form,
        _opened_elsewhere,
        facts.workers_are,  # type: ignore[arg-type]  # checked where it is used
        facts.reference,
        facts.requires,
        (major, minor),
        open_chunked=_opened_elsewhere if facts.has_chunks else None,
        loops_in=facts.loops_in,  # type: ignore[arg-type]  # one of them, or as if it were none
        on_cluster=facts.on_cluster,
    )


def _experiment(file: Path, facts: ExperimentFacts) -> OwnExperiment:
    if facts.picture and facts.picture not in pictures.files():
        there = ", ".join(pictures.files())
        raise UsageError(f"{file.name}: experiment.picture is {facts.picture!r:.40}; it is one of {there}")
    given = facts.design
    alike = {
        each.name: getattr(given, each.name) for each in fields(given) if each.name not in ("workers", "strategies_of")
    }
    only = {one.workload: one.strategies for one in given.strategies_of}
    design = Design(**alike, workers=lambda _cores: given.workers, strategies_of=only)
    claims = [Claim(sentence, _elsewhere) for sentence in facts.claims]
    return OwnExperiment(facts.question, design, claims=claims, picture=facts.picture, file=file)
