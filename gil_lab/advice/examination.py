"""What a function of the user's is like, found out by calling it in a process of its own with a time limit."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

from gil_lab.interpreters import Interpreter
from gil_lab.interpreters.dialogue import NoAnswerError
from gil_lab.interpreters.examiner import examination
from gil_lab.model.errors import NothingMeasuredError, UsageError
from gil_lab.model.target import CompilationFacts, Phase, Target, TargetFacts
from gil_lab.model.text import one_line
from gil_lab.model.wire import Failed

PHASE_TIMEOUT_S = 30.0
"""A call that takes longer cannot be repeated often enough within the budget of an advice."""
COMPILATION_TIMEOUT_S = 20.0
"""Of Numba: without a cache of its own it takes two seconds to import it, and some for each form."""
PROGRAM = "gil_lab.child.target"

Found = TypeVar("Found", TargetFacts, CompilationFacts)


def examine(target: Target, interpreter: Interpreter) -> TargetFacts:
    """Raises UsageError, with the next step, for what no advice can be given on."""
    return _ask(target, interpreter, "call", TargetFacts, PHASE_TIMEOUT_S)


def compilation(target: Target, interpreter: Interpreter) -> CompilationFacts:
    """What Numba makes of it; nothing, with the reason, where that cannot be found out."""
    try:
        return _ask(target, interpreter, "compile", CompilationFacts, COMPILATION_TIMEOUT_S)
    except UsageError as error:
        return CompilationFacts((), str(error))


def _ask(target: Target, interpreter: Interpreter, which: str, kind: type[Found], limit_s: float) -> Found:
    def command(descriptor: int) -> list[str]:
        return [interpreter.executable, "-m", PROGRAM, str(descriptor), which, json.dumps(asdict(target))]

    doing = "starting"
    file = Path(target.function.file or target.function.module)
    try:
        with examination(command, interpreter.environment, file) as dialogue:
            while isinstance(reply := dialogue.receive(limit_s), Phase):
                doing = one_line(reply.words, 60)
    except TimeoutError:
        step = "have it do less" if target.inputs.are_none else "give smaller inputs"
        raise UsageError(f"{target.name} does not end within {limit_s:g} s ({doing}); {step}, or fix it") from None
    except EOFError as end:
        crashed = "Fatal Python error" in str(end) or "killed by" in str(end) or "Segmentation" in str(end)
        step = "fix that first" if crashed else "return instead of exiting"
        raise UsageError(f"{target.name} ends the Python that runs it ({doing}: {end}); {step}") from None
    except NoAnswerError as error:
        raise NothingMeasuredError(one_line(f"{interpreter.executable} {error}")) from error
    if isinstance(reply, Failed):
        raise UsageError(reply.detail)
    if not isinstance(reply, kind):
        raise UsageError(f"{target.name} writes where its examiner answers ({doing}); have it write elsewhere")
    return reply
