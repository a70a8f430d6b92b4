"""Tells where a process that runs this Python has its GIL: `PROGRAM -I -c` with the code of `ASKED`.

For whole programs, which are watched and not measured: they do not know of the lab.
"""

import json
import sys
from dataclasses import asdict

from gil_lab.suite.instruments.gil_records import gil_records

ASKED = "import sys; sys.path.append({folder!r}); from gil_lab.child import gil_place; gil_place.answer()"


def answer() -> None:
    """Writes the `GilRecords` of this process in JSON, and stays until its input is closed: others look at it."""
    sys.stdout.write(json.dumps(asdict(gil_records())) + "\n")
    sys.stdout.flush()
    sys.stdin.read()
