"""Processes that begin as copies of this one: the cheapest start, unsafe when threads are running (gh-84559)."""

from gil_lab.suite.strategies.multiprocessing import processes

STRATEGY = processes("fork", "a pool of processes, each a copy of the parent (fork)")
