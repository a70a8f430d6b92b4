"""One measured process from its launch to its result: started, traced, then turn after turn, then finished.

Between its turns it sleeps, reading from its pipe. Whatever it does becomes part of its result; only an interrupt is
raised.
"""

import math
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Self, TypeVar

import psutil

from gil_lab.measuring.cgroups import oom_kills
from gil_lab.measuring.dialogue import Dialogue, FailedError
from gil_lab.measuring.launcher import Child, ChildEndedError, Launcher
from gil_lab.measuring.machine import usable_cores
from gil_lab.measuring.other_processes import OtherProcesses
from gil_lab.measuring.out_of_memory import may_be_killed, out_of_memory
from gil_lab.measuring.processes import cpu_s_or_zero, supervised
from gil_lab.measuring.quality_flags import quality_flags
from gil_lab.measuring.supervised_process import GRACE_S
from gil_lab.measuring.suspension import Suspension
from gil_lab.model.errors import ProtocolError
from gil_lab.model.records import Flag, Measurement, Result, Start, Status, Trace, Trial, Turn
from gil_lab.model.text import one_line
from gil_lab.suite.catalogue import Catalogue

Made = TypeVar("Made")
START_RETRY_S = 1.0
"""How long to wait before a second attempt to start a process."""
LOOK_S, SPINNING = 0.01, 0.2
"""A look at whether it sleeps, and the share of a core from which on it does not: ten times what would be flagged."""
LONGEST_SPIN_S = 0.3
"""Threads of libraries spin after a call, as the next one may be near: those of OpenBLAS for 2^26 cycles, 20 to 30 ms
(its THREAD_TIMEOUT), those of Intel's OpenMP for 200 ms (KMP_BLOCKTIME)."""


