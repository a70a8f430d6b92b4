"""How long Numba takes for each stage of a compilation, from the events that it broadcasts (`numba.core.event`).

Its own `pipeline_times` do not separate LLVM's work from Python's, which alternate within one pass of its pipeline,
`native_lowering`. Here time belongs to LLVM while LLVM is called, else to lowering while that pass runs, else to what
comes before: reading the bytecode and inferring types. Functions that are compiled on the way count too.
"""

import time
from typing import Any

TYPED, LOWERED, MACHINE = "bytecode to typed IR", "typed IR to LLVM IR", "LLVM IR to machine code"
LLVM_EVENT, PASS_EVENT, LOWERING = "numba:llvm_lock", "numba:run_pass", "native_lowering"


class StageClock:
    """Assigns time to the stage that is active; updated whenever a stage begins or ends."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys((TYPED, LOWERED, MACHINE), 0.0)
        self.in_llvm = self.in_lowering = 0
        self.since = time.perf_counter()

    def update(self) -> None:
        """Add the time since the last change to the stage that was active."""
        now = time.perf_counter()
        active = MACHINE if self.in_llvm else LOWERED if self.in_lowering else TYPED
        self.seconds[active] += now - self.since
        self.since = now

    def change(self, event: Any, by: int) -> None:
        """A pass or a call of LLVM begins (1) or ends (-1). They nest: what LLVM calls may call LLVM."""
        self.update()
        if event.kind == LLVM_EVENT:
            self.in_llvm += by
        elif str(event.data["name"]).startswith(LOWERING):
            self.in_lowering += by


def compile_times(task: Any, argument: Any) -> dict[str, float]:
    """Compile `task`, as returned by `numba.njit`, for an argument like this one; seconds per stage, in order.

    Numba runs one compilation at a time, so no other thread can interfere.
    """
    import numba
    from numba.core import event

    class Listener(event.Listener):  # type: ignore[misc]  # Numba is not typed
        def on_start(self, event: Any) -> None:
            clock.change(event, 1)

        def on_end(self, event: Any) -> None:
            clock.change(event, -1)

    signature, listener, clock = (numba.typeof(argument),), Listener(), StageClock()
    with event.install_listener(LLVM_EVENT, listener), event.install_listener(PASS_EVENT, listener):
        task.compile(signature)
    clock.update()
    return clock.seconds
