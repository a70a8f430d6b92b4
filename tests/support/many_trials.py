"""A measured process that serves one assignment after the other, all in the same pool, until nobody sends any more.

Its arguments are the strategy, the number of its workers, and the descriptors to read from and write to. Everything but
the pool is as in `python -m gil_lab.child`. It runs under any Python, with the standard library alone.
"""

import contextlib
import os
import sys
from dataclasses import replace

from gil_lab.child import trial
from gil_lab.child.__main__ import main
from gil_lab.suite.catalogue import Catalogue


def serve(name: str, workers: int, read_fd: int, write_fd: int) -> None:
    for descriptor in (read_fd, write_fd):
        os.set_inheritable(descriptor, False)
    strategy = Catalogue().strategy(name)
    with strategy.open(workers) as run, contextlib.suppress(BrokenPipeError):  # when nobody listens any more
        opened = replace(strategy, open=lambda _: contextlib.nullcontext(run))

        class Opened(Catalogue):
            def strategy(self, _):
                return opened

        trial.Catalogue = Opened
        while True:
            main(os.dup(read_fd), os.dup(write_fd))


if __name__ == "__main__":
    serve(sys.argv[1], *map(int, sys.argv[2:]))
