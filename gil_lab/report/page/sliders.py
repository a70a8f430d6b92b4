"""Cells that differ in a number or a name, for a script that shows those of one point and changes one at a time.

Only points that were measured: nothing is interpolated. What the script shows of a cell stands in its row of the tables
already, and is read from there; here are the coordinates of each row, and its interval, which the tables shorten.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field

from gil_lab.analysis.results import SessionResults
from gil_lab.analysis.summaries import Summary
from gil_lab.model.frozen import frozen
from gil_lab.model.language import gettext, speaking, spoken
from gil_lab.model.text import number
from gil_lab.report.extra import environment
from gil_lab.report.page.about import plain
from gil_lab.report.page.factors import Factor, factors, without_chunk
from gil_lab.report.page.notebook_frame import notebook_frame
from gil_lab.report.page.parts import MESSAGES, data_block, policy, templates, text_of
from gil_lab.report.tables import results as columns
from gil_lab.report.tables.as_html import table_body
from gil_lab.report.tables.results import by_workload, results_table
from gil_lab.report.tables.table import Table, signs

SCRIPT, STYLE = "sliders.js", "sliders.css"
ABOVE, A_CONTROL, A_STRATEGY, MOST_HEIGHT = 285, 65, 76, 1000
"""Pixels of the page in a notebook, as Chromium lays it out; a notebook cannot ask a frame for its height."""
LEAST_CELLS = 2
"""Of one strategy, with numbers: so that a move has something to say."""
READ = {
    "speedup": columns.OVERALL,
    "wall": columns.WALL,
    "inFlight": columns.IN_FLIGHT,
    "coresBusy": columns.CORES_BUSY,
    "verdict": columns.VERDICT,
}
"""What is read from the tables, by the title of its column."""
SlidersData = dict[str, object]


@frozen
class Sliders:
    """For a notebook, which shows them in a frame of their own. Raises ExtraError there without the extra `report`."""

    data: SlidersData
    tables: Sequence[Table]
    """From which the script reads."""
    language: str = field(default_factory=spoken)
    """That of the data, and of the page."""

    def __repr__(self) -> str:
        cells = sum(len(table.rows) for table in self.tables)
        return f"Sliders over {cells} cells: shown in a notebook; elsewhere gil-lab report --open has them"

    def document(self) -> str:
        """A page of its own, which needs nothing else."""
        scripts = list(map(text_of, (MESSAGES, "tables.js", SCRIPT)))
        style = text_of("page.css") + text_of(STYLE)
        with speaking(self.language):
            made = templates()
            made.filters["body"] = _body
            return made.get_template("sliders_alone.html").render(
                policy=policy(scripts, style),
                style=style,
                scripts=scripts,
                section=section(self.data),
                tables=self.tables,
                legend=signs(self.tables),
            )

    def _repr_html_(self) -> str:
        with speaking(self.language):
            return notebook_frame(self.document(), gettext("Change one number"), self.frame_height)

    @property
    def frame_height(self) -> int:
        """Pixels in a notebook: all controls and strategies of one kind of work; the tables below scroll."""
        grids = self.data["grids"]
        assert isinstance(grids, list)
        heights = [
            A_CONTROL * len(grid["factors"]) + A_STRATEGY * len({cell["strategy"] for cell in grid["cells"]})
            for grid in grids
        ]
        return min(MOST_HEIGHT, ABOVE + A_CONTROL * (len(grids) > 1) + max(heights))


def _body(table: Table) -> str:
    from markupsafe import Markup

    return Markup(table_body(table, sortable=True))  # noqa: S704 - escaped there


def of_results(results: SessionResults) -> Sliders | None:
    """Those of a session with its tables; None if nothing varies."""
    data = sliders(results.rows)
    return None if data is None else Sliders(data, [results_table(g, verdicts=True) for g in by_workload(results.rows)])


def section(data: SlidersData) -> str:
    """The part of a page that `SCRIPT` fills. Raises ExtraError without the extra `report`."""
    return environment().from_string(text_of("sliders.html")).render(data=data_block(data))


def sliders(rows: Iterable[Summary]) -> SlidersData | None:
    """What varies in each kind of work; None if no strategy has numbers of two cells of one work."""
    works: dict[str, list[tuple[int, Summary]]] = {}
    in_tables = (row for group in by_workload(list(rows)) for row in group)
    for place, row in enumerate(in_tables):
        works.setdefault(row.cell.work, []).append((place, row))
    grids = [_grid(work, placed) for work, placed in works.items() if _tells([row for _, row in placed])]
    return (
        {"columns": {name: gettext(column.title) for name, column in READ.items()}, "grids": grids} if grids else None
    )


def _tells(rows: Sequence[Summary]) -> bool:
    measured = [without_chunk(row.cell) for row in rows if row.wall_s is not None]
    return any(measured.count(strategy) >= LEAST_CELLS for strategy in set(measured))


def _grid(work: str, placed: Sequence[tuple[int, Summary]]) -> Mapping[str, object]:
    rows = [row for _, row in placed]
    varying = factors([row.cell for row in rows])
    compared = any(row.speedup is not None and not row.is_baseline for row in rows)
    tasks = len({row.cell.tasks for row in rows}) > 1
    return {
        "work": plain(work),
        "factors": [_shown(one) for one in varying],
        "compared": compared,
        "cells": [
            {
                "row": place,
                "strategy": plain(without_chunk(row.cell)),
                "at": [one.at(row.cell) for one in varying],
                "bar": _speedup(row) if compared else _wall(row),
                **({"tasks": row.cell.tasks} if tasks else {}),
            }
            for place, row in placed
        ],
    }


def _shown(factor: Factor) -> Mapping[str, object]:
    return {
        "name": factor.name,
        "called": gettext(factor.name),
        "isNumber": factor.is_number,
        "values": [[plain(short), plain(long)] for short, long in factor.labels],
    }


def _speedup(row: Summary) -> list[str]:
    """Its value, and its interval if it has one, with as many digits as in tables and sentences."""
    if row.wall_s is None:
        return []
    if row.is_baseline or row.speedup is None:
        return ["1"] if row.is_baseline else []
    ends = (row.speedup.value, row.speedup.low, row.speedup.high)
    return [number(end) for end in ends if end is not None]


def _wall(row: Summary) -> list[str]:
    """Of a session without sequential work: the median, the least and the greatest of its rounds."""
    return [] if row.wall is None else [number(s) for s in (row.wall.median_s, row.wall.least_s, row.wall.greatest_s)]
