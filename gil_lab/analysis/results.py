"""The results of a session: its rows, and what is computed from them when it is asked for."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from gil_lab.analysis.across_interpreters import Across, across
from gil_lab.analysis.contrasts import Contrasts, TimedTurn
from gil_lab.analysis.core_series import CoreSeries
from gil_lab.analysis.core_use import CoreUse, core_use
from gil_lab.analysis.distinctions import THRESHOLD
from gil_lab.analysis.gil_timelines import GilTimeline
from gil_lab.analysis.heartbeats import Beats
from gil_lab.analysis.hosts import HostUse, hosts_by_cell
from gil_lab.analysis.observations import Observed, observed
from gil_lab.analysis.polls import Offered, Poll, is_offered, polls
from gil_lab.analysis.scaling import Scaling, scalings
from gil_lab.analysis.summaries import Summary, summaries
from gil_lab.analysis.timelines import Timeline
from gil_lab.analysis.trials import flagged
from gil_lab.analysis.verdicts import GilUse
from gil_lab.analysis.warm_up import WarmUp
from gil_lab.interpreters.names import cluster_in
from gil_lab.model.errors import UsageError
from gil_lab.model.records import CHUNK_SEPARATOR, COUNTED_FLAGS, Cell, counted
from gil_lab.model.shares import check_share, is_share
from gil_lab.model.text import one_line
from gil_lab.sessions import calibrations, reader
from gil_lab.sessions.calibrations import Calibration, MachineIdentity
from gil_lab.sessions.csv_table import columns
from gil_lab.sessions.files import write_whole
from gil_lab.sessions.order import OfCell, ordered
from gil_lab.sessions.predictions import read_answers
from gil_lab.sessions.rows import (
    BeatRow,
    CoreRow,
    GilRow,
    HoldRow,
    ObservationRow,
    PassRow,
    SampleRow,
    TaskRow,
    TrialRow,
    TurnRow,
)
from gil_lab.sessions.same_session import of_this_session, passes_agree, times_agree, turns_agree
from gil_lab.suite.catalogue import Catalogue
from gil_lab.suite.strategies import BASELINE

MAX_CELLS = 1000
"""That are reported: a session of the lab's own has fewer."""
NOTED = ("tasks.csv", "holds.csv", "beats.csv", "samples.csv", "cores.csv")
"""The files of what was noted during passes."""


