"""gil-lab: the same work in every way that Python can run it, measured from outside.

    import gil_lab
    gil_lab.measure("primes", "threading", workers=4)            # one cell, measured in a child process
    with gil_lab.open_pool("threading", workers=4) as run:       # the bare strategy, for live coding
        run(task, inputs)
    gil_lab.advise(function, inputs)                             # which model to choose for a function of your own
    gil_lab.compare(function, inputs, ["threading", "joblib"])   # those models for it
    gil_lab.Results.read("results")                              # the newest session

Importing it is cheap: everything else is imported on first use.
"""

import importlib

from gil_lab.model import former_names
from gil_lab.model.version import __version__

TYPE_CHECKING = False  # not from typing, which takes as long to import as all the rest
if TYPE_CHECKING:
    from typing import Any

    from gil_lab.advice.comparing import compare
    from gil_lab.advice.library import advise
    from gil_lab.advice.release_library import releases
    from gil_lab.analysis.claims import Evidence, Judgement
    from gil_lab.experiment import Experiment, resume
    from gil_lab.experiment.live import measure, open_pool
    from gil_lab.experiment.results import Results
    from gil_lab.model.errors import GilLabError, NothingMeasuredError, StoreError, UsageError
    from gil_lab.model.language import speaking
    from gil_lab.sessions.plan import Design
    from gil_lab.suite.strategies import RestingRun, Strategy
    from gil_lab.suite.targets.decorator import workload
    from gil_lab.suite.workloads import Workload

former_names.install()
_HOMES = {
    "Design": "gil_lab.sessions.plan",
    "Evidence": "gil_lab.analysis.claims",
    "Experiment": "gil_lab.experiment",
    "GilLabError": "gil_lab.model.errors",
    "Judgement": "gil_lab.analysis.claims",
    "NothingMeasuredError": "gil_lab.model.errors",
    "RestingRun": "gil_lab.suite.strategies",
    "Results": "gil_lab.experiment.results",
    "StoreError": "gil_lab.model.errors",
    "Strategy": "gil_lab.suite.strategies",
    "UsageError": "gil_lab.model.errors",
    "Workload": "gil_lab.suite.workloads",
    "advise": "gil_lab.advice.library",
    "compare": "gil_lab.advice.comparing",
    "load_ipython_extension": "gil_lab.cli.magics",
    "measure": "gil_lab.experiment.live",
    "open_pool": "gil_lab.experiment.live",
    "releases": "gil_lab.advice.release_library",
    "resume": "gil_lab.experiment",
    "speaking": "gil_lab.model.language",
    "workload": "gil_lab.suite.targets.decorator",
}

__all__ = [
    "Design",
    "Evidence",
    "Experiment",
    "GilLabError",
    "Judgement",
    "NothingMeasuredError",
    "RestingRun",
    "Results",
    "StoreError",
    "Strategy",
    "UsageError",
    "Workload",
    "__version__",
    "advise",
    "compare",
    "measure",
    "open_pool",
    "releases",
    "resume",
    "speaking",
    "workload",
]


def __getattr__(name: str) -> "Any":
    """The public names, imported when they are first used (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'gil_lab' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
