"""What would disturb a measurement on this machine, and what to mend before trusting numbers."""

import importlib
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from gil_lab.interpreters import Interpreter
from gil_lab.machine import affinity, cpu_model, pace_s, quota, usable_cores
from gil_lab.sampler import core_sample

WATCH_S = 1.0
BUSY_CORES, STEAL_CORES, PACE_SPREAD = 0.10, 0.05, 0.10
LAYERS = ("tbb", "omp", "workqueue")
"""Numba's threading layers in the order in which it tries them (Numba manual, "The Threading Layers")."""


@dataclass(frozen=True)
class Finding:
    """One line of the examination; `remedy` is empty where there is nothing to mend."""

    about: str
    found: str
    remedy: str = ""


def examine(interpreters: Sequence[Interpreter]) -> Iterator[Finding]:
    """Look at everything that matters; takes a little over a second, in which the machine should be left alone."""
    yield Finding("machine", f"{cpu_model()}, {platform.platform()}")
    yield cores()
    yield from load()
    yield pace()
    for about in (gil, bytecode, start_methods, versions):
        yield from together(interpreters, about)
    if any(one.executable == sys.executable for one in interpreters):
        yield threading_layer()
    yield fsync()


def cores() -> Finding:
    limit = quota()
    allowed = "none" if limit is None else f"{limit:g}"
    told = f"{usable_cores()} usable (affinity {affinity()}, quota {allowed}, online {os.cpu_count()})"
    if limit is not None and limit < affinity():
        return Finding(
            "cores", told, "a control group throttles this process: raise its CPU quota, or use fewer workers"
        )
    if usable_cores() == 1:
        return Finding("cores", told, "with one core nothing can be parallel: measure on a machine with two or more")
    return Finding("cores", told)


def load() -> Iterator[Finding]:
    """What others do, watched for a second: load averages know nothing of the last one."""
    own = psutil.Process()
    processes = [process for process in psutil.process_iter() if process != own]
    for process in processes:
        _cpu_percent(process)
    before = core_sample()
    time.sleep(WATCH_S)
    after = core_sample()
    elapsed = (after.at_ns - before.at_ns) / 1e9
    busy = (sum(after.busy_s) - sum(before.busy_s)) / elapsed
    steal = (sum(after.steal_s) - sum(before.steal_s)) / elapsed
    most = max(processes, key=_cpu_percent, default=None)
    who = f"; most of it {_name(most)} (pid {most.pid})" if most is not None and busy > BUSY_CORES else ""
    yield Finding(
        "others", f"{busy:.2f} cores busy{who}", "stop it, or wait until it is done" if busy > BUSY_CORES else ""
    )
    yield Finding(
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
        return process.name()
    except psutil.Error:
        return "a process that has ended"


def pace() -> Finding:
    times = [pace_s() for _ in range(8)]
    spread = max(times) / min(times) - 1
    told = f"{1000 * min(times):.1f} to {1000 * max(times):.1f} ms for the same spin"
    return Finding(
        "pace", told, "the machine's speed changes: plug it in, or use more rounds" if spread > PACE_SPREAD else ""
    )


def together(interpreters: Sequence[Interpreter], examined: Callable[[Interpreter], Finding]) -> Iterator[Finding]:
    """One finding for all interpreters that have it in common."""
    labels: dict[Finding, list[str]] = {}
    for one in interpreters:
        labels.setdefault(examined(one), []).append(one.label)
    for finding, who in labels.items():
        yield replace(finding, found=f"Python {', '.join(who)}: {finding.found}")


def gil(interpreter: Interpreter) -> Finding:
    facts = interpreter.facts
    told = (
        f"{'free-threaded build' if facts.free_threaded else 'build with the GIL'}, GIL {'on' if facts.gil else 'off'}"
    )
    if facts.gil_after_imports and not facts.gil:
        remedy = f"an extension module switches it on: update it, or try {interpreter.label}+nogil"
        return Finding("GIL", f"{told}, and on after the imports that strategies need", remedy)
    if facts.free_threaded and facts.gil and "PYTHON_GIL" not in dict(interpreter.environment):
        return Finding("GIL", told, f"{interpreter.label} starts with it: look for what imports modules at its start")
    return Finding("GIL", told)


def bytecode(interpreter: Interpreter) -> Finding:
    kept = interpreter.facts.bytecode
    if kept == "none":
        remedy = "make ~/.cache (or XDG_CACHE_HOME) writable for you alone: processes start several times slower"
        return Finding("bytecode", "there are no caches for all that workers import, and none can be written", remedy)
    where = dict(interpreter.environment).get("PYTHONPYCACHEPREFIX", "another folder")
    told = "cached" if kept == "beside" else f"cached in {where}, because its own folders cannot be written"
    if os.environ.get("PYTHONDONTWRITEBYTECODE"):
        told += "; PYTHONDONTWRITEBYTECODE is set here, and not passed on to what is measured"
    return Finding("bytecode", told)


def start_methods(interpreter: Interpreter) -> Finding:
    methods = interpreter.facts.start_methods
    return Finding("start methods", f"{', '.join(methods)}; default {methods[0] if methods else 'none'}")


def versions(interpreter: Interpreter) -> Finding:
    facts = interpreter.facts
    found = [f"{facts.implementation} {facts.version}", *(f"{one.name} {one.version}" for one in facts.packages)]
    return Finding("versions", ", ".join(found))


def threading_layer() -> Finding:
    """The layer that Numba will choose, and the thread pools that are loaded then."""
    missing = []
    for layer in LAYERS:
        try:
            importlib.import_module(f"numba.np.ufunc.{'workqueue' if layer == 'workqueue' else layer + 'pool'}")
        except ImportError:
            missing.append(layer)
            continue
        import threadpoolctl

        pools = sorted({pool["user_api"] for pool in threadpoolctl.threadpool_info()})
        skipped = f" ({', '.join(missing)} not found)" if missing else ""
        told = f"{layer}{skipped}; loaded thread pools: {', '.join(pools) or 'none'}"
        remedy = (
            "workqueue aborts when two threads use it: install tbb or an OpenMP build" if layer == "workqueue" else ""
        )
        return Finding("threading layer", told, remedy)
    return Finding("threading layer", "none: Numba is not installed", "python -m pip install numba")


def fsync() -> Finding:
    """How long one small write takes to reach the disk: the price of losing nothing, and the work of `files`."""
    with tempfile.NamedTemporaryFile(dir=Path(tempfile.gettempdir())) as file:
        begin = time.perf_counter()
        file.write(b"gil-lab")
        file.flush()
        os.fsync(file.fileno())
        took = time.perf_counter() - begin
    return Finding(
        "fsync", f"{1000 * took:.1f} ms", "the disk is very slow: choose another folder with --out" if took > 1 else ""
    )
