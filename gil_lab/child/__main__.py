"""The measured process: serves one assignment. Its two arguments are the descriptors to read from and write to.

It runs under every interpreter on the standard library alone.
"""

import os
import sys
import time
import traceback

from gil_lab.child.trial import SkippedError, WrongAnswerError, measure
from gil_lab.model.records import Status
from gil_lab.model.text import described
from gil_lab.model.variables import CORES, SWITCH_INTERVAL_S, cores_meant
from gil_lab.model.wire import Failed, Hello, Pipe
from gil_lab.suite.instruments import gil


def main(read_fd: int, write_fd: int) -> int:
    """Serve one assignment. The exit code is 0 only if it was measured and its answers were right."""
    pipe = Pipe(read_fd, write_fd)
    pipe.send(Hello(time.monotonic_ns(), gil.enabled()))
    culprit = gil.Culprit()
    if interval_s := os.environ.get(SWITCH_INTERVAL_S):
        sys.setswitchinterval(float(interval_s))
    try:
        if cores := os.environ.get(CORES):
            os.sched_setaffinity(0, cores_meant(cores, os.sched_getaffinity(0)))
        measure(pipe, pipe.receive(), culprit)
    except EOFError:
        return 1
    except WrongAnswerError as error:
        pipe.send(Failed(Status.WRONG, str(error)))
        return 1
    except SkippedError as error:
        pipe.send(Failed(Status.SKIPPED, str(error)))
        return 1
    except MemoryError as error:
        pipe.send(Failed(Status.OOM, f"MemoryError: {error}"))
        return 1
    except BaseException as error:  # anything that user code raises becomes a row, even SystemExit
        traceback.print_exc()
        while isinstance(error, BaseExceptionGroup):  # its own message only counts its exceptions
            error = error.exceptions[0]
        pipe.send(Failed(Status.ERROR, described(error)))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
