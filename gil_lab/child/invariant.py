"""The program that runs a user's operations in threads, round by round, and asks his invariant after each.

`python -m gil_lab.child.invariant FD TEST` gets a `ThreadTest` in JSON. It writes a `Phase` before whatever may not
end, then `Rounds` for each switch interval; or why there are none.
"""

import contextlib
import json
import math
import os
import random
import sys
import threading
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from gil_lab.child.own_file import restore_recursion_limit
from gil_lab.child.target import Reader
from gil_lab.model.errors import UsageError
from gil_lab.model.invariant import Rounds, ThreadTest
from gil_lab.model.records import Status
from gil_lab.model.target import Location, Phase
from gil_lab.model.text import described, one_line
from gil_lab.model.wire import Failed, record
from gil_lab.suite.instruments import gil
from gil_lab.suite.own_lines import described_in
from gil_lab.suite.targets.resolving import module_of

NAMES = ("setup", "operations", "invariant")
STOP = None
LEAST_REPORTED_S = 1.0
"""Between two messages on how far it is: a round that hangs is then known."""
ROUND_S, MOST_REPEATS = 0.002, 1 << 20
"""Of one thread in a round."""
Operation = Callable[[Any], Any]


class Broken(Exception):  # noqa: N818 - it is what is looked for
    """The invariant does not hold."""


class Contract:
    """What the user's file defines. Raises UsageError if that is not complete."""

    def __init__(self, file: Path) -> None:
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

    def _given(self, module: object, name: str) -> Any:
        try:
            return getattr(module, name)
        except AttributeError:
            raise UsageError(
                f"{self.name} has no {name}; it must define setup(), operations (a list of functions of the object "
                "that setup() returns), and invariant(object)"
            ) from None

    def check(self, shared: Any) -> None:
        """Raises Broken: the invariant returns nothing or True where it holds."""
        try:
            said = self.invariant(shared)
        except AssertionError as error:
            raise Broken(str(error) or described_in(error, self._file, 60)) from error
        if said is None or said is True:
            return
        if said is not False and type(said).__name__ not in ("bool", "bool_"):
            raise UsageError(f"{self.name}: invariant returned {said!r:.40}; it returns nothing, True or False")
        if not said:
            raise Broken("invariant returned False")

    def check_alone(self, threads: int, repeats: int) -> float:
        """One thread after the other must leave the invariant alone: else it is no question of threads.

        Returns the CPU seconds of one of them, or a tenth of its time if it waits in the main.
        """
        shared, begin, cpu_s = self.setup(), time.perf_counter(), time.thread_time()
        for number in range(threads):
            for _ in range(repeats):
                self._check_answer(self.operations[number % len(self.operations)](shared))
        each_s = max(time.thread_time() - cpu_s, (time.perf_counter() - begin) / 10) / threads
        try:
            self.check(shared)
        except Broken as error:
            raise UsageError(
                f"{self.name}: the invariant does not hold when the operations run one after the other ({error}); fix "
                "that first"
            ) from error
        return each_s

    def _check_answer(self, answer: object) -> None:
        if isinstance(answer, Coroutine | Generator | AsyncGenerator):
            raise UsageError(
                f"{self.name}: an operation makes a {type(answer).__name__}, and does nothing; give plain functions"
            )

    def repeats(self, threads: int) -> int:
        """As many as take long enough for threads to meet: they begin some 50 us after each other."""
        repeats = 1
        while self.check_alone(threads, repeats) < ROUND_S and repeats < MOST_REPEATS:
            repeats *= 2
        return repeats


