"""Environment variables that pass settings from the controller to the processes it starts."""

SWITCH_INTERVAL_S = "GIL_LAB_SWITCH_INTERVAL_S"
"""Seconds for `sys.setswitchinterval` in the measured process; Python itself has no variable for it."""
CORES = "GIL_LAB_CORES"
"""How many cores the measured process and its descendants may use."""
LIBRARY_THREADS = "GIL_LAB_LIBRARY_THREADS"
"""How many threads of their own libraries may use inside a task."""
SERVICE_PYTHON = "GIL_LAB_SERVICE_PYTHON"
"""The Python that runs the servers of workloads."""
MARK = "GIL_LAB_TRIAL"
"""Who started a process, and for which trial: `<pid of the lab>-<folder>`. For people who look at processes; the lab
kills none by it, since an environment can be emptied."""
Settings = tuple[tuple[str, str], ...]
"""Environment variables and their values."""
