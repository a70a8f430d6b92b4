"""Before a session: what else the machine does, and waiting until that is over."""

import time
from typing import TYPE_CHECKING

from gil_lab.measuring.machine_load import BUSY_CORES, LoadWatch, MachineLoad

if TYPE_CHECKING:
    from rich.console import Console

OBSERVED_S = 2.0
"""So long others must be quiet: an editor that saves, or a mail that comes in, is over by then."""
MOST_WAITED_S = 600.0


def busy_line(load: MachineLoad, cores: int) -> str:
    """What a user should know before measuring; empty if the machine is quiet."""
    if not load.is_busy:
        return ""
    busy = f"Others keep {load.cores_busy:.1f} of {cores} core{'s' * (cores != 1)} busy, the busiest is {load.busiest}"
    return f"{busy}: stop what you can, use --wait-quiet, or expect wide intervals."


def note_load(screen: "Console", watch: LoadWatch, cores: int, *, wait: bool) -> None:
    """Print that line if there is one; with `wait`, first wait until it would be empty, for ten minutes at most."""
    load = watch.load()
    if wait and (load := wait_until_quiet(screen, load)).is_busy:
        screen.print(f"It has not become quiet within {MOST_WAITED_S / 60:.0f} minutes.")
    if line := busy_line(load, cores):
        screen.print(line)


def wait_until_quiet(screen: "Console", load: MachineLoad) -> MachineLoad:
    """The load at the end; who is waited for is printed when that changes."""
    until_s, waited_for = time.monotonic() + MOST_WAITED_S, ""
    while load.is_busy and time.monotonic() < until_s:
        if load.busiest != waited_for:
            waited_for = load.busiest
            screen.print(f"Waiting until others keep less than {BUSY_CORES:g} cores busy; the busiest is {waited_for}.")
        watch = LoadWatch()
        time.sleep(OBSERVED_S)
        load = watch.load()
    return load
