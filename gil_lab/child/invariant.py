"""The program that runs a user's operations in threads, round by round, and asks his invariant after each.

`python -m gil_lab.child.invariant FD COUNT_FD TEST` gets a `ThreadTest` in JSON. It writes a `Phase` before whatever
may not end, then `Rounds` for each switch interval: at their begin, each second, and when they have ended; or why there
are none. To the file COUNT_FD it writes a `RoundCount` after each round.
"""

import contextlib
import inspect
import json
import math
import os
import random
import sys
import threading
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from gil_lab.child.lost_comparison import loses_comparison
from gil_lab.child.own_file import restore_recursion_limit
from gil_lab.child.target import Reader
from gil_lab.model.errors import UsageError
from gil_lab.model.frozen import frozen
from gil_lab.model.invariant import (
    INVARIANT,
    OPERATION_RAISED,
    OPERATIONS,
    SETUP,
    Ending,
    RoundCount,
    Rounds,
    ThreadTest,
)
from gil_lab.model.records import Status
from gil_lab.model.target import Location, Phase
from gil_lab.model.text import one_line
from gil_lab.model.wire import Failed, record
from gil_lab.suite.instruments import gil
from gil_lab.suite.own_lines import described_in, place_in
from gil_lab.suite.targets.resolving import module_of

NAMES = ("setup", "operations", "invariant")
TAKES = {"setup": 0, "an operation": 1, "invariant": 1}
"""Arguments: the object of setup()."""
STOP = object()
"""No setup() can return it. Rejected: None, which one that works on globals returns."""
LEAST_REPORTED_S = 1.0
"""Between two messages on how far it is: who reads them knows by their absence that nothing goes on here."""
SLOWER = 4
"""Times as long as one after the other, for threads that do not hang. They compete for as many cores as there are, and
for locks; where rounds take milliseconds, the time limit is a thousand times as long anyway."""
MOST_SAID = 400
"""Characters of what broke a round."""
MOST_PLACES = 4
"""Lines of the file at which threads stand."""
ROUND_S, MOST_REPEATS = 0.002, 1 << 20
"""Of one thread in a round."""
MOST_TRIES, TRIES_S = 3, 0.5
"""How often what seems to take long enough is run, and for how long: another process may make it take longer once."""
GATE_S = 0.001
"""For which threads that are awake wait for the others; waking one takes some 50 us. Longer, they would keep others
from cores. On two cores with ten processes ready, 3.13t broke 0 to 22 rounds of `n += 1` in 1.5 s without it (nine
times), 0 to 23 behind threading.Barrier, whose threads wake one after the other, and 31 to 166 with it."""
Operation = Callable[[Any], Any]


class Broken(Exception):  # noqa: N818 - it is what is looked for
    """The invariant does not hold."""


class Hung(Exception):  # noqa: N818 - so is this
    """A round that does not end."""


