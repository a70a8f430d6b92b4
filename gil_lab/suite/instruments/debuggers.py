"""Whether a debugger, a profiler or coverage traces every line or call of this process.

That slows plain Python down several times and compiled code not at all, which would reverse a comparison.
"""

import sys
import threading


def tracers() -> list[str]:
    """The names of the functions that set the active tracers; there should be none.

    Sources: the modules sys and threading; PEP 669 for `sys.monitoring` (3.12), which coverage.py uses as well.
    """
    hooks = (sys.gettrace, sys.getprofile, threading.gettrace, threading.getprofile)
    active = [f"{hook.__module__}.{hook.__name__.replace('get', 'set')}" for hook in hooks if hook() is not None]
    if monitoring := getattr(sys, "monitoring", None):
        active += [f"sys.monitoring ({monitoring.get_tool(tool)})" for tool in range(6) if _is_active(monitoring, tool)]
    return active


def _is_active(monitoring: object, tool: int) -> bool:
    """Tools 6 and 7 are CPython's own, which serve the other hooks."""
    return monitoring.get_tool(tool) is not None and bool(monitoring.get_events(tool))  # type: ignore[attr-defined]
