"""What crosses a pipe or a file: small frozen dataclasses with the unit of every number in its name.

Times are nanoseconds of the monotonic clock, which all processes of one machine share (`_ns`), or durations in seconds
(`_s`). A number that is not available is None, never 0.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import fields
from enum import StrEnum
from typing import Annotated, Protocol, Self, TypeVar

from gil_lab.model.columns import in_columns
from gil_lab.model.frozen import frozen
from gil_lab.model.gil import GilTrace, Waits

VARIANT_SEPARATOR = "+"
"""Separates the name of a workload from that of its variant: `counter+lock`."""
CHUNK_SEPARATOR = " by "
"""Separates the name of a strategy from the number of tasks that it hands over at a time: `joblib by 64`."""
MAX_FLOAT = 1e12
"""More seconds than any measurement takes; also rejects what is not finite, and integers too large for a float."""
MAX_INT = 2**63 - 1
"""Three centuries in nanoseconds; the largest integer in a file."""


class Status(StrEnum):
    """How a trial ended. Only an `ok` trial has numbers."""

    meaning: str
    """One sentence, also for the glossary."""

    def __new__(cls, word: str, meaning: str = "") -> Self:
        member = str.__new__(cls, word)
        member._value_, member.meaning = word, meaning
        return member

    OK = "ok", "Right answers, a complete result and a clean exit."
    SKIPPED = "skipped", "It cannot run here; the detail says why and what to do."
    WRONG = "wrong", "It ran, and an answer was wrong."
    ERROR = "error", "The work, the strategy or the system raised an error."
    CRASHED = (
        "crashed",
        "The child was ended by a signal or exited with an error, even if that was after its result.",
    )
    TIMEOUT = "timeout", "It was not done within `--timeout`."
    OOM = "oom", "The system killed it because memory ran out."
    PROTOCOL = "protocol", "What the child sent was not a complete and plausible result."
    INTERRUPTED = "interrupted", "It was suspended or stopped; it is measured again."


class Flag(StrEnum):
    """A reason to distrust the numbers of an `ok` trial: everything that is said of it anywhere stands here."""

    meaning: str
    """One sentence, also for the glossary and the page."""
    counts: bool
    """Whether it counts against the trial, which then is left out where its cell has other rounds. A drifting machine
    does not: it hits all cells alike, and widens the intervals."""
    remedy: str
    """What to do about it."""

    def __new__(cls, word: str, meaning: str, counts: bool, remedy: str) -> Self:
        member = str.__new__(cls, word)
        member._value_, member.meaning, member.counts, member.remedy = word, meaning, counts, remedy
        return member

    DISTURBED = (
        "disturbed",
        "Others used more than a tenth of the cores that it needed, or the hypervisor took them.",
        True,
        "Close other programs, or measure on a machine of its own.",
    )
    DRIFTED = (
        "drifted",
        "The CPU speed before and after the timed passes was not the same; this widens the intervals.",
        False,
        "Measure for longer: a larger `--budget`, or more `--rounds`.",
    )
    IMPOSSIBLE = (
        "impossible",
        "More cores were busy than can be, or CPU time could not be read: a fault of the measurement.",
        True,
        "Measure again; report it if it comes back.",
    )
    SERIAL_FALLBACK = (
        "serial-fallback",
        "One worker did everything although several were asked for.",
        True,
        "Use more tasks or longer ones (`--tasks`, `--size`).",
    )
    FEW_WORKERS = (
        "few-workers",
        "At most half of its workers took a task in a traced pass.",
        False,
        "Use more tasks or longer ones (`--tasks`, `--size`); a strategy must open as many workers as it is asked for.",
    )
    LEAKED_PROCESSES = (
        "leaked-procs",
        "Processes were left running when it ended, and were killed; they may have done its work.",
        True,
        "Fix the strategy or the task, which must end what it starts.",
    )
    FILES_LEFT = (
        "files-left",
        "Files that it left behind could not be removed, or not in time; the row names their folder.",
        False,
        "Have tasks remove what they make; remove the folder.",
    )
    CUT_SHORT = (
        "cut-short",
        "It was stopped, or suspended, before its end; the rounds that were finished count.",
        False,
        "Finish the session with `--resume`.",
    )
    RESTLESS = (
        "restless",
        "It used CPU time while others had their turn; those turns are flagged.",
        False,
        "End threads, timers and spinning pools when a pass ends, or measure it alone (`--strategy`).",
    )
    GIL_REENABLED = (
        "gil-reenabled",
        "An import switched the GIL of a free-threaded build back on; the row names the module.",
        True,
        "Use a version of that module that supports free threading.",
    )
    REPEATED = (
        "repeated",
        "Others disturbed the turn, so that it was taken again at once, and the last one counts.",
        False,
        "Nothing.",
    )
    THROTTLED = (
        "throttled",
        "A control group's CPU quota throttled the measured processes.",
        True,
        "Raise the quota, or use fewer `--workers`.",
    )
    CLOCK_GAP = (
        "clock-gap",
        "It was stopped meanwhile (Ctrl-Z, a suspended laptop); the trial has no numbers and is measured again.",
        False,
        "Nothing.",
    )
    AFFINITY_CHANGED = (
        "affinity-changed",
        "The cores that may be used were different afterwards.",
        True,
        "Measure again while nothing changes the affinity.",
    )


COUNTED_FLAGS = frozenset(flag for flag in Flag if flag.counts)


@frozen
class Cell:
    """One combination to measure; all trials of a cell repeat the same measurement."""

    workload: str
    strategy: str
    workers: int
    interpreter: str
    tasks: int
    size: int

    @property
    def work(self) -> str:
        """The workload without its variant: cells that do the same work in different ways are shown side by side."""
        return self.workload.partition(VARIANT_SEPARATOR)[0]

    @property
    def variant(self) -> str:
        """`+lock` of `counter+lock`: how the work differs from the plain workload; empty for that itself."""
        return self.workload[len(self.work) :]


@frozen
class Trial:
    """One fresh child process that measures one cell."""

    number: int
    round: int
    cell: Cell
    min_time_s: float
    """Of a turn: passes are repeated until they took so long."""
    timeout_s: float
    """Of each step: the start, a turn, the end."""
    skip: str = ""
    """Why it cannot run; such a trial is a row, but no child is started for it."""
    block: int = 1
    """Trials of one block and round are measured side by side."""
    chunk: str | None = None
    """Tasks that are handed over at a time, where a strategy has chunks, as `gil_lab.model.chunks` writes it; None: as
    many as its API does by default."""


@frozen
class Pass:
    """One execution of all tasks."""

    kind: str
    """`warm-up`, `timed` or `traced`."""
    begin_ns: int
    end_ns: int

    @property
    def wall_s(self) -> float:
        return (self.end_ns - self.begin_ns) / 1e9


@frozen
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
    """Waiting for a core: the run-queue wait of the thread. None where the system does not report it."""
    core_begin: int | None
    core_end: int | None
    waits: Waits | None = None
    """What it waited for while it was blocked, by samples taken from outside; None where that cannot be seen, or was
    not often enough.
    """

    @property
    def blocked_ns(self) -> int | None:
        """The rest of its time: waiting for I/O, a lock, the GIL or, a coroutine, its turn in the event loop.

        None where it cannot be separated from `ready_ns`. The clocks are read in turn: a little below 0 is 0.
        """
        if self.ready_ns is None:
            return None
        return max(0, self.end_ns - self.begin_ns - self.running_ns - self.ready_ns)


@frozen
class Trace:
    """One traced pass, with its tasks."""

    traced: Pass
    spans: tuple[TaskSpan, ...]
    gil: GilTrace | None = None
    """By samples taken from outside; the measured process itself knows nothing of it."""


@frozen
class Beat:
    """One beat of the heartbeat that runs on a schedule beside the tasks of the timed passes."""

    number: int
    due_ns: int
    """When it was due."""
    taken_ns: int
    """When the measured process took it."""


@frozen
class Observation:
    """Something the measured process reports beside its answers: a number with its unit, or text."""

    name: str
    value: float | None
    """None if it is text."""
    unit: str = ""
    text: str = ""


@frozen
class CoreSample:
    """One reading of the per-core counters: cumulative seconds, one item per core."""

    at_ns: int
    late_ns: int
    """How much later than planned it was read."""
    busy_s: tuple[float, ...]
    steal_s: tuple[float, ...]
    child_s: float
    """CPU seconds, cumulative, of the child and those of its descendants that lived when the passes began."""
    service_s: float
    """The same of the workload's services (a server)."""
    controller_s: float


