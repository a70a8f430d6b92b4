"""Runs one trial: the dialogue with its child, and the clocks read meanwhile."""

import signal
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from gil_lab.measuring.cgroups import memory_limit_bytes, oom_kills
from gil_lab.measuring.launcher import Child, ChildEndedError, Launcher
from gil_lab.measuring.machine import spin_s, usable_cores
from gil_lab.measuring.quality_flags import quality_flags
from gil_lab.measuring.sampler import PERIOD_S, Reading, descendants, peak_rss_bytes, pss_bytes
from gil_lab.measuring.supervised_process import GRACE_S
from gil_lab.measuring.suspension import Suspension
from gil_lab.model.errors import ProtocolError
from gil_lab.model.records import (
    CoreSample,
    CpuSpeed,
    Flag,
    GilStates,
    Measurement,
    MemoryUse,
    Result,
    StartUpCosts,
    Status,
    Trial,
)
from gil_lab.model.text import one_line
from gil_lab.model.wire import Assignment, Failed, Finished, Go, Hello, Prepared, Ready, Timed
from gil_lab.suite.catalogue import Catalogue

Message = TypeVar("Message")
START_RETRY_S = 1.0
"""How long to wait before a second attempt to start a process."""


class FailedError(Exception):
    """The child reported a failure."""

    def __init__(self, failed: Failed) -> None:
        self.failed = failed


def run(trial: Trial, launcher: Launcher, catalogue: Catalogue) -> Result:
    """Measure one trial. Whatever the child does becomes part of the result; only an interrupt is raised.

    The lab does nothing else meanwhile: progress is shown between trials. A trial during which anything was suspended
    has no numbers, and should be measured again.
    """
    result = Result(trial, Status.SKIPPED, datetime.now(UTC).isoformat(timespec="seconds"), detail=one_line(trial.skip))
    if trial.skip:
        return result
    suspension, kills = Suspension(), oom_kills()
    try:
        child = start(launcher, trial.cell.workers)
    except OSError as error:
        return replace(result, status=Status.ERROR, detail=one_line(f"no child could be started: {error}"))
    try:
        status, detail, measurement = attempt(child, trial, catalogue, suspension)
    finally:
        end = child.close()
    flags: tuple[Flag, ...] = ()
    if gap := suspension.reason(stopped=child.suspended):
        status, detail, measurement, flags = Status.INTERRUPTED, gap, None, (Flag.CLOCK_GAP,)
    elif status is not Status.OK and (oom_kills() or 0) > (kills or 0):
        status, detail = Status.OOM, out_of_memory(detail, child)
    if measurement is not None:
        workload, strategy = catalogue.workload(trial.cell.workload), catalogue.strategy(trial.cell.strategy)
        flags = quality_flags(measurement, workload, strategy, trial.cell.workers, usable_cores(), launcher.cores)
        detail = f"throttled for {measurement.usage.throttled_s:.2f} s" if Flag.THROTTLED in flags else detail
    if end.leaked:
        flags = (*flags, Flag.LEAKED_PROCESSES)
    log = "" if status is Status.OK else end.printed
    return replace(result, status=status, detail=one_line(detail), flags=flags, measurement=measurement, log=log)


def start(launcher: Launcher, workers: int) -> Child:
    """Start a child; try once more after a second if the system has too many processes. Raises OSError."""
    try:
        return launcher.start(workers)
    except BlockingIOError:  # EAGAIN
        time.sleep(START_RETRY_S)
        return launcher.start(workers)


def out_of_memory(detail: str, child: Child) -> str:
    limit, peak = memory_limit_bytes(), child.peak_rss_bytes
    allowed = f" of {limit / 2**20:.0f} MiB" if limit else ""
    used = f", it had used {peak / 2**20:.0f} MiB" if peak else ""
    return f"the system ran out of memory{allowed}{used} ({detail})"


def attempt(
    child: Child, trial: Trial, catalogue: Catalogue, suspension: Suspension
) -> tuple[Status, str, Measurement | None]:
    """Status, detail and, if ok, the numbers, which count only with the right answers and a clean exit."""
    deadline_ns = time.monotonic_ns() + int(trial.timeout_s * 1e9)
    try:
        measurement = converse(child, trial, catalogue, deadline_ns, suspension)
    except FailedError as error:
        return error.failed.status, error.failed.detail, None
    except ProtocolError as error:
        return Status.PROTOCOL, str(error), None
    except TimeoutError:
        stopped = " (it was stopped)" if child.stopped else ""
        return Status.TIMEOUT, f"not done after {trial.timeout_s:g} s{stopped}; raise it with --timeout", None
    except ChildEndedError:
        return *ended(child.wait(GRACE_S), "before its result"), None
    code = child.wait(max(GRACE_S, (deadline_ns - time.monotonic_ns()) / 1e9))
    if code != 0:
        status, detail = ended(code, "after its result")
        return status, f"{detail}{last_line(child) if code == 1 else ''}", None
    return Status.OK, "", measurement


