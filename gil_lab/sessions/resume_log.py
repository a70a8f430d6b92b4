"""That a session was resumed: a line in `resumed.csv`, and what a report tells of it and of what was cut off."""

from datetime import UTC, datetime
from pathlib import Path

from gil_lab.model.errors import StoreError
from gil_lab.model.text import one_line
from gil_lab.sessions.append_only import Appender
from gil_lab.sessions.csv_table import columns, encoded, encoded_row
from gil_lab.sessions.files import read_whole
from gil_lab.sessions.schema import RESUMED, TORN, Resumption

MAX_LISTED = 3


def note(path: Path, missing: int, differences: str) -> None:
    """Write into the session's folder `path` that it goes on now. Raises OSError."""
    there = path / RESUMED
    file = Appender(there, new=not there.exists())
    try:
        cut_torn(file)
        if not file.length:
            file.append(encoded(columns(Resumption)))
        row = Resumption(datetime.now(UTC).isoformat(timespec="seconds"), missing, one_line(differences))
        file.append(encoded_row(row))
    finally:
        file.close()


def notes(path: Path) -> list[str]:
    """What a reader of the session in `path` should know about its interruptions."""
    lines = []
    try:
        rows: list[Resumption] = read_whole(path / RESUMED, Resumption)
    except StoreError as error:
        rows, lines = [], [str(error)]
    for row in rows[:MAX_LISTED]:
        despite = f", in spite of differences: {row.differences}" if row.differences else ""
        lines.append(f"resumed at {row.at_utc}, when {row.trials} trials were missing{despite}")
    lines += [f"resumed {len(rows) - MAX_LISTED} more times"] if len(rows) > MAX_LISTED else []
    torn = sorted(one_line(file.name, 80) for file in path.glob(f"*{TORN}*"))
    if torn:
        rest = f" and {len(torn) - MAX_LISTED} more" if len(torn) > MAX_LISTED else ""
        lines.append(f"incomplete rows were cut off; kept as {', '.join(torn[:MAX_LISTED])}{rest}")
    return lines


def cut_torn(file: Appender) -> None:
    """Cut off the last line, if it has no end, and keep it beside the file as `X.torn-<time>`. Raises OSError."""
    content = file.path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        keep(file.path, content[whole:])
        file.cut(whole)


def keep(path: Path, cut: bytes) -> None:
    """What will be cut off a file, in one of its own. Raises OSError."""
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    for number in range(100):
        try:
            kept = Appender(path.with_name(f"{path.name}{TORN}{stamp}" + (f"-{number}" if number else "")))
        except FileExistsError:
            continue
        try:
            kept.append(cut)
        finally:
            kept.close()
        return
    raise FileExistsError(17, f"too many files {path.name}{TORN}{stamp}")
