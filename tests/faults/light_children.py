"""A forked gil-lab whose measured processes are `light_child.py`: they measure nothing, and cost a fifth."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from faults.light_child import BEGIN, END, TASKS
from gil_lab.interpreters import Interpreter
from gil_lab.measuring.launcher import Launcher
from gil_lab.model.records import Pass, TaskSpan, Trace
from gil_lab.model.wire import Finished, Hello, Prepared, Ready, Timed, Traced, Turned, encode
from gil_lab.sessions import run

PROGRAM = Path(__file__).with_name("light_child.py")


@cache
def _messages() -> str:
    """Of a cell of two tasks, which are done one after the other."""
    warm_up, traced, timed = (Pass(kind, BEGIN, END) for kind in ("warm-up", "traced", "timed"))
    spans = tuple(TaskSpan(number, 1, number, BEGIN, END, 1, 0, 0, 1) for number in range(TASKS))
    sent = (
        Hello(END, True),
        Prepared(),
        Ready(0.1, 0.0, warm_up, True),
        Traced(Trace(traced, spans)),
        Timed(),
        Turned((timed,), ()),
        Finished(True, "", ""),
    )
    return b"".join(map(encode, sent)).decode()


def light(before: Callable[[], object] = lambda: None) -> Callable[[], None]:
    """For `Rig.forked(before=...)` of a run whose cells have two tasks each; `before` is called as well."""

    def both() -> None:
        run.launcher = launcher
        before()

    return both


def launcher(interpreter: Interpreter, file: Path | None) -> Launcher:
    command = (interpreter.executable, "-I", "-S", str(PROGRAM), _messages())
    return Launcher(command, file, interpreter.environment)
