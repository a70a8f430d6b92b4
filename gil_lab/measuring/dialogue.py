"""The dialogue with one measured process (`gil_lab.model.wire`), and the clocks read while that waits."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from gil_lab.measuring.gil_observer import GilObserver
from gil_lab.measuring.gil_sampler import GilSampler
from gil_lab.measuring.launcher import Child
from gil_lab.measuring.machine import spin_s, usable_cores
from gil_lab.measuring.other_processes import OtherProcesses
from gil_lab.measuring.processes import peak_rss_bytes, pss_bytes, supervised
from gil_lab.measuring.quality_flags import most_cores_busy, turn_flags
from gil_lab.measuring.sampler import PERIOD_S, Reading
from gil_lab.measuring.suspension import Suspension
from gil_lab.measuring.traced_gils import with_gils
from gil_lab.model.errors import ProtocolError
from gil_lab.model.gil import GilRecords
from gil_lab.model.records import (
    CoreSample,
    CpuSpeed,
    GilStates,
    Measurement,
    MemoryUse,
    Pass,
    Start,
    StartUpCosts,
    Status,
    Trace,
    Trial,
    Turn,
)
from gil_lab.model.wire import (
    Assignment,
    Awake,
    Compare,
    Compared,
    End,
    Failed,
    Finished,
    Go,
    Hello,
    Prepared,
    Ready,
    Record,
    Show,
    Shown,
    TakeTurn,
    Timed,
    Traced,
    Turned,
    Wake,
)
from gil_lab.suite.catalogue import Catalogue
from gil_lab.suite.strategies import Strategy

Message = TypeVar("Message")


class FailedError(Exception):
    """The child reported a failure."""

    def __init__(self, failed: Failed) -> None:
        self.failed = failed


class Dialogue:
    """Its steps: `start`, then `trace` and `turn` as many times as the caller likes, `finish`.

    Each raises FailedError if the child reports a failure, ChildEndedError if it is gone, ProtocolError for a message
    that makes no sense, TimeoutError if the step takes longer than the trial's time limit. It must be closed.
    """

    def __init__(self, child: Child, trial: Trial, catalogue: Catalogue, pinned: int | None = None) -> None:
        """`pinned` is the number of cores that the child pins itself to, if it does."""
        self._child, self._trial, self._catalogue, self._pinned = child, trial, catalogue, pinned
        self._deadline_ns = 0
        self._rests = False
        self._suspension: Suspension | None = None
        self._services: frozenset[int] = frozenset()
        self._beside: frozenset[int] = frozenset()
        self._gils = GilObserver(GilRecords(), ())

    def start(self, suspension: Suspension) -> Start:
        """From its launch to its warm-up pass."""
        self._begin(suspension)
        child, trial = self._child, self._trial
        hello = self._hear(Hello)
        if hello.at_ns < child.began_ns:
            raise ProtocolError("it was ready before it was started: its clock is not ours")
        file = self._catalogue.file
        catalogue = self._catalogue
        child.send(
            Assignment(trial.cell, str(file) if file else None, trial.chunk, catalogue.sources, catalogue.target)
        )
        self._hear(Prepared)
        # What runs before the pool is opened belongs to the workload's services, not to the strategy.
        self._services = frozenset(process.pid for process in supervised(child.supervisor)) - {child.pid}
        child.send(Go())
        ready = self._hear(Ready)
        self._rests, self._beside = ready.rests, frozenset(ready.beside)
        _check_passes(ready.warm_up)
        if ready.chunk is not None and ready.chunk < 1:
            raise ProtocolError(f"{ready.chunk} tasks were handed over at a time")
        tree = [process.pid for process in supervised(child.supervisor)]
        workers = [pid for pid in tree if pid != child.pid and pid not in self._services]
        self._gils = GilObserver(ready.gils, (child.pid, *workers))
        costs = StartUpCosts((hello.at_ns - child.began_ns) / 1e9, ready.startup_s, ready.compile_s)
        self._start = Start(costs, ready.warm_up, hello.gil, ready.gil, spin_s(), ready.chunk)
        return self._start

    def trace(self, suspension: Suspension) -> Trace:
        """A traced pass, with its answers checked."""
        self._begin(suspension)
        with GilSampler(self._gils) as sampler:
            self._child.send(Record())
            trace = self._hear(Traced).trace
        _check_trace(trace, self._trial.cell.tasks)
        trace = with_gils(trace, sampler.samples())
        strategy = self._catalogue.strategy(self._trial.cell.strategy)
        if complaint := _other_workers(trace, strategy, self._trial.cell.workers, self._child.pid):
            raise FailedError(Failed(Status.ERROR, complaint))
        return trace

    def answers(self, suspension: Suspension) -> str:
        """Those of its first pass, for other children to compare theirs with; empty if they cannot be sent."""
        self._begin(suspension)
        self._child.send(Show())
        return self._hear(Shown).answers

    def compare(self, answers: str, suspension: Suspension) -> None:
        """Have it compare its answers with those of another one; FailedError if they differ."""
        self._begin(suspension)
        self._child.send(Compare(answers))
        self._hear(Compared)

    def turn(
        self, round_number: int, place: int, min_time_s: float, others: OtherProcesses, suspension: Suspension
    ) -> Turn:
        """The timed passes of one turn, repeated until they took `min_time_s`, with their answers checked."""
        self._begin(suspension)
        child = self._child
        samples: list[CoreSample] = []
        if self._rests:
            child.send(Wake())
            self._hear(Awake)
        handoffs = self._gils.handoffs()
        before = Reading.before(child.supervisor, self._services, others, self._beside)
        child.send(TakeTurn(min_time_s))
        self._hear(Timed, lambda planned_ns: samples.append(before.later(planned_ns)))
        after = before.after(child.supervisor, self._services, self._beside)
        handoffs_after = self._gils.handoffs()
        child.send(Go())
        turned = self._hear(Turned)
        if not turned.passes:
            raise ProtocolError("no pass was timed")
        _check_passes(*turned.passes)
        if turned.passes[0].begin_ns < before.sample.at_ns or turned.passes[-1].end_ns > after.sample.at_ns:
            raise ProtocolError("the timed passes began before they were allowed to, or ended after they were reported")
        usage = before.until(after)
        if handoffs is not None and handoffs_after is not None:
            usage = replace(usage, gil_handoffs=handoffs_after - handoffs)
        taken = Turn(
            round_number, place, turned.passes, (before.sample, *samples, after.sample), usage, beats=turned.beats
        )
        cell, cores = self._trial.cell, usable_cores()
        workload, strategy = self._catalogue.workload(cell.workload), self._catalogue.strategy(cell.strategy)
        gil = self._start.gil_after_imports
        most = most_cores_busy(workload, strategy, gil=gil, cores=self._pinned or cores)
        flags = turn_flags(usage, most, cores)
        return replace(taken, flags=flags)

    def finish(self, traces: Sequence[Trace], turns: Sequence[Turn], suspension: Suspension) -> Measurement:
        """All numbers, with those of its traced passes and turns, which are over."""
        self._begin(suspension)
        start, child = self._start, self._child
        measured = [process for process in supervised(child.supervisor) if process.pid not in self._services]
        memory = MemoryUse(peak_rss_bytes(measured), pss_bytes(measured))
        pace_after_s = spin_s()
        child.send(End())
        finished = self._hear(Finished)
        return replace(
            self.so_far(traces, turns),
            cpu_speed=CpuSpeed(start.pace_s, pace_after_s),
            gil=GilStates(start.gil_at_start, start.gil_after_imports, finished.gil, finished.gil_enabled_by),
            threading_layer=finished.threading_layer,
            memory=memory,
            observations=finished.observations,
        )

    def so_far(self, traces: Sequence[Trace], turns: Sequence[Turn]) -> Measurement:
        """The numbers of a child that does not come to its end."""
        start = self._start
        return Measurement(
            costs=start.costs,
            warm_up=start.warm_up,
            traces=tuple(traces),
            turns=tuple(turns),
            cpu_speed=CpuSpeed(start.pace_s, start.pace_s),
            gil=GilStates(start.gil_at_start, start.gil_after_imports, start.gil_after_imports, ""),
            threading_layer="",
            memory=MemoryUse(None, None),
            chunk=start.chunk,
        )

    def close(self) -> None:
        """No longer look into its memory."""
        self._gils.close()

    def _begin(self, suspension: Suspension) -> None:
        self._deadline_ns = time.monotonic_ns() + int(self._trial.timeout_s * 1e9)
        self._suspension = suspension

    @property
    def remaining_s(self) -> float:
        """Seconds that are left of the time limit of this step."""
        return (self._deadline_ns - time.monotonic_ns()) / 1e9

    def _hear(self, kind: type[Message], tick: Callable[[int], None] = lambda _: None) -> Message:
        def ticks(planned_ns: int) -> None:
            tick(planned_ns)
            if self._suspension:
                self._suspension.tick(planned_ns)

        message: Any = self._child.receive(self._deadline_ns, PERIOD_S, ticks)
        if isinstance(message, Failed) and message.status is not Status.OK:
            raise FailedError(message)
        if not isinstance(message, kind):
            raise ProtocolError(f"{type(message).__name__} instead of {kind.__name__}")
        return message


def _check_passes(*passes: Pass) -> None:
    if any(each_pass.wall_s <= 0 for each_pass in passes):
        raise ProtocolError("a pass took no time: the workload is too short, or the clock is wrong")


def _other_workers(trace: Trace, strategy: Strategy, workers: int, child: int) -> str:
    """What is wrong if the tasks ran in other workers, or in more of them, than the strategy says; empty if nothing is.

    A single worker tells nothing: pools fall back to one, which is flagged.
    """
    seen, processes = {(span.pid, span.tid) for span in trace.spans}, {span.pid for span in trace.spans}
    if len(seen) == 1 or strategy.workers_are is None:
        return ""
    if strategy.workers_are == "processes" and processes == {child}:
        return "its tasks ran in threads of the process that opened the pool, not in processes; say so in workers_are"
    if strategy.workers_are == "threads" and processes != {child}:
        return "its tasks ran in processes, not in threads; say so in workers_are"
    if len(seen) > workers:
        return f"its tasks ran in {len(seen)} workers, but it was asked for {workers}; open as many as are asked for"
    return ""


def _check_trace(trace: Trace, tasks: int) -> None:
    _check_passes(trace.traced)
    if len(trace.spans) != tasks:
        raise ProtocolError(f"{len(trace.spans)} tasks were traced instead of {tasks}")
    if any(span.end_ns < span.begin_ns for span in trace.spans):
        raise ProtocolError("a task ended before it began")
