"""What a run created and what it removed, as the system saw it: the calls of all its processes, by strace."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

CREATING = ("open", "openat", "creat", "mkdir", "mkdirat", "mknod", "mknodat", "symlink", "symlinkat", "link", "linkat")
MOVING = ("rename", "renameat", "renameat2")
REMOVING = ("unlink", "unlinkat", "rmdir")
CALL = re.compile(r"^(\w+)\((.*)\) += 0?(?!-1)")
NAME = re.compile(r'(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"((?:[^"\\]|\\.)*)"')


def watched(log: Path, command: list[str]) -> list[str]:
    """The command under strace, which writes a file for each process beside `log`. It stops processes at these calls
    alone (--seccomp-bpf), which saves most of what it costs.
    """
    calls = ",".join(f"?{name}" for name in (*CREATING, *MOVING, *REMOVING))
    return [
        "strace",
        "--seccomp-bpf",
        "-qq",
        "-ff",
        "-y",
        "-s",
        "4096",
        "-e",
        f"trace={calls}",
        "-o",
        str(log),
        *command,
    ]


class Changes(NamedTuple):
    """The paths of all files and folders that calls succeeded with."""

    created: set[str]
    """Also where something was moved to."""
    moved: set[str]
    removed: set[str]


def changes(log: Path, cwd: Path) -> Changes:
    created, moved, removed = found = Changes(set(), set(), set())
    for name, arguments, paths in _calls(log, cwd):
        if name in REMOVING:
            removed.add(paths[0])
        elif name in MOVING:
            created.add(paths[-1])
            moved.add(paths[0])
        elif "O_CREAT" in arguments or not name.startswith("open"):
            created.add(paths[-1])
    return found


def _calls(log: Path, cwd: Path) -> Iterator[tuple[str, str, list[str]]]:
    for file in log.parent.glob(f"{log.name}.*"):
        for line in file.read_text(errors="replace").splitlines():
            if found := CALL.match(line):
                name, arguments = found.groups()
                yield name, arguments, [str(Path(base or cwd, path)) for base, path in NAME.findall(arguments)]
