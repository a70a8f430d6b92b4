"""What became of students' programs, in `exercises.csv` beside the results: a row for each check."""

from pathlib import Path

from gil_lab.model.errors import StoreError
from gil_lab.model.frozen import frozen
from gil_lab.sessions.files import read_whole, write_whole

FILE = "exercises.csv"
MOST_KEPT = 1000


@frozen
class ExerciseCheck:
    """One check of one file."""

    exercise: str
    file: str
    python: str
    outcome: str
    measured: str


def checks(results: Path) -> list[ExerciseCheck]:
    """Those that are kept in that folder of results; none if there are no results."""
    return read_whole(results / FILE, ExerciseCheck)


def keep(results: Path, check: ExerciseCheck) -> None:
    """Add it to them. Raises StoreError."""
    try:
        results.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{results} cannot be made ({error.strerror})") from error
    write_whole(results / FILE, [*checks(results), check][-MOST_KEPT:], ExerciseCheck)
