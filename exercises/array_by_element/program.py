"""How far two series of numbers are apart: the sum of their distances."""

import numpy as np


def run(first, second):
    total = 0
    for number, other in zip(first, second):
        total += abs(number - other)
    return total


if __name__ == "__main__":
    print(run(np.arange(100_000), np.full(100_000, 50_000)))
