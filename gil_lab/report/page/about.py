"""What session.json tells of machine, interpreters and options, whatever it holds: the file can be edited.

Its keys are shown as they are: a second list of them would have to agree with those who write them.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from gil_lab.model.language import gettext
from gil_lab.model.text import MAX_LINE_CHARACTERS, one_line

MAX_FACTS = 40
"""Of anything in a list: a session of gil-lab's own has less."""
DEEPEST = 4

Pairs = list[tuple[str, str]]


def plain(value: object, longest: int = MAX_LINE_CHARACTERS) -> str:
    """As one line of at most `longest` characters, without signs that are not seen or that turn the text around."""
    return one_line(str(value)[: longest + 1], longest) if isinstance(value, str | int | float) else ""


def settings(about: Mapping[str, Any]) -> list[tuple[str, Pairs]]:
    """Sections of labels and values; what is empty is left out."""
    interpreters = about.get("interpreters")
    found = [
        (gettext("Machine"), _pairs(about.get("machine"))),
        *(
            (f"Python {plain(label, 40)}", _pairs(facts))
            for label, facts in islice(interpreters.items() if isinstance(interpreters, dict) else (), MAX_FACTS)
        ),
        (gettext("Options"), _pairs(about.get("options"))),
    ]
    return [(heading, pairs) for heading, pairs in found if pairs]


def _pairs(value: object) -> Pairs:
    if not isinstance(value, dict):
        return []
    return [_pair(key, item) for key, item in islice(value.items(), MAX_FACTS) if _has_value(item)]


def _has_value(value: object) -> bool:
    return value is not None and value not in ("", [], {})


def _pair(key: str, value: object) -> tuple[str, str]:
    label = plain(key, 40).replace("_", " ")
    if label.endswith(" bytes") and isinstance(value, int) and abs(value) < 2**63:
        return label.removesuffix(" bytes"), f"{value / 2**30:.1f} GiB"
    if label.endswith(" s"):
        return label.removesuffix(" s"), f"{_value(value)} s"
    return label, _value(value)


def _value(value: object, depth: int = 0) -> str:
    if depth > DEEPEST:
        return "..."
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return ", ".join(_some(value, depth))
    if isinstance(value, dict):  # a package and its version, say
        return " ".join(_some(list(value.values()), depth))
    return plain(value)


def _some(values: list[object], depth: int) -> Iterator[str]:
    yield from (_value(one, depth + 1) for one in values[:MAX_FACTS] if _has_value(one))
    if len(values) > MAX_FACTS:
        yield "..."
