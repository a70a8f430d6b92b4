"""Whether a user's own class keeps its invariant in threads: under every Python, with several switch intervals."""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

from gil_lab.interpreters import Interpreter, Missing
from gil_lab.interpreters import choose as choose_interpreters
from gil_lab.interpreters.dialogue import NoAnswerError
from gil_lab.interpreters.examiner import examination
from gil_lab.model.errors import NothingMeasuredError, UsageError
from gil_lab.model.frozen import frozen
from gil_lab.model.invariant import Rounds, ThreadTest
from gil_lab.model.target import Phase
from gil_lab.model.text import one_line
from gil_lab.model.wire import Failed

SWITCH_INTERVALS_S = (0.005, 0.0001, 0.000001)
"""Python's own; and shorter ones, under which a thread is switched out far more often, wherever that can happen."""
BUDGET_S = 20.0
"""For all Pythons and intervals together."""
LEAST_S = 0.5
"""For one of them."""
MOST_ROUNDS = 1_000_000
ROUND_TIMEOUT_S = 10.0
RULE_OF_THREE = 3.0
"""If none of n rounds was broken, at most 3/n of all are, with 95 % (Hanley and Lippman-Hand 1983)."""
STRATEGIES = ("threading",)


@frozen
class Tested:
    """What was seen under one Python; or why nothing was."""

    python: str
    rounds: tuple[Rounds, ...]
    failure: str = ""
    hangs: bool = False
    """Whether it did not go on: a deadlock, say, which alone it has not."""


@frozen
class FoundInvariant:
    """What `gil-lab race` shows."""

    file: Path
    seed: int
    threads: int
    tested: tuple[Tested, ...]
    missing: tuple[Missing, ...]

    @property
    def broken(self) -> bool:
        return any(each.hangs or any(one.broken for one in each.rounds) for each in self.tested)


def race(
    file: Path,
    *,
    pythons: tuple[str, ...] = ("all",),
    threads: int,
    repeats: int | None = None,
    budget_s: float = BUDGET_S,
    seed: int,
    only_round: int | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> FoundInvariant:
    """Run the operations that `file` defines in threads, again and again, and ask its invariant after each round.

    `only_round` repeats the starts of that one, as often as there is time for. Raises UsageError for a file that
    cannot be tested, NothingMeasuredError if there is no Python to test it under.
    """
    choice = choose_interpreters(pythons, strategies=STRATEGIES)
    if not choice.interpreters:
        raise NothingMeasuredError(
            choice.missing[0].reason if choice.missing else "there is no Python to test it under"
        )
    each_s = budget_s / len(choice.interpreters) / len(SWITCH_INTERVALS_S)
    test = ThreadTest(
        str(file.resolve()), seed, threads, repeats, SWITCH_INTERVALS_S, max(LEAST_S, each_s), MOST_ROUNDS
    )
    if only_round is not None:
        test = replace(test, only_round=only_round)
    tested = []
    for interpreter in choice.interpreters:
        say(f"under Python {interpreter.label}")
        tested.append(_tested(test, interpreter))
    if all(one.failure and not one.hangs for one in tested):
        raise UsageError(tested[0].failure)
    used = max((one.threads for each in tested for one in each.rounds), default=threads)
    return FoundInvariant(file, seed, used, tuple(tested), choice.missing)


def _tested(test: ThreadTest, interpreter: Interpreter) -> Tested:
    """Whatever the file does, it costs that Python only."""

    def command(descriptor: int) -> list[str]:
        return [interpreter.executable, "-m", "gil_lab.child.invariant", str(descriptor), json.dumps(asdict(test))]

    found: list[Rounds] = []
    doing, failure, hangs = "starting", "", False
    try:
        with examination(command, interpreter.environment, Path(test.file)) as dialogue:
            while not (found and found[-1].last):
                match dialogue.receive(test.seconds_each + ROUND_TIMEOUT_S):
                    case Phase(words=words):
                        doing = one_line(words, 80)
                    case Rounds() as rounds:
                        found.append(rounds)
                    case Failed(detail=detail):
                        failure = detail
                        break
                    case _:
                        failure = "it writes where its answers are read; have it write elsewhere"
                        break
    except TimeoutError:
        hangs = doing.startswith("round ")
        failure = f"{Path(test.file).name} does not go on ({doing}): a deadlock, or an endless loop"
    except EOFError as end:
        failure = f"{Path(test.file).name} ends the Python that runs it ({doing}: {end})"
    except NoAnswerError as error:
        failure = one_line(f"{interpreter.executable} {error}")
    return Tested(interpreter.label, tuple(found), failure, hangs)
