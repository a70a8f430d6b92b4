"""What surrounds a run: environment variables, the working directory, shared memory, temporary folders, the network."""

import csv
import json
import shutil
import sys
from pathlib import Path

import pytest
from examples import thorough

from faults.groups import run_by_shell, unshared, without_network
from faults.rig import LAB, TINY, Rig, needs_root
from gil_lab.measuring.environment import environment, left_out

FILE = Path(__file__).with_name("surrounded.py")
POOLS = ("--workers", "2", "--tasks", "4", "--rounds", "1", "--min-time", "0.01", "--timeout", "30")
POISON = {
    "PYTHONWARNINGS": "error",
    "PYTHONINSPECT": "1",
    "PYTHONSTARTUP": "startup.py",
    "PYTHONMALLOC": "debug",
    "PYTHONOPTIMIZE": "2",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHON_GIL": "1",
    "COVERAGE_PROCESS_START": "coveragerc",
    "JOBLIB_MULTIPROCESSING": "0",
    "LOKY_MAX_CPU_COUNT": "abc",
    "LOKY_MAX_DEPTH": "0",
    "NUMBA_DISABLE_JIT": "1",
    "NUMBA_NUM_THREADS": "abc",
    "NUMBA_THREADING_LAYER": "nonsense",
    "OMP_NUM_THREADS": "abc",
    "OMP_THREAD_LIMIT": "1",
    "OPENBLAS_NUM_THREADS": "100000",
    "MKL_NUM_THREADS": "0",
    "LD_PRELOAD": "/nonexistent/library.so",
    "MALLOC_PERTURB_": "7",
}
SLOW = "PYTHONOPTIMIZE"
"""With it, a lab that may not write bytecode compiles all that it imports: that is done once, in a run."""
SHADOWS = ("random", "json", "numba", "numpy", "joblib", "signal", "socket", "threading", "sitecustomize")
"""Modules in the working directory that must not be imported."""


STRATEGIES = ("multiprocessing", "joblib", *["threading"] * thorough())
COMPILED = ("numba-sequential", *["numba-parallel"] * thorough())


def statuses(rig, workload=""):
    return {row["strategy"]: row["status"] for row in rig.rows() if row["workload"].startswith(workload)}


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory):
    """One run of a user's file with a cell of each kind, all of that in its environment and its working directory.

    Compiled cells in parallel, which take three times as long to compile, are for the thorough profile, and so are
    threads: what would take them away is kept from every child (below).
    """
    rig = Rig(tmp_path_factory.mktemp("poisoned"))
    folder = tmp_path_factory.mktemp("shadows")
    for name in SHADOWS:
        (folder / f"{name}.py").write_text(f"import os\nos.makedirs({str(folder / 'imported' / name)!r})\n")
    (folder / "user.py").write_text(FILE.read_text())
    how = ("--workload", "primes", "--strategy", ",".join([*STRATEGIES, *COMPILED]))
    how += ("--workers", "2", "--tasks", "8", "--size", "100", "--rounds", "1", "--min-time", "0.001")
    bare = {name: value for name, value in rig.environment().items() if name not in left_out()}
    command = rig.arguments("user.py", *how)
    # PYTHON_GIL=1 stops a Python that cannot obey: it is set for what the lab starts, not for the lab's own
    setting = "import os, runpy; os.environ['PYTHON_GIL'] = '1'; "
    code = setting + "runpy.run_module('gil_lab', run_name='__main__', alter_sys=True)"
    fit = {**bare, **{name: value for name, value in POISON.items() if name != "PYTHON_GIL"}}
    measured = rig.start([sys.executable, "-c", code, *command[len(LAB) :]], env=fit, cwd=folder)
    quick = {name: value for name, value in fit.items() if name != SLOW}
    doctor = rig.ended(rig.start([*LAB, "doctor"], env=quick, cwd=folder))
    return rig, rig.ended(measured), doctor, folder


def test_fault_54_a_poisoned_environment_reaches_nothing_that_is_measured(poisoned):
    """Every cell is ok; the names of what was left out are in session.json, and no values."""
    rig, ended, *_ = poisoned
    rig.survived(ended, 0, next_works=False)
    kept = (rig.sessions()[0] / "session.json").read_text()
    assert set(POISON) <= set(json.loads(kept)["left_out"])
    assert POISON["LD_PRELOAD"] not in kept


