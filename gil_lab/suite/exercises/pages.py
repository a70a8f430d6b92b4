"""A server of pages that counts how many requests it has at a time: what waits together is seen from its side.

It holds each request until all that can come have come, so that the count depends on no speed.
"""

import contextlib
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import Any

from gil_lab.model.exercise import Count

TICK_S, TICKS, MOST_HELD_S = 0.02, 20, 5.0
"""For the others to come: 0.4 s, and to send a request takes a millisecond. A tick after which this thread had to wait
for its turn does not count: others would have had to wait as well."""
LATE = 1.5
"""Times a tick."""
MOST_ATTEMPTS = 3
WORDS = 20_000
"""Of a page: to split it takes about a millisecond."""


class Pages:
    """So many pages, which are different each time."""

    def __init__(self, number: int) -> None:
        self.texts = [f"{secrets.token_hex(4)} " * (WORDS + secrets.randbelow(100)) for _ in range(number)]
        self.addresses: list[str] = []
        self.most_at_once = self._now = self.requests = 0
        self._changed = threading.Condition()

    def held(self, path: str) -> str:
        """The text of that page, once as many requests are there as there are pages, or none has come for a while."""
        with self._changed:
            self._now += 1
            self.requests += 1
            self.most_at_once = max(self.most_at_once, self._now)
            self._changed.notify_all()
            ticks, until_s = 0, time.monotonic() + MOST_HELD_S
            while ticks < TICKS and self.most_at_once < len(self.texts) and time.monotonic() < until_s:
                began_s = time.monotonic()
                self._changed.wait(TICK_S)
                ticks += time.monotonic() - began_s < LATE * TICK_S
        try:
            return self.texts[int(path.strip("/"))]
        finally:
            with self._changed:
                self._now -= 1


class _Server(ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that is gone is no error of the server's."""


def fetched(number: int, run: Callable[[list[str]], Any]) -> tuple[Any, Pages]:
    """What `run` returns for the addresses of so many pages, and these.

    If only some came together, they are fetched again: on a busy machine others may have come too late.
    """
    for _ in range(MOST_ATTEMPTS):
        with _served(number) as pages:
            answer = run(pages.addresses)
        if pages.most_at_once in (1, number):
            break
    return answer, pages


@contextlib.contextmanager
def _served(number: int) -> Iterator[Pages]:
    """Raises OSError if there is no loopback."""
    pages = Pages(number)

    class PageRequest(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            text = pages.held(self.path).encode()
            self.send_response_only(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

    with _Server(("127.0.0.1", 0), PageRequest) as server:
        port = server.server_address[1]
        pages.addresses = [f"http://127.0.0.1:{port}/{page}" for page in range(number)]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield pages
        finally:
            server.shutdown()


def in_flight(pages: Pages) -> Iterator[Count]:
    """All of them at a time, and each only once: else it may be requests for nothing that were there together."""
    yield Count(f"requests, for {len(pages.texts)} pages", pages.requests, most=len(pages.texts))
    yield Count("requests that the server had at a time", pages.most_at_once, len(pages.texts))
