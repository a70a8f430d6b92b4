"""The program that examines a user's function, in a process of its own, by calling it for some of its inputs.

`python -m gil_lab.child.target FD call|compile TARGET` gets a `Target` in JSON. It writes a `Phase` before whatever may
not end, and last a `TargetFacts`, or of `compile` a `CompilationFacts`; or why there is none.
"""

import contextlib
import copy
import io
import json
import os
import pickle
import random
import resource
import sys
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import CoroutineType, ModuleType
from typing import Any

from gil_lab.child.copies import here_only
from gil_lab.child.inputs import copyable
from gil_lab.child.own_file import restore_recursion_limit
from gil_lab.model.errors import UsageError
from gil_lab.model.full_write import write_all
from gil_lab.model.records import Status
from gil_lab.model.target import CallTimes, CompilationFacts, Phase, Target, TargetFacts
from gil_lab.model.text import described, one_line
from gil_lab.model.wire import Failed, encode, record
from gil_lab.suite.answers import BETWEEN_FORMS, differing, same
from gil_lab.suite.catalogue import FILE_MODULE_PREFIX
from gil_lab.suite.instruments.computing_threads import others_that_computed, threads_cpu_ns
from gil_lab.suite.instruments.spans import ready_ns
from gil_lab.suite.own_lines import described_in, place_of
from gil_lab.suite.sources import INSTALLED
from gil_lab.suite.targets import as_task, compiled, why_not_pickled
from gil_lab.suite.targets.calls import Awaited, is_cached, is_coroutine, takes_several
from gil_lab.suite.targets.inputs import MOST, load
from gil_lab.suite.targets.resolving import module_of, resolve
from gil_lab.suite.targets.surroundings import surroundings

ENOUGH_S, MOST_CALLS = 1.0, 200
"""For a first look: no further call after so long."""
FEWEST_CALLS, LONGEST_S = 3, 6.0
"""Unless they take so long: the first one may import and compile."""
REPEATED_CALLS = 5
"""Whose answers are compared with those of a second call."""
SLOWER, LEAST_COMPILED_S = 3, 0.01
"""Times as long as in plain Python, and seconds for those calls: what is compiled converts its inputs, such as lists,
at each call. Of less it is the first call of all that is seen."""
LAZY = ("builtins", "itertools")
"""Modules whose iterators have done nothing before they are read."""
COMPARED_CALLS = 20
"""Whose answers a compiled function must give as well."""


