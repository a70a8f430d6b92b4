"""A function of a test in a process that is forked for it, so that what it starts there ends with it.

Numba's threads are what is meant: a process that has started them can neither fork one that uses Numba nor be one.
"""

import functools
import multiprocessing
import os
import sys
import traceback
import warnings
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


def numba_has_threads() -> bool:
    parallel = sys.modules.get("numba.np.ufunc.parallel")
    return parallel is not None and parallel._is_initialized


def in_own_process(function: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """What it answers or raises is sent back, so it has to be something that can be pickled."""

    @functools.wraps(function)
    def forked(*given: Given.args, **named: Given.kwargs) -> Answer:
        context = multiprocessing.get_context("fork")
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=_send, args=(sender, function, given, named))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # from 3.12 on, of the threads of pytest-xdist
            process.start()
        sender.close()
        with receiver:
            try:
                answer, error = receiver.recv()
            except EOFError:
                answer, error = None, AssertionError("its process ended without an answer")
        process.join()
        process.close()
        if error is not None:
            raise error
        return answer

    return forked


def _send(sender: Connection, function: Callable[..., object], given: tuple, named: dict[str, object]) -> None:
    answer, error = None, None
    try:
        answer = function(*given, **named)
    except BaseException as raised:
        error = raised
        error.add_note(traceback.format_exc())
    sender.send((answer, error))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # no exit handlers of the tests' process
