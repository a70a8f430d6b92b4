"""What surrounds a run: memory, limits on processes and files, the loopback network, environment variables."""

import socket
from collections.abc import Iterator, Sequence

import psutil

from gil_lab.cli.doctor.finding import Finding
from gil_lab.measuring.cgroups import memory_limit_bytes, oom_kills
from gil_lab.measuring.machine import limits, usable_cores
from gil_lab.sessions.plan import max_workers

A_WORKER_BYTES = 256 * 2**20
"""A process that has imported Numba takes as much; there is one a core, and the lab itself."""


def memory() -> Finding:
    """What there is, and what the control group allows of it."""
    there, limit, kills = psutil.virtual_memory(), memory_limit_bytes(), oom_kills() or 0
    room = there.available if limit is None else min(limit, there.available)
    allowed = "none" if limit is None else f"{limit / 2**30:.1f} GiB"
    told = f"{there.available / 2**30:.1f} of {there.total / 2**30:.1f} GiB available, limit {allowed}"
    if kills:
        told += f"; {kills} process{'es' * (kills != 1)} killed for want of it so far"
    little = room < A_WORKER_BYTES * (usable_cores() + 1)
    return Finding("memory", told, "processes may be killed: allow more of it, or use fewer workers" if little else "")


def workers() -> Finding:
    """How many the system can bear."""
    found = limits()
    most = max_workers(usable_cores(), found)
    told = {"processes and threads": found.pids, "open files": found.open_files}
    limited = ", ".join(f"{name} {'unlimited' if limit is None else limit}" for name, limit in told.items())
    few = most < max(2, 2 * usable_cores())
    return Finding("workers", f"up to {most} ({limited})", "raise ulimit -n, or the group's pids.max" if few else "")


def loopback() -> Finding:
    """Whether a client can reach a server on this machine, which the workloads http and mixed need."""
    try:
        with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname(), 1.0):
            return Finding("loopback", "a server on 127.0.0.1 can be reached")
    except OSError as error:
        return Finding(
            "loopback",
            f"no server on 127.0.0.1 can be reached ({error.strerror or error})",
            "the workloads http and mixed need it: ip link set lo up",
        )


def variables(names: Sequence[str]) -> Iterator[Finding]:
    """Of the environment, those that are kept from what is measured because they would change it."""
    if names:
        yield Finding("environment", f"not passed on to what is measured: {', '.join(names)}")
