"""A blocking call in a coroutine: nothing else runs in its event loop until it returns."""

from collections.abc import Iterator

from gil_lab.model.chapters import Chapter
from gil_lab.model.exercise import Count, Ratio
from gil_lab.suite.exercises import Exercise, Program, right
from gil_lab.suite.exercises.pages import fetched, in_flight

PAGES = 4


def check(program: Program) -> Iterator[Count | Ratio]:
    texts, pages = fetched(PAGES, program.function("run"))
    yield right(texts, pages.texts)
    yield from in_flight(pages)


EXERCISE = Exercise(
    chapter=Chapter.WAITING,
    question="Four coroutines fetch a page each in one event loop; why does one wait for the other?",
    claim="All four pages are waited for at the same time",
    hint="A coroutine lets others run only where it awaits something. What does read() await, and who could wait for "
    "it instead of the event loop (asyncio.to_thread)?",
    check=check,
)
