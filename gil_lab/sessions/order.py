"""The order in which an experiment names its cells; that of the trials is random."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from gil_lab.model.records import Cell
from gil_lab.sessions import reader


class Celled(Protocol):
    @property
    def cell(self) -> Cell: ...


OfCell = TypeVar("OfCell", bound=Celled)


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
