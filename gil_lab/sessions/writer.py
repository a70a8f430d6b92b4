"""The results folder of a session that is running: what was measured is appended to it, trial by trial.

A finished trial is on disk before the next one starts. Files are only appended to, by whole lines.
"""

import json
import os
import re
import shlex
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gil_lab.model.errors import StoreError
from gil_lab.model.records import Result, Trial
from gil_lab.sessions.append_only import Appender, UnconfirmedError, sync_folder
from gil_lab.sessions.csv_table import columns, encoded, encoded_row
from gil_lab.sessions.deferred_signals import signals_deferred
from gil_lab.sessions.rows import (
    TrialRow,
    beat_rows,
    core_rows,
    observation_rows,
    pass_rows,
    sample_rows,
    task_rows,
    trial_row,
)
from gil_lab.sessions.schema import FILES, LAST, LOG, PLAN, SCHEMA, SESSION


class OpenFolder:
    """The results folder of a session that is running, with its files open and locked."""

    def __init__(self, path: Path, files: Mapping[str, Appender], versions: Mapping[str, str], kept: int) -> None:
        """`files` are in the order of FILES; `versions` has for each interpreter what its rows shall say of its
        packages; `kept` rows are in trials.csv.
        """
        self.path, self.versions, self.kept = path, versions, kept
        self._files = files
        self.file: Path | None = None
        """The user's file that the session needs to go on."""

    @property
    def resume(self) -> str:
        """The command that does what is missing."""
        words = ["gil-lab", "run", *([str(self.file)] if self.file else ()), "--resume", str(self.path)]
        return " ".join(map(shlex.quote, words))

    def append(self, result: Result) -> TrialRow:
        """Put one finished trial on disk. Raises StoreError, with the row in its message, if that fails."""
        row = trial_row(result, self.versions.get(result.trial.cell.interpreter, ""))
        rows: dict[str, Sequence[object]] = {
            "passes.csv": pass_rows(result),
            "tasks.csv": task_rows(result),
            "beats.csv": beat_rows(result),
            "observations.csv": observation_rows(result),
            "samples.csv": sample_rows(result),
            "cores.csv": core_rows(result),
            "trials.csv": [row],
        }
        texts = {name: "".join(map(encoded_row, rows[name])) for name in FILES}
        with signals_deferred():
            self._append(row, texts)
            if result.log:
                self._log(result)
        return row

    def _append(self, row: TrialRow, texts: Mapping[str, str]) -> None:
        """To all files or to none."""
        lengths: dict[str, int] = {}
        try:
            for name, text in texts.items():
                if text:
                    self._check_in_place(name)
            for name, text in texts.items():
                lengths[name] = self._files[name].length
                self._files[name].append(text)
        except OSError as error:
            for name, length in lengths.items():
                with suppress(OSError):
                    self._files[name].cut(length)
            raise StoreError(self._unsaved(row, error)) from error
        self.kept += 1

    def _check_in_place(self, name: str) -> None:
        try:
            self._files[name].check_in_place()
        except OSError as error:
            raise OSError(error.errno, f"{name}: {error.strerror}") from None

    def _unsaved(self, row: TrialRow, error: OSError) -> str:
        """Why, what is kept, how to go on, and the row itself."""
        why = error.strerror or type(error).__name__
        if isinstance(error, UnconfirmedError):
            why += " while the disk was to confirm it: what was written since the trial before may be lost as well"
        return (
            f"trial {row.trial} was measured but not saved ({why}); kept {self.kept} rows in {self.path}; when that is "
            f"mended: {self.resume}; the row: {encoded_row(row).strip()}"
        )

    def _log(self, result: Result) -> None:
        """What a failed child printed; losing it must not cost the row."""
        text = f"--- trial {result.trial.number} ({result.status})\n{result.log}\n"
        append_text(self.path / LOG, text)

    def close(self) -> None:
        for file in self._files.values():
            file.close()


class Folder(OpenFolder):
    """A new one."""

    def __init__(
        self,
        out: Path,
        experiment: str,
        host: str,
        about: dict[str, Any],
        versions: Mapping[str, str],
        plan: Sequence[Trial] = (),
    ) -> None:
        """Make `out/<experiment>/<UTC time>-<host>` and its files, before anything is measured.

        It is a session as soon as it has a trials.csv, which comes last and whole: one that was killed before has
        none. Raises StoreError if that is not possible; then nothing is left lying around.
        """
        stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{re.sub(r'[^A-Za-z0-9._-]', '_', host)[:40] or 'host'}"
        parent, path, above, files = out / experiment, None, list[Path](), dict[str, Appender]()
        try:
            above += [folder for folder in (parent, *parent.parents) if not folder.exists()]
            parent.mkdir(parents=True, exist_ok=True)
            path = _fresh(parent / stamp)
            for name, kind in FILES.items():
                files[name] = Appender(path / (name if name != LAST else f"{name}.new"))
                files[name].append(encoded(columns(kind)))
            _write_new(path / SESSION, json.dumps({"schema": SCHEMA, **about}, indent=1) + "\n")
            _write_new(path / PLAN, encoded(columns(Trial)) + "".join(map(encoded_row, plan)))
            files[LAST].lock()
            sync_folder(path)
            files[LAST].take_name(path / LAST)
            for folder in (path, parent, *(one.parent for one in above)):
                sync_folder(folder)
        except BaseException as error:
            _undo(path, above, files)
            if isinstance(error, OSError):
                message = f"no results can be written to {str(out)!a} ({error.strerror}); try --out"
                raise StoreError(message) from error
            raise
        super().__init__(path, files, versions, kept=0)


def _write_new(path: Path, text: str) -> None:
    file = Appender(path)
    try:
        file.append(text)
    finally:
        file.close()


def _undo(path: Path | None, above: Sequence[Path], files: Mapping[str, Appender]) -> None:
    """Remove what was made: the session's folder, and those above it as far as they are empty."""
    for file in files.values():
        file.close()
    if path:
        shutil.rmtree(path, ignore_errors=True)
    for folder in above:
        with suppress(OSError):
            folder.rmdir()


def append_text(path: Path, text: str) -> bool:
    """Append to a file that is nice to have; whether that was possible. Never to what a link points to."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
    try:
        descriptor = os.open(path, flags, 0o644)
        with os.fdopen(descriptor, "a", encoding="utf-8", errors="replace") as file:
            file.write(text)
    except OSError:
        return False
    return True


def _fresh(wanted: Path) -> Path:
    """A folder that did not exist: `wanted`, or with a number behind it if two sessions begin within a second."""
    for suffix in ("", *(f"-{number:02}" for number in range(2, 100))):
        with suppress(FileExistsError):
            path = wanted.with_name(wanted.name + suffix)
            path.mkdir()
            return path
    raise FileExistsError(17, "too many sessions in one second")
