"""Adds up an array in a parallel loop."""

import numpy as np
from numba import njit, prange


@njit(parallel=True)
def run(values):
    sums = np.zeros(1, np.int64)
    for index in prange(values.size):
        sums[0] += values[index]
    return sums[0]


if __name__ == "__main__":
    for _ in range(5):
        print(run(np.arange(1_000_000)))  # 499999500000?
