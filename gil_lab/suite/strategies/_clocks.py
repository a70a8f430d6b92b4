"""Clocks of other machines, brought to that of this one by round trips (Cristian 1989)."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

ROUND_TRIPS = 8
"""The shortest counts: its error is the smallest, and of a few one is seldom delayed by anything else."""
PIDS_OF_A_MACHINE = 1 << 22
"""No process has a greater number (PID_MAX_LIMIT of 64-bit Linux, proc_sys_kernel(5))."""


@dataclass(frozen=True)
class Clock:
    """Of another process, against ours."""

    ahead_ns: int
    error_ns: int
    """It is ahead by that much more or less, however the way there and the way back differ."""


SAME = Clock(0, 0)


def clock_of(trips: Sequence[tuple[int, int, int]]) -> Clock:
    """`trips`: our clock before, theirs, ours after; theirs was read somewhere between."""
    before, theirs, after = min(trips, key=lambda trip: trip[2] - trip[0])
    return Clock(theirs - (before + after) // 2, (after - before + 1) // 2)


def clocks(ask: Callable[[], Mapping[str, int]], boots: Mapping[str, str], boot: str) -> dict[str, Clock]:
    """By address. `ask`: the clocks of all, read now; `boots`: by what their machines are known, `boot`: this one.

    Processes of one machine share a clock; to estimate it would only make an error.
    """
    trips: dict[str, list[tuple[int, int, int]]] = {address: [] for address in boots}
    for _ in range(ROUND_TRIPS):
        before = time.monotonic_ns()
        read = ask()
        after = time.monotonic_ns()
        for address, theirs in read.items():
            trips[address].append((before, theirs, after))
    return {address: SAME if boots[address] == boot and boot else clock_of(trips[address]) for address in boots}


def pids_from(boots: Mapping[str, str], boot: str) -> dict[str, int]:
    """By address, what is added to numbers of processes: nothing on this machine, another number for each other one."""
    others = list(dict.fromkeys(each for each in boots.values() if each != boot))
    return {
        address: 0 if each == boot else (others.index(each) + 1) * PIDS_OF_A_MACHINE for address, each in boots.items()
    }