def test_fault_54_doctor_names_what_is_not_passed_on(poisoned):
    """And no values."""
    *_, doctor, _ = poisoned
    words = {word.rstrip(",") for word in doctor.out.split()}
    assert set(POISON) - {"PYTHON_GIL", SLOW} <= words
    assert POISON["LD_PRELOAD"] not in doctor.out


def test_fault_21_settings_of_the_libraries_take_no_worker_away(poisoned):
    """JOBLIB_MULTIPROCESSING=0, LOKY_MAX_*, OMP_THREAD_LIMIT: both workers are seen in every pool."""
    rig, *_ = poisoned
    rows = [row for row in every_row(rig, 0) if row["strategy"] in STRATEGIES]
    assert len(rows) == len(STRATEGIES)
    for row in rows:
        assert (row["workers_seen"], "serial-fallback" in row["flags"]) == ("2", False), row["strategy"]


def test_fault_22_settings_of_the_compilers_and_of_python_change_no_mode(poisoned):
    """NUMBA_DISABLE_JIT would make compiled cells plain Python; they have been compiled, which took time."""
    rig, *_ = poisoned
    rows = {row["strategy"]: row for row in every_row(rig, 0)}
    for strategy in COMPILED:
        assert rows[strategy]["status"] == "ok"
        assert float(rows[strategy]["compile_s"]) > 0
    assert not any("gil-reenabled" in row["flags"] for row in rows.values())


