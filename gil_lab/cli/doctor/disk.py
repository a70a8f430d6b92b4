"""The disks: whether results survive a power cut, and whether there is room for the files of strategies."""

import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import psutil

from gil_lab.cli.doctor.diagnosis import Diagnosis
from gil_lab.model.text import one_line

IN_MEMORY = ("tmpfs", "ramfs", "devtmpfs")
REMOTE = ("nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "afs", "ceph", "glusterfs", "lustre", "9p")
SLOW_FSYNC_S, NO_FSYNC_S = 1.0, 5e-6
"""If one fsync takes longer, the lab waits for the disk; if it takes less, it cannot have reached a disk."""
WRITES = 5
LITTLE_ROOM_BYTES, LITTLE_SHARED_BYTES = 100 * 2**20, 2**20
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  # examined, never written to by name


def results(out: Path) -> Diagnosis:
    """The disk for the results: the price of durability, and whether they survive a power cut."""
    try:
        folder = next(path for path in (out.absolute(), *out.absolute().parents) if path.is_dir())
        took_s = fsync_s(folder)
        kind, free = filesystem(folder), shutil.disk_usage(folder).free
    except OSError as error:
        return Diagnosis("results", one_line(f"{out} cannot be written ({_why(error)})"), "choose a folder with --out")
    state = f"one fsync takes {1000 * took_s:.2g} ms ({kind}), {_size(free)} free"
    remedy = ""
    if kind in IN_MEMORY:
        remedy = "results are kept in memory, and lost in a power cut: choose a folder with --out"
    elif kind in REMOTE:
        remedy = (
            "results are kept on another machine, which is slow and may not support locks: choose a folder with --out"
        )
    elif took_s < NO_FSYNC_S:
        remedy = "fsync has no effect here, and results may be lost in a power cut: choose a folder with --out"
    elif took_s > SLOW_FSYNC_S:
        remedy = "the disk is very slow: choose another folder with --out"
    elif free < LITTLE_ROOM_BYTES:
        remedy = "the disk is almost full: make room, or choose a folder with --out"
    return Diagnosis("results", state, remedy)


def fsync_s(folder: Path) -> float:
    """Seconds until one small write has reached the disk: the median of a few. Raises OSError."""
    durations = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(WRITES):
            begin = time.perf_counter()
            file.write(b"gil-lab")
            file.flush()
            os.fsync(file.fileno())
            durations.append(time.perf_counter() - begin)
    return statistics.median(durations)


def filesystem(folder: Path, mounts: Iterable[tuple[str, str]] | None = None) -> str:
    """The type of its file system: ext4, tmpfs ...; `mounts` are mount points and types, later ones on top."""
    if mounts is None:
        mounts = [(disk.mountpoint, disk.fstype) for disk in psutil.disk_partitions(all=True)]
    real, kind, depth = folder.resolve(), "unknown", -1
    for point, mount_kind in mounts:
        if real.is_relative_to(point) and len(Path(point).parts) >= depth:
            kind, depth = mount_kind, len(Path(point).parts)
    return one_line(kind, 20)


def temporary() -> Diagnosis:
    """The disk for the private folders of children, and the files of the workload `files`."""
    try:
        folder = Path(tempfile.gettempdir())
        kind, free = filesystem(folder), shutil.disk_usage(folder).free
    except OSError as error:
        return Diagnosis("temporary", f"no folder can be written ({_why(error)})", "set TMPDIR to a writable folder")
    remedy = ""
    if free < LITTLE_ROOM_BYTES:
        remedy = "there is hardly room for the files of strategies: set TMPDIR to another folder"
    elif kind in IN_MEMORY:
        remedy = "the workload files does not wait for a disk there: set TMPDIR to a folder on disk"
    return Diagnosis("temporary", one_line(f"{folder} ({kind}), {_size(free)} free"), remedy)


def shared_memory(folder: Path = SHARED_MEMORY) -> Diagnosis:
    """The folder for semaphores of multiprocessing and joblib."""
    needed = "multiprocessing and joblib need it: mount a tmpfs there (docker run --shm-size=1g)"
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(4096))
            file.flush()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Diagnosis("shared memory", f"{folder} cannot be used ({_why(error)})", needed)
    return Diagnosis("shared memory", f"{_size(free)} free in {folder}", needed if free < LITTLE_SHARED_BYTES else "")


def _why(error: OSError) -> str:
    return error.strerror or str(error)


def _size(size: float) -> str:
    return f"{size / 2**30:.1f} GiB" if size >= 2**30 else f"{size / 2**20:.1f} MiB"
