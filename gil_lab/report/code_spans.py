"""Code in the sentences of the lab, which stands in backticks as in Markdown: questions, answers, claims."""

import html
import re

CODE = re.compile("`([^`]+)`")


def with_code(text: str) -> str:
    """As HTML, escaped."""
    return CODE.sub(r"<code>\1</code>", html.escape(text))


def without_backticks(text: str) -> str:
    """Where nothing can be marked up, as in the name of a control."""
    return CODE.sub(r"\1", text)
