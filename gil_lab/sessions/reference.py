"""The reference sessions: one of each experiment, which come with the lab."""

from pathlib import Path

from gil_lab.model.errors import StoreError

PACKAGE = Path(__file__).parent.parent
FOLDERS = (PACKAGE / "reference", PACKAGE.parent / "results" / "reference")
"""In a wheel, and in a checkout."""


def reference_folder() -> Path:
    """Where they are. Raises StoreError if this copy of the lab has none."""
    for folder in FOLDERS:
        if folder.is_dir():
            return folder
    raise StoreError("this copy of gil-lab came without its reference sessions; install its wheel or use a checkout")
