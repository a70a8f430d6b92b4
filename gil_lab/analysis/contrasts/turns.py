"""Turns, and the pairs of them that two cells have in the same rounds."""

import math
from collections.abc import Iterable

from gil_lab.model.frozen import frozen
from gil_lab.model.records import Cell

ENOUGH_ROUNDS = 3
"""Without flagged turns a ratio needs as many rounds; from fewer, flagged or not, there is no interval."""


@frozen
class TimedTurn:
    """What one process measured before the next one had its turn."""

    cell: Cell
    generation: int
    round: int
    """Rounds of different generations are different ones, whatever their numbers."""
    wall_s: float
    """Of one pass; of several, their median. A cell has one turn a round."""
    flagged: bool = False


@frozen
class PairedTurns:
    """Differences of logarithms, one a round, in lists by generation."""

    generations: tuple[tuple[float, ...], ...]
    flagged: bool


@frozen
class TurnsOfCell:
    """Of one cell: logarithms of wall times, by generation and round."""

    logs: dict[int, dict[int, float]]
    flagged: frozenset[tuple[int, int]]

    @property
    def first(self) -> tuple[int, int]:
        generation = min(self.logs)
        return generation, min(self.logs[generation])


def by_cell(turns: Iterable[TimedTurn]) -> dict[Cell, TurnsOfCell]:
    """Cells that had their turns in the same rounds stand near each other, whatever the order of `turns`."""
    logs: dict[Cell, dict[int, dict[int, float]]] = {}
    flagged: dict[Cell, set[tuple[int, int]]] = {}
    for turn in turns:
        logs.setdefault(turn.cell, {}).setdefault(turn.generation, {})[turn.round] = math.log(turn.wall_s)
        flagged.setdefault(turn.cell, set()).update([(turn.generation, turn.round)] if turn.flagged else [])
    cells = {cell: TurnsOfCell(logs[cell], frozenset(flagged[cell])) for cell in logs}
    return dict(sorted(cells.items(), key=lambda item: (item[1].first, repr(item[0]))))


def paired(over: TurnsOfCell, under: TurnsOfCell) -> PairedTurns | None:
    """The rounds that both have; without those that are flagged on either side, if enough remain. None if none."""
    every = _differences(over, under, frozenset())
    flagged = over.flagged | under.flagged
    if not flagged:
        return PairedTurns(every, flagged=False) if every else None
    kept = _differences(over, under, flagged)
    if sum(map(len, kept)) >= ENOUGH_ROUNDS and 2 * len(kept) >= len(every):
        return PairedTurns(kept, flagged=False)
    # the same rounds may be flagged in both countings: then nothing that is used is flagged
    return PairedTurns(every, flagged=kept != every) if every else None


def unpaired(turns: TurnsOfCell) -> tuple[tuple[float, ...], ...]:
    """Logarithms of wall times, by generation; without those that are flagged, if enough remain."""
    kept = tuple(
        logs
        for generation, rounds in sorted(turns.logs.items())
        if (logs := tuple([log for number, log in rounds.items() if (generation, number) not in turns.flagged]))
    )
    enough = sum(map(len, kept)) >= ENOUGH_ROUNDS and 2 * len(kept) >= len(turns.logs)
    return kept if enough else tuple([tuple(rounds.values()) for _, rounds in sorted(turns.logs.items())])


def _differences(
    over: TurnsOfCell, under: TurnsOfCell, left_out: frozenset[tuple[int, int]]
) -> tuple[tuple[float, ...], ...]:
    generations = []
    for generation in sorted(over.logs.keys() & under.logs.keys()):
        above, below = over.logs[generation], under.logs[generation]
        rounds = sorted(above.keys() & below.keys())
        if left_out:
            rounds = [number for number in rounds if (generation, number) not in left_out]
        if rounds:
            generations.append(tuple([above[number] - below[number] for number in rounds]))
    return tuple(generations)
