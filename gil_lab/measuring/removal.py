"""Remove what a supervised process has left: its folder, and its files in shared memory. Nothing that is not its own.

Not by `shutil.rmtree`, which stops at folders without permission, recurses, and enters mounts. On the standard library
alone, and little of it: supervisors import this as they start (`supervisor.py`), where every millisecond counts.
"""

import os
import stat

SHARED_MEMORY = "/dev/shm"  # noqa: S108 - nothing is created there, only left-overs are removed
SEMAPHORE = r"(?:(?:sem\.)?loky|pym)-([1-9][0-9]*)-[a-z0-9_]{8}"
"""A file that loky (`sem.` is added by glibc, not by musl) or an Array of multiprocessing leaves there when killed."""
MEMORY_MAPS = r"joblib_memmapping_folder_([1-9][0-9]*)_[0-9a-f]{32}_[0-9a-f]{32}"
"""A folder that joblib leaves there. Names by multiprocessing alone (`sem.mp-`, `psm_`) hold no pid."""
OWNERS = ("loky-", "sem.loky-", "pym-", "joblib_memmapping_folder_")
"""What names of both kinds begin with."""
STAMPS_LAG_NS = 100_000_000
"""File systems use a clock that advances with the timer interrupt: every 10 ms, later in a busy guest."""
FOLDER = os.O_DIRECTORY | os.O_CLOEXEC
HANDLE = FOLDER | getattr(os, "O_PATH", os.O_RDONLY)  # O_PATH, where there is one, needs no right to read


def remove_shared_memory(pids: set[int], since_ns: int) -> None:
    """Remove what those processes have left there since then, as far as its name identifies them."""
    try:
        names = os.listdir(SHARED_MEMORY)  # noqa: PTH208 - pathlib would take longer to import than all of this
    except OSError:
        return
    if not any(name.startswith(OWNERS) for name in names):
        return
    import re

    for name in names:
        file, folder = re.fullmatch(SEMAPHORE, name), re.fullmatch(MEMORY_MAPS, name)
        match = file or folder
        if not match or int(match[1]) not in pids:
            continue
        path = f"{SHARED_MEMORY}/{name}"
        try:
            status = os.lstat(path)
            # Both: an older file may have been written to since, or have changed its owner.
            created_since = min(status.st_mtime_ns, status.st_ctime_ns) >= since_ns
            if status.st_uid != os.geteuid() or not created_since:
                continue
            if file and stat.S_ISREG(status.st_mode):
                os.unlink(path)  # noqa: PTH108 - see above
            elif folder and stat.S_ISDIR(status.st_mode):
                remove_tree(path)
        except OSError:
            continue


def remove_tree(path: "str | os.PathLike[str]") -> None:
    """Remove a folder and its contents as far as possible, however deep it is and whatever its modes are.

    It follows no link and enters no mount: those stay, and so do the folders above them. Raises nothing: what cannot be
    removed is left.
    """
    above, name = os.path.split(os.fspath(path))
    try:
        here = os.open(above or ".", HANDLE)
    except OSError:
        return
    trail: list[tuple[str, tuple[int, int], list[str]]] = []  # not a descriptor for each level: they would run out
    try:
        home = mounted(here)
        ahead = unlink_all(here, [name])
        while ahead or trail:
            if ahead:
                name = ahead.pop()
                below = enter(here, name, home)
                if below is None:
                    continue
                trail.append((name, identity(here), ahead))
                os.close(here)
                here = below
                ahead = unlink_all(here, names_in(here))
            else:
                name, parent, ahead = trail.pop()
                back = os.open("..", HANDLE, dir_fd=here)
                os.close(here)
                here = back
                if identity(here) != parent:  # the folder was moved meanwhile
                    return
                remove_empty(here, name)
    except OSError:
        return
    finally:
        os.close(here)


def enter(above: int, name: str, home: tuple[int, bytes]) -> int | None:
    """Open a folder, and give its owner all rights. None if it is a link or a mount, or cannot be opened."""
    try:
        folder = os.open(name, HANDLE | os.O_NOFOLLOW, dir_fd=above)
    except OSError:
        return None
    try:
        status = os.fstat(folder)
        if mounted(folder) == home:
            if status.st_uid == os.geteuid() and ~status.st_mode & stat.S_IRWXU:
                allow(folder, status.st_mode & 0o777 | stat.S_IRWXU)
            os.stat("..", dir_fd=folder)  # otherwise there would be no way back
            return folder
    except OSError:
        pass
    os.close(folder)
    return None


def allow(folder: int, mode: int) -> None:
    """Like fchmod, which rejects descriptors opened with O_PATH."""
    try:
        os.chmod(f"/proc/self/fd/{folder}" if hasattr(os, "O_PATH") else folder, mode)  # noqa: PTH101 - see above
    except OSError:
        return


def identity(folder: int) -> tuple[int, int]:
    status = os.fstat(folder)
    return status.st_dev, status.st_ino


def mounted(folder: int) -> tuple[int, bytes]:
    """The device and the mount that a folder is on: two mounts may show the same device (mount --bind)."""
    device = os.fstat(folder).st_dev
    try:
        with open(f"/proc/self/fdinfo/{folder}", "rb") as file:  # noqa: PTH123 - see above
            return device, next((line for line in file if line.startswith(b"mnt_id:")), b"")
    except OSError:  # no /proc: only the device is known
        return device, b""


def names_in(folder: int) -> list[str]:
    try:
        readable = os.open(".", FOLDER, dir_fd=folder)
    except OSError:
        return []
    try:
        return os.listdir(readable)  # noqa: PTH208 - see above
    except OSError:
        return []
    finally:
        os.close(readable)


def unlink_all(folder: int, names: list[str]) -> list[str]:
    """Remove all that are not folders. Returns the others, which may be folders."""
    left = []
    for name in names:
        try:
            os.unlink(name, dir_fd=folder)
        except (IsADirectoryError, PermissionError):  # the second on systems other than Linux
            left.append(name)
        except OSError:
            continue
    return left


def remove_empty(above: int, name: str) -> None:
    try:
        os.rmdir(name, dir_fd=above)
    except OSError:
        return
