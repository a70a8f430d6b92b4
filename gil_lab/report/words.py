"""What the numbers of a cell say, in sentences."""

import math
from collections.abc import Sequence
from typing import Protocol

from gil_lab.records import Status
from gil_lab.stats import DOUBTFUL, Estimate, Summary, Verdict

TOO_SMALL = 1e-9
WORTH_TELLING = 0.05
"""Of a task's time: the least share of a state that is told."""
BECAUSE = {Verdict.WAITING: ": concurrent, and no core is needed to wait"}
"""What a verdict needs beside its own words."""


def number(value: float) -> str:
    """Three significant digits, never in exponent form: 0.00123, 1.05, 183."""
    rounded = float(f"{value:.2e}")
    if abs(rounded) < TOO_SMALL:
        return "0"
    return f"{value:.{max(0, 2 - math.floor(math.log10(abs(rounded))))}f}"


def counted(value: float, thing: str) -> str:
    shown = f"{value:.1f}"
    return f"{shown} {thing}" if shown == "1.0" else f"{shown} {thing}s"


def ratio(estimate: Estimate) -> str:
    """`1.93x [1.90, 1.97]`, and in words what an interval around 1 means."""
    if estimate.low is None or estimate.high is None:
        return f"{number(estimate.value)}x"
    told = f"{number(estimate.value)}x [{number(estimate.low)}, {number(estimate.high)}]"
    return told if estimate.shows_a_difference else f"{told}: no difference seen"


class StrategyAndWorkers(Protocol):
    """A cell, or what is told of one."""

    @property
    def strategy(self) -> str: ...

    @property
    def workers(self) -> int: ...


def cell_name(cell: StrategyAndWorkers) -> str:
    """Strategy and workers: what tells the cells of one workload apart."""
    return f"{cell.strategy} x{cell.workers}" if cell.workers > 1 else cell.strategy


def name(summary: Summary) -> str:
    return cell_name(summary.cell)


def sentence(summary: Summary) -> str:
    """One cell in words: what was in flight, what was busy, what that is called, and what it brought."""
    if summary.in_flight is None or summary.cores_busy is None or summary.verdict is None:
        return f"{summary.status}: {summary.detail}"
    in_flight = f"{counted(summary.in_flight, 'task')} in flight{_states(summary)}"
    busy = f"{counted(summary.cores_busy, 'core')} busy"
    told = f"{in_flight}, {busy}: {summary.verdict}{BECAUSE.get(summary.verdict, '')}."
    overall, parallel = summary.against_sequential, summary.against_same_form
    if overall and not summary.is_baseline:
        told += f" Speed-up {ratio(overall)}{_parts(overall, parallel, summary.verdict)}."
    if summary.break_even_s is not None:
        told += f" Pays from {number(summary.break_even_s)} s of sequential work on."
    if summary.status is not Status.OK:
        told += f" Some rounds failed: {summary.status}: {summary.detail}"
    return told


def _states(summary: Summary) -> str:
    """` (21 % running, 77 % blocked)`: what the tasks did with their time, where there were several of them."""
    if summary.verdict is Verdict.ONE_AT_A_TIME or summary.ready_share is None:
        return ""
    shares = {"running": summary.running_share, "ready": summary.ready_share, "blocked": summary.blocked_share}
    told = [f"{100 * share:.0f} % {state}" for state, share in shares.items() if share and share >= WORTH_TELLING]
    return f" ({', '.join(told)})" if told else ""


def _parts(overall: Estimate, parallel: Estimate | None, verdict: Verdict) -> str:
    """Of a compiled strategy: how much of its speed-up is compilation, and how much the running at the same time."""
    if parallel is None or parallel.of_itself or parallel == overall:
        return ""
    how = "parallel" if verdict is Verdict.PARALLEL else "concurrent"
    return f" = compiled {number(overall.value / parallel.value)}x times {how} {ratio(parallel)}"


def doubts(summaries: Sequence[Summary]) -> list[str]:
    """What speaks against numbers, one line a cell that has such trials."""
    lines = []
    for summary in summaries:
        flags = ", ".join(flag for flag in summary.flags if flag in DOUBTFUL)
        if flags and summary.used < summary.trials:
            lines.append(
                f"{name(summary)}: {summary.trials - summary.used} of {summary.trials} rounds left out ({flags})."
            )
        elif flags:
            lines.append(f"{name(summary)}: every round ({flags}).")
    return lines


def drift(summaries: Sequence[Summary]) -> str:
    """How often the machine's pace changed during a trial; empty if it never did."""
    drifted, trials = sum(summary.drifted for summary in summaries), sum(summary.trials for summary in summaries)
    if not drifted:
        return ""
    return (
        f"The machine's pace changed during {drifted} of {trials} trials (flag drifted): "
        "believe the intervals, and use more --rounds to narrow them."
    )


def untold(summaries: Sequence[Summary]) -> str:
    """Why the states ready and blocked are empty, if they are; else nothing."""
    if not any(summary.ready_share is None for summary in summaries if summary.wall_s is not None):
        return ""
    return (
        "Ready and blocked cannot be told apart: the system does not say how long a thread waited for a core "
        "(on Linux it does, in /proc/<pid>/task/<tid>/schedstat)."
    )


def single_round(summaries: Sequence[Summary]) -> str:
    """That there are no intervals, if there are none; else nothing."""
    if max((summary.trials for summary in summaries), default=0) != 1:
        return ""
    return "One round: no intervals. Use more --rounds before you believe a difference."
