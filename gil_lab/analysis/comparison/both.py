"""The same of A and of B."""

from typing import Generic, TypeVar

from gil_lab.model.frozen import frozen

Value = TypeVar("Value")


@frozen
class Both(Generic[Value]):
    """None where a session has no such cell, or the cell no such number."""

    a: Value | None
    b: Value | None
