"""Fetches several pages at the same time: a thread waits for each, and the event loop for the threads."""

import asyncio
import sys
import urllib.request


def read(address):
    with urllib.request.urlopen(address, timeout=20) as answer:
        return answer.read().decode()


async def fetch(address):
    return await asyncio.to_thread(read, address)


async def fetch_all(addresses):
    return await asyncio.gather(*(fetch(address) for address in addresses))


def run(addresses):
    return asyncio.run(fetch_all(addresses))


if __name__ == "__main__":
    for text in run(sys.argv[1:]):
        print(len(text))
