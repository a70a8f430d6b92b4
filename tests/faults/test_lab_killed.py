"""The lab itself is killed with SIGKILL, in each phase; or the supervisor of a process is. Nothing outlives either."""

import os
import secrets
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from examples import thorough

from faults import misbehaving
from faults.processes import Identity, of_run, recorded
from faults.rig import GONE_S, TALLY, TINY, eventually
from gil_lab.measuring.supervised_process import SupervisedProcess, private_folder

FILE = Path(misbehaving.__file__)
PHASES = Path(__file__).with_name("phases.py")


@pytest.mark.parametrize(
    ("phase", "strategy"),
    [
        *((phase, "sequential") for phase in ("import", "timed")),
        *((phase, "sequential") for phase in ("inputs", "warm-up", "traced", "close") if thorough()),
        *(("worker", f"multiprocessing-{method}") for method in ("fork", "forkserver", "spawn")),
        ("worker", "joblib"),
    ],
)
def test_fault_40_nothing_outlives_a_lab_that_is_killed(rig, phase, strategy):
    """The child, its workers, the supervisor and the folder for temporary files are gone.

    The same processes run in four more phases, which are for the thorough profile.
    """
    how = ("--strategy", strategy, "--workers", "2", *TINY[2:])
    environment = rig.environment(HOME=str(rig.cwd.parent))
    process = rig.forked(str(PHASES), "--workload", f"waiting-{phase}", *how, env=environment)
    reached = rig.cwd.parent / "reached"
    assert eventually(reached.exists, 30), process.communicate(timeout=30)
    kept = rig.trials_file().read_bytes()
    assert of_run(process.pid)
    process.kill()
    rig.survived(rig.ended(process), -signal.SIGKILL, kept=kept, next_works=phase in ("timed", "worker"))


def test_fault_40_nothing_outlives_a_lab_that_is_killed_while_it_asks_an_interpreter(rig):
    """A program given as `--python` may hang: it is not even a trial yet."""
    program = rig.cwd.parent / "python"
    program.write_text(f"#!/bin/sh\nsetsid sleep 600 &\necho $! $$ > {rig.cwd.parent}/pids\nsleep 600\n")
    program.chmod(0o755)
    process = rig.forked(str(FILE), "--python", str(program), *TINY)
    pids = rig.cwd.parent / "pids"
    assert eventually(lambda: pids.exists() and pids.read_text().endswith("\n"))
    rig.watched += map(Identity.of, map(int, pids.read_text().split()))
    process.kill()
    rig.survived(rig.ended(process), -signal.SIGKILL)


def test_fault_40_a_process_that_hides_does_not_outlive_the_lab(rig):
    """Another session, a double fork, an emptied environment, all signals ignored but SIGKILL."""
    environment = rig.environment(HOME=str(rig.cwd.parent))
    process = rig.forked(str(FILE), "--workload", "leave-and-hang", *TINY, env=environment)
    started = rig.cwd.parent / "started"
    assert eventually(lambda: len(recorded(started)) == 2, 30)
    rig.watched += recorded(started)
    assert rig.still_watched() == rig.watched
    process.kill()
    rig.survived(rig.ended(process), -signal.SIGKILL)


def supervised(code, **how):
    return SupervisedProcess([sys.executable, "-I", "-S", "-c", code], {}, private_folder(), **how)


def test_a_process_whose_supervisor_is_killed_is_killed_as_well():
    """The kernel sees to it (PR_SET_PDEATHSIG), and the lab says how it ended."""
    TALLY["faults injected"] += 1
    process = supervised("import time; time.sleep(600)")
    measured = Identity.of(process.pid)
    os.kill(process.keeper, signal.SIGKILL)
    assert process.wait(GONE_S) == -signal.SIGKILL
    assert eventually(lambda: not measured.runs())
    assert not process.close().leaked
    assert not process.folder.exists()


