"""Tracing inside compiled code: clocks, thread and core of one task, recorded from nopython code.

Calls to libc are intrinsics on stack memory rather than `types.ExternalFunction` on arrays: those take seconds to
compile, and every trial pays for compilation.
"""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from gil_lab.model.records import TaskSpan
from gil_lab.suite.instruments.spans import MAX_SCHEDSTAT_BYTES

COLUMNS = ("output", "tid", "begin_ns", "end_ns", "running_ns", "ready_ns", "core_begin", "core_end")
I8, I32, I64 = ir.IntType(8), ir.IntType(32), ir.IntType(64)
CLOCK_MONOTONIC, CLOCK_THREAD_CPUTIME_ID = 1, 3  # <linux/time.h>


def _clock(number: int) -> Any:
    @intrinsic
    def clock_ns(typing_context: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            timespec = cgutils.alloca_once(builder, ir.ArrayType(I64, 2))
            function_type = ir.FunctionType(I32, [I32, timespec.type])
            function = cgutils.get_or_insert_function(builder.module, function_type, "clock_gettime")
            builder.call(function, [I32(number), timespec])
            seconds, nanoseconds = (builder.load(builder.gep(timespec, [I32(0), I32(field)])) for field in (0, 1))
            return builder.add(builder.mul(seconds, I64(1_000_000_000)), nanoseconds)

        return types.int64(), code

    return clock_ns


def _libc_call(name: str) -> Any:
    @intrinsic
    def call(typing_context: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            function = cgutils.get_or_insert_function(builder.module, ir.FunctionType(I32, []), name)
            return builder.sext(builder.call(function, []), I64)

        return types.int64(), code

    return call


monotonic_ns = _clock(CLOCK_MONOTONIC)
thread_cpu_ns = _clock(CLOCK_THREAD_CPUTIME_ID)
gettid = _libc_call("gettid")
sched_getcpu = _libc_call("sched_getcpu")


@intrinsic
def _second_number(typing_context: Any, descriptor: Any) -> Any:
    """The second number in an open file of decimal numbers: in a schedstat, the wait for a core; 0 if there is none."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        def libc(name: str, result: Any, *of: Any) -> Any:
            return cgutils.get_or_insert_function(builder.module, ir.FunctionType(result, of), name)

        text_type, pointer = ir.ArrayType(I8, MAX_SCHEDSTAT_BYTES), I8.as_pointer()
        text = cgutils.alloca_once(builder, text_type)
        end = cgutils.alloca_once(builder, pointer)
        builder.store(ir.Constant(text_type, None), text)  # zeros; the last one stays and ends the text
        start = builder.bitcast(text, pointer)
        pread, strtoll = libc("pread", I64, I32, pointer, I64, I64), libc("strtoll", I64, pointer, end.type, I32)
        number = builder.trunc(arguments[0], I32)
        builder.call(pread, [number, start, I64(MAX_SCHEDSTAT_BYTES - 1), I64(0)])
        builder.call(strtoll, [start, end, I32(10)])
        return builder.call(strtoll, [builder.load(end), end, I32(10)])

    return types.int64(types.int64), code


@intrinsic
def _next_row(typing_context: Any, address: Any) -> Any:
    """Increment the number at `address` atomically, and return it."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        counter = builder.inttoptr(arguments[0], I64.as_pointer())
        return builder.add(builder.atomic_rmw("add", counter, I64(1), "monotonic"), I64(1))

    return types.int64(types.int64), code


@intrinsic
def _get(typing_context: Any, address: Any) -> Any:
    """Read an int64 from `address`."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load(builder.inttoptr(arguments[0], I64.as_pointer()))

    return types.int64(types.int64), code


@intrinsic
def _put(typing_context: Any, address: Any, value: Any) -> Any:
    """Write an int64 to `address`."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.store(arguments[1], builder.inttoptr(arguments[0], I64.as_pointer()))
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), code


@intrinsic
def _put_double(typing_context: Any, address: Any, value: Any) -> Any:
    """Write a float64 to `address`."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.store(arguments[1], builder.inttoptr(arguments[0], ir.DoubleType().as_pointer()))
        return context.get_dummy_value()

    return types.void(types.int64, types.float64), code


class SpanTable:
    """Memory that compiled tasks read and write without the Python API; it must outlive them."""

    def __init__(self, tasks: int, dtype: str = "int64") -> None:
        """`dtype` is that of the outputs, which takes 8 bytes."""
        self.dtype = np.dtype(dtype)
        self.table = np.zeros((tasks + 1, len(COLUMNS)), np.int64)
        """One row of COLUMNS per task, from the second row on; the first cell counts the rows in use."""
        queues = []
        for thread in Path("/proc/self/task").glob("*/schedstat"):
            with suppress(OSError):  # the thread has ended
                queues.append((int(thread.parent.name), os.open(thread, os.O_RDONLY | os.O_CLOEXEC)))
        self.queues = np.array([*queues, (-1, -1)], np.int64)
        """Each thread with its schedstat, kept open, because opening it takes longer than a short task. A pool that
        has run once has all its threads. The last row ends the search."""

    def __del__(self) -> None:
        for _, descriptor in self.queues[:-1].tolist():
            os.close(descriptor)

    def unfolded(self, rows: Sequence[int]) -> tuple[list[Any], list[TaskSpan]]:
        """Outputs and spans, from what the recorded tasks returned."""
        stored = {row for row in rows if 0 < row < len(self.table)}
        if lacking := len(rows) - len(stored):
            raise ValueError(f"the loop stored no answer for {lacking} task(s); it must do so: outputs[i] = task(...)")
        records = [dict(zip(COLUMNS, self.table[row].tolist(), strict=True)) for row in rows]
        outputs = self.table[list(rows), COLUMNS.index("output")].view(self.dtype).tolist()
        self.table[0, 0] = 0  # for the next pass
        for record in records:
            del record["output"]
        waits = [wait if (wait := record.pop("ready_ns")) >= 0 else None for record in records]
        return outputs, [TaskSpan(n, os.getpid(), ready_ns=waits[n], **record) for n, record in enumerate(records)]


def recorded_task(task: Any, spans: SpanTable) -> Any:
    """A compiled task that runs `task`, writes the COLUMNS into the next free row of the table, and returns that row.

    A `ready_ns` that is not available is -1.
    """
    start, row_bytes, first = spans.table.ctypes.data, spans.table.strides[0], spans.queues.ctypes.data
    put_output = _put_double if spans.dtype.kind == "f" else _put

    @njit(nogil=True)
    def descriptor(tid: Any) -> Any:
        at = first
        while _get(at) not in (tid, -1):
            at += 16
        return _get(at + 8)

    @njit(nogil=True)
    def recorded(item: Any) -> Any:
        tid = gettid()
        schedstat = descriptor(tid)
        core_begin, begin = sched_getcpu(), monotonic_ns()
        ready, cpu = _second_number(schedstat), thread_cpu_ns()
        output = task(item)
        running = thread_cpu_ns() - cpu
        waited = _second_number(schedstat) - ready if schedstat >= 0 else -1
        end = monotonic_ns()
        row = _next_row(start)
        at = start + row * row_bytes
        put_output(at, output)
        _put(at + 8, tid)
        _put(at + 16, begin)
        _put(at + 24, end)
        _put(at + 32, running)
        _put(at + 40, waited)
        _put(at + 48, core_begin)
        _put(at + 56, sched_getcpu())
        return row

    return recorded
