"""What the numbers of a cell say, in sentences."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gil_lab.analysis.contrasts.turns import ENOUGH_ROUNDS
from gil_lab.analysis.estimates import Estimate
from gil_lab.analysis.hosts import HostUse, are_parallel, least_together
from gil_lab.analysis.states import by_state
from gil_lab.analysis.summaries import Summary, elsewhere_cores_busy
from gil_lab.analysis.verdicts import HALF_A_CORE, PARALLEL, Verdict
from gil_lab.model.cell_names import cell_name, naming_everywhere
from gil_lab.model.language import gettext, gettext_noop, in_a_row, listed, ngettext
from gil_lab.model.records import COUNTED_FLAGS, Flag, Status
from gil_lab.model.shares import percent
from gil_lab.model.text import number
from gil_lab.report.tables.results import cores_on_hosts

NO_RANKING = gettext_noop("Nothing is ranked: every cell has too few rounds without a flag")
LEAST_SHARE = 0.05
"""Of a task's time: the least share of a state that is said."""
LEAST_WAITING = 0.1
"""Of the same: waiting for the GIL explains a speed-up that is missing."""
GROWN, LEAST_CPU_S = 1.7, 1e-3
"""Times the CPU time of sequential work: two hardware threads that share a core take up to half as long again each. Of
less than a millisecond the clocks' own cost is a part."""
MORE_THAN_CORES = 1.1
"""Times the cores busy, which are read from clocks that differ by some hundredths from those of the wall time."""
MILLISECOND_S = 1e-3
SHORT_TASK_S = 1e-3
"""Wall time of a pass for each task: five times what the slowest pool took to hand over a task of nothing
(docs/how-it-measures.md), as machines may be slower than the one that this was measured on."""
MOST_PER_HAND_OVER_S = 5 * SHORT_TASK_S
"""Far more than handing over takes by itself: what is handed over is large."""
RARELY_IN_FLIGHT = 0.5
"""Tasks in flight on average: with fewer, more time passes between tasks than in them. However uneven they are, one is
in flight while they run."""
LEAST_OTHERS = 0.1
"""Cores that others kept busy: fewer are not why there was no room."""


COUNTED = {
    "task": (gettext_noop("{count} task"), gettext_noop("{count} tasks")),
    "core": (gettext_noop("{count} core"), gettext_noop("{count} cores")),
}


def counted(value: float, thing: str) -> str:
    shown = f"{value:.1f}"
    one, several = COUNTED[thing]
    message = one if shown == "1.0" else several
    return gettext(message).format(count=shown)


def ratio(estimate: Estimate) -> str:
    """`1.93x [1.90, 1.97]`, and in words if that is no difference."""
    if estimate.low is None or estimate.high is None:
        return f"{number(estimate.value)}x"
    text = f"{number(estimate.value)}x [{number(estimate.low)}, {number(estimate.high)}]"
    return ": ".join(filter(None, (text, no_difference(estimate))))


def no_difference(estimate: Estimate) -> str:
    """In words; empty for one that shows a difference, and for one without an interval."""
    if estimate.shows_a_difference is not False:
        return ""
    if estimate.is_negligible:
        return gettext("differs by less than {threshold}").format(threshold=percent(estimate.threshold))
    return gettext("no difference seen")


def name(summary: Summary) -> str:
    return cell_name(summary.cell)


def sentence(summary: Summary) -> str:
    """One cell in words: what was in flight, what was busy, what that is called, and what it brought."""
    if summary.in_flight is None or summary.cores_busy is None or summary.verdict is None:
        return f"{summary.status}: {summary.detail}"
    said = [_seen(summary, summary.in_flight, summary.cores_busy)]
    if summary.speedup and not summary.is_baseline:
        said.append(gettext("Speed-up {speedup}.").format(speedup=ratio(summary.speedup) + parts(summary)))
    if summary.break_even_s is not None:
        work = duration(summary.break_even_s)
        said.append(gettext("Pays from {work} of sequential work on.").format(work=work))
    said += [reason(summary), _delays(summary), _marginal_cost(summary), _memory(summary)]
    if summary.status is not Status.OK:
        failure = f"{summary.status}: {summary.detail}"
        said.append(gettext("Some rounds failed: {failure}").format(failure=failure))
    return in_a_row(said)


