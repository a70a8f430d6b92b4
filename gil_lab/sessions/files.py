"""Files that are made from a session's raw ones, and can be made again at any time."""

import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gil_lab.model.errors import StoreError
from gil_lab.model.full_write import write_all
from gil_lab.sessions.append_only import sync_folder
from gil_lab.sessions.bounded_reads import content as content_of
from gil_lab.sessions.csv_table import columns, decoded, encoded, encoded_row
from gil_lab.sessions.deferred_signals import signals_deferred


def read_whole(path: Path, kind: type) -> list[Any]:
    """The rows of a derived table; empty if it is not there."""
    try:
        text = content_of(path).decode(errors="replace")
    except OSError:
        return []
    return decoded(text, kind, path.name).rows


def write_whole(path: Path, rows: Iterable[Any], kind: type) -> None:
    """Write a derived table anew. Raises StoreError."""
    write_file(path, (encoded(columns(kind)) + "".join(map(encoded_row, rows))).encode())


def write_file(path: Path, content: bytes) -> None:
    """Write a derived file anew: it is either the old one or the new one, never half of it. Raises StoreError.

    A link of that name is replaced, not followed. An interrupt waits meanwhile, so that nothing is left beside it.
    """
    try:
        with signals_deferred():
            _write(path, content)
    except OSError as error:
        raise StoreError(f"{path} cannot be written ({error.strerror})") from error


def _write(path: Path, content: bytes) -> None:
    beside = path.with_name(f".{path.name[:100]}.{secrets.token_hex(8)}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
    descriptor = os.open(beside, flags, 0o644)
    try:
        try:
            write_all(descriptor, content)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
