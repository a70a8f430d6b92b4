"""What an examination finds: one line a subject."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """`remedy` is empty where there is nothing to mend."""

    about: str
    found: str
    remedy: str = ""
