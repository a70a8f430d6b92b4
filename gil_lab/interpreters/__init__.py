"""Other Pythons: finding the program that a name refers to, and asking it what it is and what works there.

An interpreter is a program and its settings, written `3.14`, `3.13t+gil`, `pypy3.11`, `this` or as a path. What works
under it is determined by asking it, never guessed from its name.
"""

import contextlib
from collections.abc import Sequence
from pathlib import Path

from gil_lab.interpreters import caches
from gil_lab.interpreters.arms import Arm, arms_of, full_label, labels, make_arm, sort_key
from gil_lab.interpreters.dialogue import MAX_REASON_CHARACTERS, NoAnswerError
from gil_lab.interpreters.discovery import Search
from gil_lab.interpreters.examiner import TOO_OLD, Examiner
from gil_lab.interpreters.names import ALL, is_path, parse_name
from gil_lab.model.frozen import frozen
from gil_lab.model.interpreter import Facts
from gil_lab.model.text import one_line
from gil_lab.model.variables import Settings


@frozen
class Interpreter:
    """A Python under which work can be measured."""

    label: str
    """`3.13t+gil`; unique within a choice."""
    executable: str
    environment: Settings
    """Environment variables for its settings and its bytecode caches."""
    facts: Facts


@frozen
class Missing:
    """A Python that was requested and cannot be used."""

    name: str
    reason: str
    """One line: the cause and the next step."""


@frozen
class Choice:
    interpreters: tuple[Interpreter, ...]
    missing: tuple[Missing, ...]


_Usable = tuple[Facts, Settings]
"""Facts, and the environment variables for its caches."""
_Answer = _Usable | str
"""Or the reason why it cannot be used."""


def choose(names: Sequence[str], *, strategies: Sequence[str] | None = None, file: Path | None = None) -> Choice:
    """The interpreters of these names, in order and without duplicates; and the names without one, with the reason.

    Only the `strategies` are checked (None: all, including those of a user's `file`). `all` means one interpreter for
    each short label that can be found, and every free-threaded one with its GIL as well.

    Raises UsageError for an invalid name.
    """
    requests = [parse_name(name) for name in dict.fromkeys(names)]
    arms: list[Arm] = []
    missing: dict[str, str] = {}
    with Examiner(strategies, file) as examiner:
        search = Search(examiner)
        search.greet([request.base for request in requests if is_path(request.base)])
        for request in requests:
            result = arms_of(request, search)
            if isinstance(result, str):
                missing[request.text] = result
            else:
                arms += result
        answers = _answers(examiner, arms)
    usable: list[tuple[Arm, _Usable]] = []
    for arm, answer in zip(arms, answers, strict=True):
        if not isinstance(answer, str):
            usable.append((arm, answer))
        elif arm.by_name:
            missing[arm.name] = answer
    interpreters: dict[str, Interpreter] = {}
    for label, (arm, answer) in zip(labels([arm for arm, _ in usable]), usable, strict=True):
        interpreters.setdefault(label, _interpreter(label, arm, answer))
    for request in requests:
        if request.base == ALL and not interpreters:
            missing.setdefault(request.text, f"{request.text}: no usable Python was found; see gil-lab pythons")
    return Choice(tuple(interpreters.values()), tuple(Missing(name, reason) for name, reason in missing.items()))


def survey(strategies: Sequence[str] | None = None) -> Choice:
    """Every Python that can be found, labelled with the name that selects it; if another one has that name, with its
    path. Those that are too old are reported together.
    """
    with Examiner(strategies) as examiner:
        candidates = Search(examiner).everything()
        arms = [make_arm(candidate.executable, candidate, ()) for candidate in candidates if not candidate.reason]
        answers = _answers(examiner, arms)
    interpreters: dict[str, Interpreter] = {}
    missing = [
        Missing(candidate.executable, candidate.reason) for candidate in candidates if candidate.greeting is None
    ]
    for arm, answer in zip(arms, answers, strict=True):  # the preferred ones get the short names
        if isinstance(answer, str):
            missing.append(Missing(arm.executable, answer))
            continue
        names = (arm.greeting.label, full_label(arm.greeting), arm.executable)
        label = next(name for name in names if name not in interpreters)
        interpreters[label] = _interpreter(label, arm, answer)
    rejected = (candidate for candidate in candidates if candidate.reason)
    old = sorted({candidate.greeting.version for candidate in rejected if candidate.greeting}, key=_by_number)
    if old:
        missing.append(Missing(", ".join(old), TOO_OLD))
    in_order = sorted(interpreters.values(), key=lambda interpreter: sort_key(interpreter.facts.label))
    return Choice(tuple(in_order), tuple(missing))


def _answers(examiner: Examiner, arms: Sequence[Arm]) -> list[_Answer]:
    """The answer of each arm; arms with the same program and settings at start are asked once."""
    distinct = {(arm.identity, arm.settings_at_start): arm for arm in reversed(arms)}
    answers = dict(zip(distinct, examiner.map(lambda arm: _answer(examiner, arm), distinct.values()), strict=True))
    return [answers[arm.identity, arm.settings_at_start] for arm in arms]


def _answer(examiner: Examiner, arm: Arm) -> _Answer:
    try:
        facts = examiner.facts(arm.executable, arm.settings_at_start)
    except NoAnswerError as error:
        return one_line(f"{arm.executable} {error}", MAX_REASON_CHARACTERS)
    if facts.bytecode == "none" and (elsewhere := caches.elsewhere()):
        with contextlib.suppress(NoAnswerError):
            again = examiner.facts(arm.executable, (*arm.settings_at_start, *elsewhere))
            if again.bytecode != "none":
                return again, elsewhere
    return facts, ()


def _interpreter(label: str, arm: Arm, answer: _Usable) -> Interpreter:
    facts, for_caches = answer
    environment = tuple((setting.variable, setting.value) for setting in arm.settings)
    return Interpreter(label, arm.executable, (*environment, *for_caches), facts)


def _by_number(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdecimal()]
