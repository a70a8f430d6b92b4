"""A child whose second line is the content of a file, whatever that is."""

import contextlib
import os
import sys
import time
from pathlib import Path

from gil_lab.model.wire import Hello, Pipe

pipe = Pipe(int(sys.argv[2]), int(sys.argv[3]))
pipe.send(Hello(time.monotonic_ns(), True))
pipe.receive()
rest = memoryview(Path(sys.argv[1]).read_bytes() + b"\n")
with contextlib.suppress(BrokenPipeError):
    while rest:
        rest = rest[os.write(int(sys.argv[3]), rest) :]
    time.sleep(60)
