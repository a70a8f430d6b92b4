"""The machine: how many cores this process may use, how fast they are now, and its name."""

import contextlib
import math
import os
import platform
import statistics
import time
from pathlib import Path

from gil_lab.measuring import cgroups
from gil_lab.measuring.cgroups import pids_limit, quota
from gil_lab.measuring.core_kinds import core_kinds
from gil_lab.model.frozen import frozen

SPINS, SPIN_STEPS = 5, 200_000
"""About 20 ms in total on a machine of 2026."""


def affinity() -> int:
    """How many cores this process may be scheduled on."""
    return len(allowed_cores())


def allowed_cores() -> frozenset[int]:
    """Numbers of the cores that this process may be scheduled on."""
    if hasattr(os, "sched_getaffinity"):
        return frozenset(os.sched_getaffinity(0))
    return frozenset(range(os.cpu_count() or 1))


def usable_cores() -> int:
    """Whole cores that this process can keep busy: affinity and quota, not `os.cpu_count()`."""
    limit = quota()
    return affinity() if limit is None else max(1, min(affinity(), math.ceil(limit)))


def pinnable_cores() -> int | None:
    """The most cores that a child can be pinned to; None on a system without CPU affinity."""
    return usable_cores() if hasattr(os, "sched_setaffinity") else None


def spin_s() -> float:
    """CPU seconds for a fixed amount of computing: the current CPU speed.

    The median of several short spins, so that one interruption is not mistaken for a slower machine. Rejected: time on
    the clock, by which a machine is slower whenever others use it.
    """
    times = []
    for _ in range(SPINS):
        begin = time.thread_time()
        for _ in range(SPIN_STEPS):
            pass
        times.append(time.thread_time() - begin)
    return statistics.median(times) * SPINS


@frozen
class Limits:
    """Limits of the system on a process, or on a control group; None for no limit."""

    pids: int | None = None
    """Processes and threads, added up."""
    open_files: int | None = None


NO_LIMITS = Limits()


def limits() -> Limits:
    try:
        import resource
    except ImportError:  # not a POSIX system
        return Limits(pids_limit())
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return Limits(pids_limit(), None if soft == resource.RLIM_INFINITY else soft)


def memory_left_bytes() -> int:
    """That processes may still use: of the machine, and of this control group."""
    import psutil

    available = int(psutil.virtual_memory().available)
    left = cgroups.memory_left_bytes()
    return available if left is None else min(available, left)


@frozen
class Machine:
    """What readers need to know to compare sessions. No user names, paths or environment."""

    host: str
    system: str
    cpu: str
    cores: int
    affinity: int
    quota: float | None
    usable_cores: int
    memory_bytes: int
    physical_cores: int | None = None
    """Of those that may be used; fewer than these where two hardware threads share one."""
    performance_cores: int | None = None
    """Of those that may be used, where some are slower than others."""


def cpu_model() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(errors="replace").splitlines():
            if line.startswith(("model name", "Model")):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def this_machine() -> Machine:
    import psutil

    kinds = core_kinds(allowed_cores())
    return Machine(
        host=platform.node(),
        system=platform.platform(),
        cpu=cpu_model(),
        cores=os.cpu_count() or 1,
        affinity=affinity(),
        quota=quota(),
        usable_cores=usable_cores(),
        memory_bytes=psutil.virtual_memory().total,
        physical_cores=_counted(kinds.physical),
        performance_cores=_counted(kinds.performance),
    )


def _counted(cores: tuple[int, ...] | None) -> int | None:
    return None if cores is None else len(cores)
