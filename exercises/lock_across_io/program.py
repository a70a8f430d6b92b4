"""Counts the words of several pages, which threads fetch: python lock_across_io.py http://127.0.0.1:8000/ ..."""

import sys
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor


def read(address):
    with urllib.request.urlopen(address, timeout=20) as answer:
        return answer.read().decode()


class Words:
    def __init__(self):
        self.lock = threading.Lock()
        self.total = 0

    def count(self, address):
        with self.lock:
            text = read(address)
            self.total += len(text.split())


def run(addresses):
    words = Words()
    with ThreadPoolExecutor(len(addresses)) as pool:
        list(pool.map(words.count, addresses))
    return words.total


if __name__ == "__main__":
    print(run(sys.argv[1:]))
