"""The results of a session, as notebooks and scripts hold them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from gil_lab.analysis.across_interpreters import Across, across
from gil_lab.analysis.core_series import CoreSeries
from gil_lab.analysis.core_use import CoreUse, core_use
from gil_lab.analysis.heartbeats import Beats
from gil_lab.analysis.observations import Observed, observed
from gil_lab.analysis.summaries import Summary, summaries
from gil_lab.analysis.timelines import Timeline
from gil_lab.analysis.warm_up import WarmUp
from gil_lab.model.errors import GilLabError, UsageError
from gil_lab.model.records import Cell
from gil_lab.sessions import reader
from gil_lab.sessions.csv_table import columns
from gil_lab.sessions.files import write_whole
from gil_lab.sessions.rows import BeatRow, CoreRow, ObservationRow, PassRow, SampleRow, TaskRow, TrialRow
from gil_lab.suite.catalogue import Catalogue
from gil_lab.suite.strategies import BASELINE

if TYPE_CHECKING:
    import pandas as pd

    from gil_lab.report.pictures import Picture


class Celled(Protocol):
    @property
    def cell(self) -> Cell: ...


OfCell = TypeVar("OfCell", bound=Celled)
MOST_CELLS = 1000
"""That are told: a session of the lab's own has less, and nobody reads more."""


@dataclass(frozen=True)
class Results:
    """One row a cell, in the order in which the experiment names them. Shows itself as a table.

    `map()`, `matrix()`, `speedups()`, `timeline()`, `cores()`, `costs()` and `scaling()` are pictures, which notebooks
    draw without any package.
    """

    session: reader.Session
    rows: tuple[Summary, ...]

    @classmethod
    def read(cls, folder: Path | str) -> "Results":
        """The session in `folder`, or the newest below it. Raises StoreError if there is none.

        Of more than `MOST_CELLS` cells the first ones, with a note.
        """
        session = reader.read(reader.newest(Path(folder)))
        found = ordered(summaries(session.trials, reference_in(session)), session)
        if len(found) > MOST_CELLS:
            session.notes.append(f"{len(found)} cells were measured, of which the first {MOST_CELLS} are told")
        return cls(session, tuple(found[:MOST_CELLS]))

    @property
    def folder(self) -> Path:
        """Where the files of the session are."""
        return self.session.path

    @property
    def trials(self) -> list[TrialRow]:
        """One row a trial, whatever its status."""
        return self.session.trials

    @property
    def usable_cores(self) -> int | None:
        """Of the machine it was measured on; None if session.json does not tell."""
        return self.session.cores

    @cached_property
    def across(self) -> list[Across]:
        """How many times as fast each cell in `rows` is as under the reference of its interpreter, if that is there."""
        return across(self.trials, [row.cell for row in self.rows])

    @cached_property
    def core_use(self) -> list[CoreUse]:
        """One row a cell and core: how busy it was during the timed passes, in per cent."""
        return core_use(self.trials, self._cores)

    @cached_property
    def timelines(self) -> list[Timeline]:
        """Who ran which task when: the traced pass of the typical trial of each cell in `rows`."""
        from gil_lab.analysis.timelines import timelines

        tasks: list[TaskRow] = reader.read_rows(self.session, "tasks.csv")
        return self._in_order(timelines(self.trials, self.passes, tasks))

    @cached_property
    def core_series(self) -> list[CoreSeries]:
        """How busy each core was over the timed passes of the typical trial of each cell in `rows`."""
        from gil_lab.analysis.core_series import core_series

        samples: list[SampleRow] = reader.read_rows(self.session, "samples.csv")
        return self._in_order(core_series(self.trials, self.passes, samples, self._cores))

    @cached_property
    def beats(self) -> list[Beats]:
        """How late the beats of a heartbeat were taken beside each cell in `rows` that had one."""
        from gil_lab.analysis.heartbeats import beats_by_cell

        if not any(row.numbers and row.numbers.beats for row in self.trials):
            return []  # the file has nothing but its header
        beats: list[BeatRow] = reader.read_rows(self.session, "beats.csv")
        return self._in_order(beats_by_cell(self.trials, beats))

    @cached_property
    def warm_ups(self) -> list[WarmUp]:
        """How long the first passes of each cell in `rows` took against its later ones."""
        from gil_lab.analysis.warm_up import warm_ups

        return self._in_order(warm_ups(self.trials, self.passes))

    @cached_property
    def observations(self) -> list[ObservationRow]:
        """What workloads told beside their answers, one row an observation; none in sessions of an older gil-lab."""
        name = "observations.csv"
        return reader.read_rows(self.session, name) if reader.has(self.session, name) else []

    @cached_property
    def observed(self) -> list[Observed]:
        """The same, cell by cell: medians over the rounds, or words."""
        found = observed(self.trials, self.observations)
        places = {row.cell: place for place, row in enumerate(self.rows)}
        return sorted((one for one in found if one.cell in places), key=lambda one: places[one.cell])

    @cached_property
    def _cores(self) -> list[CoreRow]:
        return reader.read_rows(self.session, "cores.csv")

    @cached_property
    def passes(self) -> list[PassRow]:
        """One row a pass of every trial: warm-up, timed, traced."""
        return reader.read_rows(self.session, "passes.csv")

    def _in_order(self, made: Iterable[OfCell]) -> list[OfCell]:
        by_cell = {one.cell: one for one in made}
        return [by_cell[row.cell] for row in self.rows if row.cell in by_cell]

    def where(self, **fields: object) -> "Results":
        """Only the cells with these fields: `results.where(strategy="threading", workers=4)`.

        Raises UsageError for a name that is not a field of a cell.
        """
        if unknown := set(fields) - set(columns(Cell)):
            raise UsageError(f"a cell has no field {min(unknown)!r}; it has {', '.join(columns(Cell))}")
        kept = [row for row in self.rows if all(getattr(row.cell, name) == value for name, value in fields.items())]
        return Results(self.session, tuple(kept))

    def to_pandas(self) -> "pd.DataFrame":
        """A data frame with the columns of summary.csv. Raises GilLabError if pandas is not installed."""
        try:
            import pandas as pd
        except ImportError:
            raise GilLabError("pandas is not installed; python -m pip install pandas") from None
        from gil_lab.report.formats import as_dicts

        return pd.DataFrame(as_dicts(self.rows), columns=list(columns(Summary)))

    def map(self) -> "Picture":
        """Tasks in flight against cores busy: which cells are concurrent, and which of them parallel."""
        return self.picture("map")

    def matrix(self) -> "Picture":
        """Strategies x interpreters: what each brought, and how many cores it kept busy."""
        return self.picture("matrix")

    def speedups(self) -> "Picture":
        """How many times faster than sequential, split into compiled and parallel, with intervals."""
        return self.picture("speedups")

    def timeline(self, *strategies: str) -> "Picture":
        """Who ran which task when, in one pass: `results.timeline("threading", "multiprocessing")`; all by default."""
        chosen = tuple(row for row in self.rows if not strategies or row.cell.strategy in strategies)
        there = {row.cell.strategy for row in self.rows}
        if unknown := set(strategies) - there:
            raise UsageError(f"there is no {min(unknown)!r} in these results; there are {', '.join(sorted(there))}")
        return Results(self.session, chosen).picture("timeline")

    def states(self) -> "Picture":
        """What the tasks did with their time: running, ready, blocked."""
        return self.picture("states")

    def cores(self) -> "Picture":
        """How busy each core was over the timed passes."""
        return self.picture("cores")

    def costs(self) -> "Picture":
        """Where the time goes: start-up, compilation, work."""
        return self.picture("costs")

    def delays(self) -> "Picture":
        """How late a heartbeat was beside each cell."""
        return self.picture("delays")

    def warm_up(self) -> "Picture":
        """How long the first passes took against the later ones."""
        return self.picture("warm-up")

    def scaling(self) -> "Picture":
        """Wall time and efficiency over the number of workers."""
        return self.picture("scaling")

    def picture(self, name: str) -> "Picture":
        """The picture of that name. Raises NothingToDrawError, with what to measure, if these results lack its data."""
        from gil_lab.report import pictures

        return pictures.draw(name, self)

    def write(self) -> list[Path]:
        """Write summary.csv and core_use.csv into the session's folder. Raises StoreError."""
        made = [
            (self.folder / "summary.csv", self.rows, Summary),
            (self.folder / "core_use.csv", self.core_use, CoreUse),
        ]
        for path, rows, kind in made:
            write_whole(path, rows, kind)
        return [path for path, _, _ in made]

    def __iter__(self) -> Iterator[Summary]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        from gil_lab.report.terminal import as_text

        return as_text(self.rows, self.across, self.observed).rstrip() if self.rows else "Results of no cell"

    def _repr_html_(self) -> str:
        from gil_lab.report.formats import as_html

        return as_html(self.rows, self.across, self.observed)


