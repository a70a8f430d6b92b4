"""Source: import generated modules from their text. What CPython does before it can run anything.

What to watch: each variant is one stage of an import, in isolation, on the same modules: text to tokens (`+tokens`),
text to syntax tree (`+tree`), tree to code object (`+bytecode`), both together without a tree of Python objects in
between (`+compile`, what an import does), bytes of a .pyc file to code object (`+unmarshal`), and running the code
object (`+run`), which defines the functions and calls each once. `+pyc` is an import that finds a .pyc file.

`+tokens` is the module `tokenize`: until Python 3.11 it was written in Python, and is slower than the whole import; the
parser's own tokenizer is written in C, and is part of `+tree`.
"""

import ast
import importlib.machinery
import importlib.util
import io
import marshal
import py_compile
import tempfile
import tokenize
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from gil_lab.model.frozen import frozen
from gil_lab.suite.answers import differing
from gil_lab.suite.workloads import Workload

FUNCTION = '''
def series_{number}(terms, first={number}):
    """The sum of an arithmetic series, term by term."""
    if terms < 0:
        raise ValueError("a series has at least no terms")
    found, step = 0, {number} + 1
    for index in range(terms):
        found += first + index * step
    return found


total += series_{number}({terms})
'''
TERMS = 3
MARK = 1_000_000
"""Plus the number of the module: the last number in it, which proves that a stage processed the module to its end."""


@frozen
class Module:
    """One generated module: how many functions it has, its text, and the file that the text is in."""

    number: int
    functions: int
    text: str
    path: str


def module_text(number: int, functions: int) -> str:
    """The text of a module."""
    parts = [FUNCTION.format(number=number + offset, terms=TERMS) for offset in range(functions)]
    return "\n".join(["total = 0", *parts, f"mark = {MARK + number}", ""])


def total(module: Module) -> int:
    """The sum over its functions, by the formula for an arithmetic series."""
    firsts = range(module.number, module.number + module.functions)
    return sum(TERMS * first + (first + 1) * TERMS * (TERMS - 1) // 2 for first in firsts)


@contextmanager
def inputs(tasks: int, size: int) -> Iterator[list[Module]]:
    """Modules of `size` functions each, in a folder of their own, without caches."""
    with tempfile.TemporaryDirectory(prefix="gil-lab-source-") as folder:
        modules = []
        for number in range(tasks):
            path = Path(folder, f"generated_{number}.py")
            modules.append(Module(number, size, module_text(number, size), str(path)))
            path.write_text(modules[-1].text, encoding="utf-8")
        yield modules


@contextmanager
def inputs_with_pyc(tasks: int, size: int) -> Iterator[list[Module]]:
    """The same, with a .pyc file for each."""
    with inputs(tasks, size) as modules:
        for module in modules:
            py_compile.compile(module.path, doraise=True)
        yield modules


class Uncached(importlib.machinery.SourceFileLoader):
    """Leaves no .pyc file behind for the next pass."""

    def set_data(self, path: str, data: Any, *, _mode: int = 0o666) -> None:
        """Write nothing."""


class CachedOnly(importlib.machinery.SourceFileLoader):
    """Never compiles: that time would be reported as loading."""

    def source_to_code(  # type: ignore[override]  # a static method where it is declared, not where it is defined
        self, data: Any, path: Any, *arguments: Any, **options: Any
    ) -> CodeType:
        raise ImportError(f"{path} has no .pyc file for this Python")


def answer(namespace: dict[str, Any]) -> int:
    """The answer of a module that ran: proof that all of it did."""
    return int(namespace["mark"]) + int(namespace["total"])


def imported(loader: Callable[[str, str], importlib.machinery.SourceFileLoader], module: Module) -> int:
    """Import without `sys.modules` and the search for a file, which cost the same with and without a .pyc file."""
    spec = importlib.util.spec_from_file_location("generated", module.path, loader=loader("generated", module.path))
    assert spec is not None
    assert spec.loader is not None
    imported: ModuleType = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(imported)
    return answer(vars(imported))


def import_source(module: Module) -> int:
    """Read, compile, run."""
    return imported(Uncached, module)


def import_pyc(module: Module) -> int:
    """Read, check whether the source has changed, unmarshal, run."""
    return imported(CachedOnly, module)


@cache
def tree_of(module: Module) -> ast.Module:
    """The result of the stage before; created once per process, in the warm-up pass."""
    return ast.parse(module.text)


@cache
def code_of(module: Module) -> CodeType:
    return compile(module.text, module.path, "exec")


@cache
def marshalled(module: Module) -> bytes:
    return marshal.dumps(code_of(module))


def mark_in(code: CodeType) -> int:
    """The largest number in the module's own code."""
    return max(constant for constant in code.co_consts if type(constant) is int)


def tokens(module: Module) -> int:
    last = 0
    for token in tokenize.generate_tokens(io.StringIO(module.text).readline):
        if token.type == tokenize.NUMBER:
            last = int(token.string)
    return last


def tree(module: Module) -> int:
    last = ast.parse(module.text).body[-1]
    assert isinstance(last, ast.Assign)
    assert isinstance(last.value, ast.Constant)
    return int(last.value.value)  # type: ignore[arg-type]  # it is a number


def bytecode(module: Module) -> int:
    return mark_in(compile(tree_of(module), module.path, "exec"))


def compiled(module: Module) -> int:
    return mark_in(compile(module.text, module.path, "exec"))


def unmarshal(module: Module) -> int:
    return mark_in(marshal.loads(marshalled(module)))  # noqa: S302 - this process created these bytes


def run(module: Module) -> int:
    namespace: dict[str, Any] = {"__name__": "generated"}
    exec(code_of(module), namespace)  # noqa: S102 - running it is what is measured
    return answer(namespace)


def verify(inputs: Sequence[Module], outputs: Sequence[Any]) -> str | None:
    """For variants that run the module: each function was called."""
    return differing([MARK + module.number + total(module) for module in inputs], outputs)


def verify_stage(inputs: Sequence[Module], outputs: Sequence[Any]) -> str | None:
    """For stages that process a module without running it: they reached its end."""
    return differing([MARK + module.number for module in inputs], outputs)


WORKLOAD = Workload(
    summary="import modules from their source",
    bound="cpu",
    releases_gil=False,
    inputs=inputs,
    forms={"call": import_source},
    verify=verify,
    size=100,
    size_unit="functions per module",
    max_size=10_000,
    tasks=4,
    why_not={
        "coroutine": "an import does not wait for anything that an event loop could wait for",
        "nogil": "Numba cannot compile Python's parser and compiler",
        "parallel": "Numba cannot compile Python's parser and compiler",
    },
)


def _stage(summary: str, call: Callable[[Module], int]) -> Workload:
    return replace(WORKLOAD, summary=summary, forms={"call": call}, verify=verify_stage)


VARIANTS = {
    "tokens": _stage("text to tokens (the module tokenize)", tokens),
    "tree": _stage("text to syntax tree", tree),
    "bytecode": _stage("syntax tree to code object", bytecode),
    "compile": _stage("text to code object, without a tree of Python objects", compiled),
    "unmarshal": _stage("bytes of a .pyc file to code object", unmarshal),
    "run": replace(WORKLOAD, summary="run the code object", forms={"call": run}),
    "pyc": replace(
        WORKLOAD, summary="import modules from .pyc files", inputs=inputs_with_pyc, forms={"call": import_pyc}
    ),
}
