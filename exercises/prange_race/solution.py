"""Adds up an array in a parallel loop: a reduction, in which each thread has a sum of its own."""

import numpy as np
from numba import njit, prange


@njit(parallel=True)
def run(values):
    total = 0
    for index in prange(values.size):
        total += values[index]
    return total


if __name__ == "__main__":
    for _ in range(5):
        print(run(np.arange(1_000_000)))