class Contract:
    """What the user's file defines. Raises UsageError if that is not complete."""

    def __init__(self, file: Path, reader: Reader) -> None:
        self._reader = reader
        module = module_of(Location(str(file), "", "setup"))
        self.name, self._file = file.name, file
        self.setup, operations, self.invariant = (self._given(module, name) for name in NAMES)
        for name, value in (("setup", self.setup), ("invariant", self.invariant)):
            if not callable(value):
                raise UsageError(f"{file.name}: {name} is of type {type(value).__name__}; it must be a function")
        if callable(operations) or not isinstance(operations, Sequence) or isinstance(operations, str):
            raise UsageError(f"{file.name}: operations must be a list of functions, each of the object of setup()")
        if not operations or not all(map(callable, operations)):
            raise UsageError(f"{file.name}: operations must be functions of the object of setup(), at least one")
        self.operations: list[Operation] = list(operations)
        for who, given in (("setup", self.setup), ("invariant", self.invariant)):
            self._check_signature(who, given)
        for each in self.operations:
            self._check_signature("an operation", each)
        if loses_comparison(self.invariant):
            raise UsageError(f"{file.name}: the invariant can never fail; return the comparison, or assert it")

    def _given(self, module: object, name: str) -> Any:
        try:
            return getattr(module, name)
        except AttributeError:
            raise UsageError(
                f"{self.name} has no {name}; it must define setup(), operations (a list of functions of the object "
                "that setup() returns), and invariant(object)"
            ) from None

    def _check_signature(self, who: str, given: Callable[..., Any]) -> None:
        """Raises UsageError if it cannot be called as it will be. Of some built-in ones that cannot be known."""
        try:
            signature = inspect.signature(given, follow_wrapped=False)  # a decorator may give more arguments
            takes = f"{signature!s:.{SHORT}}"
        except Exception:  # of objects that answer to anything
            return
        try:
            signature.bind(*[None] * TAKES[who])
        except TypeError:
            name = getattr(given, "__name__", "")
            named = f"{who} ({name})" if name and name != who else who
            what = "one argument, the object of setup()" if TAKES[who] else "no argument"
            raise UsageError(f"{self.name}: {named} must take {what}; it takes {takes}") from None

    def check(self, shared: Any) -> None:
        """Raises Broken: the invariant returns nothing or True where it holds."""
        try:
            said = self.invariant(shared)
        except AssertionError as error:
            raise Broken(str(error) or described_in(error, self._file, 60)) from error
        except Exception as error:  # of an object that threads have left in a state that it knows nothing of
            raise Broken(f"invariant raised {described_in(error, self._file, 150)}") from error
        if said is None or said is True:
            return
        if said is not False and type(said).__name__ not in ("bool", "bool_"):
            raise UsageError(
                f"{self.name}: invariant returned {_shown(said)}; have it return nothing, True or False, or raise "
                "AssertionError"
            )
        if not said:
            raise Broken("invariant returned False")

    def check_alone(self, threads: int, repeats: int) -> "Alone":
        """One thread after the other must leave the invariant alone: else it is no question of threads."""
        try:
            return self._run_alone(threads, repeats)
        except Broken as error:
            often = "once" if repeats == 1 else f"{repeats} times"
            raise UsageError(
                f"{self.name}: the invariant does not hold when the operations run one after the other ({error}), by "
                f"{threads} threads, each {often}; fix that first, or give --workers and --repeat if it counts them"
            ) from error

    def _run_alone(self, threads: int, repeats: int) -> "Alone":
        """The same; raises Broken if the invariant does not hold then."""
        shared = self.setup()
        self._check_plain("setup()", shared)
        begin, cpu_s = time.perf_counter(), time.thread_time()
        for number in range(threads):
            self._reader.tell(Phase("running its operations one after the other"))
            operation = self.operations[number % len(self.operations)]
            self._check_plain("an operation", operation(shared))
            for _ in range(repeats - 1):  # as in a round: the check takes far longer than a short operation
                operation(shared)
        alone = Alone(time.perf_counter() - begin, time.thread_time() - cpu_s)
        self.check(shared)
        return alone

    def _check_plain(self, who: str, answer: object) -> None:
        if isinstance(answer, Coroutine | Generator | AsyncGenerator):
            raise UsageError(
                f"{self.name}: {who} makes a {type(answer).__name__}, and does nothing; give plain functions"
            )

    def repeats(self, threads: int) -> int:
        """As many as take a round's time.

        Fewer, if the invariant does not hold after so many: it may count operations.
        """
        repeats, first = 1, self.check_alone(threads, 1)
        while repeats < MOST_REPEATS and self._is_short(first, threads, repeats):
            try:
                first = self._run_alone(threads, 2 * repeats)
            except Broken:
                break
            repeats *= 2
        return repeats

    def _is_short(self, first: "Alone", threads: int, repeats: int) -> bool:
        """Whether so many repeats take less than a round should. Raises Broken."""
        tries = [first]
        while not (short := _each_s(tries, threads) < ROUND_S) and len(tries) < MOST_TRIES:
            if sum(one.wall_s for one in tries) > TRIES_S:
                break
            tries.append(self._run_alone(threads, repeats))
        return short


@frozen
class Alone:
    """What the operations of a round took, one after the other."""

    wall_s: float
    cpu_s: float
    """Of the thread."""


def _each_s(tries: Sequence[Alone], threads: int) -> float:
    """CPU time of one thread, or a tenth of its time if it waits in the main: the least, as others make it longer."""
    return max(min(one.cpu_s for one in tries), min(one.wall_s for one in tries) / 10) / threads


def _shown(said: object) -> str:
    """An object of the user's, which may be anything."""
    try:
        text = repr(said)
    except Exception:
        text = ""
    return text if 0 < len(text) <= SHORT else f"an object of type {type(said).__name__}"


SHORT = 40


