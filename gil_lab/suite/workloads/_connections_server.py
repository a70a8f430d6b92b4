"""The HTTP server of the workload `connections`: a program in its own process, which a thousand clients do not slow.

`GET /<number>/<milliseconds>` is answered with `page(number)` after that delay, as often as a client asks. It writes
its port as its only line, and ends when its standard input does. Start it as `[sys.executable, "-P", path]`; it needs
nothing from `gil_lab`.

One thread and one epoll, the sockets called directly. The server of `http`, with a thread for each connection, would
measure itself at a thousand; so would the streams of asyncio, which cost as much here as in the client. How many
requests it can answer: benchmarks/connections.py.
"""

import contextlib
import heapq
import itertools
import resource
import select
import signal
import socket
import struct
import sys
import time

PAGE_BYTES = 512
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % PAGE_BYTES
ANSWER_BYTES = len(HEAD) + PAGE_BYTES
REQUEST_BYTES = 4096
"""At most. A request arrives in one piece: clients send it at once, and loopback does not divide it."""
BACKLOG = 4096
"""The most that Linux allows unless set otherwise (somaxconn); beyond it, a client waits a second to try again."""
NO_LINGERING = struct.pack("ii", 1, 0)
"""Closing resets the connection. The server closes after the client has, so nothing is lost; but no port of the client
stays in TIME_WAIT for a minute, of which 5,000 connections a pass would soon leave none."""
NS = 1_000_000_000


def page(number: int) -> bytes:
    """The server's page for `number`, 0 or more: `PAGE_BYTES` bytes."""
    return number.to_bytes(8, "little") * (PAGE_BYTES // 8)


class EpollServer:
    """Serves until `end` can be read."""

    def __init__(self, listener: socket.socket, end: int) -> None:
        self.listener, self.end = listener, end
        self.connections: dict[int, socket.socket] = {}
        self.due: list[tuple[int, int, socket.socket, int]] = []
        """A heap of the answers: when each is due, its place among equals, to whom, and its number."""
        self.places = itertools.count()
        self.epoll = select.epoll()
        for descriptor in (listener.fileno(), end):
            self.epoll.register(descriptor, select.EPOLLIN)

    def serve(self) -> None:
        while True:
            # By select, which counts microseconds, where epoll counts milliseconds.
            wait_s = max(0, self.due[0][0] - time.monotonic_ns()) / NS if self.due else None
            select.select([self.epoll], [], [], wait_s)
            for descriptor, _ in self.epoll.poll(0):
                if descriptor == self.end:
                    return
                if descriptor == self.listener.fileno():
                    self.accept()
                else:
                    self.receive(descriptor)
            self.answer()

    def accept(self) -> None:
        """All that wait."""
        with contextlib.suppress(BlockingIOError):
            while True:
                connection, _ = self.listener.accept()
                connection.setblocking(False)
                self.connections[connection.fileno()] = connection
                self.epoll.register(connection, select.EPOLLIN)

    def receive(self, descriptor: int) -> None:
        """A request; of a client that closes, or sends what is none, the connection is closed."""
        connection, request = self.connections[descriptor], b""
        with contextlib.suppress(OSError):
            request = connection.recv(REQUEST_BYTES)
        try:
            _, path, _ = request.split(b" ", 2)
            _, number, milliseconds = path.split(b"/")
            due_ns = time.monotonic_ns() + int(milliseconds) * 1_000_000
            heapq.heappush(self.due, (due_ns, next(self.places), connection, int(number)))
        except ValueError:
            del self.connections[descriptor]
            connection.close()  # the epoll forgets it

    def answer(self) -> None:
        """All that are due."""
        while self.due and self.due[0][0] <= time.monotonic_ns():
            _, _, connection, number = heapq.heappop(self.due)
            with contextlib.suppress(OSError):  # the client is gone
                connection.send(HEAD + page(number))


def listen() -> socket.socket:
    listener = socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGERING)  # which its connections inherit
    listener.setblocking(False)
    return listener


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the owner
    if not hasattr(select, "epoll"):
        sys.stdout.write("it needs epoll, which Linux has; choose the workload http\n")
        return
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # it is the client that is to meet its limit
    try:
        listener = listen()
    except OSError as error:
        sys.stdout.write(f"127.0.0.1 is unavailable ({error.strerror or error}); see gil-lab doctor\n")
        return
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    EpollServer(listener, sys.stdin.fileno()).serve()


if __name__ == "__main__":
    main()
