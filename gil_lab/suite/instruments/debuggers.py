"""Whether something watches every line or call of this process: a debugger, a profiler, coverage.

It slows plain Python down several times and compiled code not at all, which would turn a comparison round.
"""

import sys
import threading


def tracers() -> list[str]:
    """How each of those that are active was set, by name; none is how it should be.

    Sources: the modules sys and threading; PEP 669 for `sys.monitoring` (3.12), which coverage.py uses as well.
    """
    hooks = (sys.gettrace, sys.getprofile, threading.gettrace, threading.getprofile)
    found = [f"{one.__module__}.{one.__name__.replace('get', 'set')}" for one in hooks if one() is not None]
    if monitoring := getattr(sys, "monitoring", None):
        found += [f"sys.monitoring ({monitoring.get_tool(tool)})" for tool in range(6) if _watches(monitoring, tool)]
    return found


def _watches(monitoring: object, tool: int) -> bool:
    """Tools 6 and 7 are those through which CPython itself serves the other hooks."""
    return monitoring.get_tool(tool) is not None and bool(monitoring.get_events(tool))  # type: ignore[attr-defined]
