"""What became of an invariant, in lines of a terminal: the answer first, then a row for each Python and interval."""

import shlex
from collections.abc import Iterator, Sequence

from gil_lab.advice.invariant import ENDINGS_OF_THREADS, RULE_OF_THREE, FoundInvariant, Tested
from gil_lab.interpreters.names import ALL
from gil_lab.model.frozen import frozen
from gil_lab.model.invariant import OPERATION_RAISED, REPEATED_EVERY, Ending, Rounds
from gil_lab.model.text import number
from gil_lab.report.tables.blocks import Block, Note
from gil_lab.report.tables.table import Column, Table

FEW_ROUNDS = 100
"""Of fewer, not even what breaks one in thirty is excluded."""
LEAST_BOUND = 2 * RULE_OF_THREE
"""Rounds that exclude something: that every second one breaks."""
MOST_TEXTS = 4
"""Different ones of what broke rounds."""
WORDS = {
    Ending.HUNG: "hung",
    Ending.SILENT: "hung",
    Ending.CRASHED: "crashed",
    Ending.EXITED: "exited",
    Ending.KILLED: "killed",
    Ending.FAILED: "failed",
    Ending.STOPPED: "stopped",
}
NOT_TRIED = "not tried"


@frozen
class PythonRounds:
    python: str
    switch_interval_s: float
    rounds: Rounds | None
    """None: it did not come to these."""


def _switch_interval(one: "PythonRounds | Rounds") -> str:
    return f"{number(1e3 * one.switch_interval_s)} ms"


def _interval(one: PythonRounds) -> str:
    with_gil = one.rounds is None or one.rounds.gil
    return _switch_interval(one) if with_gil else "no GIL"


PYTHON = Column[PythonRounds](("", "Python"), lambda one: one.python, right=False, naming=True)
INTERVAL = Column[PythonRounds](("switch", "interval"), _interval)
ROUNDS = Column[PythonRounds](("", "rounds"), lambda one: f"{one.rounds.rounds:,}" if one.rounds else "")
REPEATS = Column[PythonRounds](("repeats", "a round"), lambda one: f"{one.rounds.repeats:,}" if one.rounds else "")
BROKEN = Column[PythonRounds](("", "broken"), lambda one: broken(one.rounds) if one.rounds else NOT_TRIED)
FIRST = Column[PythonRounds](("", "first"), lambda one: str(_first(one.rounds) or "") if one.rounds else "")


def broken(rounds: Rounds) -> str:
    """How many, or the bound that its rounds allow; and how they ended, if not as usual."""
    word = WORDS.get(rounds.ending, "")
    if rounds.broken:
        return f"{rounds.broken:,}, then {word}" if word else f"{rounds.broken:,}"
    if word and rounds.ending is not Ending.STOPPED:
        return word
    return f"fewer than 1 in {int(rounds.rounds / RULE_OF_THREE):,}" if rounds.rounds >= LEAST_BOUND else "none so far"


def _first(rounds: Rounds) -> int | None:
    """The number of the first round that broke."""
    return rounds.first_broken or (rounds.ended_in if rounds.ending in ENDINGS_OF_THREADS else None)


def blocks(found: FoundInvariant) -> Iterator[Block]:
    yield f"{found.file.name}: {_answer(found)}"
    if without := _without_gil(found):
        yield without
    yield ""
    rows = [row for each in found.tested for row in _rows(each)]
    columns = [column for column in (PYTHON, INTERVAL, ROUNDS, REPEATS, BROKEN, FIRST) if any(map(column.text, rows))]
    yield Table.of(_threads(found), columns, rows)
    if any(one.repeats_in(2) < one.repeats for one in found.rounds):
        yield Note(f"repeats: in one round of {REPEATED_EVERY}; in the others each thread does its operation once")
    if any("fewer" in BROKEN.text(row) for row in rows):
        yield Note("fewer than 1 in n: with 95 %, as none of 3n rounds was broken")
    if not found.stopped and any(each.untried_s for each in found.tested):
        yield Note(f"{NOT_TRIED}: the rounds before did not end as they should")
    yield from _what_broke(found)
    yield from _endings(found)
    for missing in found.missing:
        yield Note(f"Not tested: {missing.reason}")


def _rows(tested: Tested) -> Iterator[PythonRounds]:
    for rounds in tested.rounds:
        yield PythonRounds(tested.python, rounds.switch_interval_s, rounds)
    for interval_s in tested.untried_s:
        yield PythonRounds(tested.python, interval_s, None)


def _threads(found: FoundInvariant) -> str:
    used = max(rounds.threads for rounds in found.rounds)
    if found.asked_threads in (None, used):
        return f"{used} threads in each round"
    return f"{used} threads in each round, not {found.asked_threads}: as many for each operation as for any other"


