"""The stages from source to machine code: the text of each, and what can be counted in it.

Used in the measured process and by the command `inspect`, with the standard library alone; Numba is imported when the
compiled stages are requested.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from gil_lab.model.frozen import frozen
from gil_lab.model.records import Observation
from gil_lab.suite.compilers.inspection import assembly, llvm_ir, python_code
from gil_lab.suite.compilers.inspection.loops import Loop
from gil_lab.suite.compilers.inspection.machine_code import CompiledFunction

STAGES: Mapping[str, str] = {
    "bytecode": "what CPython's interpreter runs",
    "types": "Numba's IR with the inferred types",
    "llvm": "LLVM IR, optimised",
    "asm": "machine code",
}
BYTECODE, LLVM_IR, MACHINE_CODE = "bytecode", "LLVM IR", "machine code"
COMPILED_STAGES: Mapping[str, Callable[[CompiledFunction], str]] = {
    "types": lambda compiled: compiled.types,
    "llvm": lambda compiled: compiled.llvm,
    "asm": lambda compiled: compiled.asm,
}
"""The stages of Numba, and how to get their text."""


@frozen
class Iteration:
    """Instructions in one iteration of the innermost loop, at one level."""

    level: str
    """`LLVM IR`."""
    fewest: int
    most: int

    def __str__(self) -> str:
        count = str(self.most) if self.fewest == self.most else f"{self.fewest} to {self.most}"
        return f"{count} of {self.level}"


@frozen
class LoopFacts:
    """What can be counted of the innermost loop of a function."""

    iterations: tuple[Iteration, ...]
    """One for each level that has a loop, from bytecode down."""
    vectors: str
    """Whether the loop was vectorised, and how wide; empty without a loop or compiled code."""
    remark: str = ""
    """Why something is missing."""


def _iteration(level: str, loop: Loop | None) -> tuple[Iteration, ...]:
    return () if loop is None else (Iteration(level, loop.fewest, loop.most),)


def loop_facts(function: Any, compiled: CompiledFunction | None) -> LoopFacts:
    """Facts about a plain function and, if it was compiled, its machine code. Each level counts its own loop."""
    iterations = _iteration(BYTECODE, python_code.loop(function)) if hasattr(function, "__code__") else ()
    if compiled is None:
        return LoopFacts(iterations, "", "" if iterations else "no loop in the function itself")
    module, name = compiled.llvm, compiled.name
    in_ir, vectors = llvm_ir.loop(module, name)
    iterations += _iteration(LLVM_IR, in_ir)
    try:
        in_asm, packed = assembly.loop(compiled.asm, name, compiled.triple)
    except assembly.UnsupportedCodeError as error:
        return LoopFacts(iterations, vectors.description if vectors else "", str(error))
    iterations += _iteration(MACHINE_CODE, in_asm)
    if vectors is None:
        return LoopFacts(iterations, "", "no loop in the compiled function itself")
    return LoopFacts(iterations, f"{vectors.description}; {_registers(packed)}")


def _registers(packed: assembly.Packed | None) -> str:
    """What machine code shows about vectors, independently of LLVM IR."""
    if packed is None:
        return "no loop was found in machine code"
    if not packed.instructions:
        return "no packed arithmetic in machine code"
    width = f"{packed.bits}-bit registers" if packed.bits else "registers as wide as the processor has them"
    return f"in machine code {packed.instructions} packed instructions on {width}"


def observations(facts: LoopFacts) -> Iterator[Observation]:
    """The longest path through an iteration at each level, as numbers, and the verdict as text."""
    for iteration in facts.iterations:
        yield Observation(f"{iteration.level} of a turn", iteration.most, "instructions")
    if facts.vectors:
        yield Observation("vectorised", None, "", facts.vectors)
    if facts.remark:
        yield Observation("loop", None, "", facts.remark)
