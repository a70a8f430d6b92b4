"""The stages from source to machine code: the text of each, and what can be counted in it.

Works in the measured process and for the command `inspect`, with the standard library alone; Numba is imported when the
compiled stages are asked for.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gil_lab.model.records import Observation
from gil_lab.suite.compilers.inspection import assembly, llvm_ir, python_code
from gil_lab.suite.compilers.inspection.loops import Loop
from gil_lab.suite.compilers.inspection.machine_code import Compiled

STAGES: Mapping[str, str] = {
    "bytecode": "what CPython's interpreter runs",
    "types": "Numba's IR with the types that it found",
    "llvm": "LLVM IR, optimised",
    "asm": "machine code",
}
BYTECODE, LLVM_IR, MACHINE_CODE = "bytecode", "LLVM IR", "machine code"
COMPILED: Mapping[str, Callable[[Compiled], str]] = {
    "types": lambda made: made.types,
    "llvm": lambda made: made.llvm,
    "asm": lambda made: made.asm,
}
"""Those that Numba makes, and how to get their text."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Instructions of one turn of the innermost loop, at one level."""

    level: str
    """`LLVM IR`."""
    fewest: int
    most: int

    def __str__(self) -> str:
        counted = str(self.most) if self.fewest == self.most else f"{self.fewest} to {self.most}"
        return f"{counted} of {self.level}"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is counted, and not hoped."""

    turns: tuple[Turn, ...]
    """Of the levels at which there is a loop, from bytecode down."""
    vectors: str
    """Whether the loop was vectorised, and how wide; empty without a loop or without compiled code."""
    remark: str = ""
    """Why something is missing."""


def _turn(level: str, loop: Loop | None) -> tuple[Turn, ...]:
    return () if loop is None else (Turn(level, loop.fewest, loop.most),)


def facts(function: Any, made: Compiled | None) -> Facts:
    """Of a plain function and, if it was compiled, of its machine code. Each counts the loops of its own level."""
    turns = _turn(BYTECODE, python_code.loop(function)) if hasattr(function, "__code__") else ()
    if made is None:
        return Facts(turns, "", "" if turns else "no loop in the function itself")
    module, name = made.llvm, made.name
    in_ir, vectors = llvm_ir.loop(module, name)
    turns += _turn(LLVM_IR, in_ir)
    try:
        in_asm, packed = assembly.loop(made.asm, name, made.triple)
    except assembly.CannotReadError as error:
        return Facts(turns, vectors.told if vectors else "", str(error))
    turns += _turn(MACHINE_CODE, in_asm)
    if vectors is None:
        return Facts(turns, "", "no loop in the compiled function itself")
    return Facts(turns, f"{vectors.told}; {_registers(packed)}")


def _registers(packed: assembly.Packed | None) -> str:
    """What machine code says of vectors, whatever LLVM IR says."""
    if packed is None:
        return "no loop was found in machine code"
    if not packed.instructions:
        return "no packed arithmetic in machine code"
    width = f"{packed.bits}-bit registers" if packed.bits else "registers as wide as the processor has them"
    return f"in machine code {packed.instructions} packed instructions on {width}"


def observations(told: Facts) -> Iterator[Observation]:
    """The longest way round at each level, as numbers, and the verdict as words."""
    for turn in told.turns:
        yield Observation(f"{turn.level} of a turn", turn.most, "instructions")
    if told.vectors:
        yield Observation("vectorised", None, "", told.vectors)
    if told.remark:
        yield Observation("loop", None, "", told.remark)
