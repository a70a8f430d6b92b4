"""A process whose threads do something known with the GIL: `python gil_tasks.py KIND THREADS SECONDS`.

It tells its GILs when its threads are there, waits for a line, lets them work, and tells when each noted that it ran.
"""

import hashlib
import json
import sys
import threading
import time
from dataclasses import asdict

from gil_lab.suite.instruments.gil_records import gil_records

BLOCK = bytes(1 << 20)


def spin(until):
    """Python code: it holds the GIL, but for moments."""
    turns, number = [], 0
    while (now := time.monotonic_ns()) < until:
        number = (number + 1) & 127
        if not turns or now - turns[-1][1] > 1_000_000:
            turns.append([now, now])
        turns[-1][1] = now
    return turns


def sleep(until):
    while time.monotonic_ns() < until:
        time.sleep(0.05)
    return []


def digest(until):
    """C code that releases it."""
    while time.monotonic_ns() < until:
        hashlib.sha256(BLOCK).digest()
    return []


def wait(until):
    """For a lock that stays taken."""
    lock = threading.Lock()
    lock.acquire()
    while time.monotonic_ns() < until:
        lock.acquire(timeout=0.05)
    return []


def main(kind, threads, seconds):
    begin, ended, noted = threading.Event(), [], {}

    def work():
        begin.wait()
        noted[threading.get_native_id()] = globals()[kind](time.monotonic_ns() + int(seconds * 1e9))
        ended.append(time.monotonic_ns())

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    print(json.dumps({"gils": asdict(gil_records()), "threads": [each.native_id for each in workers]}), flush=True)
    sys.stdin.readline()
    begin_ns = time.monotonic_ns()
    begin.set()
    for worker in workers:
        worker.join()
    print(json.dumps({"turns": noted, "begin_ns": begin_ns, "end_ns": min(ended)}), flush=True)
    sys.stdin.readline()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
