"""Adds up the work of each group, in two processes."""

import functools
import math
from concurrent.futures import ProcessPoolExecutor

WORKERS = 2


def total(work, group):
    with ProcessPoolExecutor(WORKERS) as pool:
        return sum(pool.map(work, group))


def run(work, groups):
    with ProcessPoolExecutor(WORKERS) as pool:
        return list(pool.map(functools.partial(total, work), groups))


if __name__ == "__main__":
    print(run(math.factorial, [range(5), range(10)]))
