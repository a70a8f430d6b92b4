"""Control groups made for one test, version 1 or 2, and namespaces: their limits and losses hold only inside."""

import contextlib
import ctypes
import os
import shlex
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from faults.rig import eventually

CLONE_NEWNET = 0x40000000
"""unshare(2)."""
ROOT = Path("/sys/fs/cgroup")
NAMES = {
    "cpu": {"cpu.cfs_quota_us": "{}", "cpu.max": "{} 100000"},
    "pids": {"pids.max": "{}"},
    "memory": {"memory.limit_in_bytes": "{}", "memory.max": "{}"},
}
"""The files of either version that hold the limit of a controller, and how it is written."""


@contextlib.contextmanager
def group(controller: str, limit: int) -> Iterator[Path]:
    """A control group of that limit: microseconds in 100 000, processes, bytes. Skips the test if there can be none."""
    above = ROOT / controller if (ROOT / controller).is_dir() else ROOT
    folder = above / f"gil-lab-test-{os.getpid()}"
    try:
        folder.mkdir()
    except OSError as error:
        pytest.skip(f"no control group can be made ({error.strerror})")
    try:
        with contextlib.suppress(OSError):  # version 2 may need it
            (above / "cgroup.subtree_control").write_text(f"+{controller}")
        files = {name: form for name, form in NAMES[controller].items() if (folder / name).exists()}
        if not files:
            pytest.skip(f"no control group limits {controller} here")
        for name, form in files.items():
            (folder / name).write_text(form.format(limit))
        yield folder
    finally:
        assert eventually(lambda: not (folder / "cgroup.procs").read_text())
        folder.rmdir()


def inside(folder: Path, command: list[str]) -> list[str]:
    """The command, as a member of that group from its beginning."""
    return ["sh", "-c", 'echo $$ > "$0" && exec "$@"', str(folder / "cgroup.procs"), *command]


def member(folder: Path) -> Callable[[], object]:
    """Makes the process that calls it a member: for `Rig.forked(before=...)`."""
    return lambda: (folder / "cgroup.procs").write_text(str(os.getpid()))


def run_by_shell(script: str) -> Callable[[], object]:
    """What comes `before` a forked run (`Rig.forked`): commands in its namespace of mounts, which is its own."""
    return lambda: subprocess.run(["sh", "-ec", script], check=True)


def without_network(script: str) -> Callable[[], None]:
    """The same in a namespace of the network of its own, in which there is nothing yet."""

    def before() -> None:
        if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "unshare")
        run_by_shell(script)()

    return before


def unshared(what: str, before: str, command: list[str]) -> list[str]:
    """The command in a namespace of its own (`--mount`, `--net`) in which `before` has been run by a shell."""
    return ["unshare", what, "sh", "-c", f"set -e; {before}\nexec {shlex.join(command)}"]
