"""Sessions made up for tests of what is drawn over time: rows of their files, and what pictures are drawn from."""

from dataclasses import dataclass, field, replace

from made import cell, row, summary

from gil_lab.analysis.core_series import core_series
from gil_lab.analysis.gil_timelines import gil_timelines
from gil_lab.analysis.timelines import timelines
from gil_lab.analysis.verdicts import region
from gil_lab.model.gil import Hold, ObservedGil
from gil_lab.model.records import Pass, TaskSpan
from gil_lab.sessions.rows import CoreRow, GilRow, HoldRow, PassRow, SampleRow, TaskRow

MS = 1_000_000
BEGIN = 1_563_000 * MS
"""A monotonic clock does not begin at 0."""
HOSTILE = "</script><script>alert(1)</script>'];alert(1);['${x}\\u2028"


@dataclass
class Made:
    """The rows of a session, and what pictures are drawn from."""

    rows: list = field(default_factory=list)
    trials: list = field(default_factory=list)
    passes: list = field(default_factory=list)
    tasks: list = field(default_factory=list)
    samples: list = field(default_factory=list)
    cores: list = field(default_factory=list)
    holds: list = field(default_factory=list)
    gils: list = field(default_factory=list)

    def add(self, one, spans, wall_ms, busy=(), used=(), in_flight=2.0, cores_busy=1.0, **usage):
        """A trial of the cell `one`: its traced pass of `wall_ms`, and intervals of 100 ms with the shares `busy`.

        `used` is what the child used in each interval, in cores' worth.
        """
        number = len(self.trials) + 1
        begin = BEGIN + 10_000 * MS * number
        timed_ms = 100 * max(1, len(busy))
        traced = begin + (timed_ms + 500) * MS
        self.trials.append(row(number=number, cell=one))
        self.rows.append(
            summary(
                cell=one, in_flight=in_flight, cores_busy=cores_busy, verdict=region(in_flight, cores_busy), **usage
            )
        )
        for count, (kind, since, until) in enumerate(
            [
                ("warm-up", begin - 400 * MS, begin - 50 * MS),
                ("timed", begin + MS, begin + timed_ms * MS // 2),
                ("timed", begin + timed_ms * MS // 2, begin + timed_ms * MS - MS),
                ("traced", traced, traced + round(wall_ms * MS)),
            ]
        ):
            self.passes.append(PassRow(number, count, Pass(kind, since, until)))
        self.tasks += [TaskRow(number, at(span, traced), None) for span in spans]
        totals, child_s = [100.0 * (core + 1) for core in range(len(busy[0]) if busy else 0)], 5.0
        for count in range(len(busy) + 1 if busy else 0):
            if count:
                totals = [total + 0.1 * share for total, share in zip(totals, busy[count - 1], strict=True)]
                child_s += 0.1 * used[count - 1]
            now = begin + 100 * MS * count
            self.samples.append(SampleRow(number, now, 0, child_s, 0.0, 0.2))
            self.cores += [CoreRow(number, core, now, total, 0.0) for core, total in enumerate(totals)]
        return self

    polls = ()

    @property
    def timelines(self):
        return timelines(self.trials, self.passes, self.tasks)

    @property
    def gil_timelines(self):
        return gil_timelines(self.trials, self.holds, self.timelines, self.gils)

    def held(self, *holds, trial=1, pid=100, interpreter=0):
        """Who held the GIL during the traced pass of a trial: thread, begin and end in ms, hand-offs."""
        begin_ns = next(one.one.begin_ns for one in self.passes if one.trial == trial and one.one.kind == "traced")
        for tid, begin_ms, end_ms, handoffs in holds:
            hold = Hold(pid, interpreter, tid, begin_ns + round(begin_ms * MS), begin_ns + round(end_ms * MS), handoffs)
            self.holds.append(HoldRow(trial, 1, hold))
        return self

    def looked_at(self, samples, trial=1, pid=100):
        """How often, in the traced pass of a trial."""
        self.gils.append(GilRow(trial, 1, ObservedGil(pid, 0, samples, 0.5, None, 0)))
        return self

    @property
    def core_series(self):
        return core_series(self.trials, self.passes, self.samples, self.cores)


def at(span, since_ns):
    return replace(span, begin_ns=span.begin_ns + since_ns, end_ns=span.end_ns + since_ns)


def span(task=0, begin_ms=0.0, end_ms=10.0, running=1.0, ready=0.0, **changes):
    """Of a pass that begins at 0; `running` and `ready` are shares of its time."""
    length = (end_ms - begin_ms) * MS
    usual = {
        "task": task,
        "pid": 100,
        "tid": 200,
        "begin_ns": round(begin_ms * MS),
        "end_ns": round(end_ms * MS),
        "running_ns": round(running * length),
        "ready_ns": None if ready is None else round(ready * length),
        "core_begin": 0,
        "core_end": 0,
    }
    return TaskSpan(**{**usual, **changes})


def dealt(workers, tasks, length_ms, running, ready=0.0, processes=False, **changes):
    """Tasks dealt out to workers that are all busy all the time, each a little later than the one before."""
    spans = []
    for task in range(tasks):
        worker = task % workers
        begin = 0.3 * worker + (task // workers) * (length_ms + 0.2)
        thread = {"pid": 100 + worker * processes, "tid": 200 + worker}
        moved = {"core_begin": worker % 2, "core_end": (worker + (task % 5 == 0)) % 2}
        spans.append(span(task, begin, begin + length_ms, running, ready, **{**thread, **moved, **changes}))
    return spans


def wall_ms(spans):
    return max(one.end_ns for one in spans) / MS + 0.1


def session():
    """One core under the GIL beside two without it: what a lecture begins with."""
    one_after_the_other = dealt(1, 16, 10.0, 1.0)
    taking_turns = dealt(8, 16, 80.0, 0.12)
    coroutines = dealt(8, 16, 80.0, 0.125, tid=200)
    overlapping = dealt(8, 16, 40.0, 0.25, 0.6, processes=True)
    both, first, half = (0.97, 0.96), (0.99, 0.02), (0.55, 0.47)
    made = Made()
    made.add(cell("sequential"), one_after_the_other, wall_ms(one_after_the_other), [first] * 5, [1.0] * 5, 1.0, 1.0)
    made.add(cell("threading", workers=8), taking_turns, wall_ms(taking_turns), [half] * 6, [1.0] * 6, 7.9, 1.0)
    made.add(cell("asyncio", workers=8), coroutines, wall_ms(coroutines), [first] * 6, [1.0] * 6, 7.9, 1.0)
    return made.add(
        cell("multiprocessing", workers=8), overlapping, wall_ms(overlapping), [both] * 4, [1.9] * 4, 7.8, 1.9
    )


def add(made, one, spans, busy=((0.9, 0.1), (0.9, 0.1)), used=(0.9, 0.9), **changes):
    return made.add(one, spans, wall_ms(spans), busy, used, **changes)


def many_workers():
    """Of 64 processes, each on a core of its own, and 100 threads."""
    made = add(Made(), cell("multiprocessing", workers=64), dealt(64, 128, 20, 0.9), [[0.9] * 64] * 2, [57] * 2)
    return add(made, cell("threading", workers=100), dealt(100, 200, 20, 0.01), [[0.1] * 64] * 2, [1] * 2)


def one_task():
    return add(Made(), cell("sequential", tasks=1), [span(0, 0, 10)], [[0.5]], [0.5], in_flight=1.0)


def untold():
    """Where the system does not tell how long a thread waited for a core."""
    return add(Made(), cell("threading", workers=4), dealt(4, 8, 10, 0.2, None))


def hostile():
    return add(Made(), cell(HOSTILE, workload=HOSTILE, interpreter=HOSTILE), dealt(2, 4, 10, 0.2))


def two_workloads():
    made = add(Made(), cell("threading"), dealt(2, 4, 10, 0.5))
    return add(made, cell("threading", workload="http"), dealt(2, 4, 10, 0.01), in_flight=2.0, cores_busy=0.1)
