"""Bytes arrive, by value or in shared memory, and nothing is left of the latter."""

import asyncio
import errno
import os
import pickle
import subprocess
import sys
from multiprocessing import get_all_start_methods, shared_memory
from multiprocessing.reduction import ForkingPickler
from pathlib import Path

import pytest
import pythons
from places import ROOT

from gil_lab.suite.strategies.joblib import loky
from gil_lab.suite.strategies.multiprocessing import process_pool
from gil_lab.suite.workloads import _shared_memory, send

WAYS = {"": send.WORKLOAD, **send.VARIANTS}
every_way = pytest.mark.parametrize("way", WAYS)


@every_way
@pytest.mark.parametrize("size", [1, 63, 64, 65, 1000, 100_000])
def test_the_proof_is_right_for_every_size(way, size):
    """Of sent and of shared bytes the same."""
    with WAYS[way].inputs(3, size) as inputs:
        outputs = [WAYS[way].forms["call"](each) for each in inputs]
        assert WAYS[way].verify(inputs, outputs) is None
    proofs = [answer[0] if way == "back" else answer for answer in outputs]
    assert proofs == [send.proof(number, send.content(size)) for number in range(3)]
    assert len(set(proofs)) == 3


@every_way
def test_verify_refuses_dropped_swapped_and_changed_answers(way):
    with WAYS[way].inputs(3, 1000) as inputs:
        first, second, third = (WAYS[way].forms["call"](each) for each in inputs)
        for wrong in ([first, second], [second, first, third], [first, second, second]):
            assert WAYS[way].verify(inputs, wrong) is not None


def test_coroutines_look_at_the_same_bytes():
    with send.inputs(2, 1000) as inputs:
        assert [asyncio.run(send.receive_async(each)) for each in inputs] == [send.receive(each) for each in inputs]


def test_other_bytes_have_another_proof():
    """It is a proof: zeros, as in shared memory that was never filled, are noticed."""
    assert send.proof(0, bytes(1000)) != send.proof(0, send.content(1000))


def test_every_task_is_sent_all_bytes_and_a_name_is_short():
    """That is the difference between them."""
    for made in (send.inputs, send.array_inputs):
        with made(2, 100_000) as inputs:
            assert all(len(pickle.dumps(each)) > 100_000 for each in inputs)
    with send.shared_inputs(2, 100_000) as inputs:
        assert all(len(pickle.dumps(each)) < 100 for each in inputs)


def test_shared_memory_is_gone_afterwards_also_after_a_failure():
    """It would outlive the process."""
    with pytest.raises(ZeroDivisionError), send.shared_inputs(1, 1000) as inputs:
        ((_, name, _),) = inputs
        1 / 0  # noqa: B018
    with pytest.raises(FileNotFoundError):
        shared_memory.SharedMemory(name)


def test_a_view_cannot_be_pickled():
    """So no process can be sent one: that is for interpreters in one process."""
    with send.view_inputs(1, 1000) as inputs, pytest.raises(TypeError, match=r"cannot pickle .*memoryview"):
        pickle.dumps(inputs)


PROGRAM = """
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from gil_lab.suite.workloads import send
if __name__ == "__main__":
    with ProcessPoolExecutor(2, get_context({method!r})) as pool:
        for way in {ways!r}:
            workload = send.VARIANTS[way]
            with workload.inputs(4, 1000) as inputs:
                assert workload.verify(inputs, list(pool.map(workload.forms["call"], inputs))) is None
"""


@pytest.mark.parametrize("method", get_all_start_methods())
def test_workers_that_look_at_it_leave_no_warning_behind(method, tmp_path):
    """The resource tracker complains, when all is over, of what it thinks was left, in whatever way."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM.format(ways=("shared", "out-of-band"), method=method))
    done = subprocess.run([sys.executable, program], capture_output=True, text=True, check=True)
    assert done.stderr == ""


@pytest.mark.parametrize("python", pythons.EVERY)
def test_bytes_arrive_out_of_band_under_every_python(python, tmp_path):
    """With the start method that it has by default; protocol 5 is not the default of all."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM.format(ways=("out-of-band",), method=None))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [pythons.executable(python), program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert done.stderr == ""


