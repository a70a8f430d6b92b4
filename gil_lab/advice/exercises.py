"""Exercises: which there are, the program of each, and whether its claim holds of a student's file."""

import contextlib
import json
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import exercises as folder_of_exercises
from gil_lab.analysis.claims import Judgement, Outcome, Quantity, every, is_true
from gil_lab.analysis.estimates import estimate
from gil_lab.interpreters import choose as choose_interpreters
from gil_lab.interpreters.dialogue import NoAnswerError
from gil_lab.interpreters.examiner import examination
from gil_lab.model.errors import NothingMeasuredError, StoreError, UsageError
from gil_lab.model.exercise import Count, ProgramFindings, ProgramTest, Ratio
from gil_lab.model.frozen import frozen
from gil_lab.model.interpreter import Greeting
from gil_lab.model.records import Status
from gil_lab.model.target import Phase
from gil_lab.model.text import one_line
from gil_lab.model.variables import Settings
from gil_lab.model.wire import Failed
from gil_lab.sessions import exercise_checks
from gil_lab.sessions.exercise_checks import ExerciseCheck
from gil_lab.suite.catalogue import names, variant
from gil_lab.suite.exercises import Exercise
from gil_lab.suite.own_lines import in_line

PACKAGE = "exercises"
RESULTS = Path("results")
TIMEOUT_S = 30.0
"""For a program that hangs: one that is repaired takes a few seconds."""
START_TIMEOUT_S = 60.0
"""For Python, the lab and what the exercise needs, from a cold disk: before the program has its turn."""
DUMPED_EARLY_S, DUMPED_EARLY = 0.5, 0.25
"""Before its time is up, seconds at most and share of it: it then prints which lines it is at."""
MAX_DETAIL_CHARACTERS = 400
"""Of what a program did instead."""
FREE_THREADED = ("3.14t", "3.13t")
"""Of the Pythons without the GIL, the first that is there."""


@frozen
class CheckedProgram:
    """What was found out about a student's file."""

    exercise: str
    file: Path
    python: str
    judgement: Judgement
    judgements: tuple[Judgement, ...]
    """Of everything that was counted or timed."""
    only_answers: bool = False
    """Whether all else is as claimed, and they are wrong."""


def exercise(name: str) -> Exercise:
    """Raises UsageError, with the nearest name, if there is none."""
    found = variant(PACKAGE, "EXERCISE", name, "gil-lab exercise")
    assert isinstance(found, Exercise)
    return found


def every_exercise() -> dict[str, Exercise]:
    return {name: exercise(name) for name in names(PACKAGE)}


def program(name: str) -> str:
    """Its text, as it is given to students."""
    return (_folder(name) / "program.py").read_text(encoding="utf-8")


def solution(name: str) -> str:
    """The text of one that is repaired."""
    return (_folder(name) / "solution.py").read_text(encoding="utf-8")


def done(results: Path = RESULTS) -> set[str]:
    """Exercises whose claim held of a program that was checked here."""
    return {each.exercise for each in exercise_checks.checks(results) if each.outcome == Outcome.HOLDS}


def keep(found: CheckedProgram, results: Path = RESULTS) -> None:
    """In the results. Raises StoreError."""
    row = ExerciseCheck(
        found.exercise, found.file.name, found.python, str(found.judgement.outcome), found.judgement.measured
    )
    exercise_checks.keep(results, row)


def _folder(name: str) -> Path:
    exercise(name)  # or there is none
    return Path(folder_of_exercises.__path__[0], name.replace("-", "_"))


@contextlib.contextmanager
def _removed_unless_whole(path: Path) -> Iterator[None]:
    """A file that there was no room for would be in the way of the next attempt."""
    try:
        yield
    except BaseException:
        path.unlink()
        raise


def put(name: str, where: Path) -> Path:
    """Write the program into that folder, and return its path. Raises UsageError if a file of its name is there."""
    path = where / f"{name.replace('-', '_')}.py"
    text = program(name)
    try:
        with path.open("x", encoding="utf-8") as file, _removed_unless_whole(path):
            file.write(text)
            file.flush()
    except FileExistsError:
        raise UsageError(
            f"{path.name} is already here, and is left as it is; check it with gil-lab exercise {name} --check "
            f"{path.name}, or move it away"
        ) from None
    except OSError as error:
        raise StoreError(f"{path.name} cannot be written ({error.strerror}); go to a folder that can") from error
    return path


