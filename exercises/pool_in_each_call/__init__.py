"""A pool that is opened and closed in each call: its processes start anew each time."""

from collections.abc import Iterator

from gil_lab.model.chapters import Chapter
from gil_lab.model.exercise import Count, Ratio
from gil_lab.suite.exercises import Exercise, Program, right
from gil_lab.suite.exercises.calls import recorded_calls, work
from gil_lab.suite.exercises.messages import counted_messages

CALLS, NUMBERS = 5, 4
WORKERS = 2


def check(program: Program) -> Iterator[Count | Ratio]:
    batches = [range(NUMBERS * call, NUMBERS * (call + 1)) for call in range(CALLS)]
    with recorded_calls() as calls, counted_messages() as sent:
        run = program.function("run")
        answers = [run(work, batch) for batch in batches]
        yield right(answers, [calls.answers(batch) for batch in batches])
        yield calls.in_other_processes(CALLS * NUMBERS)
        yield Count(f"processes started for {CALLS} calls", sent.processes, most=WORKERS)


EXERCISE = Exercise(
    chapter=Chapter.SHARING,
    question="One call takes a moment, and a thousand calls take a thousand of them; what is done again each time?",
    claim=f"{CALLS} calls are served by the same processes, {WORKERS} at most",
    hint="Starting processes takes longer than the work. Who could keep the pool between two calls: a module, a "
    "function with functools.cache, the caller?",
    check=check,
)
