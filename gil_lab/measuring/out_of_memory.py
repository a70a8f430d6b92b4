"""Whether a trial failed because the system killed one of its processes to free memory, and what its row says then.

The system counts such kills for the whole control group, in which others may run; so the count alone proves nothing.
"""

import signal
from collections.abc import Sequence

import psutil

from gil_lab.measuring.cgroups import memory_limit_bytes
from gil_lab.model.records import Status

POOL_BROKE = ("BrokenProcessPool", "BrokenExecutor", "TerminatedWorkerError", "EOFError", "ConnectionResetError")
"""Exceptions with which pools say that a worker was lost (concurrent.futures, joblib's loky, pipes). Another exception
is the task's own, such as a ValueError, unless it names the signal (`subprocess.CalledProcessError`)."""


def may_be_killed(status: Status, detail: str, code: int | None, processes: Sequence[psutil.Process]) -> bool:
    """Whether a failure can come from the kill of a process of its own.

    `code`: how the measured process ended, None while it runs; `processes`: it and its descendants when it last
    answered, none if it never did.
    """
    if code == -signal.SIGKILL:
        return True
    if status is Status.TIMEOUT:  # `multiprocessing.Pool` waits for the answer of a worker that is gone
        return not processes or not all(map(_runs, processes))
    return status is Status.ERROR and (detail.startswith(POOL_BROKE) or signal.SIGKILL.name in detail)


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def out_of_memory(detail: str, peak_bytes: int | None) -> str:
    """The detail of a row, with the limit and how much the measured process had used, where they are known."""
    limit = memory_limit_bytes()
    allowed = f" of {limit / 2**20:.0f} MiB" if limit else ""
    used = f", it had used {peak_bytes / 2**20:.0f} MiB" if peak_bytes else ""
    return f"the system ran out of memory{allowed}{used} ({detail})"