def _seen(summary: Summary, in_flight: float, cores_busy: float) -> str:
    """What was in flight, what was busy, and what that is called."""
    tasks, cores = counted(in_flight, "task"), counted(cores_busy, "core")
    if states := _states(summary):
        text = gettext("{tasks} in flight ({states}), {cores} busy: {verdict}.")
        return text.format(tasks=tasks, states=states, cores=cores, verdict=_explained(summary))
    text = gettext("{tasks} in flight, {cores} busy: {verdict}.")
    return text.format(tasks=tasks, cores=cores, verdict=_explained(summary))


def _explained(summary: Summary) -> str:  # noqa: PLR0911 - a sentence each
    """The verdict, with what it needs beside its own words."""
    assert summary.verdict is not None
    verdict, others = gettext(summary.verdict), summary.other_cores_busy or 0.0
    if summary.hosts:
        return _on_hosts(verdict, summary.hosts)
    if (elsewhere := elsewhere_cores_busy(summary)) is not None:
        text = gettext("{verdict}: its tasks kept {cores} busy on the cluster")
        return text.format(verdict=verdict, cores=counted(elsewhere, "core"))
    if summary.verdict is Verdict.WAITING:
        if (services := summary.service_cores_busy or 0.0) >= HALF_A_CORE:
            text = gettext("{verdict} for the processes that its inputs started, which kept {cores} busy")
            return text.format(verdict=verdict, cores=counted(services, "core"))
        return gettext("{verdict}: concurrent, and no core is needed to wait").format(verdict=verdict)
    if summary.is_slower:
        return gettext("{verdict}, but slower than sequential").format(verdict=verdict)
    if summary.verdict is Verdict.SHORT_OF_CORES and summary.cores_wanted is not None:
        return gettext("{verdict} (it wanted {cores})").format(verdict=verdict, cores=f"{summary.cores_wanted:.1f}")
    if summary.verdict is not Verdict.INCONCLUSIVE:
        return verdict
    if others < LEAST_OTHERS:
        return gettext("{verdict}: there was no further core").format(verdict=verdict)
    return gettext("{verdict}: others kept {cores} busy").format(verdict=verdict, cores=counted(others, "core"))


def _on_hosts(verdict: str, hosts: Sequence[HostUse]) -> str:
    """With each of them, and for how much of the time they compute at the same moment, if that is known."""
    text = gettext("{verdict}: {cores} on {hosts}")
    said = text.format(verdict=verdict, cores=cores_on_hosts(hosts), hosts=listed(one.name for one in hosts))
    if are_parallel(hosts):
        together = gettext("at the same moment for at least {percent} % of the time")
        said = f"{said}, {together.format(percent=f'{100 * least_together(hosts):.0f}')}"
    return said


def grouped_sentences(group: Sequence[Summary]) -> dict[str, list[tuple[str, str]]]:
    """By strategy and workers, the interpreters and the sentence on them; what is the same is said once."""
    found: dict[str, dict[str, list[str]]] = {}
    for summary in group:
        found.setdefault(cell_name(summary.cell), {}).setdefault(sentence(summary), []).append(summary.cell.interpreter)
    return {
        called: [(listed(pythons), text) for text, pythons in by_sentence.items()]
        for called, by_sentence in found.items()
    }


def _states(summary: Summary) -> str:
    """`21 % running, 77 % blocked`: what the tasks did with their time, where there were several of them."""
    states = summary.states
    if summary.verdict is Verdict.ONE_AT_A_TIME or states is None or states.ready is None:
        return ""
    text = gettext("{percent} % {state}")
    return listed(
        text.format(percent=f"{100 * share:.0f}", state=gettext(state))
        for state, share in by_state(states).items()
        if share >= LEAST_SHARE
    )


