"""LLVM's intermediate representation: the loop of a function, and whether it was vectorised.

Read from its text (https://llvm.org/docs/LangRef.html), because that is the same for every program that writes it. Not
counted are `phi`, which names values that meet at the beginning of a block, and calls that only inform the compiler.

A loop was vectorised if LLVM itself says so: it marks the jump back with `llvm.loop.isvectorized`. The plain loop for
what is left over carries the same mark, and so does one that was only interleaved, so operations on vectors must be in
it as well. Vectors without the mark are parts of one iteration that were packed side by side: no vectorised loop.
"""

import re
from collections import Counter
from dataclasses import dataclass

from gil_lab.suite.compilers.inspection.loops import Loop, Step, chosen, innermost

LABEL = re.compile(r'^(?:"([^"]*)"|([-\w.$]+)):')
TARGET = re.compile(r'label %(?:"([^"]*)"|([-\w.$]+))')
OPERATION = re.compile(r"^(?:%\S+ = )?(?:(?:tail|musttail|notail) )?(\w+)")
IDLE_CALL = re.compile(r"@llvm\.(?:dbg|lifetime|assume|experimental\.noalias|donothing)\b")
VECTOR = re.compile(r"<((?:vscale x )?\d+) x (double|float|half|bfloat|i\d+)>")
ENDS = frozenset({"br", "switch", "ret", "unreachable", "indirectbr", "invoke", "resume", "callbr"})
FLOATING = frozenset({"fadd", "fsub", "fmul", "fdiv", "frem", "fneg", "fcmp"})
ARITHMETIC = FLOATING | {"add", "sub", "mul", "sdiv", "udiv", "srem", "urem", "and", "or", "xor", "shl", "lshr", "ashr"}
ARITHMETIC |= {"icmp", "select", "call"}
MARK = '!"llvm.loop.isvectorized", i32 1'


@dataclass(frozen=True, slots=True)
class Vectors:
    """Whether the loop was vectorised, and how one can see."""

    vectorised: bool
    wide: str
    """`8 x double`: the lanes of a vector and what is in one; empty if there are no vectors."""
    told: str


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
    begun = re.compile(rf'^define .*@(?:{re.escape(name)}|"{re.escape(name)}")\(')
    lines: list[str] = []
    inside = False
    for line in module.splitlines():
        if inside and line == "}":
            break
        if inside:
            lines.append(line)
        inside = inside or begun.match(line) is not None
    return lines


def operation(text: str) -> str:
    """`fadd` of `%4 = fadd fast <8 x double> %a, %b`."""
    found = OPERATION.match(text)
    return found[1] if found else ""


def _step(text: str, number: int, place: dict[str, int], length: int) -> Step:
    does = operation(text)
    if does in ENDS:
        follows = tuple(place[one[1] or one[2]] for one in TARGET.finditer(text) if (one[1] or one[2]) in place)
    else:
        follows = (number + 1,) if number + 1 < length else ()
    return Step(text, follows, counted=does != "phi" and not IDLE_CALL.search(text))


def loop(module: str, name: str) -> tuple[Loop | None, Vectors | None]:
    """The innermost loop of a function, a vectorised one before others, and what there is to say of its vectors.

    (None, None) if there is no loop.
    """
    steps = function(module, name)
    marked = _marked(module)
    found = chosen(innermost(steps), lambda one: _vectorised(steps, one, marked))
    return found, None if found is None else _vectors(steps, found, marked)


def _marked(module: str) -> frozenset[str]:
    """The names (`!4`) of the notes that say of a loop that it was vectorised."""
    notes = dict(re.findall(r"^(!\d+) = (?:distinct )?!\{(.*)\}$", module, re.MULTILINE))
    marks = {name for name, says in notes.items() if MARK in says}
    return frozenset(name for name, says in notes.items() if marks & set(re.findall(r"!\d+", says)))


def _has_mark(steps: list[Step], one: Loop, marked: frozenset[str]) -> bool:
    notes = (re.search(r"!llvm\.loop (!\d+)", steps[at].text) for at in one.members)
    return any(note[1] in marked for note in notes if note)


def _vectorised(steps: list[Step], one: Loop, marked: frozenset[str]) -> bool:
    return _has_mark(steps, one, marked) and bool(_wide(steps, one))


def _wide(steps: list[Step], one: Loop) -> str:
    """The vector type most worked on; of floating-point numbers, if there are any, since indices are vectors too."""
    floating: Counter[str] = Counter()
    other: Counter[str] = Counter()
    for at in one.members:
        if (does := operation(steps[at].text)) in ARITHMETIC:
            for lanes, element in VECTOR.findall(steps[at].text):
                if element != "i1":
                    (floating if does in FLOATING else other)[f"{lanes} x {element}"] += 1
    best = (floating or other).most_common(1)
    return best[0][0] if best else ""


def _vectors(steps: list[Step], one: Loop, marked: frozenset[str]) -> Vectors:
    wide = _wide(steps, one)
    if _vectorised(steps, one, marked):
        return Vectors(vectorised=True, wide=wide, told=f"vectorised, {wide}")
    if wide:
        return Vectors(vectorised=False, wide=wide, told=f"not vectorised; parts of one turn are packed, {wide}")
    if _has_mark(steps, one, marked):
        return Vectors(vectorised=False, wide="", told="not vectorised; iterations are interleaved, without vectors")
    return Vectors(vectorised=False, wide="", told="not vectorised")
