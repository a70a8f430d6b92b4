"""A pool in each task of a pool: as many workers as the product of the two."""

from collections.abc import Iterator

from gil_lab.model.chapters import Chapter
from gil_lab.model.exercise import Count, Ratio
from gil_lab.suite.exercises import Exercise, Program, right
from gil_lab.suite.exercises.calls import recorded_calls, work

GROUPS = [range(10 * group, 10 * group + 4) for group in range(4)]
CALLS = sum(map(len, GROUPS))
WORKERS, MOST_ATTEMPTS = 2, 3
CALL_S = 0.02
"""Of a call: so long that a second process has begun before one alone is done with all of them."""


def check(program: Program) -> Iterator[Count | Ratio]:
    for _ in range(MOST_ATTEMPTS):  # a second process may start too late for any work
        with recorded_calls(CALL_S) as calls:
            answers = program.call("run", work, GROUPS)
            found = (
                right(answers, [sum(calls.answers(group)) for group in GROUPS]),
                calls.in_other_processes(CALLS),
                Count("processes that do the work", calls.processes, WORKERS, WORKERS),
                Count("calls at a time", calls.most_in_flight, most=WORKERS),
            )
            if calls.processes > 1:
                break
    yield from found


EXERCISE = Exercise(
    chapter=Chapter.MODELS,
    question="Two workers were asked for; why are more of them at work, and each slower?",
    claim=f"{WORKERS} workers were asked for, and {WORKERS} processes do all the work",
    hint="Each task opens a pool of its own, while the outer pool's processes only wait for it. One level is enough: "
    "let a task of the outer pool do its whole group.",
    check=check,
)
