"""One measured process of a generation goes wrong, or is killed: it costs its own trial, and its siblings go on."""

import os
import re
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from examples import thorough
from places import FAKE_CHILD

from faults import siblings
from faults.processes import of_run
from faults.rig import TALLY, Rig, eventually
from gil_lab.measuring.generation import Generation
from gil_lab.measuring.launcher import Child, Launcher
from gil_lab.model.records import Cell, Flag, Status, Trial, counted, counts
from gil_lab.sessions import schedule
from gil_lab.sessions.reader import read, read_rows
from gil_lab.suite.catalogue import Catalogue, with_file

FILE = Path(siblings.__file__)
BAD = {
    "crashes": ("crashed", "SIGSEGV before its result"),
    "is-killed": ("crashed", "SIGKILL before its result"),
    "hangs": ("timeout", "not done after 2 s"),
    "stops": ("timeout", "it was stopped"),
    "refuses": ("error", "ValueError: not again"),
    "leaves": ("protocol", "exited 0 before its result"),
}
"""What fails in the second turn of a process, and how."""
if not thorough():  # a signal or a time limit like another one
    del BAD["is-killed"], BAD["hangs"]
GOOD = ("sequential", "leaks")
GENERATIONS, ROUNDS = 2, 3
"""Two of the first generation, and one of the other."""
HOW = ("--workload", "work", "--rounds", str(ROUNDS), "--timeout", "2")


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """The rig after a run of all of them side by side, and how it ended."""
    rig = Rig(tmp_path_factory.mktemp("siblings"))
    strategies = ",".join((*GOOD[1:], *BAD))
    home = rig.cwd.parent
    (home / siblings.ONCE.name).mkdir()
    how = ("--strategy", strategies, "--min-time", "0.001", *HOW)

    def in_two_generations():
        schedule.MAX_GENERATIONS, schedule.TRACES = GENERATIONS, 1

    return rig, rig.run_forked(str(FILE), *how, before=in_two_generations, env=rig.environment(HOME=str(home)))


def rows_of(rig, strategy):
    """In the order of the generations."""
    rows = [row for row in rig.rows() if row["strategy"] == strategy]
    return sorted(rows, key=lambda row: int(row["round"]))


def test_fault_56_every_sibling_that_goes_wrong_costs_its_own_trial(measured):
    """Nothing runs on or lies around, and what is sound is `ok`."""
    rig, ended = measured
    rig.survived(ended, 3, ok_at_most=GENERATIONS * (len(GOOD) + len(BAD)) - len(BAD))
    assert len(rig.rows()) == GENERATIONS * (len(GOOD) + len(BAD))
    TALLY["faults injected"] += len(BAD)


@pytest.mark.parametrize("strategy", BAD)
def test_fault_56_a_sibling_that_goes_wrong_has_its_row_and_is_fresh_in_the_next_generation(measured, strategy):
    """Its numbers are none in the one, although it had taken a turn, and sound in the other."""
    first, other = rows_of(measured[0], strategy)
    status, detail = BAD[strategy]
    assert (first["status"], first["wall_s"], detail in first["detail"]) == (status, "", True)
    assert other["status"] == "ok"


@pytest.mark.parametrize("strategy", GOOD)
def test_fault_56_its_siblings_take_all_their_turns(measured, strategy):
    """Of the same round in which others failed, and of those that followed."""
    rig = measured[0]
    rows = rows_of(rig, strategy)
    assert [row["status"] for row in rows] == ["ok"] * GENERATIONS
    numbers = {int(row["trial"]) for row in rows}
    turns = read_rows(read(rig.sessions()[0]), "turns.csv")
    rounds = [turn.turn.round for turn in counted(turns) if turn.trial in numbers]
    assert rounds == list(range(1, ROUNDS + 1))


def test_fault_56_a_sibling_that_leaks_processes_is_flagged(measured):
    """In the generation in which it did."""
    flags = ["leaked-procs" in row["flags"].split(";") for row in rows_of(measured[0], "leaks")]
    assert flags == [True, False]


