"""The rows of a session's CSV files: what a result comes to, one dataclass a file.

The columns are the fields, and in the place of a field that is a record itself, its fields.
"""

import math
import statistics
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Annotated, Any

from gil_lab.model.columns import in_columns
from gil_lab.model.records import (
    COUNTED_FLAGS,
    MAX_FLOAT,
    Beat,
    Cell,
    CoreSample,
    CpuSpeed,
    Flag,
    GilStates,
    Measurement,
    MemoryUse,
    Observation,
    Pass,
    Result,
    SomeTurn,
    Start,
    StartUpCosts,
    Status,
    TaskSpan,
    Trace,
    Trial,
    Turn,
    Usage,
    counted,
    total_usage,
)
from gil_lab.model.text import one_line
from gil_lab.sessions.csv_table import values

ENOUGH_TURNS = 0.5
"""Share of a trial's turns that must be unflagged for the others to be left out."""
SHORTEST_S = 1e-9
"""What a clock of nanoseconds tells apart from nothing."""


@dataclass(frozen=True, slots=True)
class StateShares:
    """Of the tasks' time from begin to end in the traced pass, together."""

    running: Annotated[float, in_columns("running_share")]
    """On a core."""
    ready: Annotated[float | None, in_columns("ready_share")]
    """Waiting for a core. None, as `blocked`, where the system does not say."""
    blocked: Annotated[float | None, in_columns("blocked_share")]
    """Waiting for something else: I/O, a lock, the GIL, their turn in the event loop."""


@dataclass(frozen=True, slots=True)
class Delays:
    """How late the beats of a heartbeat beside the tasks were taken, from when each was due."""

    median_s: Annotated[float, in_columns("delay_s")]
    p99_s: Annotated[float, in_columns("delay_p99_s")]
    worst_s: Annotated[float, in_columns("delay_max_s")]


@dataclass(frozen=True, slots=True)
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

    def __post_init__(self) -> None:
        """Raise ValueError for numbers that cannot have been measured: files can be edited."""
        given = (value for value in values(self) if isinstance(value, float))
        if self.wall_s < SHORTEST_S or not all(0 <= value <= MAX_FLOAT for value in given):
            raise ValueError("numbers out of range")


@dataclass(frozen=True, slots=True)
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

    @property
    def final(self) -> bool:
        """Whether this is what became of the trial; one that was interrupted is measured again."""
        return self.status is not Status.INTERRUPTED


@dataclass(frozen=True, slots=True)
class TurnPlace:
    """When a trial had its turn."""

    generation: int
    round: int
    """Of the whole session."""
    place: Annotated[int, in_columns("turn")]
    """The turn's in the round, counted from 1."""


@dataclass(frozen=True, slots=True)
class PassRow:
    """One pass, of `passes.csv`."""

    trial: int
    number: int
    one: Pass
    turn: TurnPlace | None = None
    """Of a timed pass; None in sessions of an older gil-lab."""


@dataclass(frozen=True, slots=True)
class StartRow:
    """One child that waits for its first turn, of `starts.csv`."""

    trial: int
    began_utc: str
    start: Annotated[
        Start,
        in_columns(
            *("launch_s", "startup_s", "compile_s", "kind", "begin_ns", "end_ns"),
            *("gil_at_start", "gil_after_imports", "pace_before_s"),
        ),
    ]


@dataclass(frozen=True, slots=True)
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
            *("affinity_changed", "unread", "others_s"),
        ),
    ]
    flags: tuple[Flag, ...]

    def __post_init__(self) -> None:
        """Raise ValueError for numbers that cannot have been measured: files can be edited."""
        given = (value for value in values(self) if isinstance(value, float))
        if self.passes < 1 or self.wall_s < SHORTEST_S or not all(0 <= value <= MAX_FLOAT for value in given):
            raise ValueError("numbers out of range")


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One task of a traced pass, of `tasks.csv`."""

    trial: int
    span: TaskSpan
    blocked_ns: int | None
    """The part of its time in which it neither ran nor waited for a core; None where the system does not say."""
    trace: int | None = None
    """Which of its trial's traced passes, counted from 1; None in sessions of an older gil-lab, which had one."""


@dataclass(frozen=True, slots=True)
class BeatRow:
    """One beat that was due during the timed passes, of `beats.csv`."""

    trial: int
    beat: Beat
    delay_ns: int
    """From when it was due until it was taken: latency from the scheduled time (no coordinated omission)."""


@dataclass(frozen=True, slots=True)
class ObservationRow:
    """One observation, of `observations.csv`."""

    trial: int
    observation: Observation


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class CoreRow:
    """One core at one sample of the timed passes, of `cores.csv`; seconds are cumulative since the machine started."""

    trial: int
    core: int
    at_ns: int
    busy_s: float
    steal_s: float
    round: int | None = None
    """Of the turn, as in `samples.csv`."""


