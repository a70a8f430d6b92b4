"""Looks up rows of a big table, in two processes: each is given it once, when it starts."""

import functools
from concurrent.futures import ProcessPoolExecutor
from operator import getitem

kept = None


def keep(table):
    global kept
    kept = table


def look_up_in_kept(look_up, row):
    return look_up(kept, row)


def run(look_up, table, rows):
    with ProcessPoolExecutor(2, initializer=keep, initargs=(table,)) as pool:
        return list(pool.map(functools.partial(look_up_in_kept, look_up), rows))


if __name__ == "__main__":
    print(run(getitem, bytes(range(256)) * 100_000, range(8)))
