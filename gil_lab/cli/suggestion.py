"""The next step for a mistyped command or option, and for the name of something else."""

import difflib
import re
from collections.abc import Sequence
from pathlib import Path

COMMANDS_OF_OTHERS = {
    "compare": "gil-lab report SESSION SESSION compares two sessions",
    "show": "gil-lab report shows a session",
    "results": "gil-lab report shows a session",
    "experiments": "gil-lab list shows them",
    "workloads": "gil-lab list shows them",
    "strategies": "gil-lab list shows them",
    "measure": "gil-lab run measures",
    "bench": "gil-lab run measures",
    "benchmark": "gil-lab run measures",
}
"""What people try, by other programs' names for it."""
EXPERIMENT_OF = {"cpu": "cpu-bound", "io": "io-bound", "both": "mixed"}
"""What shows work of that kind under all models."""


def with_suggestion(error: Exception, arguments: Sequence[str], commands: Sequence[str]) -> str:
    """A usage error's message in one line, with the nearest command or option if one was mistyped."""
    text = getattr(error, "format_message", lambda: str(error))()
    message = re.split(r" Did you mean| \(Possible options", text)[0].rstrip(".")
    if "No such command" in message:
        typed = next((argument for argument in arguments if not argument.startswith("-")), "")
        if typed in COMMANDS_OF_OTHERS:
            return f"{message}; {COMMANDS_OF_OTHERS[typed]}"
        near = difflib.get_close_matches(typed, commands, n=1)
    else:
        typed = getattr(error, "option_name", "")
        near = difflib.get_close_matches(typed, getattr(error, "possibilities", None) or [], n=1, cutoff=0.0)
    command = f"{arguments[0]} " if arguments and arguments[0] in commands else ""
    return f"{message}; did you mean {near[0]!r}?" if near else f"{message}; see gil-lab {command}--help"


def runs_instead(name: str) -> str:
    """How to run what is no experiment but something else of that name; empty if there is nothing."""
    from gil_lab.suite.catalogue import Catalogue

    catalogue = Catalogue()
    if _is_file(f"{name}.py"):
        return f"{name} is no experiment, but there is a file: gil-lab run {name}.py"
    if name in catalogue.workload_names():
        return f"{name} is a workload: gil-lab run {EXPERIMENT_OF[catalogue.workload(name).bound]} --workload {name}"
    if name in catalogue.strategy_names():
        return f"{name} is a strategy: gil-lab run cpu-bound --strategy {name}"
    return ""


def _is_file(path: str) -> bool:
    try:
        return Path(path).is_file()
    except (OSError, ValueError):  # too long, or with a NUL
        return False