@frozen
class Usage:
    """CPU seconds between the start signal for the timed passes and the message that they are done."""

    wall_s: float
    child_s: float
    """The child and its descendants, less `service_s`."""
    service_s: float
    """The workload's services (a server)."""
    controller_s: float
    busy_s: float
    """All cores, by the system's own counters."""
    steal_s: float
    """Taken by the hypervisor."""
    throttled_s: float = 0.0
    """Time for which a control group's quota throttled its processes, summed over cores."""
    affinity_changed: bool = False
    """Whether the cores that the child's processes may use, or the number of the machine's cores, changed."""
    unread: int = 0
    """Living processes of the child whose CPU time could not be read."""
    other_processes_s: float | None = None
    """CPU time of the processes that are not the lab's, by the clocks of those that can be seen; None if none can."""
    ready_s: float | None = None
    """For how long the threads of the child and its descendants waited for a core, summed; None where the system does
    not report it."""
    gil_handoffs: float | None = None
    """How often a GIL of theirs went to another thread, by its exact counter; None where that cannot be read."""

    @property
    def other_s(self) -> float:
        """CPU time of all other processes by the cores' counters; they tick, so a little below zero is zero."""
        return max(0.0, self.busy_s - self.child_s - self.service_s - self.controller_s)


def total_usage(usages: Sequence[Usage]) -> Usage:
    """The sum of several, of which there is one at least."""

    def total(name: str) -> float:
        return math.fsum(getattr(usage, name) for usage in usages)

    amounts = {
        field.name: None if any(getattr(usage, field.name) is None for usage in usages) else total(field.name)
        for field in fields(Usage)
        if field.name not in _NOT_ADDED_UP
    }
    changed = any(usage.affinity_changed for usage in usages)
    unread = max(usage.unread for usage in usages)
    return Usage(**amounts, affinity_changed=changed, unread=unread)  # type: ignore[arg-type]


