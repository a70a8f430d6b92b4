"""The traced pass of each cell as it is drawn: lanes of workers, with the tasks that each of them ran."""

from dataclasses import dataclass

from gil_lab.records import Cell


@dataclass(frozen=True, slots=True)
class Bar:
    """One task; seconds from the beginning of its pass. The shares are of its time and come to 1."""

    task: int
    begin_s: float
    end_s: float
    running_share: float
    ready_share: float | None
    blocked_share: float | None
    core_begin: int | None
    core_end: int | None


@dataclass(frozen=True, slots=True)
class Lane:
    """Tasks of one thread that do not overlap, in the order in which they began."""

    worker: int
    """Threads of the pass, counted from 1 in the order in which they began; coroutines of one thread share it."""
    pid: int
    tid: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """The traced pass of the typical trial of one cell."""

    cell: Cell
    trial: int
    wall_s: float
    lanes: tuple[Lane, ...]
