"""`gil-lab inspect`."""

from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:  # --help must not wait for what only an inspection needs
    from gil_lab.suite.compilers.inspection import Facts
    from gil_lab.suite.compilers.inspection.machine_code import Compiled
    from gil_lab.suite.workloads import Workload


class Stage(StrEnum):
    """From source to machine code."""

    BYTECODE = "bytecode"
    TYPES = "types"
    LLVM = "llvm"
    ASM = "asm"


def inspect(
    workload: Annotated[str, typer.Argument(metavar="WORKLOAD", help="Whose task; see gil-lab list.")],
    stage: Annotated[Stage, typer.Option(help="What the interpreter runs, or what Numba makes.")] = Stage.BYTECODE,
) -> int:
    """Show what becomes of a workload's task on the way to machine code, and whether its loop was vectorised."""
    from gil_lab.cli.terminal.screen import write
    from gil_lab.suite.catalogue import Catalogue
    from gil_lab.suite.compilers.inspection import COMPILED, facts, python_code

    asked = Catalogue().workload(workload)
    function = asked.forms["call"]
    if stage is Stage.BYTECODE:
        text, (made, reason) = python_code.text(function), _compiled_if_possible(workload, asked)
    else:
        made, reason = _compiled(workload, asked), ""
        text = COMPILED[stage](made)
    write("".join(f"{line}\n" for line in _lines(text)))
    write("\n" + "".join(f"{line}\n" for line in _told(facts(function, made), reason)))
    return 0


def _compiled(name: str, asked: "Workload") -> "Compiled":
    """Raises UsageError, with the reason, where there is nothing compiled to show."""
    from gil_lab.child.probe import not_installed
    from gil_lab.model.errors import UsageError
    from gil_lab.suite.compilers.inspection import machine_code

    def build(argument: Any) -> "Compiled":
        return machine_code.build(asked.forms, asked.why_not, name, argument)

    if "nogil" not in asked.forms:  # no reason to start its server
        return build(None)
    try:
        with asked.inputs(1, 1) as inputs:
            return build(inputs[0])
    except ModuleNotFoundError as error:
        raise UsageError(not_installed(error.name or "numba")) from error
    except ImportError as error:  # this system is not one that the compiled form is written for
        raise UsageError(str(error)) from error


def _compiled_if_possible(name: str, asked: "Workload") -> "tuple[Compiled | None, str]":
    """Or why not: bytecode is there without Numba."""
    from gil_lab.model.errors import UsageError

    try:
        return _compiled(name, asked), ""
    except UsageError as error:
        return None, str(error)


def _lines(text: str) -> Iterator[str]:
    """Those of a text that other programs wrote: without what a terminal would obey."""
    from gil_lab.model.text import one_line

    return (one_line(line.expandtabs(), max_characters=10_000) for line in text.splitlines())


def _told(facts: "Facts", reason: str) -> Iterator[str]:
    """One or two lines, and why one is missing."""
    if facts.turns:
        yield f"one turn of the innermost loop, in instructions: {', '.join(map(str, facts.turns))}"
    if facts.vectors:
        yield f"the loop is {facts.vectors}"
    if missing := facts.remark or reason:
        yield missing


COMMAND = inspect
