"""What slides of the lecture show: its chapters, and of each experiment a session of this folder, or the reference."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from gil_lab.advice.exercises import every_exercise
from gil_lab.experiment import Experiment, experiments
from gil_lab.experiment.results import Results
from gil_lab.experiment.session_to_show import is_reference
from gil_lab.model.chapters import TITLE, Chapter
from gil_lab.model.language import gettext, listed, paragraphs
from gil_lab.report.documents import prediction
from gil_lab.report.documents.answer import words
from gil_lab.report.drawing.picture import NARROW, NothingToDrawError, Picture
from gil_lab.report.page.facts import facts
from gil_lab.report.page.figures import Figure, figures
from gil_lab.report.page.replay import replay, rows_to_replay
from gil_lab.report.page.slides import Slide
from gil_lab.report.tables.claims import counted, evidence, outcome, sentence

SHORT = "cpu-bound"
"""The experiment of the short version: it has all kinds of verdicts."""
MOST_CLAIMS = 6
"""On one slide, with their evidence."""


def whole_lecture(shown: Mapping[str, Results]) -> list[Slide]:
    """Some slides for each step of it, with the results that are to be shown of each experiment.

    Raises ExtraError without the extra `report`.
    """
    of_the_lab = {one.design.name: one for one in experiments()}
    sessions = {of_the_lab[name]: results for name, results in shown.items()}
    slides = [_title(list(sessions.values()))]
    for chapter in Chapter:
        aim = gettext("After this chapter you can {aim}.").format(aim=gettext(chapter.aim))
        slides.append(Slide(gettext(chapter), lines=[aim], opening=True))
        part = {one: results for one, results in sessions.items() if one.chapter is chapter}
        for experiment, results in part.items():
            slides += _experiment(experiment, results)
        slides += _replayed(gettext(chapter), part.values())
        slides.append(_practice(chapter))
    claims = [claim for one, results in sessions.items() for claim in one.check(results)]
    return [*slides, Slide(gettext("What became of the claims"), lines=[f"{counted(claims)}."], opening=True)]


def two_minutes(shown: Mapping[str, Results]) -> list[Slide]:
    """Three pictures: the map, the timeline and the replay. Raises as `whole_lecture`."""
    results = shown[SHORT]
    said = [str(line) for line in words(results.rows, ())]
    traced = replace(results, rows=tuple(rows_to_replay(results)))
    return [
        *_pictured(gettext("Concurrent, or parallel too?"), results, "map", lines=said),
        *_pictured(gettext("What does each worker do meanwhile?"), traced, "timeline"),
        *_replayed("", [results]),
    ]


def _title(sessions: Sequence[Results]) -> Slide:
    here = sum(not is_reference(results) for results in sessions)
    others = len(sessions) - here
    text = gettext("{count} experiments: {here} of them measured here, {others} as they came with gil-lab.")
    if not here:
        text = gettext("{count} experiments: {others} as they came with gil-lab.")
    if not others:
        text = gettext("{count} experiments: {here} of them measured here.")
    line = text.format(count=len(sessions), here=here, others=others)
    return Slide(gettext(TITLE), lines=[line], opening=True)


def _experiment(experiment: Experiment, results: Results) -> Iterator[Slide]:
    """First the question, and what to predict; then what was measured, what to watch, and what became of the claims."""
    above, source = _above(experiment), _source(results)
    question = gettext(experiment.question)
    for found in results.answered:
        asked = [gettext(found.question.sentence)]
        yield Slide(question, above, lines=asked, answers=list(map(gettext, found.question.sentences)))
        heading = gettext(found.right) or gettext("It cannot be said which answer is right")
        because = gettext("Why: {why}") if found.right else gettext("What to do: {why}")
        said = [
            gettext("Measured: {evidence}").format(evidence=prediction.evidence(found)),
            because.format(why=prediction.why(found)),
        ]
        yield Slide(heading, above, lines=said, source=source)
    passage = experiment.passage
    text = paragraphs(passage.watch) if passage else ""
    picture = passage.pictures[0][0] if passage and passage.pictures else experiment.picture
    for figure in _figures(results, _drawn(results, picture), _drawn(results, picture, NARROW)):
        yield Slide(question, above, text=text, figure=figure, source=source)
    rows = [(outcome(one), sentence(one), evidence(one)) for one in experiment.check(results)]
    many = math.ceil(len(rows) / math.ceil(len(rows) / MOST_CLAIMS))
    for first in range(0, len(rows), many):
        yield Slide(gettext("What it claims"), above, pairs=rows[first : first + many], source=source)


def _replayed(above: str, sessions: Iterable[Results]) -> Iterator[Slide]:
    """Of the first of them that can be replayed; none where nothing ran at the same time."""
    for results in sessions:
        if (data := replay(results)) is not None:
            traced = replace(results, rows=tuple(rows_to_replay(results)))
            timeline = next(iter(_figures(results, _drawn(traced, "timeline"), None, "replayed")), None)
            yield Slide(gettext("Slowed down"), above, figure=timeline, replay=data, source=_source(results))
            return


def _pictured(heading: str, results: Results, name: str, lines: Sequence[str] = ()) -> Iterator[Slide]:
    for figure in _figures(results, _drawn(results, name), _drawn(results, name, NARROW)):
        yield Slide(heading, lines=lines, figure=figure, source=_source(results))


def _figures(
    results: Results, picture: Picture | None, narrow: Picture | None, called: str = "shown"
) -> Iterator[Figure]:
    """One for each kind of work, with a name of its own on the page."""
    for figure in figures(picture, narrow) if picture else ():
        yield replace(figure, name=f"{called}-{results.session.experiment}-{figure.name}")


def _above(experiment: Experiment) -> str:
    text = gettext("{chapter}: {experiment}")
    return text.format(chapter=gettext(experiment.chapter or ""), experiment=experiment.design.name)


def _practice(chapter: Chapter) -> Slide:
    rows = [
        (name, gettext(each.question), f"gil-lab exercise {name}")
        for name, each in every_exercise().items()
        if each.chapter is chapter
    ]
    return Slide(gettext("Repair what is broken"), gettext(chapter), pairs=rows)


def _drawn(results: Results, name: str, width: int | None = None) -> Picture | None:
    """None if there is nothing to draw."""
    try:
        return results.picture(name, width)
    except NothingToDrawError:
        return None


def _source(results: Results) -> str:
    text = gettext("{experiment}, measured here: {facts}")
    if is_reference(results):
        text = gettext("{experiment}, came with gil-lab: {facts}")
    return text.format(experiment=results.session.experiment, facts=listed(facts(results)))
