"""A session on disk with something of everything that a session can hold, of trials that nobody has measured."""

from dataclasses import replace
from itertools import product

from made import cell, result, trial
from whole_session import MACHINE, measured

from gil_lab.model.records import Beat, Flag, Observation, Status
from gil_lab.sessions.writer import Folder

ABOUT = {
    "experiment": "cpu-bound",
    "gil_lab": "1.0",
    "machine": {**MACHINE, "affinity": [0, 1], "quota_cores": None, "memory_bytes": 8 * 2**30, "packages": {"a": "1"}},
    "controller": {"python": "3.11.7", "implementation": "CPython"},
    "interpreters": {
        label: {
            "label": label,
            "version": f"{label}.1",
            "configured": ["--enable-optimizations"],
            "free_threaded": label.endswith("t"),
            "packages": [{"name": "numba", "version": "0.65"}],
            "refusals": [{"strategy": "joblib", "reason": "not installed"}],
        }
        for label in ("3.11", "3.13t")
    },
    "missing": {"3.15": "there is no 3.15"},
    "options": {"rounds": 2, "min_time_s": 0.5, "workers": [2, 4], "out": None, "quick": False},
    "workloads": ["primes", "primes+lock"],
    "references": {"sequential": "sequential", "threading": "sequential", "numba-nogil": "numba-sequential"},
}
WALLS = {
    ("sequential", 1, ""): 40,
    ("threading", 2, ""): 41,
    ("threading", 4, ""): 42,
    ("threading", 2, "+lock"): 60,
    ("numba-nogil", 2, ""): 5,
    ("numba-sequential", 1, ""): 9,
    ("multiprocessing", 2, ""): 21,
}


def rich_session(out, rounds=2):
    """Two interpreters, two sizes of a pool, a variant, a heartbeat, observations, flags, a failed cell."""
    cells = [
        (cell(strategy, workers=workers, interpreter=python, workload=f"primes{variant}", tasks=8), wall_ms)
        for python in ("3.11", "3.13t")
        for (strategy, workers, variant), wall_ms in WALLS.items()
    ]
    plan = [
        (trial(number=number, round=round_, cell=one), wall_ms)
        for number, (round_, (one, wall_ms)) in enumerate(product(range(1, rounds + 1), cells), 1)
    ]
    about = {**ABOUT, "trials": len(plan)}
    folder = Folder(out, "cpu-bound", "here", about, {"3.11": "python 3.11.7"}, [planned for planned, _ in plan])
    for planned, wall_ms in plan:
        one, round_ = planned.cell, planned.round
        if (one.strategy, one.interpreter) == ("multiprocessing", "3.13t"):
            folder.append(result(Status.TIMEOUT, trial=planned, detail="not done after 60 s"))
            continue
        usual = measured(wall_ms + round_, one.workers)
        beats = tuple(Beat(beat, beat * 10**6, beat * 10**6 + 500) for beat in range(3))
        took = replace(
            usual,
            turns=tuple(replace(turn, round=round_, beats=beats) for turn in usual.turns),
            observations=(Observation("lost", 3.0 + round_, "updates"), Observation("order", None, text="a b")),
            memory=replace(usual.memory, pss_bytes=40_000_000 * one.workers),
        )
        folder.append(result(trial=planned, measurement=took, flags=(list(Flag)[planned.number % len(Flag)],)))
    folder.close()
    return folder.path
