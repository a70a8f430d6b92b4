"""Functions of all kinds, as people have them, with their inputs: what `benchmarks/advice.py` asks advice on."""

import asyncio
import bz2
import functools
import hashlib
import json
import os
import random
import re
import sqlite3
import subprocess
import tempfile
import threading
import time
import urllib.request
import zlib
from pathlib import Path

import numpy as np

PORT = Path(__file__).with_name("port.txt")
"""Where the server's port stands while the benchmark runs."""
LINES = [
    f'10.0.{n % 256}.{n % 7} - - "GET /page/{n}?q={n * 37 % 1000} HTTP/1.1" 200 {n * 13 % 9999}' for n in range(20_000)
]
LOG_LINE = re.compile(r'(\S+) \S+ \S+ "(\w+) (\S+) HTTP/[\d.]+" (\d{3}) (\d+)')
TEXT = " ".join(f"word{n % 997} {n * 7919 % 10_007}@mail.example" for n in range(20_000))
DOCUMENT = json.dumps([{"id": n, "tags": ["a", "b", str(n)], "value": n / 3} for n in range(400)])
BLOCKS = [random.Random(n).randbytes(1000) * 200 for n in range(40)]
LISTS = [[(n * k) % 1009 for n in range(100_000)] for k in range(1, 13)]
SIZES = [40 + (n * n) % 300 for n in range(64)]
POINTS = [(n / 10, n / 7) for n in range(400)]
SEEN: dict[int, int] = {}
LOCK = threading.Lock()


# --- computing in pure Python


def primes(limit):
    return sum(all(number % d for d in range(2, int(number**0.5) + 1)) for number in range(2, 2000 + limit % 10))


def uneven(size):
    return sum(n * n % 7 for n in range(size * size))


def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def words(n):
    counts = {}
    for word in TEXT[n * 10 : n * 10 + 20_000].split():
        counts[word] = counts.get(word, 0) + 1
    return max(counts.values())


def distance(pair):
    first, second = pair
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(second, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


PAIRS = [(f"kitten{n}" * 6, f"sitting{n * 3}" * 6) for n in range(60)]


def orbit(x, y):
    """Floats in a loop: Numba's own field."""
    steps, zx, zy = 0, 0.0, 0.0
    while zx * zx + zy * zy < 4.0 and steps < 3000:
        zx, zy = zx * zx - zy * zy + x / 400 - 0.5, 2 * zx * zy + y / 500
        steps += 1
    return steps


def gathered(limit):
    return list(number * number for number in range(limit % 100 + 20_000) if number % 3)


# --- C code that keeps the GIL, and that lets go of it


def parsed(_):
    return len(json.loads(DOCUMENT))


def matched(line):
    found = LOG_LINE.match(line)
    return found.groups() if found else None


def searched(n):
    return len(re.findall(r"[a-z]+\d+ \d+@[a-z]+\.example", TEXT[n * 100 : n * 100 + 100_000]))


def compressed(n):
    return len(zlib.compress(BLOCKS[n % len(BLOCKS)], 6))


def hashed(n):
    return hashlib.sha256(BLOCKS[n % len(BLOCKS)] * 5).hexdigest()


def packed(n):
    return len(bz2.compress(BLOCKS[n % len(BLOCKS)][:60_000]))


# --- NumPy and pandas


def multiplied(n):
    matrix = np.arange(250_000, dtype=float).reshape(500, 500) % (n + 3)
    return float((matrix @ matrix).sum())


def sorted_array(n):
    return float(np.sort((np.arange(300_000) * (n + 17)) % 100_003)[1000])


def small_arrays(n):
    values = np.arange(10) + n
    for _ in range(300):
        values = values * 2 % 11
    return int(values.sum())


def grouped(n):
    import pandas as pd

    frame = pd.DataFrame({"key": np.arange(50_000) * (n + 3) % 97, "value": np.arange(50_000) % 13})
    return frame.groupby("key")["value"].mean()


# --- waiting


def slept(_):
    time.sleep(0.02)


def fetched(n):
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT.read_text()}/{n}") as answer:
        return answer.read()


def stored(n):
    with tempfile.TemporaryFile() as file:
        file.write(bytes([n % 256]) * 100_000)
        file.flush()
        os.fsync(file.fileno())
        file.seek(0)
        return len(file.read())


def queried(n):
    with sqlite3.connect(":memory:") as connection:
        connection.execute("create table t (a integer, b integer)")
        connection.executemany("insert into t values (?, ?)", ((k, k * n % 101) for k in range(3000)))
        return connection.execute("select b, count(*) from t group by b order by b").fetchall()


def called_program(_):
    return subprocess.run(["sleep", "0.03"], check=True).returncode


async def awaited(n):
    await asyncio.sleep(0.02)
    return n


async def requested(n):
    reader, writer = await asyncio.open_connection("127.0.0.1", int(PORT.read_text()))
    writer.write(f"GET /{n} HTTP/1.0\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    return answer.rpartition(b"\r\n\r\n")[2]


async def blocking(n):
    time.sleep(0.02)
    return n


def mixed(n):
    time.sleep(0.01)
    return sum(k * k % 7 for k in range(60_000 + n % 3))


# --- what is special


def tiny(x):
    return x * x + 1


def large_argument(values):
    return sum(values[::10]) % 1009


def large_answer(n):
    return [n] * 200_000


def remembered(n):
    with LOCK:
        if n % 20 in SEEN:
            return SEEN[n % 20]
    found = sum(k * k % 11 for k in range(30_000 + n % 20))
    with LOCK:
        SEEN[n % 20] = found
    return found


@functools.cache
def cached(n):
    return sum(k * k % 11 for k in range(30_000 + n))


class Locked:
    """An object that no process can be sent."""

    def __init__(self):
        self.lock = threading.Lock()

    def hashed(self, n):
        return hashlib.sha256(BLOCKS[n % len(BLOCKS)] * 5).hexdigest()


LOCKED = Locked()


def simulated(n):
    return sum(random.random() < 0.3 for _ in range(20_000)) + n


CASES = {
    "primes": "range:400",
    "uneven": "name:SIZES",
    "fibonacci": "range:10:21",
    "words": "range:300",
    "distance": "name:PAIRS",
    "orbit": "name:POINTS",
    "gathered": "range:100",
    "parsed": "range:500",
    "matched": "name:LINES",
    "searched": "range:200",
    "compressed": "range:200",
    "hashed": "range:200",
    "packed": "range:200",
    "multiplied": "range:60",
    "sorted_array": "range:100",
    "small_arrays": "range:500",
    "grouped": "range:100",
    "slept": "range:300",
    "fetched": "range:300",
    "stored": "range:200",
    "queried": "range:200",
    "called_program": "range:100",
    "awaited": "range:300",
    "requested": "range:300",
    "blocking": "range:100",
    "mixed": "range:100",
    "tiny": "range:50000",
    "large_argument": "name:LISTS",
    "large_answer": "range:100",
    "remembered": "range:500",
    "cached": "range:300",
    "LOCKED.hashed": "range:200",
    "simulated": "range:200",
}
"""The inputs of each."""
