"""Where this process keeps its GILs: found by what stands there, without a table of offsets for each Python.

A GIL's record (`struct _gil_runtime_state`, Include/internal/pycore_gil.h) begins with its switch interval in
microseconds, then the thread state of its last holder, then whether it is held, then a counter of hand-offs. Whoever
sets an unusual interval, and holds the GIL, knows the first sixteen bytes; they stand in the runtime
(up to 3.11) or in the state of the interpreter (PEP 684, from 3.12 on).
"""

import ctypes
import os
import struct
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from gil_lab.model.gil import MAX_INTERVAL_US, GilRecord, GilRecords
from gil_lab.suite.instruments import gil

MARK_US = 4_321
"""A switch interval that no program chooses, and short enough to do no harm in the millisecond that it is set."""
SEARCHED_BYTES = 1 << 20
"""From the address of the runtime or of the interpreter on: both are less than half of that in 3.11 to 3.15."""
CHUNK_BYTES = 1 << 16
THREAD_STATE_BYTES = 1 << 10
TRIES = 3
MOST_INTERPRETERS = 1000
NANOSECOND_S = 1e-9
"""Added to an interval that is set: 29 us come back as 28.99, which CPython would cut to 28."""


def gil_records() -> GilRecords:
    """Of this process. It must be called by a thread of the main interpreter; it takes a millisecond."""
    if not gil.enabled():
        return GilRecords(unknown="this Python has no GIL", no_gil=True)
    if sys.implementation.name != "cpython":
        return GilRecords(unknown=f"the GIL of {sys.implementation.name} cannot be read from outside")
    if sys.maxsize < 1 << 32:
        return GilRecords(unknown="the GIL of a Python of 32 bits cannot be read from outside")
    try:
        memory = os.open("/proc/self/mem", os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        return GilRecords(unknown=f"the memory of processes cannot be read here ({error.strerror})")
    try:
        return _found(memory)
    except (OSError, AttributeError, ValueError) as error:  # AttributeError: a build that hides the functions
        return GilRecords(unknown=f"its GIL was not found ({error})")
    finally:
        os.close(memory)


def _found(memory: int) -> GilRecords:
    state, interpreter = _address("PyThreadState_Get"), _address("PyInterpreterState_Get")
    runtime = ctypes.addressof(ctypes.c_char.in_dll(ctypes.pythonapi, "_PyRuntime"))
    with _marked_interval():
        pattern = struct.pack("=QQ", MARK_US, state)
        # Reading lets go of the GIL, and another thread that takes it becomes its last holder: so there are more tries.
        places = (
            _place(memory, base, SEARCHED_BYTES, pattern) for _ in range(TRIES) for base in (runtime, interpreter)
        )
        address = next((place for place in places if place is not None), None)
    if address is None:
        return GilRecords(unknown="its GIL was not found in the memory of this Python")
    # The two ids of a thread stand beside each other, that of its library first (PyThreadState, from 3.11 on).
    ids = _place(
        memory, state, THREAD_STATE_BYTES, struct.pack("=QQ", threading.get_ident(), threading.get_native_id())
    )
    if ids is None:
        return GilRecords(unknown="the threads of this Python cannot be distinguished in its memory")
    return GilRecords(
        (GilRecord(0, address), *_of_others(memory, interpreter, address - interpreter)),
        thread_id_offset=ids + 8 - state,
        waits_inside=_has_glibc(),
    )


def _of_others(memory: int, main: int, offset: int) -> Iterator[GilRecord]:
    """Those of further interpreters, at the same place in their states; one that shares a GIL has none of its own."""
    if not 0 <= offset < SEARCHED_BYTES:  # there is one GIL for the whole process
        return
    # Head and next are public, for debuggers (C API, "Advanced Debugger Support"). The pool's interpreters are idle.
    of_next = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p)(("PyInterpreterState_Next", ctypes.pythonapi))
    get_id = ctypes.PYFUNCTYPE(ctypes.c_int64, ctypes.c_void_p)(("PyInterpreterState_GetID", ctypes.pythonapi))
    interpreter = _address("PyInterpreterState_Head")
    for _ in range(MOST_INTERPRETERS):
        if not interpreter:
            return
        if interpreter != main and _looks_like_a_gil(os.pread(memory, 32, interpreter + offset)):
            yield GilRecord(get_id(interpreter), interpreter + offset)
        interpreter = of_next(interpreter) or 0
    raise ValueError(f"more than {MOST_INTERPRETERS} interpreters")


def _looks_like_a_gil(record: bytes) -> bool:
    interval_us, holder, locked = struct.unpack_from("=QQi", record)
    return 0 < interval_us < MAX_INTERVAL_US and holder and locked in (0, 1)


@contextmanager
def _marked_interval() -> Iterator[None]:
    before_s = sys.getswitchinterval()
    sys.setswitchinterval(MARK_US / 1e6 + NANOSECOND_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before_s + NANOSECOND_S)


def _address(function: str) -> int:
    return ctypes.PYFUNCTYPE(ctypes.c_void_p)((function, ctypes.pythonapi))() or 0


def _place(memory: int, begin: int, length: int, pattern: bytes) -> int | None:
    """The address of the pattern in a part of the memory, which may end before that."""
    for place in range(begin, begin + length, CHUNK_BYTES):
        try:
            # A chunk reaches into the next one, so that no pattern is cut in two.
            chunk = os.pread(memory, min(CHUNK_BYTES, begin + length - place) + len(pattern), place)
        except OSError:
            return None
        if (found := chunk.find(pattern)) >= 0:
            return place + found
    return None


def _has_glibc() -> bool:
    """Its condition variables sleep on words of their own; those of musl do on the stack of the thread that waits."""
    try:
        return bool(os.confstr("CS_GNU_LIBC_VERSION"))
    except (ValueError, OSError, AttributeError):
        return False
