"""The program that imports a user's file, in a process of its own, and reports what is in it.

`python -m gil_lab.child.own_file FD FILE CORES` writes one message on the descriptor; then the process ends at once,
whatever the file has started or registered. It imports little, because each run of a file waits for it.
"""

import operator
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, is_dataclass
from numbers import Integral, Real
from pathlib import Path
from typing import Any

from gil_lab.model.errors import GilLabError, ProtocolError, UsageError
from gil_lab.model.full_write import write_all
from gil_lab.model.own_file import (
    DesignFacts,
    ExperimentFacts,
    OnlyUnder,
    OwnFile,
    StrategyFacts,
    WhyNot,
    WorkloadFacts,
)
from gil_lab.model.records import Status
from gil_lab.model.text import described
from gil_lab.model.wire import Failed, encode, record
from gil_lab.suite.catalogue import is_of, with_file
from gil_lab.suite.sources import sources
from gil_lab.suite.strategies import WORKERS, Strategy
from gil_lab.suite.workloads import Workload

RECURSION_LIMIT = 1000
"""Python's own."""


def answer(fd: int, path: str, cores: str) -> None:
    """Write what the file defines, or why that cannot be said."""
    try:
        reply: object = _read(Path(path), int(cores))
    except GilLabError as error:
        reply = Failed(Status.ERROR, str(error))
    restore_recursion_limit()
    write_all(fd, encode(reply))


def restore_recursion_limit() -> None:
    """A file may have set a lower one than Python's own, at which reading it would fail."""
    sys.setrecursionlimit(max(RECURSION_LIMIT, sys.getrecursionlimit()))


def _read(file: Path, cores: int) -> OwnFile:
    """Raises UsageError for what no workload, strategy or experiment can be."""
    found = with_file(file)
    restore_recursion_limit()
    experiment = None if found.experiment is None else _experiment(file, found.experiment, cores)
    return OwnFile(
        tuple(_workload(file, name, one) for name, one in found.workloads.items()),
        tuple(_strategy(file, name, one) for name, one in found.strategies.items()),
        experiment,
        sources(file),
    )


def _workload(file: Path, name: str, one: Workload) -> WorkloadFacts:
    why_not = one.why_not.items() if isinstance(one.why_not, Mapping) else one.why_not
    return _checked(  # type: ignore[no-any-return]
        WorkloadFacts,
        f"{file.name}: {name}",
        name=name,
        summary=one.summary,
        bound=one.bound,
        inputs=None if callable(one.inputs) else len(one.inputs),
        forms=list(one.forms),
        verifies=one.verify is not None,
        size=one.size,
        size_unit=one.size_unit,
        max_size=one.max_size,
        tasks=one.tasks,
        releases_gil=one.releases_gil,
        why_not=[WhyNot(form, reason) for form, reason in why_not],
        heartbeat_ms=one.heartbeat_ms,
        requires=one.requires,
        varies=one.varies,
        ordered=one.after is not None,
        in_one_process=one.in_one_process,
    )


def _strategy(file: Path, name: str, one: Strategy) -> StrategyFacts:
    if one.workers_are is not None and one.workers_are not in WORKERS:
        kinds = ", ".join(WORKERS)
        raise UsageError(f"{file.name}: {name}.workers_are is {one.workers_are!r:.40}; it is one of {kinds}, or None")
    return _checked(  # type: ignore[no-any-return]
        StrategyFacts,
        f"{file.name}: {name}",
        name=name,
        summary=one.summary,
        form=one.form,
        workers_are=one.workers_are,
        reference=one.reference,
        requires=one.requires,
        since=one.since,
        has_chunks=one.open_chunked is not None,
        loops_in=one.loops_in,
        on_cluster=bool(one.on_cluster),
    )


def _experiment(file: Path, one: Any, cores: int) -> ExperimentFacts:
    where, design = f"{file.name}: experiment", one.design
    if not is_of(type(design), "gil_lab.sessions.plan", "Design"):
        raise UsageError(f"{where}.design is {design!r:.40}; it must be a Design")
    if not isinstance(design.strategies_of, Mapping):
        raise UsageError(f"{where}.design.strategies_of is {design.strategies_of!r:.40}; it must be a mapping")
    if design.tasks_of is not None:
        raise UsageError(f"{where}.design has tasks_of, which is for the lab's own experiments; give tasks")
    made = _called(f"{where}: workers({cores})", design.workers, cores)
    facts = _checked(
        DesignFacts,
        f"{file.name}: design",
        name=design.name,
        workloads=design.workloads,
        strategies=design.strategies,
        workers=made,
        pythons=design.pythons,
        compared=design.compared,
        min_time_s=design.min_time_s,
        sizes=design.sizes,
        tasks=design.tasks,
        quick_workloads=design.quick_workloads,
        quick_workers=design.quick_workers,
        quick_sizes=design.quick_sizes,
        quick_strategies=design.quick_strategies,
        quick_pythons=design.quick_pythons,
        cell_budget_s=design.cell_budget_s,
        chunk=design.chunk,
        strategies_of=[OnlyUnder(name, only) for name, only in design.strategies_of.items()],
        tasks_per_worker=design.tasks_per_worker,
    )
    claims = [claim.sentence for claim in one.claims]
    return _checked(  # type: ignore[no-any-return]
        ExperimentFacts, where, question=one.question, picture=one.picture, design=facts, claims=claims
    )


def _called(what: str, function: Callable[[int], object], argument: int) -> object:
    if not callable(function):
        raise UsageError(f"{what} is not possible: workers is {function!r:.40}; it must be a function of the cores")
    try:
        return function(argument)
    except Exception as error:
        raise UsageError(f"{what} raises {described(error):.100}; fix it first") from error


def _checked(kind: type, where: str, **values: object) -> Any:
    """A record of these values. Raises UsageError that names the field which has none of its type."""
    try:
        return record(kind, {name: _plain(value) for name, value in values.items()}, where)
    except ProtocolError as error:
        raise UsageError(f"{error}; fix it first") from error


def _plain(value: object) -> object:
    """As JSON has it: numbers of NumPy too."""
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    if isinstance(value, bool | str) or value is None:
        return value
    if isinstance(value, Integral):
        return operator.index(value)
    if isinstance(value, Real):
        return float(value)
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, Iterable) else value


if __name__ == "__main__":
    descriptor, *arguments = sys.argv[1:]
    os.set_inheritable(int(descriptor), False)
    sys.dont_write_bytecode = True  # what is refused leaves nothing behind
    answer(int(descriptor), *arguments)
    os._exit(0)  # neither threads nor exit handlers of the file are waited for
