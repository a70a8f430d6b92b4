"""An advice in lines of a terminal: what to do first, then why, then the code."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from gil_lab.advice.decision import AS_FAST, LEAST_GAIN, Certainty, is_home, is_simplest, strategy_of
from gil_lab.advice.found import FoundAdvice
from gil_lab.advice.reasons import limit, reason
from gil_lab.advice.trials import MOST_TASKS
from gil_lab.analysis.summaries import Summary
from gil_lab.analysis.verdicts import PARALLEL
from gil_lab.interpreters.names import threads_in
from gil_lab.model.cell_names import cell_name, naming
from gil_lab.model.records import CHUNK_SEPARATOR
from gil_lab.model.target import CallTimes
from gil_lab.model.text import number, one_line
from gil_lab.report.text.sentences import duration, ratio
from gil_lab.suite.catalogue import Catalogue

WIDTH = 80
MOST_LINES = 20
TINY_CALL_S = 20e-6
"""A tenth of what it takes to hand a task to a thread and back, several times over."""
MANY_TIMES = 3
"""By which a first call, or one with the same input again, differs from the others, more than by chance."""
LEAST_READY = 0.1
"""Of the time of calls: less is not worth a word."""
HEAVY_START = 0.2
"""Times the work itself: what it takes to start then is seen in the whole."""
FEWEST_CALLS = 2
"""That can gain from each other."""
ENOUGH_WANTED = 1.2
"""Times the cores that are busy: what is wanted beyond them would be used."""


def lines(advice: FoundAdvice, width: int = WIDTH) -> list[str]:
    """At most twenty, without the code: reasons are cut, and the last ones left out, where there is no room."""
    found = [line for sentence in _sentences(advice) for line in wrap(sentence, width)]
    others = [*_others(advice)]
    room = MOST_LINES - len(found) - 2
    if not others or room < 1:
        return found[:MOST_LINES]
    whole_reasons = _in_columns(others, width, lines_each=2)
    shown = whole_reasons if len(whole_reasons) <= room else _in_columns(others, width, lines_each=1)
    if len(shown) > room:
        shown = [*shown[: room - 1], f"  and {len(shown) - room + 1} more: --details"]
    return [*found, "", "Why not the others:", *shown]


def _sentences(advice: FoundAdvice) -> Iterator[str]:
    examined, decision = advice.examined, advice.decision
    name, best = examined.facts.name, decision.best
    if best is None:
        yield f"{name}: {_as_it_is(advice)}"
    else:
        several = len({one.cell.interpreter.partition("+threads=")[0] for one in advice.rows}) > 1
        yield f"{name}: {_for_so_much(best, advice)}use {_described(best, several=several)}."
        said = f"Gain: {_gain(best, advice)}.", _of_one_library_thread(best, advice), _sure(advice)
        yield " ".join(filter(None, said))
        yield " ".join(_price(best, advice))
    yield f"What limits it now: {_limit(advice)}.{_wanted(advice)}"
    if changes := _changes(advice):
        yield changes
    yield " ".join(_about(advice))


def _for_so_much(best: Summary, advice: FoundAdvice) -> str:
    """That the inputs are too few for it, if that is so."""
    all_s, inputs = advice.all_s, advice.examined.facts.inputs
    if best.break_even_s is None or all_s >= best.break_even_s or advice.examined.facts.endless:
        return ""
    return (
        f"leave it as it is for your {inputs:,} inputs, which take {duration(all_s)}; from "
        f"{duration(best.break_even_s)} of work on, "
    )


def _as_it_is(advice: FoundAdvice) -> str:
    examined = advice.examined
    if advice.decision.certainty is Certainty.INCONCLUSIVE:
        return (
            f"leave it as it is for now: {advice.decision.why}. Measure for longer (--budget), or when the machine is "
            "quiet."
        )
    if advice.call_s < TINY_CALL_S and not examined.compilation.forms:
        return (
            f"leave it as it is: a call takes {duration(advice.call_s)}, and nothing here will help. Vectorise it, "
            "or have a call do more."
        )
    why = advice.decision.why or "no model is faster by a tenth"
    return f"leave it as it is, one call after the other: {why}{'' if why.endswith('?') else '.'}"


def _described(best: Summary, *, several: bool) -> str:
    strategy, cell = strategy_of(best), best.cell
    plain, _, chunk = cell.strategy.partition(CHUNK_SEPARATOR)
    workers = f", {cell.workers} {strategy.workers_are}" if strategy.workers_are else ""
    chunks = f", {chunk} at a time" if chunk else ", in chunks, four a worker" * ("{chunk}" in strategy.code)
    python, _, setting = cell.interpreter.partition("+threads=")
    libraries = {"": "", "1": ", libraries limited to one thread"}.get(setting, f", libraries with {setting} threads")
    under = (f" under Python {python}" if several else "") + libraries
    return f"{plain}{workers}{chunks}{under} ({strategy.summary})"


def _gain(best: Summary, advice: FoundAdvice) -> str:
    gain = advice.tried.gain if advice.tried else best.speedup
    if not gain:
        return "unknown"
    home = advice.baseline.cell.interpreter if advice.baseline else ""
    over = f" over Python {home}" if best.cell.interpreter.partition("+")[0] != home.partition("+")[0] else ""
    if not advice.tried:
        return ratio(gain) + over
    word = "without that" if strategy_of(best).runs_plain_python else "compared with the others"
    without = f"; {word} {number(best.speedup.value)}x" if best.speedup else ""
    if advice.tried.varies:
        without += f", and {number(advice.tried.expected)}x at the same time"
    return f"{ratio(gain)}{over}, by the code below {_with_what(best)}{without}"


def _with_what(best: Summary) -> str:
    """What is in the gain of the code: its passes start their workers each, and compile in the first one only."""
    return "with the start of its workers" if strategy_of(best).runs_plain_python else "once it is compiled"


def _of_one_library_thread(best: Summary, advice: FoundAdvice) -> str:
    """What of the gain comes without any pool, from libraries that have one thread each."""
    cell = best.cell
    if threads_in(cell.interpreter) != 1 or strategy_of(best).workers_are is None:
        return ""
    alone = next((one for one in advice.rows if one.is_baseline and one.cell.interpreter == cell.interpreter), None)
    gain = alone.speedup if alone else None
    if gain is None or gain.of_itself or gain.value <= 1:
        return ""
    return f"One thread for libraries alone, without {strategy_name(best)}, gains {ratio(gain)}."


def _sure(advice: FoundAdvice) -> str:
    decision = advice.decision
    if decision.certainty is Certainty.INCONCLUSIVE:
        return f"How sure: inconclusive, {decision.why}; measure again, or for longer (--budget)."
    if decision.certainty is Certainty.SURE:
        return "How sure: sure."
    named = " and ".join(cell_name(one.cell) for one in decision.ties[:2])
    simpler = decision.best is not None and is_simplest(decision.best, decision.ties)
    return f"How sure: a tie with {named}; this one {'is the simpler' if simpler else 'looks faster'}."


def _price(best: Summary, advice: FoundAdvice) -> Iterator[str]:
    if best.break_even_s is not None and not _for_so_much(best, advice):
        all_s, inputs = advice.all_s, advice.examined.facts.inputs
        more = " or more" if advice.examined.facts.endless else ""
        single = best.break_even_s < FEWEST_CALLS * advice.call_s  # nothing runs beside a single one
        work = "two calls" if single else f"{duration(best.break_even_s)} of work"
        yield f"It pays from {work} on; your {inputs:,}{more} inputs take about {duration(all_s)}."
    if whole := _with_its_start(best, advice):
        yield whole
    base = advice.baseline
    held, before = best.memory.pss_bytes, base.memory.pss_bytes if base else None
    if held is not None and before is not None:
        yield f"Memory: {number(held / 1e6)} MB, one after the other {number(before / 1e6)} MB."


def _with_its_start(best: Summary, advice: FoundAdvice) -> str:
    """What all inputs take, where starting and compiling weigh beside that."""
    if best.costs is None or best.speedup is None or advice.examined.facts.endless:
        return ""
    start_s, work_s = best.costs.startup_s + best.costs.compile_s, advice.all_s / best.speedup.value
    if start_s < HEAVY_START * work_s or start_s + work_s >= advice.all_s:
        return ""
    compiling = " and compiling" if best.costs.compile_s > best.costs.startup_s else ""
    return f"With its start{compiling} they take about {duration(start_s + work_s)}."


def _limit(advice: FoundAdvice) -> str:
    return limit(advice.decision.best, advice.examined, _cores(advice), advice.baseline) or _busy(advice)


def _busy(advice: FoundAdvice) -> str:
    busy = advice.decision.best.cores_busy if advice.decision.best else None
    return f"it keeps {busy or 0:.1f} of {_cores(advice)} cores busy"


def _cores(advice: FoundAdvice) -> int:
    return advice.results.usable_cores or 1


def _wanted(advice: FoundAdvice) -> str:
    best, cores = advice.decision.best, _cores(advice)
    wanted = best.cores_wanted if best else None
    if wanted is None or best is None or best.verdict not in PARALLEL:
        return ""
    if wanted < ENOUGH_WANTED * max(1.0, best.cores_busy or 0.0):
        return ""
    return f" Cores wanted: {wanted:.1f} of {cores}; with more of them it would gain more."


def _changes(advice: FoundAdvice) -> str:
    """What would change it."""
    best = advice.decision.best
    without_gil = any(one.gil is not None and not one.gil.after_work for one in advice.rows)
    compiled = best is not None and not strategy_of(best).runs_plain_python
    if without_gil or compiled:  # that is measured already, or beside the point
        return ""
    threads = [one for one in advice.rows if strategy_of(one).workers_are == "threads" and one.wall_s]
    fastest = max(threads, key=_value, default=None)  # slower ones may wait for anything
    if fastest is None or "GIL" not in reason(fastest, advice.examined, _cores(advice)):
        return ""
    if best and strategy_name(best) != strategy_name(fastest) and _value(best) < LEAST_GAIN * _value(fastest):
        return ""
    free = "What would change it: a free-threaded Python, under which threads compute at the same time (--python)"
    kind_of = Catalogue().strategy
    against = next((why for name, why in advice.why_not if kind_of(name).workers_are == "processes"), "")
    return f"{free}{f'; or processes, but {against}' if against else ''}."


def strategy_name(one: Summary) -> str:
    return one.cell.strategy.partition(CHUNK_SEPARATOR)[0]


def _waiting_share(times: CallTimes) -> float:
    """Of their time, in which they waited for a core."""
    return times.ready_s / max(times.wall_s, 1e-9)


def _waiting_for_one(times: CallTimes) -> str:
    """How much longer calls take because others use the cores, if that is much."""
    share = _waiting_share(times)
    return f", without {100 * share:.0f} % in which it waits for one" if share > LEAST_READY else ""


def _about(advice: FoundAdvice) -> Iterator[str]:
    facts, times = advice.examined.facts, advice.examined.times
    spread = f" ({duration(times.least_s)} to {duration(times.greatest_s)})" * (not advice.is_timed_together)
    yield (
        f"A call takes {duration(advice.call_s)}{spread}, "
        f"{100 * advice.examined.computing_share:.0f} % of it on a core{_waiting_for_one(times)}."
    )
    if times.first_s > MANY_TIMES * times.greatest_s:
        yield f"The first one took {duration(times.first_s)}: it imports, or compiles."
    waited = _waiting_share(times) > LEAST_READY  # then the second calls were luckier, maybe
    if times.again_s * MANY_TIMES < advice.examined.call_s and times.again_s < times.least_s and not waited:
        yield (
            f"Called again with the same input it takes {duration(times.again_s)}: it remembers its answers, and "
            "models were compared by calls that find them."
        )
    if (tasks := _tasks(advice)) and tasks < facts.inputs:
        more = " or more" if facts.endless else ""
        yield f"Measured with a sample of {tasks:,} of your {facts.inputs:,}{more} inputs."
    best = advice.decision.best
    if best is not None and not strategy_of(best).runs_plain_python:
        yield (
            f"Compiled, whole numbers have 64 bits and wrap without a word; answers were compared for {tasks:,} inputs."
        )
    if facts.is_cached:
        yield "Models were compared without its cache, on inputs that are all new to it."
    if facts.not_comparable:
        yield f"Answers of type {facts.not_comparable} cannot be compared: give --verify."
    if facts.prints:
        yield "It prints; that is part of what was measured."


def _tasks(advice: FoundAdvice) -> int:
    return advice.rows[0].cell.tasks if advice.rows else MOST_TASKS


def _in_columns(others: Sequence[tuple[str, str, str]], width: int, lines_each: int) -> list[str]:
    widest = max((len(name) for name, _, _ in others), default=0)
    indent = " " * (widest + 10)
    found: list[str] = []
    for name, gain, why in others:
        reasons = wrap(why, width - len(indent), max_lines=lines_each, placeholder="...") or [""]
        found.append(f"  {name:<{widest}} {gain:>6} {reasons[0]}".rstrip())
        found += [f"{indent}{line}" for line in reasons[1:]]
    return found


def _others(advice: FoundAdvice) -> Iterator[tuple[str, str, str]]:
    """Name, gain and reason of the best variant of each other strategy, and for each that cannot take the function."""
    cores, best = _cores(advice), advice.decision.best
    called = naming(one.cell for one in advice.rows)
    for one in _best_of_each(advice.rows):
        if is_home(one) or (best and strategy_name(one) == strategy_name(best)):
            continue
        gain = number(one.speedup.value) + "x" if one.speedup and one.wall_s is not None else ""
        why = reason(one, advice.examined, cores, advice.baseline) or _slower(one, best, advice.decision.ties)
        yield called(one.cell), gain, why
    alike: dict[str, list[str]] = {}
    for name, why in advice.why_not:
        alike.setdefault(why, []).append(name)
    for why, names in alike.items():
        yield f"{names[0]}{f' and {len(names) - 1} more' * (len(names) > 1)}", "-", why


def _slower(one: Summary, best: Summary | None, ties: Sequence[Summary]) -> str:
    if best is None:
        return "not known to be faster" if not one.speedup or one.speedup.value > 1 else "slower, or as fast"
    if not one.speedup or not best.speedup or one.speedup.value * AS_FAST < best.speedup.value:
        return "not known to gain less" if one in ties else "gains less"
    if one.speedup.shows_a_difference is not True:
        return "not known to be faster"
    if one.speedup.value > best.speedup.value * AS_FAST:
        return "may be faster, which is not known"
    if strategy_of(one).workers_are == strategy_of(best).workers_are:
        return "as fast"
    return "as fast, and less simple"


def _best_of_each(rows: Sequence[Summary]) -> list[Summary]:
    found: dict[tuple[str, str], Summary] = {}
    for one in rows:
        key = strategy_name(one), one.cell.interpreter
        if key not in found or _value(one) > _value(found[key]):
            found[key] = one
    return sorted(found.values(), key=_value, reverse=True)


def _value(one: Summary) -> float:
    return one.speedup.value if one.speedup and one.wall_s is not None else 0.0


def reasons(advice: FoundAdvice) -> list[str]:
    """Why not the others, in full."""
    return [" ".join(filter(None, (f"{name}:", gain, why))) for name, gain, why in _others(advice)]


def tried(advice: FoundAdvice) -> str:
    """What the code gained when it was run; empty if there is none."""
    if advice.code is None:
        return ""
    if advice.tried is None:
        return f"The code could not be tried ({one_line(advice.untried, 100)})"
    best = advice.decision.best
    beside = "without it" if best is None or strategy_of(best).runs_plain_python else "as the others were measured"
    return (
        f"The code, run as it stands on {duration(advice.tried.sequential_s)} of work: "
        f"{number(advice.tried.gain.value)}x {_with_what(best) if best else ''}; at the same time "
        f"{beside} {number(advice.tried.expected)}x"
    )


def whole(advice: FoundAdvice) -> str:
    """The advice and the code."""
    code: list[str] = []
    if advice.code:
        code = ["", *wrap(f"{tried(advice)}:", WIDTH)] + (["", advice.code.text] if not advice.untried else [])
    return "\n".join([*lines(advice), *code]).rstrip()