class MeasuredChild:
    """Its steps: `start`, then `trace` and `turn` as many times as the caller likes, `finish`; then it is closed.

    After a step that failed, the others do nothing: the process is gone, and `finish` says why.
    """

    def __init__(self, trial: Trial, launcher: Launcher, catalogue: Catalogue) -> None:
        self.trial = trial
        self._launcher, self._catalogue = launcher, catalogue
        self._kills = self._kills_before_step = oom_kills()
        """How many processes had been ended because memory ran out: when this began, and when its last step did."""
        self._child: Child | None = None
        self._dialogue: Dialogue | None = None
        self._result = Result(trial, Status.SKIPPED, datetime.now(UTC).isoformat(timespec="seconds"))
        self._over, self._gap = False, ""
        self.known: Start | None = None
        """Once it has started."""
        self.traces: list[Trace] = []
        self._turns: list[Turn] = []
        self.processes: list[psutil.Process] = []
        self._disturbed: set[int] = set()
        """Numbers of the trials during whose turns it was awake."""
        self._spins: bool | None = None
        """Whether it goes on for a while after a pass, and then sleeps; None before its first one."""

    @property
    def over(self) -> bool:
        """Whether it has failed or finished: it takes no turns any more."""
        return self._over

    @property
    def began_utc(self) -> str:
        """When its trial began."""
        return self._result.began_utc

    def start(self) -> None:
        """Launch it and have it start, compile and warm up."""
        if self.trial.skip:
            self._end(Status.SKIPPED, self.trial.skip)
            return
        try:
            self._child = launched(self._launcher, self.trial.cell.workers)
        except OSError as error:
            self._end(Status.ERROR, f"no child could be started: {error}")
            return
        dialogue = self._dialogue = Dialogue(self._child, self.trial, self._catalogue, self._launcher.cores)
        self.known, gap = self._step("at its start or in its first pass", dialogue.start)
        if gap and not self._over:
            self._interrupted(gap)

    def answers(self) -> str:
        """Of its first pass; empty if it failed, or cannot send them."""
        dialogue = self._dialogue
        if self._over or dialogue is None:
            return ""
        answers, _ = self._step("when it showed its answers", dialogue.answers)
        return answers or ""

    def compare(self, answers: str) -> None:
        """Have it compare its answers with those of another one; if they differ, its trial is wrong."""
        dialogue = self._dialogue
        if not self._over and dialogue is not None:
            self._step("when it compared its answers", lambda suspension: dialogue.compare(answers, suspension))

    def trace(self) -> Trace | None:
        """Have it trace a pass; None if it failed, or was suspended meanwhile."""
        dialogue = self._dialogue
        if self._over or dialogue is None:
            return None
        trace, gap = self._step("in a traced pass", dialogue.trace)
        if trace is None or gap:
            self._gap = gap
            return None
        self.traces.append(trace)
        return trace

    def turn(self, round_number: int, place: int, min_time_s: float, others: OtherProcesses) -> Turn | None:
        """Let it take a turn; None if it failed, or was suspended meanwhile: such a turn does not count."""
        dialogue = self._dialogue
        if self._over or dialogue is None or not self.traces:
            return None
        turn, gap = self._step(
            "in a turn", lambda suspension: dialogue.turn(round_number, place, min_time_s, others, suspension)
        )
        if turn is None or gap:
            self._gap = gap
            return None
        self._turns.append(turn)
        return turn

    def settle(self) -> None:
        """After a step, wait until its threads sleep: else their spinning would be in the turn of the next one.

        Of those that sleep at once after their first pass this costs the others nothing, nor of one that never sleeps.
        """
        if self._over or self._spins is False:
            return
        until = time.monotonic() + LONGEST_SPIN_S
        while True:
            before_s = self.cpu_s()
            time.sleep(LOOK_S)
            spins = self.cpu_s() - before_s > SPINNING * LOOK_S
            self._spins = spins if self._spins is None else self._spins
            if not spins:
                return
            if time.monotonic() > until:
                self._spins = False
                return

    def replace_last(self, turn: Turn) -> Turn:
        """Put another in the place of its last turn: the same, with what was found out afterwards."""
        self._turns[-1] = turn
        return turn

    @property
    def pids(self) -> set[int]:
        """Of the processes that it had after its last step, and of those that supervise them."""
        above = {self._child.supervisor, self._child.keeper} if self._child else set()
        return above | {process.pid for process in self.processes}

    def cpu_s(self) -> float:
        """CPU seconds, cumulative, of these processes, without their supervisor."""
        return math.fsum(map(cpu_s_or_zero, self.processes))

    def woke_during(self, other: Trial) -> None:
        """Note that it used CPU time during the turn of another one."""
        self._disturbed.add(other.number)

    def finish(self) -> Result:
        """Have it end, and its result, which has numbers only with the right answers and a clean exit."""
        dialogue, child = self._dialogue, self._child
        if self._over or dialogue is None or child is None:
            return self._result
        if not self._turns or not self.traces:
            self._end(Status.INTERRUPTED, self._gap or "it had no turn", flags=(Flag.CLOCK_GAP,) if self._gap else ())
            return self._result
        measurement, _ = self._step(
            "at its end", lambda suspension: dialogue.finish(self.traces, self._turns, suspension)
        )
        if measurement is None:
            return self._result
        code = child.wait(max(GRACE_S, dialogue.remaining_s))
        if code != 0:
            status, detail = ended(code, "after its result")
            self._end(status, f"{detail}{last_line(child) if code == 1 else ''}")
        else:
            self._end(Status.OK, "", measurement)
        return self._result

    def _step(self, when: str, step: Callable[[Suspension], Made]) -> tuple[Made | None, str]:
        """One step of the dialogue: what it made, None if it failed and is over; and what was suspended meanwhile."""
        suspension, child = Suspension(), self._child
        assert child is not None
        child.forget_suspension()
        self._kills_before_step = oom_kills()
        made, failure = None, None
        try:
            made = step(suspension)
        except FailedError as error:
            failure = error.failed.status, error.failed.detail
        except ProtocolError as error:
            failure = Status.PROTOCOL, str(error)
        except TimeoutError:
            stopped = " (it was stopped)" if child.stopped else ""
            late = f"not done after {self.trial.timeout_s:g} s, {when}{stopped}"
            failure = Status.TIMEOUT, f"{late}; raise --timeout, or use fewer or smaller tasks (--tasks, --size)"
        except ChildEndedError:
            failure = ended(child.wait(GRACE_S), f"before its result{LOST * child.lost_supervisor}")
        else:
            self.processes = supervised(child.supervisor)
        child.wait(0)  # that it was stopped its supervisor says, which may be slower than its answer
        gap = suspension.reason(stopped=child.suspended or (failure is None and child.stopped))
        if failure and gap:
            self._interrupted(gap)
        elif failure:
            self._end(*failure)
        return made, gap

    def _interrupted(self, gap: str) -> None:
        """End it because something was suspended. The turns that it took before are on disk, and count."""
        if self._dialogue and self._turns:
            self._end(Status.OK, gap, self._dialogue.so_far(self.traces, self._turns), (Flag.CUT_SHORT,))
        else:
            self._end(Status.INTERRUPTED, gap, flags=(Flag.CLOCK_GAP,))

    def _end(
        self, status: Status, detail: str, measurement: Measurement | None = None, flags: tuple[Flag, ...] = ()
    ) -> None:
        """Close the process, with everything it started; the result says what became of it."""
        self._over = True
        if self._dialogue:
            self._dialogue.close()
        printed, child = "", self._child
        if child is not None:
            # While it slept, others may have been killed instead, unless it is gone.
            code = child.wait(0)
            kills = self._kills if code == -signal.SIGKILL else self._kills_before_step
            can_be = status not in (Status.OK, Status.INTERRUPTED) and (oom_kills() or 0) > (kills or 0)
            killed = can_be and may_be_killed(status, detail, code, self.processes)
            end = child.close()
            printed = "" if status is Status.OK else end.printed
            if killed:
                status, detail = Status.OOM, out_of_memory(detail, child.peak_rss_bytes)
            if measurement is not None:
                cell, catalogue = self.trial.cell, self._catalogue
                workload, strategy = catalogue.workload(cell.workload), catalogue.strategy(cell.strategy)
                cores, pinned = usable_cores(), self._launcher.cores
                flags = (*quality_flags(measurement, workload, strategy, cell.workers, cores, pinned), *flags)
                if Flag.THROTTLED in flags:
                    detail = f"throttled for {measurement.usage.throttled_s:.2f} s"
            if self._disturbed:
                flags = (*flags, Flag.RESTLESS)
                restless = f"used CPU time during the turns of {len(self._disturbed)} other(s)"
                detail = f"{detail}; {restless}" if detail else restless
            if end.leaked:
                flags = (*flags, Flag.LEAKED_PROCESSES)
            if end.left:
                flags = (*flags, Flag.FILES_LEFT)
                detail = f"{detail}; {end.left}" if detail else end.left
        self._result = replace(
            self._result,
            status=status,
            detail=one_line(detail),
            flags=flags,
            measurement=measurement,
            log=printed,
        )

    def release(self) -> None:
        """Have it ended without waiting for that."""
        if self._child is not None:
            self._child.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._dialogue is not None:
            self._dialogue.close()
        if self._child is not None:
            self._child.close()


def launched(launcher: Launcher, workers: int) -> Child:
    """A child; there is a second attempt after a second if the system has too many processes. Raises OSError."""
    try:
        return launcher.start(workers)
    except BlockingIOError:  # EAGAIN
        time.sleep(START_RETRY_S)
        return launcher.start(workers)


def last_line(child: Child) -> str:
    """The last line printed by a child that ended with an exception; after its result it sends no message about it."""
    lines = child.close().printed.strip().splitlines()
    return f": {lines[-1]}" if lines else ""


LOST = ", with the process that supervises it: does the work signal its parent (os.getppid())?"


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
