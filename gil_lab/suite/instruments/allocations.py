"""How many memory blocks a piece of Python asks for while it runs, also those that it gives back at once.

A counter stands in front of Python's allocator of objects (`PyMem_SetAllocator`, in the C API's memory management). It
is compiled by Numba: one written in Python would itself allocate. Rejected: `tracemalloc` and `sys.getallocatedblocks`,
which know what is left in the end, where a loop that makes and drops a million numbers leaves nothing.
"""

import ctypes
from collections.abc import Callable
from typing import Any

from gil_lab.suite.instruments import gil

OBJECTS = 2
"""`PYMEM_DOMAIN_OBJ` of the C API's `PyMemAllocatorDomain`: what Python objects live in."""
Pointer, Size = ctypes.c_void_p, ctypes.c_size_t


class Allocator(ctypes.Structure):
    """`PyMemAllocatorEx` of the C API."""

    _fields_ = [(name, Pointer) for name in ("ctx", "malloc", "calloc", "realloc", "free")]


def allocations(work: Callable[[], Any]) -> int | None:
    """Of one run of `work`, by whichever thread: calls of malloc and calloc for objects.

    What CPython keeps in free lists and uses again is no call. None where they cannot be counted: without a GIL, where
    threads would overrun the counter (and the import of Numba might switch it on), without Numba, and in other Pythons.
    """
    if not (gil.enabled() and hasattr(getattr(ctypes, "pythonapi", None), "PyMem_SetAllocator")):
        return None
    try:
        import numba  # noqa: F401 - better known now
    except ImportError:
        return None
    usual, count = Allocator(), ctypes.c_int64()
    ctypes.pythonapi.PyMem_GetAllocator(OBJECTS, ctypes.byref(usual))
    malloc, calloc = counting(usual)
    counted = Allocator(ctypes.addressof(count), malloc.address, calloc.address, usual.realloc, usual.free)
    ctypes.pythonapi.PyMem_SetAllocator(OBJECTS, ctypes.byref(counted))
    try:
        work()
    finally:
        ctypes.pythonapi.PyMem_SetAllocator(OBJECTS, ctypes.byref(usual))
    return count.value


def counting(usual: Allocator) -> tuple[Any, Any]:
    """C functions that add one to the number that their context points to, and then do as the usual ones.

    The other two of an allocator may stay as they are: the one that CPython has for objects looks at no context.
    """
    from numba import carray, cfunc, int64
    from numba.types import uintp, voidptr

    context = usual.ctx or 0
    usual_malloc = ctypes.CFUNCTYPE(Pointer, Pointer, Size)(usual.malloc)
    usual_calloc = ctypes.CFUNCTYPE(Pointer, Pointer, Size, Size)(usual.calloc)

    def malloc(counter: Any, size: Any) -> Any:
        carray(counter, 1, int64)[0] += 1
        return usual_malloc(context, size)

    def calloc(counter: Any, items: Any, size: Any) -> Any:
        carray(counter, 1, int64)[0] += 1
        return usual_calloc(context, items, size)

    return cfunc(voidptr(voidptr, uintp))(malloc), cfunc(voidptr(voidptr, uintp, uintp))(calloc)
