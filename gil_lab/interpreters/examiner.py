"""Asking programs whether they are Pythons, which ones, and what works there, whatever they do instead of answering.

A program says two things: a greeting, by the first line that it runs, then its facts, for which it imports all that
strategies need. A hanging or wrong program is found out by the first; the second may take long on a cold disk.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Self, TypeVar

from gil_lab.interpreters.dialogue import Conversation, NoAnswerError
from gil_lab.measuring.environment import environment, mark, offer_modules
from gil_lab.measuring.supervised_process import private_folder
from gil_lab.measuring.supervisor import remove_tree
from gil_lab.model.errors import NothingMeasuredError
from gil_lab.model.interpreter import Facts, Greeting
from gil_lab.model.text import one_line
from gil_lab.model.variables import Settings
from gil_lab.model.wire import Failed

GREETED_WITHIN_S = 8.0
TOLD_WITHIN_S = 60.0
"""From a cold disk, and where everything has to be compiled first."""
AT_ONCE = 8
OLDEST = (3, 11)
TOO_OLD = f"gil-lab needs Python {OLDEST[0]}.{OLDEST[1]} or later"

# Python 2 must be able to run this as well, to tell that it is too old.
PROGRAM = f"""\
import os, sys
fd = int(sys.argv[1])
os.write(fd, ('{{"message":"Greeting","version":"%s","implementation":"%s","free_threaded":%s}}\\n' % (
    sys.version.split()[0],
    getattr(getattr(sys, 'implementation', None), 'name', 'cpython'),
    't' in getattr(sys, 'abiflags', '') and 'true' or 'false')).encode('ascii'))
if len(sys.argv) > 2 and sys.version_info >= {OLDEST}:
    from gil_lab.child import probe
    probe.answer(fd, sys.argv[2:])
"""
VERSION = re.compile(r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}[a-z0-9+.]{0,20}", re.ASCII)
IMPLEMENTATION = re.compile(r"[a-z]{1,20}", re.ASCII)

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Examiner:
    """Asks programs, several at the same time. A context manager that leaves nothing of them behind."""

    def __init__(self, strategies: Sequence[str] | None = None, file: Path | None = None) -> None:
        names = ["all"] if strategies is None else ["only", *strategies]
        self._questions = [str(file or ""), *names]
        self._file = file
        self._running: set[Conversation] = set()
        self._left = False
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="gil-lab-asks")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._left = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        for conversation in tuple(self._running):  # those that our threads still wait for, if we were interrupted
            conversation.process.release()
        self._threads.shutdown()

    def each(self, ask: Callable[[Item], Answer], items: Iterable[Item]) -> list[Answer]:
        """What `ask` returns for each, asked side by side. Raises NothingMeasuredError if no thread can be started."""
        try:
            return list(self._threads.map(ask, items))
        except RuntimeError as error:
            told = f"no interpreter can be asked what it is ({error}); allow more processes and threads"
            raise NothingMeasuredError(told) from error

    def greeting(self, executable: str) -> Greeting:
        """Which Python it is. Raises NoAnswerError."""
        with self._conversation(self._command(executable), ()) as conversation:
            return _greeted(conversation)

    def facts(self, executable: str, settings: Settings) -> Facts:
        """What it is and what works there. Raises NoAnswerError."""
        command = self._command(executable, *self._questions)
        with self._conversation(command, settings) as conversation:
            greeting = _greeted(conversation)
            if (reason := too_old(greeting)) is not None:
                raise NoAnswerError(reason)
            return _told(conversation, greeting)

    def _command(self, executable: str, *questions: str) -> Callable[[int], list[str]]:
        return lambda write_fd: [executable, "-c", PROGRAM, str(write_fd), *questions]

    @contextmanager
    def _conversation(self, command: Callable[[int], list[str]], settings: Settings) -> Iterator[Conversation]:
        try:
            private = private_folder()
        except OSError as error:
            told = f"no temporary folder can be written ({error.strerror or error}); set TMPDIR to one that can"
            raise NothingMeasuredError(told) from error
        try:
            offer_modules(private / "modules", self._file)
            with Conversation(command, environment(1, private, mark(private), settings), private) as conversation:
                self._running.add(conversation)
                if self._left:  # meanwhile, and without this one
                    conversation.process.release()
                try:
                    yield conversation
                finally:
                    self._running.discard(conversation)
        finally:
            remove_tree(private)


def too_old(greeting: Greeting) -> str | None:
    """Why gil-lab cannot run there; None if it can."""
    found = tuple(int(part) for part in greeting.version.split(".")[:2])
    return None if found >= OLDEST else f"{TOO_OLD}; this is {'.'.join(map(str, found))}"


def _greeted(conversation: Conversation) -> Greeting:
    try:
        greeting = conversation.hear(GREETED_WITHIN_S)
    except TimeoutError:
        raise NoAnswerError(f"says nothing for {GREETED_WITHIN_S:g} s; give a program that is Python") from None
    except EOFError as ended:
        raise NoAnswerError(f"does not answer as Python does ({ended}); give a program that is Python") from None
    if not (
        isinstance(greeting, Greeting)
        and VERSION.fullmatch(greeting.version)
        and IMPLEMENTATION.fullmatch(greeting.implementation)
    ):
        raise NoAnswerError("answers nonsense; give a program that is Python")
    return greeting


def _told(conversation: Conversation, greeting: Greeting) -> Facts:
    python = f"is Python {greeting.named(greeting.version)}"
    try:
        facts = conversation.hear(TOLD_WITHIN_S)
    except TimeoutError:
        raise NoAnswerError(
            f"{python}, but imports what the strategies need for more than {TOLD_WITHIN_S:g} s; "
            "try again when the machine is idle"
        ) from None
    except EOFError as ended:
        raise NoAnswerError(f"{python}, but cannot run the lab ({ended}); repair it or choose another one") from None
    if isinstance(facts, Failed):
        raise NoAnswerError(f"{python}, but: {one_line(facts.detail)}")
    if not isinstance(facts, Facts):
        raise NoAnswerError(f"{python}, but answers nonsense; choose another one")
    return facts
