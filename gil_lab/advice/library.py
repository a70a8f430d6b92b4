"""`gil_lab.advise`: advice on a function of a program or a notebook."""

import html
import itertools
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from gil_lab.advice.finding import find, measure_silently
from gil_lab.advice.found import FoundAdvice
from gil_lab.advice.text import whole
from gil_lab.advice.trials import BUDGET_S
from gil_lab.measuring.machine import usable_cores
from gil_lab.model.errors import UsageError
from gil_lab.model.target import GivenInputs, Location, Target
from gil_lab.model.text import described
from gil_lab.sessions.options import Options, check
from gil_lab.suite.targets.calls import is_cached
from gil_lab.suite.targets.inputs import MOST

IN_A_FILE = "make it in a file, and name it: gil-lab advise FILE.py:FUNCTION"


class Advice(FoundAdvice):
    """What was found, as notebooks and prompts display it: the advice, then the code."""

    def __repr__(self) -> str:
        return whole(self)

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(whole(self))}</pre>"


def advise(
    function: Callable[..., Any],
    inputs: Iterable[Any],
    *,
    verify: Callable[[Any, Any], Any] | None = None,
    seedable: bool = False,
    python: str | Iterable[str] = "this",
    budget_s: float = BUDGET_S,
    seed: int | None = None,
    out: Path | str = "results",
) -> Advice:
    """Which model of concurrency to choose for `function`, measured with `inputs`, of which it takes one at a time.

    An input that is a tuple is unpacked if the function takes several arguments. Also for functions that are typed into
    a notebook. `verify(input, answer)` says whether an answer is right; without it, answers are compared with those of
    sequential work. Displayed, the advice is what `gil-lab advise` prints.

    Raises UsageError for a function that no advice can be given on, NothingMeasuredError if it cannot be measured.
    """
    if verify is not None and not callable(verify):
        raise UsageError(f"verify is of type {type(verify).__name__}; it is a function of an input and its answer")
    pythons = pythons_in(python)
    check(Options(budget_s=budget_s, seed=seed), usable_cores())
    with tempfile.TemporaryDirectory(prefix="gil-lab-advise-") as folder:
        target = replace(
            target_of(function, inputs, Path(folder)),
            verify=None if verify is None else _pickled(verify, Path(folder) / "verify.pickle"),
            seedable=seedable,
        )
        found = find(target, measure_silently, pythons=pythons, budget_s=budget_s, seed=seed, out=Path(out))
        return Advice(*(getattr(found, field.name) for field in fields(FoundAdvice)))


def target_of(function: Callable[..., Any], inputs: Iterable[Any], folder: Path) -> Target:
    """A function of this process with its inputs, which are written into `folder`. Raises UsageError."""
    if not callable(function):
        raise UsageError(f"function is of type {type(function).__name__}, which cannot be called")
    name = str(getattr(function, "__name__", type(function).__name__))
    return Target(name, location_of(function, folder), given_inputs(inputs, folder))


def given_inputs(inputs: Iterable[Any], folder: Path) -> GivenInputs:
    """Inputs of this process, which are written into `folder`. Raises UsageError."""
    if isinstance(inputs, str | bytes) or not hasattr(inputs, "__iter__"):
        raise UsageError(f"inputs is of type {type(inputs).__name__}; give a list or another iterable of them")
    if hasattr(inputs, "itertuples"):
        raise UsageError("inputs is a data frame, which gives its columns; give its rows: list(frame.itertuples())")
    given = list(itertools.islice(inputs, MOST + 1))
    if not given:
        raise UsageError("inputs is empty; give several")
    values = folder / "inputs.pickle"
    _write(values, given, "the inputs")
    return GivenInputs("pickle", str(values))


def pythons_in(python: str | Iterable[str]) -> tuple[str, ...]:
    """Their names. Raises UsageError if there is none."""
    names = (python,) if isinstance(python, str) else tuple(python)
    if not names or not all(isinstance(name, str) and name for name in names):
        raise UsageError(f"python is {python!r:.40}; give the name of one, or a list of names: see gil-lab pythons")
    return names


def location_of(function: Callable[..., Any], folder: Path, instead: str = IN_A_FILE) -> Location:
    """Where others find it: in a module's file if it is there under its name, else in a pickle.

    Raises UsageError, with what to do `instead`, if it can be neither.
    """
    name, module = getattr(function, "__qualname__", ""), getattr(function, "__module__", "")
    found: Any = sys.modules.get(module) if module != "__main__" else None
    file = getattr(found, "__file__", None)
    for part in name.split("."):
        found = getattr(found, part, None)
    if name and found is function:
        return (
            Location(file, "", name) if isinstance(file, str) and file.endswith(".py") else Location("", module, name)
        )
    if is_cached(function):  # its cache is left out, and with it cloudpickle would send no more than the name
        function = getattr(function, "__wrapped__", function)
    return _pickled(function, folder / "function.pickle", instead)


def _pickled(function: Callable[..., Any], path: Path, instead: str = IN_A_FILE) -> Location:
    _write(path, function, "the function", instead)
    return Location(str(path), "", "")


def _write(path: Path, value: Any, what: str, instead: str = IN_A_FILE) -> None:
    import cloudpickle

    try:
        path.write_bytes(cloudpickle.dumps(value))
    except Exception as error:
        raise UsageError(
            f"{what} cannot be sent to the processes that are measured ({described(error):.120}); {instead}"
        ) from error
