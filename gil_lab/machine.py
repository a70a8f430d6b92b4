"""The machine: how many cores this process may use, how fast they are just now, and what it is called."""

import contextlib
import math
import os
import platform
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

SPINS, SPIN_STEPS = 5, 200_000
"""About 20 ms together on a machine of 2026."""


def affinity() -> int:
    """Cores that this process may be scheduled on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def quota(root: Path = Path("/sys/fs/cgroup"), own: Path = Path("/proc/self/cgroup")) -> float | None:
    """Cores' worth of CPU time that the control groups allow: the least of this group and those above it.

    None without a limit. Reads cgroup v2 (`cpu.max`) and v1 (`cpu.cfs_quota_us`). Written here because `os` knows
    nothing of it before 3.13 or after, and loky, which does, takes 0.3 s to import.
    """
    limits: list[float] = []
    with contextlib.suppress(OSError):
        for line in own.read_text(errors="replace").splitlines():
            _, controllers, path = (*line.split(":", 2), "", "")[:3]
            base = root / controllers if controllers else root
            if controllers and "cpu" not in controllers.split(","):
                continue
            group = base / path.lstrip("/")
            for folder in (group, *group.parents):
                if not folder.is_relative_to(base):
                    break
                limits += _limit(folder)
    return min(limits, default=None)


def _limit(folder: Path) -> list[float]:
    with contextlib.suppress(OSError, ValueError, ZeroDivisionError):
        if (folder / "cpu.max").is_file():
            allowed, period = (folder / "cpu.max").read_text().split()
        else:
            allowed, period = ((folder / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period"))
        cores = int(allowed) / int(period)
        return [cores] if cores > 0 else []
    return []


def usable_cores() -> int:
    """Whole cores that this process can keep busy: affinity and quota, not `os.cpu_count()`."""
    limit = quota()
    return affinity() if limit is None else max(1, min(affinity(), math.ceil(limit)))


def pinnable_cores() -> int | None:
    """How many cores a child can be kept to at most; None on a system where that cannot be chosen."""
    return usable_cores() if hasattr(os, "sched_setaffinity") else None


def pace_s() -> float:
    """Seconds for a fixed amount of computing: the machine's pace just now.

    The median of several short spins, so that one interruption is not taken for a slower machine.
    """
    times = []
    for _ in range(SPINS):
        begin = time.perf_counter()
        for _ in range(SPIN_STEPS):
            pass
        times.append(time.perf_counter() - begin)
    return statistics.median(times) * SPINS


@dataclass(frozen=True)
class Machine:
    """What a reader must know to compare sessions. No user names, paths or environment."""

    host: str
    system: str
    cpu: str
    cores: int
    affinity: int
    quota: float | None
    usable_cores: int
    memory_bytes: int


def cpu_model() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(errors="replace").splitlines():
            if line.startswith(("model name", "Model")):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def this_machine() -> Machine:
    import psutil

    return Machine(
        host=platform.node(),
        system=platform.platform(),
        cpu=cpu_model(),
        cores=os.cpu_count() or 1,
        affinity=affinity(),
        quota=quota(),
        usable_cores=usable_cores(),
        memory_bytes=psutil.virtual_memory().total,
    )
