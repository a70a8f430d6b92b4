"""The tree below a process: by the kernel's lists of children, and by looking at all processes, where it has none."""

import os
import subprocess
import sys

import psutil
import pytest

from gil_lab.measuring import processes

FAMILY = """
import subprocess, sys, threading
children = []
def start(stay):
    children.append(subprocess.Popen(["sh", "-c", "sleep 60 & wait"]))
    stay.wait()
ended, stays = threading.Event(), threading.Event()
ended.set()
threads = [threading.Thread(target=start, args=(stay,), daemon=True) for stay in (ended, stays)]
for thread in threads: thread.start()
threads[0].join()
while len(children) < 2: pass
print("started", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("listed", [True, False])
def test_descendants_are_all_that_there_are_below_a_process(listed, monkeypatch):
    """Also those of other threads, one of which has ended, and their children; none that is not below it."""
    monkeypatch.setattr(processes, "KERNEL_LISTS_CHILDREN", listed and processes.KERNEL_LISTS_CHILDREN)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", FAMILY], **pipes) as child:
        child.stdout.readline()
        while len(expected := psutil.Process(child.pid).children(recursive=True)) < 4:  # two shells, and what they run
            continue
        tree = processes.descendants(child.pid)
        mine = processes.descendants(os.getpid())
        for each in expected:
            each.kill()
    assert tree[0].pid == child.pid
    assert set(tree[1:]) == set(expected)
    assert set(tree) < set(mine)
    assert processes.descendants(child.pid) == []
