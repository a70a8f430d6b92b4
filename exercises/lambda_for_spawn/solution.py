"""Does some work in two processes, and adds one to each answer: by a function that can be imported there."""

import functools
import math
import multiprocessing
from concurrent.futures import ProcessPoolExecutor


def one_more(work, number):
    return work(number) + 1


def run(work, numbers):
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        return list(pool.map(functools.partial(one_more, work), numbers))


if __name__ == "__main__":
    print(run(math.factorial, range(8)))
