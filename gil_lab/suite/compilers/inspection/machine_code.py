"""What Numba makes of a function: its typed representation, LLVM IR and machine code.

Nothing is taken from a disk cache: code that was loaded has no LLVM IR any more.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gil_lab.model.errors import UsageError


@dataclass(frozen=True, slots=True)
class Compiled:
    """A function that Numba has compiled for one signature, and the texts of it."""

    name: str
    """That of the function in LLVM IR and in machine code."""
    types: str
    """The source, with the typed instructions of Numba's own IR under each line."""
    llvm: str
    """The optimised module, with the function and the wrappers by which Python calls it."""
    asm: str

    @property
    def triple(self) -> str:
        """LLVM's word for the machine and the system: `x86_64-unknown-linux-gnu`."""
        told = next((line for line in self.llvm.splitlines() if line.startswith("target triple")), "")
        return told.partition('"')[2].rstrip('"')


def texts(dispatcher: Any) -> Compiled:
    """Of a function with a single signature.

    LLVM IR first: to write machine code down, LLVM generates it once more, from a module that the first generation has
    already changed. Here and there the text has a check more than the code that runs: a large division is preceded by
    two questions whether small ones would do, not by one.
    """
    (made,) = dispatcher.overloads.values()
    written = io.StringIO()
    dispatcher.inspect_types(file=written)
    llvm = str(made.library.get_llvm_str())
    return Compiled(str(made.fndesc.llvm_func_name), written.getvalue(), llvm, str(made.library.get_asm_str()))


def compiled(task: Any, argument: Any) -> Compiled:
    """`task`, as `numba.njit` gave it, compiled for an argument like this one.

    Raises UsageError if Numba is told not to compile, and ImportError without Numba.
    """
    import numba

    if not hasattr(task, "compile"):
        raise UsageError("Numba gave the plain function back: nothing is compiled with NUMBA_DISABLE_JIT=1; unset it")
    task.compile((numba.typeof(argument),))
    return texts(task)


def build(forms: Mapping[str, Any], why_not: Mapping[str, str], workload: str, argument: Any) -> Compiled:
    """The compiled form of a workload. Raises UsageError with the reason if it has none, ImportError without Numba."""
    if "nogil" not in forms:
        reason = why_not.get("nogil", f"{workload} is not written in a form that Numba compiles")
        raise UsageError(f"{reason}; --stage bytecode is there all the same")
    return compiled(forms["nogil"](), argument)
