"""Shared memory of a given size, by its name, and bytes that travel in it while their pickle goes another way."""

import errno
import os
import pickle
import sys
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from multiprocessing.shared_memory import SharedMemory

UNTRACKED: dict[str, Any] = {"track": False} if sys.version_info >= (3, 13) else {}
"""Keeps it from the resource tracker, where that is possible: whoever made the memory, or got it, removes it. Before
3.13 it is not. Workers started by multiprocessing share the tracker of their parent, where it is registered already."""


def holding(payload: bytes | memoryview) -> "SharedMemory":
    """With these bytes in it. Raises OSError, with the next step, if there is no room for them.

    On Linux they are written, as into a file: where a file system is full (/dev/shm of a container has 64 MB), that is
    an error. A page that is touched in a map of it, and cannot be had, ends the process (SIGBUS); and each page of a
    new map is a fault.
    """
    from multiprocessing.shared_memory import SharedMemory

    memory = SharedMemory(create=True, size=len(payload), **UNTRACKED)
    try:
        if sys.platform == "linux":
            _write(memory._fd, payload)  # type: ignore[attr-defined]  # noqa: SLF001 - there is no public way
        elif memory.buf is not None:
            memory.buf[: len(payload)] = payload
    except OSError as error:
        memory.close()
        memory.unlink()
        if error.errno != errno.ENOSPC:
            raise
        why = f"no room for {len(payload)} bytes of shared memory; take a smaller --size, or make /dev/shm larger"
        raise OSError(errno.ENOSPC, why) from error
    return memory


def _write(fd: int, payload: bytes | memoryview) -> None:
    """A system may take less than is given to it."""
    rest = memoryview(payload)
    while rest:
        rest = rest[os.write(fd, rest) :]


def attached(name: str) -> "SharedMemory":
    from multiprocessing.shared_memory import SharedMemory

    return SharedMemory(name, **UNTRACKED)


def expect_receivers() -> None:
    """To be called before workers are forked, which must use the resource tracker of this process."""
    if not UNTRACKED:
        from multiprocessing import resource_tracker

        resource_tracker.ensure_running()


class OutOfBand:
    """Bytes that are pickled out of band (protocol 5, PEP 574): the pickle has a place for them instead of the bytes.

    They are copied into shared memory, and the receiver maps that: one copy, whatever carries the pickle. The pools of
    the standard library pass no `buffer_callback`, by which a pickle leaves buffers out. With them a `PickleBuffer`
    gains nothing: it is copied into the pickle, or refused where the protocol is an older one. So this pickles itself.

    A context manager that yields the bytes; on exit, what was mapped is freed. It is sent to one receiver.
    """

    def __init__(self, payload: bytes | memoryview, free: Callable[[], None] = lambda: None) -> None:
        self.payload, self._free = payload, free

    def __reduce__(self) -> tuple[Callable[..., "OutOfBand"], tuple[bytes, str, int]]:
        buffers: list[pickle.PickleBuffer] = []
        pickled = pickle.dumps(pickle.PickleBuffer(self.payload), 5, buffer_callback=buffers.append)
        with buffers[0].raw() as raw, closing(holding(raw)) as memory:
            return arrived, (pickled, memory.name, len(raw))

    def __enter__(self) -> bytes | memoryview:
        return self.payload

    def __exit__(self, *error: object) -> None:
        self._free()


def arrived(pickled: bytes, name: str, size: int) -> OutOfBand:
    """What was pickled, over the shared memory of that name, which has no name any more and ends with its mapping."""
    memory = attached(name)
    memory.unlink()
    assert memory.buf is not None
    buffer = memory.buf[:size]  # a system may round the size up
    payload = pickle.loads(pickled, buffers=[buffer])  # noqa: S301 - what we pickled above

    def free() -> None:
        payload.release()
        buffer.release()
        memory.close()

    return OutOfBand(payload, free)
