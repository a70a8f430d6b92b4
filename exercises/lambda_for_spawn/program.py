"""Does some work in two processes, and adds one to each answer."""

import math
import multiprocessing
from concurrent.futures import ProcessPoolExecutor


def run(work, numbers):
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        return list(pool.map(lambda number: work(number) + 1, numbers))


if __name__ == "__main__":
    print(run(math.factorial, range(8)))
