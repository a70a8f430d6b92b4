"""A function as people have it, made into a workload: what measured processes import when they run one."""

import pickle
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import FunctionType, MappingProxyType
from typing import Any

from gil_lab.model.target import Target
from gil_lab.suite.catalogue import Catalogue
from gil_lab.suite.strategies import Strategy
from gil_lab.suite.targets import advised, compiled
from gil_lab.suite.targets.calls import (
    Awaited,
    Repeated,
    WithoutCache,
    is_cached,
    is_coroutine,
    seeded,
    takes_several,
    unpacked,
)
from gil_lab.suite.targets.inputs import load
from gil_lab.suite.targets.resolving import resolve
from gil_lab.suite.workloads import Workload

ADVISED = "the code"
"""The strategy that runs the code which was advised."""


def with_target(target: Target) -> Catalogue:
    """The catalogue with the target as its workload. Raises UsageError as `resolve` and `load` do."""
    function = resolve(target.function)
    values = load(target.inputs, largest=1 + max(target.sample, default=-1) if target.sample else None)
    sample = [values[number] for number in target.sample] if target.sample else list(values)
    verify = partial(_complaint, resolve(target.verify)) if target.verify else None
    workload = Workload(
        "a function of one's own",
        "both",
        lambda tasks, _size: [sample[number % len(sample)] for number in range(tasks)],
        forms(function, sample[0], target),
        verify,
        tasks=len(sample),
        varies=target.varies or verify is not None,  # who says what is right may find several answers right
    )
    strategies = {ADVISED: strategy(Path(target.code), {target.name: function})} if target.code else {}
    return Catalogue(workloads={target.name: workload}, strategies=strategies)


def strategy(code: Path, names: Mapping[str, Any] = MappingProxyType({})) -> Strategy:
    """That of the code which was advised; `names` are what a notebook has beside it."""
    return Strategy("the code that was advised", "call", partial(advised.opened, code, names), None)


def forms(function: Any, one: Any, target: Target) -> dict[str, Callable[..., Any]]:
    """The function in all forms that it has; `one` is an input."""
    task = as_task(function, one, seedable=target.seedable)
    if target.repeats is not None:
        return {"call": Repeated(task, target.repeats)}
    if is_coroutine(function):
        return {"call": Awaited(task), "coroutine": task}
    made = {form: compiled.BUILDERS[form](function, one) for form in target.compiled}
    return {"call": task, **made}


def as_task(function: Any, one: Any, *, seedable: bool) -> Any:
    """The function as a task of one input, of which `one` is an example."""
    task = WithoutCache(function) if is_cached(function) else function
    task = unpacked(task) if takes_several(function, one) else task
    return seeded(task) if seedable else task


def _complaint(verify: Callable[[Any, Any], Any], inputs: Sequence[Any], outputs: Sequence[Any]) -> str | None:
    """The first answer that is not right."""
    for number, (given, answer) in enumerate(zip(inputs, outputs, strict=True)):
        if (said := verify(given, answer)) is not None and not said:
            return f"verify says that the answer to input {number} is wrong: {answer!r:.40}"
    return None


def why_not_pickled(function: Any, given: Any, answer: Any) -> str:
    """What of a call cannot be sent to another process, in one line; empty if all can."""
    for what, value in (("the function", function), ("an input", given), ("an answer", answer)):
        if reason := _refusal(value):
            return f"{what} cannot be pickled ({reason})"
    return ""


def _refusal(value: Any) -> str:
    """Why it cannot be pickled, with the attribute that is the cause."""
    try:
        pickle.loads(pickle.dumps(value))  # noqa: S301 - of our own making
    except Exception as error:
        held = {} if isinstance(value, type | FunctionType) else getattr(value, "__dict__", {})
        for name, each in held.items() if isinstance(held, dict) else ():
            try:
                pickle.dumps(each)
            except Exception as cause:
                return f"attribute {name}: {type(each).__name__}: {cause!s:.80}"
        return f"{type(error).__name__}: {error!s:.100}"
    return ""