def every_row(rig, session):
    with (rig.sessions()[session] / "trials.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_fault_53_modules_in_the_working_directory_are_never_imported(poisoned):
    """Neither by the lab, from its command or a user's file beside them, nor by anything that it starts."""
    _, ended, doctor, folder = poisoned
    assert (ended.code, doctor.code) == (0, 0)
    assert not (folder / "imported").exists()


@pytest.mark.parametrize("name", POISON)
def test_fault_54_each_of_these_is_kept_from_children_and_listed(monkeypatch, tmp_path, name):
    """Whatever the lab sets itself has its own value."""
    monkeypatch.setenv(name, "poison")
    assert environment(2, tmp_path, "mark").get(name) != "poison"
    assert name in left_out()


def test_fault_54_what_is_passed_on_is_not_listed_as_left_out():
    """Nor what has nothing to do with measuring."""
    assert left_out({"PATH": "/bin", "LD_LIBRARY_PATH": "/lib", "HOME": "/root", "EDITOR": "ed"}) == []
    assert left_out({"PYTHONPATH": "/a", "OMP_NUM_THREADS": "1", "EDITOR": "ed"}) == ["OMP_NUM_THREADS", "PYTHONPATH"]


# Shared memory, temporary folders, the home

NO_SHARED_MEMORY = """
mkdir -p "$TMPDIR/dev"; cd "$TMPDIR/dev"
for name in null zero full random urandom tty; do touch $name; mount --bind /dev/$name $name; done
ln -s /proc/self/fd fd; mount --rbind "$TMPDIR/dev" /dev; cd "$OLDPWD"
"""
SHARED_MEMORY = {
    "read-only": ("mount -t tmpfs -o ro tmpfs /dev/shm", "Read-only file system"),
    "full": (
        "mount -t tmpfs -o size=4k tmpfs /dev/shm; head -c 4096 /dev/zero > /dev/shm/full || true",
        "No space left on device",
    ),
    "absent": (NO_SHARED_MEMORY, "No such file or directory"),
}


EVERY_POOL = ("threading", "sequential", "multiprocessing", "joblib")
READ_ONLY_HOME = (
    'mkdir "$TMPDIR/dev-home"; mount -t tmpfs -o ro tmpfs "$TMPDIR/dev-home"; export HOME="$TMPDIR/dev-home"'
)


@needs_root
@pytest.mark.parametrize("name", [name for name in SHARED_MEMORY if thorough() or name != "read-only"])
def test_fault_31_without_shared_memory_only_what_needs_it_fails(rig, name):
    """Semaphores of process pools; each row says why, and threads and plain calls are measured.

    A full one and none at all; a read-only one is like the full one, and for the thorough profile. Where there is none,
    one pool of processes is enough: they make the same semaphores. No cell needs a home, which is read-only beside the
    full one.
    """
    before, cause = SHARED_MEMORY[name]
    if name == "full":
        before = f"{READ_ONLY_HOME}; {before}"
    home = {"HOME": str(rig.temporary / "dev-home")} if name == "full" else {}
    strategies = EVERY_POOL if thorough() or name == "full" else EVERY_POOL[1:3]
    how = ("--strategy", ",".join(strategies), *POOLS)
    ended = rig.run_forked(str(FILE), *how, before=run_by_shell(before), env=rig.environment(**home))
    for left in rig.temporary.glob("dev*"):  # the empty files that were mounted over
        shutil.rmtree(left)
    rig.survived(ended, 3, ok_at_most=2, next_works=False)
    needs_it = ("multiprocessing", "joblib")
    expected = {name: "error" if name in needs_it else "ok" for name in ("sequential", *strategies)}
    assert statuses(rig) == expected
    assert all(cause in row["detail"] for row in rig.rows() if row["status"] == "error")


@needs_root
def test_fault_31_without_a_temporary_folder_nothing_can_be_measured_and_nothing_hangs(rig):
    """TMPDIR that is not there, and no other folder that can be written."""
    rig.out.mkdir()
    before = f"mount --bind /tmp /tmp; mount --bind {rig.out} {rig.out}; mount -o remount,ro,bind /tmp\n"
    before += (
        "for folder in /var/tmp /usr/tmp; do mount -t tmpfs -o ro tmpfs $folder 2>/dev/null || true; done; cd /proc"
    )
    command = unshared("--mount", before, rig.arguments(str(FILE), *TINY))
    ended = rig.ended(rig.start(command, env=rig.environment(TMPDIR="/nonexistent")))
    rig.survived(ended, 5, message="no temporary folder can be written", next_works=False)


@needs_root
@pytest.mark.parametrize("name", ["nothing", *["read-only", "unset"] * thorough()])
def test_fault_31_no_home_is_needed(rig, name):
    """Nor any variable at all, of which HOME is one. A read-only one is above, alone in the thorough profile."""
    before, env = "true", rig.environment()
    if name == "read-only":
        before = READ_ONLY_HOME
    elif name == "unset":
        del env["HOME"]
    else:
        env = {"TMPDIR": str(rig.temporary)}
    command = unshared("--mount", before, rig.arguments(str(FILE), *TINY))
    ended = rig.ended(rig.start([shutil.which("unshare"), *command[1:]], env=env))
    if name == "read-only":
        (rig.temporary / "dev-home").rmdir()
    rig.survived(ended, 0, next_works=False)


# The network

IO = (str(FILE), "--workload", "http,fine", *POOLS)
"""A workload that needs the network, and one that does not."""


@needs_root
def test_fault_51_without_loopback_io_cells_say_so_and_cpu_cells_are_measured(rig):
    """Also compiled clients, which have no exception that says why they got no answer."""
    ended = rig.run_forked(*IO, "--strategy", "sequential,numba-sequential", before=without_network("true"))
    rig.survived(ended, 3, next_works=False)
    assert {"sequential", "numba-sequential"} <= set(statuses(rig, "http"))
    assert set(statuses(rig, "http").values()) == {"error"}
    assert "ok" in statuses(rig, "fine").values()
    assert set(statuses(rig, "fine").values()) <= {"ok", "skipped"}  # it has no compiled form
    for row in rig.rows():
        assert row["workload"] != "http" or row["detail"].startswith("OSError: loopback is unavailable (ENETUNREACH")


@needs_root
def test_fault_51_used_up_ports_are_an_error_with_its_cause(rig):
    """Four of them, for the servers and clients of all cells, of which one opens one a task and may not have it again
    within a minute (tcp_tw_reuse).
    """
    settings = 'cd /proc/sys/net/ipv4; echo 60000 60003 > ip_local_port_range; echo 0 > tcp_tw_reuse; cd "$OLDPWD"'
    before = without_network(f"ip link set lo up; {settings}")
    ended = rig.run_forked(*IO, "--strategy", "sequential,asyncio", before=before)
    rig.survived(ended, 3, next_works=False)
    assert "ok" in statuses(rig, "fine").values()
    assert set(statuses(rig, "fine").values()) <= {"ok", "skipped"}  # it has no coroutine
    failed = [row for row in rig.rows() if row["workload"] == "http" and row["status"] != "ok"]
    assert failed
    causes = ("Cannot assign requested address", "(Address already in use)")  # of a client, of a server
    assert all(any(cause in row["detail"] for cause in causes) for row in failed), failed
