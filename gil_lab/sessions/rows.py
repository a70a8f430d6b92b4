"""The rows of a session's CSV files: what a result comes to, one dataclass a file.

The columns are the fields, and in the place of a field that is a record itself, its fields.
"""

from typing import Annotated

from gil_lab.model.columns import in_columns
from gil_lab.model.frozen import frozen
from gil_lab.model.gil import Hold, ObservedGil
from gil_lab.model.records import (
    MAX_FLOAT,
    Beat,
    Cell,
    CpuSpeed,
    Flag,
    GilStates,
    MemoryUse,
    Observation,
    Pass,
    Start,
    StartUpCosts,
    Status,
    TaskSpan,
    Usage,
)
from gil_lab.sessions.csv_table import values

SHORTEST_S = 1e-9
"""What a clock of nanoseconds tells apart from nothing."""


@frozen
class StateShares:
    """Of the tasks' time from begin to end in the traced pass, together."""

    running: Annotated[float, in_columns("running_share")]
    """On a core."""
    ready: Annotated[float | None, in_columns("ready_share")]
    """Waiting for a core. None, as `blocked`, where the system does not say."""
    blocked: Annotated[float | None, in_columns("blocked_share")]
    """Waiting for something else: I/O, a lock, the GIL, their turn in the event loop."""
    gil: Annotated[float | None, in_columns("gil_waiting_share")] = None
    """Of the blocked part: waiting for the GIL. None, as the next two, where that cannot be seen."""
    lock_or_io: Annotated[float | None, in_columns("lock_or_io_share")] = None
    """Of the blocked part: waiting for anything else that is not a given time."""
    sleep: Annotated[float | None, in_columns("sleep_share")] = None
    """Of the blocked part: sleeping for a given time."""


@frozen
class Delays:
    """How late the beats of a heartbeat beside the tasks were taken, from when each was due."""

    median_s: Annotated[float, in_columns("delay_s")]
    p99_s: Annotated[float, in_columns("delay_p99_s")]
    worst_s: Annotated[float, in_columns("delay_max_s")]


@frozen
class GilNumbers:
    """Of the GILs under which the tasks ran: one, or one for each process or interpreter."""

    held_share: Annotated[float | None, in_columns("gil_held_share")] = None
    """Of the traced passes, on average: how much of the time a thread held it. None where that cannot be seen."""
    handoffs_per_s: Annotated[float | None, in_columns("gil_handoffs_per_s")] = None
    """In the timed passes: how often they went to another thread, summed; by their exact counters."""
    unknown: Annotated[str | None, in_columns("gil_unknown")] = None
    """Why the numbers are missing; None if they are not."""


@frozen
class IdleShares:
    """Of the workers' time in a traced pass: how much of it they had no task. The median traced pass.

    None in sessions of an older gil-lab.
    """

    queued: Annotated[float | None, in_columns("underfill_share")] = None
    """Until the last task began: a worker was idle though there were tasks that no worker had begun."""
    tail: Annotated[float | None, in_columns("tail_share")] = None
    """From then on: nothing was left for those that were done."""


@frozen
class Numbers:
    """The metrics of one `ok` trial."""

    costs: StartUpCosts
    warm_up_s: float
    passes: int
    """Timed ones."""
    wall_s: float
    """Median of the timed passes."""
    cpu_s: float
    """CPU seconds of the child and its descendants, a timed pass."""
    in_flight: float
    """Concurrency: tasks in flight on average, in the median traced pass."""
    cores_busy: float
    """Parallelism: cores kept busy on average by the child and its descendants, from the go for each turn until the
    news that its passes are done."""
    states: StateShares
    moved_share: float | None
    """Tasks that ended on another core than they began on."""
    other_cores_busy: float
    service_cores_busy: float
    steal_cores: float
    controller_cores_busy: float
    cpu_speed: CpuSpeed
    workers_seen: int
    """Different threads, of whichever process, that ran tasks of a traced pass."""
    gil: GilStates
    threading_layer: str
    versions: str
    memory: MemoryUse
    beats: int
    """Beats of a heartbeat that were due during the timed passes."""
    delays: Delays | None
    """None without a heartbeat."""
    cores_wanted: float | None = None
    """Cores busy, and those that threads of the child and its descendants waited for. None where the system does not
    report the latter, and in sessions of an older gil-lab."""
    traced_wall_s: float | None = None
    """Median of the traced passes; None in sessions of an older gil-lab."""
    gil_seen: GilNumbers = GilNumbers()
    idle: IdleShares = IdleShares()
    chunk: int | None = None
    """Tasks that were handed over at a time, as they were asked for or chosen (`--chunk auto`). None if that was left
    to the API, if there are no chunks, and in sessions of an older gil-lab."""

    def __post_init__(self) -> None:
        """Raise ValueError for numbers that cannot have been measured: files can be edited."""
        given = [value for value in values(self) if isinstance(value, float | int)]
        too_large = any(isinstance(value, float) and value > MAX_FLOAT for value in given)
        if self.wall_s < SHORTEST_S or self.passes < 1 or too_large or min(given) < 0:
            raise ValueError("numbers out of range")