class Threads:
    """Threads that each do their operation once in a round, and begin in a given order. Must be closed."""

    def __init__(self, operations: Sequence[Operation], threads: int, repeats: int) -> None:
        self._operations = [operations[number % len(operations)] for number in range(threads)]
        self._repeats = repeats
        self._gates = [threading.Semaphore(0) for _ in range(threads)]
        self._done = threading.Semaphore(0)
        self._shared: Any = None
        self._raised: list[BaseException] = []
        self._threads = [threading.Thread(target=self._serve, args=(number,), daemon=True) for number in range(threads)]
        for thread in self._threads:
            thread.start()

    @property
    def count(self) -> int:
        return len(self._threads)

    def round(self, shared: Any, order: Sequence[int]) -> None:
        """Raises Broken if an operation raised anything."""
        self._shared, self._raised = shared, []
        for number in order:
            self._gates[number].release()
        for _ in self._gates:
            self._done.acquire()
        if self._raised:
            raise Broken(f"an operation raised {described(self._raised[0]):.100}") from self._raised[0]

    def _serve(self, number: int) -> None:
        gate, operation = self._gates[number], self._operations[number]
        while True:
            gate.acquire()
            if (shared := self._shared) is STOP:
                return
            try:
                for _ in range(self._repeats):
                    operation(shared)
            except BaseException as error:
                self._raised.append(error)
            self._done.release()

    def close(self) -> None:
        self._shared = STOP
        for gate in self._gates:
            gate.release()


def order_of(seed: int, round_number: int, threads: int) -> list[int]:
    """In which the threads of a round begin: the same for the same seed and number, under every Python."""
    numbers = list(range(threads))
    random.Random(f"{seed}/{round_number}").shuffle(numbers)
    return numbers


def run(test: ThreadTest, reader: Reader) -> Iterator[Rounds]:
    """Raises UsageError for a file that cannot be tested."""
    reader.tell(Phase("importing it"))
    contract = Contract(Path(test.file))
    count = len(contract.operations)
    threads = count * math.ceil(test.threads / count)  # each operation as often as any other
    reader.tell(Phase("running its operations one after the other"))
    contract.check_alone(threads, 1)
    repeats = test.repeats or contract.repeats(threads)
    intervals_s = test.switch_intervals_s if gil.enabled() else test.switch_intervals_s[:1]
    for interval_s in intervals_s:
        sys.setswitchinterval(interval_s)
        with contextlib.closing(Threads(contract.operations, threads, repeats)) as workers:
            rounds = _rounds(test, interval_s, contract, workers, reader)
        yield replace(rounds, repeats=repeats, last=interval_s == intervals_s[-1])


def _rounds(test: ThreadTest, interval_s: float, contract: Contract, workers: Threads, reader: Reader) -> Rounds:
    begin, reported = time.monotonic(), 0.0
    broken, first, what, done = 0, None, "", 0
    while done < test.most_rounds:
        number = test.only_round or done + 1
        now = time.monotonic()
        if done and now - begin > test.seconds_each:
            break
        if now - reported > LEAST_REPORTED_S:
            reader.tell(Phase(f"round {number}, with a switch interval of {1e3 * interval_s:g} ms"))
            reported = now
        try:
            shared = contract.setup()
            workers.round(shared, order_of(test.seed, number, workers.count))
            contract.check(shared)
        except Broken as error:
            broken += 1
            if first is None:
                first, what = number, one_line(str(error), 120)
        done += 1
    return Rounds(interval_s, gil.enabled(), done, broken, first, 1, what, workers.count, last=False)


def answer(descriptor: int, text: str) -> None:
    """Write what was found, or why nothing was."""
    reader, test = Reader(descriptor), record(ThreadTest, json.loads(text), "ThreadTest")
    try:
        for rounds in run(test, reader):
            reader.tell(rounds)
    except UsageError as error:
        reader.tell(Failed(Status.ERROR, one_line(str(error), 300)))
    except BaseException as error:
        why = described_in(error, Path(test.file), 150)
        reader.tell(Failed(Status.ERROR, one_line(f"it cannot be tested ({why}); fix it first", 300)))
    restore_recursion_limit()


if __name__ == "__main__":
    fd, *arguments = sys.argv[1:]
    os.set_inheritable(int(fd), False)
    sys.dont_write_bytecode = True
    answer(int(fd), *arguments)
    os._exit(0)  # neither threads nor exit handlers of the file are waited for
