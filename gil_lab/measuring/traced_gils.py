"""What samples of the GILs say of a traced pass: who held them, and what its tasks waited for."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby, pairwise

from gil_lab.measuring.gil_observer import ENDED_THREAD
from gil_lab.measuring.gil_sampler import GONE, MOST_GILS, PERIOD_S, RAN, SLEPT, GilSample, GilSamples
from gil_lab.model.gil import GilTrace, Hold, ObservedGil, Waits
from gil_lab.model.records import TaskSpan, Trace

LEAST_SAMPLES = 20
"""For a share of them: one sample is then 5 %."""
SELDOM = 4.0
"""Times as long as it should be between two samples, even of many GILs on a machine with room."""
LEAST_BLOCKED_SAMPLES = 10
"""For the parts of the blocked time of a task: they then have a standard error of 16 % of it at most."""
NEXT_TO_NOTHING = 0.02
"""Of a task's time: of so little blocked time the parts need not be known well."""
MOST_ENDED = 0.05
"""Share of the samples in which the holder may be a thread that has ended: of more the record cannot be right."""


def with_gils(trace: Trace, taken: GilSamples) -> Trace:
    """The trace with all that was seen; `taken` may begin before it and end after it."""
    begin_ns, end_ns = trace.traced.begin_ns, trace.traced.end_ns
    samples = [sample for sample in taken.samples if begin_ns <= sample.at_ns <= end_ns]
    without_gil = bool(taken.threads) and not taken.gils
    doubt = _doubt(samples, (end_ns - begin_ns) / 1e9)
    if (taken.unknown and not without_gil) or doubt:
        return replace(trace, gil=GilTrace(unknown=taken.unknown or doubt, waits_unknown=doubt * without_gil))
    gils = tuple(_observed(number, samples, taken, trace.spans) for number in range(len(taken.gils)))
    waits = list(_waits(trace.spans, taken, samples))
    spans = tuple(replace(span, waits=its.waits(span, LEAST_BLOCKED_SAMPLES)) for span, its in waits)
    holds = tuple(hold for number, gil in enumerate(taken.gils) for hold in _holds(gil, number, samples))
    together = _of_all(waits)
    if isinstance(together, str):
        return replace(trace, spans=spans, gil=GilTrace(gils, holds, None, taken.unknown, together))
    return replace(trace, spans=spans, gil=GilTrace(gils, holds, together, taken.unknown))


def _doubt(samples: Sequence[GilSample], pass_s: float) -> str:
    """Why nothing can be said of them; empty if something can."""
    if len(samples) < LEAST_SAMPLES:
        too_short = pass_s < SELDOM * LEAST_SAMPLES * PERIOD_S
        why = "it is too short" if too_short else "there was no core left to take more; close other programs"
        return f"only {len(samples)} samples were taken in the traced pass: {why}"
    ended = sum(holder == ENDED_THREAD for sample in samples for holder in sample.holders)
    if ended > MOST_ENDED * len(samples) * len(samples[0].holders):
        return "threads seemed to hold the GIL that do not exist"
    if any(
        later < before
        for one, two in pairwise(samples)
        for before, later in zip(one.handoffs, two.handoffs, strict=True)
    ):
        return "the counter of hand-offs went back"
    return ""


def _observed(number: int, samples: Sequence[GilSample], taken: GilSamples, spans: Sequence[TaskSpan]) -> ObservedGil:
    pid, interpreter = taken.gils[number]
    of_tasks = [span for span in spans if span.pid == pid]
    none_or_tasks = {None, *(span.tid for span in of_tasks)}
    held = sum(sample.holders[number] is not None for sample in samples)
    waiting = sum(sample.threads.count(number) for sample in samples)
    return ObservedGil(
        pid=pid,
        interpreter=interpreter,
        samples=len(samples),
        held_share=held / len(samples),
        waiting=waiting / len(samples) if taken.threads else None,
        handoffs=samples[-1].handoffs[number] - samples[0].handoffs[number],
        held_by_tasks=_held_by_tasks(number, samples, taken, of_tasks),
        held_by_others=sum(sample.holders[number] not in none_or_tasks for sample in samples) / len(samples),
    )


def _held_by_tasks(
    number: int, samples: Sequence[GilSample], taken: GilSamples, spans: Sequence[TaskSpan]
) -> float | None:
    """Of the samples during tasks at which their thread did not wait for that GIL; None if there are too few.

    A thread that was woken still waits, for a core, until the GIL has gone to another thread.
    """
    places = {thread: place for place, thread in enumerate(taken.threads)}
    times_ns = [sample.at_ns for sample in samples]
    held = own = 0
    until_ns: dict[int, int] = {}
    for span in sorted(spans, key=lambda one: one.begin_ns):
        if (place := places.get((span.pid, span.tid))) is None:
            return None
        begin_ns, waited_at = max(span.begin_ns, until_ns.get(span.tid, 0)), None  # coroutines share a thread
        until_ns[span.tid] = max(span.end_ns, begin_ns)
        for sample in samples[bisect_left(times_ns, begin_ns) : bisect_right(times_ns, span.end_ns)]:
            if place >= len(sample.threads):
                continue
            holds, handoffs = sample.holders[number] == span.tid, sample.handoffs[number]
            if sample.threads[place] == number:
                waited_at = handoffs
            elif holds or handoffs != waited_at:
                own, held, waited_at = own + 1, held + holds, None
    return held / own if own >= LEAST_SAMPLES else None


