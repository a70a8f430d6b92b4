"""Bytes arrive, by value or in shared memory, and nothing is left of the latter."""

import asyncio
import pickle
import subprocess
import sys
from multiprocessing import shared_memory

import pytest

from gil_lab.suite.workloads import send

WAYS = {"": send.WORKLOAD, **send.VARIANTS}
every_way = pytest.mark.parametrize("way", WAYS)


@every_way
@pytest.mark.parametrize("size", [1, 63, 64, 65, 1000, 100_000])
def test_the_proof_is_right_for_every_size(way, size):
    """Of sent and of shared bytes the same."""
    with WAYS[way].inputs(3, size) as inputs:
        outputs = [WAYS[way].forms["call"](each) for each in inputs]
        assert WAYS[way].verify(inputs, outputs) is None
    assert outputs == [send.proof(number, send.content(size)) for number in range(3)]
    assert len(set(outputs)) == 3


@every_way
def test_verify_refuses_dropped_swapped_and_changed_answers(way):
    with WAYS[way].inputs(3, 1000) as inputs:
        first, second, third = (WAYS[way].forms["call"](each) for each in inputs)
        for wrong in ([first, second], [second, first, third], [first, second, third + 1]):
            assert WAYS[way].verify(inputs, wrong) is not None


def test_coroutines_look_at_the_same_bytes():
    with send.inputs(2, 1000) as inputs:
        assert [asyncio.run(send.receive_async(each)) for each in inputs] == [send.receive(each) for each in inputs]


def test_other_bytes_have_another_proof():
    """It is a proof: zeros, as in shared memory that was never filled, are noticed."""
    assert send.proof(0, bytes(1000)) != send.proof(0, send.content(1000))


def test_every_task_is_sent_all_bytes_and_a_name_is_short():
    """That is the difference between the two."""
    with send.inputs(2, 100_000) as inputs:
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


PROGRAM = """
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from gil_lab.suite.workloads import send
if __name__ == "__main__":
    with send.shared_inputs(4, 1000) as inputs, ProcessPoolExecutor(2, get_context("spawn")) as pool:
        assert send.verify_shared(inputs, list(pool.map(send.receive_shared, inputs))) is None
"""


def test_workers_that_look_at_it_leave_no_warning_behind(tmp_path):
    """The resource tracker complains, when all is over, of what it thinks was left."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    done = subprocess.run([sys.executable, program], capture_output=True, text=True, check=True)
    assert done.stderr == ""


@every_way
def test_every_way_says_what_it_lacks(way):
    assert {*WAYS[way].forms, *WAYS[way].why_not} == {"call", "coroutine", "nogil", "parallel"}
    task = WAYS[way].forms["call"]
    assert pickle.loads(pickle.dumps(task)) is task