def trial_row(result: Result, versions: str) -> TrialRow:
    trial, measured = result.trial, result.measurement
    return TrialRow(
        trial=trial.number,
        round=trial.round,
        cell=trial.cell,
        status=result.status,
        detail=result.detail,
        flags=result.flags,
        began_utc=result.began_utc,
        numbers=None if measured is None else numbers(measured, versions),
    )


def numbers(measured: Measurement, versions: str) -> Numbers:
    turns = unflagged(measured.turns)
    steady = _steady([(one.wall_s, 1) for turn in turns for one in turn.passes], [turn.usage for turn in turns])
    return Numbers(
        costs=measured.costs,
        warm_up_s=measured.warm_up.wall_s,
        **steady,
        **_traced(measured.traces),
        cpu_speed=measured.cpu_speed,
        gil=replace(measured.gil, enabled_by=one_line(measured.gil.enabled_by, 80)),
        threading_layer=measured.threading_layer,
        versions=versions,
        memory=measured.memory,
        beats=len(measured.beats),
        delays=_delays(measured.beats),
    )


def cut_short(
    started: StartRow, cell: Cell, traces: Sequence[Trace], turns: Sequence[TurnRow], versions: str
) -> TrialRow:
    """The row of a trial that never came to its end, from its turns, of which there is one at least.

    Raises ValueError or ArithmeticError for numbers that cannot have been measured.
    """
    start, used = started.start, unflagged(turns)
    steady = _steady([(turn.wall_s, turn.passes) for turn in used], [turn.usage for turn in used])
    known = Numbers(
        costs=start.costs,
        warm_up_s=start.warm_up.wall_s,
        **steady,
        **_traced(traces),
        cpu_speed=CpuSpeed(start.pace_s, start.pace_s),
        gil=GilStates(start.gil_at_start, start.gil_after_imports, start.gil_after_imports, ""),
        threading_layer="",
        versions=versions,
        memory=MemoryUse(None, None),
        beats=0,
        delays=None,
    )
    return TrialRow(
        trial=started.trial,
        round=turns[0].turn.generation,
        cell=cell,
        status=Status.OK,
        detail="",
        flags=(Flag.CUT_SHORT,),
        began_utc=started.began_utc,
        numbers=known,
    )


def _steady(walls_s: Sequence[tuple[float, int]], usages: Sequence[Usage]) -> dict[str, Any]:
    """The numbers of the timed passes: how long they took, and how many of them took that long."""
    usage, passes = total_usage(usages), sum(count for _, count in walls_s)
    return {
        "passes": passes,
        "wall_s": _median(walls_s),
        "cpu_s": usage.child_s / passes,
        # Over the time between the readings, never over the passes alone: of passes that take microseconds, the go and
        # the news would count as work, and 1 worker kept 55 cores busy.
        "cores_busy": usage.child_s / usage.wall_s,
        "other_cores_busy": usage.other_s / usage.wall_s,
        "service_cores_busy": usage.service_s / usage.wall_s,
        "steal_cores": usage.steal_s / usage.wall_s,
        "controller_cores_busy": usage.controller_s / usage.wall_s,
    }