class Threads:
    """Threads that each do their operation in a round. Must be closed.

    They are woken in a given order, and begin when all of them are awake.
    """

    def __init__(self, operations: Sequence[Operation], threads: int, file: Path) -> None:
        self._file = file
        self._operations = [operations[number % len(operations)] for number in range(threads)]
        self._repeats = 1
        self._gates = [threading.Semaphore(0) for _ in range(threads)]
        self._done = threading.Semaphore(0)
        self._shared: Any = None
        self._raised: list[BaseException] = []
        self._awake: list[int] = []
        self._busy: set[int] = set()
        """Numbers of the threads that have not done their operation yet."""
        self._threads = [threading.Thread(target=self._serve, args=(number,), daemon=True) for number in range(threads)]
        for thread in self._threads:
            thread.start()

    @property
    def count(self) -> int:
        return len(self._threads)

    def round(
        self, shared: Any, order: Sequence[int], repeats: int, timeout_s: float, goes_on: Callable[[], None]
    ) -> None:
        """Raises Broken if an operation raised anything, Hung if it takes too long; `goes_on` is called meanwhile."""
        self._shared, self._repeats, self._raised, self._awake, self._busy = shared, repeats, [], [], set(order)
        for number in order:
            self._gates[number].release()
        until_s = time.monotonic() + timeout_s
        for _ in self._gates:
            while not self._done.acquire(timeout=LEAST_REPORTED_S):
                goes_on()
                if time.monotonic() > until_s:
                    raise Hung
        if self._raised:
            raised = self._raised[0]
            raise Broken(f"{OPERATION_RAISED} {described_in(raised, self._file, 150)}") from raised

    def places(self) -> str:
        """Where those stand that have not ended, by the lines of the file."""
        frames, found = sys._current_frames(), dict[str, list[str]]()  # noqa: SLF001 - documented
        for number in sorted(self._busy):
            place = place_in(frames.get(self._threads[number].ident or 0), self._file)
            found.setdefault(place.removeprefix(", "), []).append(str(number + 1))
        parts = [f"{_numbered(who)} {place or _elsewhere(who)}" for place, who in found.items()]
        more = f"; and at {len(parts) - MOST_PLACES} other places" if len(parts) > MOST_PLACES else ""
        return "; ".join(parts[:MOST_PLACES]) + more

    def _serve(self, number: int) -> None:
        gate, operation = self._gates[number], self._operations[number]
        while True:
            gate.acquire()
            if (shared := self._shared) is STOP:
                return
            try:
                self._wait_for_all(number)
                for _ in range(self._repeats):
                    operation(shared)
            except BaseException as error:
                self._raised.append(error)
            self._busy.discard(number)
            self._done.release()

    def _wait_for_all(self, number: int) -> None:
        """Awake, as those that sleep are woken one after the other; a call lets others have the GIL."""
        awake, until_s = self._awake, time.perf_counter() + GATE_S
        awake.append(number)
        while len(awake) < len(self._gates) and time.perf_counter() < until_s:
            time.sleep(0)

    def close(self) -> None:
        self._shared = STOP
        for gate in self._gates:
            gate.release()


def _numbered(who: Sequence[str]) -> str:
    """`thread 1`, `threads 1, 2 and 3`."""
    if len(who) == 1:
        return f"thread {who[0]}"
    return f"threads {', '.join(who[:-1])} and {who[-1]}"


def _elsewhere(who: Sequence[str]) -> str:
    return f"{'is' if len(who) == 1 else 'are'} not in a line of this file"


def order_of(seed: int, round_number: int, threads: int) -> list[int]:
    """In which the threads of a round are woken: the same for the same seed and number, under every Python."""
    numbers = list(range(threads))
    random.Random(f"{seed}/{round_number}").shuffle(numbers)
    return numbers


