"""`gil_lab.releases`, and the same for an expression: made into a function without arguments that is looked at."""

import html
import inspect
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from gil_lab.advice.expression_file import NAME, ExpressionFile
from gil_lab.advice.finding import Measure, measure_silently
from gil_lab.advice.library import location_of, pythons_in
from gil_lab.advice.releasing import FoundRelease, find_release
from gil_lab.advice.releasing_text import blocks
from gil_lab.measuring.machine import usable_cores
from gil_lab.model.errors import NothingMeasuredError, UsageError
from gil_lab.model.target import GivenInputs, Location, Target
from gil_lab.report.tables.as_rich import plain_text
from gil_lab.sessions.options import Options, check

WIDTH = 80
INSTEAD = "make it inside of the function, or in the --setup of gil-lab releases 'EXPRESSION'"
"""Of what cannot be sent, such as a lock that a function closes over."""


class ReleaseReport(FoundRelease):
    """What was found, as notebooks and prompts display it."""

    def __repr__(self) -> str:
        return plain_text(blocks(self), WIDTH).rstrip()

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(repr(self))}</pre>"


def releases(
    function: Callable[[], Any],
    *,
    python: str | Iterable[str] = "this",
    budget_s: float | None = None,
    seed: int | None = None,
    out: Path | str = "results",
) -> ReleaseReport:
    """Does a call of `function`, which takes no arguments, let go of the GIL? For what share of its time?

    Also for a function that is typed into a notebook, and a lambda: `gil_lab.releases(lambda: sorted(data))`.
    `budget_s` is for how many seconds it is measured; None: 6 for each Python. Displayed, it is what `gil-lab releases`
    prints. Raises UsageError for a function that cannot be looked at, NothingMeasuredError if it cannot be measured.
    """
    if not callable(function):
        raise UsageError(f"function is of type {type(function).__name__}, which cannot be called")
    without_arguments = _without_arguments(function)
    pythons = pythons_in(python)
    check(Options(budget_s=budget_s, seed=seed), usable_cores())
    name = str(getattr(function, "__name__", type(function).__name__)).strip("<>")
    called = f"{name}()" if hasattr(function, "__qualname__") and name != "lambda" else f"the {name}"
    with tempfile.TemporaryDirectory(prefix="gil-lab-releases-") as folder:
        target = Target(name, location_of(without_arguments, Path(folder), INSTEAD), GivenInputs("repeat", "2"))
        found = find_release(
            *(target, called, measure_silently),
            pythons=pythons,
            budget_s=budget_s,
            seed=seed,
            out=Path(out),
        )
    return ReleaseReport(*(getattr(found, field.name) for field in fields(FoundRelease)))


def _without_arguments(function: Callable[..., Any]) -> Callable[[], Any]:
    """Raises UsageError if it needs some. A built-in one without a signature is called by one that has none to take."""
    try:
        signature = inspect.signature(function)
    except ValueError:
        return lambda: function()  # noqa: PLW0108 - its signature can be asked for
    several = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    taken = signature.parameters.values()
    if needed := [each.name for each in taken if each.default is each.empty and each.kind not in several]:
        name = str(getattr(function, "__name__", "function")).strip("<>")
        raise UsageError(f"{name} takes arguments ({', '.join(needed)}); give one without: lambda: {name}(...)")
    return function


def release_of_expression(expression: str, setup: str, measure: Measure, **settings: Any) -> FoundRelease:
    """The same of an expression, after some statements. Raises UsageError also if either is no Python."""
    given = ExpressionFile(expression, setup)
    given.check()
    with tempfile.TemporaryDirectory(prefix="gil-lab-releases-") as folder:
        function = Location(str(given.write(Path(folder))), "", NAME)
        target = Target(NAME, function, GivenInputs("repeat", "2"), expression=given.called)
        try:
            found = find_release(target, given.called, measure, **settings)
        except (UsageError, NothingMeasuredError) as error:
            raise type(error)(given.in_users_words(str(error))) from error
    known = (replace(one, unknown=given.in_users_words(one.unknown)) for one in found.releases)
    return replace(found, releases=tuple(known))
