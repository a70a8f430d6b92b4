"""The files that a page is made of, what its scripts say, and the policy that admits them and nothing else."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from gil_lab.model.language import ENGLISH, gettext, spoken
from gil_lab.report.extra import environment

if TYPE_CHECKING:
    import jinja2

MESSAGES = "messages.js"
"""Comes before the scripts that say something."""
SAID = re.compile(r'\bgettext\("([^"]+)"')
"""A message of a script."""


def text_of(file: str) -> str:
    """A template, script or style sheet of this folder."""
    return (files(__package__) / file).read_text(encoding="utf-8")


def templates() -> "jinja2.Environment":
    """Those of this folder, for whole pages, which extend `document.html` and give it a title and their content.

    `messages(scripts)` is what those scripts say, in a data block that `messages.js` reads.

    Raises ExtraError without the extra `report`.
    """
    made = environment()
    import jinja2  # which is there by now

    made.loader = jinja2.FunctionLoader(text_of)
    made.globals["messages"] = _messages
    return made


def _messages(scripts: Sequence[str]) -> str:
    """Empty in English, which stands in the scripts themselves."""
    from markupsafe import Markup

    if spoken() == ENGLISH:
        return ""
    said = {message: gettext(message) for script in scripts for message in SAID.findall(script)}
    return Markup(f'<script type="application/json" id="messages">{data_block(said)}</script>\n')  # noqa: S704 - escaped there


def data_block(value: Mapping[str, Any]) -> str:
    """JSON in which no sign is left that HTML might take for its own."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def policy(scripts: Sequence[str], style: str) -> str:
    """The content security policy of a page with these scripts and this style sheet."""
    run = " ".join(map(_source, scripts))
    return (
        f"default-src 'none'; script-src {run}; style-src {_source(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _source(text: str) -> str:
    """How a policy names one element by its content (CSP 3, 2.3.1)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
