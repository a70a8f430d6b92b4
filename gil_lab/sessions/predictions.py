"""What people predicted before they saw the results of a session.

What was predicted before it was measured stands in session.json. `answers.csv` holds all
answers once they are compared with what was measured, those of the page as well; it holds no names.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from gil_lab.model.errors import StoreError
from gil_lab.model.frozen import frozen
from gil_lab.model.text import one_line
from gil_lab.sessions.bounded_reads import content
from gil_lab.sessions.csv_table import CsvTable, decoded
from gil_lab.sessions.files import write_whole

ANSWERS = "answers.csv"
ANSWER_FILES = "answers*.csv"
"""A browser saves a second file of that name as `answers (1).csv`: all of a folder are read."""
MOST_FILES, MOST_PEOPLE = 1000, 1000
"""That are read, and that choose one answer: more than a lecture hall has seats."""
MAX_CHARACTERS = 500
"""Of a question or an answer."""


@frozen
class Prediction:
    """What was chosen of the answers to a question, before anything was measured."""

    at_utc: str
    question: str
    answers: Mapping[str, int]
    """Every answer that there was, and how many people chose it."""


@frozen
class AnswerRow:
    """What one person answered, of `answers.csv`."""

    at_utc: str
    experiment: str
    question: str
    answer: str
    right_answer: str
    """As it was measured; empty if that cannot be said."""


def now_utc() -> str:
    """To the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def prediction_in(about: Mapping[str, object]) -> Prediction | None:
    """The one that a session was measured with, from its session.json; None if there is none that makes sense."""
    noted = about.get("prediction")
    if not isinstance(noted, dict) or not isinstance(answers := noted.get("answers"), dict):
        return None
    counts = {one_line(str(name), MAX_CHARACTERS): count for name, count in answers.items() if _is_count(count)}
    if not sum(counts.values()):
        return None
    at, question = (one_line(str(noted.get(name, "")), MAX_CHARACTERS) for name in ("at_utc", "question"))
    return Prediction(at, question, counts)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_PEOPLE


def rows_of(prediction: Prediction, experiment: str, right_answer: str) -> list[AnswerRow]:
    """A row for each person."""
    return [
        AnswerRow(prediction.at_utc, experiment, prediction.question, answer, right_answer)
        for answer, people in prediction.answers.items()
        for _ in range(people)
    ]


def read_answers(folder: Path, experiment: str, notes: list[str]) -> list[AnswerRow]:
    """Those of that experiment in all files of a session's folder; a file that is none is left out, with a note."""
    rows: list[AnswerRow] = []
    for file in sorted(folder.glob(ANSWER_FILES))[:MOST_FILES]:
        try:
            table = _table(file)
        except StoreError as error:
            notes.append(f"{error}; left out")
            continue
        rows += [row for row in table.rows if row.experiment == experiment]
        notes += table.notes
    return rows


def _table(file: Path) -> CsvTable:
    """What can be read of a file that people may have edited; empty if it is not there. Raises StoreError."""
    try:
        text = content(file).decode(errors="replace")
    except FileNotFoundError:
        return CsvTable([], [], 0)
    except OSError as error:
        raise StoreError(f"{one_line(file.name)} cannot be read ({error.strerror})") from error
    return decoded(text if text.endswith("\n") else f"{text}\n", AnswerRow, one_line(file.name))


def keep_answers(folder: Path, rows: Sequence[AnswerRow]) -> None:
    """Write them to `answers.csv`, in the place of what stood there of the same time and question.

    Raises StoreError if it cannot be written, or holds rows that cannot be read, which would be lost.
    """
    asked, table = {(row.at_utc, row.question) for row in rows}, _table(folder / ANSWERS)
    if table.unreadable:
        raise StoreError(f"{table.notes[-1]}; correct them in {folder / ANSWERS}, which is left as it is")
    others = [row for row in table.rows if (row.at_utc, row.question) not in asked]
    write_whole(folder / ANSWERS, [*others, *rows], AnswerRow)
