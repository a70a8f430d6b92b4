"""The speed-ups of a session's cells, from their turns: judged together, because of many one differs by chance."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field, replace
from typing import Annotated

from gil_lab.analysis.contrasts import Contrast, Contrasts
from gil_lab.analysis.contrasts.discoveries import family
from gil_lab.analysis.distinctions import THRESHOLD, Distinction
from gil_lab.analysis.estimates import Estimate
from gil_lab.model.columns import in_columns
from gil_lab.model.frozen import frozen
from gil_lab.model.records import Cell
from gil_lab.suite.catalogue import are_same_work
from gil_lab.suite.strategies import BASELINE


@frozen
class Distinctions:
    """Of one cell: what is known of the differences that its speed-ups are.

    None for one that it does not have, and in sessions of an older gil-lab, of which each interval is judged alone.
    """

    overall: Annotated[Distinction | None, in_columns("difference")] = None
    same_form: Annotated[Distinction | None, in_columns("parallel_difference")] = None
    threshold: float | None = None
    """From where on a difference matters, as a share."""


NOT_JUDGED = Distinctions()


@frozen
class Speedups:
    """By cell; those that shared no round with their reference are missing."""

    overall: Mapping[Cell, Estimate] = field(default_factory=dict)
    """Against `sequential`: all that the change of model brought."""
    same_form: Mapping[Cell, Estimate] = field(default_factory=dict)
    """Against the same form run sequentially."""

    def distinctions(self, cell: Cell) -> Distinctions:
        overall, same_form = self.overall.get(cell), self.same_form.get(cell)
        known = [one for one in (overall, same_form) if one and one.distinction]
        if not known:
            return NOT_JUDGED
        return Distinctions(
            overall.distinction if overall else None, same_form.distinction if same_form else None, known[0].threshold
        )


def baseline_of(cell: Cell) -> Cell:
    """What its overall speed-up is relative to: plain Python, the work as it is, under the same interpreter."""
    return replace(
        cell, workload=cell.work if are_same_work(cell.work) else cell.workload, strategy=BASELINE, workers=1
    )


def same_form_of(cell: Cell, reference: Callable[[str], str]) -> Cell:
    """What its speed-up in the same form is relative to; `reference` gives a strategy's sequential counterpart."""
    return replace(cell, strategy=reference(cell.strategy), workers=1)


def overall_speedups(
    cells: Iterable[Cell], contrasts: Contrasts, threshold: float = THRESHOLD
) -> Mapping[Cell, Estimate]:
    """Of all cells that shared rounds with their baseline: one family."""
    return _family({cell: baseline_of(cell) for cell in cells}, contrasts, threshold)


def speedups(
    cells: Iterable[Cell], reference: Callable[[str], str], contrasts: Contrasts, threshold: float = THRESHOLD
) -> Speedups:
    """The overall ones are one family, those in the same form another.

    Of a cell that has the form of its baseline both are the same ratio: it is judged once, as the overall one.
    """
    cells = list(cells)
    overall = overall_speedups(cells, contrasts, threshold)
    forms = {cell: same_form_of(cell, reference) for cell in cells}
    others = {cell: form for cell, form in forms.items() if form != baseline_of(cell)}
    plain = {cell: overall[cell] for cell in cells if cell in overall and cell not in others}
    return Speedups(overall, {**plain, **_family(others, contrasts, threshold)})


def _family(references: Mapping[Cell, Cell], contrasts: Contrasts, threshold: float) -> dict[Cell, Estimate]:
    """Each cell against its reference; one that is its own is no comparison, and is not counted as one."""
    found: dict[Cell, Contrast] = {}
    themselves: dict[Cell, Estimate] = {}
    for cell, reference in references.items():
        contrast = contrasts.between(reference, cell)
        if contrast is None:
            continue
        if cell == reference:
            themselves[cell] = contrast.estimate()
        else:
            found[cell] = contrast
    return {**themselves, **family(found, threshold)}
