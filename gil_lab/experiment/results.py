"""The results of a session for notebooks and scripts, which display them as tables and pictures."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from gil_lab.analysis.results import SessionResults
from gil_lab.analysis.summaries import Summary
from gil_lab.model.errors import GilLabError, UsageError
from gil_lab.sessions.csv_table import columns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from gil_lab.analysis.polls import Offered
    from gil_lab.analysis.questions import AnsweredQuestion, Question
    from gil_lab.report.drawing.picture import Picture
    from gil_lab.report.page.quiz import Quiz, QuizItem
    from gil_lab.report.page.replay import Replay
    from gil_lab.report.page.sliders import Sliders


@dataclass(frozen=True, repr=False)
class Results(SessionResults):
    """One row per cell, in the order of the experiment. Displayed as a table.

    Each picture is a method, such as `map()` or `warm_up()`; `gil_lab.report.pictures.names()` has their names.
    Notebooks draw them without any package.
    """

    def to_pandas(self) -> "pd.DataFrame":
        """A data frame with the columns of summary.csv. Raises GilLabError if pandas is not installed."""
        try:
            import pandas as pd
        except ImportError:
            raise GilLabError("pandas is not installed; python -m pip install pandas") from None
        from gil_lab.report.tables.as_data import as_dicts

        return pd.DataFrame(as_dicts(self.rows, Summary), columns=list(columns(Summary)))

    def timeline(self, *strategies: str) -> "Picture":
        """Which worker ran which task when, in one pass: `results.timeline("threading", "multiprocessing")`, or all."""
        return self._of(strategies).picture("timeline")

    def replay(self, *strategies: str) -> "Replay":
        """Traced passes side by side, slowed down, to be played in a notebook: of three cells, or of those named.

        Raises UsageError for a strategy that is not there, NothingToDrawError where no two passes were traced.
        """
        from gil_lab.report.drawing.picture import NothingToDrawError
        from gil_lab.report.page.replay import Replay, replay

        if (data := replay(self._of(strategies))) is None:
            raise NothingToDrawError("no two traced passes to replay; measure some: gil-lab run cpu-bound")
        return Replay(data)

    def sliders(self) -> "Sliders":
        """For a notebook: change one number (workers, size, Python) and see which measured cells are there.

        Raises NothingToDrawError where no strategy was measured at two of them.
        """
        from gil_lab.report.drawing.picture import NothingToDrawError
        from gil_lab.report.page.sliders import of_results

        if (made := of_results(self)) is None:
            raise NothingToDrawError("no number to change; measure several: gil-lab run cpu-bound --workers 2,4")
        return made

    @property
    def _experiment_of_the_lab(self) -> Any:
        """The one that it is a session of; None of a user's own one."""
        from gil_lab.suite.catalogue import names, variant

        name = self.session.experiment
        return variant("experiments", "EXPERIMENT", name) if name in names("experiments") else None

    @property
    def asked(self) -> "Sequence[Question]":
        """The questions of its experiment; of a user's own one, what may be asked of any work."""
        from gil_lab.analysis.default_question import QUESTION

        return own.questions if (own := self._experiment_of_the_lab) else (QUESTION,)

    @property
    def offered(self) -> "Offered":
        return {question.sentence: question.sentences for question in self.asked}

    @property
    def answered(self) -> "list[AnsweredQuestion]":
        """The same, with what is right by these results."""
        from gil_lab.analysis.questions import answered

        return [answered(self.session.experiment, question, self) for question in self.asked]

    def quiz(self, language: str | None = None) -> "Quiz":
        """The questions of its experiment, to be answered in a notebook before these results are seen.

        Raises UsageError for a language that there is not.
        """
        from gil_lab.model.language import speaking
        from gil_lab.report.page.quiz import Quiz

        with speaking(language):
            return Quiz(self.quiz_items())

    def quiz_items(self) -> "list[QuizItem]":
        """What a quiz shows of these results, once an answer was chosen."""
        from gil_lab.report.documents.answer import words
        from gil_lab.report.drawing.picture import NARROW
        from gil_lab.report.page.quiz import QuizItem

        own = self._experiment_of_the_lab
        claims = own.check(self) if own else ()
        wide, narrow = (self._drawn((own and own.picture) or "map", width) for width in (None, NARROW))
        said, resumed_with = list(words(self.rows, claims)), self.session.resumed_with
        return [QuizItem(found, said, claims, wide, narrow, resumed_with) for found in self.answered]

    def _drawn(self, name: str, width: int | None) -> "Picture | None":
        """That picture; None if there is nothing to draw."""
        from gil_lab.report.drawing.picture import NothingToDrawError

        try:
            return self.picture(name, width)
        except NothingToDrawError:
            return None

    def _of(self, strategies: "tuple[str, ...]") -> Self:
        """Those cells, or all. Raises UsageError for a strategy that is not there."""
        chosen = tuple(row for row in self.rows if not strategies or row.cell.strategy in strategies)
        available = {row.cell.strategy for row in self.rows}
        if unknown := set(strategies) - available:
            names = ", ".join(sorted(available))
            raise UsageError(f"there is no {min(unknown)!r} in these results; there are {names}")
        return replace(self, rows=chosen)

    def __getattr__(self, name: str) -> "Callable[[], Picture]":
        """A method for each picture that there is: `results.map()`, `results.warm_up()`."""
        from gil_lab.report import pictures

        picture = name.replace("_", "-")
        if name.startswith("_") or picture not in pictures.names():
            raise AttributeError(
                f"results have no {name!r}; there are pictures: {', '.join(map(_method, _pictures()))}"
            )

        def drawn() -> "Picture":
            return self.picture(picture)

        drawn.__doc__ = pictures.description(picture)
        return drawn

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *map(_method, _pictures())]

    def picture(self, name: str, width: int | None = None) -> "Picture":
        """The picture of that name, so many pixels wide or as a page has room for.

        Raises NothingToDrawError, with what to measure, if these results lack its data.
        """
        from gil_lab.report import pictures

        return pictures.draw(name, self, width)

    def __repr__(self) -> str:
        from gil_lab.report.documents.session import as_text

        if not self.rows:
            return "Results without cells"
        return as_text(self.rows, self.across, self.observed, self._answer()).rstrip()

    def _repr_html_(self) -> str:
        from gil_lab.report.documents.session import summary
        from gil_lab.report.tables.as_html import as_html

        return as_html([*self._answer(), *summary(self.rows, self.across, self.observed)])

    def _answer(self) -> list[str]:
        from gil_lab.report.documents.answer import words
        from gil_lab.report.text.scaling import briefly

        return [*words(self.rows, ()), *briefly(self.scalings)]


def _pictures() -> tuple[str, ...]:
    from gil_lab.report import pictures

    return pictures.names()


def _method(picture: str) -> str:
    return picture.replace("-", "_")
