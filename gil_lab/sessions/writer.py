"""The results folder of a session that is running: what was measured is appended to it, round by round.

A finished round of turns is on disk before the next one begins. Files are only appended to, by whole lines.
"""

import json
import os
import re
import shlex
import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from gil_lab.model.errors import StoreError
from gil_lab.model.frozen import frozen
from gil_lab.model.records import Measurement, Result, Start, Trace, Trial, Turn
from gil_lab.sessions.append_only import Appender, UnconfirmedError, sync_folder
from gil_lab.sessions.csv_table import columns, encoded, encoded_row
from gil_lab.sessions.deferred_signals import signals_deferred
from gil_lab.sessions.detail_rows import (
    beat_rows,
    core_rows,
    gil_rows,
    hold_rows,
    observation_rows,
    sample_rows,
    task_rows,
    timed_pass_rows,
    turn_rows,
    untimed_pass_rows,
)
from gil_lab.sessions.files import write_file
from gil_lab.sessions.rows import StartRow, TrialRow
from gil_lab.sessions.schema import FILES, LAST, LOG, PLAN, SCHEMA, SESSION
from gil_lab.sessions.trial_rows import trial_row

Rows = dict[str, Sequence[object]]
"""By the name of their file."""


@frozen
class StartedTrial:
    """A trial whose child waits for its first turn."""

    trial: Trial
    began_utc: str
    start: Start
    traces: Sequence[Trace]

    @classmethod
    def of(cls, result: Result, measured: Measurement) -> Self:
        gil, speed = measured.gil, measured.cpu_speed
        start = Start(measured.costs, measured.warm_up, gil.at_start, gil.after_imports, speed.before_s, measured.chunk)
        return cls(result.trial, result.began_utc, start, measured.traces)

    @property
    def rows(self) -> Rows:
        return {
            "starts.csv": [StartRow(self.trial.number, self.began_utc, self.start)],
            "passes.csv": untimed_pass_rows(self.trial, self.start.warm_up, self.traces),
            "tasks.csv": task_rows(self.trial, self.traces),
            "gils.csv": gil_rows(self.trial, self.traces),
            "holds.csv": hold_rows(self.trial, self.traces),
        }


def _turn_rows(trial: Trial, turns: Sequence[Turn], first: int) -> Rows:
    """`first` is the number of their first pass among those of the trial."""
    return {
        "passes.csv": timed_pass_rows(trial, turns, first),
        "beats.csv": beat_rows(trial, turns),
        "samples.csv": sample_rows(trial, turns),
        "cores.csv": core_rows(trial, turns),
        "turns.csv": turn_rows(trial, turns),
    }


def _joined(parts: Iterable[Rows]) -> Rows:
    """The rows of each file, those of all parts."""
    joined: dict[str, list[object]] = {}
    for part in parts:
        for name, rows in part.items():
            joined.setdefault(name, []).extend(rows)
    return dict(joined)


