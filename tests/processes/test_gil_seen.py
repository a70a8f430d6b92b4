"""The GIL of another process, seen from outside: against what is true by construction, under every Python."""

import json
import os
import subprocess
import sys
from contextlib import ExitStack, closing
from functools import cache
from pathlib import Path

import pytest
import pythons
from places import ROOT, SUPPORT

from gil_lab.measuring import controller
from gil_lab.measuring.gil_observer import GilObserver
from gil_lab.measuring.gil_sampler import RAN, SLEPT, SYSCALL_BYTES, WAITED, GilSampler
from gil_lab.measuring.launcher import Launcher
from gil_lab.model.gil import GilRecords
from gil_lab.model.records import Cell, Status, Trial
from gil_lab.model.wire import record
from gil_lab.suite.catalogue import Catalogue

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the memory of other processes is read on Linux")
TASKS = SUPPORT / "gil_tasks.py"
WORK_S = 0.4
WITH_GIL = [label for label in pythons.EXPECTED if not label.endswith("t") and not label.startswith("pypy")]
every_python = pytest.mark.parametrize("python", ["this", *WITH_GIL])


class Process:
    """One that does something known, and what was seen of it."""

    def __init__(self, python, kind, threads, **environment):
        program = sys.executable if python == "this" else pythons.executable(python)
        self.process = subprocess.Popen(
            [program, str(TASKS), kind, str(threads), str(WORK_S)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        )
        known = json.loads(self.process.stdout.readline())
        self.records, self.threads = record(GilRecords, known["gils"], "GilRecords"), known["threads"]
        with closing(GilObserver(self.records, (self.process.pid,))) as observer:
            self.unknown = observer.unknown
            before = observer.handoffs()
            with GilSampler(observer) as sampler:
                self._go()
                worked = json.loads(self.process.stdout.readline())
                self.turns, self.begin_ns, self.end_ns = worked["turns"], worked["begin_ns"], worked["end_ns"]
            self.seen, after = sampler.samples(), observer.handoffs()
            self.handoffs = None if before is None else after - before
        self.process.communicate("\n", timeout=30)

    def _go(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    @property
    def samples(self):
        """Those that were taken while its threads were at work."""
        return [one for one in self.seen.samples if self.begin_ns < one.at_ns < self.end_ns]

    @property
    def held_share(self):
        return sum(one.holders[0] is not None for one in self.samples) / len(self.samples)

    def doing(self, *doings):
        """The share of the samples of its threads, while they did not run, in which they did that."""
        places = [self.seen.threads.index((self.process.pid, thread)) for thread in self.threads]
        found = [one.threads[place] for one in self.samples for place in places if one.threads[place] != RAN]
        return sum(one in doings for one in found) / max(1, len(found))


@cache
def spinning(python):
    """Three threads that compute."""
    return Process(python, "spin", 3)


@every_python
def test_threads_that_compute_hold_it_nearly_all_the_time_and_wait_for_it_when_they_do_not_run(python):
    """Who is switched out by the system still holds it; who gets it may have to wait for a core first."""
    seen = spinning(python)
    assert seen.held_share > 0.6
    assert {one.holders[0] for one in seen.samples} <= {*seen.threads, seen.process.pid, None}
    assert seen.doing(0) > 0.8
    assert seen.handoffs > 3


@every_python
def test_threads_that_sleep_hold_it_next_to_never_and_are_seen_to_sleep(python):
    """Nobody computes."""
    seen = Process(python, "sleep", 3)
    assert seen.held_share < 0.3
    assert seen.doing(SLEPT) > 0.8


def test_threads_in_c_code_that_lets_go_of_it_hold_it_for_a_small_part():
    """Two that digest megabytes."""
    assert Process("this", "digest", 2).held_share < 0.5


def test_threads_that_wait_for_a_lock_of_their_own_are_not_taken_for_waiting_for_the_gil():
    """Both sleep on a futex; only that of the GIL lies in its record."""
    seen = Process("this", "wait", 2)
    assert seen.doing(WAITED) > 0.8
    assert seen.doing(0) < 0.1


@every_python
def test_the_holder_is_the_thread_that_notes_that_it_runs(python):
    """By the notes of the threads themselves, of moments in which exactly one of them was at work."""
    seen = spinning(python)
    right = wrong = 0
    for sample in seen.samples:
        noted = [
            int(thread)
            for thread, turns in seen.turns.items()
            if any(begin <= sample.at_ns <= end for begin, end in turns)
        ]
        if len(noted) == 1 and sample.holders[0] is not None:
            right, wrong = right + (noted == [sample.holders[0]]), wrong + (noted != [sample.holders[0]])
    assert right >= 5
    assert right > 0.9 * (right + wrong)


def test_the_counter_of_hand_offs_is_the_interpreters_own():
    """A single thread that computes hands it to no other: the main thread waits for it."""
    assert Process("this", "spin", 1).handoffs <= 4


def test_where_the_gil_cannot_be_seen_there_is_no_number_and_a_reason():
    """PyPy keeps it elsewhere."""
    seen = Process("pypy3.11", "spin", 2)
    assert (seen.seen.samples, seen.handoffs) == ((), None)
    assert "GIL" in seen.unknown


@pytest.mark.parametrize(("kind", "doing"), [("sleep", SLEPT), ("wait", WAITED)])
def test_without_a_gil_threads_wait_for_time_or_for_locks(kind, doing):
    """Of a GIL there is no number, and that is the reason."""
    seen = Process("3.13t", kind, 2)
    assert (seen.seen.gils, seen.handoffs, seen.unknown) == ((), None, "this Python has no GIL")
    assert seen.doing(doing) > 0.8


def test_a_gil_that_was_switched_back_on_is_seen_in_a_free_threaded_build():
    """The same record, behind a field of its own."""
    assert Process("3.13t", "spin", 2, PYTHON_GIL="1").held_share > 0.6


def test_looking_for_it_leaves_the_switch_interval_as_it_was():
    """To the microsecond: 29 of them come back as 28.99."""
    code = """
import sys
from gil_lab.suite.instruments.gil_records import gil_records
for interval_s in (0.005, 0.000029, 0.0001):
    sys.setswitchinterval(interval_s)
    before = sys.getswitchinterval()
    gil_records()
    print(sys.getswitchinterval() == before)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT, timeout=60
    )
    assert done.stdout == 3 * "True\n"


def test_a_process_that_is_gone_has_no_number_and_a_reason():
    """Its pid may be used by another one meanwhile."""
    process = subprocess.Popen(["sleep", "0"])
    process.wait()
    known = record(GilRecords, {"records": [{"interpreter": 0, "address": 4096}], "thread_id_offset": 160,
                               "waits_inside": True, "unknown": "", "no_gil": False}, "GilRecords")  # fmt: skip
    with closing(GilObserver(known, (process.pid,))) as observer:
        assert observer.unknown
        assert observer.handoffs() is None


def test_what_does_not_look_like_a_gil_is_not_read_as_one():
    """An address in our own memory, where something else stands."""
    known = record(GilRecords, {"records": [{"interpreter": 0, "address": id(object())}], "thread_id_offset": 160,
                               "waits_inside": True, "unknown": "", "no_gil": False}, "GilRecords")  # fmt: skip
    with closing(GilObserver(known, (os.getpid(),))) as observer:
        assert observer.unknown


@pytest.fixture
def two():
    """What one of two processes of this Python tells of its GILs, and the pids of both."""
    with ExitStack() as stack:
        found = []
        for _ in range(2):
            process = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, str(TASKS), "wait", "1", "0"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    env={**os.environ, "PYTHONPATH": str(ROOT)},
                )
            )
            stack.callback(process.communicate, "\n\n", timeout=30)
            found.append((record(GilRecords, json.loads(process.stdout.readline())["gils"], "GilRecords"), process.pid))
        (known, first), (_, second) = found
        yield known, (first, second)


def refusing(usual, path, error):
    """The function, which fails for that path."""

    def refuse(where, *rest, **named):
        if str(where) == path:
            raise error
        return usual(where, *rest, **named)

    return refuse


@pytest.mark.parametrize("file", ["mem", "maps"])
@pytest.mark.parametrize(
    ("error", "seen"),
    [
        (PermissionError(13, "Permission denied"), 0),
        (OSError(24, "Too many open files"), 0),
        (FileNotFoundError(2, "no"), 1),
    ],
)
def test_a_worker_that_may_not_be_read_leaves_no_number_and_one_that_is_gone_leaves_those_of_the_others(
    two, monkeypatch, file, error, seen
):
    """The GILs of the rest would be taken for all there are."""
    known, pids = two
    path = f"/proc/{pids[1]}/{file}"
    with monkeypatch.context() as patched:
        if file == "mem":
            patched.setattr(os, "open", refusing(os.open, path, error))
        else:
            patched.setattr(Path, "read_text", refusing(Path.read_text, path, error))
        with closing(GilObserver(known, pids)) as observer:
            found, unknown = len(observer.processes), observer.unknown
    assert found == seen
    assert ("cannot be read here" in unknown) == (seen == 0)
    with closing(GilObserver(known, pids)) as observer:
        assert (len(observer.processes), observer.unknown) == (2, "")


@pytest.mark.parametrize("how", ["read", "open"])
def test_threads_that_may_not_be_looked_at_do_not_seem_to_wait_for_nothing(monkeypatch, how):
    """Who holds the GIL is still seen; what threads wait for is not known of any."""
    refused = PermissionError(1, "Operation not permitted")
    if how == "read":

        def pread(descriptor, length, offset, usual=os.pread):
            if length == SYSCALL_BYTES:
                raise refused
            return usual(descriptor, length, offset)

        monkeypatch.setattr(os, "pread", pread)
    else:

        def open_(path, flags, *rest, usual=os.open, **named):
            if str(path).endswith("/syscall"):
                raise refused
            return usual(path, flags, *rest, **named)

        monkeypatch.setattr(os, "open", open_)
    seen = Process("this", "spin", 2)
    assert seen.samples
    assert any(one.holders[0] is not None for one in seen.samples)
    assert seen.seen.threads == ()
    assert not any(one.threads for one in seen.samples)
    assert seen.seen.unknown == ""


def measured(strategy, workers=2, python=sys.executable):
    trial = Trial(1, 1, Cell("primes", strategy, workers, "x", 8, 1000), 0.01, 60.0)
    result = controller.run(trial, Launcher((python, "-m", "gil_lab.child")), Catalogue())
    assert result.status is Status.OK, result.detail
    return result.measurement


@pytest.mark.parametrize("strategy", ["multiprocessing-fork", "multiprocessing-spawn", "multiprocessing-forkserver"])
def test_the_gils_of_pool_workers_are_seen_too_each_its_own(strategy):
    """Wherever the program was loaded in each of them. Workers compute in Python, and hold theirs meanwhile."""
    measurement = measured(strategy)
    trace = measurement.traces[-1]
    workers = {span.pid for span in trace.spans}
    seen = {gil.pid: gil for one in measurement.traces for gil in (one.gil.gils if one.gil else ())}
    assert not seen or workers <= set(seen)
    assert measurement.turns[-1].usage.gil_handoffs is not None


def test_each_subinterpreter_has_a_gil_of_its_own():
    """They are distinguished by the ids of their interpreters."""
    python = pythons.executable("3.14")
    measurement = measured("subinterpreters", 2, python)
    interpreters = {gil.interpreter for one in measurement.traces for gil in (one.gil.gils if one.gil else ())}
    assert not interpreters or len(interpreters) == 3
