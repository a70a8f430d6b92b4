"""The protocol between controller and child: one JSON object per line, in a fixed order.

    controller                    child
               <-- Hello          runs Python
    Assignment -->
               <-- Prepared       inputs are there (and the server, if the workload has one)
    Go         -->
               <-- Ready          workers started, compiled, warmed up
    Then as often as the controller likes, in any order; in between the child sleeps, waiting for the next line:
    Record     -->
               <-- Traced         a pass traced, its answers checked
    Show       -->
               <-- Shown          the answers of its first pass
    Compare    -->
               <-- Compared       its answers are those, as far as they can be compared
    Wake       -->                 of a pool that rests in between; a turn follows
               <-- Awake
    TakeTurn   -->
               <-- Timed          silent until the timed passes of the turn are done, and then sends no more than this:
                                  anything else would cost CPU time before the controller reads the clocks
    Go         -->
               <-- Turned         answers checked; the passes
    End        -->
               <-- Finished       all else that it knows; then it closes its pool, exits with 0
               <-- Failed         instead of any of the above

A line is rejected unless it is exactly one of these records with exactly its fields, each of its type and finite: the
measured process may be any Python, broken in any way.
"""

import functools
import json
import os
from dataclasses import asdict, fields, is_dataclass
from enum import EnumType
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from gil_lab.model.errors import ProtocolError
from gil_lab.model.exercise import ProgramFindings
from gil_lab.model.frozen import frozen
from gil_lab.model.full_write import write_all
from gil_lab.model.gil import GilRecords
from gil_lab.model.interpreter import Facts, Greeting
from gil_lab.model.invariant import Rounds
from gil_lab.model.own_file import JudgedClaim, Judging, OwnFile, Source
from gil_lab.model.records import MAX_FLOAT, MAX_INT, Beat, Cell, Observation, Pass, Status, Trace
from gil_lab.model.target import CompilationFacts, Phase, Target, TargetFacts

MAX_LINE_BYTES = 16 * 1024 * 1024


@frozen
class Assignment:
    cell: Cell
    file: str | None
    """A user's file that brings workloads and strategies of its own."""
    chunk: str | None = None
    """Tasks handed over at a time: a number, or a word of `gil_lab.model.chunks`; None: as the strategy does by
    default."""
    sources: tuple[Source, ...] = ()
    """The file and the modules beside it, as they were when the session was planned."""
    target: Target | None = None
    """A function of the user's to make a workload of, instead of what the file defines."""


@frozen
class Go:
    pass


@frozen
class Record:
    """Trace a pass."""


@frozen
class Show:
    """Send the answers of the first pass."""


@frozen
class Compare:
    """With the answers of another child."""

    answers: str
    """As they were shown."""


@frozen
class Wake:
    """Have the pool take tasks again."""


@frozen
class TakeTurn:
    min_time_s: float
    """Timed passes are repeated until they took this long; there is one at least."""


@frozen
class End:
    """No turn will follow."""


@frozen
class Hello:
    at_ns: int
    gil: bool
    """Whether the GIL is enabled before anything is imported that could switch it on."""


@frozen
class Prepared:
    pass


@frozen
class Ready:
    startup_s: float
    compile_s: float
    warm_up: Pass
    gil: bool
    gils: GilRecords = GilRecords()
    chunk: int | None = None
    """Tasks handed over at a time, as they were asked for or chosen."""
    rests: bool = False
    """Whether its pool rests, so that it is to be woken before each turn."""
    beside: tuple[int, ...] = ()
    """Processes that work for it though it did not start them."""


@frozen
class Traced:
    trace: Trace


@frozen
class Shown:
    answers: str
    """Pickled, in base64; empty if they cannot be sent, or are too large. Only measured processes unpickle them."""


@frozen
class Compared:
    pass


@frozen
class Awake:
    pass


@frozen
class Timed:
    pass


@frozen
class Turned:
    passes: tuple[Pass, ...]
    """The timed ones of the turn."""
    beats: tuple[Beat, ...]


@frozen
class Finished:
    gil: bool
    gil_enabled_by: str
    threading_layer: str
    observations: tuple[Observation, ...] = ()