class OpenFolder:
    """The results folder of a session that is running, with its files open and locked."""

    def __init__(self, path: Path, files: Mapping[str, Appender], versions: Mapping[str, str], kept: int) -> None:
        """`files` are in the order of FILES; `versions` has for each interpreter what its rows shall say of its
        packages; `kept` rows are in trials.csv.
        """
        self.path, self.versions, self.kept = path, versions, kept
        self._files = files
        self._passes: dict[int, int] = {}
        """Of each trial, how many of its passes are on disk."""
        self._turns: dict[int, list[int]] = {}
        """Of each trial that has not ended, the rounds of those of its turns that are."""
        self.file: Path | None = None
        """The user's file that the session needs to go on."""
        self.is_resumable = True
        """Of an advice or a calibration, `run --resume` would measure the rest, and not say what their commands do."""

    @property
    def resume(self) -> str:
        """How what is missing gets done: `resume with` a command."""
        if not self.is_resumable:
            return "run the same command again"
        words = ["gil-lab", "run", *([str(self.file)] if self.file else ()), "--resume", str(self.path)]
        return f"resume with {' '.join(map(shlex.quote, words))}"

    @property
    def kept_words(self) -> str:
        """What is on disk: trials that have ended, and rounds of those that have not."""
        if not self.is_resumable:
            return "what was measured so far"
        rounds = max((len(set(each)) for each in self._turns.values()), default=0)
        return f"{self.kept} rows" + (f" and {rounds} round{'s' * (rounds != 1)} of turns" if rounds else "")

    def append_starts(self, started: Sequence[StartedTrial]) -> None:
        """Put on disk what is known of children before their first turn, unless it is there. Raises StoreError."""
        fresh = [one for one in started if one.trial.number not in self._passes]
        if not fresh:
            return
        self._append(
            _joined(one.rows for one in fresh), f"the start of {len(fresh)} trial{'s' * (len(fresh) != 1)} was"
        )
        for one in fresh:
            self._passes[one.trial.number] = 1 + len(one.traces)

    def append_turns(self, turns: Sequence[tuple[Trial, Turn]]) -> None:
        """Put one finished round of turns on disk. Raises StoreError."""
        if not turns:
            return
        rows = _joined(_turn_rows(trial, [turn], self._passes[trial.number]) for trial, turn in turns)
        with signals_deferred():
            self._append(rows, f"round {turns[0][1].round} was")
            for trial, turn in turns:
                self._passes[trial.number] += len(turn.passes)
                self._turns.setdefault(trial.number, []).append(turn.round)

    def append(self, result: Result) -> TrialRow:
        """Put one finished trial on disk, with all of it that is not there yet.

        Raises StoreError, with the row in its message, if that fails.
        """
        trial = result.trial
        row = trial_row(result, self.versions.get(trial.cell.interpreter, ""))
        parts: list[Rows] = [{"observations.csv": observation_rows(result), LAST: [row]}]
        if measured := result.measurement:
            if trial.number not in self._passes:
                parts.append(StartedTrial.of(result, measured).rows)
                self._passes[trial.number] = 1 + len(measured.traces)
            missing = measured.turns[len(self._turns.get(trial.number, ())) :]
            parts.append(_turn_rows(trial, missing, self._passes[trial.number]))
        with signals_deferred():
            self._append(_joined(parts), f"trial {trial.number} was", f"; the row: {encoded_row(row).strip()}")
            self.kept += 1
            self._turns.pop(trial.number, None)
        if result.log:
            self._log(result)
        return row

    def _append(self, rows: Rows, what: str, row: str = "") -> None:
        """To all files or to none."""
        texts = {name: "".join(map(encoded_row, rows.get(name, ()))) for name in FILES}
        with signals_deferred():
            self._append_texts({name: text for name, text in texts.items() if text}, what, row)

    def _append_texts(self, texts: Mapping[str, str], what: str, row: str) -> None:
        lengths: dict[str, int] = {}
        try:
            for name in texts:
                self._check_in_place(name)
            for name, text in texts.items():
                lengths[name] = self._files[name].length
                self._files[name].append(text)
        except OSError as error:
            for name, length in lengths.items():
                with suppress(OSError):
                    self._files[name].cut(length)
            raise StoreError(self._unsaved(what, error) + row) from error

    def _check_in_place(self, name: str) -> None:
        try:
            self._files[name].check_in_place()
        except OSError as error:
            raise OSError(error.errno, f"{name}: {error.strerror}") from None

    def _unsaved(self, what: str, error: OSError) -> str:
        """Why, what is kept, and how to go on."""
        why = error.strerror or type(error).__name__
        if isinstance(error, UnconfirmedError):
            why += " while the disk was to confirm it: what was written since the trial before may be lost as well"
        return (
            f"{what} measured but not saved ({why}); kept {self.kept_words} in {self.path}; when that is "
            f"fixed: {self.resume}"
        )

    def _log(self, result: Result) -> None:
        """What a failed child printed; losing it must not cost the row."""
        text = f"--- trial {result.trial.number} ({result.status})\n{result.log}\n"
        append_text(self.path / LOG, text)

    def note_end(self) -> None:
        """Note in session.json that all was measured; what cannot be noted costs nothing but a wrong note."""
        path = self.path / SESSION
        with suppress(OSError, ValueError, StoreError):
            about = json.loads(path.read_text(encoding="utf-8"))
            ended = {**about, "ended_utc": datetime.now(UTC).isoformat(timespec="seconds")}
            write_file(path, (json.dumps(ended, indent=1) + "\n").encode())

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
