"""The summaries for other programs and documents: CSV, JSON, Markdown, HTML."""

import html
import json
from collections.abc import Callable, Sequence

from gil_lab.report.columns import by_workload, heading, legend, shown, texts, title
from gil_lab.stats import Summary
from gil_lab.table_file import columns, encoded, encoded_row, values


def as_dicts(summaries: Sequence[Summary]) -> list[dict[str, object]]:
    """One flat dictionary a cell, with the columns of summary.csv."""
    return [dict(zip(columns(Summary), values(summary), strict=True)) for summary in summaries]


def as_csv(summaries: Sequence[Summary]) -> str:
    return encoded(columns(Summary)) + "".join(map(encoded_row, summaries))


def as_json(summaries: Sequence[Summary]) -> str:
    return json.dumps(as_dicts(summaries), indent=1, allow_nan=False) + "\n"


def as_markdown(summaries: Sequence[Summary]) -> str:
    """A table for each workload, in GitHub's dialect."""
    parts = []
    for group in by_workload(summaries):
        chosen = shown(group)
        lines = [heading(column) for column in chosen], ["--:" if c.right else ":--" for c in chosen]
        rows = [map(_escaped, texts(summary, chosen)) for summary in group]
        body = "\n".join(f"| {' | '.join(line)} |" for line in (*lines, *rows))
        signs = "".join(f"\n{_escaped(sign)}\n" for sign in legend(group))
        parts.append(f"**{_escaped(title(group))}**\n\n{body}\n{signs}")
    return "\n".join(parts)


def _escaped(text: str) -> str:
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