def reason(summary: Summary) -> str:
    """A sentence on why it gains less than its cores let expect, or more, if what was measured tells; else nothing."""
    return _waiting_for_the_gil(summary) or _handing_over(summary) or _cpu_time(summary) or beyond_its_cores(summary)


def _waiting_for_the_gil(summary: Summary) -> str:
    """Where its tasks do for a good part of their time."""
    waiting = summary.states.gil if summary.states else None
    if waiting is None or waiting < LEAST_WAITING:
        return ""
    percents, held = f"{100 * waiting:.0f}", summary.gil_seen.held_share
    if held is None:
        return gettext("Its tasks wait for the GIL {waiting} % of their time.").format(waiting=percents)
    text = gettext("Its tasks wait for the GIL {waiting} % of their time; it is held {held} % of the time.")
    return text.format(waiting=percents, held=f"{100 * held:.0f}")


def _handing_over(summary: Summary) -> str:
    """Where tasks are short against what it takes to hand them over."""
    if summary.in_flight is None or summary.wall_s is None or summary.in_flight >= RARELY_IN_FLIGHT:
        return ""
    if summary.is_baseline or summary.parallel_speedup is None or summary.parallel_speedup.of_itself:
        return ""
    each_s = summary.wall_s / summary.cell.tasks
    text = gettext(
        "A task takes {task}, and one is completed every {time}: make tasks larger, so that fewer are handed over."
    )
    if each_s > MOST_PER_HAND_OVER_S:
        text = gettext(
            "A task takes {task}, and one is completed every {time}: most of the time goes into sending inputs and "
            "answers; send less, or share memory."
        )
    return text.format(task=duration(summary.in_flight * each_s), time=duration(each_s))


def _cpu_time(summary: Summary) -> str:
    """Where its CPU time has grown."""
    if summary.cpu_ratio is None or summary.cpu_ratio < GROWN or (summary.cpu_s or 0.0) < LEAST_CPU_S:
        return ""
    if summary.verdict is Verdict.WAITING or summary.cell.workers == 1:  # what it waits for takes the time
        return ""
    if (summary.cores_busy or 0.0) < HALF_A_CORE:  # it has little to contend for
        return ""
    text = gettext(
        "It needs {times} times the CPU time of the same work in turn: workers contend for something shared, such as a "
        "lock, memory or a cache."
    )
    if summary.wall_s is not None and summary.wall_s / summary.cell.tasks < SHORT_TASK_S:
        text = gettext(
            "It needs {times} times the CPU time of the same work in turn: its tasks are short against what it takes "
            "to hand them over."
        )
    return text.format(times=number(summary.cpu_ratio))


def beyond_its_cores(summary: Summary) -> str:
    """A sentence on why it is faster than the cores that it keeps busy explain; nothing where they do."""
    gain, busy, needed = summary.parallel_speedup, summary.cores_busy or 0.0, summary.cpu_ratio or 1.0
    if gain is None or gain.low is None or summary.cell.workers == 1 or busy < HALF_A_CORE:
        return ""
    if gain.low < MORE_THAN_CORES * busy or needed * MORE_THAN_CORES > 1:
        return ""
    text = gettext(
        "It gains more than its cores bring, for it needs {times} times the CPU time of the same work in turn:"
        " something serves it better, such as a cache, or memory that is not given back between tasks."
    )
    return text.format(times=number(needed))


def _delays(summary: Summary) -> str:
    """Of a heartbeat that should have come on schedule."""
    if (delays := summary.delays) is None:
        return ""
    text = gettext("A heartbeat beside it came {median} late (median), 99 % within {most}, at worst {worst}.")
    return text.format(
        median=milliseconds(delays.median_s), most=milliseconds(delays.p99_s), worst=milliseconds(delays.worst_s)
    )


