"""What the interpreters of a session say beside each other, in sentences; and those that it did without."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from gil_lab.analysis.across_interpreters import Across
from gil_lab.analysis.estimates import Estimate
from gil_lab.interpreters.names import threads_in, threads_in_words
from gil_lab.measuring.environment import THREAD_LIMITS
from gil_lab.model.cell_names import naming_everywhere
from gil_lab.model.language import clauses, gettext, in_a_row, listed
from gil_lab.model.text import one_line
from gil_lab.model.variables import DIVIDED, UNCAPPED
from gil_lab.report.text.sentences import ratio

IN_WORDS = {DIVIDED: "the cores divided by the workers", UNCAPPED: "as many as they take by themselves"}
MAX_MISSING, MAX_NAME_CHARACTERS = 20, 60


def sentences(found: Sequence[Across]) -> list[tuple[str, str]]:
    """For each interpreter and its reference, a name, how many times as fast the cells were, and what that means."""
    workloads = {one.cell.workload for one in found}
    alike: dict[tuple[str, str, str], list[Across]] = {}
    for one in found:
        alike.setdefault((one.cell.interpreter, one.reference, one.cell.workload), []).append(one)
    rows = []
    for (interpreter, reference, workload), group in alike.items():
        called = naming_everywhere(one.cell for one in group)
        ratios = listed(f"{called(one.cell)}{'*' * one.flagged} {ratio(one.estimate)}" for one in group)
        names = gettext("{python} against {reference}").format(python=interpreter, reference=reference)
        text = gettext("As fast with {workload}: {ratios}.") if len(workloads) > 1 else gettext("As fast: {ratios}.")
        said = [text.format(workload=workload, ratios=ratios), _meaning(group)]
        rows.append((names, in_a_row(said)))
    return rows


def _meaning(group: Sequence[Across]) -> str:
    """What differs, and how much more time sequential work takes: for a build without the lock the build tax."""
    if group[0].tells_the_lock:
        return gettext("The same build, so what differs is the lock.")
    baselines = [one for one in group if one.is_baseline]
    # Of several sizes, each has its ratio in the sentence before.
    estimate = baselines[0].estimate if len(baselines) == 1 and not baselines[0].flagged else None
    if estimate is None or not estimate.shows_a_difference:
        return ""
    text = gettext("Sequential work takes {time}.")
    if group[0].tells_the_build:
        text = gettext(
            "The build tax: sequential work takes {time} (if both were compiled alike; gil-lab pythons lists the "
            "flags)."
        )
    return text.format(time=more_time(estimate))


def more_time(estimate: Estimate) -> str:
    """`28 % more time` of what is 0.78 times as fast."""
    more = 1 / estimate.value - 1
    text = gettext("{percent} % more time") if more > 0 else gettext("{percent} % less time")
    return text.format(percent=f"{100 * abs(more):.0f}")


def missing(about: Mapping[str, Any]) -> str:
    """One line on the interpreters that were wanted and not found, and why; empty if there is none.

    `about` is what session.json tells, which can hold anything.
    """
    wanted = about.get("missing")
    if not isinstance(wanted, dict) or not wanted:
        return ""
    reasons = [_why(name, reason) for name, reason in islice(wanted.items(), MAX_MISSING)]
    if (more := len(wanted) - MAX_MISSING) > 0:
        reasons.append(gettext("and {more} more").format(more=more))
    return gettext("Not measured: {reasons}.").format(reasons=clauses(reasons))


def missing_briefly(about: Mapping[str, Any]) -> str:
    """The same in a line, without the reasons."""
    wanted = about.get("missing")
    if not isinstance(wanted, dict) or not wanted:
        return ""
    names = listed(_why(name, None) for name in islice(wanted, MAX_MISSING))
    return f"Not measured, because not there: {names}; gil-lab pythons says how to get them."


def library_threads(about: Mapping[str, Any], interpreters: Iterable[str]) -> str:
    """One line on the threads that libraries could use inside a task, where there is something to be said of them.

    `about` is what session.json tells, which can hold anything.
    """
    labels = list(interpreters)
    given = sorted({threads for name in labels if (threads := threads_in(name)) is not None})
    if given:
        return f"Libraries could use {' or '.join(map(str, given))} threads inside each task (+threads=N)."
    if words := {threads_in_words(name) for name in labels} - {""}:
        meant = listed(f"+threads={word}: {IN_WORDS[word]}" for word in sorted(words))
        return f"Threads of libraries inside each task: one; with {meant}."
    names = about.get("left_out")
    own = [name for name in THREAD_LIMITS if isinstance(names, list) and name in names]
    if not own:
        return ""
    return (
        f"Libraries used one thread inside each task: {', '.join(own)} of your environment is not passed on; "
        "use --library-threads N."
    )


def _why(name: object, reason: object) -> str:
    called = one_line(str(name)[: MAX_NAME_CHARACTERS + 1], MAX_NAME_CHARACTERS)
    if not isinstance(reason, str) or not reason:
        return called
    return f"{called} ({one_line(reason[:1000]).rstrip('.')})"
