"""Signals that end a session wait while a trial is put on disk: its row is whole, or not there.

Handlers are swapped, not signals blocked: a mask holds for one thread, and in a notebook another one would take it.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

NUMBERS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT") if hasattr(signal, name))


@contextmanager
def signals_deferred() -> Iterator[None]:
    """Deliver signals that arrive meanwhile afterwards. Outside the main thread, where no handler runs, do nothing."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        arrived.append(number)

    before = {number: signal.getsignal(number) for number in NUMBERS}
    swapped = {number: handler for number, handler in before.items() if handler not in (signal.SIG_IGN, None)}
    try:
        for number in swapped:
            signal.signal(number, note)
        yield
    finally:
        for number, handler in swapped.items():
            signal.signal(number, handler)
    for number in arrived:
        signal.raise_signal(number)
