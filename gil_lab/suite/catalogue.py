"""The available workloads, strategies, forms and experiments, found by file name and imported when used."""

import functools
import importlib
import importlib.util
import pkgutil
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field, replace
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from gil_lab.model.chunks import WORDS, is_chunk
from gil_lab.model.errors import UsageError
from gil_lab.model.frozen import frozen
from gil_lab.model.own_file import Source
from gil_lab.model.records import CHUNK_SEPARATOR, VARIANT_SEPARATOR
from gil_lab.model.target import Target
from gil_lab.suite.forms import Form
from gil_lab.suite.strategies import Strategy
from gil_lab.suite.workloads import Workload

MAX_LISTED_NAMES = 12
"""In the one line of an error."""
FILE_MODULE_PREFIX = "gil_lab_file_"
"""Prefix for the module name of a user's file, so that a file called random.py shadows nothing."""
MAX_STEM_BYTES = 200
"""Of such a name: with what stands around it, it is the name of a file, which may have 255 (NAME_MAX of Linux)."""


def names(package: str) -> list[str]:
    """Names of the variants in a package: one file each, dashes for underscores."""
    return list(_names(tuple(importlib.import_module(package).__path__)))


@functools.cache  # a run asks for them hundreds of times
def _names(folders: tuple[str, ...]) -> list[str]:
    return sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(folders) if module.name[0] != "_")


def variant(package: str, attribute: str, name: str, listed_by: str = "gil-lab list") -> Any:
    """The `attribute` that the file of that name in `package` defines."""
    check_known(attribute.lower(), name, names(package), listed_by)
    return getattr(importlib.import_module(f"{package}.{name.replace('-', '_')}"), attribute)


def _variants(work: str) -> dict[str, Workload]:
    """The variants that a workload's file defines."""
    module = importlib.import_module(f"gil_lab.suite.workloads.{work.replace('-', '_')}")
    return dict(getattr(module, "VARIANTS", {}))


def check_known(kind: str, name: str, known: Iterable[str], listed_by: str = "gil-lab list") -> None:
    """Raise UsageError, with the nearest name or where names are listed, unless `name` is known."""
    choices = list(known)
    if name in choices:
        return
    import difflib  # here, as every measured process imports this module

    near = difflib.get_close_matches(str(name).lower().replace("_", "-"), choices, n=1)
    available = ", ".join(choices) if len(choices) <= MAX_LISTED_NAMES else f"{len(choices)} of them: {listed_by}"
    hint = f"did you mean {near[0]!r}?" if near else f"there are {available}"
    raise UsageError(f"unknown {kind} {name!a:.60}; {hint}")


@frozen
class Catalogue:
    """The lab's own workloads, strategies and forms, and those of a user's file, which take precedence."""

    file: Path | None = None
    workloads: dict[str, Workload] = field(default_factory=dict)
    """Those of the file; the lab's own are imported on request."""
    strategies: dict[str, Strategy] = field(default_factory=dict)
    experiment: Any = None
    """The `Experiment` of the file, if it has one."""
    sources: tuple[Source, ...] = ()
    """Of the file, when it was read for a session."""
    target: Target | None = None
    """The function that is its workload, if that is no file's."""

    def workload_names(self) -> list[str]:
        """Without variants; see `variant_names`."""
        return sorted({*self.workloads, *names("gil_lab.suite.workloads")})

    def variant_names(self, work: str) -> list[str]:
        """The full names of a workload's variants: `counter+lock`."""
        if work in self.workloads or work not in names("gil_lab.suite.workloads"):
            return []
        return [f"{work}{VARIANT_SEPARATOR}{name}" for name in _variants(work)]

    def strategy_names(self) -> list[str]:
        return sorted({*self.strategies, *names("gil_lab.suite.strategies")})

    def workload(self, name: str) -> Workload:
        """Raises UsageError, with the nearest name, if there is no such workload."""
        if isinstance(name, str) and name in self.workloads:  # a file may name its variants as the lab's own are named
            return self.workloads[name]
        work, separator, variant_name = name.partition(VARIANT_SEPARATOR) if isinstance(name, str) else (name, "", "")
        if separator and work in (known := self.workload_names()):
            check_known("workload", name, [*known, *self.variant_names(work)])
            workload = _variants(work)[variant_name]
            assert isinstance(workload, Workload)
            return workload
        check_known("workload", name, self.workload_names())
        workload = variant("gil_lab.suite.workloads", "WORKLOAD", name)
        assert isinstance(workload, Workload)
        return workload

    def strategy(self, name: str) -> Strategy:
        """Raises UsageError, with the nearest name, if there is no such strategy. `joblib by 64` hands over 64 tasks
        at a time, `joblib by auto` as many as are predicted to be best (see `gil_lab.model.chunks`).
        """
        plain, by, chunk = name.partition(CHUNK_SEPARATOR) if isinstance(name, str) else (name, "", "")
        if by and is_chunk(chunk) and (chunked := self.strategy(plain)).open_chunked:
            if chunk in WORDS:
                return replace(chunked, chunk=chunk)
            return replace(chunked, open=partial(chunked.opened, chunk=int(chunk)), open_chunked=None, chunk=chunk)
        check_known("strategy", name, self.strategy_names())
        strategy = self.strategies.get(name) or variant("gil_lab.suite.strategies", "STRATEGY", name)
        assert isinstance(strategy, Strategy)
        return strategy

    def form(self, name: str) -> Form:
        form = variant("gil_lab.suite.forms", "FORM", name)
        assert isinstance(form, Form)
        return form


