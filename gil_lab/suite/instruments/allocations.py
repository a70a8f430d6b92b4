"""How many memory blocks Python code allocates while it runs, including those that it frees at once.

A counter wraps Python's object allocator (`PyMem_SetAllocator`, in the C API's memory management). It is compiled by
Numba: a counter written in Python would itself allocate. Rejected: `tracemalloc` and `sys.getallocatedblocks`, which
report what is left in the end; a loop that creates and drops a million numbers leaves nothing.
"""

import ctypes
from collections.abc import Callable
from typing import Any

from gil_lab.suite.instruments import gil

OBJECT_DOMAIN = 2
"""`PYMEM_DOMAIN_OBJ` of the C API's `PyMemAllocatorDomain`: the domain of Python objects."""
Pointer, Size = ctypes.c_void_p, ctypes.c_size_t


class Allocator(ctypes.Structure):
    """`PyMemAllocatorEx` of the C API."""

    _fields_ = [(name, Pointer) for name in ("ctx", "malloc", "calloc", "realloc", "free")]


def allocations(work: Callable[[], Any]) -> int | None:
    """Calls of malloc and calloc for objects, by any thread, during one run of `work`.

    Reusing an object from CPython's free lists is not a call. None where they cannot be counted: without a GIL, where
    threads would race on the counter (and the import of Numba might switch it on), without Numba, and in other Pythons.
    """
    if not (gil.enabled() and hasattr(getattr(ctypes, "pythonapi", None), "PyMem_SetAllocator")):
        return None
    try:
        import numba  # noqa: F401 - fail now, not below
    except ImportError:
        return None
    original, count = Allocator(), ctypes.c_int64()
    ctypes.pythonapi.PyMem_GetAllocator(OBJECT_DOMAIN, ctypes.byref(original))
    malloc, calloc = counting_allocators(original)
    counting = Allocator(ctypes.addressof(count), malloc.address, calloc.address, original.realloc, original.free)
    ctypes.pythonapi.PyMem_SetAllocator(OBJECT_DOMAIN, ctypes.byref(counting))
    try:
        work()
    finally:
        ctypes.pythonapi.PyMem_SetAllocator(OBJECT_DOMAIN, ctypes.byref(original))
    return count.value


def counting_allocators(original: Allocator) -> tuple[Any, Any]:
    """C functions that increment the number that their context points to, and then call the original ones.

    The other two functions of an allocator need no wrapper: CPython's object allocator ignores the context.
    """
    from numba import carray, cfunc, int64
    from numba.types import uintp, voidptr

    context = original.ctx or 0
    original_malloc = ctypes.CFUNCTYPE(Pointer, Pointer, Size)(original.malloc)
    original_calloc = ctypes.CFUNCTYPE(Pointer, Pointer, Size, Size)(original.calloc)

    def malloc(counter: Any, size: Any) -> Any:
        carray(counter, 1, int64)[0] += 1
        return original_malloc(context, size)

    def calloc(counter: Any, items: Any, size: Any) -> Any:
        carray(counter, 1, int64)[0] += 1
        return original_calloc(context, items, size)

    return cfunc(voidptr(voidptr, uintp))(malloc), cfunc(voidptr(voidptr, uintp, uintp))(calloc)
