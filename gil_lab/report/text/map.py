"""The map as text: tasks in flight against cores busy, one letter a cell, for terminals and pipes of any width."""

import math
import string
from collections.abc import Hashable, Iterable, Sequence

from gil_lab.analysis.summaries import Summary
from gil_lab.analysis.verdicts import HALF_A_CORE, MANY_IN_FLIGHT, MORE_THAN_A_CORE, Verdict
from gil_lab.model.cell_names import cell_name
from gil_lab.model.frozen import frozen
from gil_lab.report.tables.results import several_pythons

CEILING, FLOOR, HEIGHT = 5, 9, 13
"""Rows from the top: of the line above which work is parallel, of the one below which it waits, and all of them."""
MARGIN = 5
"""Columns of the numbers at the left."""
NARROWEST, WIDEST = 40, 90
NEAR = 4
"""Columns up to which marks of one letter are one."""
LEAST_IN_FLIGHT = 0.7
LETTERS = string.ascii_lowercase + string.ascii_uppercase


@frozen
class Signs:
    """What the regions are drawn with."""

    row: str = "─"
    column: str = "│"
    top: str = "┬"
    left: str = "├"
    dot: str = "·"


UNICODE, ASCII = Signs(), Signs("-", "|", "+", "+", ".")


@frozen
class MapScale:
    """From tasks in flight and cores busy to columns and rows.

    Columns are logarithmic. Each region has rows of its own, so that no mark stands on a line between two: a straight
    scale would leave a machine of 64 cores one row for all that is not parallel.
    """

    columns: int
    most_in_flight: float
    most_busy: float

    @property
    def wall(self) -> int:
        """The column between one at a time and several."""
        return self.column(MANY_IN_FLIGHT)

    def column(self, in_flight: float) -> int:
        return _between(0, self.columns - 1, _log_share(LEAST_IN_FLIGHT, in_flight, self.most_in_flight))

    def side(self, in_flight: float, busy: float) -> range:
        """The columns in which a mark lies in its own region, and not on the wall."""
        if busy > MORE_THAN_A_CORE:
            return range(self.columns)
        return range(self.wall) if in_flight < MANY_IN_FLIGHT else range(self.wall + 1, self.columns)

    def row(self, busy: float) -> int:
        """Counted from the top."""
        if busy > MORE_THAN_A_CORE:
            return _between(CEILING - 1, 0, _log_share(MORE_THAN_A_CORE, busy, self.most_busy))
        if busy >= HALF_A_CORE:
            return _between(FLOOR - 1, CEILING + 1, (busy - HALF_A_CORE) / (MORE_THAN_A_CORE - HALF_A_CORE))
        return _between(HEIGHT - 1, FLOOR + 1, busy / HALF_A_CORE)


def _log_share(least: float, value: float, most: float) -> float:
    return math.log(max(1, value / least)) / math.log(most / least)


def _between(first: int, last: int, share: float) -> int:
    return round(first + (last - first) * min(1, share))


def letters(summaries: Sequence[Summary]) -> dict[str, list[Summary]]:
    """The cells that have a place on the map, by the letter that marks them; those beyond 52 have none.

    Each has its own letter. Where there are several interpreters, they share that of their strategy and workers: one
    for each cell would be an alphabet, and what is to be seen is where a strategy goes from one Python to the next.
    """
    placed = [summary for summary in summaries if summary.in_flight is not None and summary.cores_busy is not None]
    alike: dict[Hashable, list[Summary]] = {}
    several = several_pythons(placed)
    for place, summary in enumerate(placed):
        alike.setdefault(cell_name(summary.cell) if several else place, []).append(summary)
    return dict(zip(LETTERS, alike.values(), strict=False))


