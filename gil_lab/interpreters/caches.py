"""Folders for bytecode caches that cannot be written beside their sources: a standard library may be read-only.

PYTHONPYCACHEPREFIX moves all caches of an interpreter, those of gil_lab too. They are found by the path of the source,
so gil_lab has to be imported by the same path each time: from a folder that stays, not from one that each child gets.
"""

import contextlib
import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from gil_lab.measuring.environment import PACKAGE
from gil_lab.model.variables import Settings


def elsewhere() -> Settings | None:
    """The environment that moves an interpreter's caches to the user's own cache folder; None if there can be none."""
    asked = os.environ.get("XDG_CACHE_HOME", "")
    try:
        root = (Path(asked) if Path(asked).is_absolute() else Path.home() / ".cache") / "gil-lab"
        caches = root / "bytecode"
        modules = root / "modules" / hashlib.sha256(os.fsencode(PACKAGE)).hexdigest()[:16]
        for folder in (root, caches, modules.parent, modules):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not _ours(folder):
                return None
        with contextlib.suppress(FileExistsError):
            (modules / "gil_lab").symlink_to(PACKAGE)
    except (OSError, RuntimeError):  # RuntimeError: nobody knows where home is
        return None
    _forget(caches)
    return (("PYTHONPYCACHEPREFIX", str(caches)), ("PYTHONPATH", str(modules)))


def _ours(folder: Path) -> bool:
    """Whoever can write bytecode there can run code here."""
    found = folder.lstat()
    return found.st_uid == os.getuid() and not found.st_mode & 0o022 and folder.is_dir() and not folder.is_symlink()


def _forget(caches: Path) -> None:
    """Remove what earlier children left: a user's file is imported from a folder that is another one in each trial."""
    for left in (caches / tempfile.gettempdir().lstrip(os.sep)).glob("gil-lab-*"):
        shutil.rmtree(left, ignore_errors=True)
