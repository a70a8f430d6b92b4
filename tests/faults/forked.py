"""gil-lab in a process that is forked from the tests' own: with its own pid, streams, signals and end, as a user's.

It saves the start of Python and the imports of the lab, and what the lab asks before each run: this Python is asked
once what works in it, and each file once what it defines. That is more than half of a short run. How gil-lab starts
from nothing is tested where its start is the point, by `rig.LAB`; how it asks, in test_own_file_reader.py and
test_machine_interpreters.py.
"""

import atexit
import ctypes
import gc
import io
import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from gil_lab import __main__ as program
from gil_lab.cli import outcome, predicting, quiet, run_all  # noqa: F401 - so that no forked process has to import them
from gil_lab.cli.app import application
from gil_lab.cli.terminal import progress, screen  # noqa: F401
from gil_lab.experiment import own_files
from gil_lab.interpreters.examiner import Examiner
from gil_lab.model.interpreter import Facts
from gil_lab.model.variables import Settings
from gil_lab.report.documents import answer, prediction, session  # noqa: F401
from gil_lab.sessions import relay, writer  # noqa: F401
from gil_lab.sessions.csv_table import columns
from gil_lab.sessions.schema import FILES
from gil_lab.suite.catalogue import Catalogue, check_file

CLONE_NEWNS, MS_BIND, MS_REC, MS_PRIVATE = 0x00020000, 4096, 16384, 1 << 18
"""unshare(2), mount(2)."""
DEFAULT_STOPS = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGTSTP, signal.SIGALRM, signal.SIGCHLD)


def start(
    arguments: list[str],
    environment: Mapping[str, str],
    memory: Path | None,
    before: Callable[[], object],
    **how: object,
) -> "subprocess.Popen[str]":
    """`gil-lab ARGUMENTS`, with a /dev/shm of its own if there is a folder for it; `before` is called first, there.

    `how` is what Popen takes. Between fork and exec, where there is no exec: the descriptor by which Popen learns of an
    error is closed with all others.
    """

    _import_all()
    file = next((Path(argument) for argument in arguments if argument.endswith(".py")), None)
    facts, catalogue = _facts(), file and _defined_by(file)

    def be_the_lab() -> None:
        try:
            for stop in DEFAULT_STOPS:  # a background job of a shell, or nohup, ignores some of them
                signal.signal(stop, signal.SIG_DFL)
            _forget(environment)
            _know(facts, file, catalogue)
            if memory is not None:
                _mount(memory)
            sys.argv = ["gil-lab", *arguments]
            before()
            sys.stdin, sys.stdout, sys.stderr = map(_stream, range(3), "rww")
            program.main()
        finally:
            os._exit(70)  # it has exited already

    with warnings.catch_warnings():  # from 3.12 on, of the threads of pytest-xdist
        warnings.simplefilter("ignore", DeprecationWarning)
        never = [sys.executable, "-c", "raise SystemExit(70)"]
        return subprocess.Popen(never, preexec_fn=be_the_lab, **how)  # noqa: PLW1509 - a thread of xdist holds no lock


@cache
def _import_all() -> None:
    """All commands, and the tables of columns, which each process makes once."""
    application()
    for rows in FILES.values():
        columns(rows)


@cache
def _facts() -> Facts:
    """What works under this Python, of strategies that need nothing."""
    with Examiner(("sequential",)) as examiner:
        return examiner.facts(sys.executable, ())


def _defined_by(file: Path) -> Catalogue:
    """What it defines; by its content: tests copy files into folders of their own."""
    content = file.read_bytes()
    if content not in _READ:
        _READ[content] = own_files.read(file)
    catalogue = _READ[content]
    experiment = catalogue.experiment and replace(catalogue.experiment, file=check_file(file))
    return replace(catalogue, file=check_file(file), experiment=experiment)


_READ: dict[bytes, Catalogue] = {}


def _know(facts: Facts, path: Path | None, catalogue: Catalogue | None) -> None:
    """What the lab would ask for; of other Pythons and files it does."""
    ask, read = Examiner.facts, own_files.read

    def answered(self: Examiner, executable: str, settings: Settings) -> Facts:
        return facts if (executable, settings) == (sys.executable, ()) else ask(self, executable, settings)

    Examiner.facts = answered
    own_files.read = lambda asked: catalogue if catalogue and asked == path else read(asked)


def _forget(environment: Mapping[str, str]) -> None:
    """What a new process would not have of this one."""
    gc.disable()
    gc.freeze()  # nothing of the tests is collected, and finalised, here
    gc.enable()
    atexit._clear()
    os.closerange(3, min(1 << 16, os.sysconf("SC_OPEN_MAX")))
    os.environ.clear()
    os.environ.update(environment)
    for number in STOPS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # as Python does
        signal.signal(number, signal.SIG_IGN)


def _stream(descriptor: int, mode: str) -> "io.TextIOWrapper | None":
    """As Python makes it at its start, with an encoding of UTF-8; none if it is closed."""
    try:
        return open(descriptor, mode, encoding="utf-8", closefd=False)
    except OSError:
        return None


def _mount(memory: Path) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    calls = (
        libc.unshare(CLONE_NEWNS),
        libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None),
        libc.mount(os.fsencode(memory), b"/dev/shm", None, MS_BIND, None),
    )
    assert calls == (0, 0, 0), os.strerror(ctypes.get_errno())
