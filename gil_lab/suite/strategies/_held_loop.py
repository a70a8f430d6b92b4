"""An event loop of dask's in this process that is held while others have their turn."""

import threading
from typing import Any


class WorkerLostError(Exception):
    """A worker is gone; dask starts another one in its place, and says nothing."""


class HeldLoop:
    """Callbacks that were due meanwhile are made once when it is released."""

    def __init__(self, loop: Any) -> None:
        """`loop`: tornado's, which runs in another thread."""
        self._loop = loop
        self._released = threading.Event()

    def hold(self) -> None:
        """Returns once it is held."""
        held, self._released = threading.Event(), threading.Event()
        self._loop.add_callback(_hold, held, self._released)
        held.wait()

    def release(self) -> None:
        """Harmless for one that is not held."""
        self._released.set()


def _hold(held: threading.Event, released: threading.Event) -> None:
    """Runs in the event loop, and keeps it from all else."""
    held.set()
    released.wait()
