"""Other Pythons: finding the one that a name means, and asking it what it is and what works there.

An interpreter is a program and its settings, written `3.14`, `3.13t+gil`, `pypy3.11`, `this` or as a path. What it can
do is asked and never guessed from its name.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gil_lab.interpreters import caches
from gil_lab.interpreters.arms import Arm, arm, full, in_order, labels, of
from gil_lab.interpreters.dialogue import LONGEST_REASON, NoAnswerError
from gil_lab.interpreters.discovery import Search
from gil_lab.interpreters.examiner import TOO_OLD, Examiner
from gil_lab.interpreters.names import ALL, is_path, wanted
from gil_lab.model.interpreter import Facts
from gil_lab.model.text import one_line
from gil_lab.model.variables import Settings


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python under which work can be measured."""

    label: str
    """`3.13t+gil`; unique among those that were chosen together."""
    executable: str
    environment: Settings
    """Variables that its settings, and its bytecode caches, need."""
    facts: Facts


@dataclass(frozen=True, slots=True)
class Missing:
    """A Python that was asked for and cannot be used."""

    name: str
    reason: str
    """One line: the cause and the next step."""


@dataclass(frozen=True, slots=True)
class Choice:
    interpreters: tuple[Interpreter, ...]
    missing: tuple[Missing, ...]


_Told = tuple[Facts, Settings]
"""Facts, and the environment that its caches need."""
_Answer = _Told | str
"""Or why there are none."""


def choose(names: Sequence[str], *, strategies: Sequence[str] | None = None, file: Path | None = None) -> Choice:
    """The interpreters of these names, in their order, each once; and those names that mean none, with the reason.

    Each is asked about the `strategies` only (None: all, those of a user's `file` included). `all` is one for each
    short label that can be found, and each free-threaded one with its GIL as well.

    Raises UsageError for what is no name.
    """
    asked = [wanted(name) for name in dict.fromkeys(names)]
    arms: list[Arm] = []
    missing: dict[str, str] = {}
    with Examiner(strategies, file) as examiner:
        search = Search(examiner)
        search.greet([name.base for name in asked if is_path(name.base)])
        for name in asked:
            found = of(name, search)
            if isinstance(found, str):
                missing[name.text] = found
            else:
                arms += found
        answers = _answers(examiner, arms)
    told: list[tuple[Arm, _Told]] = []
    for one, answer in zip(arms, answers, strict=True):
        if not isinstance(answer, str):
            told.append((one, answer))
        elif one.demanded:
            missing[one.name] = answer
    chosen: dict[str, Interpreter] = {}
    for label, (one, answer) in zip(labels([one for one, _ in told]), told, strict=True):
        chosen.setdefault(label, _interpreter(label, one, answer))
    for name in asked:
        if name.base == ALL and not chosen:
            missing.setdefault(name.text, f"{name.text}: nothing that was found can be used; see gil-lab pythons")
    return Choice(tuple(chosen.values()), tuple(Missing(name, reason) for name, reason in missing.items()))


def survey(strategies: Sequence[str] | None = None) -> Choice:
    """Every Python that can be found. Labels are the names by which they are chosen; where another one has the name,
    it is the path. Those that are too old are told together.
    """
    with Examiner(strategies) as examiner:
        found = Search(examiner).everything()
        arms = [arm(one.executable, one, ()) for one in found if not one.reason]
        answers = _answers(examiner, arms)
    interpreters: dict[str, Interpreter] = {}
    missing = [Missing(one.executable, one.reason) for one in found if one.greeting is None]
    for one, answer in zip(arms, answers, strict=True):  # those that are preferred choose their names first
        if isinstance(answer, str):
            missing.append(Missing(one.executable, answer))
            continue
        free = (name for name in (one.greeting.label, full(one.greeting), one.executable) if name not in interpreters)
        label = next(free)
        interpreters[label] = _interpreter(label, one, answer)
    old = sorted({one.greeting.version for one in found if one.reason and one.greeting}, key=_by_number)
    if old:
        missing.append(Missing(", ".join(old), TOO_OLD))
    shown = sorted(interpreters.values(), key=lambda one: in_order(one.facts.label))
    return Choice(tuple(shown), tuple(missing))


def _answers(examiner: Examiner, arms: Sequence[Arm]) -> list[_Answer]:
    """Of each; two that differ in nothing that matters at the start are asked once."""
    questions = {(one.identity, one.settings_at_start): one for one in reversed(arms)}
    answers = dict(zip(questions, examiner.each(lambda one: _answer(examiner, one), questions.values()), strict=True))
    return [answers[one.identity, one.settings_at_start] for one in arms]


def _answer(examiner: Examiner, one: Arm) -> _Answer:
    try:
        facts = examiner.facts(one.executable, one.settings_at_start)
    except NoAnswerError as error:
        return one_line(f"{one.executable} {error}", LONGEST_REASON)
    if facts.bytecode == "none" and (elsewhere := caches.elsewhere()):
        with contextlib.suppress(NoAnswerError):
            again = examiner.facts(one.executable, (*one.settings_at_start, *elsewhere))
            if again.bytecode != "none":
                return again, elsewhere
    return facts, ()


def _interpreter(label: str, one: Arm, answer: _Told) -> Interpreter:
    facts, for_caches = answer
    environment = tuple((each.variable, each.value) for each in one.settings)
    return Interpreter(label, one.executable, (*environment, *for_caches), facts)


def _by_number(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdecimal()]
