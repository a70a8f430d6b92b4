"""The results folder of a session that is running: what was measured is appended to it, trial by trial.

A finished trial is on disk before the next one starts. Files are only appended to, by whole lines.
"""

import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gil_lab.errors import StoreError
from gil_lab.records import Result
from gil_lab.rows import (
    TrialRow,
    beat_rows,
    core_rows,
    observation_rows,
    pass_rows,
    sample_rows,
    task_rows,
    trial_row,
)
from gil_lab.session_files import FILES, LOG, SCHEMA, SESSION
from gil_lab.table_file import columns, encoded, encoded_row


class Appender:
    """A file that only grows, by whole lines; unbuffered, because a buffer fails again when it is closed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)
        self._descriptor = os.open(path, flags, 0o644)

    def append(self, text: str) -> None:
        """Write all of `text` and let it reach the disk, or leave the file as it was and raise OSError."""
        length = os.fstat(self._descriptor).st_size
        rest = memoryview(text.encode())
        try:
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
            os.fsync(self._descriptor)  # if this fails it must not be tried again: the kernel may have dropped the data
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._descriptor, length)
            raise

    def close(self) -> None:
        os.close(self._descriptor)


class Folder:
    """The results folder of a session that is running."""

    def __init__(
        self, out: Path, experiment: str, host: str, about: dict[str, Any], versions: Mapping[str, str]
    ) -> None:
        """Make `out/<experiment>/<UTC time>-<host>` and its files, before anything is measured.

        `versions` has for each interpreter what its rows shall say of its packages.

        Raises StoreError if that is not possible.
        """
        self.versions = versions
        stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{re.sub(r'[^A-Za-z0-9._-]', '_', host)[:40] or 'host'}"
        try:
            (out / experiment).mkdir(parents=True, exist_ok=True)
            self.path = _fresh(out / experiment / stamp)
            self._files = {name: Appender(self.path / name) for name in FILES}
            for name, kind in FILES.items():
                self._files[name].append(encoded(columns(kind)))
            self._write_new(SESSION, json.dumps({"schema": SCHEMA, **about}, indent=1) + "\n")
        except OSError as error:
            raise StoreError(f"no results can be written to {str(out)!a} ({error.strerror}); try --out") from error

    def _write_new(self, name: str, text: str) -> None:
        file = Appender(self.path / name)
        try:
            file.append(text)
        finally:
            file.close()

    def append(self, result: Result) -> TrialRow:
        """Put one finished trial on disk. Raises StoreError, with the row in its message, if that fails."""
        row = trial_row(result, self.versions.get(result.trial.cell.interpreter, ""))
        try:
            for name, rows in (
                ("passes.csv", pass_rows(result)),
                ("tasks.csv", task_rows(result)),
                ("beats.csv", beat_rows(result)),
                ("observations.csv", observation_rows(result)),
                ("samples.csv", sample_rows(result)),
                ("cores.csv", core_rows(result)),
                ("trials.csv", [row]),
            ):
                self._files[name].append("".join(map(encoded_row, rows)))
            if result.log:
                self._log(result)
        except OSError as error:
            raise StoreError(
                f"trial {row.trial} was measured but not saved ({error.strerror}); kept {row.trial - 1} rows in "
                f"{self.path}; the row: {encoded_row(row).strip()}"
            ) from error
        return row

    def _log(self, result: Result) -> None:
        """What a failed child printed; losing it must not cost the row."""
        with suppress(OSError), (self.path / LOG).open("a", encoding="utf-8") as log:
            log.write(f"--- trial {result.trial.number} ({result.status})\n{result.log}\n")

    def close(self) -> None:
        for file in self._files.values():
            file.close()


def _fresh(wanted: Path) -> Path:
    """A folder that did not exist: `wanted`, or with a number behind it if two sessions begin within a second."""
    for suffix in ("", *(f"-{number:02}" for number in range(2, 100))):
        with suppress(FileExistsError):
            path = wanted.with_name(wanted.name + suffix)
            path.mkdir()
            return path
    raise FileExistsError(17, "too many sessions in one second")
