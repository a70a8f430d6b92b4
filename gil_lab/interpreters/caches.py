"""Folders for bytecode caches that cannot be written beside their sources: a standard library may be read-only.

PYTHONPYCACHEPREFIX moves all caches of an interpreter, including those of gil_lab. They are found by the path of the
source, so gil_lab must be imported from the same path each time: from a permanent folder, not from each child's own.
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
    cache_home = os.environ.get("XDG_CACHE_HOME", "")
    try:
        root = (Path(cache_home) if Path(cache_home).is_absolute() else Path.home() / ".cache") / "gil-lab"
        caches = root / "bytecode"
        modules = root / "modules" / hashlib.sha256(os.fsencode(PACKAGE)).hexdigest()[:16]
        for folder in (root, caches, modules.parent, modules):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not _is_private(folder):
                return None
        with contextlib.suppress(FileExistsError):
            (modules / "gil_lab").symlink_to(PACKAGE)
    except (OSError, RuntimeError):  # RuntimeError: there is no home folder
        return None
    _remove_left_over(caches)
    return (("PYTHONPYCACHEPREFIX", str(caches)), ("PYTHONPATH", str(modules)))


def _is_private(folder: Path) -> bool:
    """Whether no one else can write there: whoever can write bytecode can run code."""
    status = folder.lstat()
    return status.st_uid == os.getuid() and not status.st_mode & 0o022 and folder.is_dir() and not folder.is_symlink()


def _remove_left_over(caches: Path) -> None:
    """Remove caches of earlier children: every trial imports a user's file from another folder."""
    for left in (caches / tempfile.gettempdir().lstrip(os.sep)).glob("gil-lab-*"):
        shutil.rmtree(left, ignore_errors=True)
