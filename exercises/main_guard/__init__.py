"""A script without `if __name__ == "__main__"`: each process that it spawns imports it, and would spawn others."""

import random
from collections.abc import Iterator

from gil_lab.model.chapters import Chapter
from gil_lab.model.exercise import Count, Ratio
from gil_lab.suite.exercises import Exercise, Program, right
from gil_lab.suite.exercises.messages import counted_messages


def check(program: Program) -> Iterator[Count | Ratio]:
    limits = random.sample(range(1_000, 10_000), 3)  # few other numbers in a message are as large
    with counted_messages() as sent:
        printed = program.printed(*limits)
        expected = [primes(limit) for limit in limits]
        yield right(printed.split(), list(map(str, expected)))
        yield Count("processes that it started", sent.processes, least=1)
        if sent.own_targets and not sent.received:  # they may leave their answers in a file, or in shared memory
            return
        came = sent.values_received()
        back = sum(str(answer) in came for answer in expected)
        yield Count(f"answers that came from them, of {len(limits)}", back, len(limits), len(limits))


def primes(limit: int) -> int:
    return sum(all(number % divisor for divisor in range(2, int(number**0.5) + 1)) for number in range(2, limit))


EXERCISE = Exercise(
    chapter=Chapter.SHARING,
    question="It is a script of a few lines; why do its processes not even start?",
    claim="The script ends, and prints the right numbers, which its processes have worked out",
    hint="A process that is spawned imports the script, to find its functions. What happens on that import? What only "
    'the first process is to do belongs below: if __name__ == "__main__":',
    check=check,
    error="BrokenProcessPool|bootstrapping",
)
