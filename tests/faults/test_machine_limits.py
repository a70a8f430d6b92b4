"""Limits of control groups, real ones: on CPU time, memory, processes; and on open files."""

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from faults.groups import group, inside, member
from faults.rig import TINY, eventually, needs_root
from gil_lab.cli.doctor.processors import cores
from gil_lab.model.records import counted
from gil_lab.sessions import schedule
from gil_lab.sessions.reader import read, read_rows

FILE = str(Path(__file__).with_name("surrounded.py"))
MIB = 2**20


def members(folder):
    return [int(pid) for pid in (folder / "cgroup.procs").read_text().split()]


def statuses_of(rig):
    return {row["workload"] + "/" + row["strategy"]: row["status"] for row in rig.rows()}


@needs_root
def test_fault_3_a_trial_that_the_system_kills_because_memory_runs_out_is_oom(rig):
    """With the limit in its detail; the others are measured, and the lab itself survives."""
    with group("memory", 200 * MIB) as folder:
        ended = rig.run_forked(FILE, "--workload", "devouring,fine", *TINY, before=member(folder))
    rig.survived(ended, 3, ok_at_most=1)
    assert statuses_of(rig) == {"devouring/sequential": "oom", "fine/sequential": "ok"}
    (detail,) = (row["detail"] for row in rig.rows() if row["status"] == "oom")
    assert "200 MiB" in detail


@needs_root
def test_fault_3_a_sibling_that_the_system_kills_because_memory_runs_out_is_oom_and_no_other_one(rig):
    """Its siblings take their turns; one that fails otherwise in the same round has its own cause."""
    file = str(Path(__file__).with_name("siblings.py"))
    how = ("--workload", "work", "--strategy", "devours,refuses", "--rounds", "3", "--min-time", "0.001")
    with group("memory", 300 * MIB) as folder:

        def in_one_generation():
            schedule.MAX_GENERATIONS = 1
            member(folder)()

        ended = rig.run_forked(file, *how, before=in_one_generation)
    rig.survived(ended, 3, next_works=False)
    statuses = {row["strategy"]: row["status"] for row in rig.rows()}
    assert statuses == {"sequential": "ok", "refuses": "error", "devours": "oom"}
    (sound,) = (int(row["trial"]) for row in rig.rows() if row["status"] == "ok")
    turns = counted(read_rows(read(rig.sessions()[0]), "turns.csv"))
    assert [turn.turn.round for turn in turns if turn.trial == sound] == [1, 2, 3]


BESIDE = """
import pathlib, time
import gil_lab
from gil_lab.measuring.cgroups import oom_kills

def task(number):
    before = oom_kills()
    pathlib.Path(GO).touch()
    while oom_kills() == before:
        time.sleep(0.01)
    raise ValueError("my own bug")

WORK = gil_lab.Workload("fails beside others that are killed", "cpu", [1, 2], {"call": task})
"""
DEVOURING = """
import pathlib, sys, time
while not pathlib.Path(sys.argv[1]).exists():
    time.sleep(0.01)
kept = []
while True:
    kept.append(bytearray(b"x") * 10_000_000)
"""


@needs_root
def test_fault_3_what_fails_while_another_process_of_the_group_is_killed_has_its_own_cause(rig, tmp_path):
    """The system counts the kills of a group, whoever is in it."""
    file, go = tmp_path / "beside.py", str(tmp_path / "go")
    file.write_text(BESIDE.replace("GO", repr(go)))
    with group("memory", 300 * MIB) as folder:
        with subprocess.Popen(inside(folder, [sys.executable, "-I", "-S", "-c", DEVOURING, go])) as other:
            ended = rig.run_forked(str(file), *TINY, before=member(folder))
        assert other.returncode == -signal.SIGKILL
    assert ended.code == 5, ended.err
    assert [(row["status"], row["detail"]) for row in rig.rows()] == [("error", "ValueError: my own bug")]


@needs_root
def test_fault_48_a_quota_that_throttles_processes_is_flagged(rig):
    """The rows say for how long; the session and doctor, that a fifth of a core is allowed."""
    with group("cpu", 20_000) as folder:
        how = ("--strategy", "sequential", "--tasks", "4", "--size", "2000", "--rounds", "1", "--min-time", "0.2")
        ended = rig.run_forked("cpu-bound", "--workload", "primes", *how, before=member(folder))

        def doctor_s_line():
            member(folder)()
            os.write(1, str(cores()).encode())
            os._exit(0)

        doctor = rig.run_forked(before=doctor_s_line)
    rig.survived(ended, 0, next_works=False)
    assert rig.rows()
    for row in rig.rows():
        assert "throttled" in row["flags"].split(";")
        assert row["detail"].startswith("throttled for ")
    assert json.loads((rig.sessions()[-1] / "session.json").read_text())["machine"]["quota"] == 0.2
    assert "quota 0.2" in doctor.out
    assert "raise its CPU quota" in doctor.out


@pytest.mark.parametrize("most", [64, pytest.param("ulimit", id="open-files")])
def test_fault_24_more_workers_than_the_machine_bears_are_refused_before_anything_starts(rig, most):
    """With the limit that applies; nothing is written."""
    limit = lambda: most == "ulimit" and resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))  # noqa: E731
    workers = "10000" if most == 64 else "50"
    ended = rig.run_forked(FILE, "--strategy", "threading", "--workers", workers, before=limit)
    message = "64 open files" if most == "ulimit" else "on this machine"
    rig.survived(ended, 2, message=message, next_works=False)
    assert not rig.out.exists()


@needs_root
def test_fault_24_the_group_s_limit_on_processes_is_one_on_workers(rig):
    """Each of them is a process or a thread."""
    with group("pids", 40) as folder:
        ended = rig.run_forked(FILE, "--strategy", "threading", "--workers", "40", before=member(folder))
    rig.survived(ended, 2, message="allows 40 processes and threads", next_works=False)
    assert "from 1 to 32" in ended.err


@needs_root
def test_fault_24_a_cell_that_cannot_start_its_threads_is_an_error_and_costs_no_other_one(rig):
    """Others have taken what the limit leaves."""
    how = ("--workers", "12", "--tasks", "12", "--rounds", "1", "--min-time", "0.001")
    with group("pids", 24) as folder:
        others = subprocess.Popen(inside(folder, ["sh", "-c", "for i in $(seq 13); do sleep 60 & done; wait"]))
        try:
            assert eventually(lambda: len(members(folder)) == 14)
            cells = ("--workload", "meeting", "--strategy", "threading,multiprocessing")
            ended = rig.run_forked(FILE, *cells, *how, before=member(folder))
        finally:
            for pid in members(folder):
                os.kill(pid, signal.SIGKILL)
            others.wait()
    rig.survived(ended, 3)
    causes = {"threading": "can't start new thread", "multiprocessing": "temporarily unavailable", "sequential": ""}
    assert len(rig.rows()) == 4  # two such pools do not fit into one block: each has its own reference
    for row in rig.rows():
        assert row["status"] == ("ok" if row["strategy"] == "sequential" else "error")
        assert causes[row["strategy"]] in row["detail"]


@needs_root
@pytest.mark.parametrize("most", [1, 2, 3])
def test_fault_25_without_room_for_a_single_process_nothing_can_be_measured(rig, most):
    """Exit code 5 and one line, also where not even a thread can be started."""
    with group("pids", most) as folder:
        ended = rig.ended(rig.start(inside(folder, rig.arguments(FILE, *TINY))))
    rig.survived(ended, 5, next_works=False)