def test_out_of_band_a_pickle_has_a_place_for_the_bytes_and_not_the_bytes():
    """They are copied once: what arrives is a view of shared memory, which has no name any more, and ends with it."""
    _, (pickled, name, size) = _shared_memory.OutOfBand(send.content(100_000)).__reduce__()
    assert (len(pickled) < 100, size) == (True, 100_000)
    arrived = _shared_memory.arrived(pickled, name, size)
    with pytest.raises(FileNotFoundError):
        shared_memory.SharedMemory(name)
    with arrived as payload:
        assert isinstance(payload, memoryview)
        assert payload == send.content(100_000)
    with pytest.raises(ValueError, match="released"):
        len(payload)


def test_the_pools_of_the_standard_library_leave_nothing_out_of_band():
    """Not with protocol 5 either: they pass no `buffer_callback`. With protocol 4 such a buffer is refused."""
    numpy = pytest.importorskip("numpy")
    payload = send.content(100_000)
    for sent in (payload, bytearray(payload), numpy.frombuffer(payload, numpy.uint8), pickle.PickleBuffer(payload)):
        assert len(ForkingPickler.dumps(sent, 5)) > 100_000
    with pytest.raises(pickle.PicklingError, match="protocol >= 5"):
        ForkingPickler.dumps(pickle.PickleBuffer(payload), 4)


on_linux = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="there is no /proc")


def no_room(monkeypatch):
    """As on a machine whose /dev/shm is full."""

    names = []

    def full(fd, *_):
        names.append(Path(f"/proc/self/fd/{fd}").readlink().name)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(_shared_memory, "_write", full)
    return names


@on_linux
def test_without_room_in_shared_memory_there_is_an_error_and_no_crash(monkeypatch):
    """With its cause and the next step; nothing is left."""
    names = no_room(monkeypatch)
    with pytest.raises(OSError, match=r"no room for 1000 bytes of shared memory; take a smaller --size"):
        _shared_memory.holding(bytes(1000))
    (name,) = names
    with pytest.raises(FileNotFoundError):
        shared_memory.SharedMemory(name)


@on_linux
def test_bytes_are_written_until_all_are(monkeypatch):
    """A system may take less of them than it is given."""
    write = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: write(fd, data[:300]))
    memory = _shared_memory.holding(send.content(1000))
    try:
        assert memory.buf[:1000] == send.content(1000)
    finally:
        memory.close()
        memory.unlink()


@on_linux
def test_without_room_for_one_task_the_pool_says_so(monkeypatch):
    """The bytes are copied by the thread that feeds the pool, whose errors come back with the answer."""
    no_room(monkeypatch)
    pool = process_pool(2, None)
    with send.out_of_band_inputs(2, 1000) as inputs, pool as run, pytest.raises(OSError, match="take a smaller --size"):
        run(send.receive_out_of_band, inputs)


def test_joblib_maps_large_arrays_and_pickles_small_ones():
    """From a megabyte on (`max_nbytes`): what its tasks get is a map of a file."""
    pytest.importorskip("joblib")
    with loky(2) as run:
        for size, kind in ((1_000_000, "ndarray"), (2_000_000, "memmap")):
            with send.array_inputs(2, size) as inputs:
                assert run(kind_of, inputs) == [kind] * 2


def kind_of(job):
    return type(job[1]).__name__


@every_way
def test_every_way_says_what_it_lacks(way):
    assert {*WAYS[way].forms, *WAYS[way].why_not} == {"call", "coroutine", "nogil", "parallel"}
    task = WAYS[way].forms["call"]
    assert pickle.loads(pickle.dumps(task)) is task
