"""The HTTP server of the workloads `http` and `mixed`: a program in its own process, and so with its own GIL.

`GET /<number>/<milliseconds>` is answered with `body(number)` after that delay, one thread per connection. The program
writes its port, or why it has none, as its only line, and ends when its standard input does: with its owner, however
that ends. Start it as `[sys.executable, "-P", path]`; it needs nothing from `gil_lab`, whose folder `-P` keeps off the
module search path.
"""

import signal
import sys
import time
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from threading import Thread
from typing import Any

BODY_BYTES = 512


def body(number: int) -> bytes:
    """The server's answer to `number`, 0 or more: `BODY_BYTES` bytes."""
    return number.to_bytes(8, "little") * (BODY_BYTES // 8)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"  # 1.0 would close the connection after each answer
    wbufsize = -1  # buffered: head and body leave in one packet, ...
    disable_nagle_algorithm = True  # ... at once, not after the client's delayed acknowledgement (40 ms)

    def do_GET(self) -> None:
        """Wait, then answer."""
        _, number, milliseconds = self.path.split("/")
        time.sleep(int(milliseconds) / 1000)
        answer = body(int(number))
        self.send_response_only(200)  # send_response would also write a log
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


class Server(ThreadingTCPServer):
    """Not `http.server.ThreadingHTTPServer`, which resolves the name of its address and may wait for DNS."""

    daemon_threads = True
    request_queue_size = 4096  # with the usual 5, a burst of clients waits a second for a retransmission

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that disconnects is not an error."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the owner
    try:
        server = Server(("127.0.0.1", 0), Handler)
    except OSError as error:
        sys.stdout.write(f"127.0.0.1 is unavailable ({error.strerror or error}); see gil-lab doctor\n")
        return
    Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
