"""The result of an examination: one line per subject."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """`remedy` is empty if there is nothing to fix."""

    about: str
    state: str
    remedy: str = ""
