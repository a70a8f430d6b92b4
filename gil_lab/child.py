"""The measured process: one cell, from the first import to the checked answers.

It runs under every interpreter with the standard library alone, and says nothing while a pass is timed.
"""

import contextlib
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gil_lab.catalogue import Catalogue, with_file
from gil_lab.records import Pass, Status
from gil_lab.wire import Assignment, Failed, Finished, Go, Hello, Pipe, Prepared, Ready, Timed

MAX_PASSES = 1000
"""Of a pass that takes microseconds, more would only fill the disk."""


class WrongAnswerError(Exception):
    """The workload's known answer is another one."""


class SkippedError(Exception):
    """The workload has no such form on this system."""


def timed(kind: str, work: Callable[[], list[Any]]) -> tuple[Pass, list[Any]]:
    begin = time.monotonic_ns()
    outputs = work()
    return Pass(kind, begin, time.monotonic_ns()), outputs


def passes(work: Callable[[], list[Any]], min_time_s: float) -> tuple[list[Pass], list[list[Any]]]:
    """Passes until they have taken `min_time_s` together, at least one, and the outputs of each."""
    done: list[Pass] = []
    outputs: list[list[Any]] = []
    enough = time.monotonic_ns() + int(min_time_s * 1e9)
    while not done or (done[-1].end_ns < enough and len(done) < MAX_PASSES):
        one, answers = timed("timed", work)
        done.append(one)
        outputs.append(answers)
    return done, outputs


def check(
    verify: Callable[[Sequence[Any], Sequence[Any]], str | None], inputs: Sequence[Any], answers: list[Any]
) -> None:
    if (complaint := verify(inputs, answers[0])) is not None:
        raise WrongAnswerError(complaint)
    if any(other != answers[0] for other in answers):
        raise WrongAnswerError("the answers differ from pass to pass")


def gil() -> bool:
    """Whether there is a GIL now: an import may have switched it on in a free-threaded build (PEP 703)."""
    return getattr(sys, "_is_gil_enabled", lambda: True)()


def threading_layer() -> str:
    """Numba's, which is known once parallel code has run."""
    numba = sys.modules.get("numba")
    try:
        return str(numba.threading_layer()) if numba else ""
    except ValueError:
        return ""


def measure(pipe: Pipe, assignment: Assignment) -> None:
    cell = assignment.cell
    catalogue = with_file(Path(assignment.file)) if assignment.file else Catalogue()
    workload, strategy = catalogue.workload(cell.workload), catalogue.strategy(cell.strategy)
    form = catalogue.form(strategy.form)

    def go() -> None:
        if not isinstance(message := pipe.receive(), Go):
            raise TypeError(f"expected Go, got {message}")

    with contextlib.ExitStack() as stack:
        inputs = stack.enter_context(workload.inputs(cell.tasks, cell.size))
        pipe.send(Prepared())
        go()

        begin = time.monotonic_ns()
        try:
            task = form.task(workload)
        except ImportError as error:  # what the strategy needs is there, so it is this workload that cannot run here
            raise SkippedError(str(error)) from error
        with strategy.open(cell.workers) as run:
            opened = time.monotonic_ns()
            form.compile(task, inputs)
            compiled = time.monotonic_ns()
            warm_up, first = timed("warm-up", lambda: run(task, inputs))
            pipe.send(Ready((opened - begin) / 1e9, (compiled - opened) / 1e9, warm_up))
            go()

            done, answers = passes(lambda: run(task, inputs), assignment.min_time_s)
            pipe.send(Timed(tuple(done)))
            go()

            traced_task, unfold = form.traced(task, inputs)
            traced, folded = timed("traced", lambda: run(traced_task, inputs))
            last, spans = unfold(folded)
            check(workload.verify, inputs, [first, *answers, last])
            finished = Finished(traced, tuple(spans), gil(), threading_layer())
    pipe.send(finished)


def main(read_fd: int, write_fd: int) -> int:
    """Serve one assignment. The exit code is 0 only if it was measured and its answers were right."""
    pipe = Pipe(read_fd, write_fd)
    pipe.send(Hello(time.monotonic_ns()))
    try:
        measure(pipe, pipe.receive())
    except EOFError:
        return 1
    except WrongAnswerError as error:
        pipe.send(Failed(Status.WRONG, str(error)))
        return 1
    except SkippedError as error:
        pipe.send(Failed(Status.SKIPPED, str(error)))
        return 1
    except MemoryError as error:
        pipe.send(Failed(Status.OOM, f"MemoryError: {error}"))
        return 1
    except BaseException as error:  # whatever user code raises is a row, SystemExit too
        traceback.print_exc()
        pipe.send(Failed(Status.ERROR, f"{type(error).__name__}: {error}"))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
