"""How an advice is measured and shown in a terminal."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gil_lab.advice.found import FoundAdvice
    from gil_lab.cli.terminal.screen import Screen
    from gil_lab.experiment.results import Results
    from gil_lab.sessions.run import PreparedSession


def measured_beside(screen: "Screen", prepared: "PreparedSession") -> "Results":
    """The results of a session, with its progress."""
    from gil_lab.cli.terminal.progress import BriefProgress, progress_for
    from gil_lab.experiment.results import Results
    from gil_lab.sessions.run import measured_session

    with progress_for(screen, prepared, BriefProgress) as watcher, measured_session(prepared, watcher) as folder:
        results = Results.read(folder)
        results.write()
        return results


def show(screen: "Screen", advice: "FoundAdvice", *, details: bool) -> None:
    """The advice, the code, and with `details` the table."""
    from textwrap import wrap

    from gil_lab.advice.text import lines, reasons, tried
    from gil_lab.cli.outcome import print_blocks
    from gil_lab.report.documents.session import tables

    screen.print()
    for line in lines(advice, min(screen.width, 80)):
        screen.print(line, soft_wrap=True)
    if advice.code and advice.untried:
        screen.print()
        screen.print(f"{tried(advice)}: it is not shown; see {advice.code.path.name}.", soft_wrap=True)
    elif advice.code:
        screen.print()
        for line in wrap(f"{tried(advice)}:", min(screen.width, 80)):
            screen.print(line)
        screen.print()
        screen.print(advice.code.text.rstrip(), soft_wrap=True)
    if details:
        screen.print()
        for line in reasons(advice):
            screen.print(line, soft_wrap=True)
        print_blocks(screen, tables(advice.results.rows, advice.results.across))
    for note in advice.results.session.notes:
        screen.print(f"Note: {note}")
    code = f"; the code: {advice.code.path.name}" if advice.code else ""
    screen.print(f"Files: {advice.results.folder}{code}", soft_wrap=True, style="dim")
