"""The cores: how many may be used, which other processes use them, and whether their speed is constant."""

import os
import time
from collections.abc import Iterator

import psutil

from gil_lab.cli.doctor.diagnosis import Diagnosis
from gil_lab.measuring.cgroups import quota, throttled_s
from gil_lab.measuring.core_kinds import core_kinds
from gil_lab.measuring.machine import affinity, allowed_cores, spin_s, usable_cores
from gil_lab.measuring.machine_load import BUSY_CORES
from gil_lab.measuring.sampler import core_sample
from gil_lab.model.text import one_line

OBSERVATION_S = 1.0
STEAL_CORES, SPEED_SPREAD = 0.05, 0.10


def cores() -> Diagnosis:
    limit, throttled, online = quota(), throttled_s() or 0.0, os.cpu_count() or 1
    allowed = "none" if limit is None else f"{limit:g}"
    state = f"{usable_cores()} usable (affinity {affinity()}, quota {allowed}, online {online})"
    kinds = core_kinds(allowed_cores())
    if kinds.physical and len(kinds.physical) < affinity():
        state += f"; {len(kinds.physical)} physical, each with several hardware threads (+cores=physical)"
    if kinds.performance:
        state += f"; {len(kinds.performance)} of them fast, the others slower (+cores=performance)"
    if throttled:
        state += f"; a quota has throttled this control group for {throttled:.1f} s so far"
    remedy = ""
    if limit is not None and limit < affinity():
        remedy = "a control group throttles this process: raise its CPU quota, or use fewer workers"
    elif throttled:
        remedy = "a control group above throttles this process: raise its CPU quota"
    elif usable_cores() == 1:
        remedy = "nothing can be parallel on one core: measure on a machine with two or more"
    elif affinity() < online:
        remedy = "this process may not use all cores: start it without taskset, outside cpusets"
    return Diagnosis("cores", state, remedy)


def load() -> Iterator[Diagnosis]:
    """What other processes use, measured for a second: load averages are too slow for that."""
    own = psutil.Process()
    processes = [process for process in psutil.process_iter() if process != own]
    for process in processes:
        _cpu_percent(process)
    before = core_sample()
    time.sleep(OBSERVATION_S)
    after = core_sample()
    elapsed = (after.at_ns - before.at_ns) / 1e9
    busy = (sum(after.busy_s) - sum(before.busy_s)) / elapsed
    steal = (sum(after.steal_s) - sum(before.steal_s)) / elapsed
    most = max(processes, key=_cpu_percent, default=None)
    culprit = f"; the busiest is {_name(most)} (pid {most.pid})" if most is not None and busy > BUSY_CORES else ""
    yield Diagnosis(
        "others",
        f"{busy:.2f} cores busy{culprit}",
        "stop it and others, or wait until they have ended" if busy > BUSY_CORES else "",
    )
    yield Diagnosis(
        "steal",
        f"{steal:.2f} cores taken by the hypervisor",
        "the host is crowded: measure later, or with more rounds" if steal > STEAL_CORES else "",
    )


def _cpu_percent(process: psutil.Process) -> float:
    try:
        return process.cpu_percent()
    except psutil.Error:
        return 0.0


def _name(process: psutil.Process) -> str:
    try:
        return one_line(process.name(), 40)
    except psutil.Error:
        return "a process that has ended"


def cpu_speed() -> Diagnosis:
    times = [spin_s() for _ in range(8)]
    spread = max(times) / min(times) - 1
    state = f"{1000 * min(times):.1f} to {1000 * max(times):.1f} ms for the same spin"
    return Diagnosis(
        "CPU speed",
        state,
        "the CPU speed varies: plug the machine in, or use more rounds" if spread > SPEED_SPREAD else "",
    )