def _memory(summary: Summary) -> str:
    """Of the child with all its workers, shared pages counted once."""
    held = summary.memory.pss_bytes
    return "" if held is None else gettext("Memory: {megabytes} MB.").format(megabytes=number(held / 1e6))


def _marginal_cost(summary: Summary) -> str:
    costs, marginal = [], summary.marginal_cost
    if marginal.start_up_s is not None:
        costs.append(milliseconds(marginal.start_up_s))
    if marginal.memory_bytes is not None:
        costs.append(f"{number(marginal.memory_bytes / 1e6)} MB")
    both = gettext("{time} and {memory}").format(time=costs[0], memory=costs[-1]) if len(costs) > 1 else "".join(costs)
    return gettext("Marginal cost per worker: {costs}.").format(costs=both) if costs else ""


def duration(value_s: float) -> str:
    """`1.5 µs`, `110 ms`, `2.3 s`."""
    if value_s >= 1:
        return f"{number(value_s)} s"
    return milliseconds(value_s) if value_s >= MILLISECOND_S else f"{number(1e6 * value_s)} µs"


def milliseconds(value_s: float) -> str:
    return f"{number(1e3 * value_s)} ms"


def parts(summary: Summary) -> str:
    """Of a compiled strategy, or a variant: how much of its speed-up that is, and how much running at the same time."""
    overall, parallel = summary.speedup, summary.parallel_speedup
    if overall is None or parallel is None or parallel.of_itself or parallel == overall:
        return ""
    if summary.verdict is Verdict.INCONCLUSIVE:  # it is not known what the second part comes from
        return ""
    by, rest = f"{number(overall.value / parallel.value)}x", ratio(parallel)
    is_parallel = summary.verdict in PARALLEL
    if summary.cell.variant:
        text = gettext("{variant} {by} times concurrent {rest}")
        if is_parallel:
            text = gettext("{variant} {by} times parallel {rest}")
        return " = " + text.format(variant=summary.cell.variant, by=by, rest=rest)
    text = gettext("compiled {by} times concurrent {rest}")
    if is_parallel:
        text = gettext("compiled {by} times parallel {rest}")
    return " = " + text.format(by=by, rest=rest)


def all_flagged(summaries: Sequence[Summary]) -> bool:
    """Whether there are numbers, and every cell that has some is flagged in every round: then none may be ranked."""
    measured = [summary for summary in summaries if summary.wall_s is not None]
    return bool(measured) and all(summary.flagged for summary in measured)


def without_ranking(summaries: Sequence[Summary]) -> str:
    """That nothing of a session may be ranked, if that is so; else nothing."""
    if not all_flagged(summaries):
        return ""
    flags = listed(_counted(summaries))
    return gettext("Nothing is ranked: every cell has too few rounds without a flag ({flags}).").format(flags=flags)


def remedies(summaries: Sequence[Summary], instead: Mapping[Flag, str] | None = None) -> list[tuple[str, str]]:
    """What to do about each flag that counts against some of them; `instead` where options of `run` are none."""
    return [(f"{flag}:", (instead or {}).get(flag, flag.remedy.replace("`", ""))) for flag in _counted(summaries)]


def _counted(summaries: Sequence[Summary]) -> list[Flag]:
    """The flags that count against some of them, in the order of the list of flags."""
    found = {flag for summary in summaries for flag in summary.flags}
    return [flag for flag in Flag if flag in found & COUNTED_FLAGS]


def flag_lines(summaries: Sequence[Summary]) -> list[str]:
    """What speaks against numbers: each such sentence once, after the names of all cells that it is true of."""
    several = len({summary.cell.interpreter for summary in summaries}) > 1
    called = naming_everywhere(replace(summary.cell, interpreter="") for summary in summaries)
    found: dict[str, dict[str, list[str]]] = {}
    for summary in summaries:
        if text := _flags(summary):
            pythons = found.setdefault(text, {}).setdefault(called(replace(summary.cell, interpreter="")), [])
            pythons.append(summary.cell.interpreter)
    measured = sum(summary.wall is not None for summary in summaries)
    lines = []
    for text, alike in found.items():
        if sum(map(len, alike.values())) == measured > 1:
            lines.append(gettext("all {count} cells: {flags}").format(count=measured, flags=text))
            continue
        under = gettext("{name} under {pythons}")
        names = (under.format(name=one, pythons=listed(pythons)) if several else one for one, pythons in alike.items())
        lines.append(f"{'; '.join(names) if several else ', '.join(names)}: {text}")
    return lines


