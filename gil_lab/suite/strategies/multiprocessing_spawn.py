"""Processes that begin as fresh interpreters: the safest and most expensive start, the default on macOS and Windows."""

from gil_lab.suite.strategies.multiprocessing import processes

STRATEGY = processes("spawn", "a pool of processes, each a fresh interpreter (spawn)")