_NOT_ADDED_UP = ("affinity_changed", "unread")


@frozen
class StartUpCosts:
    """Seconds before the first task can run."""

    launch_s: float
    """From the start of the child process until it runs Python: the same for every strategy."""
    startup_s: float
    """Importing what the strategy needs, and starting all its workers. In trials.csv and what is made of it, also what
    the first pass took beyond the steady ones: what workers import when their first task arrives, say."""
    compile_s: float
    """Just-in-time compilation, apart from start-up and passes."""


@frozen
class Start:
    """What is known of a child that waits for its first turn."""

    costs: StartUpCosts
    warm_up: Pass
    gil_at_start: bool
    """Before anything was imported."""
    gil_after_imports: bool
    """When the pool was open and everything was compiled and warm."""
    pace_s: Annotated[float, in_columns("pace_before_s")]
    """How long a fixed spin in the controller took."""
    chunk: int | None = None
    """Tasks that are handed over at a time; None if that is left to the API, or there are no chunks."""


@frozen
class GilStates:
    """Whether there was a GIL in the course of a trial."""

    at_start: Annotated[bool, in_columns("gil_at_start")]
    """Before anything was imported."""
    after_imports: Annotated[bool, in_columns("gil_after_imports")]
    """When the pool was open and everything was compiled and warm."""
    after_work: Annotated[bool, in_columns("gil")]
    enabled_by: Annotated[str, in_columns("gil_enabled_by")]
    """The module whose import switched it on, if one did and Python named it; else empty."""


@frozen
class MemoryUse:
    """Of the child and its workers."""

    peak_rss_bytes: int | None
    """Sum of their peaks; shared pages count once for each."""
    pss_bytes: int | None
    """Proportional set size after the timed passes: shared pages count once."""


@frozen
class CpuSpeed:
    """How long a fixed spin in the controller took: the longer, the slower the machine."""

    before_s: Annotated[float, in_columns("pace_before_s")]
    """Before the timed passes."""
    after_s: Annotated[float, in_columns("pace_after_s")]


@frozen
class Turn:
    """What one child did while its siblings slept: one timed pass, or a few short ones."""

    round: int
    place: int
    """In its round, counted from 1; a fresh random order each round."""
    passes: tuple[Pass, ...]
    samples: tuple[CoreSample, ...]
    usage: Usage
    beats: tuple[Beat, ...] = ()
    """If the workload has a heartbeat."""
    flags: tuple[Flag, ...] = ()


class _TurnLike(Protocol):
    @property
    def flags(self) -> tuple[Flag, ...]: ...


SomeTurn = TypeVar("SomeTurn", bound=_TurnLike)


def counts(turn: _TurnLike) -> bool:
    """Whether it was not taken again, because others disturbed it."""
    return Flag.REPEATED not in turn.flags


def counted(turns: Iterable[SomeTurn]) -> list[SomeTurn]:
    """Those that count."""
    return [turn for turn in turns if counts(turn)]


@frozen
class Measurement:
    """The numbers of one `ok` trial."""

    costs: StartUpCosts
    warm_up: Pass
    traces: tuple[Trace, ...]
    turns: tuple[Turn, ...]
    """In the order of their rounds; at least one."""
    cpu_speed: CpuSpeed
    gil: GilStates
    threading_layer: str
    """Numba's, where it ran parallel code; else empty."""
    memory: MemoryUse
    observations: tuple[Observation, ...] = ()
    chunk: int | None = None
    """Tasks that were handed over at a time; None if that was left to the API, or there are no chunks."""

    @property
    def spans(self) -> tuple[TaskSpan, ...]:
        """The tasks of all traced passes."""
        return tuple(span for trace in self.traces for span in trace.spans)

    @property
    def samples(self) -> tuple[CoreSample, ...]:
        """Those of all turns."""
        return tuple(sample for turn in self.turns for sample in turn.samples)

    @property
    def beats(self) -> tuple[Beat, ...]:
        """Those of all turns."""
        return tuple(beat for turn in self.turns for beat in turn.beats)

    @property
    def usage(self) -> Usage:
        """That of all turns together."""
        return total_usage([turn.usage for turn in self.turns])

    @property
    def passes(self) -> tuple[Pass, ...]:
        """All of them, in the order in which they ran."""
        timed = (one for turn in self.turns for one in turn.passes)
        return (self.warm_up, *(trace.traced for trace in self.traces), *timed)


@frozen
class Result:
    """The outcome of one trial."""

    trial: Trial
    status: Status
    began_utc: str
    detail: str = ""
    flags: tuple[Flag, ...] = ()
    measurement: Measurement | None = None
    log: str = ""
    """What the child printed, kept for trials that are not ok."""
