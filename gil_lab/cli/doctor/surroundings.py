"""The surroundings of a run: memory, limits on processes and files, the loopback network, environment variables."""

import socket
from collections.abc import Iterator, Sequence

import psutil

from gil_lab.cli.doctor.diagnosis import Diagnosis
from gil_lab.measuring.cgroups import memory_limit_bytes, oom_kills
from gil_lab.measuring.environment import THREAD_LIMITS
from gil_lab.measuring.machine import limits, usable_cores
from gil_lab.sessions.worker_limits import max_workers

WORKER_BYTES = 256 * 2**20
"""Memory of a process that has imported Numba; there is one per core, and the lab itself."""


def memory() -> Diagnosis:
    """The available memory, and the limit of the control group."""
    memory, limit, kills = psutil.virtual_memory(), memory_limit_bytes(), oom_kills() or 0
    room = memory.available if limit is None else min(limit, memory.available)
    allowed = "none" if limit is None else f"{limit / 2**30:.1f} GiB"
    state = f"{memory.available / 2**30:.1f} of {memory.total / 2**30:.1f} GiB available, limit {allowed}"
    if kills:
        state += f"; {kills} process{'es' * (kills != 1)} killed by the system so far"
    little = room < WORKER_BYTES * (usable_cores() + 1)
    return Diagnosis(
        "memory", state, "processes may be killed: allow more memory, or use fewer workers" if little else ""
    )


def workers() -> Diagnosis:
    """The most workers that the system's limits allow."""
    allowed = limits()
    most = max_workers(usable_cores(), allowed)
    by_name = {"processes and threads": allowed.pids, "open files": allowed.open_files}
    limited = ", ".join(f"{name} {'unlimited' if limit is None else limit}" for name, limit in by_name.items())
    few = most < max(2, 2 * usable_cores())
    return Diagnosis(
        "workers", f"up to {most} ({limited})", "raise ulimit -n, or pids.max of the control group" if few else ""
    )


def loopback() -> Diagnosis:
    """Whether a client can reach a server on this machine, which the workloads http and mixed need."""
    try:
        with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname(), 1.0):
            return Diagnosis("loopback", "a server on 127.0.0.1 can be reached")
    except OSError as error:
        return Diagnosis(
            "loopback",
            f"no server on 127.0.0.1 can be reached ({error.strerror or error})",
            "the workloads http and mixed need it: ip link set lo up",
        )


def variables(names: Sequence[str]) -> Iterator[Diagnosis]:
    """Environment variables that are not passed on to measured processes, because they would affect them."""
    if names:
        yield Diagnosis("environment", f"not passed on to measured processes: {', '.join(names)}")
    own = [name for name in names if name in THREAD_LIMITS]
    yield Diagnosis(
        "libraries",
        "use one thread inside each task (BLAS, OpenMP, numexpr)" + (f"; yours is {', '.join(own)}" if own else ""),
        "let them use more: gil-lab run --library-threads N" if own else "",
    )
