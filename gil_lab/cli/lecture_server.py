"""The lecture as it is given: marimo serves the notebook, without its code, to browsers on this machine only."""

import json
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gil_lab.cli import browser
from gil_lab.cli.lecture_notebook import lecture_file
from gil_lab.cli.terminal.stopping import STOPPING
from gil_lab.model.chapters import TITLE
from gil_lab.model.errors import UsageError
from gil_lab.model.language import gettext, speaking, tag
from gil_lab.report.extra import imported

if TYPE_CHECKING:
    from types import FrameType

    import uvicorn

GRACE_S = 1
"""For open connections when it is stopped, as marimo's own command gives them."""
EXTRA = "lecture"
HEAD = """<script>
document.title = %(title)s;
document.documentElement.lang = %(language)s;
new MutationObserver(() => {
  for (const button of document.querySelectorAll("button[aria-haspopup=menu]:not([aria-label])"))
    button.ariaLabel = %(menu)s;
}).observe(document.documentElement, {childList: true, subtree: true});
</script>"""
"""The title in the notebook's file is a constant, which marimo reads without running it; its page is said to be in
English, which is how a screen reader would read Chinese; and its menu has no name."""
NOT_OF_UVICORN = ("SIGHUP", "SIGQUIT")
"""Signals that stop the lab, and that uvicorn leaves alone."""


def serve(port: int, *, open_page: bool) -> None:
    """Until it is stopped by a signal. Port 0 is any that is free.

    Raises ExtraError without the extra `lecture`, UsageError if the port is taken.
    """
    marimo, uvicorn = imported("marimo", EXTRA), imported("uvicorn", EXTRA)
    with speaking():
        head = HEAD % {
            "title": json.dumps(gettext(TITLE)),
            "language": json.dumps(tag()),
            "menu": json.dumps(gettext("Menu")),
        }
    app = marimo.create_asgi_app(quiet=True, html_head=head).with_app(path="", root=str(lecture_file())).build()
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=GRACE_S))
    with _listener(port) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        STOPPING.note = "the lecture has ended"
        print(f"The lecture: {address} (Ctrl-C ends it)", flush=True)
        if open_page:
            browser.show(address)  # it waits until it is answered: the port listens already
        with _ended_by_signals(server):
            server.run(sockets=[listener])


@contextmanager
def _ended_by_signals(server: "uvicorn.Server") -> Iterator[None]:
    """Those that uvicorn does not handle end it as well, and are then what they are elsewhere.

    What a handler raises within an event loop may stay in a task that is never awaited, and end nothing.
    """
    caught = []

    def end(number: int, _: "FrameType | None") -> None:
        caught.append(number)
        server.should_exit = True

    numbers = [getattr(signal, name) for name in NOT_OF_UVICORN]
    usual = {each: signal.signal(each, end) for each in numbers if signal.getsignal(each) is not signal.SIG_IGN}
    try:
        yield
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)
    for number in caught:
        signal.raise_signal(number)


def _listener(port: int) -> socket.socket:
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError as error:
        raise UsageError(f"port {port} cannot be listened to ({error.strerror}); leave --port out") from error
