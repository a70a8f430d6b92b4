"""How many tasks were handed over at a time, where a user had a say in it."""

from collections.abc import Mapping
from typing import Any

from gil_lab.model.chunks import AUTO, SHARE

IN_WORDS = {
    SHARE: "Each worker of a strategy with chunks was handed its whole share of the tasks at once (--chunk all).",
    AUTO: "Each strategy with chunks handed over as many tasks at a time as were predicted to be best (--chunk auto).",
}


def chunks(about: Mapping[str, Any]) -> str:
    """One line; empty if it was left to the APIs. `about` is what session.json tells, which can hold anything."""
    options = about.get("options")
    chunk = options.get("chunk") if isinstance(options, dict) else None
    if isinstance(chunk, str):
        return IN_WORDS.get(chunk, "")
    if not isinstance(chunk, int) or isinstance(chunk, bool) or not 0 < chunk < 10**9:
        return ""
    return f"Tasks were handed over {chunk} at a time by each strategy that has chunks (--chunk)."