@functools.cache
def are_same_work(name: str) -> bool:
    """Whether variants of that workload are ways to do what it does; those of a user's own are."""
    if name not in names("gil_lab.suite.workloads"):
        return True
    workload = variant("gil_lab.suite.workloads", "WORKLOAD", name)
    return bool(workload.same_work)


def _named(file: Path, module: ModuleType, wanted: Callable[[type], bool]) -> dict[str, Any]:
    """What is of a wanted kind, by its name. Objects of a user may answer anything about themselves, so `type` says it.

    Raises UsageError for two of one name.
    """
    found: dict[str, Any] = {}
    for name, value in vars(module).items():
        if not wanted(type(value)):
            continue
        known_as = str(name).lower().replace("_", "-")
        if found.setdefault(known_as, value) is not value:
            raise UsageError(f"{file.name} has two that are called {known_as!r}; give one of them another name")
    return found


def _is_experiment(kind: type) -> bool:
    return is_of(kind, "gil_lab.experiment", "Experiment")


def is_of(kind: type, module: str, name: str) -> bool:
    """Whether it is a class, or one derived from it, that stands in a room above this one."""
    return any((each.__module__, each.__qualname__) == (module, name) for each in kind.__mro__)


def _check_forms(workloads: Mapping[str, Workload], strategies: Mapping[str, Strategy]) -> None:
    known = names("gil_lab.suite.forms")
    for name, workload in workloads.items():
        for form in workload.forms:
            check_known(f"form of {name}", form, known)
    for name, strategy in strategies.items():
        check_known(f"form of {name}", strategy.form, known)


def module_name(file: Path) -> str:
    stem = re.sub(r"\W", "_", file.stem).encode()[:MAX_STEM_BYTES].decode(errors="ignore")
    return FILE_MODULE_PREFIX + stem


def imported(file: Path) -> ModuleType:
    """The user's file as a module that can be imported by name, with its folder at the end of the path."""
    name = module_name(file)
    if name in sys.modules:
        return sys.modules[name]
    if str(file.parent) not in sys.path:
        sys.path.append(str(file.parent))
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise UsageError(f"{str(file)!a} is not a Python file; name it something.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def check_file(path: Path) -> Path:
    """The file in full. Raises UsageError if it is not there."""
    if not path.is_file():
        raise UsageError(f"no file {str(path)!a}; give the path of a Python file, or the name of an experiment")
    return path.resolve()


def with_file(path: Path) -> Catalogue:
    """The catalogue with the workloads and strategies that are module-level names of the file, dashes for underscores.

    It imports the file: for processes that may come to any end. Raises UsageError if that fails.
    """
    file = check_file(path)
    try:
        module = imported(file)
    except (Exception, SystemExit) as error:
        from gil_lab.suite.own_lines import described_in  # here, as every measured process imports this module

        raise UsageError(f"{file.name} does not import ({described_in(error, file, 200)}); fix it first") from error
    workloads: dict[str, Workload] = _named(file, module, lambda kind: issubclass(kind, Workload))
    strategies: dict[str, Strategy] = _named(file, module, lambda kind: issubclass(kind, Strategy))
    experiment = next(iter(_named(file, module, _is_experiment).values()), None)
    _check_forms(workloads, strategies)
    if not workloads and not strategies and experiment is None:
        functions = [
            name for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__
        ]
        only = f", only {', '.join(functions[:MAX_LISTED_NAMES])}" if functions else ""
        guarded = " (what stands below its __main__ guard is not read)" * (b"__main__" in file.read_bytes())
        raise UsageError(
            f"{file.name} has no Workload, Strategy or Experiment in it{only}{guarded}; make one of your function: "
            "WORK = gil_lab.Workload('my work', 'cpu', [input, ...], {'call': function})"
        )
    return Catalogue(file, workloads, strategies, experiment)
