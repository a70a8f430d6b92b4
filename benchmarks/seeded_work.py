"""Work of a known size: `work`, the same under other names (`work+1`), and with a share of more work (`work+5%`)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from gil_lab.suite.workloads import Workload


def count(turns: int) -> int:
    done = 0
    for _ in range(turns):
        done += 1
    return done


@contextmanager
def inputs(tasks: int, size: int, share: float = 0.0) -> Iterator[list[int]]:
    yield [round(size * (1 + share))] * tasks


def differing(given: Sequence[int], answers: Sequence[int]) -> str | None:
    return None if list(given) == list(answers) else "another number of turns"


WORK = Workload(
    summary="count to a number",
    bound="cpu",
    tasks=4,
    size=400_000,
    size_unit="turns",
    max_size=10_000_000,
    inputs=inputs,
    forms={"call": count},
    verify=differing,
)
globals().update({f"work+{number}": replace(WORK) for number in range(1, 16)})
globals().update(
    {f"work+{share}%": replace(WORK, inputs=partial(inputs, share=share / 100)) for share in (1, 2, 5, 10, 20, 50)}
)
