"""A results folder of many sessions, in the format of the lab, with random numbers."""

import json
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_type_hints

from gil_lab.model.records import Cell, CpuSpeed, GilStates, MemoryUse, Pass, StartUpCosts, Status, TaskSpan
from gil_lab.sessions.csv_table import columns, encoded, encoded_row
from gil_lab.sessions.rows import (
    CoreRow,
    GilNumbers,
    IdleShares,
    Numbers,
    PassRow,
    SampleRow,
    StateShares,
    TaskRow,
    TrialRow,
)
from gil_lab.sessions.schema import FILES, SESSION

EXPERIMENTS = 10
DISTINCT = 20
"""Distinct sessions; the others are copies of them."""
STRATEGIES = ("sequential", "threading", "asyncio", "multiprocessing", "joblib", "numba-nogil", "numba-parallel")
TRIALS, PASSES, TASKS, SAMPLES, CORES = 24, 13, 16, 4, 2
"""Of a session, and of a trial: as many as `gil-lab run cpu-bound` leaves in half the time."""

ABOUT = {
    "schema": 1,
    "machine": {"host": "host", "usable_cores": 2},
    "references": dict.fromkeys(STRATEGIES, STRATEGIES[0]),
    "trials": TRIALS,
}


def make(root: Path, count: int) -> int:
    """Create `count` sessions of about a thousand rows in `root`; returns the number of rows in all their files."""
    different = [_texts(random.Random(seed)) for seed in range(min(count, DISTINCT))]
    rows = 0
    for number in range(count):
        began = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=number)
        folder = root / f"experiment-{number % EXPERIMENTS}" / f"{began:%Y%m%dT%H%M%SZ}-host"
        folder.mkdir(parents=True)
        for name, text in different[number % len(different)].items():
            (folder / name).write_text(text)
            rows += text.count("\n") - 1
        (folder / SESSION).write_text(json.dumps({"experiment": folder.parent.name, **ABOUT}))
    return rows


def _texts(chance: random.Random) -> dict[str, str]:
    trials = [_trial(number, chance) for number in range(1, TRIALS + 1)]
    rows: dict[type, Sequence[Any]] = {
        TrialRow: trials,
        PassRow: [row for trial in trials for row in _passes(trial.trial, chance)],
        TaskRow: [row for trial in trials for row in _tasks(trial.trial, chance)],
        SampleRow: [row for trial in trials for row in _samples(trial.trial, chance)],
        CoreRow: [row for trial in trials for row in _cores(trial.trial, chance)],
    }
    return {
        name: encoded(columns(kind)) + "".join(map(encoded_row, rows.get(kind, ()))) for name, kind in FILES.items()
    }


def _trial(number: int, chance: random.Random) -> TrialRow:
    strategy = STRATEGIES[number % len(STRATEGIES)]
    cell = Cell("primes", strategy, 1 if strategy == STRATEGIES[0] else 8, "3.11", 32, 1000)
    numbers = Numbers(
        gil_seen=GilNumbers(),
        idle=IdleShares(),
        chunk=None,
        costs=StartUpCosts(chance.random(), chance.random(), chance.random()),
        **{name: chance.random() for name, kind in get_type_hints(Numbers).items() if kind in (float, float | None)},
        states=StateShares(chance.random(), chance.random(), chance.random()),
        cpu_speed=CpuSpeed(chance.random(), chance.random()),
        passes=PASSES,
        workers_seen=8,
        gil=GilStates(at_start=True, after_imports=True, after_work=True, enabled_by=""),
        threading_layer="",
        versions="python 3.11.7 numba 0.68.1 numpy 2.4.6 joblib 1.6.0 cloudpickle 3.1.2 psutil 7.2.2",
        memory=MemoryUse(chance.randrange(10**9), chance.randrange(10**9)),
        beats=0,
        delays=None,
    )
    return TrialRow(number, number // 8, cell, Status.OK, "", (), "2026-11-23T13:42:48+00:00", numbers)


def _passes(trial: int, chance: random.Random) -> Iterator[PassRow]:
    return (PassRow(trial, number, Pass("timed", *_span(chance))) for number in range(PASSES))


def _tasks(trial: int, chance: random.Random) -> Iterator[TaskRow]:
    for task in range(TASKS):
        running, ready, blocked = (chance.randrange(10**6) for _ in range(3))
        span = TaskSpan(task, 6367, 6367 + task % 8, *_span(chance), running, ready, core_begin=0, core_end=1)
        yield TaskRow(trial, span, blocked)


def _samples(trial: int, chance: random.Random) -> Iterator[SampleRow]:
    for _ in range(SAMPLES):
        child_s, service_s, controller_s = (round(chance.random(), 6) for _ in range(3))
        yield SampleRow(trial, _span(chance)[0], chance.randrange(10**6), child_s, service_s, controller_s)


def _cores(trial: int, chance: random.Random) -> Iterator[CoreRow]:
    for number in range(SAMPLES * CORES):
        yield CoreRow(trial, number % CORES, _span(chance)[0], round(300 * chance.random(), 2), 0.02)


def _span(chance: random.Random) -> tuple[int, int]:
    begin_ns = chance.randrange(10**12, 2 * 10**12)
    return begin_ns, begin_ns + chance.randrange(10**9)
