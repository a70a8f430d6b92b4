"""The GIL of a program that knows nothing of the lab: found where another process of the same Python has its own."""

import json
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from gil_lab.child.gil_place import ASKED
from gil_lab.measuring.gil_observer import GilObserver
from gil_lab.measuring.gil_sampler import GilSampler
from gil_lab.model.errors import ProtocolError
from gil_lab.model.frozen import frozen
from gil_lab.model.gil import GilRecords
from gil_lab.model.wire import record

ROOT = Path(__file__).parents[2]
ANSWER_S = 20.0
LEAST_SAMPLES = 20
"""For shares of them: one sample is then 5 %, as in traced passes."""


@frozen
class ProgramGilUse:
    """Of the process whose GIL was held most."""

    held_share: float
    waiting: float | None
    """Threads that waited for it, on average."""


class ProgramGil:
    """From the first look at a process that runs Python on; its processes of that moment."""

    def __init__(self) -> None:
        self._asked = False
        self._observer: GilObserver | None = None
        self._sampler: GilSampler | None = None

    def look(self, pids: Sequence[int]) -> None:
        """To be called again and again, with all processes that there are."""
        pythons = [pid for pid in pids if "python" in Path(_program(pid)).name]
        if self._asked or not pythons:
            return
        self._asked = True
        with suppress(OSError, ValueError, ProtocolError, subprocess.SubprocessError):
            self._watch(pythons)

    def _watch(self, pids: Sequence[int]) -> None:
        command = [_program(pids[0]), "-I", "-c", ASKED.format(folder=str(ROOT))]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as process:
            assert process.stdout is not None
            known = record(GilRecords, json.loads(process.stdout.readline()), "GilRecords")
            self._observer = GilObserver(known, [process.pid, *pids], first=False) if known.records else None
            process.communicate(timeout=ANSWER_S)
        if self._observer is None:
            return
        self._sampler = GilSampler(self._observer)
        self._sampler.__enter__()

    @property
    def use(self) -> ProgramGilUse | None:
        """Once it is over; None if nothing was seen."""
        seen = self._sampler.samples() if self._sampler else None
        if seen is None or len(seen.samples) < LEAST_SAMPLES:
            return None
        count, gils = len(seen.samples), range(len(seen.gils))
        held = [sum(one.holders[gil] is not None for one in seen.samples) / count for gil in gils]
        most = max(gils, key=held.__getitem__)
        waiting = sum(one.threads.count(most) for one in seen.samples) / count
        return ProgramGilUse(held[most], waiting if seen.threads else None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._sampler is not None:
            self._sampler.__exit__(kind, error, traceback)
        if self._observer is not None:
            self._observer.close()


def _program(pid: int) -> str:
    """The path of what it runs; empty if that is not to be seen."""
    try:
        return str(Path(f"/proc/{pid}/exe").readlink())
    except OSError:
        return ""
