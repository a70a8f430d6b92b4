"""`gil-lab report`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gil_lab.cli.parsing import folder
from gil_lab.report.pictures import files

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gil_lab.experiment.results import Results
    from gil_lab.report.documents.document import Document

PRINTED = ("table", "csv", "json", "md")
FILES = ("html", "svg", "png", "trace", "quiz")
FORMATS = (*PRINTED, *FILES)
SPOKEN = ("html", "quiz", "svg", "png")
"""In the language that is chosen."""


def report(
    session: Annotated[
        str, typer.Argument(metavar="[SESSION|EXPERIMENT]", help="A folder, or an experiment, for its newest session.")
    ] = "",
    beside: Annotated[
        str, typer.Argument(metavar="[SESSION|EXPERIMENT]", help="A second one, to compare with the first.")
    ] = "",
    format_: Annotated[
        str, typer.Option("--format", metavar="|".join(FORMATS), help="Output format; the last five are files.")
    ] = "table",
    timeline: Annotated[
        list[str] | None, typer.Option(metavar="NAME[,...]|all", help="Which worker ran which task when, as text.")
    ] = None,
    picture: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME[,...]", help=f"Only these (svg unless png is chosen): {', '.join(files())}."),
    ] = None,
    threshold: Annotated[
        str | None,
        typer.Option(metavar="PERCENT", help="Smaller differences do not matter. [default: the session's, or 2%]"),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", parser=folder("out"), help="The folder for files. [default: that of the session]"),
    ] = None,
    open_: Annotated[bool, typer.Option("--open", help="Open the page in a browser; implies --format html.")] = False,
    language: Annotated[
        str | None,
        typer.Option(metavar="LANGUAGE", help="Of page, quiz, pictures: en or zh. [default: $GIL_LAB_LANGUAGE, or en]"),
    ] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Also of many cells a map, and a sentence for each.")
    ] = False,
    all_: Annotated[
        bool, typer.Option("--all", help="One line for each session in the folder; of a quiz, all questions.")
    ] = False,
) -> None:
    """Report on a session, by default the newest, or compare two; write summary.csv and core_use.csv."""
    from gil_lab.cli import parsing, report_files
    from gil_lab.cli.outcome import show_lanes
    from gil_lab.experiment.results import Results
    from gil_lab.model.errors import UsageError
    from gil_lab.model.language import ENGLISH, chosen_language
    from gil_lab.suite.catalogue import check_known

    check_known("format", format_, FORMATS)
    pictures, lanes = parsing.several("picture", picture), parsing.several("timeline", timeline)
    format_ = _implied(format_, pictures, open_=open_)
    if (beside or (all_ and format_ != "quiz")) and format_ not in PRINTED:
        raise UsageError(f"--format {format_} is for one session; for two or all use {', '.join(PRINTED)}")
    if language is not None and format_ not in SPOKEN:
        raise UsageError(f"--language is for --format {', '.join(SPOKEN)}; all else is English")
    spoken = chosen_language(language) if format_ in SPOKEN else ENGLISH
    least = parsing.share("threshold", threshold)
    if all_ and format_ == "quiz":
        root = folder_of(session)
        report_files.make_quiz(root, least, out or root, open_page=open_, language=spoken)
        return
    if all_:
        _show_all(folder_of(session), format_, least)
        return
    results = Results.read(folder_of(session), least)
    if beside:
        _show_both(results, Results.read(folder_of(beside), least), format_)
        return
    results.check_tables()
    if out is None:
        _write_derived(results)
    if format_ in FILES:
        report_files.make(results, format_, pictures, out or results.folder, open_page=open_, language=spoken)
        _note(results.session.notes if format_ != "html" else ())  # the page has them
    elif lanes:
        show_lanes(results, lanes)
    else:
        _show_one(results, format_, verbose=verbose)


def _implied(format_: str, pictures: tuple[str, ...] | None, *, open_: bool) -> str:
    """The format, if none is given, by what else is. Raises UsageError."""
    from gil_lab.model.errors import UsageError

    if format_ == "table":
        format_ = "html" if open_ else "svg" if pictures else format_
    if pictures and format_ not in ("svg", "png"):
        raise UsageError(f"--picture is for --format svg or --format png, not {format_}")
    return format_


def folder_of(session: str) -> Path:
    """The path, if it exists, else the experiment of that name in ./results; without a name, ./results itself."""
    from gil_lab.model.errors import StoreError
    from gil_lab.suite.catalogue import check_known, names

    if not session:
        return Path("results")
    if Path(session).exists() or "/" in session:
        return Path(session)
    known = sorted(folder.name for folder in Path("results").glob("*") if folder.is_dir())
    if not known or (session in names("experiments") and session not in known):
        measured = session if session in names("experiments") else "cpu-bound"
        raise StoreError(f"no session of {session!a:.60} in results; measure one: gil-lab run {measured}")
    check_known("session or experiment", session, known, "gil-lab report --all")
    return Path("results") / session


def _write_derived(results: "Results") -> None:
    """Write the derived files, which can be written again at any time; for a read-only folder, print a note."""
    from gil_lab.model.errors import StoreError

    try:
        results.write()
    except StoreError as error:
        print(f"gil-lab: note: {error}", file=sys.stderr)


def _show_one(results: "Results", format_: str, *, verbose: bool) -> None:
    from gil_lab.cli.outcome import show
    from gil_lab.cli.predicting import predicted, show_prediction
    from gil_lab.cli.terminal.screen import Screen, write
    from gil_lab.experiment import claims_of
    from gil_lab.report.documents.document import FORMATS as WRITTEN
    from gil_lab.report.documents.session import session_document

    if format_ in WRITTEN:
        write(WRITTEN[format_](session_document(results, predicted(results))))
    else:
        screen = Screen()
        show_prediction(screen, results)
        show(screen, results, claims_of(results), verbose=verbose)


def _show_both(first: "Results", second: "Results", format_: str) -> None:
    from gil_lab.analysis.comparison import compare
    from gil_lab.report.documents.comparison import comparison_document

    _show_document(comparison_document(compare(first, second)), format_)


def _show_all(root: Path, format_: str, threshold: float | None) -> None:
    from gil_lab.analysis.history import history
    from gil_lab.cli.terminal.screen import Screen
    from gil_lab.report.documents.history import history_document

    sessions = history(root, threshold)
    _show_document(history_document(sessions, ascii_only=Screen().options.ascii_only), format_)
    _note(sessions.notes if format_ != "table" else ())


def _note(notes: "Iterable[str]") -> None:
    for note in notes:
        print(f"gil-lab: note: {note}", file=sys.stderr)


def _show_document(document: "Document", format_: str) -> None:
    from gil_lab.cli.outcome import print_blocks
    from gil_lab.cli.terminal.screen import Screen, write
    from gil_lab.report.documents.document import FORMATS as WRITTEN

    if format_ in WRITTEN:
        write(WRITTEN[format_](document))
    else:
        print_blocks(Screen(), document.blocks())


COMMAND = report
