"""Users' files: read in a process of their own with a time limit, never in the lab's.

Whatever stands at the top level of a file (an exit, an endless loop, another working directory, signal handlers,
closed streams) costs that process and one line.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from gil_lab.analysis.claims import Checked, Claim, Judgement, Outcome
from gil_lab.experiment import Experiment
from gil_lab.experiment.results import Results
from gil_lab.interpreters.dialogue import NoAnswerError
from gil_lab.interpreters.examiner import examination
from gil_lab.measuring.machine import usable_cores
from gil_lab.model.errors import NothingMeasuredError, UsageError
from gil_lab.model.own_file import ExperimentFacts, JudgedClaims, OwnFile, StrategyFacts, WorkloadFacts
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
            judged = _ask(JUDGE, self.file, str(results.folder), JudgedClaims)
        except UsageError as error:
            unknown = Judgement(Outcome.INCONCLUSIVE, "", one_line(str(error)))
            return CheckedClaims([Checked(self.design.name, claim.sentence, unknown) for claim in self.claims])
        return CheckedClaims(
            [
                Checked(self.design.name, one.sentence, Judgement(Outcome(one.outcome), one.measured, one.reason))
                for one in judged.claims
            ]
        )


def read(path: Path) -> Catalogue:
    """The lab's catalogue with what the file defines; its functions raise if they are called here.

    Raises UsageError if the file is not there, cannot be imported, defines nothing, or breaks a contract, and
    NothingMeasuredError if no process can be started to read it.
    """
    file = check_file(path)
    found = _ask(READER, file, str(usable_cores()), OwnFile)
    return Catalogue(
        file,
        {facts.name: _workload(facts) for facts in found.workloads},
        {facts.name: _strategy(facts) for facts in found.strategies},
        found.experiment and _experiment(file, found.experiment),
        found.sources,
    )


def _ask(program: str, file: Path, argument: str, kind: type) -> Any:
    """The program's answer of that kind. Raises UsageError if there is none."""

    def command(descriptor: int) -> list[str]:
        return [sys.executable, "-m", program, str(descriptor), str(file), argument]

    try:
        with examination(command, (), file) as dialogue:
            reply = dialogue.receive(READ_TIMEOUT_S)
    except TimeoutError:
        raise UsageError(f"{file.name} is still being imported after {READ_TIMEOUT_S:g} s; {TOP_LEVEL}") from None
    except EOFError as end:
        raise UsageError(f"{file.name} ends the Python that imports it ({end}); {TOP_LEVEL}") from None
    except NoAnswerError as error:
        raise NothingMeasuredError(one_line(f"{sys.executable} {error}")) from error
    if isinstance(reply, Failed):
        raise UsageError(reply.detail)
    if not isinstance(reply, kind):
        raise UsageError(f"{file.name} writes where its reader answers; {TOP_LEVEL}")
    return reply


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
    )


def _experiment(file: Path, facts: ExperimentFacts) -> OwnExperiment:
    if facts.picture and facts.picture not in pictures.files():
        there = ", ".join(pictures.files())
        raise UsageError(f"{file.name}: experiment.picture is {facts.picture!r:.40}; it is one of {there}")
    design = Design(
        facts.design.name,
        facts.design.workloads,
        facts.design.strategies,
        lambda _cores: facts.design.workers,
        facts.design.pythons,
        facts.design.compared,
        facts.design.min_time_s,
        facts.design.sizes,
        facts.design.tasks,
    )
    claims = [Claim(sentence, _elsewhere) for sentence in facts.claims]
    return OwnExperiment(facts.question, design, claims=claims, picture=facts.picture, file=file)
