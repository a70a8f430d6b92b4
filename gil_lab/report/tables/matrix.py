"""Strategies x interpreters at one glance: what each brought, and whether it was parallel. One for all formats.

A row is a strategy with its workers, a column an interpreter. A field says how many times as fast as sequential work
*under the same interpreter* the cell was, and how many cores it kept busy. So that columns can be compared as well, the
sequential row has absolute seconds, and how many times as fast they are as under a reference interpreter.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gil_lab.analysis.across_interpreters import Across
from gil_lab.analysis.estimates import Estimate
from gil_lab.analysis.summaries import Summary, Verdict
from gil_lab.model.cell_names import cell_name
from gil_lab.model.records import Status
from gil_lab.model.text import number
from gil_lab.report.tables.results import by_workload, doubtful, several_pythons, tenth

PARALLEL = "||"
"""Before the cores busy of a parallel cell: can be read without colour, and in ASCII."""
LEGEND = {
    PARALLEL: f"{PARALLEL} parallel",
    "~": "~ no difference seen: the 95 % interval holds 1",
    "*": "* every round is doubtful (see its flags)",
}
GIL = {True: "on", False: "off", None: ""}
COMPARED, UNCOMPARED = "times as fast as sequential under the same Python", "seconds of one pass"
CORES, AS_FAST, AS_UNDER = "cores busy", "times as fast", "as under"


@dataclass(frozen=True, slots=True)
class Line:
    """One text for each interpreter."""

    name: str
    texts: tuple[str, ...]
    row: str = ""
    """What the row is called that begins here; empty for its further lines."""

    @property
    def first(self) -> bool:
        return bool(self.row)


@dataclass(frozen=True)
class Matrix:
    """The cells of one kind of work by what they are called and by interpreter; some may be missing."""

    pythons: tuple[str, ...]
    rows: Mapping[str, Mapping[str, Summary]]
    references: Mapping[str, Across]
    """Of sequential work, by interpreter: how many times as fast as under the reference that tells most."""

    @classmethod
    def of(cls, group: Sequence[Summary], across: Sequence[Across] = ()) -> "Matrix":
        rows: dict[str, dict[str, Summary]] = {}
        for summary in group:
            rows.setdefault(cell_name(summary.cell), {})[summary.cell.interpreter] = summary
        # A variant is one of something: of what it was never meant for, the table and the sentences tell.
        rows = {name: row for name, row in rows.items() if not all(map(_left_out, row.values()))}
        baselines = {summary.cell for summary in group if summary.is_baseline}
        references: dict[str, Across] = {}
        for one in across:
            if one.cell in baselines:
                references.setdefault(one.cell.interpreter, one)
        return cls(tuple(dict.fromkeys(summary.cell.interpreter for summary in group)), rows, references)

    @property
    def compared(self) -> bool:
        """Whether there are speed-ups."""
        return any(
            one.speedup is not None and not one.is_baseline for row in self.rows.values() for one in row.values()
        )

    @property
    def what(self) -> str:
        """What the first line of a row holds, in words."""
        return COMPARED if self.compared else UNCOMPARED

    def gil(self, python: str) -> str:
        """Whether it had a GIL after the work; empty if nobody knows, or if it depends on the cell."""
        found = {row[python].gil for row in self.rows.values() if python in row} - {None}
        return GIL[found.pop()] if len(found) == 1 else ""

    def lines(self) -> list[Line]:
        """All that there is to be shown, without lines that would be empty."""
        lines = [Line("GIL", tuple(map(self.gil, self.pythons)))]
        for name, row in self.rows.items():
            lines += self._row(name, row)
        return [line for line in lines if line.first or any(line.texts)]

    def _row(self, name: str, row: Mapping[str, Summary]) -> Iterator[Line]:
        def line(called: str, text: Callable[[Summary], str], begins: str = "") -> Line:
            return Line(called, tuple(text(row[python]) if python in row else "" for python in self.pythons), begins)

        baseline = any(one.is_baseline for one in row.values())
        if baseline or not self.compared:
            yield line(f"{name}, s", in_seconds, name)
        else:
            yield line(name, speedup, name)
        if baseline:
            found = [self.references.get(python) for python in self.pythons]
            yield Line(AS_FAST, tuple(times(one.estimate) if one else "" for one in found))
            yield Line(AS_UNDER, tuple(one.reference if one else "" for one in found))
        else:
            yield line(CORES, cores)
        yield line("delay p50, ms", lambda one: _number(one.delay_s, 1e3))
        yield line("delay p99, ms", lambda one: _number(one.delay_p99_s, 1e3))
        yield line("further worker, ms", lambda one: _number(one.further_worker_s, 1e3))
        yield line("further worker, MB", lambda one: _number(one.further_worker_bytes, 1e-6))

    def fields(self) -> list[list[str]]:
        """As lines, with their names in front: where there is one text a field and nothing can be indented."""
        return [[line.name, *line.texts] for line in self.lines()]

    def reasons(self) -> list[str]:
        """Why fields have no numbers; those of one strategy with one reason together."""
        where: dict[tuple[str, str], list[str]] = {}
        for name, row in self.rows.items():
            for python, one in row.items():
                if one.wall_s is None:
                    told = f"{one.status}: {one.detail}" if one.detail else str(one.status)
                    where.setdefault((name, told), []).append(python)
        return [f"{name} under {', '.join(pythons)}: {told}" for (name, told), pythons in where.items()]

    def signs(self) -> list[str]:
        """What the signs mean; only those that occur."""
        texts = [text for line in self.lines() if line.name != AS_UNDER for text in line.texts]
        return [meaning for sign, meaning in LEGEND.items() if any(sign in text for text in texts)]


def matrices(summaries: Sequence[Summary], across: Sequence[Across] = ()) -> list[tuple[list[Summary], Matrix | None]]:
    """The cells of each kind of work and their matrix, if several interpreters ran it."""
    groups = by_workload(summaries)
    return [(group, Matrix.of(group, across) if several_pythons(group) else None) for group in groups]


def in_seconds(summary: Summary) -> str:
    return str(summary.status) if summary.wall_s is None else number(summary.wall_s) + _star(summary)


def speedup(summary: Summary) -> str:
    """Against sequential work; seconds where that is not to be had, and the status where nothing is."""
    if summary.wall_s is None:
        return str(summary.status)
    if summary.against_sequential is None:
        return f"{number(summary.wall_s)} s{_star(summary)}"
    return times(summary.against_sequential) + _star(summary)


def times(estimate: Estimate) -> str:
    """`~1.02` where no difference is seen."""
    return f"{'~' if estimate.shows_a_difference is False else ''}{number(estimate.value)}"


def cores(summary: Summary) -> str:
    return f"{PARALLEL if summary.verdict is Verdict.PARALLEL else ''}{tenth(summary.cores_busy)}"


def _left_out(summary: Summary) -> bool:
    return bool(summary.cell.variant) and summary.status is Status.SKIPPED


def _star(summary: Summary) -> str:
    return "*" * doubtful(summary)


def _number(value: float | None, factor: float) -> str:
    return "" if value is None else number(factor * value)


def split(widths: Sequence[float], room: float) -> list[range]:
    """Columns of these widths in blocks that fit into `room`, at least one in each: as few and as even as can be."""
    least = _greedy(widths, room)
    even = -(-len(widths) // len(least))
    blocks = [range(first, min(first + even, len(widths))) for first in range(0, len(widths), even)]
    return blocks if all(sum(widths[at] for at in block) <= room for block in blocks) else least


def _greedy(widths: Iterable[float], room: float) -> list[range]:
    blocks, taken = [range(0)], 0.0
    for at, width in enumerate(widths):
        fits = not blocks[-1] or taken + width <= room
        blocks = [*blocks[:-1], range(blocks[-1].start, at + 1)] if fits else [*blocks, range(at, at + 1)]
        taken = taken + width if fits else width
    return blocks
