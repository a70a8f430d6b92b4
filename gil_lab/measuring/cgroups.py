"""The control groups of this process: their limits, and how much they have throttled or killed so far.

Versions 1 and 2, also both at once; a group cannot use more than the groups above it allow. What cannot be read, or is
not a number, is no limit. Sources: cgroups(7); the kernel's admin-guide/cgroup-v2.rst, cgroup-v1/memory.rst and
scheduler/sched-bwc.rst. Written here because `os` has no function for this, not even in 3.13 or later, and loky,
which reads the CPU quota, takes 0.3 s to import.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

ROOT, OWN = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")
UNLIMITED = 1 << 60
"""Without a memory limit, version 1 reports the largest whole number of pages."""


def quota(root: Path = ROOT, own: Path = OWN) -> float | None:
    """The CPU quota in cores: the lowest of this group and those above it. None without a limit."""
    return min((cores for folder in _groups("cpu", root, own) for cores in _cores(folder)), default=None)


def throttled_s(root: Path = ROOT, own: Path = OWN) -> float | None:
    """Seconds, summed over cores, for which a quota has throttled processes so far; it only grows.

    None where the system does not report it.
    """
    times = []
    for folder in _groups("cpu", root, own):
        statistics = _table(folder / "cpu.stat")
        if (nanoseconds := statistics.get("throttled_time")) is not None:
            times.append(nanoseconds / 1e9)
        elif (microseconds := statistics.get("throttled_usec")) is not None:
            times.append(microseconds / 1e6)
    return sum(times) if times else None


def oom_kills(root: Path = ROOT, own: Path = OWN) -> int | None:
    """How many processes of this group the OOM killer has ended so far. None where the system does not report it.

    From the nearest group that counts them: kills in the groups above, which version 1 counts apart, are not ours.
    """
    files = (
        folder / name for folder in _groups("memory", root, own) for name in ("memory.events", "memory.oom_control")
    )
    return next((counts["oom_kill"] for counts in map(_table, files) if "oom_kill" in counts), None)


def memory_limit_bytes(root: Path = ROOT, own: Path = OWN) -> int | None:
    """Bytes of memory that this group and those above it may use. None without a limit."""
    names = ("memory.max", "memory.limit_in_bytes")
    limits = [limit for folder in _groups("memory", root, own) for limit in _limits(folder, names)]
    return min((limit for limit in limits if limit < UNLIMITED), default=None)


def memory_left_bytes(root: Path = ROOT, own: Path = OWN) -> int | None:
    """Bytes that this group and those above it may still use; files in the page cache count as free. None without a
    limit.
    """
    left = []
    for folder in _groups("memory", root, own):
        limit = min(_limits(folder, ("memory.max", "memory.limit_in_bytes")), default=UNLIMITED)
        used = next(iter(_limits(folder, ("memory.current", "memory.usage_in_bytes"))), None)
        if limit < UNLIMITED and used is not None:
            left.append(max(0, limit - used + _table(folder / "memory.stat").get("inactive_file", 0)))
    return min(left, default=None)


def pids_limit(root: Path = ROOT, own: Path = OWN) -> int | None:
    """Processes and threads, added up, that this group and those above it may have. None without a limit."""
    return min(
        (limit for folder in _groups("pids", root, own) for limit in _limits(folder, ("pids.max",))), default=None
    )


def _groups(controller: str, root: Path, own: Path) -> Iterator[Path]:
    """The folders of this process's group and of the groups above it, its own first, in every hierarchy that applies.

    In a container the path may be the host's, and not exist; the group mounted at the top is then its own.
    """
    with contextlib.suppress(OSError):
        for line in own.read_text(errors="replace").splitlines():
            _, controllers, path = (*line.split(":", 2), "", "")[:3]
            if controllers and controller not in controllers.split(","):
                continue
            # version 2 stands beside version 1 in a folder of its own (systemd's hybrid mode)
            for base in (root / controllers,) if controllers else (root, root / "unified"):
                group = base / path.lstrip("/")
                if ".." not in group.parts:  # a group outside the mounted tree
                    yield from (folder for folder in (group, *group.parents) if folder.is_relative_to(base))
                else:
                    yield base


def _cores(folder: Path) -> list[float]:
    with contextlib.suppress(OSError, ValueError, ZeroDivisionError):
        if (folder / "cpu.max").is_file():
            allowed, period = _text(folder / "cpu.max").split()
        else:
            allowed, period = (_text(folder / f"cpu.cfs_{name}_us") for name in ("quota", "period"))
        cores = int(allowed) / int(period)
        return [cores] if cores > 0 else []
    return []


def _limits(folder: Path, names: tuple[str, ...]) -> Iterator[int]:
    for name in names:
        with contextlib.suppress(OSError, ValueError):
            if (limit := int(_text(folder / name))) > 0:
                yield limit


def _table(file: Path) -> dict[str, int]:
    """A file with a name and a whole number on each line."""
    numbers: dict[str, int] = {}
    with contextlib.suppress(OSError):
        for line in _text(file).splitlines():
            with contextlib.suppress(ValueError):
                name, number = line.split()
                numbers[name] = max(0, int(number))
    return numbers


def _text(file: Path) -> str:
    return file.read_text(errors="replace")
