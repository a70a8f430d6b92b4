"""Results folders: append what was measured, read what is there. Nothing but this module touches those files.

A finished trial is on disk before the next one starts. Files are only appended to, by whole lines.
"""

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from gil_lab.errors import StoreError
from gil_lab.records import Result
from gil_lab.rows import (
    BeatRow,
    CoreRow,
    ObservationRow,
    PassRow,
    SampleRow,
    TaskRow,
    TrialRow,
    beat_rows,
    core_rows,
    observation_rows,
    pass_rows,
    sample_rows,
    task_rows,
    trial_row,
)
from gil_lab.table_file import columns, decoded, encoded, encoded_row
from gil_lab.text import one_line

SCHEMA = 2
SESSION = "session.json"
LOG = "log.txt"
# trials.csv comes last: its row says that the trial's other rows are complete
FILES: dict[str, type] = {
    "passes.csv": PassRow,
    "tasks.csv": TaskRow,
    "beats.csv": BeatRow,
    "observations.csv": ObservationRow,
    "samples.csv": SampleRow,
    "cores.csv": CoreRow,
    "trials.csv": TrialRow,
}


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


@dataclass(frozen=True)
class Session:
    """What a results folder holds."""

    path: Path
    about: dict[str, Any]
    trials: list[TrialRow]
    notes: list[str]

    @property
    def experiment(self) -> str:
        return one_line(str(self.about.get("experiment", self.path.parent.name)), 40)

    @property
    def cores(self) -> int | None:
        """Usable cores of the machine it ran on; None if session.json does not tell."""
        cores = self._machine.get("usable_cores")
        return cores if isinstance(cores, int) else None

    @property
    def host(self) -> str:
        """Name of the machine it ran on; empty if session.json does not tell."""
        host = self._machine.get("host")
        return one_line(host, 40) if isinstance(host, str) else ""

    @property
    def began_utc(self) -> str:
        """When it began, from the name of its folder or else from its trials; empty if neither tells."""
        with suppress(ValueError):
            stamp = datetime.fromisoformat(self.path.name[:16])
            if stamp.tzinfo == UTC:
                return stamp.isoformat()
        return min((row.began_utc for row in self.trials), default="")

    @property
    def _machine(self) -> dict[str, Any]:
        machine = self.about.get("machine")
        return machine if isinstance(machine, dict) else {}


def read(path: Path) -> Session:
    """The session in a results folder. Raises StoreError if it is none, or one of a newer version."""
    about, notes = _about(path)
    trials = _table(path, "trials.csv", notes)
    seen: dict[int, TrialRow] = {}
    for row in trials:
        seen.setdefault(row.trial, row)
    if len(seen) < len(trials):
        notes.append(f"{len(trials) - len(seen)} repeated row(s) of trials.csv left out")
    missing = about.get("trials")
    if isinstance(missing, int) and missing > len(seen):
        notes.append(f"{missing - len(seen)} of {missing} trials are missing: the session was interrupted")
    return Session(path, about, list(seen.values()), notes)


def read_rows(session: Session, name: str) -> list[Any]:
    """The rows of another file of the session; empty, with a note in `session`, if it is missing."""
    return _table(session.path, name, session.notes, needed=False)


def has(session: Session, name: str) -> bool:
    """Whether the session has that file: one made by an older gil-lab lacks those that came later."""
    return (session.path / name).exists()


def _table(path: Path, name: str, notes: list[str], *, needed: bool = True) -> list[Any]:
    try:
        text = (path / name).read_bytes().decode(errors="replace")
    except OSError as error:
        if needed:
            raise StoreError(f"{path / name} cannot be read ({error.strerror}); is it a session's folder?") from error
        notes.append(f"{name} cannot be read ({error.strerror})")
        return []
    table = decoded(text, FILES[name], name)
    notes += table.notes
    return table.rows


def _about(path: Path) -> tuple[dict[str, Any], list[str]]:
    try:
        about = json.loads((path / SESSION).read_bytes())
    except OSError as error:
        return {}, [f"{SESSION} cannot be read ({error.strerror}): machine and settings are unknown"]
    except (ValueError, RecursionError):
        return {}, [f"{SESSION} is torn: machine and settings are unknown"]
    if not isinstance(about, dict):
        return {}, [f"{SESSION} is not an object: machine and settings are unknown"]
    schema = about.get("schema")
    if isinstance(schema, int) and schema > SCHEMA:
        raise StoreError(f"{path} was made by a newer gil-lab (schema {schema}); update gil-lab to read it")
    return about, []


def newest(root: Path) -> Path:
    """The session folder itself, or the newest one below `root`. Raises StoreError if there is none."""
    return next(sessions(root))


def sessions(root: Path) -> Iterator[Path]:
    """The session folder itself, or all those below `root`, the newest first. Raises StoreError if there is none.

    Their names begin with the time: they are sorted by them, and nothing in a folder is looked at before its turn.
    """
    if not root.exists():
        raise StoreError(f"no folder {str(root)!a}; measure something first: gil-lab run cpu-bound")
    if _has_trials(root) or (root / SESSION).exists():
        yield root
        return
    candidates: list[Path] = []
    for folder in (root / name for name in _names_in(root)):
        names = _names_in(folder)
        candidates += [folder] if "trials.csv" in names else [folder / name for name in names]
    found = False
    for _, alike in groupby(sorted(candidates, key=_name, reverse=True), key=_name):
        # alike are two experiments that began in one second
        for session in sorted(filter(_has_trials, alike), key=lambda session: session.stat().st_mtime, reverse=True):
            found = True
            yield session
    if not found:
        raise StoreError(f"no session in {str(root)!a}; measure something first: gil-lab run cpu-bound")


_name = attrgetter("name")


def _names_in(folder: Path) -> list[str]:
    """Empty if it is no folder, or cannot be looked into."""
    try:
        return os.listdir(folder)  # noqa: PTH208 - a thousand names are needed, not a thousand paths
    except OSError:
        return []


def _has_trials(folder: Path) -> bool:
    return os.access(folder / "trials.csv", os.F_OK)


def read_whole(session: Session, name: str, kind: type) -> list[Any]:
    """The rows of a derived table; empty if it is not there."""
    try:
        text = (session.path / name).read_bytes().decode(errors="replace")
    except OSError:
        return []
    return decoded(text, kind, name).rows


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
