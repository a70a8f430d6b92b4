"""Per-core use over the timed passes of each cell: what the samples say of each interval between two of them."""

from dataclasses import dataclass

from gil_lab.records import Cell


@dataclass(frozen=True, slots=True)
class Interval:
    """Between two samples; seconds from the first one. All but `busy` and `steal` are cores' worth of CPU time."""

    begin_s: float
    end_s: float
    busy: tuple[float, ...]
    """Share of its time that each core was busy, whoever used it: 0 to 1."""
    steal: tuple[float, ...]
    child: float
    service: float
    controller: float
    others: float
    """All that was busy less the three before."""


@dataclass(frozen=True, slots=True)
class CoreSeries:
    """The timed passes of the typical trial of one cell."""

    cell: Cell
    trial: int
    intervals: tuple[Interval, ...]
