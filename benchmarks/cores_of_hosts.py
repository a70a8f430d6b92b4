"""Are the cores busy on each host of a cluster what its kernel says? `python benchmarks/cores_of_hosts.py [PASSES]`

A cluster as users start it, by dask's programs, with one worker on each of two hosts: two addresses of the loopback
network, and a control group of its own for all processes of each, in which the kernel counts their CPU time (cpuacct of
version 1, `cpu.stat` of version 2), whatever dask and the lab say. Tasks compute for a share of their time and wait for
the rest. Needs root on Linux, and the extra `dask`. Exit code 1 if a host's cores busy are off by more than 0.05.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from gil_lab.model.host_observations import CORES_BUSY
from gil_lab.suite.strategies._running_cluster import running_cluster

HOSTS = ("127.0.0.1", "127.0.0.2")
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
TASKS, TASK_S = 8, 0.25
PASSES, AT_MOST = 5, 0.05
PATIENCE_S = 60
CPUACCT, UNIFIED = Path("/sys/fs/cgroup/cpuacct"), Path("/sys/fs/cgroup")
JOIN = 'echo $$ > "$0/cgroup.procs" && exec "$@"'


def compute_and_wait(share: float) -> None:
    """For so much of a task's time each."""
    begin = time.perf_counter()
    until = time.thread_time() + share * TASK_S
    while time.thread_time() < until:
        pass
    time.sleep(max(0.0, begin + TASK_S - time.perf_counter()))


class Host:
    """One worker, in a control group."""

    def __init__(self, address: str) -> None:
        self.address, self.name = address, f"gil-lab-host-{address.rpartition('.')[2]}"
        self.group = (CPUACCT if CPUACCT.is_dir() else UNIFIED) / self.name
        self.group.mkdir(exist_ok=True)

    def cpu_s(self) -> float:
        """Of all its processes, since they were started, by the kernel."""
        if (file := self.group / "cpuacct.usage").exists():
            return int(file.read_text()) / 1e9
        numbers = dict(line.split() for line in (self.group / "cpu.stat").read_text().splitlines())
        return int(numbers["usage_usec"]) / 1e6

    @contextmanager
    def worker(self, scheduler: str, folder: str) -> Iterator[None]:
        how = ("--nthreads", "1", "--no-dashboard", "--host", self.address, "--local-directory", folder)
        with started("worker", *how, scheduler, within=("sh", "-c", JOIN, str(self.group))):
            yield
        until = time.monotonic() + PATIENCE_S
        while (self.group / "cgroup.procs").read_text() and time.monotonic() < until:
            time.sleep(0.05)
        self.group.rmdir()


@contextmanager
def started(*arguments: str, within: Sequence[str] = ()) -> Iterator[None]:
    """A program of dask's."""
    program = subprocess.Popen(
        [*within, sys.executable, "-P", "-m", "dask", *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        program.terminate()
        program.wait()


def port() -> int:
    from socket import socket

    with socket() as free:
        free.bind((HOSTS[0], 0))
        return int(free.getsockname()[1])


def measured(address: str, hosts: Sequence[Host], share: float, passes: int) -> Iterator[str]:
    """A line for each host: by the lab, by the kernel."""
    kernel_s, took_s = dict.fromkeys(hosts, 0.0), 0.0
    with running_cluster(address, len(hosts)) as cluster:
        client, placed = cluster.client, cluster.placed
        run = cluster.resting(lambda task, inputs: client.gather(client.map(task, inputs, pure=False, **placed)))
        for _ in range(passes):
            run.wake()
            before_s, begin = {host: host.cpu_s() for host in hosts}, time.perf_counter()
            run(compute_and_wait, [share] * TASKS)
            took_s += time.perf_counter() - begin
            kernel_s = {host: kernel_s[host] + host.cpu_s() - before_s[host] for host in hosts}
            run.rest()
        run.wake()
        lab = {one.name: one.value or 0.0 for one in cluster.observed()}
    for host in hosts:
        ours, kernels = lab[CORES_BUSY + host.address], kernel_s[host] / took_s
        numbers = f"lab {ours:.3f}, kernel {kernels:.3f}, off by {ours - kernels:+.3f}"
        yield f"{100 * share:3.0f} % on {host.address}: {numbers}"


def main(passes: int) -> int:
    if os.geteuid():
        print("control groups need root")
        return 2
    greatest = 0.0
    with tempfile.TemporaryDirectory() as folder, ExitStack() as opened:
        number = port()
        address = f"{HOSTS[0]}:{number}"
        opened.enter_context(started("scheduler", "--no-dashboard", "--host", HOSTS[0], "--port", str(number)))
        hosts = [Host(one) for one in HOSTS]
        for host in hosts:
            opened.enter_context(host.worker(f"tcp://{address}", folder))
        wait_for(address, len(hosts))
        for share in SHARES:
            for line in measured(address, hosts, share, passes):
                print(line, flush=True)
                greatest = max(greatest, abs(float(line.rpartition(" ")[2])))
    print(f"off by at most {greatest:.3f}; {AT_MOST} is asked for")
    return int(greatest > AT_MOST)


def wait_for(address: str, workers: int) -> None:
    from distributed import Client

    with Client(f"tcp://{address}", timeout=PATIENCE_S, set_as_default=False) as client:
        client.wait_for_workers(workers, timeout=PATIENCE_S)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else PASSES))