def _median(counted: Sequence[tuple[float, int]]) -> float:
    """Of values with how often each occurs. A file can say that there were more than memory holds."""
    ordered = sorted(counted)
    ends = list(accumulate(count for _, count in ordered))
    middle = [ordered[bisect_right(ends, place)][0] for place in ((ends[-1] - 1) // 2, ends[-1] // 2)]
    return sum(middle) / 2


def _traced(traces: Sequence[Trace]) -> dict[str, Any]:
    """The numbers of the traced passes. One alone would be at the mercy of one late wake-up."""
    spans = [span for trace in traces for span in trace.spans]
    return {
        "in_flight": statistics.median(_spans_ns(one.spans) / 1e9 / one.traced.wall_s for one in traces),
        "states": _states(spans),
        "moved_share": _moved(spans),
        "workers_seen": max(len({(span.pid, span.tid) for span in one.spans}) for one in traces),
    }


def unflagged(turns: Iterable[SomeTurn]) -> Sequence[SomeTurn]:
    """Of those that count, the ones that no flag is against, if they are half or more; else all."""
    turns = counted(turns)
    clean = [turn for turn in turns if COUNTED_FLAGS.isdisjoint(turn.flags)]
    return clean if len(clean) >= ENOUGH_TURNS * len(turns) else turns


def delay_ns(beat: Beat) -> int:
    """From when it was due on, not from the beat before: a stall delays all beats that were due meanwhile."""
    return max(0, beat.taken_ns - beat.due_ns)


def quantile_s(ordered_ns: Sequence[int], share: float) -> float:
    """Seconds: the smallest that at least `share` of them do not exceed."""
    return ordered_ns[max(0, math.ceil(share * len(ordered_ns)) - 1)] / 1e9


def _delays(beats: Sequence[Beat]) -> Delays | None:
    ordered_ns = sorted(map(delay_ns, beats))
    return Delays(*(quantile_s(ordered_ns, share) for share in (0.5, 0.99, 1.0))) if ordered_ns else None


def _states(spans: Sequence[TaskSpan]) -> StateShares:
    return StateShares(
        _share([span.running_ns for span in spans], spans) or 0.0,
        _share([span.ready_ns for span in spans], spans),
        _share([span.blocked_ns for span in spans], spans),
    )


def _spans_ns(spans: Sequence[TaskSpan]) -> int:
    return sum(span.end_ns - span.begin_ns for span in spans)


def _share(parts_ns: Sequence[int | None], spans: Sequence[TaskSpan]) -> float | None:
    """Of all spans together. Each clock has its own grain, so a little more than all is all."""
    known = [part for part in parts_ns if part is not None]
    if len(known) < len(parts_ns) or not (whole := _spans_ns(spans)):
        return None
    return min(1.0, max(0, sum(known)) / whole)


def _moved(spans: Sequence[TaskSpan]) -> float | None:
    if any(span.core_begin is None or span.core_end is None for span in spans):
        return None
    return sum(span.core_begin != span.core_end for span in spans) / len(spans)


def untimed_pass_rows(trial: Trial, warm_up: Pass, traces: Sequence[Trace]) -> list[PassRow]:
    passes = (warm_up, *(trace.traced for trace in traces))
    return [PassRow(trial.number, count, one) for count, one in enumerate(passes)]


def timed_pass_rows(trial: Trial, turns: Sequence[Turn], first: int) -> list[PassRow]:
    """`first` is the number of the first of them among the passes of the trial."""
    passes = [(one, TurnPlace(trial.round, turn.round, turn.place)) for turn in turns for one in turn.passes]
    return [PassRow(trial.number, count, one, place) for count, (one, place) in enumerate(passes, first)]


def turn_rows(trial: Trial, turns: Sequence[Turn]) -> list[TurnRow]:
    return [
        TurnRow(
            trial.number,
            TurnPlace(trial.round, turn.round, turn.place),
            len(turn.passes),
            statistics.median(one.wall_s for one in turn.passes),
            turn.usage,
            turn.flags,
        )
        for turn in turns
    ]


def task_rows(trial: Trial, traces: Sequence[Trace]) -> list[TaskRow]:
    return [
        TaskRow(trial.number, span, span.blocked_ns, number)
        for number, trace in enumerate(traces, 1)
        for span in trace.spans
    ]


def beat_rows(trial: Trial, turns: Sequence[Turn]) -> list[BeatRow]:
    return [BeatRow(trial.number, beat, delay_ns(beat)) for turn in turns for beat in turn.beats]


def observation_rows(result: Result) -> list[ObservationRow]:
    """What the measured process reported; its words are foreign text."""
    observations = result.measurement.observations if result.measurement else ()
    return [
        ObservationRow(
            result.trial.number,
            Observation(one_line(one.name, 80), one.value, one_line(one.unit, 20), one_line(one.text)),
        )
        for one in observations
    ]


def sample_rows(trial: Trial, turns: Sequence[Turn]) -> list[SampleRow]:
    return [
        SampleRow(trial.number, sample.at_ns, sample.late_ns, *_rounded(sample), turn.round)
        for turn in turns
        for sample in turn.samples
    ]


def _rounded(sample: CoreSample) -> tuple[float, float, float]:
    """To the microsecond: more digits would only fill the disk."""
    return round(sample.child_s, 6), round(sample.service_s, 6), round(sample.controller_s, 6)


def core_rows(trial: Trial, turns: Sequence[Turn]) -> list[CoreRow]:
    """Samples of another number of cores than the first one are left out: which of them is missing is unknown."""
    samples = [(turn.round, sample) for turn in turns for sample in turn.samples]
    cores = len(samples[0][1].busy_s) if samples else 0
    return [
        CoreRow(trial.number, core, sample.at_ns, round(busy, 2), round(steal, 2), number)
        for number, sample in samples
        if len(sample.busy_s) == cores
        for core, (busy, steal) in enumerate(zip(sample.busy_s, sample.steal_s, strict=True))
    ]
