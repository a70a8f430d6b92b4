"""What is to be predicted of work that has no question of its own, such as that of a user's file."""

from collections.abc import Iterator

from gil_lab.analysis.claims import Evidence, InconclusiveError, Quantity
from gil_lab.analysis.questions import Answer, Question, above, below, between
from gil_lab.model.language import gettext
from gil_lab.suite.strategies import BASELINE

NO_GAIN, TWICE, MUCH = 1.1, 2.0, 10.0
"""Times as fast: less than a tenth is not worth another model; two cores bring up to two; no machine of two to eight
cores brings ten by parallelism alone, as compiling or waiting together may."""
GAINS = (
    "Waiting together, several cores that are busy at once, and compiled code make work faster; gil-lab report says how"
    " many tasks were in flight and how many cores were busy."
)
NOTHING_GAINS = (
    "Work gains where its tasks wait, release the GIL, run in processes or are compiled; and it loses what it takes to"
    " hand them over. Here that leaves nothing."
)


def fastest(seen: Evidence) -> Iterator[Quantity]:
    """Of each kind of work under each interpreter: how many times as fast the fastest way is as sequential Python."""
    cells = [row.cell for row in seen.results.rows if row.wall_s is not None and not row.flagged]
    references = [cell for cell in cells if cell.strategy == BASELINE]
    if not references:
        text = gettext("too few rounds of {name} are without a flag, or it was not measured")
        raise InconclusiveError(text.format(name=BASELINE))
    for reference in references:
        alike = [
            seen.ratio(reference, to=cell)
            for cell in cells
            if cell.strategy != BASELINE
            and (cell.workload, cell.interpreter, cell.tasks, cell.size)
            == (reference.workload, reference.interpreter, reference.tasks, reference.size)
        ]
        if not alike:
            text = gettext("no other way was measured beside {name}")
            raise InconclusiveError(text.format(name=seen.called(reference)))
        yield max(alike, key=lambda gain: gain.value)


QUESTION = Question(
    "How fast is the fastest way to run this work, compared with one task after the other in plain Python?",
    (
        Answer("No way is faster", below(fastest, NO_GAIN), NOTHING_GAINS),
        Answer("Faster, up to twice as fast", between(fastest, NO_GAIN, TWICE), GAINS),
        Answer("Two to ten times as fast", between(fastest, TWICE, MUCH), GAINS),
        Answer("More than ten times as fast", above(fastest, MUCH), GAINS),
    ),
)
