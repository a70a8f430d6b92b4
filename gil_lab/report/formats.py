"""The summaries for other programs and documents: CSV, JSON, Markdown, HTML."""

import html
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from gil_lab.analysis.across_interpreters import Across
from gil_lab.analysis.observations import Observed
from gil_lab.analysis.summaries import Summary
from gil_lab.report.tables.matrix import matrices
from gil_lab.report.tables.results import heading, legend, shown, texts, title
from gil_lab.report.text import observations as observed_words
from gil_lab.report.text.interpreters import sentences
from gil_lab.sessions.csv_table import columns, encoded, encoded_row, values


def as_dicts(rows: Sequence[Any], kind: type = Summary) -> list[dict[str, object]]:
    """One flat dictionary a row of the dataclass `kind`; of summaries, with the columns of summary.csv."""
    return [dict(zip(columns(kind), values(row), strict=True)) for row in rows]


def as_csv(rows: Sequence[Any], kind: type = Summary) -> str:
    return encoded(columns(kind)) + "".join(map(encoded_row, rows))


def as_json(summaries: Sequence[Summary]) -> str:
    return json.dumps(as_dicts(summaries), indent=1, allow_nan=False) + "\n"


def as_markdown(summaries: Sequence[Summary], across: Sequence[Across] = (), observed: Sequence[Observed] = ()) -> str:
    """For each workload the matrix, if there are several interpreters, and the table; the rest. In GitHub's dialect."""
    parts = []
    for group, matrix in matrices(summaries, across):
        chosen = shown(group)
        rows = [texts(summary, chosen) for summary in group]
        parts.append(f"**{escaped(title(group))}**\n")
        if matrix:
            headings = {matrix.what: False, **dict.fromkeys(matrix.pythons, True)}
            parts.append(markdown_table(headings, matrix.fields()))
            parts += [*_paragraphs([*matrix.signs(), *matrix.reasons()]), ""]
        parts.append(markdown_table({heading(column): column.right for column in chosen}, rows))
        parts += [*_paragraphs(legend(group)), ""]
    if told := sentences(across):
        parts += [*(f"- {escaped(name)}: {escaped(sentence)}" for name, sentence in told), ""]
    if beside := observed_words.lines(observed):
        parts += [
            f"**{observed_words.HEADING}**\n",
            *(f"- {escaped(name)}: {escaped(one)}" for name, one in beside),
            "",
        ]
    return "\n".join(parts)


def _paragraphs(lines: Iterable[str]) -> list[str]:
    return [f"\n{escaped(line)}" for line in lines]


def markdown_table(headings: Mapping[str, bool], rows: Iterable[Iterable[str]]) -> str:
    """In GitHub's dialect, every text escaped; `headings` tells of each column whether it stands on the right."""
    lines = [
        map(escaped, headings),
        ["--:" if right else ":--" for right in headings.values()],
        *(map(escaped, row) for row in rows),
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def escaped(text: str) -> str:
    """Harmless in Markdown, also within a table: a backslash before a bar would take away the one that we put there."""
    plain = html.escape(text, quote=False).replace("\\", "&#92;")
    return re.sub(r"[|~*]", r"\\\g<0>", plain)


def as_html(summaries: Sequence[Summary], across: Sequence[Across] = (), observed: Sequence[Observed] = ()) -> str:
    """Tables for a notebook, every text escaped: the matrix, if there are several interpreters, the cells, the rest."""
    parts = []
    for group, matrix in matrices(summaries, across):
        if matrix:
            parts.append(_table_as_html(matrix.what, ["", *matrix.pythons], matrix.fields()))
            parts += [f"<p>{html.escape(line)}</p>" for line in (*matrix.signs(), *matrix.reasons())]
        chosen = shown(group)
        rows = [texts(summary, chosen) for summary in group]
        parts.append(_table_as_html(title(group), list(map(heading, chosen)), rows))
        parts += [f"<p>{html.escape(sign)}</p>" for sign in legend(group)]
    parts += [f"<p>{html.escape(f'{name}: {sentence}')}</p>" for name, sentence in sentences(across)]
    if told := observed_words.lines(observed):
        parts.append(_table_as_html(observed_words.HEADING, ["", "observed"], told))
    return "\n".join(parts)


def _table_as_html(caption: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{html.escape(text)}</th>" for text in headings)
    body = "".join(f"<tr>{''.join(f'<td>{html.escape(text)}</td>' for text in row)}</tr>" for row in rows)
    told = f"<caption>{html.escape(caption)}</caption>"
    return f"<table>{told}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


class Source(Protocol):
    """What is written; `gil_lab.analysis.results.SessionResults` is one."""

    @property
    def rows(self) -> Sequence[Summary]: ...

    @property
    def across(self) -> Sequence[Across]: ...

    @property
    def observed(self) -> Sequence[Observed]: ...


FORMATS: dict[str, Callable[[Source], str]] = {
    "csv": lambda source: as_csv(source.rows),
    "json": lambda source: as_json(source.rows),
    "md": lambda source: as_markdown(source.rows, source.across, source.observed),
}
