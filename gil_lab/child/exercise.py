"""The program that runs a student's program as its exercise says, and reports what it did.

`python -m gil_lab.child.exercise FD TEST` gets a `ProgramTest` in JSON. It writes a `Phase` before whatever may not
end, then `ProgramFindings`; or why there are none: `skipped` if the exercise cannot be done here, `error` if it is the
program that fails.
"""

import faulthandler
import importlib.util
import json
import os
import sys
from pathlib import Path

from gil_lab.child.own_file import restore_recursion_limit
from gil_lab.child.probe import reason_against_modules
from gil_lab.child.target import Reader
from gil_lab.model.exercise import Count, ProgramFindings, ProgramTest, Ratio
from gil_lab.model.records import Status
from gil_lab.model.target import Phase
from gil_lab.model.text import described, one_line
from gil_lab.model.wire import Failed, record
from gil_lab.suite.exercises import Exercise, NoRoomError, Program, ProgramError


def found(exercise: Exercise, program: Program) -> ProgramFindings | Failed:
    """What the claim is judged by."""
    if reason := reason_against_modules(exercise.requires):
        return Failed(Status.SKIPPED, one_line(reason))
    findings: list[Count | Ratio] = []
    no_room = ""
    try:
        findings.extend(exercise.check(program))
    except NoRoomError as error:
        no_room = one_line(str(error))
    except ProgramError as error:
        return Failed(Status.ERROR, one_line(str(error), 400))
    except Exception as error:  # of an object of the program's, which may answer anything
        return Failed(Status.ERROR, one_line(f"what it returns cannot be checked ({described(error):.200})", 300))
    counts = tuple(each for each in findings if isinstance(each, Count))
    ratios = tuple(each for each in findings if isinstance(each, Ratio))
    return ProgramFindings(counts, ratios, no_room)


def _exercise(file: Path) -> Exercise:
    """That of a file of the lab, which need not be importable by name here."""
    spec = importlib.util.spec_from_file_location("gil_lab_exercise", file)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    exercise = module.EXERCISE
    assert isinstance(exercise, Exercise)
    return exercise


def answer(descriptor: int, text: str) -> None:
    """Write what was found, or why nothing was."""
    reader = Reader(descriptor)
    test = record(ProgramTest, json.loads(text), "ProgramTest")
    begun = False

    def tell(phase: Phase) -> None:
        nonlocal begun
        if not begun and test.dump_after_s is not None:  # its time begins when it is imported
            faulthandler.dump_traceback_later(test.dump_after_s)
        begun = True
        reader.tell(phase)

    reply = found(_exercise(Path(test.exercise)), Program(Path(test.program), tell))
    faulthandler.cancel_dump_traceback_later()
    restore_recursion_limit()
    reader.tell(reply)


if __name__ == "__main__":
    fd, *arguments = sys.argv[1:]
    os.set_inheritable(int(fd), False)
    sys.dont_write_bytecode = True
    answer(int(fd), *arguments)
    os._exit(0)  # neither threads nor pools nor exit handlers of the program are waited for
