"""How many tasks were handed over at a time, where a user had a say in it."""

from collections.abc import Mapping
from typing import Any


def chunks(about: Mapping[str, Any]) -> str:
    """One line; empty if it was left to the APIs. `about` is what session.json tells, which can hold anything."""
    options = about.get("options")
    chunk = options.get("chunk") if isinstance(options, dict) else None
    if not isinstance(chunk, int) or isinstance(chunk, bool) or not 0 < chunk < 10**9:
        return ""
    return f"Tasks were handed over {chunk} at a time by each strategy that has chunks (--chunk)."