RESTLESS = ("spins", "escapes")


@pytest.fixture(scope="module")
def disturbed(tmp_path_factory):
    """The rig after a run of both of these beside one that sleeps, and how it ended."""
    rig = Rig(tmp_path_factory.mktemp("restless"))
    how = ("--strategy", ",".join(RESTLESS), "--min-time", "0.2", "--workload", "work", "--rounds", "1")
    return rig, rig.run_forked(str(FILE), *how)


def test_fault_57_siblings_that_do_not_sleep_are_flagged_and_no_other_one(disturbed):
    """All are measured to the end, and then nothing runs on."""
    rig, ended = disturbed
    rig.survived(ended, 0, next_works=False)
    for row in rig.rows():
        assert row["status"] == "ok"
        assert ("restless" in row["flags"].split(";")) == (row["strategy"] in RESTLESS), row


@pytest.mark.parametrize("restless", RESTLESS)
def test_fault_57_a_sibling_that_does_not_sleep_is_named_and_the_turns_it_spoilt_are_flagged(disturbed, restless):
    """In a thread of its own, or in a process that has left it; its own turns are not spoilt by itself."""
    rig = disturbed[0]
    details = [row["detail"] for row in rig.rows() if row["strategy"] == restless]
    named = [re.fullmatch(r"used CPU time during the turns of ([12]) other\(s\)", detail) for detail in details]
    assert len(named) == 1
    mine = {int(row["trial"]) for row in rig.rows() if row["strategy"] == restless}
    turns = read_rows(read(rig.sessions()[0]), "turns.csv")
    spoilt = {turn.trial for turn in turns if Flag.DISTURBED in turn.flags and turn.trial not in mine}
    assert len(spoilt) >= sum(int(match[1]) for match in named)  # a busy machine spoils more, and lets it spin less


def trials(strategies, timeout_s):
    """Of that file's work, side by side; one worker is enough, but for joblib, which with one works without a pool."""
    cells = [Cell("work", name, 2 if name == "joblib" else 1, "3.11", 2, 1) for name in strategies]
    return [Trial(number, 1, cell, 0.001, timeout_s) for number, cell in enumerate(cells, 1)]


class InOrder:
    """An order of turns that is not random."""

    def shuffle(self, children):
        children.sort(key=lambda child: child.trial.number)


def counted_in(turns):
    """The trials that had a turn that counts; beside a busy neighbour some may have been repeated."""
    return [trial.number for trial, turn in turns if counts(turn)]


KILLED = [
    ("steady", signal.SIGKILL),
    ("steady", signal.SIGTERM),
    ("threading", signal.SIGSEGV),
    ("multiprocessing-fork", signal.SIGKILL),
    ("multiprocessing-spawn", signal.SIGKILL),
]
"""Who dies of what: a process alone, and of pools what their workers could survive. The thorough profile has all."""
if thorough():
    KILLED = [(name, number) for name in dict(KILLED) for number in (signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM)]


def kill(number):
    return lambda child: os.kill(child.processes[0].pid, number)


def stop_and_continue(child):
    os.kill(child.processes[0].pid, signal.SIGSTOP)
    assert eventually(lambda: child.processes[0].status() == "stopped")
    os.kill(child.processes[0].pid, signal.SIGCONT)
    assert eventually(lambda: child._child.wait(0) is None and child._child.suspended)  # its supervisor has said so


def kill_a_worker(child):
    os.kill(child.processes[-1].pid, signal.SIGKILL)


WHILE_ASLEEP = {
    **{f"{name}-{number.name}": (name, kill(number)) for name, number in KILLED},
    "stopped": ("steady", kill(signal.SIGSTOP)),
    "went on": ("steady", stop_and_continue),
    "worker of multiprocessing": ("multiprocessing", kill_a_worker),
    **({"worker of joblib": ("joblib", kill_a_worker)} if thorough() else {}),
    "nothing": ("sequential", lambda child: None),
}
"""Siblings, and what is done to each of them after the first round."""


