"""What became of an invariant, in lines of a terminal: the answer first, then a row for each Python and interval."""

import shlex
from collections.abc import Iterator

from gil_lab.advice.invariant import RULE_OF_THREE, FoundInvariant, Tested
from gil_lab.model.frozen import frozen
from gil_lab.model.invariant import Rounds
from gil_lab.model.text import number, one_line
from gil_lab.report.tables.blocks import Block, Note
from gil_lab.report.tables.table import Column, Table

MOST_SAID = 40
"""Characters of what the invariant said."""


@frozen
class PythonRounds:
    python: str
    rounds: Rounds


PYTHON = Column[PythonRounds](("", "Python"), lambda one: one.python, right=False, naming=True)
INTERVAL = Column[PythonRounds](
    ("switch", "interval"),
    lambda one: f"{number(1e3 * one.rounds.switch_interval_s)} ms" if one.rounds.gil else "no GIL",
)
ROUNDS = Column[PythonRounds](("", "rounds"), lambda one: f"{one.rounds.rounds:,}")
REPEATS = Column[PythonRounds](("repeats", "a round"), lambda one: f"{one.rounds.repeats:,}")
BROKEN = Column[PythonRounds](("", "broken"), lambda one: broken(one.rounds))
FIRST = Column[PythonRounds](("", "first"), lambda one: str(one.rounds.first_broken or ""))
SAID = Column[PythonRounds](("", "it said"), lambda one: one_line(one.rounds.what, MOST_SAID), right=False)


def broken(rounds: Rounds) -> str:
    """How many, or the bound that its rounds allow."""
    if rounds.broken:
        return f"{rounds.broken:,}"
    return f"fewer than 1 in {int(rounds.rounds / RULE_OF_THREE):,}" if rounds.rounds > RULE_OF_THREE else "none"


def blocks(found: FoundInvariant) -> Iterator[Block]:
    yield f"{found.file.name}: {_answer(found)}"
    yield ""
    rows = [PythonRounds(each.python, rounds) for each in found.tested for rounds in each.rounds]
    columns = [
        column for column in (PYTHON, INTERVAL, ROUNDS, REPEATS, BROKEN, FIRST, SAID) if any(map(column.text, rows))
    ]
    if rows:
        yield Table.of(f"{found.threads} threads in each round", columns, rows)
    if any("fewer" in BROKEN.text(row) for row in rows):
        yield Note("fewer than 1 in n: with 95 %, as none of 3n rounds was broken")
    for each in found.tested:
        if each.failure:
            yield f"Under Python {each.python}: {each.failure}"
    for missing in found.missing:
        yield Note(f"Not tested: {missing.reason}")
    if command := _again(found):
        yield f"The same order of starts again: {command}"


def _answer(found: FoundInvariant) -> str:
    bad = [each for each in found.tested if _breaks(each)]
    if bad:
        under = ", ".join(each.python for each in bad)
        good = [each.python for each in found.tested if each.rounds and not _breaks(each)]
        kept = f"; not seen to break under {', '.join(good)}" if good else ""
        what = "it does not go on" if all(each.hangs for each in bad) else "the invariant broke"
        return f"not safe for threads: {what} under Python {under}{kept}."
    least = min((rounds.rounds for each in found.tested for rounds in each.rounds), default=0)
    return (
        f"the invariant held in every round, {least:,} at least with each setting. That is no proof: something rarer "
        "may break it."
    )


def _breaks(tested: Tested) -> bool:
    return tested.hangs or any(rounds.broken for rounds in tested.rounds)


def _again(found: FoundInvariant) -> str:
    """How the first one that broke is repeated."""
    for each in found.tested:
        for rounds in each.rounds:
            if rounds.first_broken is not None:
                words = ["gil-lab", "race", str(found.file), "--python", each.python]
                words += ["--workers", str(rounds.threads), "--repeat", str(rounds.repeats)]
                return shlex.join([*words, "--seed", str(found.seed), "--round", str(rounds.first_broken)])
    return ""
