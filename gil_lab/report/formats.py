"""The summaries for other programs and documents: CSV, JSON, Markdown, HTML."""

import html
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from gil_lab.report.columns import by_workload, heading, legend, shown, texts, title
from gil_lab.stats import Summary
from gil_lab.table_file import columns, encoded, encoded_row, values


def as_dicts(rows: Sequence[Any], kind: type = Summary) -> list[dict[str, object]]:
    """One flat dictionary a row of the dataclass `kind`; of summaries, with the columns of summary.csv."""
    return [dict(zip(columns(kind), values(row), strict=True)) for row in rows]


def as_csv(rows: Sequence[Any], kind: type = Summary) -> str:
    return encoded(columns(kind)) + "".join(map(encoded_row, rows))


def as_json(summaries: Sequence[Summary]) -> str:
    return json.dumps(as_dicts(summaries), indent=1, allow_nan=False) + "\n"


def as_markdown(summaries: Sequence[Summary]) -> str:
    """A table for each workload, in GitHub's dialect."""
    parts = []
    for group in by_workload(summaries):
        chosen = shown(group)
        rows = [texts(summary, chosen) for summary in group]
        table = markdown_table({heading(column): column.right for column in chosen}, rows)
        signs = "".join(f"\n{escaped(sign)}\n" for sign in legend(group))
        parts.append(f"**{escaped(title(group))}**\n\n{table}\n{signs}")
    return "\n".join(parts)


def markdown_table(headings: Mapping[str, bool], rows: Iterable[Iterable[str]]) -> str:
    """In GitHub's dialect, every text escaped; `headings` tells of each column whether it stands on the right."""
    lines = [headings, ["--:" if right else ":--" for right in headings.values()], *(map(escaped, row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def escaped(text: str) -> str:
    """Harmless in Markdown, also within a table."""
    return html.escape(text, quote=False).replace("|", "\\|").replace("~", "\\~").replace("*", "\\*")


def as_html(summaries: Sequence[Summary]) -> str:
    """Tables for a notebook, every text escaped."""
    parts = []
    for group in by_workload(summaries):
        chosen = shown(group)
        head = "".join(f"<th>{html.escape(heading(column))}</th>" for column in chosen)
        body = "".join(
            f"<tr>{''.join(f'<td>{html.escape(text)}</td>' for text in texts(summary, chosen))}</tr>"
            for summary in group
        )
        caption = f"<caption>{html.escape(title(group))}</caption>"
        parts.append(f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")
        parts += [f"<p>{html.escape(sign)}</p>" for sign in legend(group)]
    return "\n".join(parts)


FORMATS: dict[str, Callable[[Sequence[Summary]], str]] = {"csv": as_csv, "json": as_json, "md": as_markdown}
