"""How long Numba takes for each stage of a compilation, from the events that it broadcasts (`numba.core.event`).

Its own `pipeline_times` do not tell LLVM's work from that of Python, which alternate within one pass of its pipeline,
`native_lowering`. Here each moment belongs to LLVM while LLVM is called, else to lowering while that pass runs, else to
what comes before: reading the bytecode and finding the types. Functions that are compiled on the way count as well.
"""

import time
from typing import Any

TYPED, LOWERED, MACHINE = "bytecode to typed IR", "typed IR to LLVM IR", "LLVM IR to machine code"
LLVM_EVENT, PASS_EVENT, LOWERING = "numba:llvm_lock", "numba:run_pass", "native_lowering"


class Stages:
    """A stopwatch that changes hands whenever a stage begins or ends."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys((TYPED, LOWERED, MACHINE), 0.0)
        self.in_llvm = self.in_lowering = 0
        self.since = time.perf_counter()

    def stop(self) -> None:
        """Give the time since the last change to the stage that was at work."""
        now = time.perf_counter()
        at_work = MACHINE if self.in_llvm else LOWERED if self.in_lowering else TYPED
        self.seconds[at_work] += now - self.since
        self.since = now

    def change(self, event: Any, by: int) -> None:
        """A pass or a call of LLVM begins (1) or ends (-1). They nest: what LLVM calls may call LLVM."""
        self.stop()
        if event.kind == LLVM_EVENT:
            self.in_llvm += by
        elif str(event.data["name"]).startswith(LOWERING):
            self.in_lowering += by


def of_compiling(task: Any, argument: Any) -> dict[str, float]:
    """Compile `task`, as `numba.njit` gave it, for an argument like this one; seconds for each stage, in their order.

    Numba has only one compilation at a time, so no other thread can get in between.
    """
    import numba
    from numba.core import event

    class Listener(event.Listener):  # type: ignore[misc]  # Numba is not typed
        def on_start(self, event: Any) -> None:
            stages.change(event, 1)

        def on_end(self, event: Any) -> None:
            stages.change(event, -1)

    signature, listener, stages = (numba.typeof(argument),), Listener(), Stages()
    with event.install_listener(LLVM_EVENT, listener), event.install_listener(PASS_EVENT, listener):
        task.compile(signature)
    stages.stop()
    return stages.seconds
