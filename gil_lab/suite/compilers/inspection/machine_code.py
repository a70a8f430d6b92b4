"""What Numba turns a function into: its typed representation, LLVM IR and machine code.

Nothing is taken from a disk cache: code loaded from there has no LLVM IR.
"""

import io
from collections.abc import Mapping
from typing import Any

from gil_lab.model.errors import UsageError
from gil_lab.model.frozen import frozen


@frozen
class CompiledFunction:
    """A function that Numba has compiled for one signature, as texts."""

    name: str
    """The name of the function in LLVM IR and in machine code."""
    types: str
    """The source, with the typed instructions of Numba's IR under each line."""
    llvm: str
    """The optimised module: the function, and the wrappers through which Python calls it."""
    asm: str

    @property
    def triple(self) -> str:
        """LLVM's name of the machine and the system: `x86_64-unknown-linux-gnu`."""
        triple = next((line for line in self.llvm.splitlines() if line.startswith("target triple")), "")
        return triple.partition('"')[2].rstrip('"')


def texts(dispatcher: Any) -> CompiledFunction:
    """The texts of a function with a single signature.

    LLVM IR first: to print machine code, LLVM generates it once more, from a module that the first generation has
    already changed. In places the text has one more check than the code that runs: a 64-bit division is preceded by two
    tests whether a shorter one suffices, not by one.
    """
    (result,) = dispatcher.overloads.values()
    types = io.StringIO()
    dispatcher.inspect_types(file=types)
    llvm = str(result.library.get_llvm_str())
    return CompiledFunction(
        str(result.fndesc.llvm_func_name), types.getvalue(), llvm, str(result.library.get_asm_str())
    )


def compiled(task: Any, argument: Any) -> CompiledFunction:
    """`task`, as returned by `numba.njit`, compiled for an argument like this one.

    Raises UsageError if Numba is set not to compile, and ImportError without Numba.
    """
    import numba

    if not hasattr(task, "compile"):
        raise UsageError("nothing is compiled, because NUMBA_DISABLE_JIT=1 is set; unset it")
    task.compile((numba.typeof(argument),))
    return texts(task)


def build(forms: Mapping[str, Any], why_not: Mapping[str, str], workload: str, argument: Any) -> CompiledFunction:
    """The compiled form of a workload. Raises UsageError with the reason if it has none, ImportError without Numba."""
    if "nogil" not in forms:
        reason = why_not.get("nogil", f"{workload} has no form that Numba compiles")
        raise UsageError(f"{reason}; use --stage bytecode")
    return compiled(forms["nogil"](), argument)
