"""Whether a user's own class keeps its invariant in threads: under every Python, with several switch intervals."""

import json
import re
import signal
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import IO

from gil_lab.interpreters import Interpreter, Missing
from gil_lab.interpreters import choose as choose_interpreters
from gil_lab.interpreters.dialogue import Examination, NoAnswerError
from gil_lab.interpreters.examiner import examination
from gil_lab.model.errors import NothingMeasuredError, UsageError
from gil_lab.model.frozen import frozen
from gil_lab.model.invariant import INVARIANT, SETUP, Ending, RoundCount, Rounds, ThreadTest
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
STALLED_S = 3.0
"""Of a round: those that go on are reported each second."""
SILENCE_S = 4.0
"""Beyond that: a process that lives says each second how far it is, and itself which round does not go on."""
START_TIMEOUT_S = 60.0
"""For Python, and what the file imports, from a cold disk."""
RULE_OF_THREE = 3.0
"""If none of n rounds was broken, at most 3/n of all are, with 95 % (Hanley and Lippman-Hand 1983)."""
MOST_SAID = 400
"""Characters of what a file's process says."""
STRATEGIES = ("threading",)
IMPORTING = "importing it"
"""What the file's process says before it does."""
KILLS = (signal.SIGKILL, signal.SIGTERM)
"""Signals that come from outside, or from a system without memory: no thread of the file's raises them by mistake."""
ENDINGS_OF_THREADS = (Ending.HUNG, Ending.SILENT, Ending.CRASHED, Ending.EXITED)
"""Alone no operation does so: it was tried."""


@frozen
class Tested:
    """What was seen under one Python; or why nothing was."""

    python: str
    free_threaded: bool
    """Whether it is such a build, whatever became of its GIL."""
    rounds: tuple[Rounds, ...]
    failure: str = ""
    """Why there are no rounds."""

    @property
    def broken(self) -> bool:
        return any(one.broken or one.ending in ENDINGS_OF_THREADS for one in self.rounds)

    @property
    def untried_s(self) -> tuple[float, ...]:
        """The switch intervals that it did not come to."""
        if not self.rounds or self.rounds[-1].last:
            return ()
        return SWITCH_INTERVALS_S[len(self.rounds) :]


@frozen
class FoundInvariant:
    """What `gil-lab race` shows."""

    file: Path
    seed: int
    asked_threads: int | None
    """None: as many as seem good."""
    pythons: tuple[str, ...]
    """That were asked for."""
    tested: tuple[Tested, ...]
    missing: tuple[Missing, ...]
    untried: tuple[str, ...] = ()
    """Pythons that it did not come to, because it was stopped."""
    stopped: bool = False

    @property
    def rounds(self) -> list[Rounds]:
        return [one for each in self.tested for one in each.rounds]

    @property
    def broken(self) -> bool:
        return any(each.broken for each in self.tested)

    @property
    def complete(self) -> bool:
        """Whether each Python did what it was to do."""
        return all(one.ending is Ending.DONE for one in self.rounds)


