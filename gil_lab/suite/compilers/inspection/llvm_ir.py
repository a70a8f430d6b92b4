"""LLVM's intermediate representation: the loop of a function, and whether it was vectorised.

It is parsed from text (https://llvm.org/docs/LangRef.html), which is the same for every program that prints it. Not
counted are `phi`, which merges values at the beginning of a block, and calls that only inform the compiler.

A loop was vectorised if LLVM itself says so: it marks the jump back with `llvm.loop.isvectorized`. The plain loop for
the remaining elements has the same mark, and so does a loop that was only interleaved, so the loop must also contain
operations on vectors. Vectors without the mark are packed parts of one iteration, not a vectorised loop.
"""

import re
from collections import Counter

from gil_lab.model.frozen import frozen
from gil_lab.suite.compilers.inspection.loops import Loop, Step, innermost, select

LABEL = re.compile(r'^(?:"([^"]*)"|([-\w.$]+)):')
TARGET = re.compile(r'label %(?:"([^"]*)"|([-\w.$]+))')
OPERATION = re.compile(r"^(?:%\S+ = )?(?:(?:tail|musttail|notail) )?(\w+)")
INFORMATIVE_CALL = re.compile(r"@llvm\.(?:dbg|lifetime|assume|experimental\.noalias|donothing)\b")
VECTOR = re.compile(r"<((?:vscale x )?\d+) x (double|float|half|bfloat|i\d+)>")
TERMINATORS = frozenset({"br", "switch", "ret", "unreachable", "indirectbr", "invoke", "resume", "callbr"})
FLOATING = frozenset({"fadd", "fsub", "fmul", "fdiv", "frem", "fneg", "fcmp"})
ARITHMETIC = FLOATING | {"add", "sub", "mul", "sdiv", "udiv", "srem", "urem", "and", "or", "xor", "shl", "lshr", "ashr"}
ARITHMETIC |= {"icmp", "select", "call"}
VECTORISED_MARK = '!"llvm.loop.isvectorized", i32 1'


@frozen
class Vectors:
    """Whether the loop was vectorised, and the evidence."""

    vectorised: bool
    shape: str
    """`8 x double`: the lanes of a vector and their type; empty if there are no vectors."""
    description: str


def function(module: str, name: str) -> list[Step]:
    """The instructions of one function of a module. Empty if it is not defined there."""
    lines = _body(module, name)
    place: dict[str, int] = {}
    instructions: list[str] = []
    for line in lines:
        if label := LABEL.match(line):
            place[label[1] or label[2]] = len(instructions)
        elif line.startswith("  ]") or (line.startswith("    ") and instructions):  # the cases of a switch
            instructions[-1] += " " + line.strip()
        elif line.startswith("  ") and not line.lstrip().startswith(("#dbg", ";")):
            instructions.append(line.strip())
    return [_step(text, number, place, len(instructions)) for number, text in enumerate(instructions)]


def _body(module: str, name: str) -> list[str]:
    definition = re.compile(rf'^define .*@(?:{re.escape(name)}|"{re.escape(name)}")\(')
    lines: list[str] = []
    inside = False
    for line in module.splitlines():
        if inside and line == "}":
            break
        if inside:
            lines.append(line)
        inside = inside or definition.match(line) is not None
    return lines


def operation(text: str) -> str:
    """`fadd` of `%4 = fadd fast <8 x double> %a, %b`."""
    match = OPERATION.match(text)
    return match[1] if match else ""


def _step(text: str, number: int, place: dict[str, int], length: int) -> Step:
    opcode = operation(text)
    if opcode in TERMINATORS:
        follows = tuple(
            place[match[1] or match[2]] for match in TARGET.finditer(text) if (match[1] or match[2]) in place
        )
    else:
        follows = (number + 1,) if number + 1 < length else ()
    return Step(text, follows, counted=opcode != "phi" and not INFORMATIVE_CALL.search(text))


def loop(module: str, name: str) -> tuple[Loop | None, Vectors | None]:
    """The innermost loop of a function, preferring a vectorised one, and its vectors.

    (None, None) if there is no loop.
    """
    steps = function(module, name)
    marked = _marked(module)
    selected = select(innermost(steps), lambda loop: _vectorised(steps, loop, marked))
    return selected, None if selected is None else _vectors(steps, selected, marked)


def _marked(module: str) -> frozenset[str]:
    """The names (`!4`) of the metadata nodes that mark a loop as vectorised."""
    nodes = dict(re.findall(r"^(!\d+) = (?:distinct )?!\{(.*)\}$", module, re.MULTILINE))
    marks = {name for name, text in nodes.items() if VECTORISED_MARK in text}
    return frozenset(name for name, text in nodes.items() if marks & set(re.findall(r"!\d+", text)))


def _has_mark(steps: list[Step], loop: Loop, marked: frozenset[str]) -> bool:
    nodes = (re.search(r"!llvm\.loop (!\d+)", steps[at].text) for at in loop.members)
    return any(node[1] in marked for node in nodes if node)


def _vectorised(steps: list[Step], loop: Loop, marked: frozenset[str]) -> bool:
    return _has_mark(steps, loop, marked) and bool(_shape(steps, loop))


def _shape(steps: list[Step], loop: Loop) -> str:
    """The most used vector type; of floating-point numbers, if there are any, since indices are vectors too."""
    floating: Counter[str] = Counter()
    other: Counter[str] = Counter()
    for at in loop.members:
        if (opcode := operation(steps[at].text)) in ARITHMETIC:
            for lanes, element in VECTOR.findall(steps[at].text):
                if element != "i1":
                    (floating if opcode in FLOATING else other)[f"{lanes} x {element}"] += 1
    most_used = (floating or other).most_common(1)
    return most_used[0][0] if most_used else ""


def _vectors(steps: list[Step], loop: Loop, marked: frozenset[str]) -> Vectors:
    shape = _shape(steps, loop)
    if _vectorised(steps, loop, marked):
        return Vectors(vectorised=True, shape=shape, description=f"vectorised, {shape}")
    no = "not vectorised"
    if shape:
        return Vectors(vectorised=False, shape=shape, description=f"{no}; parts of one iteration are packed, {shape}")
    if _has_mark(steps, loop, marked):
        return Vectors(vectorised=False, shape="", description=f"{no}; iterations are interleaved, without vectors")
    return Vectors(vectorised=False, shape="", description=no)
