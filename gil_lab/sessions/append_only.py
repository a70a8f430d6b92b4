"""A file that only grows, by whole lines, and that is ours alone.

What is written is either there and has reached the disk, or the file is as it was. An fsync that failed is not tried
again: the kernel may have dropped the data and say that all is well the next time (PostgreSQL's fsync surprise, 2018).
"""

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

from gil_lab.model.full_write import write_all
from gil_lab.sessions.locking import lock

OURS = os.O_WRONLY | os.O_APPEND | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
"""Never what a link points to; `O_NONBLOCK` below, because to open a pipe without a reader would wait for ever."""


class UnconfirmedError(OSError):
    """The disk did not confirm what was written: it may or may not be there."""


class Appender:
    """Unbuffered, because a buffer fails again when it is closed. The descriptor is held, so that it cannot run out."""

    def __init__(self, path: Path, *, new: bool = True) -> None:
        """Make the file, or with `new=False` open the one that is there. Raises OSError."""
        self.path = path
        how = os.O_CREAT | os.O_EXCL if new else getattr(os, "O_NONBLOCK", 0)
        self._descriptor = os.open(path, OURS | how, 0o644)
        try:
            _check_ours(os.fstat(self._descriptor))
        except OSError:
            self.close()
            raise

    @property
    def length(self) -> int:
        """Bytes."""
        return os.fstat(self._descriptor).st_size

    def append(self, text: str | bytes) -> None:
        """Write all of `text` and let it reach the disk, or leave the file as it was and raise OSError."""
        if not text:
            return
        length = self.length
        try:
            write_all(self._descriptor, text.encode() if isinstance(text, str) else text)
            self._confirm()
        except OSError:
            with suppress(OSError):
                self.cut(length)
            raise

    def _confirm(self) -> None:
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            raise UnconfirmedError(error.errno, error.strerror) from error

    def cut(self, length: int) -> None:
        """Back to its first `length` bytes."""
        if length < self.length:
            os.ftruncate(self._descriptor, length)

    def check_in_place(self) -> None:
        """Raise OSError if the path no longer leads to this file: what is appended would be lost with it."""
        try:
            there = self.path.lstat()
        except FileNotFoundError:
            raise FileNotFoundError(errno.ENOENT, "it was removed meanwhile") from None
        if not os.path.samestat(there, os.fstat(self._descriptor)):
            raise OSError(errno.ESTALE, "another file was put in its place meanwhile")

    def lock(self) -> None:
        """Lock it for as long as this is open. Raises OSError with who has it."""
        lock(self._descriptor)

    def take_name(self, path: Path) -> None:
        """Appear under this name, at once and whole."""
        self.path.rename(path)
        self.path = path

    def close(self) -> None:
        os.close(self._descriptor)


def _check_ours(status: os.stat_result) -> None:
    """Raise OSError for what is no file, has another name elsewhere, or belongs to another user."""
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "it is no file")
    if status.st_nlink > 1:
        raise OSError(errno.EMLINK, "it has another name elsewhere (a hard link)")
    if hasattr(os, "geteuid") and status.st_uid != os.geteuid():
        raise OSError(errno.EPERM, "it belongs to another user")


def sync_folder(path: Path) -> None:
    """Let the names in a folder reach the disk. Raises OSError; a system that cannot do it is left alone."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise UnconfirmedError(error.errno, error.strerror) from error
    finally:
        os.close(descriptor)
