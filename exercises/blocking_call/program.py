"""Fetches several pages at the same time, it says. Try: python blocking_call.py http://127.0.0.1:8000/ ..."""

import asyncio
import sys
import urllib.request


def read(address):
    with urllib.request.urlopen(address, timeout=20) as answer:
        return answer.read().decode()


async def fetch(address):
    return read(address)


async def fetch_all(addresses):
    return await asyncio.gather(*(fetch(address) for address in addresses))


def run(addresses):
    return asyncio.run(fetch_all(addresses))


if __name__ == "__main__":
    for text in run(sys.argv[1:]):
        print(len(text))
