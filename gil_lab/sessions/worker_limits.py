"""How many workers a pool may have, and how many cells may be alive at once, within the limits of the system."""

from collections.abc import Mapping, Sequence

from gil_lab.measuring.machine import NO_LIMITS, Limits
from gil_lab.model.records import Cell
from gil_lab.suite.strategies import Workers

MAX_BLOCK_CELLS = 32
MAX_BLOCK_PROCESSES = 160
"""Of a generation, all alive at the same time: some 50 MB each."""
PIDS_A_CHILD = 5
"""Beside its workers: it, its supervisor, the one above that, and what pools start for themselves."""
FILES_A_CHILD = 6
"""Of the lab: its pipes, and those of its supervisor."""
FILES_OF_THE_LAB, FILES_A_WORKER, PIDS_OF_THE_LAB = 32, 2, 8
"""A worker's two: its pipe, or the schedstat that its thread keeps open in traced passes, and one of the task's own."""
MAX_LIGHT_WORKERS = 8_192
"""Threads and coroutines that wait: kilobytes each, where a process or an interpreter takes megabytes. A quarter of the
ids that a small Linux machine has for threads (`pid_max` 32,768, proc_sys_kernel(5))."""
MAX_BLOCK_THREADS = 16_384
"""Of a generation: half of those ids."""
HEAVIEST: tuple[Workers, ...] = ("processes",)
"""What workers may be, unless it is said what they are."""


def max_workers(cores: int, limits: Limits = NO_LIMITS, kind: Workers = "processes") -> int:
    """How many workers of that kind a pool may have at most on a machine of `cores` usable cores."""
    return min(ceilings(cores, limits, kind))[0]


def ceilings(cores: int, limits: Limits, kind: Workers) -> list[tuple[int, str]]:
    """Limits on the workers of a pool, each with its cause.

    A process or an interpreter takes 50 MB, a thread some pages of its stack and an id of the system's, a coroutine
    nothing that the system counts. There is no override; raise the named limit. Below, threads and processes can still
    run out, because others use them as well: that is an error of the cell.
    """
    heavy = kind in ("processes", "interpreters")
    found = [(max(64, 16 * cores) if heavy else MAX_LIGHT_WORKERS, f"{cores} usable core{'s' * (cores != 1)}")]
    if kind == "coroutines":
        return found
    if limits.pids is not None:
        cause = f"a control group that allows {limits.pids} processes and threads"
        found.append((max(1, limits.pids - PIDS_OF_THE_LAB), cause))
    if limits.open_files is not None:
        cause = f"{limits.open_files} open files a process (ulimit -n)"
        found.append((max(1, (limits.open_files - FILES_OF_THE_LAB) // FILES_A_WORKER), cause))
    return found


def fits(block: Sequence[Cell], kinds: Mapping[str, Workers | None], limits: Limits) -> bool:
    """Whether these cells may be alive at once. `kinds`: what the workers of each strategy are; the system counts no
    coroutines.
    """
    pids = sum(PIDS_A_CHILD + (0 if kinds[cell.strategy] == "coroutines" else cell.workers) for cell in block)
    if limits.pids is not None and pids > limits.pids - PIDS_OF_THE_LAB:
        return False
    if limits.open_files is not None and len(block) * FILES_A_CHILD > limits.open_files - FILES_OF_THE_LAB:
        return False
    processes = sum(cell.workers if kinds[cell.strategy] == "processes" else 1 for cell in block)
    within = processes <= MAX_BLOCK_PROCESSES and pids <= MAX_BLOCK_THREADS
    return len(block) <= MAX_BLOCK_CELLS and within
