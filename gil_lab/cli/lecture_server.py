"""The lecture as it is given: marimo serves the notebook, without its code, to browsers on this machine only."""

import socket

from gil_lab.cli import browser
from gil_lab.cli.lecture_notebook import lecture_file
from gil_lab.cli.terminal.stopping import STOPPING
from gil_lab.model.errors import UsageError
from gil_lab.report.extra import imported

HOST = "127.0.0.1"
GRACE_S = 1
"""For open connections when it is stopped, as marimo's own command gives them."""
EXTRA = "lecture"


def serve(port: int, *, open_page: bool) -> None:
    """Until it is stopped by a signal. Port 0 is any that is free.

    Raises ExtraError without the extra `lecture`, UsageError if the port is taken.
    """
    marimo, uvicorn = imported("marimo", EXTRA), imported("uvicorn", EXTRA)
    app = marimo.create_asgi_app(quiet=True).with_app(path="", root=str(lecture_file())).build()
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=GRACE_S))
    with _listener(port) as listener:
        address = f"http://{HOST}:{listener.getsockname()[1]}/"
        STOPPING.note = "the lecture has ended"
        print(f"The lecture: {address} (Ctrl-C ends it)", flush=True)
        if open_page:
            browser.show(address)  # it waits until it is answered: the port listens already
        server.run(sockets=[listener])


def _listener(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        raise UsageError(f"port {port} cannot be listened to ({error.strerror}); leave --port out") from error
