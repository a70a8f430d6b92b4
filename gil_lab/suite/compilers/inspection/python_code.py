"""The bytecode of a plain Python function: what CPython's compiler makes of it, and its interpreter runs.

Source: the documentation of `dis`. Counted is what `dis` shows: every instruction that the interpreter takes up, not
the inline caches behind some of them. Where `dis` shows a general instruction, a warm interpreter may run one made for
the types that it has seen (PEP 659): the number is the same.
"""

import dis
import io
from types import CodeType
from typing import Any

from gil_lab.model.errors import UsageError
from gil_lab.suite.compilers.inspection.loops import Loop, Step, chosen, innermost

ALWAYS = ("JUMP_FORWARD", "JUMP_BACKWARD", "JUMP_ABSOLUTE")
"""How the names of jumps begin that are always taken; Pythons differ in how they end."""
LAST = frozenset({"RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE"})


def code_of(function: Any) -> CodeType:
    """Raises UsageError for what is not written in Python."""
    code = getattr(function, "__code__", None)
    if not isinstance(code, CodeType):
        raise UsageError(f"{function!r:.80} is not a Python function, so it has no bytecode; choose another workload")
    return code


def text(function: Any) -> str:
    """What the code object says of itself, and its instructions."""
    code = code_of(function)
    written = io.StringIO()
    dis.dis(code, file=written)
    return f"{dis.code_info(code)}\n\n{written.getvalue()}"


def steps(code: CodeType) -> list[Step]:
    """Its instructions. Ways into the handlers of exceptions are in a table beside the code, and are left out."""
    listed = list(dis.get_instructions(code))
    place = {one.offset: number for number, one in enumerate(listed)}
    jumps = {*dis.hasjrel, *dis.hasjabs}
    made = []
    for number, one in enumerate(listed):
        goes_on = one.opname not in LAST and not one.opname.startswith(ALWAYS) and number + 1 < len(listed)
        target = (place[one.argval],) if one.opcode in jumps and one.argval in place else ()
        made.append(Step(one.opname, ((number + 1,) if goes_on else ()) + target))
    return made


def loop(function: Any) -> Loop | None:
    """The innermost loop of the function itself, not of those that it calls. None if it has none."""
    return chosen(innermost(steps(code_of(function))))
