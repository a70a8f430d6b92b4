"""Where a measured process keeps its GILs, and what was seen of them from outside."""

from gil_lab.model.frozen import frozen

MAX_INTERVAL_US = 1 << 40
"""Of a switch interval: twelve days. What is more is no GIL's record."""


@frozen
class GilRecord:
    """The state of one GIL in the memory of a process (`struct _gil_runtime_state` of CPython)."""

    interpreter: int
    """The id of the interpreter that it belongs to; the main one has 0 (PEP 734)."""
    address: int


@frozen
class GilRecords:
    """What a measured process knows of its own GILs once its pool is open."""

    records: tuple[GilRecord, ...] = ()
    """That of its main interpreter first."""
    thread_id_offset: int = 0
    """In bytes, from the address of a thread's state, which a record names as holder, to the system's id of that
    thread."""
    waits_inside: bool = False
    """Whether a thread that waits for a GIL sleeps at an address within its record."""
    unknown: str = ""
    """Why there are none; empty if there are."""
    no_gil: bool = False
    """Whether this Python has none: then threads wait for locks, I/O and time alone."""


@frozen
class Hold:
    """From one sample to another the same thread held a GIL, or it was free."""

    pid: int
    interpreter: int
    tid: int | None
    """None while it was free; 0 is a thread that ended before it could be looked at."""
    begin_ns: int
    end_ns: int
    handoffs: int
    """To other threads, by its exact counter, from the hold before until the end of this one. Where there is more than
    one, threads that are not shown held it between two samples."""


@frozen
class ObservedGil:
    """One GIL during a traced pass."""

    pid: int
    interpreter: int
    samples: int
    held_share: float
    """Of the samples."""
    waiting: float | None
    """Threads that waited for it, on average; None where that cannot be seen."""
    handoffs: int
    """From thread to thread, by its exact counter."""
    held_by_tasks: float | None = None
    """Of the time of the tasks of its process without that in which they waited for it: how much of it they held it.
    None where it cannot be seen, and in sessions of an older gil-lab."""
    held_by_others: float | None = None
    """Of the samples: those in which a thread held it that ran no task. None in sessions of an older gil-lab."""


@frozen
class Waits:
    """What tasks that were blocked waited for: parts of their blocked time, which they add up to."""

    gil_ns: int
    lock_or_io_ns: int
    sleep_ns: int


@frozen
class GilTrace:
    """What was seen of the GILs during a traced pass."""

    gils: tuple[ObservedGil, ...] = ()
    """Of all processes and interpreters, the measured process's own first."""
    holds: tuple[Hold, ...] = ()
    """Of each GIL in the order of time, without gaps as far as the samples go."""
    waits: Waits | None = None
    """Of all its tasks; None where that cannot be seen."""
    unknown: str = ""
    """Why no GIL was seen; empty if one was."""
    waits_unknown: str = ""
    """Why it is not known what its tasks waited for; empty if it is."""
