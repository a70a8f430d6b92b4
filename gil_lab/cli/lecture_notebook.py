"""The lecture's notebook as text: where it is, and in which order it shows experiments. Nothing of it is run."""

import re
from pathlib import Path

from gil_lab.model.errors import StoreError

PACKAGE = Path(__file__).parents[1]
FOLDERS = (PACKAGE / "lectures", PACKAGE.parent / "lectures")
"""In a wheel, and in a checkout."""
NOTEBOOK = "lecture.py"
MEASURED = re.compile(r'lecture\.measured\("([a-z-]+)"')
"""In the cell of an experiment."""


def lecture_file() -> Path:
    """Raises StoreError if this copy of the lab has none."""
    for folder in FOLDERS:
        if (folder / NOTEBOOK).is_file():
            return folder / NOTEBOOK
    raise StoreError("this copy of gil-lab came without its lecture; install its wheel or use a checkout")


def experiments_in_order() -> list[str]:
    """The names of all that it shows. Raises StoreError."""
    return MEASURED.findall(lecture_file().read_text(encoding="utf-8"))
