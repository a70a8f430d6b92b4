"""A forked gil-lab in which the system fails, or kills it, at one call of its own: by strace, which attaches to it."""

import contextlib
import ctypes
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

PR_SET_PTRACER, ANY = 0x59616D61, ctypes.c_ulong(-1)
"""prctl(2): where only ancestors may trace a process (Yama), any may trace this one."""


def be_traced() -> None:
    """Go on as soon as this process is traced: for `Rig.forked(before=...)`."""
    ctypes.CDLL(None).prctl(PR_SET_PTRACER, ANY, 0, 0, 0)
    while "\nTracerPid:\t0\n" in Path("/proc/self/status").read_text():
        time.sleep(0.005)


@contextlib.contextmanager
def injecting(injected: str, *files: Path) -> Iterator[Callable[[int], None]]:
    """A function that has this injected into the calls of a process, those on these files if there are any.

    The process must wait for that; see `be_traced`.
    """
    paths = [word for file in files for word in ("-P", str(file))]
    calls = injected.partition(":")[0]
    command = ["strace", "-qq", "-o", "/dev/null", *paths, "-e", f"trace={calls}", "-e", f"inject={injected}"]
    with contextlib.ExitStack() as stack:
        yield lambda pid: stack.enter_context(subprocess.Popen([*command, "-p", str(pid)]))
