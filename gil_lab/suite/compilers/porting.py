"""What it took to write work in another way: lines that differ, and what Numba found to be parallel by itself."""

import difflib
import inspect
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

from gil_lab.model.records import Observation


def lines_changed(plain: str, written: str) -> int:
    """Lines that are new or different, and those that are gone without others in their place."""
    compared = difflib.SequenceMatcher(a=plain.splitlines(), b=written.splitlines(), autojunk=False)
    return sum(max(a1 - a0, b1 - b0) for tag, a0, a1, b0, b1 in compared.get_opcodes() if tag != "equal")


def source(function: Any) -> str:
    """As it stands in its file, decorators and all; of what Numba has compiled, too."""
    return textwrap.dedent(inspect.getsource(getattr(function, "py_func", function)))


class Written:
    """The functions that were made for Numba in this process: what a cell has run, and so what had to be written."""

    def __init__(self) -> None:
        self.functions: list[Any] = []

    def note(self, function: Any) -> Any:
        """Returns `function`."""
        self.functions.append(function)
        return function

    def told(self, plain: Callable[..., Any]) -> Iterator[Observation]:
        """Against `plain`, the function in plain Python. One of another name is new from its first line on."""
        texts = {source(function): function.__name__ == plain.__name__ for function in self.functions}
        changed = (lines_changed(source(plain) if same else "", text) for text, same in texts.items())
        yield Observation("lines changed", sum(changed))
        for function in self.functions:
            yield from parallelised(function)


def parallelised(function: Any) -> Iterator[Observation]:
    """Of a compiled function without `prange`: the loops that `parallel=True` made, by Numba's own diagnostics.

    How many there were at first is an internal of theirs (numba 0.68), which a test watches over.
    """
    for signature in getattr(function, "signatures", ()):
        found = function.get_metadata(signature).get("parfor_diagnostics")
        if found is not None and found.has_setup and "prange" not in source(function):
            yield Observation("parallel loops made", len(found.initial_parfors))
            yield Observation("parallel loops left when fused", found.count_parfors())
