"""Contention: threads that compute, and share one object. When the GIL is gone, what do they wait for?

What to watch: the plain workload shares nothing, and is the ceiling: without a GIL its threads are as many times as
fast as there are cores for them. Each variant repeats one more operation, on one object that all threads share. The part
of the ceiling that it loses is the price of sharing: not of the operation, for it is compared with itself in one thread.
Subinterpreters and processes have an object each, so that they have nothing to wait for.

Without a GIL, objects have locks of their own (PEP 703): dictionaries, lists, deques and sets take them to write; reading
a dictionary or a list takes none. What has no lock can still be fought for: two cores that write to one cache line, be
it only the reference count of an object that both use, hand that line to and fro.

- Shared for reading: `global`, `attribute`, `method`, `closure` and `own-closure` (a copy for each task), `dict-get`,
  `thread-local`.
- Shared for writing: `dict-set`, `list-append`, `deque-append`, `set-add`, `count` (`itertools.count`).
- Made to be shared: `queue`, `simple-queue`, `lock`, `rlock`, `semaphore`, `condition`.
- Not shared, but made by one allocator: `allocation`.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from queue import Queue, SimpleQueue
from threading import Condition, Lock, RLock, Semaphore, local
from types import FunctionType
from typing import Any

from gil_lab.model.frozen import frozen
from gil_lab.suite.answers import differing
from gil_lab.suite.workloads import Workload

Job = tuple[int, int]


class Shared:
    """One object of a user's own class."""

    def __init__(self) -> None:
        self.value = 1

    def method(self) -> int:
        return 1


def closure_over(value: object) -> Callable[[], object]:
    """A function that is not of a module: of those the interpreter counts every reference."""
    return lambda: value


def copy_of(function: Any) -> Any:
    """The same function as an object of its own."""
    return FunctionType(function.__code__, function.__globals__, "copy", None, function.__closure__)


GLOBAL = 1
THREAD_LOCAL = local()
OBJECTS: dict[str, Any] = {
    "an_object": Shared(),
    "function": closure_over(1),
    "dictionary": {"key": 1},
    "items": [],
    "ends": deque(maxlen=100),
    "members": {"key"},
    "counter": count(),
    "queue": Queue(),
    "simple_queue": SimpleQueue(),
    "lock": Lock(),
    "rlock": RLock(),
    "semaphore": Semaphore(1000),
    "condition": Condition(),
}
"""Shared by all tasks of an interpreter, which have each as a local variable: reading a global is an operation itself."""


@frozen
class Rung:
    """One operation: what is shared."""

    summary: str
    code: str
    """Of the loop's body; the objects are local variables."""
    instead: str = ""
    """What to do instead where it is contended."""
    share: int = 1
    """Of the plain workload's operations one in so many is done: such a one takes so much longer."""
    before: str = "pass"
    """Once in a task."""
    after: str = "pass"


PLAIN = Rung("computing, with nothing shared", "x = (x + 1) & 127")
RUNGS = {
    "global": Rung("reading a global of the module", "GLOBAL"),
    "attribute": Rung("reading an attribute of one object", "an_object.value", "read it once, into a local variable"),
    "method": Rung("calling a method of one object", "an_object.method()", "an object for each thread", 2),
    "closure": Rung("calling one nested function", "function()", "define it at module level, or once in each thread", 2),
    "own-closure": Rung("calling a copy of a nested function for each task", "function()", "define it at module level", 2, "function = copy_of(function)"),
    "dict-get": Rung("reading a dictionary", 'dictionary["key"]', "read it once, into a local variable, or have a copy for each thread"),
    "thread-local": Rung("reading a `threading.local`", "THREAD_LOCAL.value", "read it once, into a local variable", 2, "THREAD_LOCAL.value = 1"),
    "dict-set": Rung("writing to a dictionary", 'dictionary["key"] = 1', "a dictionary for each thread, merged at the end", 2),
    "list-append": Rung("appending to a list", "items.append(1)", "a list for each thread, joined at the end", 2, after="items.clear()"),
    "deque-append": Rung("appending to a deque", "ends.append(1)", "a deque for each thread", 2),
    "set-add": Rung("adding to a set", 'members.add("key")', "a set for each thread, united at the end", 2),
    "count": Rung("taking the next number of an `itertools.count`", "next(counter)", "a range of numbers for each thread", 2),
    "queue": Rung("a `queue.Queue`: put, and get", "queue.put(1); queue.get()", "hand over many items at a time", 40),
    "simple-queue": Rung("a `queue.SimpleQueue`: put, and get", "simple_queue.put(1); simple_queue.get()", "hand over many items at a time", 8),
    "lock": Rung("taking and releasing a lock", "with lock: pass", "hold it once for much work, or share nothing", 4),
    "rlock": Rung("taking and releasing an RLock", "with rlock: pass", "hold it once for much work, or share nothing", 4),
    "semaphore": Rung("taking and releasing a semaphore", "with semaphore: pass", "take it once for much work", 40),
    "condition": Rung("taking and releasing a condition", "with condition: pass", "take it once for much work", 8),
    "allocation": Rung("making objects, which are not shared", "[None, None]", "", 2),
}  # fmt: skip
"""By the name of the variant."""

WAITING = ("queue", "simple-queue", "lock", "rlock", "semaphore", "condition")
"""Operations that may wait for another thread, and let go of the GIL meanwhile."""
TEMPLATE = """
def {name}(job):
    number, size = job
    {objects} = OBJECTS.values()
    x = 0
    {before}
    for _ in range(size // {share}):
        {code}
    {after}
    return number, size
"""


def task_of(name: str, rung: Rung) -> Callable[[Job], Job]:
    """Its function, compiled from the template: written out, they would differ in one line each."""
    called = f"repeat_{name.replace('-', '_')}"
    source = TEMPLATE.format(
        name=called, objects=", ".join(OBJECTS), before=rung.before, share=rung.share, code=rung.code, after=rung.after
    )
    exec(compile(source, __file__, "exec"), globals())  # noqa: S102 - the template and the rungs above
    task: Callable[[Job], Job] = globals()[called]
    return task


@contextmanager
def inputs(tasks: int, size: int) -> Iterator[list[Job]]:
    """The task's number, and its number of operations."""
    yield [(number, size) for number in range(tasks)]


def verify(inputs: Sequence[Job], outputs: Sequence[Any]) -> str | None:
    return differing(list(inputs), list(outputs))


ONE_OBJECT = "coroutines of one thread do not contend for anything"
PYTHON_OBJECTS = "objects of the interpreter are what is contended for; compiled code has none"

WORKLOAD = Workload(
    summary=PLAIN.summary,
    bound="cpu",
    inputs=inputs,
    forms={"call": task_of("plain", PLAIN)},
    verify=verify,
    size=100_000,
    size_unit="operations",
    max_size=100_000_000,
    tasks=16,
    releases_gil=False,
    same_work=False,
    why_not={
        "coroutine": ONE_OBJECT,
        **dict.fromkeys(("nogil", "parallel", "cython", "cython-untyped", "cuda"), PYTHON_OBJECTS),
    },
)
VARIANTS = {
    name: replace(
        WORKLOAD,
        summary=rung.summary,
        instead=rung.instead,
        forms={"call": task_of(name, rung)},
        releases_gil=name in WAITING,
    )
    for name, rung in RUNGS.items()
}
