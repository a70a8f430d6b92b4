"""Runs the code that was advised, as it stands, and measures it like any strategy."""

import importlib.util
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gil_lab.suite.instruments.spans import TracedCall
from gil_lab.suite.strategies import Run
from gil_lab.suite.strategies._pickling import main_module_hidden
from gil_lab.suite.targets.calls import is_cached


@contextmanager
def opened(code: Path, names: Mapping[str, Any], workers: int) -> Iterator[Run]:
    """`workers` means nothing: the code says how many. Its pool is started and ended in each pass, as in the code.

    `names` are those that it uses without importing them: code for a notebook.
    """
    sys.path.append(str(code.parent))  # where its workers find it too
    spec = importlib.util.spec_from_file_location(code.stem, code)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[code.stem] = importlib.util.module_from_spec(spec)
    vars(module).update(names)
    spec.loader.exec_module(module)

    def run(task: Callable[[Any], Any], inputs: Sequence[Any]) -> list[Any]:
        if isinstance(task, TracedCall):  # the code calls the function itself, of which nothing can be noted
            return [task(item) for item in inputs]
        for function in names.values():
            if is_cached(function):  # else it would answer by what it remembers of the last pass
                function.cache_clear()
        with main_module_hidden():
            return list(module.run(inputs))

    yield run
