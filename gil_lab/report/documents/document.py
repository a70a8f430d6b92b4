"""A report that can be shown to a person and given to a program."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from gil_lab.model.frozen import frozen
from gil_lab.report.tables.as_data import as_csv, as_dicts, as_json
from gil_lab.report.tables.as_markdown import as_markdown
from gil_lab.report.tables.blocks import Block


@frozen
class Document:
    blocks: Callable[[], Iterable[Block]]
    rows: Sequence[Any]
    kind: type
    """The dataclass of the rows."""
    whole: Callable[[], object] | None = None
    """What JSON holds, if that is not only the rows."""


FORMATS: dict[str, Callable[[Document], str]] = {
    "csv": lambda document: as_csv(document.rows, document.kind),
    "json": lambda document: as_json(document.whole() if document.whole else as_dicts(document.rows, document.kind)),
    "md": lambda document: as_markdown(document.blocks()),
}
"""As text for other programs and documents; a terminal shows the blocks."""
