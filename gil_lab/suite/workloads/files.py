"""Files: write a file, wait until it is on disk, read it back. I/O-bound work on a shared device.

What to watch: unlike `sleep`, all tasks wait for one disk, so more workers help only as far as it can do several things
at once. Where the temporary folder is in memory (tmpfs) there is nothing to wait for, and the work is CPU-bound: choose
another one with TMPDIR.
"""

import asyncio
import os
import secrets
import shutil
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gil_lab.suite.answers import differing
from gil_lab.suite.compilers.cython_source import MOSTLY_WAITS
from gil_lab.suite.workloads import Workload


def path(folder: int, number: int) -> Path:
    """The path of the task's file. Numbers have a fixed width, so that compiled code can write them over zeros."""
    return Path(tempfile.gettempdir(), f"gil-lab-files-{folder:019}", f"{number:010}")


@contextmanager
def inputs(tasks: int, size: int) -> Iterator[list[tuple[int, int, int]]]:
    """Create a private folder. The folder's number, the task's number, and how many KiB to write."""
    folder = secrets.randbits(63)
    path(folder, 0).parent.mkdir(mode=0o700)
    try:
        yield [(folder, number, size) for number in range(tasks)]
    finally:
        shutil.rmtree(path(folder, 0).parent)


def content(number: int, size: int) -> bytes:
    """What the task writes: its number as 8 bytes, over and over."""
    return number.to_bytes(8, "little") * (size * 128)


def write_and_read(job: tuple[int, int, int]) -> int:
    """Adler-32 of what was read back."""
    folder, number, size = job
    name = path(folder, number)
    with name.open("w+b", buffering=0) as file:
        file.write(content(number, size))
        os.fsync(file.fileno())
        file.seek(0)
        answer = zlib.adler32(file.read())
    name.unlink()
    return answer


async def write_and_read_async(job: tuple[int, int, int]) -> int:
    """The same in a thread: there is no asynchronous file I/O, since to an event loop a file is always "ready".

    Libraries for it do the same internally. `to_thread` has cores + 4 threads, at most 32.
    """
    return await asyncio.to_thread(write_and_read, job)


def nogil() -> Any:
    """The same in compiled code, which calls the C library; -1 if the file cannot be opened."""
    from numba import njit

    from gil_lab.suite.compilers import libc

    template = os.fsencode(path(0, 0)) + b"\0"
    after_folder = len(template) - template.rindex(b"/")

    @njit(nogil=True, error_model="numpy")
    def write_and_read(job: Any) -> Any:
        folder, number, size = job
        length = size * 1024
        name = libc.calloc(1, len(template))
        end = libc.put(name, template)
        libc.put_number(name, end - after_folder, folder)
        libc.put_number(name, end - 1, number)
        buffer = libc.calloc(1, length)
        for at in range(length):
            buffer[at] = number >> at % 8 * 8 & 255
        file = libc.open_file(name, libc.O_RDWR_CREAT, 0o600)
        answer = -1
        if file >= 0:
            libc.write(file, buffer, length)
            libc.fsync(file)
            answer = libc.adler32(buffer, 0, libc.pread(file, buffer, length, 0))
            libc.close(file)
            libc.unlink(name)
        libc.free(buffer)
        libc.free(name)
        return answer

    return write_and_read


def parallel(task: Any) -> Any:
    """One loop over all tasks."""
    from numba import njit, prange

    @njit(parallel=True)
    def loop(inputs: Any, outputs: Any) -> None:
        for i in prange(inputs.shape[0]):
            outputs[i] = task((inputs[i, 0], inputs[i, 1], inputs[i, 2]))

    return loop


def verify(inputs: Sequence[Any], outputs: Sequence[Any]) -> str | None:
    """Compare with the checksums of what should have been written."""
    return differing([zlib.adler32(content(number, size)) for _, number, size in inputs], outputs)


WORKLOAD = Workload(
    summary="write files to the disk and read them back",
    bound="io",
    inputs=inputs,
    forms={"call": write_and_read, "coroutine": write_and_read_async, "nogil": nogil, "parallel": parallel},
    verify=verify,
    size=64,
    size_unit="KiB",
    max_size=100_000,
    why_not={"cython": MOSTLY_WAITS, "cython-untyped": MOSTLY_WAITS},
)
