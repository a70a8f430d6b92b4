"""Does some work in two processes, as often as it is called: always the same two."""

import functools
import math
from concurrent.futures import ProcessPoolExecutor


@functools.cache
def pool():
    return ProcessPoolExecutor(2)


def run(work, numbers):
    return list(pool().map(work, numbers))


if __name__ == "__main__":
    for first in range(0, 100, 10):
        print(run(math.isqrt, range(first, first + 10)))
