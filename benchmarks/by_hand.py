"""Runs the code of an advice as its user would, without the lab: does it gain what was said?

One process calls the function for one input after the other, another one runs the pasted code on the same inputs, turn
and turn about; each times its passes with a clock, and nothing of the lab is imported by either. The first pass of a
process is what a program that does it once gets; the others are what the advice speaks of.
"""

import json
import random
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from thirty_functions import CASES

from gil_lab.advice.found import FoundAdvice

ROUNDS, PASSES = 3, 3
TIMED = """
{run}
import asyncio, functools, importlib, json, sys, time
module, name, given, passes, numbers = json.load(sys.stdin)
owner, _, attribute = name.rpartition(".")
module = importlib.import_module(module)
function = getattr(getattr(module, owner) if owner else module, attribute)
inputs = eval(given, vars(module))
inputs = [inputs[number % len(inputs)] for number in numbers]
clear = getattr(function, "cache_clear", lambda: None)

for _ in range(passes):
    clear()
    begin = time.perf_counter()
    run(inputs)
    print(time.perf_counter() - begin)
"""
IN_TURN = """
def run(inputs):
    if asyncio.iscoroutinefunction(function):
        return [asyncio.run(function({stars}one)) for one in inputs]
    return [function({stars}one) for one in inputs]
"""


@dataclass(frozen=True)
class ByHand:
    """How many times as fast as one call after the other the code was, in each round."""

    first: tuple[float, ...]
    again: tuple[float, ...]

    def __str__(self) -> str:
        return f"by hand {_spread(self.again)}, in a first pass {_spread(self.first)}"

    @property
    def gain(self) -> float:
        return statistics.median(self.again)


def _spread(gains: Sequence[float]) -> str:
    return f"{statistics.median(gains):.2f}x ({min(gains):.2f} to {max(gains):.2f})"


def run(found: FoundAdvice, function: str, seed: int = 1) -> ByHand | None:
    """None where there is no code, or it could not be run."""
    if found.tried is None or found.code is None:
        return None
    tasks = found.tried.tasks
    count = found.examined.facts.inputs
    numbers = [random.Random(seed).randrange(count) for _ in range(tasks)]
    if tasks <= count:
        numbers = sorted(random.Random(seed).sample(range(count), tasks))
    kind, _, value = CASES[function].partition(":")
    given = value if kind == "name" else f"range({value})"
    argument = json.dumps(["thirty_functions", function, given, PASSES, numbers])
    programs = [IN_TURN.format(stars=found.examined.facts.stars), "from advised_code import run"]
    walls_s = [[_walls_s(found.code.path.parent, one, argument) for one in programs] for _ in range(ROUNDS)]
    first = tuple(in_turn[0] / pasted[0] for in_turn, pasted in walls_s)
    again = tuple(statistics.median(in_turn[1:]) / statistics.median(pasted[1:]) for in_turn, pasted in walls_s)
    return ByHand(first, again)


def _walls_s(folder: Path, program: str, argument: str) -> list[float]:
    path = folder / "timed.py"
    path.write_text(TIMED.format(run=program), encoding="utf-8")
    paths = {"PYTHONPATH": f"{Path(__file__).parent}:{folder}"}
    command = [sys.executable, str(path)]
    done = subprocess.run(command, env=paths, input=argument, stdout=subprocess.PIPE, text=True, check=True)
    return [float(line) for line in done.stdout.split()]
