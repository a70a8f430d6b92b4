"""The GILs, if any, of a measured process and its workers, read from outside in their memory (/proc/PID/mem, proc(5)).

That needs no privilege for a process that we started, unless the system forbids it (Yama with `ptrace_scope` 2 or more,
AppArmor) or the process does (PR_SET_DUMPABLE, prctl(2)). It stops no thread and costs a microsecond.
"""

import os
import struct
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from gil_lab.model.frozen import frozen
from gil_lab.model.gil import MAX_INTERVAL_US, GilRecord, GilRecords

STATE = struct.Struct("=QQi4xQ")
"""The switch interval in microseconds, the state of the last holder, whether it is held, the counter of hand-offs."""
RECORD_BYTES = 224
"""With the condition variables and mutexes that follow: 208 with the glibc of x86-64, 224 with that of aarch64."""
THREAD_ID = struct.Struct("=Q")


YAMA = Path("/proc/sys/kernel/yama/ptrace_scope")
"""1: those that started a process may look at it; 2: whoever has the capability; 3: none (Yama, a part of Linux)."""
ADMIN_ONLY, NONE = 2, 3


class UnreadableError(Exception):
    """A process is gone, its memory cannot be read, or what stands there is not the state of a GIL."""


class ForbiddenError(UnreadableError):
    """A process is there, and the system does not let us read it."""

    def __init__(self, error: OSError) -> None:
        cause, step = error.strerror, ""
        if isinstance(error, PermissionError):
            step = "; give gil-lab the capability SYS_PTRACE"
            with suppress(OSError, ValueError):
                scope = int(YAMA.read_text())
                if scope >= ADMIN_ONLY:
                    cause = f"Yama: kernel.yama.ptrace_scope is {scope}"
                    step = "; boot with another one" if scope >= NONE else f"; set it to 1, or {step[2:]}"
        super().__init__(f"the memory of processes cannot be read here ({cause}){step}")


def _unreadable(error: OSError) -> UnreadableError:
    if isinstance(error, FileNotFoundError | ProcessLookupError):
        return UnreadableError("the process is gone, or cannot be seen here")
    return ForbiddenError(error)


ENDED_THREAD = 0
"""In place of the system's id of a thread that ended before it could be looked at."""


@frozen
class GilState:
    holder: int
    """The address of the state of the thread that holds it, or held it last; 0 if none ever did."""
    held: bool
    handoffs: int
    """Cumulative."""


