"""Does some work in two processes, as often as it is called."""

import math
from concurrent.futures import ProcessPoolExecutor


def run(work, numbers):
    with ProcessPoolExecutor(2) as pool:
        return list(pool.map(work, numbers))


if __name__ == "__main__":
    for first in range(0, 100, 10):
        print(run(math.isqrt, range(first, first + 10)))
