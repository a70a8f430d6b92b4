"""Looks up rows of a big table, in two processes."""

import functools
from concurrent.futures import ProcessPoolExecutor
from operator import getitem


def run(look_up, table, rows):
    with ProcessPoolExecutor(2) as pool:
        return list(pool.map(functools.partial(look_up, table), rows))


if __name__ == "__main__":
    print(run(getitem, bytes(range(256)) * 100_000, range(8)))
