"""First call: count a few primes with a function that is new every time. What compilation costs, and saves.

What to watch: the plain function is ready at once, and slow. `+lazy` compiles it at its first call, `+eager` when it is
decorated, with the types given there: the same work at another moment. `+cached` loads from disk what another process
has compiled. `+compiled` keeps one function for all passes: what remains once compilation is over.

Every pass of `+lazy`, `+eager` and `+cached` creates its function anew. The first pass of a process, the warm-up, costs
more than later ones: Numba sets up its tables of types when it compiles or loads something for the first time.

A disk cache is a pickle: whoever can write it can run code. This one is in the trial's private folder, and is filled
before anything is timed.
"""

import importlib.util
import inspect
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from gil_lab.model.frozen import frozen
from gil_lab.model.records import Observation
from gil_lab.suite.compilers import inspection
from gil_lab.suite.compilers.inspection import machine_code, stage_times
from gil_lab.suite.workloads import primes

OPTIONS = {"nogil": True, "error_model": "numpy"}
"""The same as for `primes`."""
SIGNATURE = "int64(UniTuple(int64, 2))"
MODULE = "gil_lab_cached_primes"
REPETITIONS = 5
"""Timed calls; their median is reported."""

Function = Callable[[tuple[int, int]], int]


@frozen
class Job:
    """A block of numbers, and the folder of the module whose code is cached."""

    folder: str
    block: tuple[int, int]


def plain() -> Function:
    return primes.count_primes


def lazy() -> Function:
    """Compiled by its first call."""
    function: Function = primes.nogil()
    return function


def eager() -> Function:
    """Compiled here, for the given types."""
    from numba import njit

    function: Function = njit(SIGNATURE, **OPTIONS)(primes.count_primes)
    return function


def cached(folder: str) -> Function:
    """Loaded from the disk cache by its first call, if there is one: from the module in `folder`, imported anew.

    It is added to `sys.modules`, because cached code looks up its module by name.
    """
    spec = importlib.util.spec_from_file_location(MODULE, Path(folder, f"{MODULE}.py"))
    assert spec is not None
    assert spec.loader is not None
    from numba.core import config

    module = sys.modules[MODULE] = importlib.util.module_from_spec(spec)
    elsewhere, config.CACHE_DIR = config.CACHE_DIR, ""  # the cache of this process is no other one's (NUMBA_CACHE_DIR)
    try:
        spec.loader.exec_module(module)
    finally:
        config.CACHE_DIR = elsewhere
    function: Function = module.count_primes
    return function


@cache
def compiled() -> Function:
    """The one function that this process keeps."""
    return lazy()


def call_lazy(block: tuple[int, int]) -> int:
    return lazy()(block)


def call_eager(block: tuple[int, int]) -> int:
    return eager()(block)


def call_compiled(block: tuple[int, int]) -> int:
    return compiled()(block)


def call_cached(job: Job) -> int:
    """Raises RuntimeError if Numba compiled in spite of the cache: that time would be reported as loading."""
    function: Any = cached(job.folder)
    answer = function(job.block)
    if not function.stats.cache_hits:
        raise RuntimeError("Numba did not use its disk cache; unset NUMBA_DISABLE_JIT if it is set")
    return int(answer)


SOURCE = """from numba import njit


@njit(cache=True, **{options!r})
{function}"""
FILL_CACHE = "import sys; from gil_lab.suite.workloads import first_call; first_call.cached(sys.argv[1])((2, 3))"


