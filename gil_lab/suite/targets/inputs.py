"""Makes a list of inputs of what the user named: an object of a file, lines, paths, numbers."""

import ast
import glob
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from gil_lab.model.errors import UsageError
from gil_lab.model.target import GivenInputs, Location
from gil_lab.model.text import described
from gil_lab.suite.targets.resolving import resolve

MOST = 100_000
"""Inputs that are read; of more, the first ones: a sample of a few hundred is taken of them anyway."""
MAX_RANGE = 10**12


def load(given: GivenInputs, largest: int | None = None) -> Sequence[Any]:
    """All of them, or the first `largest`, at most `MOST` and one more. Raises UsageError for what are none."""
    return _first(KINDS[given.kind](given.value), MOST + 1 if largest is None else largest, given)


def _first(values: Any, most: int, given: GivenInputs) -> Sequence[Any]:
    try:
        found = list(itertools.islice(values, most))
    except UsageError:
        raise
    except UnicodeDecodeError:
        raise UsageError(f"{_named(given)} is not text in UTF-8; give inputs by --inputs FILE.py:NAME") from None
    except OSError as error:
        raise UsageError(f"{given.value} cannot be read ({error.strerror or error}); give another file") from error
    except Exception as error:
        raise UsageError(f"{given.value} raises {described(error):.150} while it gives inputs; fix it first") from error
    if not found:
        raise UsageError(f"{_named(given)} gives no input; give several")
    return found


def _named(given: GivenInputs) -> str:
    """As the user has named them."""
    return given.value if given.kind in ("name", "lines") else f"{given.kind}:{given.value}"


def _of_a_name(value: str) -> Any:
    """An iterable, or a function without arguments that gives one."""
    found = resolve(named(value))
    if callable(found) and not hasattr(found, "__iter__"):
        try:
            found = found()
        except Exception as error:
            raise UsageError(f"{value} raises {described(error):.150}; it must give the inputs when called") from error
    if hasattr(found, "itertuples"):
        raise UsageError(f"{value} is a data frame, which gives its columns; give its rows: list(frame.itertuples())")
    if isinstance(found, str | bytes) or not hasattr(found, "__iter__"):
        kind = type(found).__name__
        raise UsageError(
            f"{value} is of type {kind}; inputs are a list or another iterable, or a function that gives one"
        )
    return found


def named(text: str) -> Location:
    """`FILE.py:NAME` or `package.module:NAME`. Raises UsageError for what is neither."""
    where, _, attribute = text.rpartition(":")
    if text.endswith(".py"):
        raise UsageError(f"{text!a:.80} is a whole file; say what of it is meant: {Path(text).name:.60}:NAME")
    if not where or not all(part.isidentifier() for part in attribute.split(".")):
        raise UsageError(f"{text!a:.80} names nothing; write FILE.py:NAME or package.module:NAME")
    if where.endswith(".py") or "/" in where:
        return Location(str(Path(where).resolve()), "", attribute)
    if not all(part.isidentifier() for part in where.split(".")):
        raise UsageError(f"{where!a:.80} is neither a Python file nor a module; write FILE.py:NAME")
    return Location("", where, attribute)


def _lines(path: str) -> Iterator[str]:
    """Without their line ends."""
    with Path(path).open(encoding="utf-8", newline=None) as file:
        for line in file:
            yield line.removesuffix("\n")


def _paths(pattern: str) -> list[str]:
    found = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207 - patterns may be absolute
    if not found:
        raise UsageError(f"no file is matched by glob:{pattern}; write it as the shell would, in quotes")
    return found


def _range(text: str) -> range:
    """`1000`, `10:20` or `0:100:5`."""
    try:
        numbers = [int(part) for part in text.split(":")]
        found = range(*numbers)
    except (ValueError, TypeError):
        raise UsageError(f"range:{text:.40} is no range; write range:1000 or range:10:20") from None
    if max(map(abs, numbers)) > MAX_RANGE:
        raise UsageError(f"range:{text:.40} is too large; its numbers may be up to {MAX_RANGE:g}")
    return found


def _repeated(text: str) -> Iterator[tuple[Any, ...]]:
    """`32` or `32 ARGUMENTS`: the same arguments so many times."""
    count, _, arguments = text.partition(" ")
    return itertools.repeat(arguments_in(arguments), int(count))


def arguments_in(text: str) -> tuple[Any, ...]:
    """Python literals: `3, 'x'`. Raises UsageError."""
    try:
        return tuple(ast.literal_eval(f"[{text}]"))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        raise UsageError(f"--args takes Python values like 3, 'x'; not {text!a:.60}") from None


def _pickled(path: str) -> Any:
    return resolve(Location(path, "", ""))


KINDS: Mapping[str, Callable[[str], Any]] = {
    "name": _of_a_name,
    "lines": _lines,
    "glob": _paths,
    "range": _range,
    "repeat": _repeated,
    "pickle": _pickled,
}
"""By the names that a target has for them."""
