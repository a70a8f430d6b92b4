"""Machine code as printed by LLVM: the loop of a function, and the width of the registers it computes in.

x86 (in AT&T syntax, LLVM's default) and 64-bit ARM are supported; code for other machines is not analysed, nor is code
that jumps to computed addresses, whose targets cannot be read from the text.
"""

import re
from collections.abc import Mapping

from gil_lab.model.frozen import frozen
from gil_lab.suite.compilers.inspection.loops import Loop, Step, innermost, select

LABEL = re.compile(r'^(?:"([^"]*)"|([.\w$]+)):')
END = re.compile(r"^\s*\.(?:size|globl|section|cfi_endproc)\b|^\.?Lfunc_end")


class UnsupportedCodeError(Exception):
    """The machine code cannot be analysed; the message says why."""


@frozen
class InstructionSet:
    """Patterns of its instructions."""

    comment: str
    jump: re.Pattern[str]
    """An unconditional jump to a label."""
    branch: re.Pattern[str]
    """A conditional one."""
    exit: re.Pattern[str]
    computed_jump: re.Pattern[str]
    packed: tuple[tuple[re.Pattern[str], int], ...]
    """Arithmetic on several numbers at once, and the width of its registers in bits (0: the processor decides)."""


def _x86_packed(register: str) -> re.Pattern[str]:
    floating = r"v?(?:add|sub|mul|div|max|min|sqrt|fn?m(?:add|sub)\d{3})p[sd]"
    whole = r"v?p(?:add|sub|mul|madd|max|min|abs|sll|srl|sra)\w*"
    bitwise = r"vp(?:and|or|xor|ternlog)\w*"
    return re.compile(rf"(?:{floating}|{whole}|{bitwise})\s.*%{register}\d")


X86 = InstructionSet(
    comment="#",
    jump=re.compile(r"jmpq?l?\s+(\S+)"),
    branch=re.compile(r"j(?!mp)\w+\s+(\S+)"),
    exit=re.compile(r"(?:ret|ud2|hlt)"),
    computed_jump=re.compile(r"jmp\w?\s+\*"),
    packed=tuple((_x86_packed(register), bits) for register, bits in (("zmm", 512), ("ymm", 256), ("xmm", 128))),
)
ARM64 = InstructionSet(
    comment="//",
    jump=re.compile(r"b\s+(\S+)"),
    branch=re.compile(r"(?:bc?\.\w+\s+|cbn?z\s+\w+,\s*|tbn?z\s+\w+,\s*#\w+,\s*)(\S+)"),
    exit=re.compile(r"(?:ret|brk|udf)\b"),
    computed_jump=re.compile(r"bra?[abz]*\s"),
    packed=(
        (re.compile(r"f?(?:add|sub|mul|mla|mls|div|max|min|and|orr|eor)\w*\s.*\bz\d+\.[bhsd]"), 0),
        (
            re.compile(r"[fsu]?(?:add|sub|mul|mla|mls|div|max|min|shl|shr|abd|addl)\w*(?:\.\w+)?\s.*\bv\d+\.\d+[bhsd]"),
            128,
        ),
        (re.compile(r"[fsu]?(?:add|sub|mul|mla|mls|div|max|min|shl|shr)\w*\.(?:2d|4s|8h|16b|2s)\s"), 128),
    ),
)
INSTRUCTION_SETS: Mapping[str, InstructionSet] = {
    **dict.fromkeys(("x86_64", "i386", "i486", "i586", "i686"), X86),
    **dict.fromkeys(("aarch64", "arm64"), ARM64),
}
"""By the first part of LLVM's target triple."""


@frozen
class Packed:
    """Whether the loop computes with several numbers in one instruction."""

    instructions: int
    """How many in the loop do."""
    bits: int
    """Width of the widest registers that they use; 0 if there are none or the processor decides."""


def function(listing: str, name: str, triple: str) -> list[Step]:
    """The instructions of one function. Raises UnsupportedCodeError if its jumps cannot be followed."""
    kind = triple.partition("-")[0]
    instruction_set = INSTRUCTION_SETS.get(kind)
    if instruction_set is None:
        raise UnsupportedCodeError(f"machine code of {kind or 'an unknown machine'} is shown, but not analysed")
    place: dict[str, int] = {}
    instructions: list[str] = []
    for line in _body(listing, name):
        if label := LABEL.match(line):
            place[label[1] or label[2]] = len(instructions)
        elif (plain := line.partition(instruction_set.comment + " ")[0].strip()) and not plain.startswith(
            (".", instruction_set.comment)
        ):
            instructions.append(plain)
    if any(instruction_set.computed_jump.match(text) for text in instructions):
        raise UnsupportedCodeError("its machine code jumps to computed addresses, which are not followed")
    return [_step(text, number, place, instruction_set, len(instructions)) for number, text in enumerate(instructions)]


def _body(listing: str, name: str) -> list[str]:
    """The lines of one function; on macOS names begin with an underscore."""
    names = (f"{name}:", f"_{name}:", f'"{name}":', f'"_{name}":')
    lines: list[str] = []
    inside = False
    for line in listing.splitlines():
        if inside and END.match(line):
            break
        if inside:
            lines.append(line)
        inside = inside or line.startswith(names)
    return lines


def _step(text: str, number: int, place: Mapping[str, int], instruction_set: InstructionSet, length: int) -> Step:
    jump = instruction_set.jump.match(text) or instruction_set.branch.match(text)
    target = (place[jump[1]],) if jump and jump[1] in place else ()
    ends = instruction_set.jump.match(text) or instruction_set.exit.match(text) or number + 1 == length
    return Step(text, target if ends else (number + 1, *target))


def loop(listing: str, name: str, triple: str) -> tuple[Loop | None, Packed | None]:
    """The innermost loop of a function, preferring one that computes with packed numbers.

    (None, None) if there is no loop. Raises UnsupportedCodeError.
    """
    steps = function(listing, name, triple)
    instruction_set = INSTRUCTION_SETS[triple.partition("-")[0]]
    selected = select(innermost(steps), lambda loop: _packed(steps, loop, instruction_set).instructions > 0)
    return selected, None if selected is None else _packed(steps, selected, instruction_set)


def _packed(steps: list[Step], loop: Loop, instruction_set: InstructionSet) -> Packed:
    widths = [
        next((bits for pattern, bits in instruction_set.packed if pattern.match(steps[at].text)), None)
        for at in loop.members
    ]
    known = [bits for bits in widths if bits is not None]
    return Packed(len(known), max(known, default=0))
