"""Tracing inside compiled code: clocks, thread and core of one task, written down from nopython code.

The three calls of libc are made by intrinsics on stack memory rather than by `types.ExternalFunction` on arrays: those
take seconds to compile, and compilation is paid in every trial.
"""

from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

COLUMNS = ("output", "tid", "begin_ns", "end_ns", "cpu_ns", "core_begin", "core_end")
I32, I64 = ir.IntType(32), ir.IntType(64)
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


def _number_from_libc(name: str) -> Any:
    @intrinsic
    def call(typing_context: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            function = cgutils.get_or_insert_function(builder.module, ir.FunctionType(I32, []), name)
            return builder.sext(builder.call(function, []), I64)

        return types.int64(), code

    return call


monotonic_ns = _clock(CLOCK_MONOTONIC)
thread_cpu_ns = _clock(CLOCK_THREAD_CPUTIME_ID)
gettid = _number_from_libc("gettid")
sched_getcpu = _number_from_libc("sched_getcpu")


@intrinsic
def _next_row(typing_context: Any, address: Any) -> Any:
    """Count the number at `address` up by one, safely among threads, and return it."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        counter = builder.inttoptr(arguments[0], I64.as_pointer())
        return builder.add(builder.atomic_rmw("add", counter, I64(1), "monotonic"), I64(1))

    return types.int64(types.int64), code


@intrinsic
def _put(typing_context: Any, address: Any, value: Any) -> Any:
    """Write an int64 to `address`."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.store(arguments[1], builder.inttoptr(arguments[0], I64.as_pointer()))
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), code


def with_notes(task: Any, table: Any) -> Any:
    """A compiled task that runs `task`, writes the COLUMNS into the next free row of `table`, and returns that row.

    `table` is a C-contiguous int64 array of shape (tasks + 1, len(COLUMNS)) that outlives the task; its first cell
    counts the rows.
    """
    start, row_bytes = table.ctypes.data, table.strides[0]

    @njit(nogil=True)
    def noted(item: Any) -> Any:
        core_begin, cpu, begin = sched_getcpu(), thread_cpu_ns(), monotonic_ns()
        output = task(item)
        end = monotonic_ns()
        row = _next_row(start)
        at = start + row * row_bytes
        _put(at, output)
        _put(at + 8, gettid())
        _put(at + 16, begin)
        _put(at + 24, end)
        _put(at + 32, thread_cpu_ns() - cpu)
        _put(at + 40, core_begin)
        _put(at + 48, sched_getcpu())
        return row

    return noted