def reference_of(catalogue: Catalogue) -> Callable[[str], str]:
    """The sequential counterpart of a strategy, as the catalogue has it."""
    return lambda name: catalogue.strategy(name).reference


def reference_in(session: reader.Session) -> Callable[[str], str]:
    """The sequential counterpart of a strategy, as the session noted it; the lab's own word where it did not."""
    noted, catalogue = session.about.get("references"), Catalogue()
    known = frozenset(catalogue.strategy_names())  # they are files: a session can name thousands of strategies

    def reference(strategy: str) -> str:
        found = noted.get(strategy) if isinstance(noted, dict) else None
        if isinstance(found, str):
            return found
        return catalogue.strategy(strategy).reference if strategy in known else BASELINE

    return reference


def ordered(rows: Iterable[OfCell], session: reader.Session) -> list[OfCell]:
    """In the experiment's order, not in that of the trials, which is random.

    By work, size, variant, strategy, interpreter and workers.
    """
    workloads, strategies, pythons = (_noted(session, name) for name in ("workloads", "references", "interpreters"))

    def place(one: OfCell) -> tuple[int, str, int, int, str, int, int, str, int]:
        cell = one.cell
        work, variant = (workloads.get(name, len(workloads)) for name in (cell.work, cell.workload))
        strategy, python = strategies.get(cell.strategy, len(strategies)), pythons.get(cell.interpreter, len(pythons))
        return work, cell.work, cell.size, variant, cell.workload, strategy, python, cell.interpreter, cell.workers

    return sorted(rows, key=place)


def _noted(session: reader.Session, name: str) -> dict[str, int]:
    """The place of each key of an object, or item of a list, in session.json; of none if it is not there."""
    noted = session.about.get(name)
    keys = noted if isinstance(noted, dict | list) else ()
    return {key: place for place, key in enumerate(keys) if isinstance(key, str)}