def last_line(child: Child) -> str:
    """The last line printed by a child that ended with an exception; after its result it sends no message about it."""
    lines = child.close().printed.strip().splitlines()
    return f": {lines[-1]}" if lines else ""


def ended(code: int | None, when: str) -> tuple[Status, str]:
    if code is None:
        return Status.TIMEOUT, f"the child did not end {when}"
    if code < 0:
        return Status.CRASHED, f"{signal_name(-code)} {when}"
    return (Status.CRASHED, f"exit code {code} {when}") if code else (Status.PROTOCOL, f"exited 0 {when}")


def signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return f"signal {number}"


def converse(child: Child, trial: Trial, catalogue: Catalogue, deadline_ns: int, suspension: Suspension) -> Measurement:
    """The dialogue of `gil_lab.model.wire`, with clocks read while the child waits for Go."""

    def hear(kind: type[Message], tick: Callable[[int], None] = lambda _: None) -> Message:
        def ticks(planned_ns: int) -> None:
            tick(planned_ns)
            suspension.tick(planned_ns)

        message: Any = child.receive(deadline_ns, PERIOD_S, ticks)
        if isinstance(message, Failed) and message.status is not Status.OK:
            raise FailedError(message)
        if not isinstance(message, kind):
            raise ProtocolError(f"{type(message).__name__} instead of {kind.__name__}")
        return message

    hello = hear(Hello)
    if hello.at_ns < child.began_ns:
        raise ProtocolError("it was ready before it was started: its clock is not ours")
    child.send(Assignment(trial.cell, trial.min_time_s, str(catalogue.file) if catalogue.file else None))
    hear(Prepared)
    # What runs before the pool is opened belongs to the workload's services, not to the strategy.
    services = frozenset(process.pid for process in descendants(child.pid)[1:])
    child.send(Go())
    ready = hear(Ready)

    samples: list[CoreSample] = []
    pace_before_s = spin_s()
    before = Reading.before(child.pid, services)
    child.send(Go())
    hear(Timed, lambda planned_ns: samples.append(before.later(planned_ns)))
    after = before.after(child.pid, services)
    pace_after_s = spin_s()
    measured = [process for process in descendants(child.pid) if process.pid not in services]
    memory = MemoryUse(peak_rss_bytes(measured), pss_bytes(measured))

    child.send(Go())
    finished = hear(Finished)
    check(ready, finished, trial, before, after)
    return Measurement(
        costs=StartUpCosts((hello.at_ns - child.began_ns) / 1e9, ready.startup_s, ready.compile_s),
        passes=(ready.warm_up, *finished.passes, finished.traced),
        spans=finished.spans,
        samples=(before.sample, *samples, after.sample),
        usage=before.until(after),
        cpu_speed=CpuSpeed(pace_before_s, pace_after_s),
        gil=GilStates(hello.gil, ready.gil, finished.gil, finished.gil_enabled_by),
        threading_layer=finished.threading_layer,
        memory=memory,
        beats=finished.beats,
        observations=finished.observations,
    )


def check(ready: Ready, finished: Finished, trial: Trial, before: Reading, after: Reading) -> None:
    """Raise ProtocolError for an impossible result: the child's clock is trusted only between our own readings."""
    if not finished.passes:
        raise ProtocolError("no pass was timed")
    if any(each_pass.wall_s <= 0 for each_pass in (ready.warm_up, *finished.passes, finished.traced)):
        raise ProtocolError("a pass took no time: the workload is too short, or the clock is wrong")
    if finished.passes[0].begin_ns < before.sample.at_ns or finished.passes[-1].end_ns > after.sample.at_ns:
        raise ProtocolError("the timed passes began before they were allowed to, or ended after they were reported")
    if len(finished.spans) != trial.cell.tasks:
        raise ProtocolError(f"{len(finished.spans)} tasks were traced instead of {trial.cell.tasks}")
    if any(span.end_ns < span.begin_ns for span in finished.spans):
        raise ProtocolError("a task ended before it began")