def _flags(summary: Summary) -> str:
    flags = listed(_flag(flag, summary) for flag in summary.flags if flag in COUNTED_FLAGS)
    if not flags:
        return ""
    if summary.used < summary.trials:
        text = gettext("{out} of {all} rounds left out ({flags}).")
        if summary.rounds is not None:  # which took turns, in many rounds
            text = gettext("{out} of {all} trials left out ({flags}).")
        return text.format(out=summary.trials - summary.used, all=summary.trials, flags=flags)
    return gettext("too few rounds without a flag ({flags}).").format(flags=flags)


def _flag(flag: Flag, summary: Summary) -> str:
    """With the module whose import switched the GIL on, where Python named it."""
    module = summary.gil.enabled_by if summary.gil and flag is Flag.GIL_REENABLED else ""
    return gettext("{flag} by {module}").format(flag=flag, module=module) if module else flag


def drift(summaries: Sequence[Summary], remedy: str) -> str:
    """How often the CPU speed changed during a trial, and what to do; empty if it never did."""
    drifted, trials = sum(summary.drifted for summary in summaries), sum(summary.trials for summary in summaries)
    if not drifted or all_flagged(summaries):  # then there are no intervals to believe
        return ""
    text = gettext(
        "The CPU speed changed during {drifted} of {trials} trials (flag drifted): believe the intervals, and use "
        "{remedy} to narrow them."
    )
    return text.format(drifted=drifted, trials=trials, remedy=gettext(remedy))


def restless(summaries: Sequence[Summary]) -> str:
    """Whose processes disturbed the turns of others; empty if none did."""
    names = [name(summary) for summary in summaries if Flag.RESTLESS in summary.flags]
    if not names:
        return ""
    text = gettext("{names} used CPU time while others had their turn (flag restless); those turns are flagged.")
    return text.format(names=listed(names))


def unknown_states(summaries: Sequence[Summary]) -> str:
    """Why the states ready and blocked are empty, if they are; else nothing."""
    if not any(summary.states.ready is None for summary in summaries if summary.states):
        return ""
    return gettext(
        "Ready and blocked cannot be distinguished: the system does not report how long a thread waited for a core "
        "(on Linux it does, in /proc/<pid>/task/<tid>/schedstat)."
    )


def unseen_gils(summaries: Sequence[Summary]) -> str:
    """Why no GIL was seen in the whole session, if there was one to be seen; else nothing."""
    if any(summary.gil_seen.held_share is not None for summary in summaries):
        return ""
    reasons = {summary.gil_seen.unknown for summary in summaries if summary.gil is not None and summary.gil.after_work}
    known = sorted(filter(None, reasons))
    text = gettext("Who held the GIL is not known: {reason}.")
    if len(known) > 1:
        text = gettext("Who held the GIL is not known: {reason}; other reasons are in summary.csv.")
    return text.format(reason=gettext(known[0])) if known else ""


def too_few_rounds(summaries: Sequence[Summary], remedy: str) -> str:
    """That there are no intervals, if there are none, and what to do; else nothing."""
    rounds = max((summary.rounds or summary.trials for summary in summaries), default=0)
    needed = ENOUGH_ROUNDS if any(summary.rounds for summary in summaries) else 2
    if not 0 < rounds < needed:
        return ""
    text = ngettext(
        "One round: no intervals. Use {remedy} before you believe a difference.",
        "{rounds} rounds: no intervals. Use {remedy} before you believe a difference.",
        rounds,
    )
    return text.format(rounds=rounds, remedy=gettext(remedy))
