"""Bounded reads of untrusted files: whatever lies there under their names, reading ends."""

import errno
import os
import stat
from pathlib import Path

LARGEST_BYTES = 256 * 1024 * 1024
"""Of one file: more than any session of the lab's own has, and no more than fits into memory several times."""


def content(path: Path, largest: int = LARGEST_BYTES) -> bytes:
    """What a regular file held when it was opened: of one that grows meanwhile, no more than that.

    Raises OSError, with a reason for a user, for what cannot be read, is no file (a pipe would keep us waiting, a
    device would never end), or has more than `largest` bytes.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    try:
        seen = os.fstat(descriptor)
        if stat.S_ISDIR(seen.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(seen.st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(path))
        if seen.st_size > largest:
            raise OSError(errno.EFBIG, f"larger than {largest // 2**20} MiB", str(path))
        return _read(descriptor, seen.st_size)
    finally:
        os.close(descriptor)


def _read(descriptor: int, size: int) -> bytes:
    parts = []
    while size > 0 and (part := os.read(descriptor, size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