@dataclass(frozen=True)
class SessionResults:
    """One row a cell, in the order in which the experiment names them: data only."""

    session: reader.Session
    rows: tuple[Summary, ...]
    threshold: float = THRESHOLD
    """Smaller differences between cells do not matter, as a share of their wall times."""
    contrasts: Contrasts | None = field(default=None, repr=False, compare=False)
    """The ratios of its cells, from their turns; None in a session of an older gil-lab."""

    @classmethod
    def read(cls, folder: Path | str, threshold: float | None = None) -> Self:
        """The session in `folder`, or the newest below it. Raises StoreError if there is none.

        Differences below `threshold` do not matter: 0.02 is 2 %; None is what the session was measured with. Of more
        than `MAX_CELLS` cells the first ones, with a note.
        """
        if threshold is not None:
            check_share("threshold", threshold)
        session = reader.read(reader.newest(Path(folder)))
        least = threshold_in(session) if threshold is None else threshold
        contrasts = contrasts_in(session)
        found = ordered(summaries_of(session, least, contrasts), session)
        if len(found) > MAX_CELLS:
            session.notes.append(f"{len(found)} cells were measured, of which the first {MAX_CELLS} are reported")
        return cls(session, tuple(found[:MAX_CELLS]), least, contrasts)

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
        return across(self.trials, [row.cell for row in self.rows], self.contrasts, self.threshold)

    @cached_property
    def scalings(self) -> list[Scaling]:
        """What the laws of scaling say of each strategy in `rows` that has several numbers of workers."""
        return scalings(self.rows, self.usable_cores, self.session.core_kinds)

    @cached_property
    def core_use(self) -> list[CoreUse]:
        """One row a cell and core: how busy it was during the timed passes, in per cent."""
        return core_use(self.trials, self._cores)

    @cached_property
    def timelines(self) -> list[Timeline]:
        """Who ran which task when: the traced pass of the typical trial of each cell in `rows`."""
        from gil_lab.analysis.timelines import timelines

        tasks: list[TaskRow] = self._noted("tasks.csv")
        return self._in_order(timelines(self.trials, self.passes, tasks))

    @cached_property
    def gils(self) -> list[GilRow]:
        """What was seen of each GIL in each traced pass, a row each; none in sessions of an older gil-lab."""
        name = "gils.csv"
        return reader.read_rows(self.session, name) if reader.has(self.session, name) else []

    @cached_property
    def gil_timelines(self) -> list[GilTimeline]:
        """Who held the GIL when: the same passes, of the cells whose GIL was seen; none in sessions of an older
        gil-lab.
        """
        from gil_lab.analysis.gil_timelines import gil_timelines

        name = "holds.csv"
        holds: list[HoldRow] = self._noted(name) if reader.has(self.session, name) else []
        return self._in_order(gil_timelines(self.trials, holds, self.timelines, self.gils))

    @cached_property
    def core_series(self) -> list[CoreSeries]:
        """How busy each core was over the timed passes of the typical trial of each cell in `rows`."""
        from gil_lab.analysis.core_series import core_series

        samples: list[SampleRow] = self._noted("samples.csv")
        return self._in_order(core_series(self.trials, self.passes, samples, self._cores))

    @cached_property
    def beats(self) -> list[Beats]:
        """How late the beats of a heartbeat were taken beside each cell in `rows` that had one."""
        from gil_lab.analysis.heartbeats import beats_by_cell

        if not any(row.numbers and row.numbers.beats for row in self.trials):
            return []  # the file has nothing but its header
        beats: list[BeatRow] = self._noted("beats.csv")
        return self._in_order(beats_by_cell(self.trials, beats))

    @cached_property
    def warm_ups(self) -> list[WarmUp]:
        """How long the first passes of each cell in `rows` took against its later ones."""
        from gil_lab.analysis.warm_up import warm_ups

        return self._in_order(warm_ups(self.trials, self.passes))

    @cached_property
    def observations(self) -> list[ObservationRow]:
        """What workloads reported beside their answers, a row each; none in sessions of an older gil-lab."""
        return observations_in(self.session)

    @cached_property
    def observed(self) -> list[Observed]:
        """The same, cell by cell: medians over the rounds, or words."""
        found = observed(self.trials, self.observations)
        places = {row.cell: place for place, row in enumerate(self.rows)}
        return sorted((one for one in found if one.cell in places), key=lambda one: places[one.cell])

    @property
    def offered(self) -> Offered:
        """The answers to the questions of its experiment, as far as they are known here."""
        return {}

    @cached_property
    def polls(self) -> list[Poll]:
        """How many people gave each answer to those that were answered, before they saw these results."""
        rows = read_answers(self.folder, self.session.experiment, self.session.notes)
        if unknown := [row.answer for row in rows if not is_offered(row, self.offered.get(row.question, ()))]:
            kept = one_line(unknown[0], 40)
            self.session.notes.append(f"{len(unknown)} answer(s) that the question does not have left out ({kept})")
        return polls(rows, self.offered)

    @cached_property
    def calibrations(self) -> list[Calibration]:
        """Those of its machine beside the results that are recent from where it stands; what is wrong is a note."""
        began = calibrations.utc_time(self.session.began_utc)
        machine = MachineIdentity.of(self.session.about.get("machine"))
        if began is None or machine is None:
            return []
        kept = calibrations.read(self.folder.absolute().parent.parent)
        if kept.note:
            self.session.notes.append(kept.note)
        return kept.of(machine, began)

    def check_tables(self) -> None:
        """Note which tables are of another session or cannot be read, also those of which nothing is shown."""
        for name in NOTED:
            if reader.has(self.session, name):
                self._noted(name)
        list(self.polls)  # what people have handed in, maybe edited by hand

    @cached_property
    def _cores(self) -> list[CoreRow]:
        return self._noted("cores.csv")

    @cached_property
    def _tables(self) -> dict[str, list[Any]]:
        """By name, those of `NOTED` that have been read."""
        return {}

    @cached_property
    def passes(self) -> list[PassRow]:
        """One row a pass of every trial: warm-up, timed, traced."""
        name = "passes.csv"
        rows: list[PassRow] = reader.read_rows(self.session, name)
        return of_this_session(name, rows, passes_agree(self.trials), self.session.notes)

    def _noted(self, name: str) -> list[Any]:
        """The rows of a file of what was noted during passes; none, with a note, if it is of another session."""
        if name not in self._tables:
            rows = reader.read_rows(self.session, name)
            own = of_this_session(name, rows, times_agree(self.passes), self.session.notes) if rows else rows
            self._tables[name] = own
        return self._tables[name]

    def _in_order(self, made: Iterable[OfCell]) -> list[OfCell]:
        by_cell = {one.cell: one for one in made}
        return [by_cell[row.cell] for row in self.rows if row.cell in by_cell]

    def where(self, **fields: object) -> Self:
        """Only the cells with these fields: `results.where(strategy="threading", workers=4)`.

        Raises UsageError for a name that is not a field of a cell.
        """
        if unknown := set(fields) - set(columns(Cell)):
            raise UsageError(f"a cell has no field {min(unknown)!r}; it has {', '.join(columns(Cell))}")
        kept = [row for row in self.rows if all(getattr(row.cell, name) == value for name, value in fields.items())]
        return replace(self, rows=tuple(kept))

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


