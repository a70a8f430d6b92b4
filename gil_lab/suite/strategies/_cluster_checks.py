"""Whether a running cluster of dask can be used, and which of its workers are."""

import logging
import signal
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from types import FrameType
from typing import Any

from gil_lab.suite.strategies import _on_the_cluster

CONNECT_S = 10.0
"""A scheduler that is busy answers within a second; one on the other side of the world too."""
SILENT_S = 20.0
"""A host that was not heard of for so long is lost: a third of the lab's usual `--timeout`, within which a row must
have its cause. Workers send a heartbeat each second or so; a task that holds the GIL for longer keeps them from it.
"""
LENGTH_BYTES, MAX_GREETING_BYTES = 8, 1 << 20
"""It names versions and compressions, in less than a kilobyte; words of other protocols make huge numbers."""
MUST_AGREE = ("dask", "distributed", "cloudpickle", "msgpack")
"""Packages that both ends of a connection use to write and read what crosses it."""


class ClusterError(Exception):
    """One line: why the cluster cannot be used, and the next step."""


@contextmanager
def connected(address: str) -> Iterator[Any]:
    """A client of its scheduler, which is closed at the end; nothing else is. Raises ClusterError."""
    host, _, port = address.rpartition(":")
    try:
        greets = _greets(host.strip("[]"), int(port))
    except OSError as error:
        raise ClusterError(
            f"nothing answers at {address} ({error.strerror or error}); start dask scheduler there, or give its address"
        ) from error
    if not greets:
        raise _no_scheduler(address)
    import cloudpickle
    import dask
    from distributed import Client

    cloudpickle.register_pickle_by_value(_on_the_cluster)

    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what goes wrong is said once, by the lab
    with dask.config.set({"distributed.comm.timeouts.connect": CONNECT_S, "distributed.comm.retry.count": 0}):
        try:
            client = Client(f"tcp://{address}", timeout=CONNECT_S, set_as_default=False)
        except Exception as error:
            raise _no_scheduler(address) from error
        with client:
            yield client


def _greets(host: str, port: int) -> bool:
    """Whether what answers there speaks first, in a message of dask's: its length in 8 bytes, then so many.

    A client of dask would wait for that without end. Raises OSError where nothing answers.
    """
    with socket.create_connection((host, port), CONNECT_S) as connection:
        try:
            length = connection.recv(LENGTH_BYTES, socket.MSG_WAITALL)
        except OSError:
            return False
    return len(length) == LENGTH_BYTES and 0 < int.from_bytes(length, sys.byteorder) <= MAX_GREETING_BYTES


def _no_scheduler(address: str) -> ClusterError:
    return ClusterError(
        f"what answers at {address} is no scheduler of this dask; give the address that dask scheduler prints"
    )


def placed_workers(client: Any, workers: int, modules: Sequence[str] = ()) -> list[str]:
    """Addresses of so many workers, spread over the hosts: the same ones for everyone who asks.

    Raises ClusterError, also where scheduler or workers lack one of `modules`, or have other versions than this Python.
    """
    known = client.get_versions(check=False)
    nodes = {"the scheduler": known["scheduler"], **known["workers"]}
    for name, node in nodes.items():
        if complaint := other_versions(known["client"], node):
            raise ClusterError(f"{name} has {complaint}; start it from an environment like this one")
    chosen = spread(list(known["workers"]), workers)
    lacking = {
        "the scheduler": client.run_on_scheduler(_on_the_cluster.lacking, list(modules)),
        **client.run(_on_the_cluster.lacking, list(modules), workers=chosen),
    }
    for name, absent in lacking.items():
        if absent:
            raise ClusterError(f"no {absent[0]} to import at {name}; install it there, and restart it")
    for name, threads in client.run(_on_the_cluster.threads, workers=chosen).items():
        if threads != 1:
            raise ClusterError(f"{name} runs {threads} tasks at a time; start it with dask worker --nthreads 1")
    return chosen


@contextmanager
def answering(address: str) -> Iterator[None]:
    """Raises ClusterError as soon as that takes too long: a host that is cut off refuses nothing, and says nothing."""

    def late(number: int, frame: FrameType | None) -> None:
        raise ClusterError(
            f"the cluster at {address} did not answer within {SILENT_S:g} s; is one of its workers stopped or cut off?"
        )

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, SILENT_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def spread(addresses: Sequence[str], workers: int) -> list[str]:
    """So many of them, of each host one after the other. Raises ClusterError if there are fewer."""
    if len(addresses) < workers:
        have = f"{len(addresses)} worker{'s' * (len(addresses) != 1)}"
        raise ClusterError(
            f"the cluster has {have}, and {workers} are asked for; start more with dask worker, or use fewer --workers"
        )
    hosts: dict[str, list[str]] = {}
    for address in sorted(addresses):
        hosts.setdefault(host_of(address), []).append(address)
    in_turn = (address for each in zip_longest(*hosts.values()) for address in each if address is not None)
    return list(in_turn)[:workers]


def host_of(address: str) -> str:
    """Of `tcp://HOST:PORT`."""
    return address.rpartition(":")[0].removeprefix("tcp://")


def other_versions(ours: Mapping[str, Any], theirs: Mapping[str, Any] | None) -> str:
    """How the versions of a node differ from those here, as far as it matters; empty if it does not.

    Bytecode is that of a minor version of Python, in which functions are sent.
    """
    if not theirs:
        return "no versions that it names"
    here, there = (f"Python {'.'.join(str(one['host']['python']).split('.')[:2])}" for one in (ours, theirs))
    if here != there:
        return f"{there}, and this is {here}"
    for name in MUST_AGREE:
        here, there = (str(one["packages"].get(name)) for one in (ours, theirs))
        if here != there:
            return f"{name} {there}, and this Python has {here}"
    return ""


def reason_against(address: str, workers: int, modules: Sequence[str]) -> str:
    """Why that cluster cannot be used from this Python; empty if it can."""
    try:
        with connected(address) as client, answering(address):
            placed_workers(client, workers, modules)
    except ClusterError as error:
        return str(error)
    except ImportError as error:
        return f"{error.name} does not import in {sys.executable} ({error}); install it: pip install distributed"
    return ""