def _holds(gil: tuple[int, int], number: int, samples: Sequence[GilSample]) -> Iterator[Hold]:
    """From the middle between two samples to the middle between two others: when it changed is not known better."""
    runs = [list(run) for _, run in groupby(samples, lambda one: (one.holders[number], one.handoffs[number]))]
    ends = [(run[-1].at_ns + later[0].at_ns) // 2 for run, later in pairwise(runs)]
    begins, before = [samples[0].at_ns, *ends], samples[0].handoffs[number]
    for run, begin_ns, end_ns in zip(runs, begins, [*ends, samples[-1].at_ns], strict=True):
        handoffs = run[-1].handoffs[number]
        yield Hold(*gil, run[0].holders[number], begin_ns, end_ns, handoffs - before)
        before = handoffs


class _Doings:
    """What a task did at the samples during its time."""

    def __init__(self, doings: Iterable[int] | None) -> None:
        """None where it cannot be seen."""
        self.known = doings is not None
        blocked = [doing for doing in doings or () if doing not in (RAN, GONE)]
        self.blocked = len(blocked)
        self.gil = sum(doing < MOST_GILS for doing in blocked)
        self.sleep = blocked.count(SLEPT)

    def waits(self, span: TaskSpan, least: int) -> Waits | None:
        """The parts of its blocked time; None if there were too few samples of it."""
        blocked_ns, whole_ns = span.blocked_ns, span.end_ns - span.begin_ns
        if not self.known or blocked_ns is None:
            return None
        if self.blocked < least and blocked_ns > NEXT_TO_NOTHING * whole_ns:
            return None
        return _parts(blocked_ns, self.blocked, self.gil, self.sleep)


def _parts(blocked_ns: int, blocked: int, gil: int, sleep: int) -> Waits:
    gil_ns, sleep_ns = (round(blocked_ns * part / max(1, blocked)) for part in (gil, sleep))
    return Waits(gil_ns, blocked_ns - gil_ns - sleep_ns, sleep_ns)


def _waits(
    spans: Sequence[TaskSpan], taken: GilSamples, samples: Sequence[GilSample]
) -> Iterator[tuple[TaskSpan, _Doings]]:
    """Each task with what it did. Of tasks that share a thread, coroutines, a thread does not tell."""
    places = {thread: place for place, thread in enumerate(taken.threads)}
    shared = set(_with_overlaps(spans))
    times_ns = [sample.at_ns for sample in samples]
    for span in spans:
        thread = span.pid, span.tid
        if thread in shared or (place := places.get(thread)) is None:
            yield span, _Doings(None)
            continue
        during = samples[bisect_left(times_ns, span.begin_ns) : bisect_right(times_ns, span.end_ns)]
        yield span, _Doings(sample.threads[place] for sample in during if place < len(sample.threads))


def _with_overlaps(spans: Sequence[TaskSpan]) -> Iterator[tuple[int, int]]:
    """The threads that had several tasks at a time."""
    ordered = sorted(spans, key=lambda span: (span.pid, span.tid, span.begin_ns))
    for one, two in pairwise(ordered):
        if (one.pid, one.tid) == (two.pid, two.tid) and two.begin_ns < one.end_ns:
            yield one.pid, one.tid


def _of_all(tasks: Sequence[tuple[TaskSpan, _Doings]]) -> Waits | str:
    """Of all tasks together: those that are too short for parts of their own count here too. Else the reason."""
    blocked_ns = sum(span.blocked_ns or 0 for span, _ in tasks)
    whole_ns = sum(span.end_ns - span.begin_ns for span, _ in tasks)
    blocked = sum(seen.blocked for _, seen in tasks)
    if any(span.blocked_ns is None for span, _ in tasks):
        return "the system does not say how long tasks were blocked"
    if not all(seen.known for _, seen in tasks):
        return "it is not seen what each task waits for: tasks share a thread, or threads cannot be looked at"
    if blocked < LEAST_SAMPLES and blocked_ns > NEXT_TO_NOTHING * whole_ns:
        return f"what tasks wait for was seen in only {blocked} samples: they were blocked for too short a time"
    return _parts(blocked_ns, blocked, sum(seen.gil for _, seen in tasks), sum(seen.sleep for _, seen in tasks))
