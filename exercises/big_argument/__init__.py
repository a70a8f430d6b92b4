"""A big argument that is sent with each task: pickling it takes longer than the task."""

import random
import secrets
from collections.abc import Iterator

from gil_lab.model.chapters import Chapter
from gil_lab.model.exercise import Count, Ratio
from gil_lab.suite.exercises import Exercise, Program, right
from gil_lab.suite.exercises.calls import entry, number_in, recorded_calls
from gil_lab.suite.exercises.messages import counted_messages

TABLE_BYTES, WORKERS, TASKS = 1_000_000, 2, 16


def check(program: Program) -> Iterator[Count | Ratio]:
    table = secrets.token_bytes(TABLE_BYTES)
    rows = random.sample(range(TABLE_BYTES // 4), TASKS)
    with recorded_calls() as calls, counted_messages() as sent:
        answers = program.call("run", entry, table, rows)
        yield right(answers, calls.answers([number_in(table, row) for row in rows]))
        yield calls.in_other_processes(TASKS)
        yield Count("bytes sent to workers", sent.sent_bytes, most=int((WORKERS + 0.5) * TABLE_BYTES))


EXERCISE = Exercise(
    chapter=Chapter.SHARING,
    question="Each task looks up one number in a table; why does that take milliseconds?",
    claim=f"A table of {TABLE_BYTES:,} bytes goes to each of {WORKERS} processes once at most",
    hint="functools.partial is pickled with all that it holds, for each task anew. A worker can keep what it is given "
    "when it starts (initializer, initargs), or find it in shared memory.",
    check=check,
)
