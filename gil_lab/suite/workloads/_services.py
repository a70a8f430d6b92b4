"""Servers that belong to a workload, each in its own process.

They run on the controller's Python, whichever Python is measured: a slow server must not make a fast client look slow.
"""

import errno
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from gil_lab.model.variables import SERVICE_PYTHON

CONNECT_TIMEOUT_S = 10.0


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
            process.kill()  # closing its input is not enough: forked workers also hold it open


def port(server: "subprocess.Popen[str]") -> int:
    """The port that a server writes as its first line.

    Raises OSError if it has none or cannot be reached: compiled clients could not report why they get no answer.
    """
    assert server.stdout
    line = server.stdout.readline().strip()
    if not (line.isascii() and line.isdigit()):
        raise OSError(f"the server has not started: {line or 'it printed nothing'}")
    number = int(line)
    try:
        socket.create_connection(("127.0.0.1", number), CONNECT_TIMEOUT_S).close()
    except OSError as error:
        why = f"{errno.errorcode.get(error.errno or 0, 'OSError')}: {error.strerror or error}"
        raise OSError(f"loopback is unavailable ({why}); see gil-lab doctor") from error
    return number
