"""The disks: whether results survive a power cut, and whether there is room for what strategies keep in files."""

import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import psutil

from gil_lab.cli.doctor.finding import Finding
from gil_lab.model.text import one_line

IN_MEMORY = ("tmpfs", "ramfs", "devtmpfs")
ELSEWHERE = ("nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "afs", "ceph", "glusterfs", "lustre", "9p")
SLOW_S, FREE_S = 1.0, 5e-6
"""Of one fsync: above, the lab waits for the disk; below, no disk can have been asked."""
WRITES = 5
LITTLE_BYTES, TINY_BYTES = 100 * 2**20, 2**20
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  # examined, never written to by name


def results(out: Path) -> Finding:
    """The disk that keeps the results: what losing nothing costs there, and whether it can be trusted with them."""
    try:
        folder = next(one for one in (out.absolute(), *out.absolute().parents) if one.is_dir())
        took_s = fsync_s(folder)
        kind, free = filesystem(folder), shutil.disk_usage(folder).free
    except OSError as error:
        return Finding("results", one_line(f"{out} cannot be written ({_why(error)})"), "choose a folder with --out")
    told = f"one fsync takes {1000 * took_s:.2g} ms ({kind}), {_size(free)} free"
    remedy = ""
    if kind in IN_MEMORY:
        remedy = "they are kept in memory, a power cut loses them: choose a folder with --out"
    elif kind in ELSEWHERE:
        remedy = "they are kept on another machine, which slows runs down and may not lock: use --out"
    elif took_s < FREE_S:
        remedy = "fsync does nothing here, a power cut loses results: choose a folder with --out"
    elif took_s > SLOW_S:
        remedy = "the disk is very slow: choose another folder with --out"
    elif free < LITTLE_BYTES:
        remedy = "the disk is almost full: make room, or choose a folder with --out"
    return Finding("results", told, remedy)


def fsync_s(folder: Path) -> float:
    """Seconds until one small write has reached the disk: the median of a few. Raises OSError."""
    took = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(WRITES):
            begin = time.perf_counter()
            file.write(b"gil-lab")
            file.flush()
            os.fsync(file.fileno())
            took.append(time.perf_counter() - begin)
    return statistics.median(took)


def filesystem(folder: Path, mounts: Iterable[tuple[str, str]] | None = None) -> str:
    """Its kind, as `mount` tells it: ext4, tmpfs ...; `mounts` are points and kinds, later ones above earlier ones."""
    if mounts is None:
        mounts = [(one.mountpoint, one.fstype) for one in psutil.disk_partitions(all=True)]
    real, kind, depth = folder.resolve(), "unknown", -1
    for point, its_kind in mounts:
        if real.is_relative_to(point) and len(Path(point).parts) >= depth:
            kind, depth = its_kind, len(Path(point).parts)
    return one_line(kind, 20)


def temporary() -> Finding:
    """Where children have their private folders, and the workload `files` its files."""
    try:
        folder = Path(tempfile.gettempdir())
        kind, free = filesystem(folder), shutil.disk_usage(folder).free
    except OSError as error:
        return Finding("temporary", f"no folder can be written ({_why(error)})", "set TMPDIR to one that can")
    remedy = ""
    if free < LITTLE_BYTES:
        remedy = "there is hardly room for what strategies keep in files: set TMPDIR to another folder"
    elif kind in IN_MEMORY:
        remedy = "the workload files waits for no disk there: set TMPDIR to a folder on one"
    return Finding("temporary", one_line(f"{folder} ({kind}), {_size(free)} free"), remedy)


def shared_memory(folder: Path = SHARED_MEMORY) -> Finding:
    """Where multiprocessing and joblib keep their semaphores."""
    needed = "multiprocessing and joblib need it: mount a tmpfs there (docker run --shm-size=1g)"
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(4096))
            file.flush()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Finding("shared memory", f"{folder} cannot be used ({_why(error)})", needed)
    return Finding("shared memory", f"{_size(free)} free in {folder}", needed if free < TINY_BYTES else "")


def _why(error: OSError) -> str:
    return error.strerror or str(error)


def _size(size: float) -> str:
    return f"{size / 2**30:.1f} GiB" if size >= 2**30 else f"{size / 2**20:.1f} MiB"
