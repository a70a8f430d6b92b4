"""The effort of porting work: lines that differ, and the loops that Numba parallelised by itself."""

import difflib
import inspect
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

from gil_lab.model.records import Observation


def lines_changed(plain: str, ported: str) -> int:
    """The number of lines that are new or different, or were removed without a replacement."""
    matcher = difflib.SequenceMatcher(a=plain.splitlines(), b=ported.splitlines(), autojunk=False)
    return sum(max(a1 - a0, b1 - b0) for tag, a0, a1, b0, b1 in matcher.get_opcodes() if tag != "equal")


def source(function: Any) -> str:
    """The source of a function, plain or compiled by Numba, including its decorators."""
    return textwrap.dedent(inspect.getsource(getattr(function, "py_func", function)))


class PortedFunctions:
    """The functions built for Numba in this process: what a cell runs, and so what had to be written."""

    def __init__(self) -> None:
        self.functions: list[Any] = []

    def record(self, function: Any) -> Any:
        """Returns `function`."""
        self.functions.append(function)
        return function

    def observations(self, plain: Callable[..., Any]) -> Iterator[Observation]:
        """Relative to `plain`, the plain Python function. Every line of a function of another name counts as new."""
        texts = {source(function): function.__name__ == plain.__name__ for function in self.functions}
        changed = (lines_changed(source(plain) if same else "", text) for text, same in texts.items())
        yield Observation("lines changed", sum(changed))
        for function in self.functions:
            yield from parallelised(function)


def parallelised(function: Any) -> Iterator[Observation]:
    """For a compiled function without `prange`: the loops that `parallel=True` created, by Numba's own diagnostics.

    Their initial number is an internal of the diagnostics (numba 0.68); a test checks that it still exists.
    """
    for signature in getattr(function, "signatures", ()):
        diagnostics = function.get_metadata(signature).get("parfor_diagnostics")
        if diagnostics is not None and diagnostics.has_setup and "prange" not in source(function):
            yield Observation("parallel loops made", len(diagnostics.initial_parfors))
            yield Observation("parallel loops left when fused", diagnostics.count_parfors())
