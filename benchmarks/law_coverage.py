"""How often do the 95 % intervals of a law of scaling hold the truth, and how wide are they?

    python benchmarks/law_coverage.py [SWEEPS]

Simulates that many sweeps (2000 by default) of machines whose serial share and crosstalk are known, fits the universal
scalability law to each, and predicts the largest pool from the others. Noise is that of whole cells: what is left of it
after all rounds. Takes some seconds.
"""

import math
import random
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gil_lab.analysis.estimates import Estimate
from gil_lab.analysis.scaling_laws import UNIVERSAL, fit


@dataclass(frozen=True, slots=True)
class Truth:
    serial: float
    crosstalk: float
    workers: Sequence[int] = (1, 2, 3, 4, 6, 8)
    noise: tuple[float, float] = (0.02, 0.02)
    """Standard deviation of the logarithm of a wall time; each pool has its own between these."""

    def wall(self, workers: int) -> float:
        return (1 - self.serial) / workers + self.serial + self.crosstalk * (workers - 1)


USUAL = Truth(0.05, 0.002)
TRUTHS: dict[str, Truth] = {
    "usual: six pools, noise 2 %": USUAL,
    "noise 5 %": replace(USUAL, noise=(0.05, 0.05)),
    "noise 1 to 5 %, pool by pool": replace(USUAL, noise=(0.01, 0.05)),
    "no crosstalk": replace(USUAL, crosstalk=0.0),
    "no serial share": replace(USUAL, serial=0.0),
    "neither": replace(USUAL, serial=0.0, crosstalk=0.0),
    "all serial, as under the GIL": replace(USUAL, serial=1.0, crosstalk=0.0),
    "fastest within the sweep": replace(USUAL, crosstalk=0.03),
    "eight pools, up to 16": replace(USUAL, workers=(1, 2, 3, 4, 6, 8, 12, 16)),
    "ten pools, up to 64": replace(USUAL, workers=(1, 2, 3, 4, 6, 8, 16, 24, 32, 64)),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """Shares of the sweeps whose interval holds the truth, and the median width of that of the serial share."""

    serial: float
    crosstalk: float
    fastest: float
    predicted: float
    width: float

    @property
    def least(self) -> float:
        return min(self.serial, self.crosstalk, self.fastest, self.predicted)


def outcome(truth: Truth, sweeps: int, seed: int = 1) -> Outcome:
    chance = random.Random(seed)
    seen = [_sweep(truth, chance) for _ in range(sweeps)]
    serial, crosstalk, fastest, predicted, widths = zip(*seen, strict=True)
    mean = statistics.fmean
    return Outcome(mean(serial), mean(crosstalk), mean(fastest), mean(predicted), statistics.median(widths))


def _sweep(truth: Truth, chance: random.Random) -> tuple[bool, bool, bool, bool, float]:
    measured = {
        workers: truth.wall(workers) * math.exp(chance.gauss(0, chance.uniform(*truth.noise)))
        for workers in truth.workers
    }
    found = fit(UNIVERSAL, measured)
    crosstalk, fastest = found.crosstalk, found.fastest
    assert crosstalk is not None
    assert fastest is not None
    most = truth.workers[-1]
    predicted = fit(UNIVERSAL, {each: wall for each, wall in measured.items() if each != most}).predicted(most)
    peak = math.sqrt((1 - truth.serial) / truth.crosstalk) if truth.crosstalk else math.inf
    serial = found.serial
    return (
        _holds(serial, truth.serial),
        _holds(crosstalk, truth.crosstalk),
        truth.serial == 1 or _holds(fastest, peak),
        _holds(predicted, measured[most]),
        (serial.high or 0) - (serial.low or 0),
    )


def _holds(estimate: Estimate, truth: float) -> bool:
    rounding = 1e-12
    assert estimate.low is not None
    assert estimate.high is not None
    return estimate.low - rounding <= truth <= estimate.high + rounding


def lines(sweeps: int) -> Iterator[str]:
    yield f"{'':32} serial   crosstalk   fastest   predicted   width of serial"
    for name, truth in TRUTHS.items():
        found = outcome(truth, sweeps)
        shares = (found.serial, found.crosstalk, found.fastest, found.predicted)
        yield f"{name:32}" + "".join(f"{100 * share:8.1f} %" for share in shares) + f"{100 * found.width:10.1f} points"


def main(sweeps: int) -> None:
    print(f"{sweeps} simulated sweeps a row, nominal coverage 95 %")
    for line in lines(sweeps):
        print(line, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
