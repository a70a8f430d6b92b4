"""One trial inside the measured process: one cell, from the first import to the checked answers.

Nothing is written to the pipe while a pass is timed.
"""

import base64
import contextlib
import importlib
import os
import pickle
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from types import AsyncGeneratorType, CoroutineType
from typing import Any

from gil_lab.child import chunk_choice
from gil_lab.child.copies import here_only
from gil_lab.child.inputs import Inputs
from gil_lab.model.chunks import AUTO
from gil_lab.model.records import MAX_FLOAT, Beat, Observation, Pass, Trace
from gil_lab.model.wire import (
    Assignment,
    Awake,
    Compare,
    Compared,
    End,
    Finished,
    Go,
    Pipe,
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
from gil_lab.suite.answers import BETWEEN_FORMS, WITHIN, How, differing
from gil_lab.suite.catalogue import Catalogue, with_file
from gil_lab.suite.forms import Form, Task
from gil_lab.suite.instruments import gil
from gil_lab.suite.instruments.debuggers import tracers
from gil_lab.suite.instruments.gil_records import gil_records
from gil_lab.suite.instruments.heartbeat import Heartbeat
from gil_lab.suite.sources import check_unchanged
from gil_lab.suite.strategies import BASELINE, RestingRun, Run
from gil_lab.suite.workloads import Workload

MAX_SHOWN_BYTES = 4 * 1024 * 1024
"""A line of the protocol has room for 16 MiB, and base64 takes a third more."""
MAX_PASSES = 1000
"""For passes that take microseconds: more of them would only fill the disk."""
MAX_HELD_BYTES = 128 * 1024 * 1024
"""Of the outputs of a turn, beyond which there is no further pass in it."""
LONG_PASS_S = 0.001
"""Only after such passes memory is looked at, which takes 10 us: a shorter one makes no megabytes."""


TakenTurn = Callable[[str, float], tuple[list[Pass], list[list[Any]], tuple[Beat, ...]]]
"""Of passes of that kind for so many seconds: the passes, their outputs, and beats of a heartbeat beside them."""


class WrongAnswerError(Exception):
    """The answer differs from the workload's known one."""


class SkippedError(Exception):
    """The workload cannot run in this form on this system."""


def timed(kind: str, work: Callable[[], list[Any]]) -> tuple[Pass, list[Any]]:
    begin = time.monotonic_ns()
    outputs = work()
    return Pass(kind, begin, time.monotonic_ns()), outputs


def passes(
    kind: str, work: Callable[[Sequence[Any]], list[Any]], inputs: Inputs, min_time_s: float, most: int
) -> tuple[list[Pass], list[list[Any]]]:
    """Passes until their total is `min_time_s`, at least one and `most` at most, and the outputs of each.

    Outputs are kept until no clock runs. Where they take much memory, there are fewer passes.
    """
    done: list[Pass] = []
    outputs: list[list[Any]] = []
    enough, memory = time.monotonic_ns() + int(min_time_s * 1e9), resident_bytes()
    while not done or (done[-1].end_ns < enough and len(done) < most and not inputs.used_up):
        given = inputs.take()
        this_pass, answers = timed(kind, partial(work, given))
        done.append(this_pass)
        outputs.append(answers)
        if this_pass.wall_s > LONG_PASS_S and resident_bytes() - memory > MAX_HELD_BYTES:
            break
    return done, outputs


def most_passes(outputs: list[Any]) -> int:
    """Of a turn, so that all of their outputs take no more than `MAX_HELD_BYTES`, by the sizes that objects have:
    memory that was never touched (`bytes(40_000_000)`) is not resident, but is read when answers are compared.
    """
    try:
        each = sum(sys.getsizeof(one) for one in outputs)
    except Exception:  # of a `__sizeof__` of the user's
        return MAX_PASSES
    return max(1, min(MAX_PASSES, MAX_HELD_BYTES // max(1, each)))


def resident_bytes() -> int:
    """Memory of this process that is in RAM; 0 where the system does not say (/proc/self/statm, proc(5))."""
    try:
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - pathlib would take as long again
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0


def traced(form: Form, task: Task, run: Run, inputs: Inputs, workers: int) -> Iterator[tuple[Trace, list[Any]]]:
    """Without end, passes in which each task notes when and where it ran, and their outputs."""
    traced_task, unfold = form.traced(task, inputs.given)
    if form.rehearsal is not None:
        run(form.rehearsal, range(workers))
    while True:
        this_pass, folded = timed("traced", partial(run, traced_task, inputs.take()))
        inputs.refill()
        outputs, spans = unfold(folded)
        yield Trace(this_pass, tuple(spans)), outputs


@contextlib.contextmanager
def heartbeat_beside(task: Task, form: Form, period_ms: int | None) -> Iterator[tuple[Task, Heartbeat | None]]:
    """The task to run beside a heartbeat, and that heartbeat; without a period, the task unchanged and None.

    Raises SkippedError where a heartbeat is not possible.
    """
    if period_ms is None:
        yield task, None
        return
    try:
        heartbeat = Heartbeat(period_ms)
    except ImportError as error:
        raise SkippedError(str(error)) from error
    with contextlib.closing(heartbeat), form.beside(task, heartbeat) as accompanied:
        yield accompanied, heartbeat


class Answers:
    """The outputs of each pass, which are checked before the next turn begins."""

    def __init__(self, workload: Workload, inputs: Inputs, how: How = WITHIN) -> None:
        """`how` closely they must be those of sequential work."""
        self._workload, self._inputs, self._how = workload, inputs, how
        self.kept: list[list[Any]] = []
        """Those that are still needed: the first ones to compare with, and all that the workload reports about."""

    def check(self, answers: Sequence[list[Any]]) -> None:
        """Raises WrongAnswerError."""
        for outputs in answers:
            for one in outputs:
                if isinstance(one, CoroutineType):
                    raise WrongAnswerError("a task answers with a coroutine; name the form coroutine, not call")
                if isinstance(one, Iterator | AsyncGeneratorType):
                    kind = type(one).__name__
                    raise WrongAnswerError(f"a task answers with a {kind}, which is yet to be read; return a list")
            if not self.kept or self._workload.varies:
                if (complaint := self._workload.complaint(self._inputs.given, outputs)) is not None:
                    raise WrongAnswerError(complaint)
            elif (difference := differing(self.kept[0], outputs)) is not None:
                raise WrongAnswerError(f"the answers differ from pass to pass: {difference}{self._why()}")
            if not self.kept or self._workload.observe:
                self.kept.append(outputs)

    def _why(self) -> str:
        """The next step for whoever reads that answers differ from pass to pass."""
        if changed := self._inputs.uncopied:
            return f"; if tasks change their inputs, of type {changed}, make them inside the task"
        return "; if each is right, set varies=True"

    def shown(self) -> str:
        """Those of the first pass, as another measured process can read them; empty if that is not possible."""
        try:
            pickled = pickle.dumps(self.kept[0])
        except Exception:
            return ""
        return base64.b64encode(pickled).decode() if len(pickled) <= MAX_SHOWN_BYTES else ""

    def compare(self, shown: str) -> None:
        """Raises WrongAnswerError if they are others than those of sequential work."""
        try:
            expected = pickle.loads(base64.b64decode(shown))  # noqa: S301 - of a process that ran the same file
        except Exception:  # of a type that this Python does not have
            return
        if (difference := differing(expected, self.kept[0], self._how)) is not None:
            raise WrongAnswerError(
                f"the answers differ from those of {BASELINE}: {difference}; if both are right, set varies=True, or "
                "verify=function"
            )


def import_needs(workload: Workload) -> None:
    """Import what the task needs at its first call. Raises SkippedError, with a remedy, for a missing module."""
    for module in workload.requires:
        try:
            importlib.import_module(module)
        except ImportError as error:
            from gil_lab.child.probe import not_installed

            raise SkippedError(not_installed(module)) from error


def observations(workload: Workload, form: Form, task: Task, inputs: Sequence[Any], answers: Any) -> list[Observation]:
    """Raises TypeError or ValueError for what a user's `observe` may not give."""
    observed = list(form.observe(task, inputs))
    return observed + [_observation(one) for one in workload.observe(inputs, answers)] if workload.observe else observed


def _observation(one: object) -> Observation:
    if not isinstance(one, Observation):
        raise TypeError(f"observe gives {one!r:.40}; it must give a list of Observation")
    value = None if one.value is None else float(one.value)
    if value is not None and not abs(value) <= MAX_FLOAT:
        raise ValueError(f"observe gives {value:g} for {one.name!r:.40}; it must be a number up to {MAX_FLOAT:g}")
    return Observation(str(one.name), value, str(one.unit), str(one.text))


def threading_layer() -> str:
    """Numba's threading layer, which is known once parallel code has run."""
    numba = sys.modules.get("numba")
    try:
        return str(numba.threading_layer()) if numba else ""
    except ValueError:
        return ""


def that_rests(run: Run) -> RestingRun:
    """Most pools sleep by themselves: to rest is to do nothing."""
    return run if isinstance(run, RestingRun) else RestingRun(run, rest=lambda: None, wake=lambda: None)


def expect_go(pipe: Pipe) -> None:
    if not isinstance(message := pipe.receive(), Go):
        raise TypeError(f"expected Go, got {message}")


def serve(
    pipe: Pipe,
    turn: TakenTurn,
    traces: Iterator[tuple[Trace, list[Any]]],
    answers: Answers,
    inputs: Inputs,
    pool: RestingRun,
) -> None:
    """Do what the controller asks for, until it asks for nothing more. Raises WrongAnswerError.

    Whenever a message is sent after which others may have their turn, the pool rests.
    """
    while not isinstance(message := pipe.receive(), End):
        if isinstance(message, Record):
            pool.wake()
            trace, outputs = next(traces)
            answers.check([outputs])
            pool.rest()
            pipe.send(Traced(trace))
        elif isinstance(message, Show):
            pipe.send(Shown(answers.shown()))
        elif isinstance(message, Compare):
            answers.compare(message.answers)
            pipe.send(Compared())
        elif isinstance(message, Wake):
            pool.wake()
            pipe.send(Awake())
        elif isinstance(message, TakeTurn):
            done, found, beats = turn("timed", message.min_time_s)
            pipe.send(Timed())
            expect_go(pipe)
            inputs.refill()
            answers.check(found)
            pool.rest()
            pipe.send(Turned(tuple(done), beats))
        else:
            raise TypeError(f"expected Wake, TakeTurn, Record, Show, Compare or End, got {message}")
    pool.wake()


def _catalogue(assignment: Assignment) -> Catalogue:
    if assignment.file:
        check_unchanged(Path(assignment.file), assignment.sources)
    if assignment.target:
        from gil_lab.suite.targets import with_target

        return with_target(assignment.target)
    return with_file(Path(assignment.file)) if assignment.file else Catalogue()


def _task(form: Form, workload: Workload, assignment: Assignment) -> Any:
    try:
        task = form.task(workload)
        return here_only(task) if assignment.target and assignment.target.repeats else task
    except ImportError as error:  # the strategy's needs are met, so this workload cannot run here
        raise SkippedError(str(error)) from error


def measure(pipe: Pipe, assignment: Assignment, culprit: gil.Culprit) -> None:
    cell, catalogue = assignment.cell, _catalogue(assignment)
    workload, strategy = catalogue.workload(cell.workload), catalogue.strategy(cell.strategy)
    form = catalogue.form(strategy.form)

    with contextlib.ExitStack() as stack:
        try:
            given = stack.enter_context(workload.open_inputs(cell.tasks, cell.size))
        except ModuleNotFoundError:
            import_needs(workload)  # inputs may be made with what the task needs
            raise
        inputs = Inputs(given, watched=workload.after is None)
        pipe.send(Prepared())
        expect_go(pipe)

        begin = time.monotonic_ns()
        import_needs(workload)
        task = _task(form, workload, assignment)
        asked = (strategy.chunk or assignment.chunk) if strategy.has_chunks else None
        chunk = 1 if asked == AUTO else chunk_choice.given(asked, cell)
        with contextlib.ExitStack() as pool:
            run = pool.enter_context(strategy.opened(cell.workers, chunk))
            opened = time.monotonic_ns()
            form.compile(task, inputs.given)
            compiled, most = time.monotonic_ns(), 1

            def turn(kind: str, min_time_s: float) -> tuple[list[Pass], list[list[Any]], tuple[Beat, ...]]:
                with heartbeat_beside(task, form, workload.heartbeat_ms) as (accompanied, heartbeat):
                    done, outputs = passes(kind, partial(run, accompanied), inputs, min_time_s, most)
                beats = heartbeat.between(done[0].begin_ns, done[-1].end_ns) if heartbeat else ()
                return done, outputs, beats

            answers = Answers(workload, inputs, WITHIN if strategy.runs_plain_python else BETWEEN_FORMS)
            (warm_up,), first, _ = turn("warm-up", 0.0)
            most = most_passes(first[0])
            inputs.look_for_changes(warm_up.wall_s)
            answers.check(first)
            if asked == AUTO:
                one, outputs = next(traced(form, task, run, inputs, cell.workers))
                answers.check([outputs])
                chunk = chunk_choice.chosen(run, one.spans, inputs.given, cell.workers)
                pool.close()
                run = pool.enter_context(strategy.opened(cell.workers, chunk))
                (warm_up,), first, _ = turn("warm-up", 0.0)
                inputs.refill()
                answers.check(first)
            times_s = (opened - begin) / 1e9, (compiled - opened) / 1e9
            rests, resting = isinstance(run, RestingRun), that_rests(run)
            resting.rest()
            pipe.send(Ready(*times_s, warm_up, gil.enabled(), gil_records(), chunk, rests, resting.beside))
            traces = traced(form, task, run, inputs, cell.workers)
            serve(pipe, turn, traces, answers, inputs, resting)
            if watched := tracers():
                raise RuntimeError(f"{watched[0]} is active in the measured process and slows it down; switch it off")

            observed = [*observations(workload, form, task, inputs.given, answers.kept), *resting.observe()]
            # Before the pool is closed: a failure there, such as an interpreter that aborts, comes after the result.
            pipe.send(Finished(gil.enabled(), culprit.module, threading_layer(), tuple(observed)))
