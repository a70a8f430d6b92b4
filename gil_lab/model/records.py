"""What crosses a pipe or a file: small frozen dataclasses with the unit of every number in its name.

Times are nanoseconds of the monotonic clock, which all processes of one machine share (`_ns`), or durations in seconds
(`_s`). A number that could not be had is None, never 0.
"""

from dataclasses import dataclass
from enum import StrEnum

VARIANT = "+"
"""What stands between the name of a workload and that of a variant: `counter+lock`."""
LARGEST = 1e12
"""Seconds that nobody has measured; also keeps out what is not finite, and whole numbers that no float can hold."""
LARGEST_INT = 2**63 - 1
"""Nanoseconds of three centuries; what files hold."""


class Status(StrEnum):
    """How a trial ended. Only an `ok` trial has numbers."""

    OK = "ok"
    SKIPPED = "skipped"
    WRONG = "wrong"
    ERROR = "error"
    CRASHED = "crashed"
    TIMEOUT = "timeout"
    OOM = "oom"
    PROTOCOL = "protocol"
    INTERRUPTED = "interrupted"


class Flag(StrEnum):
    """What makes the numbers of an `ok` trial doubtful."""

    DISTURBED = "disturbed"
    """Others used the cores meanwhile, or the hypervisor took them."""
    DRIFTED = "drifted"
    """The machine was not equally fast before and after the timed passes."""
    IMPOSSIBLE = "impossible"
    """More cores busy than can be: a fault of the measurement."""
    SERIAL_FALLBACK = "serial-fallback"
    """One worker did everything although several were asked for."""
    LEAKED_PROCESSES = "leaked-procs"
    """Processes were left running, and have been killed."""
    GIL_REENABLED = "gil-reenabled"
    """An import switched the GIL of a free-threaded build back on (PEP 703)."""
    THROTTLED = "throttled"
    """A control group's CPU quota held the measured processes back."""
    CLOCK_GAP = "clock-gap"
    """The machine, the lab or what it measures was stopped meanwhile (Ctrl-Z, a suspended laptop)."""
    AFFINITY_CHANGED = "affinity-changed"
    """The cores that may be used were others afterwards."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One combination that is measured; all trials of a cell are repetitions of the same thing."""

    workload: str
    strategy: str
    workers: int
    interpreter: str
    tasks: int
    size: int

    @property
    def work(self) -> str:
        """The workload without its variant: cells that do the same work in other ways are told side by side."""
        return self.workload.partition(VARIANT)[0]

    @property
    def variant(self) -> str:
        """`+lock` of `counter+lock`: what is different about the work; empty for the work as it is."""
        return self.workload[len(self.work) :]


@dataclass(frozen=True, slots=True)
class Trial:
    """One fresh child process that shall measure one cell."""

    number: int
    round: int
    cell: Cell
    min_time_s: float
    timeout_s: float
    skip: str = ""
    """Why it cannot be run at all; such a trial is a row, but no child is started for it."""


@dataclass(frozen=True, slots=True)
class Pass:
    """One execution of all tasks."""

    kind: str
    """`warm-up`, `timed` or `traced`."""
    begin_ns: int
    end_ns: int

    @property
    def wall_s(self) -> float:
        return (self.end_ns - self.begin_ns) / 1e9


@dataclass(frozen=True, slots=True)
class TaskSpan:
    """One task of the traced pass."""

    task: int
    pid: int
    tid: int
    begin_ns: int
    end_ns: int
    running_ns: int
    """On a core: the CPU time of its thread; of a coroutine, in its own steps."""
    ready_ns: int | None
    """Waiting for a core: the run-queue wait of the thread. None where the system does not tell."""
    core_begin: int | None
    core_end: int | None

    @property
    def blocked_ns(self) -> int | None:
        """The rest of its time: waiting for I/O, a lock, the GIL or, a coroutine, its turn in the event loop.

        None where it cannot be told from `ready_ns`. The clocks are read one after the other: a little below 0 is 0.
        """
        if self.ready_ns is None:
            return None
        return max(0, self.end_ns - self.begin_ns - self.running_ns - self.ready_ns)


@dataclass(frozen=True, slots=True)
class Beat:
    """One beat of a heartbeat beside the tasks of the timed passes, which arrives on schedule."""

    number: int
    due_ns: int
    """When it was due."""
    taken_ns: int
    """When the measured process took it."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What the measured process tells beside its answers: a number with its unit, or a word."""

    name: str
    value: float | None
    """None where it tells a word."""
    unit: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class CoreSample:
    """One reading of the per-core counters: cumulative seconds, one item a core."""

    at_ns: int
    late_ns: int
    """How much later than planned it was taken."""
    busy_s: tuple[float, ...]
    steal_s: tuple[float, ...]
    child_s: float
    """CPU seconds, cumulative, of the child and those of its descendants that lived when the passes began."""
    service_s: float
    """The same of processes that belong to the workload's surroundings (a server)."""
    controller_s: float


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU seconds between the go for the timed passes and the news that they are done."""

    wall_s: float
    child_s: float
    """The child and its descendants, less `service_s`."""
    service_s: float
    """Processes that belong to the workload's surroundings (a server)."""
    controller_s: float
    busy_s: float
    """All cores, by the system's own counters."""
    steal_s: float
    """Taken by the hypervisor."""
    throttled_s: float = 0.0
    """In which a control group's quota kept processes from running, summed over cores."""
    affinity_changed: bool = False
    """Whether the child's processes might use other cores afterwards, or the machine had another number of them."""
    unread: int = 0
    """Processes of the child that were there, but whose CPU time could not be read."""

    @property
    def other_s(self) -> float:
        """What everybody else used; the counters tick, so a little below zero is zero."""
        return max(0.0, self.busy_s - self.child_s - self.service_s - self.controller_s)


@dataclass(frozen=True, slots=True)
class Measurement:
    """The numbers of one `ok` trial."""

    launch_s: float
    """From the start of the child process until it runs Python: the same for every strategy."""
    startup_s: float
    """Importing what the strategy needs and starting all its workers."""
    compile_s: float
    """Just-in-time compilation, apart from start-up and passes."""
    passes: tuple[Pass, ...]
    spans: tuple[TaskSpan, ...]
    samples: tuple[CoreSample, ...]
    usage: Usage
    pace_before_s: float
    """Time of a fixed spin in the controller before the timed passes; the machine's pace."""
    pace_after_s: float
    gil_at_start: bool
    """Whether there was a GIL before anything was imported."""
    gil_after_imports: bool
    """The same when the pool was open and everything was compiled and warm."""
    gil: bool
    """The same after the work."""
    gil_enabled_by: str
    """The module whose import switched it on, if one did and Python named it; else empty."""
    threading_layer: str
    """Numba's, where it ran parallel code; else empty."""
    peak_rss_bytes: int | None
    """Sum of the peaks of the child and its workers; shared pages count once for each."""
    pss_bytes: int | None
    """Proportional set size of the child and its workers after the timed passes: shared pages count once."""
    beats: tuple[Beat, ...] = ()
    """Of a workload that has them."""
    observations: tuple[Observation, ...] = ()
    """The same."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one trial."""

    trial: Trial
    status: Status
    began_utc: str
    detail: str = ""
    flags: tuple[Flag, ...] = ()
    measurement: Measurement | None = None
    log: str = ""
    """What the child printed, kept for trials that are not ok."""
