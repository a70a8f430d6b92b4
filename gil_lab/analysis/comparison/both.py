"""The same of A and of B."""

from dataclasses import dataclass
from typing import Generic, TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True)
class Both(Generic[Value]):
    """None where a session has no such cell, or the cell no such number."""

    a: Value | None
    b: Value | None
