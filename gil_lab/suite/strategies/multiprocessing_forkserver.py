"""Processes forked from a small server process that has no threads: the default on Linux from Python 3.14 on."""

from gil_lab.suite.strategies.multiprocessing import processes

STRATEGY = processes("forkserver", "a pool of processes, forked from a small clean server")
