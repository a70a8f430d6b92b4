"""`gil-lab lecture`."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from gil_lab.cli.parsing import folder

HIGHEST_PORT = 2**16 - 1
SHORT, SLIDES, PRINTED = "two-minutes.html", "slides.html", "slides.pdf"
RESULTS = Path("results")


def lecture(
    short: Annotated[bool, typer.Option("--short", help="The two-minute version: three pictures on a page.")] = False,
    slides: Annotated[bool, typer.Option("--slides", help="The whole as slides: a page and a PDF.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", parser=folder("out"), help="The folder for these files. [default: results]"),
    ] = None,
    port: Annotated[str | None, typer.Option(metavar="N", help="Where it listens. [default: any that is free]")] = None,
    language: Annotated[
        str | None, typer.Option(metavar="LANGUAGE", help="en or zh. [default: $GIL_LAB_LANGUAGE, or en]")
    ] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Open nothing.")] = False,
) -> None:
    """Give the lecture in a browser: questions to predict, then what was measured here, or else by reference."""
    from gil_lab.cli import lecture_server, parsing
    from gil_lab.model.errors import UsageError
    from gil_lab.model.language import VARIABLE, chosen_language

    spoken = chosen_language(language)
    if short and slides:
        raise UsageError("--short and --slides are two different things; give one of them")
    if short or slides:
        if port is not None:
            raise UsageError("--port is for the lecture itself; the files need no server")
        _write(RESULTS if out is None else out, whole=slides, language=spoken, open_page=not no_browser)
        return
    if out is not None:
        raise UsageError("--out is for the files of --short and --slides; give one of them")
    number = parsing.whole("port", port) or 0
    if not 0 <= number <= HIGHEST_PORT:
        raise UsageError(f"--port {number} is none; give one up to {HIGHEST_PORT}")
    os.environ[VARIABLE] = spoken  # for the notebook, which asks for it
    lecture_server.serve(number, open_page=not no_browser)


def _write(out: Path, *, whole: bool, language: str, open_page: bool) -> None:
    """The page; of the whole lecture also the PDF that a browser prints from it."""
    from gil_lab.cli.lecture_notebook import experiments_in_order
    from gil_lab.cli.lecture_slides import SHORT as SHORT_EXPERIMENT
    from gil_lab.cli.lecture_slides import two_minutes, whole_lecture
    from gil_lab.cli.report_files import say_which_font_is_lacking, write
    from gil_lab.experiment.session_to_show import session_to_show
    from gil_lab.model.chapters import TITLE
    from gil_lab.model.language import gettext, speaking
    from gil_lab.report.page.slides import slides_page
    from gil_lab.report.print_file import printed

    chosen = {
        each: session_to_show(each, RESULTS) for each in (experiments_in_order() if whole else [SHORT_EXPERIMENT])
    }
    for one in chosen.values():
        if one.passed_over:
            print(f"gil-lab: note: {one.passed_over}", file=sys.stderr)
    shown = {each: one.results for each, one in chosen.items()}
    with speaking(language):
        name, made = (SLIDES, whole_lecture(shown)) if whole else (SHORT, two_minutes(shown))
        content = slides_page(gettext(TITLE), made).encode()
        write([(name, content)], out, open_page=open_page)
        if not whole:
            return
        say_which_font_is_lacking()
        write([(PRINTED, printed(out / name))], out, open_page=False)


COMMAND = lecture