ESCAPE = """
import os, signal, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execve(sys.executable, [sys.executable, "-I", "-S", "-c", {hidden!r}], {{}})
    os._exit(0)
os.wait()
time.sleep(0.2)
"""
"""In a session of its own, without a parent and with an empty environment."""
HOP = """
import os, time
os.setsid()
while True:
    if os.fork():
        os._exit(0)
    time.sleep(0.0005)
"""
"""Each process starts the next one and ends: no look finds the one that lives."""


@pytest.fixture
def hidden():
    """A program that no other test runs."""
    return f"import time; time.sleep(600)  # {secrets.token_hex(8)}"


def running(program):
    """Pids of the processes that run that program."""
    return [one.pid for one in psutil.process_iter(["cmdline"]) if (one.info["cmdline"] or [""])[-1] == program]


@pytest.mark.parametrize(
    "also", ["pass", "ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)"], ids=["", "and clears its death signal"]
)
def test_fault_59_a_process_that_kills_its_supervisor_ends_with_all_that_it_started(hidden, also):
    """The one above the supervisor inherits what is left."""
    TALLY["faults injected"] += 1
    code = f"{ESCAPE.format(hidden=hidden)}\nimport ctypes\n{also}\nos.kill(os.getppid(), signal.SIGKILL)"
    process = supervised(f"{code}; time.sleep(600)")
    assert process.wait(GONE_S) == -signal.SIGKILL
    assert process.lost_supervisor
    process.close()
    assert running(hidden) == []
    assert not process.folder.exists()


def test_fault_59_a_process_that_stops_its_supervisor_is_ended_all_the_same(hidden):
    """The supervisor is continued at once."""
    TALLY["faults injected"] += 1
    process = supervised(f"{ESCAPE.format(hidden=hidden)}\nos.kill(os.getppid(), signal.SIGSTOP); time.sleep(600)")
    assert eventually(lambda: running(hidden))
    began = time.monotonic()
    process.close()
    assert time.monotonic() - began < GONE_S
    assert running(hidden) == []
    assert not process.lost_supervisor


def test_fault_59_a_keeper_that_was_stopped_does_not_stay(hidden):
    """It is continued when the lab is done with it, by whoever it was stopped."""
    TALLY["faults injected"] += 1
    process = supervised(f"{ESCAPE.format(hidden=hidden)}\ntime.sleep(600)")
    assert eventually(lambda: running(hidden))
    os.kill(process.keeper, signal.SIGSTOP)
    process.close()
    assert running(hidden) == []
    assert eventually(lambda: not psutil.pid_exists(process.keeper) or ended(process.keeper))


def ended(pid):
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    return True


def test_fault_59_a_chain_of_processes_does_not_outlive_what_began_it(tmp_path):
    """The system says when there is no child left; and that there was one is reported."""
    TALLY["faults injected"] += 1
    hop = str(tmp_path / "hop.py")
    Path(hop).write_text(HOP)
    process = supervised(f"import subprocess, sys; subprocess.run([sys.executable, '-I', '-S', {hop!r}], env={{}})")
    assert process.wait(GONE_S) == 0
    assert process.close().leaked
    assert running(hop) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_a_supervisor_takes_no_orders_from_a_terminal(number):
    """Ctrl-C, Ctrl-Z and a closed window are for the lab, which decides what happens."""
    process = supervised("import time; time.sleep(600)")
    assert len({os.getsid(0), os.getsid(process.supervisor), os.getsid(process.pid)}) == 3
    for pid in (process.keeper, process.supervisor):
        os.kill(pid, number)
    assert process.wait(0.1) is None
    assert psutil.pid_exists(process.supervisor)
    process.close()


def test_a_supervisor_that_is_asked_to_end_ends_its_process():
    """SIGTERM to it means what the end of its lifeline means."""
    process = supervised("import time; time.sleep(600)")
    os.kill(process.keeper, signal.SIGTERM)
    assert process.wait(GONE_S) == -signal.SIGTERM
    process.close()