@pytest.fixture(scope="module")
def asleep():
    """By what was done: what became of each, and in which rounds it took its turn."""
    planned = trials([strategy for strategy, _ in WHILE_ASLEEP.values()], 15.0)
    for place, what in enumerate(WHILE_ASLEEP):
        if what in ("stopped", "worker of multiprocessing"):  # they are waited for until then
            planned[place] = replace(planned[place], timeout_s=5.0)
    with Generation(planned, {"3.11": Launcher(file=FILE)}, with_file(FILE)) as generation:
        assert generation.start() == []
        generation.trace()
        taken = [counted_in(generation.round(1, InOrder()))]
        for child in list(generation.children):
            list(WHILE_ASLEEP.values())[child.trial.number - 1][1](child)
        taken += [counted_in(generation.round(number, InOrder())) for number in (2, 3)]
        results = list(generation.finish())
    TALLY["faults injected"] += len(WHILE_ASLEEP) - 1
    assert eventually(lambda: not of_run(os.getpid()))
    by_number = {result.trial.number: result for result in results}
    return {
        what: (by_number[number], [turn for turn, numbers in enumerate(taken, 1) if number in numbers])
        for number, what in enumerate(WHILE_ASLEEP, 1)
    }


@pytest.mark.parametrize(("strategy", "number"), KILLED, ids=[f"{name}-{number.name}" for name, number in KILLED])
def test_fault_56_a_sibling_that_is_killed_while_it_sleeps_has_crashed(asleep, strategy, number):
    """Also if its workers hold its pipes open."""
    result, rounds = asleep[f"{strategy}-{number.name}"]
    assert (result.status, result.detail) == (Status.CRASHED, f"{number.name} before its result")
    assert result.measurement is None
    assert rounds == [1]


def test_fault_56_what_is_done_to_siblings_while_they_sleep_costs_no_other_one(asleep):
    """It takes all its turns."""
    result, rounds = asleep["nothing"]
    assert (result.status, rounds) == (Status.OK, [1, 2, 3])


def test_fault_56_a_sibling_that_is_stopped_while_it_sleeps_is_not_waited_for_without_end(asleep):
    """Its turn has a time limit, and the row says that it was stopped."""
    result, rounds = asleep["stopped"]
    assert result.status is Status.TIMEOUT
    assert "(it was stopped)" in result.detail
    assert rounds == [1]


def test_fault_56_a_sibling_that_was_stopped_and_went_on_while_it_slept_lost_nothing(asleep):
    """No pass was running."""
    result, rounds = asleep["went on"]
    assert (result.status, Flag.CLOCK_GAP in result.flags, rounds) == (Status.OK, False, [1, 2, 3])


@pytest.mark.parametrize("strategy", ["multiprocessing", *["joblib"] * thorough()])
def test_fault_56_a_sibling_whose_worker_is_killed_while_it_sleeps_costs_itself_at_most(asleep, strategy):
    """Whether its pool notices, or starts another worker.

    That of joblib, which dies at each moment in test_killed_workers.py, is for the thorough profile.
    """
    result, _ = asleep[f"worker of {strategy}"]
    assert result.status in (Status.OK, Status.ERROR, Status.CRASHED, Status.TIMEOUT)


def test_all_siblings_are_ended_at_once(monkeypatch):
    """One that ignores SIGTERM takes a second until it is killed: all are asked before the first is waited for."""
    calls = []
    for name in ("release", "close"):
        usual = getattr(Child, name)
        monkeypatch.setattr(Child, name, lambda self, name=name, usual=usual: (calls.append(name), usual(self))[1])
    made = [Trial(number, 1, Cell("primes", "sequential", 1, "3.11", 2, 10), 0.01, 20.0) for number in (1, 2, 3)]
    launchers = {"3.11": Launcher((sys.executable, str(FAKE_CHILD), "none"))}
    with Generation(made, launchers, Catalogue()) as generation:
        generation.start()
    assert calls == ["release"] * 3 + ["close"] * 3
    assert eventually(lambda: not of_run(os.getpid()))
