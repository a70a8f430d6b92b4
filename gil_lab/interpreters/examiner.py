"""Asks programs whether they are Python, which version, and what works there; they may do anything instead.

A program sends two messages: a greeting, from the first line that it runs, then its facts, for which it imports all
that strategies need. The first reveals a hanging or wrong program; the second may take long on a cold disk.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Self, TypeVar

from gil_lab.interpreters.dialogue import Examination, NoAnswerError
from gil_lab.measuring.environment import environment, mark
from gil_lab.measuring.supervised_process import private_folder
from gil_lab.model.errors import NothingMeasuredError
from gil_lab.model.interpreter import Facts, Greeting
from gil_lab.model.text import one_line
from gil_lab.model.variables import Settings
from gil_lab.model.wire import Failed

GREETING_TIMEOUT_S = 8.0
FACTS_TIMEOUT_S = 60.0
"""Long enough for a cold disk, and for compiling all bytecode first."""
MAX_CONCURRENT = 8
MIN_VERSION = (3, 11)
TOO_OLD = f"gil-lab needs Python {MIN_VERSION[0]}.{MIN_VERSION[1]} or later"

# Python 2 must be able to run this, to report that it is too old.
PROGRAM = f"""\
import os, sys
fd = int(sys.argv[1])
os.write(fd, ('{{"message":"Greeting","version":"%s","implementation":"%s","free_threaded":%s}}\\n' % (
    sys.version.split()[0],
    getattr(getattr(sys, 'implementation', None), 'name', 'cpython'),
    't' in getattr(sys, 'abiflags', '') and 'true' or 'false')).encode('ascii'))
if len(sys.argv) > 2 and sys.version_info >= {MIN_VERSION}:
    from gil_lab.child import probe
    probe.answer(fd, sys.argv[2:])
"""
VERSION = re.compile(r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}[a-z0-9+.]{0,20}", re.ASCII)
IMPLEMENTATION = re.compile(r"[a-z]{1,20}", re.ASCII)

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Examiner:
    """Asks programs, several at the same time. A context manager: on exit, none of them is left running."""

    def __init__(self, strategies: Sequence[str] | None = None, file: Path | None = None) -> None:
        names = ["all"] if strategies is None else ["only", *strategies]
        self._arguments = [str(file or ""), *names]
        self._file = file
        self._running: set[Examination] = set()
        self._closed = False
        self._threads = ThreadPoolExecutor(MAX_CONCURRENT, thread_name_prefix="gil-lab-asks")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        for dialogue in tuple(self._running):  # after an interrupt, those that threads still wait for
            dialogue.process.release()
        self._threads.shutdown()

    def map(self, ask: Callable[[Item], Answer], items: Iterable[Item]) -> list[Answer]:
        """`ask(item)` for each item, concurrently. Raises NothingMeasuredError if no thread can be started."""
        try:
            return list(self._threads.map(ask, items))
        except RuntimeError as error:
            message = f"no interpreter can be started ({error}); allow more processes and threads"
            raise NothingMeasuredError(message) from error

    def greeting(self, executable: str) -> Greeting:
        """Which Python it is. Raises NoAnswerError."""
        with self._dialogue(self._command(executable), ()) as dialogue:
            return _receive_greeting(dialogue)

    def facts(self, executable: str, settings: Settings) -> Facts:
        """What it is and what works there. Raises NoAnswerError."""
        command = self._command(executable, *self._arguments)
        with self._dialogue(command, settings) as dialogue:
            greeting = _receive_greeting(dialogue)
            if (reason := too_old(greeting)) is not None:
                raise NoAnswerError(reason)
            return _receive_facts(dialogue, greeting)

    def _command(self, executable: str, *arguments: str) -> Callable[[int], list[str]]:
        return lambda write_fd: [executable, "-c", PROGRAM, str(write_fd), *arguments]

    @contextmanager
    def _dialogue(self, command: Callable[[int], list[str]], settings: Settings) -> Iterator[Examination]:
        with examination(command, settings, self._file) as dialogue:
            self._running.add(dialogue)
            if self._closed:  # closed meanwhile, without this dialogue
                dialogue.process.release()
            try:
                yield dialogue
            finally:
                self._running.discard(dialogue)


@contextmanager
def examination(
    command: Callable[[int], list[str]], settings: Settings, file: Path | None, pass_fds: Sequence[int] = ()
) -> Iterator[Examination]:
    """A program, given the descriptor that it answers on, in an environment like that of measured processes.

    It inherits `pass_fds`. Where there is a user's `file`, it can be imported, and the program runs where the user
    stands. Raises NoAnswerError if it cannot be started, NothingMeasuredError if it cannot have a folder of its own.
    """
    try:
        private = private_folder()
        examined = Examination(command, environment(1, private, mark(private), settings), private, file, pass_fds)
    except OSError as error:
        message = f"no temporary folder can be written ({error.strerror or error}); set TMPDIR to one that can"
        raise NothingMeasuredError(message) from error
    with examined as dialogue:
        yield dialogue


def too_old(greeting: Greeting) -> str | None:
    """Why gil-lab cannot run there; None if it can."""
    version = tuple(int(part) for part in greeting.version.split(".")[:2])
    return None if version >= MIN_VERSION else f"{TOO_OLD}; this is {'.'.join(map(str, version))}"


def _receive_greeting(dialogue: Examination) -> Greeting:
    try:
        greeting = dialogue.receive(GREETING_TIMEOUT_S)
    except TimeoutError:
        raise NoAnswerError(f"sent nothing for {GREETING_TIMEOUT_S:g} s; give a program that is Python") from None
    except EOFError as end:
        said = f" ({end})" if PROGRAM.partition("\n")[0] not in str(end) else ""  # it complains of what it cannot read
        raise NoAnswerError(f"does not answer as Python does{said}; give a program that is Python") from None
    if not (
        isinstance(greeting, Greeting)
        and VERSION.fullmatch(greeting.version)
        and IMPLEMENTATION.fullmatch(greeting.implementation)
    ):
        raise NoAnswerError("sent an invalid answer; give a program that is Python")
    return greeting


def _receive_facts(dialogue: Examination, greeting: Greeting) -> Facts:
    python = f"is Python {greeting.named(greeting.version)}"
    try:
        facts = dialogue.receive(FACTS_TIMEOUT_S)
    except TimeoutError:
        raise NoAnswerError(
            f"{python}, but importing what the strategies need takes more than {FACTS_TIMEOUT_S:g} s; "
            "try again when the machine is idle"
        ) from None
    except EOFError as end:
        raise NoAnswerError(f"{python}, but cannot run the lab ({end}); repair it or choose another one") from None
    if isinstance(facts, Failed):
        raise NoAnswerError(f"{python}, but: {one_line(facts.detail)}")
    if not isinstance(facts, Facts):
        raise NoAnswerError(f"{python}, but sent an invalid answer; choose another one")
    return facts
