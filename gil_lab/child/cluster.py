"""The program that asks a running cluster, from the Python that would use it, whether it can be used.

`python -m gil_lab.child.cluster FD HOST:PORT WORKERS MODULE...` writes one message on the descriptor: `Prepared`, or
why not. Then the process ends at once, whatever dask has started.
"""

import os
import sys

from gil_lab.model.full_write import write_all
from gil_lab.model.records import Status
from gil_lab.model.text import described
from gil_lab.model.wire import Failed, Prepared, encode
from gil_lab.suite.strategies._cluster_checks import reason_against


def answer(fd: int, address: str, workers: int, modules: list[str]) -> None:
    try:
        reason = reason_against(address, workers, modules)
    except Exception as error:  # whatever dask raises, and whatever runs there
        reason = f"{address} cannot be used ({described(error):.200}); see what dask scheduler and dask worker print"
    write_all(fd, encode(Failed(Status.ERROR, reason) if reason else Prepared()))


if __name__ == "__main__":
    descriptor, where, number, *needed = sys.argv[1:]
    os.set_inheritable(int(descriptor), False)
    answer(int(descriptor), where, int(number), needed)
    os._exit(0)  # connections to a cluster that does not answer are not waited for
