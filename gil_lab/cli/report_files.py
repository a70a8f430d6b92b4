"""`gil-lab report --format html|svg|png|trace|quiz`: reports that are files."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from gil_lab.cli import browser
from gil_lab.model.language import ENGLISH, speaking, spoken

if TYPE_CHECKING:
    from gil_lab.experiment.results import Results
    from gil_lab.report.drawing.picture import Picture

PAGE, QUIZ = "report.html", "quiz.html"
File = tuple[str, bytes]
"""Its name and content."""


def make(
    results: "Results",
    format_: str,
    chosen: Sequence[str] | None,
    out: Path,
    *,
    open_page: bool,
    language: str = ENGLISH,
) -> None:
    """Write the files of one format to the folder `out`, in that language, and print their paths.

    Raises UsageError for an unknown picture, StoreError if nothing can be written, and ExtraError, after showing the
    table, if the package for drawing is not installed.
    """
    from gil_lab.report.extra import ExtraError

    try:
        with speaking(language):
            files = list(FORMATS[format_](results, chosen, out))
    except ExtraError:
        from gil_lab.cli.outcome import show
        from gil_lab.cli.terminal.screen import Screen
        from gil_lab.experiment import claims_of

        show(Screen(), results, claims_of(results))
        raise
    write(files, out, open_page=open_page)


def make_quiz(root: Path, threshold: float | None, out: Path, *, open_page: bool, language: str = ENGLISH) -> None:
    """Write one page with the questions of every experiment that was measured in `root`, and print its path.

    Of each its newest session; `root` may be the folder of one experiment as well. Raises StoreError if there is none
    or nothing can be written, ExtraError as `make`.
    """
    from gil_lab.experiment import experiments
    from gil_lab.experiment.results import Results
    from gil_lab.model.errors import StoreError
    from gil_lab.report.page.quiz import Quiz
    from gil_lab.sessions.reader import newest

    found = [root / one.design.name for one in experiments() if (root / one.design.name).is_dir()]
    if not found:
        with suppress(StoreError):
            found = [newest(root)]  # in the folder of one experiment, or of one session
    if not found:
        raise StoreError(f"no experiment of the lab was measured in {root}; measure one: gil-lab run cpu-bound")
    with speaking(language):
        items = [item for folder in found for item in Results.read(folder, threshold).quiz_items()]
        content = Quiz(items).document().encode()
    write([(QUIZ, content)], out, open_page=open_page)


def write(files: Iterable[File], out: Path, *, open_page: bool) -> None:
    """To the folder `out`, and print their paths; open the first. Raises StoreError."""
    from gil_lab.model.errors import StoreError
    from gil_lab.sessions.files import write_file

    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{out} cannot be created ({error.strerror}); try another --out") from error
    first = None
    for name, content in files:
        write_file(out / name, content)
        print(out / name)
        first = first or out / name
    if open_page and first:
        browser.show(first.resolve().as_uri())


def say_which_font_is_lacking() -> None:
    """A note, if there is none for the language that is spoken."""
    from gil_lab.report import fonts

    if lacking := fonts.lacking():
        print(f"gil-lab: note: {lacking}", file=sys.stderr)


def _page(results: "Results", chosen: Sequence[str] | None, out: Path) -> Iterator[File]:
    from gil_lab.experiment import claims_of
    from gil_lab.report.drawing.picture import NARROW
    from gil_lab.report.page import page
    from gil_lab.report.page.replay import replay
    from gil_lab.suite.catalogue import names, variant

    undrawn: dict[str, str] = {}
    pictures = list(_pictures(results, None, undrawn))
    name = results.session.experiment
    own = variant("experiments", "EXPERIMENT", name) if name in names("experiments") else None
    asked = {"question": own.question, "first": own.picture} if own else {}
    narrow = [results.picture(picture.name, NARROW) for picture in pictures]
    text = page(
        results,
        pictures,
        narrow=narrow,
        replayed=replay(results),
        undrawn=undrawn,
        claims=claims_of(results),
        folder=out,
        **asked,
    )
    yield PAGE, text.encode()


def _svg(results: "Results", chosen: Sequence[str] | None, out: Path) -> Iterator[File]:
    from gil_lab.report.images import svg

    for picture in _with_notes(results, chosen):
        yield f"{picture.name}.svg", svg(picture).encode()


def _png(results: "Results", chosen: Sequence[str] | None, out: Path) -> Iterator[File]:
    from gil_lab.report.images import png

    say_which_font_is_lacking()
    for picture in _with_notes(results, chosen):
        yield f"{picture.name}.png", png(picture)


def _trace(results: "Results", chosen: Sequence[str] | None, out: Path) -> Iterator[File]:
    from gil_lab.report.trace_file import as_trace

    yield "trace.json", as_trace(results).encode()


def _quiz(results: "Results", chosen: Sequence[str] | None, out: Path) -> Iterator[File]:
    yield QUIZ, results.quiz(spoken()).document().encode()


FORMATS: dict[str, Callable[["Results", Sequence[str] | None, Path], Iterator[File]]] = {
    "html": _page,
    "svg": _svg,
    "png": _png,
    "trace": _trace,
    "quiz": _quiz,
}


def _with_notes(results: "Results", chosen: Sequence[str] | None) -> "Iterator[Picture]":
    """The pictures; if none was requested by name, print a note on those that cannot be drawn."""
    undrawn: dict[str, str] = {}
    yield from _pictures(results, chosen, undrawn)
    alike: dict[str, list[str]] = {}
    for name, reason in undrawn.items():
        alike.setdefault(reason, []).append(name)
    for reason, names in alike.items():
        print(f"gil-lab: note: no picture {', '.join(names)}: {reason}", file=sys.stderr)


def _pictures(results: "Results", chosen: Sequence[str] | None, undrawn: dict[str, str]) -> "Iterator[Picture]":
    """The chosen pictures, else all; for those of all that cannot be drawn, add the reason to `undrawn`."""
    from gil_lab.report import pictures
    from gil_lab.report.drawing.picture import NothingToDrawError
    from gil_lab.suite.catalogue import check_known

    for name in chosen or ():
        check_known("picture", name, pictures.names(), "gil-lab report --help")
    for name in chosen or pictures.names():
        try:
            yield results.picture(name)
        except NothingToDrawError as error:
            if chosen:
                raise
            undrawn[name] = error.said()
