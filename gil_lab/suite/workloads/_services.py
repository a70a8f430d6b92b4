"""Servers that belong to a workload's surroundings, each a process of its own.

They run on the controller's Python, whichever Python is measured: else a slow server would slander a fast client.
"""

import errno
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from gil_lab.model.variables import SERVICE_PYTHON

REACHED_WITHIN_S = 10.0


@contextmanager
def service(file: str, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """Run the Python program `file`; it is killed on exit. Its standard input and output are text pipes."""
    program = [os.environ.get(SERVICE_PYTHON, sys.executable), "-P", file, *arguments]
    # PYTHON_GIL=0 is a setting of the measured Python; another one may refuse to start with it.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHON_GIL"}
    with subprocess.Popen(
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            yield process
        finally:
            process.kill()  # closing its input is not enough: forked workers hold that open as well


def port(server: "subprocess.Popen[str]") -> int:
    """On which a server listens that writes its port, or why it has none, as its first line.

    Raises OSError if it has none or cannot be reached: compiled clients could not tell why they get no answer.
    """
    assert server.stdout
    told = server.stdout.readline().strip()
    if not (told.isascii() and told.isdigit()):
        raise OSError(f"the server has not started: {told or 'it says nothing'}")
    number = int(told)
    try:
        socket.create_connection(("127.0.0.1", number), REACHED_WITHIN_S).close()
    except OSError as error:
        why = f"{errno.errorcode.get(error.errno or 0, 'OSError')}: {error.strerror or error}"
        raise OSError(f"loopback is unavailable ({why}); see gil-lab doctor") from error
    return number
