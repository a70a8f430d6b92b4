"""The summaries of cells as people and programs get to see them."""

from types import SimpleNamespace

from rich.console import Console

from gil_lab.report.documents.document import FORMATS
from gil_lab.report.documents.session import session_document, summary
from gil_lab.report.tables import as_html as html
from gil_lab.report.tables.as_rich import as_rich


def printed(blocks, width=80):
    """In a terminal of this width."""
    console = Console(width=width, markup=False, emoji=False, highlight=False, color_system=None)
    with console.capture() as captured:
        for part in as_rich(blocks):
            console.print(part)
    return captured.get()


def _document(rows, across=(), observed=()):
    return session_document(SimpleNamespace(rows=rows, across=across, observed=observed, scalings=(), calibrations=()))


def as_csv(rows):
    return FORMATS["csv"](_document(rows))


def as_json(rows):
    return FORMATS["json"](_document(rows))


def as_markdown(rows, across=(), observed=()):
    return FORMATS["md"](_document(rows, across, observed))


def as_html(rows, across=(), observed=()):
    """In a notebook."""
    return html.as_html(summary(rows, across, observed))