class Reader:
    """Who asked for the facts, on the other end of a pipe."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def tell(self, message: object) -> None:
        write_all(self._descriptor, encode(message))


def examine(target: Target, reader: Reader) -> TargetFacts:
    """Raises UsageError for what no advice can be given on."""
    begin = time.perf_counter()
    function, values = _found(target, reader)
    load_s = time.perf_counter() - begin
    endless, chosen = len(values) > MOST, _chosen(len(values), target)
    _check_callable(function, values[chosen[0]], target)
    task = as_task(function, values[chosen[0]], seedable=target.seedable)
    call = Awaited(task) if is_coroutine(function) else task
    here = here_only(call, partial(_copied, target, reader))
    globals_before = surroundings(function)
    compared = [] if target.repeats else chosen[:REPEATED_CALLS]
    originals = {number: _copy(values[number]) for number in compared}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        before = threads_cpu_ns()
        answers, times = _called(here, values, chosen, target, reader)
        library_threads = others_that_computed(before, threads_cpu_ns())
        mutates = any(not same(original, values[number]) for number, original in originals.items())
        again, again_s = _again(here, {n: one for n, one in originals.items() if n in answers}, target, reader)
    answer = next(iter(answers.values()))
    unsure = next((type(one).__name__ for one in answers.values() if not _is_comparable(one)), "")
    if target.verify is not None:
        _check_verify(resolve(target.verify), values, answers, target)
    elif not unsure:
        _check_repeatable(answers, again, globals_before.changed, target)
    module = module_of(target.function) if target.function.attribute else None
    importable = _importable(target)
    by_value = bool(why_not_pickled(function, 0, 0))
    return TargetFacts(
        target.name,
        str(getattr(module, "__file__", None) or target.function.file or os.__file__),  # a built-in module has none
        importable,
        _folder(importable, module),
        target.function.attribute,
        is_coroutine(function),
        hasattr(function, "py_func"),
        _stars(function, values[chosen[0]]),
        min(len(values), MOST),
        endless,
        load_s,
        times.times(again_s),
        library_threads,
        bool(printed.getvalue()),
        unsure,
        why_not_pickled(0 if by_value and _sent_by_value(task) else call, values[chosen[0]], answer),
        by_value,
        _pickled_bytes(values[chosen[0]]),
        _pickled_bytes(answer),
        mutates,
        globals_before.changed,
        is_cached(function),
    )


def compile_forms(target: Target, reader: Reader) -> CompilationFacts:
    """Which forms Numba compiles it to, with the same answers. Raises UsageError if it cannot be found."""
    from gil_lab.suite.catalogue import Catalogue
    from gil_lab.suite.workloads import Workload

    function, values = _found(target, reader)
    chosen = [values[number] for number in _chosen(len(values), target)[:COMPARED_CALLS]]
    plain = as_task(function, chosen[0], seedable=False)
    copies = [_copy(one) for one in chosen]
    begin = time.perf_counter()
    expected = [plain(one) for one in copies]
    plain_s = time.perf_counter() - begin
    forms, reason = [], ""
    made: dict[str, Callable[..., Any]] = {}
    for name, builder in compiled.BUILDERS.items():
        reader.tell(Phase(f"compiling it as {name}"))
        made[name] = builder(function, chosen[0])
        form = Catalogue().form(name)
        try:
            task = form.task(Workload("", "cpu", chosen, made))
            form.compile(task, chosen)
            begin = time.perf_counter()
            answers = [task(one) for one in chosen] if name == "nogil" else None
            compiled_s = time.perf_counter() - begin
        except BaseException as error:
            reason = _numbas_reason(error)
            break
        if answers is not None and (difference := differing(expected, answers, BETWEEN_FORMS)):
            reason = f"compiled it answers otherwise: {difference}"
            break
        if answers is not None and compiled_s > max(LEAST_COMPILED_S, SLOWER * plain_s):
            reason = f"compiled it takes {compiled_s / plain_s:.0f} times as long"
            break
        forms.append(name)
    return CompilationFacts(tuple(forms), reason)


def _stars(function: Any, one: Any) -> str:
    if not takes_several(function, one):
        return ""
    return "**" if isinstance(one, dict) else "*"


def _found(target: Target, reader: Reader) -> tuple[Any, Sequence[Any]]:
    reader.tell(Phase("importing it"))
    function = resolve(target.function)
    if target.verify:
        resolve(target.verify)
    reader.tell(Phase("reading its inputs"))
    return function, load(target.inputs)


def _chosen(count: int, target: Target) -> list[int]:
    """Numbers of the inputs to begin with: the first ones, in which mistakes are easily found again, then any."""
    if target.inputs.are_none:
        return list(range(min(count, MOST_CALLS)))
    first = list(range(min(count, 3)))
    rest = range(len(first), min(count, MOST))
    return first + random.Random(0).sample(rest, min(len(rest), MOST_CALLS - len(first)))


def _check_callable(function: Any, one: Any, target: Target) -> None:
    if not callable(function):
        raise UsageError(
            f"{target.function} is of type {type(function).__name__}, which cannot be called; name a function"
        )
    if takes_several(function, one):
        return
    from gil_lab.suite.forms.call import check_signature

    try:
        check_signature(getattr(function, "py_func", function))
    except TypeError as error:
        raise UsageError(
            f"{str(error).partition(' is no task')[0]} cannot be called with the input {_shown(one)}; it takes one "
            "input, or give tuples of its arguments"
        ) from error


def _copied(target: Target, reader: Reader) -> None:
    """Tell that a call returns in a copy of this process as well."""
    why = f"{target.name} forks the process that calls it, and returns in both"
    reader.tell(Failed(Status.ERROR, one_line(f"{why}; have the copy end in the call, by os._exit(0)", 300)))


@dataclass
class _Times:
    """Of calls, as they are made."""

    walls: list[float]
    cpu_s: list[float]
    ready_s: list[float]

    def call(self, call: Callable[[Any], Any], one: Any) -> Any:
        cpu_s, waited_ns, begin = _cpu_s(), ready_ns() or 0, time.perf_counter()
        answer = call(one)
        self.walls.append(time.perf_counter() - begin)
        self.ready_s.append(max(0, (ready_ns() or 0) - waited_ns) / 1e9)
        self.cpu_s.append(_cpu_s() - cpu_s)
        return answer

    def times(self, again_s: float) -> CallTimes:
        """Without the first call, unless there is no other."""
        kept = slice(1, None) if len(self.walls) > 1 else slice(None)
        walls = self.walls[kept]
        return CallTimes(
            len(walls),
            sum(walls),
            sum(self.cpu_s[kept]),
            sum(self.ready_s[kept]),
            min(walls),
            max(walls),
            self.walls[0],
            again_s,
        )


def _called(
    call: Callable[[Any], Any], values: Sequence[Any], chosen: Sequence[int], target: Target, reader: Reader
) -> tuple[dict[int, Any], _Times]:
    answers: dict[int, Any] = {}
    times = _Times([], [], [])
    for number in chosen:
        reader.tell(Phase(f"calling it{_which(target, number)}"))
        try:
            answer = times.call(call, values[number])
        except BaseException as error:
            raise UsageError(_failure(error, number, values[number], target)) from error
        _check_answer(answer, target)
        answers[number] = None if target.repeats else answer
        limit_s = ENOUGH_S if len(answers) >= FEWEST_CALLS else LONGEST_S
        if sum(times.walls) > limit_s:
            break
    return answers, times


def _failure(error: BaseException, number: int, one: Any, target: Target) -> str:
    name, place, given = target.name, place_of(error, Path(target.function.file)), not target.inputs.are_none
    when = _which(target, number) + f" ({_shown(one)})" * given
    if isinstance(error, SystemExit):
        return f"{name} exits{when}{place}; return instead of sys.exit"
    if isinstance(error, EOFError):
        step = "give what it reads as its input" if given else "have it read something else"
        return f"{name} reads from standard input, which is empty here{place}; {step}"
    if isinstance(error, KeyboardInterrupt):
        return f"{name} raises KeyboardInterrupt{when}{place}; return instead"
    lacks = not given and isinstance(error, TypeError) and "required" in str(error)
    step = "fix it, or leave such inputs out" if given else "give its arguments by --args" if lacks else "fix it"
    return one_line(f"{name} raises {described(error):.120}{when}{place}; {step}", 300)


def _which(target: Target, number: int) -> str:
    """Of its calls; nothing of the first one of those that are all alike."""
    if not target.inputs.are_none:
        return f" for input {number}"
    return f" in call {number + 1}" if number else ""


def _shown(value: Any) -> str:
    try:
        return f"{value!r:.40}"
    except Exception:
        return f"a {type(value).__name__}"


def _check_answer(answer: Any, target: Target) -> None:
    if isinstance(answer, CoroutineType):
        answer.close()
        raise UsageError(
            f"{target.name} makes a coroutine, and runs nothing; name the async function, or what it calls"
        )
    if isinstance(answer, Iterator | AsyncGenerator):
        kind = type(answer).__name__
        if target.repeats and type(answer).__module__ not in LAZY:  # an open file, say: that was the work
            return
        raise UsageError(
            f"{target.name} answers with a value of type {kind}, which does its work when it is read; name a function "
            "that returns a list of what is in it"
        )


def _again(
    call: Callable[[Any], Any], originals: dict[int, Any], target: Target, reader: Reader
) -> tuple[dict[int, Any], float]:
    """The answers of second calls, and what one of them took on average."""
    found, times = {}, _Times([], [], [])
    for number, original in originals.items():
        reader.tell(Phase(f"calling it again{_which(target, number)}"))
        with contextlib.suppress(Exception):
            found[number] = times.call(call, original)
    return found, sum(times.walls) / max(1, len(times.walls))


def _check_repeatable(answers: dict[int, Any], again: dict[int, Any], changed: str, target: Target) -> None:
    """Raises UsageError for answers that differ; `changed` is a global that a call changes, which may be why."""
    step = f"it changes {changed}: return what it adds instead" if changed else "give --seedable if that is random"
    for number, answer in again.items():
        if number in answers and not same(answers[number], answer):
            raise UsageError(
                f"{target.name} answers differently each time: {_shown(answer)} instead of {_shown(answers[number])} "
                f"for input {number}; {step}, or give --verify FILE.py:FUNCTION"
            )


def _check_verify(verify: Any, values: Sequence[Any], answers: dict[int, Any], target: Target) -> None:
    """Raises UsageError if it cannot say that the first answers are right."""
    for number, answer in list(answers.items())[:REPEATED_CALLS]:
        try:
            said = verify(values[number], answer)
        except Exception as error:
            raise UsageError(
                f"--verify {target.verify.attribute if target.verify else ''} raises {described(error):.120} for input "
                f"{number}; it takes an input and its answer, and says whether that is right"
            ) from error
        if said is not None and not said:
            raise UsageError(
                f"--verify says that the answer of {target.name} to input {number} is wrong ({_shown(answer)}); fix one"
            )


def _copy(value: Any) -> Any:
    return copy.deepcopy(value) if copyable(value) else value


def _is_comparable(answer: Any) -> bool:
    """Whether it is the same as its copy; what cannot be copied must know by itself what it is equal to."""
    try:
        copied = pickle.loads(pickle.dumps(answer))  # noqa: S301 - of our own making
    except Exception:
        return any("__eq__" in vars(kind) for kind in type(answer).__mro__[:-1])
    return same(answer, copied)


def _pickled_bytes(value: Any) -> int:
    try:
        return len(pickle.dumps(value))
    except Exception:
        return 0


def _sent_by_value(task: Any) -> bool:
    """Whether cloudpickle can send it, as joblib does."""
    try:
        import cloudpickle

        cloudpickle.loads(cloudpickle.dumps(task))
    except Exception:
        return False
    return True


def _importable(target: Target) -> str:
    """The name of the module that code elsewhere imports it from."""
    if not target.function.attribute:
        return ""
    if target.function.module:
        return target.function.module
    name = str(module_of(target.function).__name__)
    stem = Path(target.function.file).stem
    if name.startswith(FILE_MODULE_PREFIX) and stem in sys.stdlib_module_names:
        raise UsageError(
            f"{stem}.py is called as a module of the standard library, which programs get instead; rename it"
        )
    return name if not name.startswith(FILE_MODULE_PREFIX) else stem


def _folder(importable: str, module: ModuleType | None) -> str:
    """That the module's full name is relative to; empty for one that is installed, and for a built-in one."""
    file = Path(getattr(module, "__file__", None) or "")
    above = file.parents[importable.count(".") + (file.name == "__init__.py")] if importable and file.name else file
    return "" if not file.name or set(file.parts) & set(INSTALLED) else str(above)