@contextmanager
def cached_inputs(tasks: int, size: int) -> Iterator[list[Job]]:
    """The blocks, and a folder whose cache another process has filled. Without Numba it stays empty."""
    with tempfile.TemporaryDirectory(prefix="gil-lab-cache-") as folder, primes.inputs(tasks, size) as blocks:
        source = SOURCE.format(options=OPTIONS, function=inspect.getsource(primes.count_primes))
        Path(folder, f"{MODULE}.py").write_text(source, encoding="utf-8")
        if importlib.util.find_spec("numba") is not None:
            # A cache elsewhere would take precedence, and its pickles are not ours to load.
            environment = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_CACHE")}
            done = subprocess.run(
                [sys.executable, "-c", FILL_CACHE, folder], env=environment, capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise RuntimeError(f"the cache could not be filled: {done.stderr.strip()[-200:]}")
        yield [Job(folder, block) for block in blocks]


def verify_cached(inputs: Sequence[Job], outputs: Sequence[Any]) -> str | None:
    return primes.verify([job.block for job in inputs], outputs)


def seconds(work: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def call_times(new: Callable[[], Function], block: tuple[int, int]) -> Iterator[Observation]:
    """Times of creating the function, of its first call and of a later call; and when compilation is paid back.

    It is paid back after as many calls as are needed for the time that each saves, relative to the plain function, to
    add up to the cost of the first. In this process Numba has compiled before; the first time costs more.
    """
    functions: list[Function] = []
    decoration_s = seconds(lambda: functions.append(new()))
    first_s = seconds(lambda: functions[0](block))
    later_s = statistics.median(seconds(lambda: functions[0](block)) for _ in range(REPETITIONS))
    plain_s = statistics.median(seconds(lambda: primes.count_primes(block)) for _ in range(REPETITIONS))
    yield Observation("decoration", 1e3 * decoration_s, "ms")
    yield Observation("first call", 1e3 * first_s, "ms")
    yield Observation("later call", 1e3 * later_s, "ms")
    if plain_s > later_s:
        yield Observation("calls to pay back", (decoration_s + first_s - later_s) / (plain_s - later_s), "calls")


def iterations(block: tuple[int, int]) -> int:
    """Iterations of the inner loop of `count_primes`: one for each division."""
    divisions = 0
    for n in range(*block):
        d = 2
        while d * d <= n:
            divisions += 1
            if n % d == 0:
                break
            d += 1
    return divisions


def observe_lazy(inputs: Sequence[Any], answers: Sequence[Any]) -> Iterator[Observation]:
    """Stages of the compilation, and the cost of one iteration of the inner loop at each level."""
    block = inputs[0]
    yield from call_times(lazy, block)
    function: Any = lazy()
    for stage, spent_s in stage_times.compile_times(function, block).items():
        yield Observation(stage, 1e3 * spent_s, "ms")
    facts = inspection.loop_facts(primes.count_primes, machine_code.texts(function))
    yield from inspection.observations(facts)
    spent = [
        statistics.median(seconds(lambda call=call: call(block)) for _ in range(REPETITIONS)) / iterations(block)  # type: ignore[misc]
        for call in (primes.count_primes, function)
    ]
    levels = {iteration.level: iteration.most for iteration in facts.iterations}
    for level, iteration_s in zip((inspection.BYTECODE, inspection.MACHINE_CODE), spent, strict=True):
        if instructions := levels.get(level):
            yield Observation(f"time of an instruction of {level}", 1e9 * iteration_s / instructions, "ns")


def observe_eager(inputs: Sequence[Any], answers: Sequence[Any]) -> Iterator[Observation]:
    return call_times(eager, inputs[0])


def observe_cached(inputs: Sequence[Job], answers: Sequence[Any]) -> Iterator[Observation]:
    return call_times(lambda: cached(inputs[0].folder), inputs[0].block)


WORKLOAD = replace(
    primes.WORKLOAD, summary="count a few primes, with a plain function", size=300, tasks=1, max_size=100_000
)
NUMBA_ONLY = (
    "every pass creates its function anew, in Python: choose a strategy that runs plain calls, such as sequential"
)
_COMPILED = replace(
    WORKLOAD,
    requires=("numba",),
    why_not=dict.fromkeys(("coroutine", "nogil", "parallel"), NUMBA_ONLY),
)
VARIANTS = {
    "lazy": replace(
        _COMPILED, summary="compiled by the first call, every time", forms={"call": call_lazy}, observe=observe_lazy
    ),
    "eager": replace(
        _COMPILED, summary="compiled when decorated, every time", forms={"call": call_eager}, observe=observe_eager
    ),
    "cached": replace(
        _COMPILED,
        summary="loaded from the disk cache, every time",
        inputs=cached_inputs,
        forms={"call": call_cached},
        verify=verify_cached,
        observe=observe_cached,
    ),
    "compiled": replace(_COMPILED, summary="compiled once, and kept", forms={"call": call_compiled}),
}
