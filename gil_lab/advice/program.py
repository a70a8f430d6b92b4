"""What a whole program does, by what it used while it was watched, and what is worth a try."""

from enum import StrEnum

from gil_lab.analysis.verdicts import HALF_A_CORE, MORE_THAN_A_CORE, SEVERAL_WANTED
from gil_lab.measuring.program import ProgramUse

ALL_CORES = 0.9
"""Share of the cores wanted, from which on there are too few."""
ONE_WAITS = 0.5
"""Threads that wait for the GIL, on average: two that compute under it wait in turn, one at a time."""
SHORTEST_S = 1.0
"""Of less, ticks of 10 ms tell too little."""


class ProgramState(StrEnum):
    """Of a program, in the main."""

    WAITING = "it waits"
    ONE_CORE = "it computes on one core"
    TAKING_TURNS = "its threads compute in turn, one at a time: the GIL, or another lock"
    PARALLEL = "it computes on several cores"
    SHORT_OF_CORES = "it is short of cores"
    TOO_SHORT = "it ended too soon to tell"


WORTH_A_TRY = {
    ProgramState.WAITING: "Have more wait at the same time: threads, or async calls in one event loop.",
    ProgramState.ONE_CORE: "Give its calls to processes, or compile them: gil-lab advise FILE.py:FUNCTION says which.",
    ProgramState.TAKING_TURNS: "Processes instead of threads, code that releases the GIL (NumPy, Numba nogil), or a "
    "free-threaded Python: gil-lab run cpu-bound --python 3.14t shows what that changes.",
    ProgramState.PARALLEL: "Its parallel part grows with more cores; what is left computes alone.",
    ProgramState.SHORT_OF_CORES: "More cores, or fewer workers; a faster algorithm, or compiling what computes.",
    ProgramState.TOO_SHORT: "Give it more to do.",
}


def state(use: ProgramUse) -> ProgramState:
    """By the thresholds of verdicts on cells (`gil_lab.analysis.verdicts`)."""
    if use.wall_s < SHORTEST_S:
        return ProgramState.TOO_SHORT
    if use.gil is not None and (use.gil.waiting or 0.0) >= ONE_WAITS and use.computing_processes <= 1:
        return ProgramState.TAKING_TURNS
    if use.cores_wanted < HALF_A_CORE:
        return ProgramState.WAITING
    several = use.computing_processes > 1 or use.cores_busy > MORE_THAN_A_CORE
    if several or (use.computing > 1 and use.cores_wanted >= SEVERAL_WANTED):
        return ProgramState.SHORT_OF_CORES if use.cores_wanted >= ALL_CORES * use.cores else ProgramState.PARALLEL
    return ProgramState.TAKING_TURNS if use.computing > 1 else ProgramState.ONE_CORE


def lines(use: ProgramUse) -> list[str]:
    """What it does, with the numbers that say so, and what is worth a try."""
    found = state(use)
    failed = found is ProgramState.TOO_SHORT and bool(use.exit_code)
    ended = "it was ended then" if use.exit_code is None else f"it ended with exit code {use.exit_code}"
    ready = "" if use.ready_s is None else f", {use.ready_s / use.wall_s:.1f} more waited for"
    gil = _gil(use)
    seen = f"up to {_counted(use.processes, 'process', 'es')} and {_counted(use.threads, 'thread')}"
    seen += f", of which {use.computing} of one process computed"
    return [
        f"The program: {found}.",
        f"Watched for {use.wall_s:.1f} s ({ended}): {use.cores_busy:.2f} of {use.cores} cores busy{ready}; {seen}.",
        *([gil] if gil else []),
        "It failed: fix that first."
        if failed and found is ProgramState.TOO_SHORT
        else f"Worth a try: {WORTH_A_TRY[found]}",
    ]


def _gil(use: ProgramUse) -> str:
    """For how long it is held, and how many wait for it; empty where that was not seen."""
    if use.gil is None:
        return ""
    waiting = "" if use.gil.waiting is None else f"; on average {use.gil.waiting:.1f} threads waited for it"
    return f"The GIL was held {100 * use.gil.held_share:.0f} % of the time{waiting}."


def _counted(number: int, thing: str, ending: str = "s") -> str:
    return f"{number} {thing}{ending if number != 1 else ''}"
