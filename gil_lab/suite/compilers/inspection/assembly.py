"""Machine code as LLVM writes it down: the loop of a function, and the width of the registers that it computes in.

x86 (in the notation of AT&T, LLVM's default) and 64-bit ARM are read; of other machines nothing is said. A jump to an
address that is computed leads nowhere that can be read from the text: then nothing is said either.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gil_lab.suite.compilers.inspection.loops import Loop, Step, chosen, innermost

LABEL = re.compile(r'^(?:"([^"]*)"|([.\w$]+)):')
END = re.compile(r"^\s*\.(?:size|globl|section|cfi_endproc)\b|^\.?Lfunc_end")


class CannotReadError(Exception):
    """What stands in the text cannot be judged; the message says why."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What its instructions look like."""

    comment: str
    always: re.Pattern[str]
    """A jump that is always taken, to a label."""
    maybe: re.Pattern[str]
    last: re.Pattern[str]
    computed: re.Pattern[str]
    packed: tuple[tuple[re.Pattern[str], int], ...]
    """Arithmetic on several numbers at once, and how many bits its registers have (0: the processor decides)."""


def _x86_packed(register: str) -> re.Pattern[str]:
    floating = r"v?(?:add|sub|mul|div|max|min|sqrt|fn?m(?:add|sub)\d{3})p[sd]"
    whole = r"v?p(?:add|sub|mul|madd|max|min|abs|sll|srl|sra)\w*"
    bitwise = r"vp(?:and|or|xor|ternlog)\w*"
    return re.compile(rf"(?:{floating}|{whole}|{bitwise})\s.*%{register}\d")


X86 = Machine(
    comment="#",
    always=re.compile(r"jmpq?l?\s+(\S+)"),
    maybe=re.compile(r"j(?!mp)\w+\s+(\S+)"),
    last=re.compile(r"(?:ret|ud2|hlt)"),
    computed=re.compile(r"jmp\w?\s+\*"),
    packed=tuple((_x86_packed(register), bits) for register, bits in (("zmm", 512), ("ymm", 256), ("xmm", 128))),
)
ARM64 = Machine(
    comment="//",
    always=re.compile(r"b\s+(\S+)"),
    maybe=re.compile(r"(?:bc?\.\w+\s+|cbn?z\s+\w+,\s*|tbn?z\s+\w+,\s*#\w+,\s*)(\S+)"),
    last=re.compile(r"(?:ret|brk|udf)\b"),
    computed=re.compile(r"bra?[abz]*\s"),
    packed=(
        (re.compile(r"f?(?:add|sub|mul|mla|mls|div|max|min|and|orr|eor)\w*\s.*\bz\d+\.[bhsd]"), 0),
        (
            re.compile(r"[fsu]?(?:add|sub|mul|mla|mls|div|max|min|shl|shr|abd|addl)\w*(?:\.\w+)?\s.*\bv\d+\.\d+[bhsd]"),
            128,
        ),
        (re.compile(r"[fsu]?(?:add|sub|mul|mla|mls|div|max|min|shl|shr)\w*\.(?:2d|4s|8h|16b|2s)\s"), 128),
    ),
)
MACHINES: Mapping[str, Machine] = {
    **dict.fromkeys(("x86_64", "i386", "i486", "i586", "i686"), X86),
    **dict.fromkeys(("aarch64", "arm64"), ARM64),
}
"""By the first part of LLVM's target triple."""


@dataclass(frozen=True, slots=True)
class Packed:
    """Whether the loop computes with several numbers in one instruction."""

    instructions: int
    """So many of those in the loop do."""
    bits: int
    """Width of the widest registers that they use; 0 if there are none, or if the processor decides."""


def function(listing: str, name: str, triple: str) -> list[Step]:
    """The instructions of one function. Raises CannotReadError where they cannot be followed."""
    kind = triple.partition("-")[0]
    machine = MACHINES.get(kind)
    if machine is None:
        raise CannotReadError(f"machine code of {kind or 'an unknown machine'} is shown, but not judged")
    place: dict[str, int] = {}
    instructions: list[str] = []
    for line in _body(listing, name):
        if label := LABEL.match(line):
            place[label[1] or label[2]] = len(instructions)
        elif (plain := line.partition(machine.comment + " ")[0].strip()) and not plain.startswith(
            (".", machine.comment)
        ):
            instructions.append(plain)
    if any(machine.computed.match(text) for text in instructions):
        raise CannotReadError("its machine code jumps to computed addresses, which are not followed")
    return [_step(text, number, place, machine, len(instructions)) for number, text in enumerate(instructions)]


def _body(listing: str, name: str) -> list[str]:
    """Names begin with an underscore on macOS."""
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


def _step(text: str, number: int, place: Mapping[str, int], machine: Machine, length: int) -> Step:
    jump = machine.always.match(text) or machine.maybe.match(text)
    target = (place[jump[1]],) if jump and jump[1] in place else ()
    ends = machine.always.match(text) or machine.last.match(text) or number + 1 == length
    return Step(text, target if ends else (number + 1, *target))


def loop(listing: str, name: str, triple: str) -> tuple[Loop | None, Packed | None]:
    """The innermost loop of a function, one that computes with packed numbers before others.

    (None, None) if there is no loop. Raises CannotReadError.
    """
    steps = function(listing, name, triple)
    machine = MACHINES[triple.partition("-")[0]]
    found = chosen(innermost(steps), lambda one: _packed(steps, one, machine).instructions > 0)
    return found, None if found is None else _packed(steps, found, machine)


def _packed(steps: list[Step], one: Loop, machine: Machine) -> Packed:
    widths = [
        next((bits for pattern, bits in machine.packed if pattern.match(steps[at].text)), None) for at in one.members
    ]
    known = [bits for bits in widths if bits is not None]
    return Packed(len(known), max(known, default=0))