def race(
    file: Path,
    *,
    pythons: tuple[str, ...] = ("all",),
    threads: int | None,
    least_threads: int,
    repeats: int | None = None,
    budget_s: float = BUDGET_S,
    seed: int,
    only_round: int | None = None,
    say: Callable[[str], None] = lambda _: None,
    stopped: Callable[[FoundInvariant], None] = lambda _: None,
) -> FoundInvariant:
    """Run the operations that `file` defines in threads, again and again, and ask its invariant after each round.

    `threads` None: one for each operation, `least_threads` at least. `only_round` repeats the starts of that one, as
    often as there is time for. `say` gets a line before each Python; `stopped` what was found, before an interrupt is
    raised. Raises UsageError for a file that cannot be tested, at once if it hangs under the first Python;
    NothingMeasuredError if there is no Python to test it under.
    """
    choice = choose_interpreters(pythons, strategies=STRATEGIES)
    if not choice.interpreters:
        raise NothingMeasuredError(
            choice.missing[0].reason if choice.missing else "there is no Python to test it under"
        )
    settings = sum(len(SWITCH_INTERVALS_S) if one.facts.gil else 1 for one in choice.interpreters)
    each_s = max(LEAST_S, budget_s / settings)
    if each_s * settings > budget_s:
        say(f"{settings} settings, {LEAST_S:g} s of each at least: {each_s * settings:.0f} s in all")
    test = ThreadTest(
        *(str(file.resolve()), seed, threads or least_threads, repeats, SWITCH_INTERVALS_S),
        *(each_s, MOST_ROUNDS, ROUND_TIMEOUT_S, only_round),
    )
    looks = [RoundsUnder(test, interpreter) for interpreter in choice.interpreters]

    def found(*, interrupted: bool = False) -> FoundInvariant:
        begun = [look for look in looks if look.rounds or look.failure]
        return FoundInvariant(
            *(file, seed, threads, pythons, tuple(look.tested() for look in begun), choice.missing),
            tuple(look.python for look in looks if look not in begun),
            stopped=interrupted,
        )

    try:
        for look in looks:
            say(f"under Python {look.python}")
            look.run()
            if look.hangs and not any(each.rounds for each in looks):
                break  # under others it would, too
    except BaseException:
        if any(look.rounds for look in looks):
            stopped(found(interrupted=True))
        raise
    if not any(look.rounds for look in looks):
        raise UsageError(_why_none(looks))
    return found()


class RoundsUnder:
    """What is seen under one Python, as far as it has come."""

    def __init__(self, test: ThreadTest, interpreter: Interpreter) -> None:
        self._test, self._interpreter, self._name = test, interpreter, Path(test.file).name
        self.python = interpreter.label
        self.rounds: list[Rounds] = []
        self.failure = ""
        self.hangs = False
        """Before its first round."""
        self._round_began_s = 0.0
        """When it last said that a round had ended."""
        self._doing = "starting"

    def tested(self) -> Tested:
        return Tested(self.python, self._interpreter.facts.free_threaded, tuple(self.rounds), self.failure)

    def run(self) -> None:
        """Whatever the file does, it costs this Python only."""
        with _count_file() as file:
            count = file.fileno()
            try:
                self._listen(count)
            except BaseException:
                self._end(count, Ending.STOPPED, self._stalled())
                raise

    def _listen(self, count: int) -> None:
        def command(descriptor: int) -> list[str]:
            arguments = [str(descriptor), str(count), json.dumps(asdict(self._test))]
            return [self._interpreter.executable, "-m", "gil_lab.child.invariant", *arguments]

        within_s, dialogue = START_TIMEOUT_S, None
        try:
            with examination(command, self._interpreter.environment, Path(self._test.file), (count,)) as dialogue:
                while not self._over:
                    self._take(dialogue.receive(within_s), count)
                    importing = self._doing == IMPORTING and not self.rounds
                    within_s = START_TIMEOUT_S if importing else ROUND_TIMEOUT_S + SILENCE_S
        except TimeoutError:
            self._silent(count, within_s)
        except EOFError as end:
            self._ended(count, dialogue, str(end))
        except NoAnswerError as error:
            self._end(count, Ending.FAILED, one_line(f"{self._interpreter.executable} {error}"))

    @property
    def _over(self) -> bool:
        """Whether nothing more will be said."""
        if not self.rounds:
            return bool(self.failure)
        ending = self.rounds[-1].ending
        return ending not in (Ending.RUNNING, Ending.DONE) or (ending is Ending.DONE and self.rounds[-1].last)

    def _take(self, message: object, count: int) -> None:
        match message:
            case Phase(words=words):
                self._doing = one_line(words, 80)
            case Rounds() as rounds:
                self.add(rounds)
            case Failed(detail=detail):
                self._end(count, Ending.FAILED, one_line(detail, MOST_SAID))
            case _:
                self._end(count, Ending.FAILED, "it writes where its answers are read; have it write elsewhere")

    def add(self, rounds: Rounds) -> None:
        """In the file's process anything may have written them."""
        rounds = replace(rounds, what=one_line(rounds.what, MOST_SAID), why=one_line(rounds.why, MOST_SAID))
        if not self.rounds or rounds.rounds != self.rounds[-1].rounds or rounds.ending is not Ending.RUNNING:
            self._round_began_s = time.monotonic()
        if self.rounds and self.rounds[-1].ending is Ending.RUNNING:
            self.rounds[-1] = rounds
        else:
            self.rounds.append(rounds)

    def _stalled(self) -> str:
        """That the round that was stopped would not end, perhaps: why it was stopped, then."""
        waited_s = time.monotonic() - self._round_began_s
        stalled = self.rounds and waited_s > STALLED_S
        return f"it had not ended for {waited_s:.0f} s when it was stopped" if stalled else ""

    def _silent(self, count: int, within_s: float) -> None:
        """It could not say itself what does not go on."""
        step = RoundCount.kept(count).step
        if not self.rounds:
            self.hangs = True
            what = f"{self._name} does not go on: {self._doing} took more than {within_s:g} s"
            advice = "give it less to do, and nothing to wait for that another thread does"
            self._end(count, Ending.FAILED, f"{what}; {advice}")
        elif step == SETUP:
            self._end(count, Ending.FAILED, "setup() does not end; fix it first")
        else:
            what = "the invariant" if step == INVARIANT else "an operation that holds the GIL"
            self._end(count, Ending.SILENT, f"{what} did not end within {ROUND_TIMEOUT_S:g} s")

    def _ended(self, count: int, dialogue: Examination | None, end: str) -> None:
        """Python is gone."""
        assert dialogue is not None
        code, step = dialogue.process.code, RoundCount.kept(count).step
        place, guess = _place_of_crash(dialogue.process.close().printed, Path(self._test.file))
        if code is not None and -code in KILLS:
            self._end(count, Ending.KILLED, f"{end}: from outside, or because there was no memory left")
        elif not self.rounds:
            why = f"{self._name} ends the Python that runs it ({self._doing}: {end}{place}); fix that first"
            self._end(count, Ending.FAILED, why)
        elif code is None or code < 0:
            self._end(count, Ending.CRASHED, f"{end}{place}{guess if code else ''}")
        elif step == SETUP:
            self._end(count, Ending.FAILED, f"setup() ended the process (exit code {code}); fix it first")
        else:
            who = "the invariant" if step == INVARIANT else "an operation"
            self._end(count, Ending.EXITED, f"{who} ended the process (exit code {code}); have it return, or raise")

    def _end(self, count: int, ending: Ending, why: str) -> None:
        """Of rounds that did not end by themselves it is known exactly how many there were."""
        if not self.rounds:
            self.failure = why
        elif self.rounds[-1].ending is Ending.RUNNING:
            last, kept = self.rounds[-1], RoundCount.kept(count)
            rounds, broken = max(last.rounds, kept.rounds), max(last.broken, kept.broken)
            number = self._test.only_round or rounds + 1
            self.rounds[-1] = replace(
                last, rounds=rounds, broken=broken, ending=ending, ended_in=number, why=one_line(why, MOST_SAID)
            )


