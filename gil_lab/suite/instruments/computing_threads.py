"""Which threads of this process computed, by the CPU time that each of them used."""

import contextlib
import threading
from pathlib import Path

LEAST_OF_A_THREAD, LEAST_NS = 0.2, 10**6
"""Share of the calling thread's CPU time, and nanoseconds: a thread that used less only waited."""


def threads_cpu_ns() -> dict[str, int]:
    """Of each thread of this process, by its id (schedstat, Linux); none where the system does not report it."""
    found = {}
    for path in Path("/proc/self/task").glob("*/schedstat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            found[path.parent.name] = int(path.read_text().split()[0])
    return found


def others_that_computed(before: dict[str, int], after: dict[str, int]) -> int:
    """Threads that used a fifth of the CPU time that the calling one did, or more."""
    used = {thread: ns - before.get(thread, 0) for thread, ns in after.items()}
    own = used.pop(str(threading.get_native_id()), 0)
    return sum(ns > max(own * LEAST_OF_A_THREAD, LEAST_NS) for ns in used.values())