def test_a_process_that_is_asked_to_end_may_clean_up_first():
    """SIGTERM comes before SIGKILL: resource trackers and atexit functions do their work."""
    tidy = "signal.signal(15, lambda *_: (print('tidy'), sys.exit(0)))"
    process = supervised(f"import signal, sys, time; {tidy}; time.sleep(600)")
    assert eventually(lambda: caught(process.pid) & 1 << signal.SIGTERM - 1)
    assert process.close().printed == "tidy\n"


def caught(pid):
    """The signals that a process has handlers for, a bit each (proc(5))."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1], 16) for line in lines if line.startswith("SigCgt"))


@pytest.mark.parametrize(("ignored", "mask"), [(True, False), (False, True)], ids=["ignored", "blocked"])
def test_fault_41_a_process_starts_with_signals_as_usual(ignored, mask):
    """Whatever the lab itself was started with; else SIGTERM would not end a pool."""
    before = signal.signal(signal.SIGQUIT, signal.SIG_IGN) if ignored else None
    if mask:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    try:
        handler, blocked = "signal.getsignal(3) is signal.SIG_DFL", "signal.pthread_sigmask(signal.SIG_BLOCK, ())"
        code = f"import signal; print({handler}, {blocked})"
        process = supervised(code)
        assert process.wait(GONE_S) == 0
        assert process.close().printed == "True set()\n"
    finally:
        if ignored:
            signal.signal(signal.SIGQUIT, before)
        if mask:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR1})


def descriptors():
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_ten_processes_cost_no_descriptor_and_no_memory():
    """What is started is closed again, whole."""
    for _ in range(2):
        supervised("pass").close()
    before, memory = descriptors(), psutil.Process().memory_info().rss
    for _ in range(10):
        process = supervised("pass")
        process.wait(GONE_S)
        process.close()
    assert descriptors() == before
    assert psutil.Process().memory_info().rss - memory < 4 * 2**20


def test_shared_memory_of_processes_that_were_killed_is_removed():
    """Names with their pids in them, and no others."""
    TALLY["faults injected"] += 1
    shm = Path("/dev/shm")
    of_another = shm / f"sem.loky-{os.getpid()}-abcdefgh"
    names = f"(f'sem.loky-{{os.getpid()}}-abcdefgh', f'results-{{os.getpid()}}', {of_another.name!r})"
    code = f"import os, time\nfor name in {names}: open('/dev/shm/' + name, 'w').close()\ntime.sleep(600)"
    process = supervised(code)
    ours, theirs = shm / f"sem.loky-{process.pid}-abcdefgh", (shm / f"results-{process.pid}", of_another)
    try:
        assert eventually(theirs[-1].exists)
        process.close()
        assert not ours.exists()
        assert all(file.exists() for file in theirs)
    finally:
        for file in theirs:
            file.unlink(missing_ok=True)


STARTING = """
import os, signal, subprocess, sys, tempfile
tempfile.tempdir = sys.argv[1]
from gil_lab.measuring import supervised_process
from gil_lab.measuring.launcher import Launcher

start = subprocess.Popen
def popen(*arguments, **how):
    process = start(*arguments, **how) if sys.argv[2] == "after" else None
    os.kill(os.getpid(), signal.SIGKILL)

subprocess.Popen = popen
Launcher().start(1)
"""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_lab_that_is_killed_as_it_starts_a_process_leaves_no_folder(tmp_path, moment):
    """It makes none: who makes it also removes it."""
    TALLY["faults injected"] += 1
    killed = subprocess.run([sys.executable, "-c", STARTING, str(tmp_path), moment], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert eventually(lambda: not knowing(tmp_path) and not list(tmp_path.iterdir()), GONE_S)


def knowing(folder):
    """Processes whose command names the folder."""
    return [process for process in psutil.process_iter(["cmdline"]) if str(folder) in str(process.info["cmdline"])]
