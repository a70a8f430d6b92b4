"""Threads over one workload, in a script without any instrumentation: the subject of other instruments.

`python bare_threads.py WORKLOAD FORM WORKERS TASKS SIZE SECONDS` prints for how long its threads had work.
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module


def main(name: str, form: str, workers: int, tasks: int, size: int, seconds: float) -> None:
    workload = import_module(f"gil_lab.suite.workloads.{name}").WORKLOAD
    task = workload.forms[form] if form == "call" else workload.forms[form]()
    with workload.inputs(tasks, size) as inputs:
        task(inputs[0])  # compiled here, and not by an observed thread
        begin = time.perf_counter()
        if seconds > 0:
            with ThreadPoolExecutor(workers) as pool:
                while time.perf_counter() - begin < seconds:
                    list(pool.map(task, inputs))
        print(time.perf_counter() - begin)


if __name__ == "__main__":
    workload_name, form_name, *sizes, at_least = sys.argv[1:]
    main(workload_name, form_name, int(sizes[0]), int(sizes[1]), int(sizes[2]), float(at_least))
