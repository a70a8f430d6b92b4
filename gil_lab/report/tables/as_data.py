"""The rows behind a report, for other programs: CSV and JSON."""

import json
from collections.abc import Sequence
from typing import Any

from gil_lab.sessions.csv_table import columns, encoded, encoded_row, values


def as_dicts(rows: Sequence[Any], kind: type) -> list[dict[str, object]]:
    """One flat dictionary a row of the dataclass `kind`."""
    return [dict(zip(columns(kind), values(row), strict=True)) for row in rows]


def as_csv(rows: Sequence[Any], kind: type) -> str:
    return encoded(columns(kind)) + "".join(map(encoded_row, rows))


def as_json(value: object) -> str:
    return json.dumps(value, indent=1, allow_nan=False) + "\n"
