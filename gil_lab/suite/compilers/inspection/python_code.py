"""The bytecode of a plain Python function: what CPython's compiler generates and its interpreter runs.

Source: the documentation of `dis`. The count is of what `dis` shows: every instruction that the interpreter executes,
without the inline caches behind some of them. Where `dis` shows a generic instruction, a warm interpreter may run one
specialised for the types that it has seen (PEP 659): the number is the same.
"""

import dis
import io
from types import CodeType
from typing import Any

from gil_lab.model.errors import UsageError
from gil_lab.suite.compilers.inspection.loops import Loop, Step, innermost, select

UNCONDITIONAL_JUMPS = ("JUMP_FORWARD", "JUMP_BACKWARD", "JUMP_ABSOLUTE")
"""Prefixes of their names; the suffixes differ between Python versions."""
EXITS = frozenset({"RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE"})


def code_of(function: Any) -> CodeType:
    """Raises UsageError for a function that is not written in Python."""
    code = getattr(function, "__code__", None)
    if not isinstance(code, CodeType):
        raise UsageError(f"{function!r:.80} is not a Python function, so it has no bytecode; choose another workload")
    return code


def text(function: Any) -> str:
    """The attributes of the code object, and its instructions."""
    code = code_of(function)
    output = io.StringIO()
    dis.dis(code, file=output)
    return f"{dis.code_info(code)}\n\n{output.getvalue()}"


def steps(code: CodeType) -> list[Step]:
    """Its instructions. Jumps into exception handlers are in a table beside the code, and are left out."""
    instructions = list(dis.get_instructions(code))
    place = {instruction.offset: number for number, instruction in enumerate(instructions)}
    jumps = {*dis.hasjrel, *dis.hasjabs}
    result = []
    for number, instruction in enumerate(instructions):
        name, argument = instruction.opname, instruction.argval
        falls_through = not (name in EXITS or name.startswith(UNCONDITIONAL_JUMPS)) and number + 1 < len(instructions)
        target = (place[argument],) if instruction.opcode in jumps and argument in place else ()
        result.append(Step(name, ((number + 1,) if falls_through else ()) + target))
    return result


def loop(function: Any) -> Loop | None:
    """The innermost loop of the function itself, not of those that it calls. None if there is none."""
    return select(innermost(steps(code_of(function))))
