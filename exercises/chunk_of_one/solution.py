"""Does many short tasks in two processes, fifty of them at a time."""

import math
from concurrent.futures import ProcessPoolExecutor


def run(work, numbers):
    with ProcessPoolExecutor(2) as pool:
        return list(pool.map(work, numbers, chunksize=50))


if __name__ == "__main__":
    print(sum(run(math.isqrt, range(10_000))))
