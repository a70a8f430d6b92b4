"""Claims for other programs and documents. Markdown is the story, sentence by sentence, and what was measured."""

import json
from collections.abc import Callable, Sequence

from gil_lab.analysis.claims import Checked
from gil_lab.model.text import one_line
from gil_lab.report.formats import as_csv as rows_as_csv
from gil_lab.report.formats import as_dicts, escaped, markdown_table
from gil_lab.report.tables.claims import counted, shortly

Chapters = Sequence[tuple[str, Sequence[Checked]]]
"""The title of a chapter with the claims of one experiment; several experiments may be of one chapter."""


def as_markdown(chapters: Chapters) -> str:
    """A table for each chapter, in GitHub's dialect."""
    titles = list(dict.fromkeys(title for title, _ in chapters))
    parts = []
    for title in titles:
        claims = [one for named, found in chapters if named == title for one in found]
        rows = [
            [one_line(one.sentence), one.judgement.outcome, one_line(shortly(one)), one.experiment] for one in claims
        ]
        table = markdown_table({title or "Further": False, "": False, "measured": False, "experiment": False}, rows)
        parts.append(table)
    every = [one for _, found in chapters for one in found]
    return "\n\n".join([*parts, f"{escaped(counted(every))}."]) + "\n"


def as_csv(chapters: Chapters) -> str:
    """One row a claim."""
    return rows_as_csv([one for _, found in chapters for one in found], Checked)


def as_json(chapters: Chapters) -> str:
    """One object a claim."""
    rows = as_dicts([one for _, found in chapters for one in found], Checked)
    return json.dumps(rows, indent=1, allow_nan=False) + "\n"


CLAIMS_FORMATS: dict[str, Callable[[Chapters], str]] = {"md": as_markdown, "csv": as_csv, "json": as_json}
