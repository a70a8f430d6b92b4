"""Walker: an object with two fields and a method, which takes many steps. A demonstration of classes in Numba.

What to watch: nopython mode does not support plain classes. A `jitclass` is the workaround: every field is declared
with its type. Inside compiled code (`+jitclass`) it is fast; but each call from Python (`+jitclass-outside`) has to
cross into compiled code, and takes longer than with the plain class that it replaced.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import accumulate
from typing import Any

from gil_lab.model.records import Observation
from gil_lab.suite.answers import differing
from gil_lab.suite.compilers.attempts import FirstCall, attempt
from gil_lab.suite.workloads import Workload

Job = tuple[int, int]
FACTOR, PRIME, BIT = 16_807, 2_147_483_647, 1 << 16
"""Of the minimal standard generator (Park and Miller, 1988); one of its middle bits is the direction."""


class Walker:
    """Takes a random step to the left or right."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.place = 0

    def step(self) -> None:
        self.seed = self.seed * FACTOR % PRIME
        self.place += 1 if self.seed & BIT else -1


@contextmanager
def inputs(tasks: int, size: int) -> Iterator[list[Job]]:
    """The random seed of each walker, and its number of steps."""
    yield [(1 + task, size) for task in range(tasks)]


def walking(walker_class: Any) -> Callable[[int, int], int]:
    """A function that lets an object of that class walk."""

    def walk(seed: int, steps: int) -> int:
        walker = walker_class(seed)
        home = 0
        for _ in range(steps):
            walker.step()
            if walker.place == 0:
                home += 1
        return home

    return walk


def jit_walker() -> Any:
    """The very same class, with declared fields."""
    from numba import int64
    from numba.experimental import jitclass

    return jitclass([("seed", int64), ("place", int64)])(Walker)


def inside() -> Any:
    from numba import njit

    return njit(walking(jit_walker()))


def outside() -> Any:
    return walking(jit_walker())


PLAIN, INSIDE, OUTSIDE = FirstCall(lambda: walking(Walker)), FirstCall(inside), FirstCall(outside)


def plain_task(job: Job) -> int:
    return int(PLAIN(*job))


def inside_task(job: Job) -> int:
    return int(INSIDE(*job))


def outside_task(job: Job) -> int:
    return int(OUTSIDE(*job))


def observe_plain(inputs: Sequence[Any], answers: Sequence[Any]) -> Iterator[Observation]:
    """Numba's decorator on a function that uses the plain class."""
    from numba import njit

    yield Observation("nopython mode", None, "", attempt(njit(walking(Walker)), 1, 1))


def observe_inside(inputs: Sequence[Any], answers: Sequence[Any]) -> Iterator[Observation]:
    return INSIDE.observations()


def observe_outside(inputs: Sequence[Any], answers: Sequence[Any]) -> Iterator[Observation]:
    return OUTSIDE.observations()


def verify(inputs: Sequence[Any], outputs: Sequence[Any]) -> str | None:
    """How often each walker was at its origin, as a sum of steps, without an object."""

    def home(seed: int, steps: int) -> int:
        seeds = accumulate(range(steps), lambda last, _: last * FACTOR % PRIME, initial=seed)
        next(seeds)
        return list(accumulate(1 if seed & BIT else -1 for seed in seeds)).count(0)

    return differing([home(*job) for job in inputs], outputs)


ONE_FORM = "it shows how Numba handles a class, one task after the other: choose sequential"

WORKLOAD = Workload(
    summary="an object of a plain class that takes many steps",
    bound="cpu",
    releases_gil=False,
    inputs=inputs,
    forms={"call": plain_task},
    verify=verify,
    size=20_000,
    size_unit="steps",
    max_size=10_000_000,
    tasks=8,
    requires=("numba",),
    observe=observe_plain,
    why_not=dict.fromkeys(("coroutine", "nogil", "parallel", "cuda"), ONE_FORM),
)
VARIANTS = {
    "jitclass": replace(
        WORKLOAD,
        summary="the same as a jitclass, inside compiled code",
        forms={"call": inside_task},
        observe=observe_inside,
    ),
    "jitclass-outside": replace(
        WORKLOAD,
        summary="the same as a jitclass, called from Python",
        forms={"call": outside_task},
        observe=observe_outside,
    ),
}
