"""A made-up session of cells that took turns, on disk: as its trials and turns are."""

import math
import random
import statistics
from dataclasses import replace

from made import numbers, row, session_in

from gil_lab.model.records import Usage
from gil_lab.sessions.csv_table import columns, encoded, encoded_row
from gil_lab.sessions.rows import TurnPlace, TurnRow

BUDGETED = {"rounds": None, "budget_s": None, "threshold": None}
"""Options of a session of which the time decided how long it measured."""
QUIET = Usage(0.25, 0.25, 0.0, 0.0, 0.25, 0.0)


def took_turns(folder, factors, *, generations=4, rounds=8, noise=0.001, seed=1, flags=(), options=None, wall_s=0.25):
    """Sessions of cells that take so many times as long as `wall_s`, by strategy; each turn with some noise."""
    chance, trials, turns = random.Random(seed), [], []
    for generation in range(1, generations + 1):
        for place, (strategy, factor) in enumerate(factors.items(), 1):
            process = factor * wall_s * math.exp(chance.gauss(0, noise))
            walls = [process * math.exp(chance.gauss(0, noise)) for _ in range(rounds)]
            number = len(trials) + 1
            made = row(strategy, number=number, round=generation, flags=flags)
            where = replace(made.cell, workers=1) if "sequential" in strategy else made.cell
            trials.append(replace(made, cell=where, numbers=numbers(statistics.median(walls))))
            turns += [
                TurnRow(number, TurnPlace(generation, (generation - 1) * rounds + at, place), 1, wall, QUIET, flags)
                for at, wall in enumerate(walls, 1)
            ]
    about = {"schema": 3, "experiment": "cpu-bound", "options": {**BUDGETED, **(options or {})}}
    session_in(folder, trials, about)
    (folder / "turns.csv").write_text(encoded(columns(TurnRow)) + "".join(map(encoded_row, turns)))
    return folder
