"""Modules that users' files import by their former names: `gil_lab.plan` is `gil_lab.sessions.plan`.

They are the very same modules, not copies: a class has one identity whichever name it was imported by. Public names are
better imported from `gil_lab` itself.
"""

import importlib
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

FORMER_NAMES = {
    "gil_lab.catalogue": "gil_lab.suite.catalogue",
    "gil_lab.claims": "gil_lab.analysis.claims",
    "gil_lab.errors": "gil_lab.model.errors",
    "gil_lab.plan": "gil_lab.sessions.plan",
    "gil_lab.records": "gil_lab.model.records",
    "gil_lab.results": "gil_lab.experiment.results",
    "gil_lab.strategies": "gil_lab.suite.strategies",
    "gil_lab.workloads": "gil_lab.suite.workloads",
}


class _FormerName:
    """A loader that returns the module from where it is now."""

    def __init__(self, name: str) -> None:
        self.name = name

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = importlib.import_module(self.name)
        self.spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self.spec  # the import system has set the spec of the former name


class _FormerNames:
    """A finder (PEP 451) for the table above and for what is below the packages in it."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not name.startswith("gil_lab."):
            return None
        first = ".".join(name.split(".")[:2])
        if first not in FORMER_NAMES:
            return None
        return ModuleSpec(name, _FormerName(FORMER_NAMES[first] + name[len(first) :]))  # type: ignore[arg-type]  # a loader by its methods


def install() -> None:
    """Let the former names be imported. It comes first: the usual finder would load a second copy of a strategy."""
    if not any(isinstance(finder, _FormerNames) for finder in sys.meta_path):
        sys.meta_path.insert(0, _FormerNames())
