"""A session's folder that is opened again, so that what is missing can be measured.

What a crash left is cut off and kept beside the file, as `X.torn-<time>`: a last line without its end, and rows of a
trial of which trials.csv says nothing. Then rows are appended as if nothing had been.
"""

from collections.abc import Collection, Mapping
from pathlib import Path

from gil_lab.model.errors import StoreError
from gil_lab.sessions.append_only import Appender, sync_folder
from gil_lab.sessions.csv_table import columns, encoded, encoded_row
from gil_lab.sessions.deferred_signals import signals_deferred
from gil_lab.sessions.files import write_file
from gil_lab.sessions.locking import InUseError
from gil_lab.sessions.reader import read
from gil_lab.sessions.resume_log import cut_torn, keep, note
from gil_lab.sessions.schema import FILES, LAST
from gil_lab.sessions.writer import OpenFolder


class ReopenedFolder(OpenFolder):
    """One that was there."""

    def __init__(
        self, path: Path, final: Collection[int], versions: Mapping[str, str], missing: int, differences: str
    ) -> None:
        """`final` are the trials whose rows are kept, as the caller has read them; that so many are `missing`, and the
        `differences`, are noted.

        Raises StoreError if another process has the folder or has changed it since it was read, or if it cannot be
        written.
        """
        files: dict[str, Appender] = {}
        try:
            with signals_deferred():
                kept = self._open(path, final, files)
                note(path, missing, differences)
                sync_folder(path)
        except InUseError as error:
            _close(files)
            raise StoreError(f"{path / LAST} is {error.strerror}; wait for its end") from error
        except OSError as error:
            _close(files)
            message = f"{path} cannot be continued ({error.strerror}); fix that, or measure anew"
            raise StoreError(message) from error
        except BaseException:
            _close(files)
            raise
        super().__init__(path, files, versions, kept=kept)

    @staticmethod
    def _open(path: Path, final: Collection[int], files: dict[str, Appender]) -> int:
        """Returns the number of trials that are kept."""
        trials = files[LAST] = Appender(path / LAST, new=False)
        trials.lock()
        cut_torn(trials)
        session = read(path)
        if {row.trial for row in session.final} != set(final):
            raise StoreError(f"{path} has changed meanwhile; try again")
        trials.append("".join(map(encoded_row, session.cut_short)))
        for name in FILES:
            _check_header(path / name)
            if name != LAST:
                _cut_unfinished(path / name, final)
                files[name] = Appender(path / name, new=False)
        return len(session.trials)


def _close(files: Mapping[str, Appender]) -> None:
    for file in files.values():
        file.close()


def _check_header(path: Path) -> None:
    expected = encoded(columns(FILES[path.name]))
    with path.open("rb") as file:
        if file.readline() != expected.encode():
            raise StoreError(f"{path} has other columns than this gil-lab writes, and cannot be continued")


def _cut_unfinished(path: Path, final: Collection[int]) -> None:
    """Rows of trials that are not in trials.csv, wherever they stand, and a last line without its end."""
    good, cut = bytearray(), bytearray()
    known = {b"%d" % number for number in final}
    with path.open("rb") as file:
        good += file.readline()
        for line in file:
            if line.endswith(b"\n") and line[: line.find(b",")] in known:
                good += line
            else:
                cut += line
    if cut:
        keep(path, bytes(cut))
        write_file(path, bytes(good))
