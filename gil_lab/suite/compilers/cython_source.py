"""The source of a module that Cython translates: a task as it stands in its file, and C types beside it.

The functions are taken over letter by letter; the types stand in a .pxd file of the same name, which Cython reads first
(cython.readthedocs.io, "Pure Python Mode", "Augmenting .pxd"). Rejected: types in the source, because every other form
runs the same one; the whole workload file with a .pxd beside it, because Cython would translate the lab's imports and
the coroutines as well, and because nothing in that file lets go of the GIL; and types that Cython guesses
(`infer_types`), because which of them it may guess is what a student should see.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from types import FunctionType
from typing import Any

MODULE = "gil_lab_compiled"
WITHOUT_GIL = "run_without_the_gil"
INTEGER = "long long"
HEADER = "# cython: language_level=3, freethreading_compatible=True, annotation_typing=False\n"
"""No GIL is switched on when it is imported. `float` in an annotation is not a C type: types come from the .pxd or not
at all. Rejected: `cdivision`, a division without a check for 0, which leaves out more than that: 3 / 2 becomes 1."""
LET_GO = """

import cython


def {wrapper}(item):
    with cython.nogil:
        answer = {task}(item)
    return answer
"""
LET_GO_TYPES = """
@cython.locals(answer=cython.longlong)
cpdef {wrapper}({item} item)
"""

IT_WAITS = "it waits most of the time, and compiled code waits as long: choose primes or mandelbrot"
"""Why a workload is not written for Cython. (For Numba it is, to show that compiled code can wait without the GIL.)"""


@dataclass(frozen=True, slots=True)
class Declared:
    """A task that takes a tuple of integers and gives an integer, and the C types that free it from Python's objects.

    `types` is what stands in the .pxd file: each function as `cdef ... nogil`, with `@cython.locals` for its
    variables, and the numbers of the module that it reads.
    """

    task: Callable[[Any], Any]
    types: str


@dataclass(frozen=True, slots=True)
class Source:
    """A module for Cython: its text, the text of the .pxd file beside it (empty: none), and what to call in it."""

    text: str
    types: str
    entry: str


def untyped(task: Callable[[Any], Any]) -> Source:
    """Python as it is: each number stays an object, and each name is looked up."""
    return Source(_module(task), "", task.__name__)


def typed(declared: Declared, values: int) -> Source:
    """With C types and around it a function that lets go of the GIL; its inputs are tuples of so many `values`."""
    task, item = declared.task, f"({', '.join([INTEGER] * values)})"
    released = LET_GO.format(wrapper=WITHOUT_GIL, task=task.__name__)
    types = f"cimport cython\n\n{declared.types}{LET_GO_TYPES.format(wrapper=WITHOUT_GIL, item=item)}"
    return Source(_module(task) + released, types, WITHOUT_GIL)


def _module(task: Callable[[Any], Any]) -> str:
    """The numbers of its module that the task reads, then the functions of it that it calls, then the task.

    Anything else that it needs is a name that Cython does not know, and says so.
    """
    found: dict[str, str] = {}
    _collect(task, found)
    return "\n\n".join([HEADER, *found.values()])


def _collect(function: Any, found: dict[str, str]) -> None:
    """Into `found`, by name: what the function needs, then the function itself."""
    found[function.__name__] = ""  # a function may call itself
    for name in function.__code__.co_names:
        value = function.__globals__.get(name)
        if name in found:
            continue
        if type(value) in (int, float):
            found[name] = f"{name} = {value!r}"
        elif isinstance(value, FunctionType):
            _collect(value, found)
    del found[function.__name__]
    found[function.__name__] = inspect.getsource(function)
