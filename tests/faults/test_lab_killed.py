"""The lab itself is killed with -9, in each phase; or what guards a process is. Nothing outlives either."""

import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from faults import misbehaving
from faults.rig import TALLY, TINY, eventually, of_run
from gil_lab.measuring.supervised_process import SupervisedProcess, private_folder

FILE = Path(misbehaving.__file__)
PHASES = Path(__file__).with_name("phases.py")
SEMAPHORE_OF_1 = "sem.loky-1-abcdefgh"


def children(pid):
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []


@pytest.mark.parametrize(
    ("phase", "strategy"),
    [
        ("import", "sequential"),
        ("inputs", "sequential"),
        ("warm-up", "sequential"),
        ("timed", "sequential"),
        ("timed", "multiprocessing-fork"),
        ("timed", "multiprocessing-forkserver"),
        ("timed", "multiprocessing-spawn"),
        ("timed", "joblib"),
        ("traced", "sequential"),
        ("close", "sequential"),
    ],
)
def test_fault_40_nothing_outlives_a_lab_that_is_killed(rig, phase, strategy):
    """Its child, that one's workers, the guardian and the folder for temporary files are gone within two seconds."""
    arguments = rig.arguments(
        str(PHASES), "--workload", f"fine,waiting-{phase}", "--strategy", strategy, "--workers", "2", *TINY[2:]
    )
    process = rig.start(arguments, env=rig.environment(HOME=str(rig.cwd.parent)))
    reached = rig.cwd.parent / "reached"
    assert eventually(reached.exists, 30), process.communicate(timeout=30)
    kept = rig.trials_file().read_bytes()
    assert of_run(process.pid)
    process.kill()
    rig.survived(rig.ended(process), -signal.SIGKILL, kept=kept)


def test_fault_40_nothing_outlives_a_lab_that_is_killed_while_it_asks_an_interpreter(rig):
    """A program given as `--python` may hang for ever: it is not even a trial yet."""
    program = rig.cwd.parent / "python"
    program.write_text(f"#!/bin/sh\nsetsid sleep 600 &\necho $! $$ > {rig.cwd.parent}/pids\nsleep 600\n")
    program.chmod(0o755)
    process = rig.start(rig.arguments(str(FILE), "--python", str(program), *TINY))
    pids = rig.cwd.parent / "pids"
    assert eventually(lambda: pids.exists() and pids.read_text().endswith("\n"))
    rig.watched += map(int, pids.read_text().split())
    process.kill()
    rig.survived(rig.ended(process), -signal.SIGKILL)


def test_fault_40_what_hides_from_everybody_does_not_outlive_the_lab(rig):
    """Another session, a double fork, an emptied environment, deaf to all signals but one."""
    arguments = rig.arguments(str(FILE), "--workload", "leave-and-hang", *TINY)
    process = rig.start(arguments, env=rig.environment(HOME=str(rig.cwd.parent)))
    pids = rig.cwd.parent / "pids"
    assert eventually(lambda: pids.exists() and len(pids.read_text().splitlines()) == 2, 30)
    rig.watched += map(int, pids.read_text().split())
    assert all(map(psutil.pid_exists, rig.watched))
    process.kill()
    # deaf ones get a second to hear, then they are killed
    assert eventually(lambda: not any(map(psutil.pid_exists, rig.watched)), 5)
    rig.survived(rig.ended(process), -signal.SIGKILL)


def guarded(code, **how):
    return SupervisedProcess([sys.executable, "-I", "-S", "-c", code], {}, private_folder(), **how)


def test_a_process_whose_guardian_is_killed_is_killed_as_well():
    """The kernel sees to it (PR_SET_PDEATHSIG), and the lab says how it ended."""
    TALLY["faults injected"] += 1
    process = guarded("import time; time.sleep(600)")
    os.kill(process._supervisor.pid, signal.SIGKILL)
    assert process.wait(10) == -signal.SIGKILL
    assert eventually(lambda: not psutil.pid_exists(process.pid))
    assert not process.close().leaked
    assert not process.folder.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_a_guardian_takes_no_orders_from_a_terminal(number):
    """Ctrl-C, Ctrl-Z and a lost line are for the lab, which knows what to do."""
    process = guarded("import time; time.sleep(600)")
    guardian = psutil.Process(process._supervisor.pid)
    assert len({os.getsid(0), os.getsid(guardian.pid), os.getsid(process.pid)}) == 3
    guardian.send_signal(number)
    assert process.wait(0.1) is None
    assert guardian.is_running()
    process.close()


def test_a_guardian_that_is_asked_to_end_ends_its_process():
    """SIGTERM to it means what the end of its lifeline means."""
    process = guarded("import time; time.sleep(600)")
    os.kill(process._supervisor.pid, signal.SIGTERM)
    assert process.wait(10) == -signal.SIGTERM
    process.close()


def test_who_is_told_to_end_may_tidy_up_first():
    """SIGTERM comes before SIGKILL: resource trackers and atexit functions do their work."""
    tidy = "signal.signal(15, lambda *_: (print('tidy'), sys.exit(0)))"
    process = guarded(f"import signal, sys, time; {tidy}; time.sleep(600)")
    assert eventually(lambda: caught(process.pid) & 1 << signal.SIGTERM - 1)
    assert process.close().printed == "tidy\n"


def caught(pid):
    """The signals that a process has handlers for, a bit each (proc(5))."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1], 16) for line in lines if line.startswith("SigCgt"))


@pytest.mark.parametrize(("ignored", "mask"), [(True, False), (False, True)], ids=["ignored", "blocked"])
def test_fault_41_a_process_starts_with_signals_as_usual(ignored, mask):
    """Whatever the lab itself was started with; else a pool could not be ended politely."""
    before = signal.signal(signal.SIGQUIT, signal.SIG_IGN) if ignored else None
    if mask:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    try:
        handler, blocked = "signal.getsignal(3) is signal.SIG_DFL", "signal.pthread_sigmask(signal.SIG_BLOCK, ())"
        code = f"import signal; print({handler}, {blocked})"
        process = guarded(code)
        assert process.wait(10) == 0
        assert process.close().printed == "True set()\n"
    finally:
        if ignored:
            signal.signal(signal.SIGQUIT, before)
        if mask:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR1})


def descriptors():
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_fifty_processes_cost_no_descriptor_and_no_memory():
    """What is started is closed again, whole."""
    for _ in range(3):
        guarded("pass").close()
    before, memory = descriptors(), psutil.Process().memory_info().rss
    for _ in range(50):
        process = guarded("pass")
        process.wait(10)
        process.close()
    assert descriptors() == before
    assert psutil.Process().memory_info().rss - memory < 20 * 2**20


def test_shared_memory_of_processes_that_were_killed_is_removed():
    """Names with their pids in them, and no others."""
    TALLY["faults injected"] += 1
    names = "(f'sem.loky-{os.getpid()}-abcdefgh', f'results-{os.getpid()}', 'sem.loky-1-abcdefgh')"
    code = f"import os, time\nfor name in {names}: open('/dev/shm/' + name, 'w').close()\ntime.sleep(600)"
    process = guarded(code)
    shm = Path("/dev/shm")
    ours, theirs = shm / f"sem.loky-{process.pid}-abcdefgh", (shm / f"results-{process.pid}", shm / SEMAPHORE_OF_1)
    try:
        assert eventually(theirs[-1].exists)
        process.close()
        assert not ours.exists()
        assert all(file.exists() for file in theirs)
    finally:
        for file in theirs:
            file.unlink(missing_ok=True)
