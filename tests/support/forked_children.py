"""What the lab starts under its own Python is forked from the tests' process, for tests of something else than starts.

Supervisors, and what they supervise, are processes of their own as ever: with a session, an environment, descriptors, a
folder, streams and an end of their own. What is saved is the start of Python and its imports, most of the CPU time of
a short trial or examination. How they start from nothing is tested where this is not asked for: test_contract.py,
test_supervisor_alone.py, tests/faults.
"""

import atexit
import concurrent.futures.thread
import faulthandler
import gc
import importlib
import multiprocessing.util
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from types import ModuleType, SimpleNamespace
from typing import NoReturn, TextIO

import pytest
from own_process import numba_has_threads
from places import ROOT, TESTS

from gil_lab.child import exercise, invariant, own_file, probe, target, trial  # noqa: F401 - so that no fork has to
from gil_lab.experiment import own_file_judge  # noqa: F401
from gil_lab.measuring import supervisor
from gil_lab.measuring.supervised_process import SUPERVISOR

COUNT, LINKS = 7, 8
"""Places of the supervisor's arguments: the number of links, and the first of them."""
THEIRS = 2
HOLDERS = {
    "multiprocessing.resource_tracker": "_resource_tracker",
    "multiprocessing.forkserver": "_forkserver",
    "joblib.externals.loky.backend.resource_tracker": "_resource_tracker",
}
"""What keeps the pipe to a process that serves pools: one that was started in the tests' process serves no fork."""
TESTS_OWN = (str(TESTS), str(ROOT / "benchmarks"))
"""Folders that only pytest puts on the path."""
READ_AT_THE_START = {"PYTHONPATH", "PYTHONSAFEPATH", "PYTHONFAULTHANDLER"}
"""Variables of which `_become` does what Python would have done; where there is another one, Python is started."""


def python_forked(
    command: Sequence[str], environment: Mapping[str, str], **how: object
) -> "subprocess.CompletedProcess[str]":
    """`subprocess.run` of this Python: `-m MODULE ...` or `-c TEXT ...`."""
    with _forks_allowed():
        become = partial(_become, environment, (), sys.executable, [sys.executable, *command])
        return subprocess.run([sys.executable, *command], preexec_fn=become, check=False, **how)


@contextmanager
def children_forked() -> Iterator[None]:
    """Within it; other Pythons, and what is no Python, are started as ever."""
    started = SimpleNamespace(Popen=_start, DEVNULL=subprocess.DEVNULL)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gil_lab.measuring.supervised_process.subprocess", started)
        yield


def _start(command: Sequence[str], **how: object) -> "subprocess.Popen[bytes]":
    """As Popen does."""
    given = list(command[command.index(str(SUPERVISOR)) + 1 :])
    program = given[LINKS + 2 * int(given[COUNT]) :]
    environment: Mapping[str, str] = how["env"]
    of_this_python = program[0] == sys.executable and program[1] in ("-m", "-c")
    # A fork of another thread would have that as its main one, and the threads of its pool to wait for.
    in_main_thread = threading.current_thread() is threading.main_thread()
    if not of_this_python or not in_main_thread or _needs_a_start(environment):
        return subprocess.Popen(command, **how)
    kept = how["pass_fds"]

    def be_the_supervisor() -> None:
        code = 70
        try:
            gc.freeze()  # nothing of the tests is collected, and finalised, here
            _close_all_but(kept)
            execvp = partial(_become, environment, given[THEIRS].split(","))
            supervisor.os = SimpleNamespace(**{**vars(os), "execvp": execvp})
            code = supervisor.main(given)
        finally:
            os._exit(code)

    with _forks_allowed():
        return subprocess.Popen(command, preexec_fn=be_the_supervisor, **how)  # noqa: PLW1509 - as in faults/forked.py


@contextmanager
def _forks_allowed() -> Iterator[None]:
    """From 3.12 on, Python warns of them where there are threads, such as those of pytest-xdist."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


def _needs_a_start(environment: Mapping[str, str]) -> bool:
    read_by_python = {name for name in environment if name.startswith("PYTHON")}
    return numba_has_threads() or not read_by_python <= READ_AT_THE_START


def _close_all_but(kept: Iterable[int]) -> None:
    """And those of its streams."""
    first = 3
    for descriptor in (*sorted(kept), min(1 << 16, os.sysconf("SC_OPEN_MAX"))):
        os.closerange(first, descriptor)
        first = descriptor + 1


def _become(environment: Mapping[str, str], kept: Sequence[str], _: str, command: Sequence[str]) -> NoReturn:
    """Python, as it runs `-m MODULE` or `-c TEXT`, to its end."""
    code: object = 1
    try:
        try:
            _close_all_but(int(descriptor) for descriptor in kept if descriptor)
            _forget(environment)
        except BaseException:
            os.write(2, traceback.format_exc().encode())
            raise
        _, how, what, *arguments = command
        sys.argv = [how, *arguments]
        try:
            if how == "-m":
                runpy.run_module(what, run_name="__main__", alter_sys=True)
            else:
                sys.modules["__main__"] = main = ModuleType("__main__")
                exec(what, vars(main))  # as Python does
            code = 0
        except SystemExit as error:
            code = error.code
        except BaseException:
            traceback.print_exc()
        threading._shutdown()
        atexit._run_exitfuncs()
        sys.stdout.flush()
    finally:
        os._exit(code if isinstance(code, int) else int(code is not None))


def _stream(descriptor: int, mode: str) -> TextIO:
    return open(descriptor, mode, 1, "utf-8", "backslashreplace", closefd=False)


def _forget(environment: Mapping[str, str]) -> None:
    """What a new Python would not have of the tests' process."""
    os.environ.clear()
    os.environ.update(environment)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    atexit._clear()
    atexit.register(multiprocessing.util._exit_function)
    tempfile.tempdir = None
    concurrent.futures.thread._threads_queues.clear()  # threads of the tests' process, which the end would wait for
    for name, kept in HOLDERS.items():  # of descriptors that are closed here, or are another one's by now
        if name in sys.modules:
            getattr(sys.modules[name], kept).__init__()
    sys.stdin, sys.stdout, sys.stderr = map(_stream, range(3), "rww")
    faulthandler.enable()
    for watch in (sys.settrace, sys.setprofile, threading.settrace, threading.setprofile):
        watch(None)
    sys.unraisablehook, threading.excepthook = sys.__unraisablehook__, threading.__excepthook__
    warnings.resetwarnings()
    for kind in (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning):
        warnings.simplefilter("ignore", kind)
    sys.meta_path[:] = [finder for finder in sys.meta_path if not type(finder).__module__.startswith("_pytest")]
    kept = [path for path in sys.path if not path.startswith(TESTS_OWN)]
    sys.path[:] = [*filter(None, environment.get("PYTHONPATH", "").split(os.pathsep)), *kept]
    importlib.invalidate_caches()
    if numba := sys.modules.get("numba.core.config"):  # that a test has imported
        numba.reload_config()
