"""The source of a module that Cython translates: a task as written in its file, and C types beside it.

The functions are copied verbatim; the types are in a .pxd file of the same name, which Cython reads first
(cython.readthedocs.io, "Pure Python Mode", "Augmenting .pxd"). Rejected: types in the source, because every other form
runs the same source; the whole workload file with a .pxd beside it, because Cython would also translate the lab's
imports and the coroutines, and because nothing in that file releases the GIL; and types that Cython infers
(`infer_types`), because which of them it can infer is what a student should see.
"""

import inspect
from collections.abc import Callable
from types import FunctionType
from typing import Any

from gil_lab.model.frozen import frozen

MODULE = "gil_lab_compiled"
WITHOUT_GIL = "run_without_the_gil"
INTEGER = "long long"
HEADER = "# cython: language_level=3, freethreading_compatible=True, annotation_typing=False\n"
"""Importing the module does not enable the GIL. `float` in an annotation is not a C type: types come from the .pxd
alone. Rejected: `cdivision`, division without a check for 0, which changes more than that: 3 / 2 becomes 1."""
RELEASE_GIL = """

import cython


def {wrapper}(item):
    with cython.nogil:
        answer = {task}(item)
    return answer
"""
RELEASE_GIL_TYPES = """
@cython.locals(answer=cython.longlong)
cpdef {wrapper}({item} item)
"""

MOSTLY_WAITS = "it waits most of the time, and compiled code waits as long: choose primes or mandelbrot"
"""Why a workload has no form for Cython. (For Numba it has one: compiled code can wait without the GIL.)"""


@frozen
class Declared:
    """A task from a tuple of integers to an integer, and the C types with which it needs no Python objects.

    `types` is the content of the .pxd file: each function as `cdef ... nogil`, with `@cython.locals` for its
    variables, and the numbers of the module that it reads.
    """

    task: Callable[[Any], Any]
    types: str


@frozen
class CythonSource:
    """A module for Cython: its text, the text of its .pxd file (empty: none), and the function to call."""

    text: str
    types: str
    entry: str


def untyped(task: Callable[[Any], Any]) -> CythonSource:
    """Python unchanged: every number stays an object, and every name is looked up."""
    return CythonSource(_module(task), "", task.__name__)


def typed(declared: Declared, values: int) -> CythonSource:
    """With C types, and wrapped in a function that releases the GIL; its inputs are tuples of `values` integers."""
    task, item = declared.task, f"({', '.join([INTEGER] * values)})"
    released = RELEASE_GIL.format(wrapper=WITHOUT_GIL, task=task.__name__)
    types = f"cimport cython\n\n{declared.types}{RELEASE_GIL_TYPES.format(wrapper=WITHOUT_GIL, item=item)}"
    return CythonSource(_module(task) + released, types, WITHOUT_GIL)


def _module(task: Callable[[Any], Any]) -> str:
    """The numbers of its module that the task reads, then the module's functions that it calls, then the task.

    Cython reports any other name that it needs as unknown.
    """
    definitions: dict[str, str] = {}
    _collect(task, definitions)
    return "\n\n".join([HEADER, *definitions.values()])


def _collect(function: Any, definitions: dict[str, str]) -> None:
    """Add to `definitions`, by name: what the function needs, then the function itself."""
    definitions[function.__name__] = ""  # a function may call itself
    for name in function.__code__.co_names:
        value = function.__globals__.get(name)
        if name in definitions:
            continue
        if type(value) in (int, float):
            definitions[name] = f"{name} = {value!r}"
        elif isinstance(value, FunctionType):
            _collect(value, definitions)
    del definitions[function.__name__]
    definitions[function.__name__] = inspect.getsource(function)
