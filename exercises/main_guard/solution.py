"""Prints how many primes there are below each number, counted in two processes: python main_guard.py 100 1000"""

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor


def primes(limit):
    return sum(all(number % divisor for divisor in range(2, int(number**0.5) + 1)) for number in range(2, limit))


if __name__ == "__main__":
    limits = [int(argument) for argument in sys.argv[1:]]
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        print(*pool.map(primes, limits))
