"""A cluster as a user starts one: `dask scheduler`, and `dask worker` for each worker, processes of their own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil

PATIENCE_S = 60
HERE = "127.0.0.1"
SCHEDULER = ("scheduler", "--port", "0", "--no-dashboard")
WORKER = ("worker", "--nthreads", "1", "--no-dashboard")


def deadline() -> float:
    return time.monotonic() + PATIENCE_S


class DaskPrograms:
    """Closed by `close`, which ends what it started."""

    def __init__(self, folder: Path, workers: int, *extra: str, host: str = HERE) -> None:
        """`folder`: where they run and write; `extra`: arguments of each worker."""
        self.folder, self._file = folder, folder / "scheduler.json"
        self.scheduler = self._started(*SCHEDULER, "--host", host, "--scheduler-file", str(self._file))
        until = deadline()
        while not self._address() and time.monotonic() < until:
            time.sleep(0.05)
        self.address = self._address()
        self.workers: list[subprocess.Popen[bytes]] = []
        for _ in range(workers):
            self.add_worker(*extra, host=host)
        self.wait()

    def _address(self) -> str:
        with suppress(OSError, ValueError):
            return str(json.loads(self._file.read_text())["address"])
        return ""

    def add_worker(self, *extra: str, host: str = HERE, within: Sequence[str] = ()) -> None:
        """Started by the command `within`, if there is one."""
        arguments = (*WORKER, "--host", host, *extra, "--local-directory", str(self.folder), self.address)
        self.workers.append(self._started(*arguments, within=within))

    def wait(self) -> None:
        """Until all workers are known to the scheduler."""
        logs, until = [self.folder / f"{number + 1}.log" for number in range(len(self.workers))], deadline()
        while not all("Registered to" in log.read_text() for log in logs) and time.monotonic() < until:
            time.sleep(0.05)

    def _started(self, *arguments: str, within: Sequence[str] = ()) -> subprocess.Popen[bytes]:
        """Where neither the lab nor this checkout can be imported."""
        number = len(list(self.folder.glob("*.log")))
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        with (self.folder / f"{number}.log").open("wb") as log:
            return subprocess.Popen(
                [*within, sys.executable, "-P", "-m", "dask", *arguments],
                cwd=self.folder,
                env={**environment, "DASK_TEMPORARY_DIRECTORY": str(self.folder)},
                stdout=log,
                stderr=log,
            )

    def processes(self, worker: int) -> list[psutil.Process]:
        """Of that worker: its nanny, if it has one, and the worker itself."""
        above = psutil.Process(self.workers[worker].pid)
        return [above, *above.children(recursive=True)]

    def close(self) -> None:
        """Stopped ones too, with all their children."""
        every = []
        for one in (self.scheduler, *self.workers):
            with suppress(psutil.NoSuchProcess):
                above = psutil.Process(one.pid)
                every += [above, *above.children(recursive=True)]
        for one in every:
            with suppress(psutil.NoSuchProcess):
                one.send_signal(signal.SIGKILL)
        for program in (self.scheduler, *self.workers):
            program.wait()