@frozen
class Failed:
    status: Status
    detail: str


MESSAGES = {
    kind.__name__: kind
    for kind in (
        Assignment,
        Go,
        Record,
        Show,
        Compare,
        Wake,
        TakeTurn,
        End,
        Hello,
        Prepared,
        Ready,
        Traced,
        Shown,
        Compared,
        Awake,
        Timed,
        Turned,
        Finished,
        Failed,
        Greeting,
        Facts,
        OwnFile,
        JudgedClaim,
        Judging,
        Phase,
        TargetFacts,
        CompilationFacts,
        Rounds,
        ProgramFindings,
    )
}


def encode(message: Any) -> bytes:
    """One line, newline included."""
    body = {"message": type(message).__name__, **asdict(message)}
    return json.dumps(body, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode() + b"\n"


def decode(line: bytes) -> Any:
    """The message in `line`. Raises ProtocolError with the reason if there is none."""
    try:
        body = json.loads(line.decode(), object_pairs_hook=_unique_keys)
        kind = MESSAGES[body.pop("message")]
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        raise ProtocolError(f"not a message: {line[:80]!a}") from None
    return record(kind, body, kind.__name__)


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Raises ValueError for a duplicate key: json itself would silently keep the last value."""
    body = dict(pairs)
    if len(body) < len(pairs):
        raise ValueError(pairs)
    return body


def record(kind: type, body: object, where: str) -> Any:
    """An instance of the dataclass `kind` from parsed JSON. Raises ProtocolError naming the field that is wrong."""
    if not isinstance(body, dict) or set(body) != {field.name for field in fields(kind)}:
        raise ProtocolError(f"{where} does not have exactly its fields")
    hints = _hints(kind)
    return kind(**{name: _value(hints[name], value, f"{where}.{name}") for name, value in body.items()})


LARGEST: dict[type[float], float] = {int: MAX_INT, float: MAX_FLOAT}


@functools.cache  # a turn of a short task has a thousand passes, each a record
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _value(hint: Any, value: object, where: str) -> Any:
    if get_origin(hint) is UnionType:
        if value is None and NoneType in get_args(hint):
            return None
        (hint,) = (choice for choice in get_args(hint) if choice is not NoneType)
    if is_dataclass(hint):
        return record(hint, value, where)  # type: ignore[arg-type]  # is_dataclass is true of instances as well
    if get_origin(hint) is tuple and isinstance(value, list):
        return tuple(_value(get_args(hint)[0], item, where) for item in value)
    if isinstance(hint, EnumType) and isinstance(value, str) and value in set(hint):
        return hint(value)
    if hint in (str, bool) and type(value) is hint:
        return value
    if hint in (int, float) and _is_number(hint, value, is_time=where.endswith(("_s", "_ns"))):
        return hint(value)
    if hint in (int, float) and type(value) is int and value > 0:  # thousands of digits cannot be shown at all
        raise ProtocolError(f"{where} is too large; it may be {LARGEST[hint]:.6g} at most")
    raise ProtocolError(f"{where} is {ascii(value)[:40]}, not {getattr(hint, '__name__', hint)}")


def _is_number(kind: type[float], value: Any, *, is_time: bool) -> bool:
    """Whether `value` is of that type and within its limits; no time is negative."""
    if type(value) is not kind and not (kind is float and type(value) is int):
        return False
    largest = LARGEST[kind]
    return bool((0 if is_time else -largest) <= value <= largest)


class Pipe:
    """The child's end: blocking, one message at a time."""

    def __init__(self, read_fd: int, write_fd: int) -> None:
        # Pool workers must not hold the controller's pipes: a leftover worker would keep them open.
        os.set_inheritable(read_fd, False)
        os.set_inheritable(write_fd, False)
        self._lines = os.fdopen(read_fd, "rb")
        self._write_fd = write_fd

    def send(self, message: Any) -> None:
        write_all(self._write_fd, encode(message))

    def receive(self) -> Any:
        """The next message. Raises EOFError when the controller is gone."""
        line = self._lines.readline()
        if not line:
            raise EOFError("the controller is gone")
        return decode(line)
