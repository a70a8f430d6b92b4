"""What the cells of the lecture's notebook show, by way of marimo."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import marimo as mo

from gil_lab.advice.exercises import every_exercise
from gil_lab.analysis.polls import polls
from gil_lab.analysis.questions import LETTERS, AnsweredQuestion, Question
from gil_lab.experiment import Experiment
from gil_lab.experiment.results import Results
from gil_lab.experiment.session_to_show import is_reference, session_to_show
from gil_lab.model.chapters import Chapter
from gil_lab.model.errors import GilLabError, StoreError
from gil_lab.model.frozen import frozen
from gil_lab.model.language import gettext, gettext_noop, paragraphs
from gil_lab.report.documents.prediction import evidence, why
from gil_lab.report.drawing.picture import NothingToDrawError
from gil_lab.report.pictures import answers
from gil_lab.report.tables.as_markdown import escaped
from gil_lab.sessions.predictions import ANSWERS, MOST_PEOPLE, Prediction, keep_answers, now_utc, rows_of
from gil_lab.sessions.reference import reference_folder
from gil_lab.suite.catalogue import variant

Shown = Any
"""Something that marimo shows."""
PREDICT_FIRST = gettext_noop("Predict first; then it opens.")
COUNT_FIRST = gettext_noop("Count the hands, and tick that all are counted; then it opens.")


def of_the_lab(name: str) -> Experiment:
    """Raises UsageError for a name that is none of its experiments."""
    experiment: Experiment = variant("experiments", "EXPERIMENT", name)
    return experiment


def headed(chapter: Chapter) -> Shown:
    """The beginning of a chapter: what people can do after it, and what it is about."""
    aim = gettext("After this chapter you can {aim}.").format(aim=gettext(chapter.aim))
    return mo.md(f"# {gettext(chapter)}\n\n{aim}\n\n{gettext(chapter.about)}")


def practised(chapter: Chapter) -> Shown:
    """Its end: programs that are broken on purpose."""
    rows = [
        f"- {gettext(each.question)} `gil-lab exercise {name}`"
        for name, each in every_exercise().items()
        if each.chapter is chapter
    ]
    return mo.md(f"### {gettext('Repair what is broken')}\n\n" + "\n".join(rows))


def asked_of(name: str, *, of_a_class: bool = False) -> Shown:
    """The question of an experiment, to be predicted; with what may be changed about it, options of its `run`.

    Of one person it is one of the answers, `of_a_class` how many hands were raised for each. When it was asked is kept
    beside it (`asked_at`), so that hands which are counted again take the place of the first ones.
    """
    experiment = of_the_lab(name)
    changes = experiment.passage.changes if experiment.passage else ()
    named = {", ".join(f"{key}={value!r}" for key, value in options.items()): dict(options) for options in changes}
    controls = _hands(experiment.asked) if of_a_class else _choice(experiment.asked)
    places = "\n\n".join(f"{{{place}}}" for place in controls)
    predict = gettext("**Predict:** {question}").format(question=gettext(experiment.asked.sentence))
    as_it_is = gettext("as it is")
    made = mo.md(f"## {gettext(experiment.question)}\n\n{predict}\n\n{places}").batch(
        **controls,
        measure=mo.ui.run_button(label=gettext("Measure it here")),
        vary=mo.ui.dropdown({as_it_is: {}, **named}, value=as_it_is, label=gettext("with")),
    )
    made.asked_at = now_utc()
    return made


def _choice(question: Question) -> dict[str, Shown]:
    lettered = zip(LETTERS, question.sentences, strict=False)
    return {"answer": mo.ui.radio({f"{letter}: {gettext(answer)}": answer for letter, answer in lettered})}


def _hands(question: Question) -> dict[str, Shown]:
    hands = {
        f"hands_{letter}": mo.ui.number(0, MOST_PEOPLE, step=1, value=0, label=f"{letter}: {gettext(answer)}")
        for letter, answer in zip(LETTERS, question.sentences, strict=False)
    }
    return {**hands, "counted": mo.ui.checkbox(label=gettext("All hands are counted"))}


def predicted(choice: Shown, question: Question) -> Prediction | None:
    """What was chosen; None if nothing was, or not all hands of a class are counted."""
    value = choice.value
    if "counted" not in value:
        chosen = {value["answer"]: 1} if value["answer"] else {}
    elif value["counted"]:
        letters = zip(LETTERS, question.sentences, strict=False)
        chosen = {answer: int(value[f"hands_{letter}"] or 0) for letter, answer in letters}
    else:
        chosen = {}
    return Prediction(choice.asked_at, question.sentence, chosen) if any(chosen.values()) else None


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
        """What the experiment measures now, if it is to; else what was measured here before, or the reference."""
        if self.measure or choice.value["measure"]:
            chosen: dict[str, Any] = {"quick": self.quick, "out": self.out, **options, **choice.value["vary"]}
            return of_the_lab(name).run(**chosen)
        return session_to_show(name, self.out).results

    def hands(self, found: AnsweredQuestion, prediction: Prediction, results: Results) -> list[Shown]:
        """How many hands were raised for each answer, as a picture; they are kept without names.

        Beside the session, where its report finds them; of a reference session in the folder of results.
        """
        folder = Path(self.out) if is_reference(results) else results.folder
        rows = rows_of(prediction, results.session.experiment, found.right)
        picture = answers.draw_polls(polls(rows, results.offered))
        try:
            folder.mkdir(parents=True, exist_ok=True)
            keep_answers(folder, rows)
        except (StoreError, OSError) as reason:
            return [picture, mo.callout(str(reason), kind="warn")]
        kept = gettext("*Kept in `{file}`, without names.*").format(file=folder / ANSWERS)
        return [picture, mo.md(kept)]

    def shown(
        self,
        choice: Shown,
        results: Results,
        *,
        part: Callable[[Results], Results] = lambda whole: whole,
        table: Mapping[str, object] | None = None,
        sliders: bool = False,
    ) -> Shown:
        """What there is to see of an experiment, from the top, once its result was predicted.

        Pictures are drawn of a `part` of the results; in the place of pictures, a `table` of some of their rows.
        `sliders` over its measured cells come before them.
        """
        (found,) = results.answered
        prediction = predicted(choice, found.question)
        if self.predict and not prediction:
            return mo.md(f"*{gettext(COUNT_FIRST if 'counted' in choice.value else PREDICT_FIRST)}*")
        experiment = of_the_lab(results.session.experiment)
        passage = experiment.passage
        assert passage is not None
        change = gettext("**Change a number and measure again:** {change}").format(change=paragraphs(passage.change))
        return mo.vstack(
            [
                answer(found, prediction),
                *(self.hands(found, prediction, results) if prediction and "counted" in choice.value else ()),
                *passed_over(results, self.out),
                *left_no_room(results),
                mo.md(paragraphs(passage.watch)),
                *([drawn(results.sliders)] if sliders else []),
                *(beside(results, wanted, part) for wanted in passage.pictures),
                *([results.where(**table)] if table else []),
                mo.md(change),
                mo.hstack([choice.elements["measure"], choice.elements["vary"]], justify="start", gap=1),
                experiment.check(results),
                mo.accordion({gettext("Replay"): drawn(results.replay), gettext("All numbers"): results}),
            ],
            gap=1,
        )


def answer(found: AnsweredQuestion, prediction: Prediction | None) -> Shown:
    """Whether the prediction is right, what was measured, and why."""
    chosen = prediction.answers if prediction else {}
    right, people = chosen.get(found.right, 0), sum(chosen.values())
    if not found.right:
        said = gettext("It cannot be said which answer is right.")
    elif people > 1:
        said = gettext("{right} of {people} are right. Right is: {answer}.").format(
            right=right, people=people, answer=gettext(found.right)
        )
    elif right:
        said = gettext("Right.")
    else:
        said = gettext("Right is: {answer}.").format(answer=gettext(found.right))
    measured = gettext("Measured: {evidence}").format(evidence=escaped(evidence(found)))
    text = mo.md(f"**{said}** {why(found)}\n\n{measured}")
    return mo.callout(text, kind="success" if found.right and right == people > 0 else "neutral")


def passed_over(results: Results, own: str) -> list[Shown]:
    """Why the reference is shown, though something was measured here; else nothing."""
    if not is_reference(results):
        return []
    reason = session_to_show(results.session.experiment, own).passed_over
    return [mo.callout(reason, kind="warn")] if reason else []


def left_no_room(results: Results) -> list[Shown]:
    """A warning, if this machine was too busy to say anything; else nothing."""
    flagged = [row for row in results if row.flagged]
    if is_reference(results) or 2 * len(flagged) < len(results):
        return []
    others = max(row.other_cores_busy or 0.0 for row in flagged)
    text = gettext(
        "This machine was too busy. Every round of {flagged} of {count} cells is flagged; others kept {cores} cores "
        "busy. Look at the reference, or measure again."
    ).format(flagged=len(flagged), count=len(results), cores=f"{others:.1f}")
    return [mo.callout(text, kind="warn")]


def drawn(picture: Callable[..., Shown], *wanted: str) -> Shown:
    """A picture, or what it needs: one core, or a missing Python, must not end the lecture."""
    try:
        return picture(*wanted)
    except NothingToDrawError as reason:
        return mo.callout(reason.said())
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
    columns = [mo.vstack([mo.md(gettext("**Here**")), here]), mo.vstack([mo.md(gettext("**Reference**")), there])]
    return mo.hstack(columns, justify="start", align="start", gap=1, wrap=True)  # below each other where it is narrow
