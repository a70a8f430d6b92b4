"""Strategies x interpreters at one glance: what each brought, and whether it was parallel. One for all formats.

A row is a strategy with its workers, a column an interpreter. A field says how many times as fast as sequential work
*under the same interpreter* the cell was, and how many cores it kept busy. So that columns can be compared as well, the
sequential row has absolute seconds, and how many times as fast they are as under a reference interpreter.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from gil_lab.analysis.across_interpreters import Across
from gil_lab.analysis.estimates import Estimate
from gil_lab.analysis.summaries import Summary
from gil_lab.analysis.verdicts import Verdict
from gil_lab.model.cell_names import cell_name
from gil_lab.model.frozen import frozen
from gil_lab.model.language import gettext, gettext_noop, listed
from gil_lab.model.records import Cell, Status
from gil_lab.model.text import number
from gil_lab.report.tables.results import by_workload, mark, several_pythons, tenth, threshold
from gil_lab.report.tables.table import Column, Row, Table, signs

PARALLEL = "||"
"""Before the cores busy of a parallel cell: can be read without colour, and in ASCII."""
GIL = {True: gettext_noop("on"), False: gettext_noop("off"), None: ""}
COMPARED = gettext_noop("times as fast as sequential under the same Python")
UNCOMPARED = gettext_noop("seconds of one pass")
CORES, AS_FAST, AS_UNDER = gettext_noop("cores busy"), gettext_noop("times as fast"), gettext_noop("as under")


@frozen
class Matrix:
    """The cells of one kind of work by what they are called and by interpreter; some may be missing."""

    pythons: tuple[str, ...]
    rows: Mapping[str, Mapping[str, Summary]]
    references: Mapping[Cell, Across]
    """Of each cell of sequential work: how many times as fast as under the reference that tells most."""

    @classmethod
    def of(cls, group: Sequence[Summary], across: Sequence[Across] = ()) -> "Matrix":
        rows: dict[str, dict[str, Summary]] = {}
        for summary in group:
            rows.setdefault(cell_name(summary.cell), {})[summary.cell.interpreter] = summary
        # A variant is one of something: of what it was never meant for, the table and the sentences tell.
        rows = {name: row for name, row in rows.items() if not all(map(_left_out, row.values()))}
        baselines = {summary.cell for summary in group if summary.is_baseline}
        references: dict[Cell, Across] = {}
        for one in across:
            if one.cell in baselines:
                references.setdefault(one.cell, one)
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
        return gettext(COMPARED if self.compared else UNCOMPARED)

    def gil(self, python: str) -> str:
        """Whether it had a GIL after the work; empty if that is unknown, or if it depends on the cell."""
        found = {gil.after_work for row in self.rows.values() if python in row and (gil := row[python].gil)}
        return gettext(GIL[found.pop()]) if len(found) == 1 else ""

    def table(self, marks: Mapping[str, str] | None = None) -> Table:
        """`marks` are the letters of its rows on the map."""
        rows = [Row(["GIL", *map(self.gil, self.pythons)], continued=True)]
        letters = [""]
        for name, row in self.rows.items():
            first, *others = self._rows(name, row)
            rows += [first, *(replace(one, continued=True) for one in others if any(one.texts[1:]))]
            letters += [(marks or {}).get(name, ""), *[""] * (len(rows) - len(letters) - 1)]
        if marks:
            named = zip(rows, letters, strict=True)
            rows = [replace(row, texts=[f"{letter:2}{row.texts[0]}", *row.texts[1:]]) for row, letter in named]
        pythons = [Column(tuple(heading(python)), str, full=python) for python in self.pythons]
        columns = [Column(("",), str, right=False, naming=True), *pythons]
        title = gettext("{numbers}, and cores busy").format(numbers=f"{self.what[0].upper()}{self.what[1:]}")
        known = threshold(one for row in self.rows.values() for one in row.values())
        notes = [*signs([Table("", columns, rows, threshold=known)]), *self.reasons()]
        return Table(title, columns, rows, notes, sortable=False, apart=2, in_blocks=True)

    def _rows(self, name: str, row: Mapping[str, Summary]) -> Iterator[Row]:
        def line(called: str, text: Callable[[Summary], str]) -> Row:
            return Row([called, *(text(row[python]) if python in row else "" for python in self.pythons)])

        baseline = any(one.is_baseline for one in row.values())
        if baseline or not self.compared:
            yield line(f"{name}, s", in_seconds)
        else:
            yield line(name, speedup)
        if baseline:
            found = [self.references.get(row[python].cell) if python in row else None for python in self.pythons]
            yield Row([gettext(AS_FAST), *(times(one.estimate) if one else "" for one in found)])
            yield Row([gettext(AS_UNDER), *(one.reference if one else "" for one in found)])
        else:
            yield line(gettext(CORES), cores)
        yield line(gettext("delay p50, ms"), lambda one: _number(one.delays.median_s if one.delays else None, 1e3))
        yield line(gettext("delay p99, ms"), lambda one: _number(one.delays.p99_s if one.delays else None, 1e3))
        yield line(gettext("per worker, ms"), lambda one: _number(one.marginal_cost.start_up_s, 1e3))
        yield line(gettext("per worker, MB"), lambda one: _number(one.marginal_cost.memory_bytes, 1e-6))

    def reasons(self) -> list[str]:
        """Why fields have no numbers, each reason once, with the strategies and interpreters that have it."""
        pythons: dict[tuple[str, str], list[str]] = {}
        for name, row in self.rows.items():
            for python, one in row.items():
                if one.wall_s is None:
                    reason = f"{one.status}: {one.detail}" if one.detail else str(one.status)
                    pythons.setdefault((name, reason), []).append(python)
        names: dict[tuple[str, str], list[str]] = {}
        for (name, reason), where in pythons.items():
            names.setdefault((listed(where), reason), []).append(name)
        text = gettext("{name} under {pythons}")
        return [
            f"{text.format(name=', '.join(alike), pythons=where)}: {reason}" for (where, reason), alike in names.items()
        ]


def matrices(summaries: Sequence[Summary], across: Sequence[Across] = ()) -> list[tuple[list[Summary], Matrix | None]]:
    """The cells of each kind of work and their matrix, if several interpreters ran it."""
    groups = by_workload(summaries)
    return [(group, Matrix.of(group, across) if several_pythons(group) else None) for group in groups]


def heading(python: str) -> list[str]:
    """`3.14` above `+switch=0.5ms`."""
    name, *settings = python.split("+")
    return [name, *(f"+{setting}" for setting in settings)]


def in_seconds(summary: Summary) -> str:
    return str(summary.status) if summary.wall_s is None else number(summary.wall_s) + _star(summary)


def speedup(summary: Summary) -> str:
    """Against sequential work; seconds where that is not to be had, and the status where nothing is."""
    if summary.wall_s is None:
        return str(summary.status)
    if summary.speedup is None:
        return f"{number(summary.wall_s)} s{_star(summary)}"
    return times(summary.speedup) + _star(summary)


def times(estimate: Estimate) -> str:
    """`~1.02` where no difference is seen."""
    return f"{mark(estimate)}{number(estimate.value)}"


def cores(summary: Summary) -> str:
    parallel = summary.verdict in (Verdict.PARALLEL, Verdict.ACROSS_MACHINES)
    return f"{PARALLEL * parallel}{tenth(summary.cores_busy)}"


def _left_out(summary: Summary) -> bool:
    return bool(summary.cell.variant) and summary.status is Status.SKIPPED


def _star(summary: Summary) -> str:
    return "*" * summary.flagged


def _number(value: float | None, factor: float) -> str:
    return "" if value is None else number(factor * value)