def _numbas_reason(error: BaseException) -> str:
    """The line of Numba's message that says what it does not know."""
    if isinstance(error, ModuleNotFoundError) and error.name == "numba":
        return "Numba is not installed in this Python"
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    marks = ("Untyped global name", "Unknown attribute", "No implementation of", "non-precise type", "cannot determine")
    said = next((line for mark in marks for line in lines if mark.lower() in line.lower()), "")
    plain = said or next((line for line in lines if not line.startswith(("Failed in", "[1"))), type(error).__name__)
    return one_line("".join(plain.replace("\x1b[1m", "").replace("\x1b[0m", "")), 100)


def _cpu_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


EXAMINATIONS: dict[str, Callable[[Target, Reader], object]] = {"call": examine, "compile": compile_forms}


def answer(descriptor: int, which: str, text: str) -> None:
    """Write what was found, or why nothing was."""
    reader, target = Reader(descriptor), record(Target, json.loads(text), "Target")
    try:
        reply: object = EXAMINATIONS[which](target, reader)
    except UsageError as error:
        reply = Failed(Status.ERROR, one_line(str(error), 300))
    except BaseException as error:  # of objects that answer to anything
        why = described_in(error, Path(target.function.file), 150)
        reply = Failed(Status.ERROR, one_line(f"it cannot be examined ({why}); simplify it", 300))
    restore_recursion_limit()
    reader.tell(reply)


if __name__ == "__main__":
    fd, *arguments = sys.argv[1:]
    os.set_inheritable(int(fd), False)
    sys.dont_write_bytecode = True
    answer(int(fd), *arguments)
    os._exit(0)  # neither threads nor exit handlers of the file are waited for
