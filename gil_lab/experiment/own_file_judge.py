"""The program that checks the claims of a user's file, in a process of its own.

`python -m gil_lab.experiment.own_file_judge FD FILE SESSION` writes one message on the descriptor, and ends at once.
"""

import os
import sys
from pathlib import Path

from gil_lab.child.own_file import restore_recursion_limit
from gil_lab.experiment.results import Results
from gil_lab.model.errors import GilLabError, UsageError
from gil_lab.model.full_write import write_all
from gil_lab.model.own_file import JudgedClaim, JudgedClaims
from gil_lab.model.records import Status
from gil_lab.model.wire import Failed, encode
from gil_lab.suite.catalogue import with_file


def answer(fd: int, path: str, session: str) -> None:
    """Write what becomes of the claims, or why that cannot be said."""
    try:
        reply: object = _judged(Path(path), Path(session))
    except GilLabError as error:
        reply = Failed(Status.ERROR, str(error))
    restore_recursion_limit()
    write_all(fd, encode(reply))


def _judged(file: Path, session: Path) -> JudgedClaims:
    experiment = with_file(file).experiment
    if experiment is None:
        raise UsageError(f"{file.name} has no Experiment any more; measure again")
    restore_recursion_limit()
    return JudgedClaims(
        tuple(
            JudgedClaim(one.sentence, one.judgement.outcome.value, one.judgement.measured, one.judgement.reason)
            for one in experiment.check(Results.read(session))
        )
    )


if __name__ == "__main__":
    descriptor, *arguments = sys.argv[1:]
    os.set_inheritable(int(descriptor), False)
    sys.dont_write_bytecode = True
    answer(int(descriptor), *arguments)
    os._exit(0)  # neither threads nor exit handlers of the file are waited for
