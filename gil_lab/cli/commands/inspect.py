"""`gil-lab inspect`."""

from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:  # --help must not wait for what only an inspection needs
    from gil_lab.suite.compilers.inspection import LoopFacts
    from gil_lab.suite.compilers.inspection.machine_code import CompiledFunction
    from gil_lab.suite.workloads import Workload


class Stage(StrEnum):
    """From source to machine code."""

    BYTECODE = "bytecode"
    TYPES = "types"
    LLVM = "llvm"
    ASM = "asm"


def inspect(
    workload: Annotated[str, typer.Argument(metavar="WORKLOAD", help="The workload; see gil-lab list.")],
    stage: Annotated[Stage, typer.Option(help="Bytecode, or a stage of Numba's compilation.")] = Stage.BYTECODE,
) -> int:
    """Show how a workload's task is compiled, from bytecode to machine code, and whether its loop was vectorised."""
    from gil_lab.cli.terminal.screen import write
    from gil_lab.suite.catalogue import Catalogue
    from gil_lab.suite.compilers.inspection import COMPILED_STAGES, loop_facts, python_code

    chosen = Catalogue().workload(workload)
    function = chosen.forms["call"]
    if stage is Stage.BYTECODE:
        text, (compiled, reason) = python_code.text(function), _compiled_if_possible(workload, chosen)
    else:
        compiled, reason = _compiled(workload, chosen), ""
        text = COMPILED_STAGES[stage](compiled)
    write("".join(f"{line}\n" for line in _lines(text)))
    write("\n" + "".join(f"{line}\n" for line in _summary(loop_facts(function, compiled), reason)))
    return 0


def _compiled(name: str, chosen: "Workload") -> "CompiledFunction":
    """Raises UsageError, with the reason, if there is no compiled code to show."""
    from gil_lab.child.probe import not_installed
    from gil_lab.model.errors import UsageError
    from gil_lab.suite.compilers.inspection import machine_code

    def build(argument: Any) -> "CompiledFunction":
        return machine_code.build(chosen.forms, chosen.why_not, name, argument)

    if "nogil" not in chosen.forms:  # then its server need not be started
        return build(None)
    try:
        with chosen.open_inputs(1, 1) as inputs:
            return build(inputs[0])
    except ModuleNotFoundError as error:
        raise UsageError(not_installed(error.name or "numba")) from error
    except ImportError as error:  # the compiled form is not written for this system
        raise UsageError(str(error)) from error


def _compiled_if_possible(name: str, chosen: "Workload") -> "tuple[CompiledFunction | None, str]":
    """The compiled function, or why there is none: bytecode can be shown without Numba."""
    from gil_lab.model.errors import UsageError

    try:
        return _compiled(name, chosen), ""
    except UsageError as error:
        return None, str(error)


def _lines(text: str) -> Iterator[str]:
    """The lines of a text from other programs, without control characters."""
    from gil_lab.model.text import one_line

    return (one_line(line.expandtabs(), max_characters=10_000) for line in text.splitlines())


def _summary(facts: "LoopFacts", reason: str) -> Iterator[str]:
    """One or two lines, and why one is missing."""
    if facts.iterations:
        yield f"one iteration of the innermost loop, in instructions: {', '.join(map(str, facts.iterations))}"
    if facts.vectors:
        yield f"the loop is {facts.vectors}"
    if missing := facts.remark or reason:
        yield missing


COMMAND = inspect
