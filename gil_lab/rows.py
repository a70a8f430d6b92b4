"""The rows of a session's CSV files: what a result comes to, one dataclass a file.

The columns are the fields, and in the place of a field that is a record itself, its fields.
"""

import statistics
from dataclasses import dataclass, fields

from gil_lab.records import Cell, Flag, Measurement, Pass, Result, Status, TaskSpan
from gil_lab.wire import LARGEST


@dataclass(frozen=True, slots=True)
class Numbers:
    """What one `ok` trial comes to."""

    launch_s: float
    startup_s: float
    compile_s: float
    warm_up_s: float
    passes: int
    """Timed ones."""
    wall_s: float
    """Median of the timed passes."""
    cpu_s: float
    """CPU seconds of the child and its descendants, a timed pass."""
    in_flight: float
    """Concurrency: tasks in flight on average, in the traced pass."""
    cores_busy: float
    """Parallelism: cores kept busy on average by the child and its descendants, in the timed passes."""
    other_cores_busy: float
    service_cores_busy: float
    steal_cores: float
    controller_cores_busy: float
    pace_before_s: float
    pace_after_s: float
    workers_seen: int
    """Different threads, of whichever process, that ran tasks of the traced pass."""
    gil: bool
    threading_layer: str
    versions: str
    peak_rss_bytes: int | None

    def __post_init__(self) -> None:
        """Raise ValueError for numbers that nobody can have measured: files can be edited."""
        given = [getattr(self, field.name) for field in fields(self)]
        if self.wall_s <= 0 or any(isinstance(value, float) and not 0 <= value <= LARGEST for value in given):
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


@dataclass(frozen=True, slots=True)
class PassRow:
    """One pass, of `passes.csv`."""

    trial: int
    number: int
    one: Pass


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One task of a traced pass, of `tasks.csv`."""

    trial: int
    span: TaskSpan


@dataclass(frozen=True, slots=True)
class CoreRow:
    """One core at one sample of the timed passes, of `cores.csv`; seconds are cumulative since the machine started."""

    trial: int
    core: int
    at_ns: int
    late_ns: int
    busy_s: float
    steal_s: float


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
    timed = [one for one in measured.passes if one.kind == "timed"]
    traced, usage = measured.passes[-1], measured.usage
    return Numbers(
        launch_s=measured.launch_s,
        startup_s=measured.startup_s,
        compile_s=measured.compile_s,
        warm_up_s=measured.passes[0].wall_s,
        passes=len(timed),
        wall_s=statistics.median(one.wall_s for one in timed),
        cpu_s=usage.child_s / len(timed),
        in_flight=sum(span.end_ns - span.begin_ns for span in measured.spans) / 1e9 / traced.wall_s,
        cores_busy=usage.child_s / ((timed[-1].end_ns - timed[0].begin_ns) / 1e9),
        other_cores_busy=usage.other_s / usage.wall_s,
        service_cores_busy=usage.service_s / usage.wall_s,
        steal_cores=usage.steal_s / usage.wall_s,
        controller_cores_busy=usage.controller_s / usage.wall_s,
        pace_before_s=measured.pace_before_s,
        pace_after_s=measured.pace_after_s,
        workers_seen=len({(span.pid, span.tid) for span in measured.spans}),
        gil=measured.gil,
        threading_layer=measured.threading_layer,
        versions=versions,
        peak_rss_bytes=measured.peak_rss_bytes,
    )


def pass_rows(result: Result) -> list[PassRow]:
    passes = result.measurement.passes if result.measurement else ()
    return [PassRow(result.trial.number, count, one) for count, one in enumerate(passes)]


def task_rows(result: Result) -> list[TaskRow]:
    spans = result.measurement.spans if result.measurement else ()
    return [TaskRow(result.trial.number, span) for span in spans]


def core_rows(result: Result) -> list[CoreRow]:
    samples = result.measurement.samples if result.measurement else ()
    return [
        CoreRow(result.trial.number, core, sample.at_ns, sample.late_ns, round(busy, 2), round(steal, 2))
        for sample in samples
        for core, (busy, steal) in enumerate(zip(sample.busy_s, sample.steal_s, strict=True))
    ]