def check(name: str, file: Path, *, python: str = "", timeout_s: float = TIMEOUT_S) -> CheckedProgram:
    """Run the file as its exercise says, in a process of its own, and judge what it did.

    Whatever the file does instead, hang, crash or exit, is a claim that does not hold. `python` is the name or path of
    one; empty: this one, or the one without the GIL that the exercise needs. Raises UsageError if there is no such
    exercise, file or Python, NothingMeasuredError where it cannot be done here, with the remedy.
    """
    chosen = exercise(name)
    if file.is_dir():
        raise UsageError(f"{str(file)!a:.100} is a folder; give the path of the program in it that you have repaired")
    if not file.is_file():
        raise UsageError(f"no file {str(file)!a:.100}; give the path of the program that you have repaired")
    if file.suffix != ".py":
        raise UsageError(f"{str(file)!a:.100} is not a Python file; give it a name that ends in .py")
    executable, python, settings = _interpreter(chosen, python)
    early_s = min(DUMPED_EARLY_S, timeout_s * DUMPED_EARLY)
    test = ProgramTest(str(_folder(name) / "__init__.py"), str(file.resolve()), timeout_s - early_s)
    reply = _reply(test, executable, (*settings, *chosen.environment), timeout_s)
    if isinstance(reply, str):
        return CheckedProgram(name, file, python, Judgement(Outcome.FAILS, reply), ())
    judgements = judged(reply)
    if reply.no_room:
        return CheckedProgram(name, file, python, Judgement(Outcome.INCONCLUSIVE, "", reply.no_room), judgements)
    of_answers = {_of_count(count) for count in reply.counts if count.of_answers}
    wrong = {judgement for judgement in judgements if judgement.outcome is not Outcome.HOLDS}
    only_answers = bool(wrong) and wrong <= of_answers
    return CheckedProgram(name, file, python, every(judgements), judgements, only_answers)


def _interpreter(chosen: Exercise, python: str) -> tuple[str, str, Settings]:
    """The program, its label, and its settings: this Python, unless another one is given or needed."""
    own = Greeting.own()
    if not python and (not chosen.without_gil or own.free_threaded):
        return sys.executable, own.label, ()
    choice = choose_interpreters((python,) if python else FREE_THREADED, strategies=())
    if not choice.interpreters:
        reasons = "; ".join(dict.fromkeys(each.reason for each in choice.missing))
        raise NothingMeasuredError(reasons if python else f"this shows only without the GIL: {reasons}")
    first = choice.interpreters[0]
    if chosen.without_gil and first.facts.gil:
        raise UsageError(f"{first.label} has the GIL, and this shows only without it; give 3.13t, 3.14t or a path")
    return first.executable, first.label, first.environment


def _reply(test: ProgramTest, executable: str, settings: Settings, timeout_s: float) -> ProgramFindings | str:
    """What was found; or what the program did instead. Raises NothingMeasuredError where it cannot be checked."""

    def command(descriptor: int) -> list[str]:
        return [executable, "-m", "gil_lab.child.exercise", str(descriptor), json.dumps(asdict(test))]

    doing, until_s = "", time.monotonic() + START_TIMEOUT_S
    try:
        with examination(command, settings, Path(test.program)) as dialogue:
            while True:
                match dialogue.receive(until_s - time.monotonic()):
                    case Phase(words=words):
                        until_s = until_s if doing else time.monotonic() + timeout_s
                        doing = one_line(words, 80)
                    case ProgramFindings() as findings:
                        return findings
                    case Failed(status=Status.SKIPPED, detail=detail):
                        raise NothingMeasuredError(one_line(detail))
                    case Failed(detail=detail):
                        return one_line(detail, MAX_DETAIL_CHARACTERS)  # whoever wrote it
                    case _:
                        return "it writes where its answers are read; have it write elsewhere"
    except TimeoutError:
        place = dumped_place(dialogue.process.close().printed, Path(test.program)) if doing else ""
        return _not_ended(executable, f"{doing}{place}", timeout_s)
    except EOFError as end:
        return f"it ends the Python that runs it ({doing or 'starting'}: {end})"
    except NoAnswerError as error:
        raise NothingMeasuredError(one_line(f"{executable} {error}")) from error


def dumped_place(text: str, file: Path) -> str:
    """`, in line 5 of mine.py: 'lock.acquire()'`: of the threads that faulthandler printed, the main one, which is the
    last, or else the first that is in the file; empty if none is.
    """
    line = re.compile(rf'File "{re.escape(str(file))}", line ([0-9]+)')
    *others, main = re.split(r"^(?:Current thread|Thread) ", text, flags=re.MULTILINE)
    found = next(filter(None, map(line.search, (main, *others))), None)
    return in_line(int(found[1]), file) if found else ""


def _not_ended(executable: str, doing: str, timeout_s: float) -> str:
    """Raises NothingMeasuredError if the program never had its turn."""
    if not doing:
        raise NothingMeasuredError(
            f"{executable} has not started after {START_TIMEOUT_S:g} s; try again when the machine is idle"
        )
    return f"it does not end: after {timeout_s:g} s it was ended ({doing})"


def judged(findings: ProgramFindings) -> tuple[Judgement, ...]:
    """Each of them: counts by their limits, ratios by their intervals."""
    return (*map(_of_count, findings.counts), *map(_of_ratio, findings.ratios))


def _of_count(count: Count) -> Judgement:
    least, most = count.least, count.most
    exactly = most in (least, 0)
    limits = f"at least {least:,}" if most is None else f"{'' if exactly else 'at most '}{most:,}"
    fits = (least is None or count.value >= least) and (most is None or count.value <= most)
    return is_true(fits, f"{one_line(count.what)}: {count.value:,} (claimed: {limits})")


def _of_ratio(ratio: Ratio) -> Judgement:
    known = estimate(ratio.values)
    remedy = "a quieter machine, and check again"
    return Quantity(known.value, known.low, known.high, of=f"{ratio.what}:", remedy=remedy).above(ratio.above)
