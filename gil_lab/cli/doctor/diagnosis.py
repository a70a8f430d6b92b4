"""The result of an examination: one line per subject."""

from gil_lab.model.frozen import frozen


@frozen
class Diagnosis:
    """`remedy` is empty if there is nothing to fix."""

    about: str
    state: str
    remedy: str = ""
