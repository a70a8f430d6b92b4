"""The control groups of this process: what they allow, and what they have already held back or killed.

Versions 1 and 2, also both at once; a group cannot use what those above it do not get. What cannot be read, or is no
number, limits nothing. Sources: cgroups(7); the kernel's admin-guide/cgroup-v2.rst, cgroup-v1/memory.rst and
scheduler/sched-bwc.rst. Written here because `os` knows nothing of it before 3.13 or after, and loky, which knows of
the CPU quota, takes 0.3 s to import.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

ROOT, OWN = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")
UNLIMITED = 1 << 60
"""Version 1 writes the largest whole number of pages where there is no limit on memory."""


def quota(root: Path = ROOT, own: Path = OWN) -> float | None:
    """Cores' worth of CPU time that are allowed: the least of this group and those above it. None without a limit."""
    return min((cores for folder in _groups("cpu", root, own) for cores in _cores(folder)), default=None)


def throttled_s(root: Path = ROOT, own: Path = OWN) -> float | None:
    """Seconds, summed over cores, in which a quota has kept processes from running; it only grows.

    None where the system does not tell.
    """
    times = []
    for folder in _groups("cpu", root, own):
        told = _table(folder / "cpu.stat")
        if (nanoseconds := told.get("throttled_time")) is not None:
            times.append(nanoseconds / 1e9)
        elif (microseconds := told.get("throttled_usec")) is not None:
            times.append(microseconds / 1e6)
    return sum(times) if times else None


def oom_kills(root: Path = ROOT, own: Path = OWN) -> int | None:
    """How many processes of this group have been killed for want of memory so far. None where the system does not tell.

    Of the nearest group that counts them: what is killed in version 1's groups above is none of ours.
    """
    files = (
        folder / name for folder in _groups("memory", root, own) for name in ("memory.events", "memory.oom_control")
    )
    return next((told["oom_kill"] for told in map(_table, files) if "oom_kill" in told), None)


def memory_limit_bytes(root: Path = ROOT, own: Path = OWN) -> int | None:
    """Bytes of memory that this group and those above it may use; None without a limit."""
    names = ("memory.max", "memory.limit_in_bytes")
    limits = [limit for folder in _groups("memory", root, own) for limit in _limits(folder, names)]
    return min((limit for limit in limits if limit < UNLIMITED), default=None)


def pids_limit(root: Path = ROOT, own: Path = OWN) -> int | None:
    """Processes and threads together that this group and those above it may have; None without a limit."""
    return min(
        (limit for folder in _groups("pids", root, own) for limit in _limits(folder, ("pids.max",))), default=None
    )


def _groups(controller: str, root: Path, own: Path) -> Iterator[Path]:
    """The folders of this process's group and of those above it, the own one first, of each hierarchy that counts.

    In a container the path may be that of the host, which is not there; what is mounted at the top is then the own one.
    """
    with contextlib.suppress(OSError):
        for line in own.read_text(errors="replace").splitlines():
            _, controllers, path = (*line.split(":", 2), "", "")[:3]
            if controllers and controller not in controllers.split(","):
                continue
            # version 2 stands beside version 1 in a folder of its own (systemd's hybrid mode)
            for base in (root / controllers,) if controllers else (root, root / "unified"):
                group = base / path.lstrip("/")
                if ".." not in group.parts:  # a group outside of what is mounted here
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
    """Lines of a name and a whole number."""
    told: dict[str, int] = {}
    with contextlib.suppress(OSError):
        for line in _text(file).splitlines():
            with contextlib.suppress(ValueError):
                name, number = line.split()
                told[name] = max(0, int(number))
    return told


def _text(file: Path) -> str:
    return file.read_text(errors="replace")
