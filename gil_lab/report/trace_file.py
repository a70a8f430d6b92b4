"""A session as a trace for Perfetto and chrome://tracing: their JSON Object Format ("Trace Event Format", Google).

One process stands for a cell. Its threads are the passes of the trial and the workers of the traced pass; counters are
how busy the cores were. Events of one thread must nest (phase X), so tasks that overlap in one thread, coroutines, are
asynchronous events (phases b and e), one identity for each lane.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count, groupby
from typing import Any, Protocol

from gil_lab.analysis.core_series import CoreSeries
from gil_lab.analysis.gil_timelines import GilHolds, GilTimeline
from gil_lab.analysis.states import TaskState, by_state
from gil_lab.analysis.timelines import Bar, Lane, Timeline
from gil_lab.model.cell_names import cell_name
from gil_lab.model.records import Cell, Pass
from gil_lab.model.text import one_line
from gil_lab.sessions.rows import PassRow

Event = dict[str, Any]


class TraceSource(Protocol):
    """What a trace is made from; `gil_lab.analysis.results.SessionResults` is one."""

    @property
    def timelines(self) -> Sequence[Timeline]: ...

    @property
    def gil_timelines(self) -> Sequence[GilTimeline]: ...

    @property
    def core_series(self) -> Sequence[CoreSeries]: ...

    @property
    def passes(self) -> Sequence[PassRow]: ...


def as_trace(source: TraceSource) -> str:
    """All cells that were traced, then those that were only sampled; each from the beginning of its own first pass on.

    JSON in UTF-8. A source without any cell gives a trace without events.
    """
    traced, sampled = {one.cell: one for one in source.timelines}, {one.cell: one for one in source.core_series}
    locks = {one.cell: one for one in source.gil_timelines}
    trials = {cell: one.trial for cell, one in (sampled | traced).items()}
    of_trial: dict[int, list[Pass]] = {}
    for row in source.passes:
        of_trial.setdefault(row.trial, []).append(row.one)
    numbers = count(1)  # of processes and threads alike: a thread with its process's number would be its main thread
    lines = (
        _line(event)
        for place, cell in enumerate(dict.fromkeys([*traced, *sampled]))
        for event in _Process(cell, place, numbers).events(
            traced.get(cell), locks.get(cell), sampled.get(cell), _one_after_the_other(of_trial.get(trials[cell], []))
        )
    )
    return '{"displayTimeUnit":"ms","traceEvents":[\n' + ",\n".join(lines) + "\n]}\n"


def _line(event: Event) -> str:
    """Not in ASCII: Perfetto (v52) never gets done with a string that holds an escaped quote and then an emoji as two
    escapes. What must not stand in a file, a lone surrogate or a control character, `one_line` has replaced.
    """
    return json.dumps(event, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _one_after_the_other(passes: Iterable[Pass]) -> list[Pass]:
    """Without those that an edited file lets overlap: events of one thread must nest."""
    kept: list[Pass] = []
    for one in sorted(passes, key=lambda one: one.begin_ns):
        if one.wall_s > 0 and (not kept or one.begin_ns >= kept[-1].end_ns):
            kept.append(one)
    return kept


class _Process:
    """One cell as a process of the trace."""

    def __init__(self, cell: Cell, place: int, numbers: Iterator[int]) -> None:
        self.cell = cell
        self.place = place
        self.numbers = numbers
        self.number = next(numbers)
        self.start_ns = 0

    def events(
        self,
        timeline: Timeline | None,
        locks: GilTimeline | None,
        series: CoreSeries | None,
        passes: Sequence[Pass],
    ) -> Iterator[Event]:
        begins = [one.begin_ns for one in (timeline, series, *passes) if one]
        self.start_ns = min(begins, default=0)
        cell = self.cell
        name = f"{cell_name(cell)}, {cell.work}, Python {cell.interpreter}"
        yield self._about("process_name", name=one_line(name))
        yield self._about("process_labels", labels=f"{cell.tasks} tasks, size {cell.size}")
        yield self._about("process_sort_index", sort_index=self.place)
        yield from self._passes(passes)
        for worker, lanes in groupby(timeline.lanes if timeline else (), lambda lane: lane.worker):
            yield from self._worker(worker, list(lanes), timeline.begin_ns if timeline else 0)
        for gil in locks.gils if locks else ():
            yield from self._gil(gil, locks.workers if locks else {}, several=locks is not None and len(locks.gils) > 1)
        if series:
            yield from self._counters(series)

    def _gil(self, gil: GilHolds, workers: Mapping[tuple[int, int], int], *, several: bool) -> Iterator[Event]:
        """Who held it when; a gap is time in which it was free."""
        thread = next(self.numbers)
        where = f" of process {gil.pid}" + (f", interpreter {gil.interpreter}" if gil.interpreter else "")
        yield from self._thread(thread, f"GIL{where if several else ''}", 0)
        for hold in gil.holds:
            if hold.tid is not None:
                name = _holder(workers.get((gil.pid, hold.tid)), hold.tid)
                length = _us(hold.end_ns - hold.begin_ns)
                yield self._at("X", hold.begin_ns, tid=thread, name=name, cat="GIL", dur=length)

    def _passes(self, passes: Sequence[Pass]) -> Iterator[Event]:
        thread = next(self.numbers)
        yield from self._thread(thread, "passes", 0)
        timed = count(1)
        for one in passes:
            name = f"timed {next(timed)}" if one.kind == "timed" else one_line(one.kind)
            yield self._at("X", one.begin_ns, tid=thread, name=name, cat="pass", dur=_us(one.end_ns - one.begin_ns))

    def _worker(self, worker: int, lanes: Sequence[Lane], begin_ns: int) -> Iterator[Event]:
        thread = next(self.numbers)
        yield from self._thread(thread, f"worker {worker}, thread {lanes[0].tid}", worker)
        for lane in lanes:
            identity = {"local": f"{next(self.numbers):#x}"}  # of this process, so that it is shown with it
            for bar in lane.bars:
                begin, end = (begin_ns + round(1e9 * time_s) for time_s in (bar.begin_s, bar.end_s))
                common = {"tid": thread, "name": f"task {bar.task}", "cat": "task"}
                if len(lanes) == 1:
                    yield self._at("X", begin, **common, dur=_us(end - begin), args=_states(bar))
                else:
                    yield self._at("b", begin, **common, id2=identity, args=_states(bar))
                    yield self._at("e", end, **common, id2=identity)

    def _counters(self, series: CoreSeries) -> Iterator[Event]:
        cores = range(len(series.intervals[0].busy))
        for interval in series.intervals:
            now = series.begin_ns + round(1e9 * (interval.begin_s + interval.apart_s))
            for core in cores:
                yield self._count(now, f"core {core} busy", "%", 100 * interval.busy[core])
            yield self._count(now, "others", "cores", interval.others)
        # A counter keeps its value until the next one, so each is ended.
        last = series.intervals[-1]
        end = series.begin_ns + round(1e9 * (last.end_s + last.apart_s))
        for core in cores:
            yield self._count(end, f"core {core} busy", "%", 0)
        yield self._count(end, "others", "cores", 0)

    def _about(self, what: str, **args: object) -> Event:
        return {"ph": "M", "pid": self.number, "name": what, "args": args}

    def _thread(self, thread: int, name: str, place: int) -> Iterator[Event]:
        yield self._about("thread_name", name=name) | {"tid": thread}
        yield self._about("thread_sort_index", sort_index=place) | {"tid": thread}

    def _count(self, at_ns: int, name: str, unit: str, value: float) -> Event:
        return self._at("C", at_ns, name=name, args={unit: round(value, 3)})

    def _at(self, phase: str, at_ns: int, **fields: object) -> Event:
        return {"ph": phase, "pid": self.number, "ts": _us(at_ns - self.start_ns), **fields}


def _holder(worker: int | None, thread: int) -> str:
    return f"worker {worker}" if worker else f"thread {thread}" if thread else "a thread that has ended"


def _us(time_ns: int) -> float:
    """Microseconds with three decimals: nanoseconds."""
    return round(time_ns / 1e3, 3)


def _states(bar: Bar) -> Event:
    """What the task did with its time, in milliseconds; without what is not known."""
    length_ms = 1e3 * (bar.end_s - bar.begin_s)
    known: Event = {
        f"{state}, ms": round(length_ms * share, 6)
        for state, share in by_state(bar.states).items()
        if state is not TaskState.NOT_RUNNING
    }
    cores = {"core at begin": bar.core_begin, "core at end": bar.core_end}
    return known | {name: core for name, core in cores.items() if core is not None}