def summaries_of(session: reader.Session, threshold: float, contrasts: Contrasts | None) -> list[Summary]:
    """One a cell, in the order of first trials."""
    return summaries(
        session.trials,
        reference_in(session),
        contrasts,
        threshold,
        session.cores,
        gil_use_of(Catalogue()),
        session.core_kinds,
        hosts_in(session),
    )


def hosts_in(session: reader.Session) -> dict[Cell, tuple[HostUse, ...]]:
    """Those of the running clusters that its cells used."""
    if not any(cluster_in(row.cell.interpreter) for row in session.trials):
        return {}
    return hosts_by_cell(observed(session.trials, observations_in(session)))


def observations_in(session: reader.Session) -> list[ObservationRow]:
    """A row each; none in sessions of an older gil-lab."""
    name = "observations.csv"
    return reader.read_rows(session, name) if reader.has(session, name) else []


def gil_use_of(catalogue: Catalogue) -> Callable[[Cell], GilUse]:
    """What a GIL means for the workers of a cell; of a user's own strategy or workload, as little as can be known."""
    strategies, workloads = frozenset(catalogue.strategy_names()), frozenset(catalogue.workload_names())

    def gil_use(cell: Cell) -> GilUse:
        plain = cell.strategy.partition(CHUNK_SEPARATOR)[0]
        if plain not in strategies:
            return GilUse.SHARED
        strategy = catalogue.strategy(plain)
        if not strategy.shares_gil:
            return GilUse.NONE
        pure = cell.work in workloads and catalogue.workload(cell.work).releases_gil is False
        return GilUse.HELD if pure and strategy.runs_plain_python else GilUse.SHARED

    return gil_use


def contrasts_in(session: reader.Session) -> Contrasts | None:
    """Of the turns of its trials that have numbers. None in a session of an older gil-lab, which had no turns."""
    name = "turns.csv"
    if not reader.has(session, name):
        session.lacks_turns()
        return None
    rows = {row.trial: row for row in session.trials if row.numbers is not None}
    read: list[TurnRow] = reader.read_rows(session, name)
    turns = of_this_session(name, read, turns_agree(session.trials), session.notes)
    if read and not turns:
        return None
    return Contrasts(
        TimedTurn(
            rows[turn.trial].cell,
            turn.turn.generation,
            turn.turn.round,
            turn.wall_s,
            flagged=flagged(rows[turn.trial]) or not COUNTED_FLAGS.isdisjoint(turn.flags),
        )
        for turn in counted(turns)
        if turn.trial in rows
    )


def threshold_in(session: reader.Session) -> float:
    """From where on differences matter, as the session noted it."""
    options = session.about.get("options")
    noted = options.get("threshold") if isinstance(options, dict) else None
    return float(noted) if isinstance(noted, int | float) and is_share(noted) else THRESHOLD


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