def _answer(found: FoundInvariant) -> str:
    stopped = f"stopped before the end{_not_begun(found)}: " if found.stopped else ""
    bad = [each for each in found.tested if each.broken]
    if bad:
        good = [each.python for each in found.tested if not each.broken and any(one.rounds for one in each.rounds)]
        kept = f"; not seen to break under {', '.join(good)}" if good else ""
        parts = [f"{what} under Python {', '.join(pythons)}" for what, pythons in _by_failure(bad).items()]
        return f"{stopped}not safe for threads: {', '.join(parts)}{kept}."
    tried = [rounds.rounds for rounds in found.rounds]
    if not any(tried):
        return f"{stopped}no round ended, so that nothing is known."
    if not found.complete:
        rest = "" if stopped else "; not every setting had its time"
        return f"{stopped}the invariant held in the {sum(tried):,} rounds that ended{rest}."
    more = " With a longer --budget there are more rounds." if min(tried) < FEW_ROUNDS else ""
    return (
        f"the invariant held in every round, {min(tried):,} at least with each setting. That is no proof: something "
        f"rarer may break it.{more}"
    )


def _not_begun(found: FoundInvariant) -> str:
    return f", not begun under Python {', '.join(found.untried)}" if found.untried else ""


def _by_failure(bad: Sequence[Tested]) -> dict[str, list[str]]:
    """Pythons by the worst that was seen there."""
    found: dict[str, list[str]] = {}
    for each in bad:
        endings = {rounds.ending for rounds in each.rounds}
        whats = [rounds.what for rounds in each.rounds if rounds.broken]
        if whats:
            raised = all(what.startswith(OPERATION_RAISED) for what in whats)
            what = OPERATION_RAISED if raised else "the invariant broke"
        else:
            what = next(words for ending, words in FAILURES.items() if ending in endings)
        found.setdefault(what, []).append(each.python)
    return found


def _without_gil(found: FoundInvariant) -> str:
    """Where the strongest test was not made, that it was not, and how to get it."""
    if found.broken or any(rounds.rounds and not rounds.gil for rounds in found.rounds):
        return ""
    what = "Not tried without the GIL, where most races show"
    builds = [each for each in found.tested if each.free_threaded and "+gil" not in each.python]
    if any(each.rounds and each.rounds[0].gil for each in builds):
        (name, *_) = [each.python for each in builds]
        return f"{what}: what the file imports switches it on in {name}; {name}+nogil keeps it off."
    if builds:
        return f"{what}: see below why not under {', '.join(each.python for each in builds)}."
    if found.untried and found.stopped:
        return f"{what}."
    if ALL in found.pythons:
        return (
            f"{what}: no free-threaded Python was found. To get one: uv python install 3.14t; to name one of your own: "
            "--python PATH, or GIL_LAB_PYTHONS=PATH."
        )
    return f"{what}: --python names no free-threaded Python; leave it out to try every one there is, or add 3.14t."


def _what_broke(found: FoundInvariant) -> Iterator[Block]:
    """In full: what the invariant said first, or an operation raised."""
    texts: dict[str, list[str]] = {}
    for each in found.tested:
        for rounds in each.rounds:
            if rounds.first_broken is not None:
                setting = f"{each.python} at {_switch_interval(rounds)}" if rounds.gil else each.python
                texts.setdefault(rounds.what, []).append(f"{setting}, round {rounds.first_broken}")
    for what, places in [*texts.items()][:MOST_TEXTS]:
        more = f" and {len(places) - 1} more" if len(places) > 1 else ""
        yield f"{places[0]}{more}: {what}"
    if (more_texts := len(texts) - MOST_TEXTS) > 0:
        yield Note(f"and {more_texts} other text{'s' * (more_texts > 1)}")


def _endings(found: FoundInvariant) -> Iterator[Block]:
    """Why Pythons did not do all that they were to do, and the next step; what several say is said once."""
    texts: dict[tuple[Ending, str], list[str]] = {}
    for why in dict.fromkeys(each.failure for each in found.tested if each.failure):
        yield f"Under Python {', '.join(each.python for each in found.tested if each.failure == why)}: {why}"
    for each in found.tested:
        for rounds in each.rounds:
            if rounds.why:
                texts.setdefault((rounds.ending, rounds.why), []).append(f"{each.python}, round {rounds.ended_in}")
    for (ending, why), places in texts.items():
        what = f"{WORDS[ending]}: {why}" if ending in ENDINGS_OF_THREADS else why
        yield "; ".join(filter(None, (*places[:-1], f"{places[-1]}: {what}", STEPS.get(ending))))


FAILURES = {
    Ending.CRASHED: "it crashes",
    Ending.EXITED: "it ends the process",
    Ending.HUNG: "it does not go on",
    Ending.SILENT: "it does not go on",
}
"""The worst first."""
STEPS = {
    Ending.HUNG: "a deadlock, or an endless loop: take several locks in the same order everywhere",
    Ending.KILLED: "try again with fewer --workers, or a smaller --repeat",
}


def again(found: FoundInvariant) -> str:
    """The command that repeats a round that broke, where most of them did; empty if none did."""
    bad = [(each.python, rounds) for each in found.tested for rounds in each.rounds if _first(rounds) is not None]
    if not bad:
        return ""
    python, rounds = max(bad, key=lambda one: one[1].broken / max(1, one[1].rounds))
    first = _first(rounds) or 0
    file = str(found.file)
    file = f"./{file}" if file.startswith("-") else file  # that is no option
    words = ["gil-lab", "race", file, "--python", python]
    words += ["--workers", str(rounds.threads), "--repeat", str(rounds.repeats_in(first))]
    return shlex.join([*words, "--seed", str(found.seed), "--round", str(first)])
