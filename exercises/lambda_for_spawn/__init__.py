"""A lambda for a pool of processes: pickle sends functions by their names, and a lambda has none."""

from collections.abc import Iterator

from gil_lab.model.chapters import Chapter
from gil_lab.model.exercise import Count, Ratio
from gil_lab.suite.exercises import Exercise, Program, right
from gil_lab.suite.exercises.calls import recorded_calls, work

NUMBERS = range(100, 108)


def check(program: Program) -> Iterator[Count | Ratio]:
    with recorded_calls() as calls:
        answers = program.call("run", work, NUMBERS)
        yield right(answers, [answer + 1 for answer in calls.answers(NUMBERS)])
        yield calls.in_other_processes(len(NUMBERS))


EXERCISE = Exercise(
    chapter=Chapter.SHARING,
    question="A lambda works in threads; why not in processes?",
    claim="Each call is made in another process, and each answer comes back",
    hint="pickle sends a function as the name of its module and its own name, and the other process imports that. Give "
    "the pool a function that has a name at module level; functools.partial can bind what else it needs.",
    check=check,
    error="(?i)pickle|lambda",
)