class ProcessGils:
    """Those of one process. Must be closed."""

    def __init__(self, pid: int, records: Sequence[GilRecord], thread_id_offset: int) -> None:
        """Raises UnreadableError."""
        self.pid, self.records = pid, records
        self._thread_id_offset = thread_id_offset
        try:
            self._memory = os.open(f"/proc/{pid}/mem", os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise _unreadable(error) from None
        try:
            for record in records:
                self._check(self.state(record))
        except BaseException:
            self.close()
            raise

    def state(self, record: GilRecord) -> GilState:
        """Raises UnreadableError."""
        try:
            interval_us, holder, held, handoffs = STATE.unpack(os.pread(self._memory, STATE.size, record.address))
        except (OSError, struct.error):
            raise UnreadableError("the process is gone, or its memory cannot be read") from None
        if not 0 < interval_us < MAX_INTERVAL_US or held not in (0, 1):
            raise UnreadableError("its GIL is not where it was")
        return GilState(holder, bool(held), handoffs)

    def thread(self, holder: int) -> int:
        """The system's id of a thread, by the address of its state; `ENDED_THREAD` if the process has no such thread.

        Not to be remembered: the next thread may have its state at the same address.
        """
        with suppress(OSError, struct.error):
            (tid,) = THREAD_ID.unpack(os.pread(self._memory, THREAD_ID.size, holder + self._thread_id_offset))
            if os.access(f"/proc/{self.pid}/task/{tid}", os.F_OK):
                return int(tid)
        return ENDED_THREAD

    def waited_for(self, address: int) -> int | None:
        """Which of them a thread waits for that sleeps on a word at this address; None if for none."""
        for number, record in enumerate(self.records):
            if record.address <= address < record.address + RECORD_BYTES:
                return number
        return None

    def _check(self, state: GilState) -> None:
        """Raise UnreadableError unless its last holder is one of its threads: then it is a GIL."""
        if state.holder and state.held and self.thread(state.holder) == ENDED_THREAD:
            raise UnreadableError("its GIL is held by a thread that it does not have")

    def close(self) -> None:
        os.close(self._memory)


class GilObserver:
    """Of one measured process and of the workers that it had when this was made. Must be closed."""

    def __init__(self, known: GilRecords, pids: Sequence[int], *, first: bool = True) -> None:
        """`known` to the first of `pids` of itself; the others are found by what they have in common with it, and are
        all that is looked at unless `first`.
        """
        self.waits_are_seen = known.waits_inside or known.no_gil
        self.unknown = known.unknown
        """Why there is no GIL to be seen; empty if there is."""
        self.processes: list[ProcessGils] = []
        """Without a record where there is no GIL: it is seen all the same what their threads wait for."""
        try:
            if known.records:
                self.processes.extend(_opened(known, pids, first=first))
            elif known.no_gil:
                self.processes.extend(ProcessGils(pid, (), 0) for pid in pids)
        except UnreadableError as error:
            self.close()
            self.unknown = known.unknown or str(error)

    def handoffs(self) -> int | None:
        """Of all of them, cumulative; None if one of them cannot be read, or there is none."""
        if not any(process.records for process in self.processes):
            return None
        try:
            return sum(process.state(record).handoffs for process in self.processes for record in process.records)
        except UnreadableError:
            return None

    def close(self) -> None:
        while self.processes:
            self.processes.pop().close()


def _opened(known: GilRecords, pids: Sequence[int], *, first: bool) -> Iterator[ProcessGils]:
    """Raises UnreadableError if the first cannot be read, and ForbiddenError if another one that is there cannot be.

    Without it, the GILs of the rest would be taken for all there are. Those of another program have none to be seen.
    """
    if first:
        yield ProcessGils(pids[0], known.records, known.thread_id_offset)
    program = _mapped(pids[0], known.records[0].address)
    if program is None:
        return
    for pid in pids[1:]:
        if begin := _begin(pid, program.path):
            main = GilRecord(0, begin + program.offset)
            try:
                yield ProcessGils(pid, (main,), known.thread_id_offset)
            except ForbiddenError:
                raise
            except UnreadableError:
                continue


@frozen
class Mapped:
    """An address in terms that processes of the same program share, wherever it was loaded (PIE, a shared library)."""

    path: str
    offset: int
    """In bytes, from the lowest address of that file in the memory of a process."""


def _mappings(pid: int) -> Iterator[tuple[int, str]]:
    """The begin and the path of each mapping of a file (`/proc/PID/maps`, proc(5)), in the order of their addresses.

    None if the process is gone. Raises ForbiddenError.
    """
    try:
        lines = Path(f"/proc/{pid}/maps").read_text(errors="replace").splitlines()
    except OSError as error:
        if isinstance(found := _unreadable(error), ForbiddenError):
            raise found from None
        return
    for line in lines:
        addresses, *_, path = line.split(maxsplit=5)
        if path.startswith("/"):
            yield int(addresses.partition("-")[0], 16), path


def _mapped(pid: int, address: int) -> Mapped | None:
    """By the last file below it, of which it is the data, or what follows that (.bss, which has no file)."""
    below = [(begin, path) for begin, path in _mappings(pid) if begin <= address]
    if not below:
        return None
    path = below[-1][1]
    return Mapped(path, address - next(begin for begin, other in below if other == path))


def _begin(pid: int, path: str) -> int | None:
    return next((begin for begin, other in _mappings(pid) if other == path), None)
