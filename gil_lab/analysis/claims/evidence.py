"""What a session says about its cells, for claims to be held against: numbers with intervals, or why there are none."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from gil_lab.analysis.claims.judgement import InconclusiveError
from gil_lab.analysis.claims.quantity import RATIO, SINGLE_ROUND, TOO_FEW, Quantity
from gil_lab.analysis.claims.wording import ADDED_UNITS, name_of, wording
from gil_lab.analysis.contrasts.turns import ENOUGH_ROUNDS
from gil_lab.analysis.estimates import Estimate, estimate, interval
from gil_lab.analysis.trials import flagged
from gil_lab.model.cell_names import Naming, naming_everywhere
from gil_lab.model.language import gettext
from gil_lab.model.records import Cell
from gil_lab.model.text import one_line
from gil_lab.sessions.csv_table import column_value
from gil_lab.sessions.rows import ObservationRow, TrialRow

if TYPE_CHECKING:
    from gil_lab.analysis.results import SessionResults
    from gil_lab.analysis.summaries import Summary

Numbered = tuple[Cell, str]
"""A number of a cell: a column of trials.csv, or an observation."""
ByRound = Mapping[int, float]


@dataclass(frozen=True)
class Evidence:
    """The results of one session, as a claim asks for them. Whatever is missing raises InconclusiveError."""

    results: "SessionResults"

    @property
    def cores(self) -> int | None:
        """Usable cores of the machine that it was measured on; None if the session does not record it."""
        return self.results.usable_cores

    def needs_cores(self, least: int) -> None:
        """Raises InconclusiveError for a session of a machine with fewer, or an unknown number."""
        if self.cores is None or self.cores < least:
            cores = gettext("an unknown number") if self.cores is None else str(self.cores)
            text = gettext("it takes {least} cores, and the machine has {cores}")
            raise InconclusiveError(text.format(least=least, cores=cores))

    def cells(self, **fields: object) -> list[Cell]:
        """The cells with numbers and these fields: of `Cell`, its `work` and `variant`, or `gil`; a value or several.

        `gil` is its state after the work. Raises InconclusiveError, with what is known of the reason, if there is none.
        """
        gil = fields.pop("gil", None)
        alike = [row for row in self.results.rows if _matches(row.cell, fields)]
        measured = [row for row in alike if row.wall_s is not None]
        found = [row.cell for row in measured if gil is None or (row.gil and row.gil.after_work is gil)]
        if not found:
            raise InconclusiveError(self._why_none(alike, measured, fields, gil))
        return found

    def cell(self, **fields: object) -> Cell:
        """The only such cell. Raises InconclusiveError if there is none, and if there are several."""
        found = self.cells(**fields)
        if len(found) > 1:
            text = gettext("several cells of {fields} were measured; it is about a single one")
            raise InconclusiveError(text.format(fields=_worded(fields)))
        return found[0]

    def pools(self, **fields: object) -> list[Cell]:
        """Those with more than one worker. Raises InconclusiveError if there is none."""
        found = [cell for cell in self.cells(**fields) if cell.workers > 1]
        if not found:
            raise InconclusiveError(gettext("it was measured with a single worker"))
        return found

    def number(self, cell: Cell, name: str) -> Quantity:
        """A column of trials.csv over the rounds: median, and the interval of the mean."""
        by_round = {row.round: column_value(row.numbers, name) for row in self._rounds(cell)}
        values = [float(value) for value in by_round.values() if value is not None]
        if not values:
            text = gettext("{number} of {name} is not known on that system")
            raise InconclusiveError(text.format(number=name_of(name), name=self.called(cell)))
        worded = wording(name)
        found = interval(values).within(0, worded.most)
        return self._quantity(found, cell, f" {gettext(worded.unit)}", worded.factor)

    def ratio(self, cell: Cell, *, to: Cell, number: str = "wall_s", of: str | None = None) -> Quantity:
        """That number of `cell` over that of `to` (`of`, by default the same), paired within rounds."""
        over, under = ((cell, number), (to, of or number))
        if number == (of or number) == "wall_s" and (found := self._wall_ratio(cell, to)):
            text = gettext("fewer than {enough} rounds have no interval: use {remedy}")
            few = text.format(enough=ENOUGH_ROUNDS, remedy=gettext(self._remedy))
            return Quantity(found.value, found.low, found.high, RATIO, self._parts(over, under), 1, self._remedy, few)
        values = [
            {row.round: column_value(row.numbers, name) for row in self._rounds(one)} for one, name in (over, under)
        ]
        return self._ratio(over, under, *values)

    def added(self, cell: Cell, *, to: Cell, number: str) -> Quantity:
        """What each worker beyond those of `to`, a smaller pool, adds to a number; paired within rounds."""
        more, few = ({row.round: column_value(row.numbers, number) for row in self._rounds(one)} for one in (cell, to))
        added = [
            (float(value) - float(below)) / (cell.workers - to.workers)
            for round_, value in more.items()
            if value is not None and (below := few.get(round_)) is not None
        ]
        if not added:
            text = gettext("{number} of {name} and {other} is not known in one round")
            raise InconclusiveError(text.format(number=name_of(number), name=self.called(cell), other=self.called(to)))
        unit, factor = ADDED_UNITS.get(number, (f"({number})", 1))
        a_worker = " " + gettext("{unit} a worker").format(unit=gettext(unit))
        return self._known(interval(added), a_worker, f"{self.called(cell)}:", factor)

    def _wall_ratio(self, cell: Cell, to: Cell) -> Estimate | None:
        """From the turns that both had; None if there are none. Raises InconclusiveError if all are flagged."""
        for one in (cell, to):
            self._rounds(one)
        return self.results.contrasts.ratio(cell, to) if self.results.contrasts else None

    def observed(self, cell: Cell, name: str, *, exact: bool = False) -> Quantity:
        """An observation over the rounds. An exact one that is the same in every round needs no interval."""
        known, unit = self._observed(cell, name, flagged_too=exact), self._unit(cell, name)
        values = list(known.values())
        if exact and len(set(values)) == 1:
            return self._quantity(Estimate(values[0], values[0], values[0]), cell, unit, name=gettext(name))
        return self._quantity(interval(values), cell, unit, name=gettext(name))

    def observed_ratio(self, cell: Cell, name: str, *, to: Cell, of: str | None = None) -> Quantity:
        """An observation of `cell` over one of `to` (`of`, by default the same), paired within rounds."""
        return self._ratio((cell, name), (to, of or name), self._observed(cell, name), self._observed(to, of or name))

    def share(self, cells: Collection[Cell], wanted: "Callable[[Summary], bool | None]", of: str) -> Quantity:
        """Of how many of these cells something is true, and of how many it would be of others like them.

        `wanted` gives None where that is not known; raises InconclusiveError if it is of none.
        """
        from gil_lab.analysis.proportions import proportion

        known = [found for row in self.results.rows if row.cell in cells and (found := wanted(row)) is not None]
        if not known:
            text = gettext("it is known of none of {count} {things}")
            raise InconclusiveError(text.format(count=len(cells), things=gettext(of)))
        part = proportion(sum(known) / len(known), len(known))
        unit = " " + gettext("% of {count} {things}").format(count=len(known), things=gettext(of))
        more = gettext("more {things}, without --quick").format(things=gettext(of))
        return Quantity(part.value, part.low, part.high, unit, "", 100, more, undecided=TOO_FEW)

    def word(self, cell: Cell, name: str) -> str:
        """An observation that is a word. Raises InconclusiveError if it is not the same in every round."""
        found = {one.observation.text for one in self._observations.get((cell, name), {}).values()}
        if len(found) != 1:
            text = gettext("{name} tells {count} different words as {word!r}")
            if not found:
                text = gettext("{name} tells no different words as {word!r}")
            raise InconclusiveError(text.format(name=self.called(cell), count=len(found), word=name))
        return found.pop()

    def called(self, cell: Cell) -> str:
        """What tells it apart from the other cells of the session: as short as can be."""
        return self._naming(cell)

    @cached_property
    def _naming(self) -> Naming:
        return naming_everywhere(row.cell for row in self.results.rows)

    def _rounds(self, cell: Cell) -> list[TrialRow]:
        """The trials of a cell that nothing speaks against."""
        rows = self._measured.get(cell, [])
        if not (sound := [row for row in rows if not flagged(row)]):
            flags = ", ".join(sorted({flag for row in rows for flag in row.flags})) or gettext("not measured")
            text = gettext("too few rounds of {name} are without a flag ({flags}): measure again")
            raise InconclusiveError(text.format(name=self.called(cell), flags=flags))
        return sound

    @cached_property
    def _measured(self) -> dict[Cell, list[TrialRow]]:
        """The trials that have numbers, by cell."""
        found: dict[Cell, list[TrialRow]] = {}
        for row in self.results.trials:
            if row.numbers is not None:
                found.setdefault(row.cell, []).append(row)
        return found

    @cached_property
    def _observations(self) -> dict[tuple[Cell, str], dict[int, ObservationRow]]:
        """By cell and name, then by round."""
        trials = {row.trial: row for row in self.results.trials if row.numbers is not None}
        found: dict[tuple[Cell, str], dict[int, ObservationRow]] = {}
        for one in self.results.observations:
            if (row := trials.get(one.trial)) is not None:
                found.setdefault((row.cell, one.observation.name), {})[row.round] = one
        return found

    def _observed(self, cell: Cell, name: str, *, flagged_too: bool = False) -> dict[int, float]:
        """By round; what is exact does not depend on what others did meanwhile."""
        rounds = None if flagged_too else {row.round for row in self._rounds(cell)}
        known = {
            number: one.observation.value
            for number, one in self._observations.get((cell, name), {}).items()
            if one.observation.value is not None and (rounds is None or number in rounds)
        }
        if not known:
            raise InconclusiveError(gettext("{name} tells no {word!r}").format(name=self.called(cell), word=name))
        return known

    def _unit(self, cell: Cell, name: str) -> str:
        """After a blank; empty where it has none."""
        unit = next((one.observation.unit for one in self._observations.get((cell, name), {}).values()), "")
        return f" {gettext(unit)}".rstrip()

    def _ratio(self, over: Numbered, under: Numbered, above: ByRound, below: ByRound) -> Quantity:
        (cell, _), (to, _) = over, under
        pairs = [(above[number], below[number]) for number in above if number in below]
        if not pairs:
            text = gettext("no round has both {name} and {other}: use {remedy}")
            if self.results.contrasts:
                text = gettext("no generation has both {name} and {other}: use {remedy}")
            remedy = gettext(self._remedy)
            raise InconclusiveError(text.format(name=self.called(cell), other=self.called(to), remedy=remedy))
        if not all(first > 0 and second > 0 for first, second in pairs):
            text = gettext("{ratio} is no ratio: one of them is 0")
            raise InconclusiveError(text.format(ratio=self._parts(over, under)))
        found = estimate([first / second for first, second in pairs])
        return self._known(found, RATIO, self._parts(over, under))

    def _parts(self, over: Numbered, under: Numbered) -> str:
        """What was divided by what; of two cells the number is named once, and not at all if it is the wall time."""
        (cell, name), (to, of) = over, under
        number, other = name_of(name), name_of(of)
        if cell == to:
            return f"{self.called(cell)}: {number} / {other}"
        if name != of:
            text = gettext("{number} of {name} / {other_number} of {other}")
            return text.format(number=number, name=self.called(cell), other_number=other, other=self.called(to))
        known = "" if name == "wall_s" else f"{number}: "
        return f"{known}{self.called(cell)} / {self.called(to)}"

    def _quantity(self, found: Estimate, cell: Cell, unit: str, factor: float = 1.0, name: str = "") -> Quantity:
        called = ": ".join(filter(None, (self.called(cell), name)))
        return self._known(found, unit, f"{called}:" if name else called, factor)

    def _known(self, found: Estimate, unit: str, of: str, factor: float = 1.0) -> Quantity:
        """A number of trials: where they took turns, one from each generation."""
        few = SINGLE_ROUND
        if self.results.contrasts:
            few = gettext("one generation has no interval: use {remedy}").format(remedy=gettext(self._remedy))
        return Quantity(found.value, found.low, found.high, unit, of, factor, self._remedy, few)

    @property
    def _remedy(self) -> str:
        return self.results.session.remedy

    def _why_none(
        self, alike: Sequence["Summary"], measured: Sequence["Summary"], fields: Mapping[str, object], gil: object
    ) -> str:
        """Why there is no such cell: what became of those that were planned, then which Pythons are missing."""
        if alike and not measured:
            return f"{self.called(alike[0].cell)}: {alike[0].status}: {alike[0].detail}"
        missing = self.results.session.about.get("missing")
        reasons = [one_line(str(reason)) for reason in missing.values()] if isinstance(missing, dict) else []
        if measured:
            text = (
                gettext("no cell of {fields} ran with a GIL")
                if gil
                else gettext("no cell of {fields} ran without a GIL")
            )
        else:
            text = gettext("{fields} is not in this session")
            if not self._has_work(fields):  # under no Python, so that none of them is missing for it
                reasons = [gettext("the session was interrupted")] if self.results.session.resumed_with else []
                reasons += [gettext("--quick leaves it out")] if self._is_quick else []
        return "; ".join([text.format(fields=_worded(fields)), *reasons[:1]])

    def _has_work(self, fields: Mapping[str, object]) -> bool:
        work = {name: value for name, value in fields.items() if name in ("workload", "work", "variant")}
        return any(_matches(row.cell, work) for row in self.results.rows)

    @property
    def _is_quick(self) -> bool:
        options = self.results.session.about.get("options")
        return isinstance(options, dict) and options.get("quick") is True


def _matches(cell: Cell, fields: Mapping[str, object]) -> bool:
    return all(getattr(cell, name) in _several(value) for name, value in fields.items())


def _several(value: object) -> Collection[object]:
    return value if isinstance(value, tuple | list | set | frozenset) else (value,)


def _worded(fields: Mapping[str, object]) -> str:
    """`strategy threading, workload primes`."""
    between, none = gettext(" or "), gettext("none")
    known = (
        f"{gettext(name)} {between.join(str(each) or none for each in _several(value))}"
        for name, value in fields.items()
    )
    return ", ".join(known) or gettext("anything")
