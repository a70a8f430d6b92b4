"""Short tasks that are handed over one by one: each costs more than its work."""

from collections.abc import Iterator

from gil_lab.model.chapters import Chapter
from gil_lab.model.exercise import Count, Ratio
from gil_lab.suite.exercises import Exercise, Program, right
from gil_lab.suite.exercises.calls import recorded_calls, work
from gil_lab.suite.exercises.messages import counted_messages

NUMBERS = range(400)
MOST_MESSAGES, WORKERS = len(NUMBERS) // 10, 2
"""Chunks of ten tasks, or of more; to each worker goes another message, which ends it."""


def check(program: Program) -> Iterator[Count | Ratio]:
    with recorded_calls() as calls, counted_messages() as sent:
        yield right(program.call("run", work, NUMBERS), calls.answers(NUMBERS))
        yield calls.in_other_processes(len(NUMBERS))
        yield Count("messages that hand them over, and end the workers", sent.messages, most=MOST_MESSAGES + WORKERS)


EXERCISE = Exercise(
    chapter=Chapter.MODELS,
    question="The tasks take microseconds each, and two processes are slower than one; what takes so long?",
    claim=f"The {len(NUMBERS)} tasks go to other processes in {MOST_MESSAGES} messages at most",
    hint="Each message costs some 50 us, however little is in it. How many tasks does ProcessPoolExecutor.map put into "
    "one, by default, and which argument says so?",
    check=check,
)
