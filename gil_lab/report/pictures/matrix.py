"""Strategies and Pythons: speed-up, cores busy, the price of the build (for several Pythons).

A field a cell, with its speed-up as number and shade, and the mark of the map. What a field says is what
`gil_lab.report.tables.matrix` says in tables.
"""

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

from gil_lab.analysis.summaries import Summary
from gil_lab.model.language import clauses, gettext
from gil_lab.report.drawing import cells as of
from gil_lab.report.drawing.labels import text_width
from gil_lab.report.drawing.matrix_block import NAME_SIZE, block, column_width
from gil_lab.report.drawing.matrix_title import marginal_costs, title
from gil_lab.report.drawing.picture import WIDTH, NothingToDrawError, Picture, PictureSource, heading, picture
from gil_lab.report.tables.matrix import Matrix
from gil_lab.report.tables.results import by_workload, several_pythons
from gil_lab.report.tables.table import split

PLACE = 2

MAX_NAME_PX, BETWEEN = 190, 8
"""Pixels of the name of a row, and to the fields."""
FULL_SHADE = 2.0
"""Times as fast: what has the full shade, of speed-ups only if there is no greater one."""


def draw(source: PictureSource, width: int = WIDTH) -> Picture:
    """A matrix for each kind of work. Raises NothingToDrawError if none was run by several interpreters."""
    groups = [group for group in by_workload(source.rows) if several_pythons(group) and any(map(_is_drawn, group))]
    if not groups:
        raise NothingToDrawError(
            "one interpreter has no others beside it; measure some: gil-lab run cpu-bound --python all"
        )
    made = [(group, Matrix.of(group, source.across)) for group in groups]
    titles = [of.headline(group, partial(title, matrix)) for group, matrix in made]
    views = [
        _view(headline, group, matrix, source.usable_cores, width)
        for headline, (group, matrix) in zip(titles, made, strict=True)
    ]
    return picture("matrix", titles, views)


def _is_drawn(summary: Summary) -> bool:
    return summary.wall_s is not None


def _view(headline: str, group: Sequence[Summary], matrix: Matrix, cores: int | None, width: int) -> dict[str, Any]:
    names = dict(
        zip(matrix.rows, of.unique_names(list(matrix.rows), of.room_for_names(MAX_NAME_PX, width)), strict=True)
    )
    column, left = column_width(matrix), max(text_width(name, NAME_SIZE, bold=True) for name in names.values())
    parts = split([column] * len(matrix.pythons), width - left - BETWEEN)
    views = [block(matrix, names, [matrix.pythons[at] for at in part], column, _most(matrix)) for part in parts]
    notes = (
        gettext("Bold: times as fast as sequential under the same Python.")
        if matrix.compared
        else gettext("Bold: one pass."),
        gettext("With a plus: the marginal cost per worker.") if marginal_costs(matrix) and not matrix.compared else "",
        gettext("Below the seconds: times as fast as under the Python named there.") if matrix.references else "",
        gettext("Blue: faster, orange: slower, white: no difference seen.")
        if matrix.compared or matrix.references
        else "",
        gettext("Not drawn: {names}.").format(names=clauses(matrix.reasons())) if matrix.reasons() else "",
    )
    return {"title": heading(headline, of.subtitle(group, cores, *notes), width), "vconcat": views, "spacing": 18}


def _most(matrix: Matrix) -> float:
    """The speed-up that gets the full shade."""
    ratios = [one.speedup.value for row in matrix.rows.values() for one in row.values() if one.speedup]
    return max([FULL_SHADE, *(max(ratio, 1 / ratio) for ratio in ratios if 0 < ratio < math.inf)])
