"""Strict parsing of options: `2.0`, `1_0` and digits of other scripts are rejected, though int() accepts some."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from gil_lab.model.chunks import WORDS
from gil_lab.model.errors import UsageError

INTEGER = re.compile(r"-?[0-9]{1,18}", re.ASCII)
SECONDS = re.compile(r"-?([0-9]{1,9}(\.[0-9]{0,9})?|\.[0-9]{1,9})", re.ASCII)

UNITS_S = {"s": 1, "m": 60, "h": 3600}


def whole(name: str, text: str | None) -> int | None:
    """A whole number in ASCII digits. Raises UsageError; the plan checks the range."""
    if text is None:
        return None
    if not INTEGER.fullmatch(text):
        raise UsageError(f"--{name} takes a whole number, not {text!a:.60}")
    return int(text)


def chunk(name: str, text: str | None) -> int | str | None:
    """A whole number, or one of the words that stand for one. Raises UsageError."""
    if text is None or text in WORDS:
        return text
    if not INTEGER.fullmatch(text):
        raise UsageError(f"--{name} takes a whole number, or {' or '.join(WORDS)}, not {text!a:.60}")
    return int(text)


def seconds(name: str, text: str | None) -> float | None:
    """Decimal seconds: `0.5`. Raises UsageError."""
    if text is None:
        return None
    if not SECONDS.fullmatch(text):
        raise UsageError(f"--{name} takes seconds like 0.5, not {text!a:.60}")
    return float(text)


def duration(name: str, text: str | None) -> float | None:
    """Seconds, from `90`, `90s`, `1.5m` or `1h`. Raises UsageError."""
    if text is None:
        return None
    number, unit = (text[:-1], UNITS_S[text[-1]]) if text[-1:] in UNITS_S else (text, 1)
    if not SECONDS.fullmatch(number):
        raise UsageError(f"--{name} takes a time like 60s or 2m, not {text!a:.60}")
    return float(number) * unit


def share(name: str, text: str | None) -> float | None:
    """A share from per cent: `5%` or `5` is 0.05. Raises UsageError."""
    if text is None:
        return None
    number = text.removesuffix("%").rstrip()
    if not SECONDS.fullmatch(number):
        raise UsageError(f"--{name} takes per cent like 5%, not {text!a:.60}")
    return float(number) / 100


def folder(name: str) -> Callable[[str | Path], Path]:
    """A parser of an option that names a folder: `Path` takes no name for the folder that the user is in."""

    def parsed(text: str | Path) -> Path:
        if not str(text):
            raise UsageError(f"--{name} takes a folder, and is empty; leave it out, or give . for the one you are in")
        return Path(text)

    return parsed


def several(name: str, texts: Sequence[str] | None) -> tuple[str, ...] | None:
    """The items of `a,b` and of repeated options, without duplicates. Raises UsageError for an empty item."""
    if not texts:
        return None
    items = [item.strip() for text in texts for item in text.split(",")]
    if not all(items):
        raise UsageError(f"--{name} has an empty item; write them like a,b")
    return tuple(dict.fromkeys(items))


def whole_numbers(name: str, texts: Sequence[str] | None) -> tuple[int, ...] | None:
    """`8,4` as numbers, without duplicates. Raises UsageError."""
    items = several(name, texts)
    if items is None:
        return None
    return tuple(dict.fromkeys(number for item in items if (number := whole(name, item)) is not None))
