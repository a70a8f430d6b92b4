"""What ends a session on its way tells what is kept and how to go on; a bug of the lab leaves its traceback behind."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from gil_lab.model.errors import GilLabError
from gil_lab.sessions.schema import CRASH
from gil_lab.sessions.writer import OpenFolder, append_text


@contextmanager
def crash_note(folder: OpenFolder) -> Iterator[None]:
    """Notes (PEP 678) on whatever is raised, but for our own errors, which say themselves what is kept."""
    try:
        with traceback_kept(folder.path):
            yield
    except GilLabError:
        raise
    except BaseException as error:
        error.add_note(f"kept {folder.kept_words} in {folder.path}; {folder.resume}")
        raise


@contextmanager
def traceback_kept(folder: Path) -> Iterator[None]:
    """The traceback of a bug is written into `crash.txt` of a session's folder, and noted where."""
    try:
        yield
    except GilLabError:
        raise
    except Exception as error:
        lines = "".join(traceback.format_exception(error))
        if append_text(folder / CRASH, f"--- {datetime.now(UTC).isoformat(timespec='seconds')}\n{lines}\n"):
            error.add_note(f"its traceback is in {folder / CRASH}")
        raise
