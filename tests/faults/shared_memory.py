"""What ended processes have left in /dev/shm. Others use it too: only names by the pools' libraries are looked at."""

import os
import re
from pathlib import Path

FOLDER = Path("/dev/shm")
WITH_PID = re.compile(r"(?:(?:sem\.)?loky|pym)-(\d+)-.*|joblib_memmapping_folder_(\d+)_.*", re.DOTALL)
"""Made by loky, multiprocessing's Array and joblib: the pid is that of the process that made it."""
WITHOUT_PID = re.compile(r"(?:sem\.mp-|psm_).*", re.DOTALL)
"""Made by multiprocessing: it belongs to the processes that have mapped it."""
CLOCK_LAG_S = 0.1
"""File systems take the time from a clock that moves with the timer interrupt."""


def abandoned(since_s: float) -> set[tuple[str, int]]:
    """Name and inode of what was made since then, and belongs to no running process."""
    found = set()
    with os.scandir(FOLDER) as entries:
        for entry in entries:
            try:
                status = entry.stat(follow_symlinks=False)
            except OSError:  # removed meanwhile
                continue
            if status.st_ctime >= since_s - CLOCK_LAG_S and _has_no_process(entry.name):
                found.add((entry.name, status.st_ino))
    return found


def _has_no_process(name: str) -> bool:
    if match := WITH_PID.fullmatch(name):
        return not Path("/proc", match[1] or match[2]).exists()
    return bool(WITHOUT_PID.fullmatch(name)) and not _is_mapped(f"{FOLDER}/{name}")


def _is_mapped(path: str) -> bool:
    for maps in Path("/proc").glob("[0-9]*/maps"):
        try:
            if path in maps.read_text(errors="replace"):
                return True
        except OSError:
            continue
    return False
