"""The reference sessions: one of each experiment, which come with the lab."""

from pathlib import Path

from gil_lab.model.errors import StoreError
from gil_lab.sessions.reader import newest

PACKAGE = Path(__file__).parent.parent
FOLDERS = (PACKAGE / "reference", PACKAGE.parent / "results" / "reference")
"""In a wheel, and in a checkout."""


def reference_folder() -> Path:
    """Where they are. Raises StoreError if this copy of the lab has none."""
    for folder in FOLDERS:
        if folder.is_dir():
            return folder
    raise StoreError("this copy of gil-lab came without its reference sessions; install its wheel or use a checkout")


def newest_or_reference(experiment: str, own: Path | str) -> Path:
    """The newest session of an experiment in a folder of results; its reference session if there is none.

    Raises StoreError if this copy of the lab has no reference sessions.
    """
    try:
        return newest(Path(own) / experiment)
    except StoreError:
        return newest(reference_folder() / experiment)
