"""The files that a page is made of, and the policy that admits them and nothing else."""

import base64
import hashlib
from collections.abc import Sequence
from importlib.resources import files


def text_of(file: str) -> str:
    """A template, script or style sheet of this folder."""
    return (files(__package__) / file).read_text(encoding="utf-8")


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
