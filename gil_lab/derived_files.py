"""Files that are made from a session's raw ones, and can be made again at any time."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gil_lab.errors import StoreError
from gil_lab.table_file import columns, decoded, encoded, encoded_row


def read_whole(path: Path, kind: type) -> list[Any]:
    """The rows of a derived table; empty if it is not there."""
    try:
        text = path.read_bytes().decode(errors="replace")
    except OSError:
        return []
    return decoded(text, kind, path.name).rows


def write_whole(path: Path, rows: Iterable[Any], kind: type) -> None:
    """Write a derived table anew. Raises StoreError."""
    write_file(path, (encoded(columns(kind)) + "".join(map(encoded_row, rows))).encode())


def write_file(path: Path, content: bytes) -> None:
    """Write a derived file anew: it is either the old one or the new one, never half of it. Raises StoreError."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        try:
            beside.write_bytes(content)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"{path} cannot be written ({error.strerror})") from error