class RoundReport:
    """The rounds with one switch interval, as they are reported."""

    def __init__(self, begin: Rounds, reader: Reader, count_descriptor: int) -> None:
        self._begin, self._reader, self._descriptor = begin, reader, count_descriptor
        self._done = self._broken = 0
        self._first: int | None = None
        self._what = ""
        self.repeats_in = begin.repeats_in
        self.begins(SETUP)
        self._tell(begin)

    def begins(self, step: int) -> None:
        """That step of the next round; how far it is stays known whatever becomes of this process."""
        with contextlib.suppress(OSError):  # a full disk: what was reported is known
            RoundCount(self._done, self._broken, step).keep(self._descriptor)

    def round_ended(self, number: int, broken: Broken | None) -> None:
        """The first one that broke is reported at once: a later one may end this process."""
        self._done += 1
        self._broken += broken is not None
        self.begins(SETUP)
        if broken is not None and self._first is None:
            self._first, self._what = number, one_line(str(broken), MOST_SAID)
            self._tell(self._rounds)
        self.goes_on()

    def goes_on(self) -> None:
        if time.monotonic() - self._reported_s > LEAST_REPORTED_S:
            self._tell(self._rounds)

    def ended(self, ending: Ending, number: int | None = None, why: str = "") -> None:
        self._tell(replace(self._rounds, ending=ending, ended_in=number, why=one_line(why, MOST_SAID)))

    @property
    def _rounds(self) -> Rounds:
        return replace(self._begin, rounds=self._done, broken=self._broken, first_broken=self._first, what=self._what)

    def _tell(self, rounds: Rounds) -> None:
        self._reported_s = time.monotonic()
        self._reader.tell(rounds)


def run(test: ThreadTest, reader: Reader, count_descriptor: int) -> None:
    """Raises UsageError for a file that cannot be tested."""
    reader.tell(Phase("importing it"))
    contract = Contract(Path(test.file), reader)
    count = len(contract.operations)
    threads = count * math.ceil(test.threads / count)  # each operation as often as any other
    contract.check_alone(threads, 1)
    repeats = test.repeats or contract.repeats(threads)
    timeout_s = max(test.round_timeout_s, SLOWER * contract.check_alone(threads, repeats).wall_s)
    intervals_s = test.switch_intervals_s if gil.enabled() else test.switch_intervals_s[:1]
    for interval_s in intervals_s:
        sys.setswitchinterval(interval_s)
        with contextlib.closing(Threads(contract.operations, threads, Path(test.file))) as workers:
            none = Rounds(
                interval_s,
                gil.enabled(),
                0,
                0,
                None,
                repeats,
                "",
                threads,
                interval_s == intervals_s[-1],
                Ending.RUNNING,
                repeats_given=test.repeats is not None,
            )
            reported = RoundReport(none, reader, count_descriptor)
            if not _rounds(test, contract, workers, reported, timeout_s):
                return


def _rounds(test: ThreadTest, contract: Contract, workers: Threads, reported: RoundReport, timeout_s: float) -> bool:
    """Whether all of them ended."""
    begin_s, done, file = time.monotonic(), 0, Path(test.file)
    while done < test.most_rounds and not (done and time.monotonic() - begin_s > test.seconds_each):
        number, broken = test.only_round or done + 1, None
        try:
            shared = contract.setup()
        except BaseException as error:
            reported.ended(Ending.FAILED, number, f"setup() raised {described_in(error, file, 150)}; fix it first")
            return False
        try:
            order = order_of(test.seed, number, workers.count)
            reported.begins(OPERATIONS)
            workers.round(shared, order, reported.repeats_in(number), timeout_s, reported.goes_on)
            reported.begins(INVARIANT)
            contract.check(shared)
        except Broken as error:
            broken = error
        except Hung:
            reported.ended(Ending.HUNG, number, workers.places())
            return False
        reported.round_ended(number, broken)
        done += 1
    reported.ended(Ending.DONE)
    return True


def answer(descriptor: int, count_descriptor: int, text: str) -> None:
    """Write what was found, or why nothing was."""
    reader, test = Reader(descriptor), record(ThreadTest, json.loads(text), "ThreadTest")
    try:
        run(test, reader, count_descriptor)
    except UsageError as error:
        reader.tell(Failed(Status.ERROR, one_line(str(error), MOST_SAID)))
    except BaseException as error:
        file = Path(test.file)
        why = described_in(error, file, 150)
        reader.tell(Failed(Status.ERROR, one_line(f"{file.name} cannot be tested ({why}); fix it first", MOST_SAID)))
    restore_recursion_limit()


if __name__ == "__main__":
    fd, count_fd, *arguments = sys.argv[1:]
    for each in (fd, count_fd):
        os.set_inheritable(int(each), False)
    sys.dont_write_bytecode = True
    answer(int(fd), int(count_fd), *arguments)
    os._exit(0)  # neither threads nor exit handlers of the file are waited for