def _count_file() -> IO[bytes]:
    """Raises NothingMeasuredError if there is no place for it."""
    try:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller has it open
        RoundCount().keep(file.fileno())
    except OSError as error:
        message = f"no temporary file can be written ({error.strerror or error}); set TMPDIR to a folder that can"
        raise NothingMeasuredError(message) from error
    return file


def _why_none(looks: Sequence[RoundsUnder]) -> str:
    """One line; where Pythons say different things, which of them says this."""
    begun = [look for look in looks if look.failure]
    first = next((look for look in begun if look.hangs), begun[0])
    alike = all(look.failure == first.failure for look in begun)
    return first.failure if alike else f"under Python {first.python}: {first.failure}"


def _place_of_crash(printed: str, file: Path) -> tuple[str, str]:
    """The first line of the file that faulthandler names, of the thread that crashed.

    And a guess at whose mistake it was, unless that thread was in that very line.
    """
    _, _, crashed = printed.partition("Current thread ")
    places = re.findall(r'File "([^"\n]*)", line ([0-9]+)', crashed.partition("\n\n")[0])
    lines = [line if Path(path).name == file.name else "" for path, line in places]
    line = next(filter(None, lines), "")
    guess = "" if lines and lines[0] else "; some extension module is not safe for threads, perhaps"
    return (f", in line {line} of {file.name}" if line else ""), guess