@frozen
class TrialRow:
    """One trial, of `trials.csv`. It has numbers exactly if its status is `ok`."""

    trial: int
    round: int
    cell: Cell
    status: Status
    detail: str
    flags: tuple[Flag, ...]
    began_utc: str
    numbers: Numbers | None

    def __post_init__(self) -> None:
        if (self.status is Status.OK) != (self.numbers is not None):
            raise ValueError("a trial has numbers exactly if it is ok")
        if min(self.trial, self.round, self.cell.workers, self.cell.tasks, self.cell.size) < 1:
            raise ValueError("trial, round, workers, tasks and size are counted from 1")

    @property
    def final(self) -> bool:
        """Whether this is what became of the trial; one that was interrupted is measured again."""
        return self.status is not Status.INTERRUPTED


@frozen
class TurnPlace:
    """When a trial had its turn."""

    generation: int
    round: int
    """Of the whole session."""
    place: Annotated[int, in_columns("turn")]
    """The turn's in the round, counted from 1."""


@frozen
class PassRow:
    """One pass, of `passes.csv`."""

    trial: int
    number: int
    one: Pass
    turn: TurnPlace | None = None
    """Of a timed pass; None in sessions of an older gil-lab."""


@frozen
class StartRow:
    """One child that waits for its first turn, of `starts.csv`."""

    trial: int
    began_utc: str
    start: Annotated[
        Start,
        in_columns(
            *("launch_s", "startup_s", "compile_s", "kind", "begin_ns", "end_ns"),
            *("gil_at_start", "gil_after_imports", "pace_before_s", "chunk"),
        ),
    ]


@frozen
class TurnRow:
    """One turn, of `turns.csv`: written when the answers of all turns of its round have been checked."""

    trial: int
    turn: TurnPlace
    passes: int
    wall_s: float
    """Median of its passes."""
    usage: Annotated[
        Usage,
        in_columns(
            *("elapsed_s", "child_s", "service_s", "controller_s", "busy_s", "steal_s", "throttled_s"),
            *("affinity_changed", "unread", "other_processes_s", "ready_s", "gil_handoffs"),
        ),
    ]
    flags: tuple[Flag, ...]

    def __post_init__(self) -> None:
        """Raise ValueError for numbers that cannot have been measured: files can be edited."""
        given = (value for value in values(self) if isinstance(value, float))
        if self.passes < 1 or self.wall_s < SHORTEST_S or not all(0 <= value <= MAX_FLOAT for value in given):
            raise ValueError("numbers out of range")


@frozen
class TaskRow:
    """One task of a traced pass, of `tasks.csv`."""

    trial: int
    span: TaskSpan
    blocked_ns: int | None
    """The part of its time in which it neither ran nor waited for a core; None where the system does not say."""
    trace: int | None = None
    """Which of its trial's traced passes, counted from 1; None in sessions of an older gil-lab, which had one."""


@frozen
class GilRow:
    """One GIL during a traced pass, of `gils.csv`."""

    trial: int
    trace: int
    gil: ObservedGil


@frozen
class HoldRow:
    """How long one thread held a GIL, or it was free, of `holds.csv`."""

    trial: int
    trace: int
    hold: Hold


@frozen
class BeatRow:
    """One beat that was due during the timed passes, of `beats.csv`."""

    trial: int
    beat: Beat
    delay_ns: int
    """From when it was due until it was taken: latency from the scheduled time (no coordinated omission)."""


@frozen
class ObservationRow:
    """One observation, of `observations.csv`."""

    trial: int
    observation: Observation


@frozen
class SampleRow:
    """One sample of the timed passes, of `samples.csv`: cumulative CPU seconds by whose they are."""

    trial: int
    at_ns: int
    late_ns: int
    child_s: float
    service_s: float
    controller_s: float
    round: int | None = None
    """Of the turn; None in sessions of an older gil-lab, where the timed passes of a trial followed each other."""


@frozen
class CoreRow:
    """One core at one sample of the timed passes, of `cores.csv`; seconds are cumulative since the machine started."""

    trial: int
    core: int
    at_ns: int
    busy_s: float
    steal_s: float
    round: int | None = None
    """Of the turn, as in `samples.csv`."""
