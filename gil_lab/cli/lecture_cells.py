"""What the cells of the lecture's notebook show, by way of marimo."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import marimo as mo

from gil_lab.advice.exercises import every_exercise
from gil_lab.analysis.questions import LETTERS
from gil_lab.experiment import Experiment
from gil_lab.experiment.newest import is_reference, newest_or_reference
from gil_lab.experiment.results import Results
from gil_lab.model.chapters import Chapter
from gil_lab.model.errors import GilLabError
from gil_lab.model.frozen import frozen
from gil_lab.report.documents.prediction import evidence, why
from gil_lab.sessions.reference import reference_folder
from gil_lab.suite.catalogue import variant

Shown = Any
"""Something that marimo shows."""


def of_the_lab(name: str) -> Experiment:
    """Raises UsageError for a name that is none of its experiments."""
    experiment: Experiment = variant("experiments", "EXPERIMENT", name)
    return experiment


def headed(chapter: Chapter) -> Shown:
    """The beginning of a chapter: what people can do after it, and what it is about."""
    return mo.md(f"# {chapter}\n\nAfter this chapter you can {chapter.aim}.\n\n{chapter.about}")


def practised(chapter: Chapter) -> Shown:
    """Its end: programs that are broken on purpose."""
    rows = [
        f"- {each.question} `gil-lab exercise {name}`"
        for name, each in every_exercise().items()
        if each.chapter is chapter
    ]
    return mo.md("### Repair what is broken\n\n" + "\n".join(rows))


def asked(name: str) -> Shown:
    """The question of an experiment, to be predicted; with what may be changed about it, options of its `run`."""
    experiment = of_the_lab(name)
    (question,) = experiment.questions
    answers = {f"{letter}: {answer}": answer for letter, answer in zip(LETTERS, question.sentences, strict=False)}
    changes = experiment.passage.changes if experiment.passage else ()
    named = {", ".join(f"{key}={value!r}" for key, value in options.items()): dict(options) for options in changes}
    return mo.md(f"## {experiment.question}\n\n**Predict:** {question.sentence}\n\n{{answer}}").batch(
        answer=mo.ui.radio(answers),
        measure=mo.ui.run_button(label="Measure it here"),
        vary=mo.ui.dropdown({"as it is": {}, **named}, value="as it is", label="with"),
    )


def busiest(results: Results) -> Results:
    """Its first work under the most workers."""
    most = max(row.cell.workers for row in results)
    return results.where(workload=results.rows[0].cell.workload, workers=most)


@frozen
class Lecture:
    """How the lecture is given: what was chosen at its top."""

    predict: bool
    """Whether a result opens only after a choice."""
    measure: bool
    """Whether everything is measured now."""
    quick: bool
    out: str
    """Where sessions are written and read, one folder for each experiment."""

    def measured(self, name: str, choice: Shown, **options: object) -> Results:
        """What the experiment measures now, if it is to; else its newest session here, or the reference."""
        if self.measure or choice.value["measure"]:
            chosen: dict[str, Any] = {"quick": self.quick, "out": self.out, **options, **choice.value["vary"]}
            return of_the_lab(name).run(**chosen)
        return newest_or_reference(name, self.out)

    def shown(
        self,
        choice: Shown,
        results: Results,
        *,
        part: Callable[[Results], Results] = lambda whole: whole,
        table: Mapping[str, object] | None = None,
    ) -> Shown:
        """What there is to see of an experiment, from the top, once its result was predicted.

        Pictures are drawn of a `part` of the results; in the place of pictures, a `table` of some of their rows.
        """
        if self.predict and not choice.value["answer"]:
            return mo.md("*Predict first; then it opens.*")
        experiment = of_the_lab(results.session.experiment)
        passage = experiment.passage
        assert passage is not None
        change = f"**Change a number and measure again:** {inspect.cleandoc(passage.change)}"
        return mo.vstack(
            [
                answer(results, choice.value["answer"]),
                *left_no_room(results),
                mo.md(f"{inspect.cleandoc(passage.watch)}\n\n{change}"),
                mo.hstack([choice.elements["measure"], choice.elements["vary"]], justify="start", gap=1),
                *(beside(results, wanted, part) for wanted in passage.pictures),
                *([results.where(**table)] if table else []),
                experiment.check(results),
                mo.accordion({"Replay": drawn(results.replay), "All numbers": results}),
            ],
            gap=1,
        )


def answer(results: Results, chosen: str | None) -> Shown:
    """Whether the prediction is right, what was measured, and why."""
    (found,) = results.answered
    said = "Right." if chosen == found.right else f"Right is: {found.right}."
    said = said if found.right else "It cannot be said which answer is right."
    text = mo.md(f"**{said}** {why(found)}\n\nMeasured: {evidence(found)}")
    return mo.callout(text, kind="success" if found.right and chosen == found.right else "neutral")


def left_no_room(results: Results) -> list[Shown]:
    """A warning, if this machine was too busy to say anything; else nothing."""
    flagged = [row for row in results if row.flagged]
    if is_reference(results) or 2 * len(flagged) < len(results):
        return []
    others = max(row.other_cores_busy or 0.0 for row in flagged)
    text = f"Every round of {len(flagged)} of {len(results)} cells is flagged; others kept {others:.1f} cores busy."
    return [mo.callout(f"This machine was too busy. {text} Look at the reference, or measure again.", kind="warn")]


def drawn(picture: Callable[..., Shown], *wanted: str) -> Shown:
    """A picture, or what it needs: one core, or a missing Python, must not end the lecture."""
    try:
        return picture(*wanted)
    except GilLabError as reason:
        return mo.callout(str(reason))


def beside(results: Results, wanted: Sequence[str], part: Callable[[Results], Results]) -> Shown:
    """A picture, with what it is to show; of what was measured here, with that of the reference."""
    name, *strategies = wanted
    method = name.replace("-", "_")
    here = drawn(getattr(part(results), method), *strategies)
    if is_reference(results):
        return here
    reference = Results.read(reference_folder() / results.session.experiment)
    there = drawn(getattr(part(reference), method), *strategies)
    columns = [mo.vstack([mo.md("**Here**"), here]), mo.vstack([mo.md("**Reference**"), there])]
    return mo.hstack(columns, widths="equal", align="start", gap=1)
