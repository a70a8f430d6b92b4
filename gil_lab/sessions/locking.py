"""One session in a folder at a time: a lock on a descriptor, which the system takes back when the process ends.

`flock` and not `lockf`: a lock of the latter kind is lost as soon as the process closes any descriptor of the file.
"""

import errno
import os
from contextlib import suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

LOCKS = Path("/proc/locks")
UNABLE = frozenset({errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.EINVAL})
"""What file systems answer that know no locks."""


class InUseError(OSError):
    """Another process has it."""


def lock(descriptor: int) -> None:
    """Raises InUseError, with the pid if the system tells it, if another process has it."""
    if fcntl is None:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pid = holder(os.fstat(descriptor))
        raise InUseError(errno.EBUSY, f"in use by pid {pid}" if pid else "in use by another process") from None
    except OSError as error:
        if error.errno not in UNABLE:
            raise


def holder(file: os.stat_result, locks: Path = LOCKS) -> int | None:
    """The pid that has a lock on this file, from lines like `1: FLOCK ADVISORY WRITE 1234 08:01:5678 0 EOF`.

    None if the system does not tell, or tells several: file systems of layers have other device numbers there.
    """
    found: set[int] = set()
    with suppress(OSError):
        for line in locks.read_text(errors="replace").splitlines():
            match line.split():
                case [_, "FLOCK", _, _, pid, place, *_] if pid.isdecimal():
                    found |= {int(pid)} if place.rpartition(":")[2] == str(file.st_ino) else set()
    return found.pop() if len(found) == 1 and found != {0} else None
