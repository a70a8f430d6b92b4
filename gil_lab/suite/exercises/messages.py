"""What this process sends to its workers and gets from them, and how many it starts, whatever kind of pool does it."""

import contextlib
import pickletools
from collections.abc import Iterator
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

POOLS = ("multiprocessing", "concurrent", "joblib")
"""Packages whose workers wait for messages."""


class Sent:
    """So far."""

    def __init__(self) -> None:
        self.messages = self.sent_bytes = self.processes = 0
        self.own_targets = 0
        """Processes that were started for a function which is none of a pool's: its arguments come with the start."""
        self.received: list[bytes] = []

    def values_received(self) -> set[str]:
        """Numbers and texts in the pickled messages that came, as text: they are read, and nothing is unpickled."""
        found: set[str] = set()
        for data in self.received:
            with contextlib.suppress(Exception):  # not pickled, such as a greeting
                found.update(str(value) for code, value, _ in pickletools.genops(data) if _is_a_value(code, value))
        return found


@contextlib.contextmanager
def counted_messages() -> Iterator[Sent]:
    """Everything that goes through a pipe of multiprocessing: `Pool`, `ProcessPoolExecutor` and joblib have no other.

    Counted where both `send` and `send_bytes` end; empty messages, which only wake a thread, are left out. Not from
    outside (/proc/PID/io), where the pipes of the lab and the threads that wake each other would count as well.
    """
    sent = Sent()
    send, receive, start = Connection._send_bytes, Connection._recv_bytes, BaseProcess.start  # type: ignore[attr-defined]  # noqa: SLF001 - see above

    def counted_send(self: Any, data: Any) -> None:
        size = memoryview(data).nbytes
        sent.messages += size > 0
        sent.sent_bytes += size
        send(self, data)

    def kept_receive(self: Any, maxsize: int | None = None) -> Any:
        buffer = receive(self, maxsize)
        sent.received.append(buffer.getvalue())
        return buffer

    def counted_start(self: Any) -> None:
        sent.processes += 1
        target = getattr(self, "_target", None)
        sent.own_targets += target is not None and not str(target.__module__).startswith(POOLS)
        start(self)

    _replace(counted_send, kept_receive, counted_start)
    try:
        yield sent
    finally:
        _replace(send, receive, start)


def _is_a_value(code: pickletools.OpcodeInfo, value: object) -> bool:
    """Not a length, a version or a place in pickle's memo, which are numbers too."""
    return isinstance(value, int | str) and code.stack_after not in ([], [pickletools.anyobject])


def _replace(send: Any, receive: Any, start: Any) -> None:
    Connection._send_bytes, Connection._recv_bytes = send, receive  # type: ignore[attr-defined]  # noqa: SLF001 - see above
    BaseProcess.start = start  # type: ignore[method-assign]