def text_map(
    summaries: Sequence[Summary], cores: int | None, width: int = 80, *, ascii_only: bool = False
) -> list[str]:
    """Lines of at most `width` columns (40 at least): the regions with their names, and a letter for each cell.

    Empty if no cell has numbers yet. The letters are those of `letters`; one that several cells share stands once where
    they lie together.
    """
    marks = {
        letter: [(one.in_flight or 0.0, one.cores_busy or 0.0) for one in alike]
        for letter, alike in letters(summaries).items()
    }
    if not marks:
        return []
    points = [point for alike in marks.values() for point in alike]
    most_in_flight, most_busy = (max(values) for values in zip(*points, strict=True))
    columns = min(max(width, NARROWEST), WIDEST) - MARGIN
    scale = MapScale(columns, max(8, 1.2 * most_in_flight), 1.1 * max(2, cores or 0, most_busy))
    signs = ASCII if ascii_only else UNICODE
    grid = _boundaries(scale, cores, signs)
    for letter, alike in marks.items():
        for point in alike:
            _mark(grid[scale.row(point[1])], letter, scale.column(point[0]), scale.side(*point))
    _name_regions(grid, scale)
    if cores is not None:
        _write(grid, [scale.row(cores)], range(columns, 0, -1), f" {cores} core{'s' * (cores != 1)} ")
    ticks = {scale.row(value): str(value) for value in (0, 1, *_powers(scale.most_busy))}
    name = " tasks in flight"
    return [
        "cores busy",
        *(f"{ticks.get(row, ''):>{MARGIN - 2}}  {''.join(line)}".rstrip() for row, line in enumerate(grid)),
        " " * MARGIN + signs.row * (columns - len(name)) + name,
        _ticks(scale),
    ]


def _mark(line: list[str], letter: str, wanted: int, side: range) -> None:
    """Put the letter where it is wanted or, side by side with others, as near as can be; not twice in one place."""
    if any(line[at] == letter for at in side if abs(at - wanted) <= NEAR):
        return
    free = [at for at in side if line[at] not in LETTERS]
    line[min(free or side, key=lambda at: abs(at - wanted))] = letter


def _powers(most: float) -> Iterable[int]:
    return (2**exponent for exponent in range(1, 20) if 2**exponent <= most)


def _boundaries(scale: MapScale, cores: int | None, signs: Signs) -> list[list[str]]:
    grid = [[" "] * scale.columns for _ in range(HEIGHT)]
    wall = scale.wall
    if cores is not None and cores > MORE_THAN_A_CORE:
        grid[scale.row(cores)][1::2] = signs.dot * (scale.columns // 2)
    for line in grid[CEILING + 1 :]:
        line[wall] = signs.column
    grid[CEILING] = [*signs.row * wall, signs.top, *signs.row * (scale.columns - wall - 1)]
    grid[FLOOR][wall:] = [signs.left, *signs.row * (scale.columns - wall - 1)]
    return grid


def _name_regions(grid: list[list[str]], scale: MapScale) -> None:
    right = range(scale.wall + 2, scale.columns)
    _write(grid, range(CEILING), range(scale.columns), Verdict.PARALLEL)
    _write(grid, range(HEIGHT - 1, CEILING, -1), range(scale.wall), Verdict.ONE_AT_A_TIME)
    _write(grid, range(FLOOR - 1, CEILING, -1), right, Verdict.CONCURRENT)
    _write(grid, range(HEIGHT - 1, FLOOR, -1), right, Verdict.WAITING)


def _write(grid: list[list[str]], rows: Iterable[int], columns: range, text: str) -> None:
    """Put the text where it first fits without covering a mark; nowhere if it does not."""
    last = columns[-1] + 1 if columns.step > 0 else columns[0]
    for row in rows:
        for column in columns:
            place = grid[row][column : column + len(text)]
            if column + len(text) <= last and not any(sign in LETTERS for sign in place):
                grid[row][column : column + len(text)] = text
                return


def _ticks(scale: MapScale) -> str:
    line = " " * MARGIN
    for value in (1, *_powers(scale.most_in_flight)):
        if scale.column(value) + len(str(value)) <= scale.columns:
            line = f"{line.ljust(MARGIN + scale.column(value))}{value}"
    return line
