"""Experiments: a question, the cells that answer it, and the command that runs them. One file per experiment.

Each measured process, and each worker that is spawned there, imports a user's file, and with it this module. So what
measures and what judges are imported when they are used.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from gil_lab.model.chapters import Chapter as Chapter
from gil_lab.model.errors import NothingMeasuredError, StoreError
from gil_lab.model.passage import Passage as Passage
from gil_lab.model.records import Status
from gil_lab.sessions.options import Options
from gil_lab.sessions.plan import Design
from gil_lab.suite.catalogue import Catalogue, names, variant
from gil_lab.suite.strategies import BASELINE

if TYPE_CHECKING:
    from gil_lab.analysis.claims.checking import Check, Claim
    from gil_lab.analysis.questions import Question
    from gil_lab.experiment.results import Results
    from gil_lab.report.tables.claims import CheckedClaims
    from gil_lab.sessions.run import PreparedSession, SessionWatcher


def _tuple(value: object) -> object:
    """Options with several values accept `4`, `"threading"` and lists."""
    if value is None or isinstance(value, tuple):
        return value
    return tuple(value) if isinstance(value, Iterable) and not isinstance(value, str) else (value,)


CLAIMS = "claims.csv"


@dataclass(frozen=True, eq=False)  # compared by identity, and so hashable
class Experiment:
    """The contract of an experiment file, which defines exactly one `EXPERIMENT`."""

    question: str
    design: Design
    chapter: Chapter | None = None
    """Its chapter of the story; None if it is not part of it."""
    claims: "list[Claim]" = field(default_factory=list)
    """What it expects; `claim` adds to them."""
    picture: str = ""
    """The one that answers its question, and so stands first; empty for the map."""
    passage: Passage | None = None
    """What the lecture says of it; None if it is not part of it."""
    questions: "list[Question]" = field(default_factory=list)
    """To which people predict an answer before they see the results; `ask` adds to them."""

    def ask(self, *questions: "Question") -> None:
        """State what is to be predicted. Raises ValueError for a question that is stated already."""
        for question in questions:
            if any(other.sentence == question.sentence for other in self.questions):
                raise ValueError(f"{question.sentence!r} is asked twice; every question needs its own sentence")
            self.questions.append(question)

    @property
    def asked(self) -> "Question":
        """What is predicted before it is measured: its first question; without one, what may be asked of any work."""
        from gil_lab.analysis.default_question import QUESTION

        return self.questions[0] if self.questions else QUESTION

    def claim(self, sentence: str) -> "Callable[[Check], Check]":
        """Declare a claim about the results, which the decorated function judges from the given evidence.

        Raises ValueError for a duplicate sentence.
        """
        from gil_lab.analysis.claims.checking import Claim

        if any(claim.sentence == sentence for claim in self.claims):
            raise ValueError(f"{sentence!r} is claimed twice; every claim needs its own sentence")

        def declare(check: "Check") -> "Check":
            self.claims.append(Claim(sentence, check))
            return check

        return declare

    def check(self, results: "Results") -> "CheckedClaims":
        """Check every claim against results of this experiment."""
        from gil_lab.analysis.claims.checking import check
        from gil_lab.report.tables.claims import CheckedClaims

        return CheckedClaims(check(self.design.name, self.claims, results))

    def keep(self, results: "Results") -> "CheckedClaims":
        """Check the claims and write them beside the results, where reports find those of a user's own experiment.

        Raises StoreError.
        """
        from gil_lab.analysis.claims.checking import Checked
        from gil_lab.model.language import ENGLISH, speaking
        from gil_lab.sessions.files import write_whole

        with speaking(ENGLISH):  # as all that is in files
            checked = self.check(results)
        write_whole(results.folder / CLAIMS, checked, Checked)
        return checked

    def run(
        self,
        *,
        workers: int | Iterable[int] | None = None,
        strategies: str | Iterable[str] | None = None,
        workloads: str | Iterable[str] | None = None,
        python: str | Iterable[str] | None = None,
        tasks: int | None = None,
        size: int | Iterable[int] | None = None,
        chunk: int | str | None = None,
        budget_s: float | None = None,
        precision: float | None = None,
        threshold: float | None = None,
        rounds: int | None = None,
        min_time_s: float | None = None,
        timeout_s: float = 60.0,
        seed: int | None = None,
        out: Path | str = "results",
        quick: bool = False,
        cluster: str | None = None,
    ) -> "Results":
        """Measure, as `gil-lab run` does with the options of the same names, and return the results.

        Works in notebooks and in scripts without a `__main__` guard: everything is measured in child processes. Raises
        UsageError for invalid options, StoreError if `out` cannot be written, NothingMeasuredError if no trial was ok.
        A trial that fails is a row with its reason. An interrupted session can be finished with `gil_lab.resume`.
        """
        options = Options(
            workers=_tuple(workers),  # type: ignore[arg-type]  # options.check looks at every item
            strategies=_tuple(strategies),  # type: ignore[arg-type]
            workloads=_tuple(workloads),  # type: ignore[arg-type]
            pythons=_tuple(python),  # type: ignore[arg-type]
            tasks=tasks,
            sizes=_tuple(size),  # type: ignore[arg-type]
            chunk=chunk,
            rounds=rounds,
            budget_s=budget_s,
            precision=precision,
            threshold=threshold,
            min_time_s=min_time_s,
            timeout_s=timeout_s,
            seed=seed,
            out=Path(out),
            quick=quick,
            cluster=cluster,
        )
        return measured(self, options)


def measured(experiment: Experiment, options: Options) -> "Results":
    """The results of an experiment of the lab, with progress in a notebook. Raises as `Experiment.run` does."""
    from gil_lab.experiment.notebook_watcher import watcher_for
    from gil_lab.sessions.run import prepare

    prepared = prepare(experiment.design, options, Catalogue())
    with watcher_for(prepared) as watcher:
        return _with_claims(experiment, measure(prepared, watcher))


def resume(folder: Path | str, *, python: str | Iterable[str] | None = None, force: bool = False) -> "Results":
    """Measure what is missing in a session's folder, as `gil-lab run --resume` does, and return all results.

    For sessions of the lab's own workloads and strategies. `python` helps to find the interpreters again. Raises
    StoreError if it cannot be resumed: it is in use, its plan is missing or was edited, or, unless `force`, the
    machine, gil-lab or an interpreter has changed.
    """
    from gil_lab.experiment.notebook_watcher import watcher_for
    from gil_lab.sessions.resume import rest

    prepared = rest(Path(folder), Catalogue(), _tuple(python), force=force)  # type: ignore[arg-type]
    with watcher_for(prepared) as watcher:
        results = measure(prepared, watcher)
    name = results.session.experiment
    own = variant("experiments", "EXPERIMENT", name) if name in names("experiments") else None
    return _with_claims(own, results) if own else results


def measure(prepared: "PreparedSession", watcher: "SessionWatcher") -> "Results":
    """Run a prepared session, read its results, and write the summaries beside them.

    Raises StoreError if results cannot be written, NothingMeasuredError if no trial was ok. If only the summaries
    cannot be written, the session gets a note.
    """
    from gil_lab.experiment.results import Results
    from gil_lab.sessions.run import measured_session

    with measured_session(prepared, watcher) as folder:
        results = Results.read(folder)
        if not any(row.numbers for row in results.trials):
            first = min(results.trials, key=lambda row: (row.status is Status.SKIPPED, row.cell.strategy != BASELINE))
            why = f"{first.cell.strategy}: {first.status}: {first.detail}"
            raise NothingMeasuredError(f"no trial was ok ({why}); see {folder}")
        try:
            results.write()
        except StoreError as error:
            results.session.notes.append(str(error))
    return results


def _with_claims(experiment: Experiment, results: "Results") -> "Results":
    """Check and write the claims; if they cannot be written, the session gets a note."""
    try:
        experiment.keep(results)
    except StoreError as error:
        results.session.notes.append(str(error))
    return results


def experiments() -> list[Experiment]:
    """The lab's own experiments, in the order of the story."""
    own = [variant("experiments", "EXPERIMENT", name) for name in names("experiments")]
    chapters = list(Chapter)
    return sorted(own, key=lambda each: chapters.index(each.chapter) if each.chapter else len(chapters))


def claims_of(results: "Results") -> "CheckedClaims":
    """The claims of a session's experiment, checked; for a user's own experiment, as checked when it was run."""
    from gil_lab.analysis.claims.checking import Checked
    from gil_lab.model.language import said_again
    from gil_lab.report.tables.claims import CheckedClaims
    from gil_lab.sessions.files import read_whole

    name = results.session.experiment
    if name in names("experiments"):
        return CheckedClaims(variant("experiments", "EXPERIMENT", name).check(results))
    kept = read_whole(results.folder / CLAIMS, Checked)
    reasons = [said_again(one.judgement.reason) for one in kept]  # the sentences are the user's, the reasons the lab's
    return CheckedClaims(
        replace(one, judgement=replace(one.judgement, reason=reason)) for one, reason in zip(kept, reasons, strict=True)
    )
