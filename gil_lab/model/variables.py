"""Environment variables that pass settings from the controller to the processes it starts."""

from collections.abc import Iterable

SWITCH_INTERVAL_S = "GIL_LAB_SWITCH_INTERVAL_S"
"""Seconds for `sys.setswitchinterval` in the measured process; Python itself has no variable for it."""
CORES = "GIL_LAB_CORES"
"""The cores that the measured process and its descendants may use: how many, or which, with a comma behind each."""
LIBRARY_THREADS = "GIL_LAB_LIBRARY_THREADS"
"""How many threads of their own libraries may use inside a task: a number, or one of the two words below."""
DIVIDED, UNCAPPED = "divided", "uncapped"
"""The cores shared out among the workers; as many as libraries use by themselves."""
CLUSTER = "GIL_LAB_CLUSTER"
"""`HOST:PORT` of the scheduler of a running cluster, on which strategies that have a cluster run their tasks."""
SERVICE_PYTHON = "GIL_LAB_SERVICE_PYTHON"
"""The Python that runs the servers of workloads."""
MARK = "GIL_LAB_TRIAL"
"""Who started a process, and for which trial: `<pid of the lab>-<folder>`. For people who look at processes; the lab
kills none by it, since an environment can be emptied."""
Settings = tuple[tuple[str, str], ...]
"""Environment variables and their values."""


def cores_meant(value: str, allowed: Iterable[int]) -> list[int]:
    """The numbers of the cores that a value of `CORES` means, of those that are allowed."""
    if "," in value:
        return [int(number) for number in value.split(",") if number]
    return sorted(allowed)[: int(value)]
