"""The program that checks the claims of a user's file, in a process of its own.

`python -m gil_lab.experiment.own_file_judge FD FILE SESSION FIRST` writes a message on the descriptor when it has read
both, then one for each claim from that number on, and ends at once.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from gil_lab.analysis.claims import check
from gil_lab.child.own_file import restore_recursion_limit
from gil_lab.experiment.results import Results
from gil_lab.model.errors import GilLabError, UsageError
from gil_lab.model.full_write import write_all
from gil_lab.model.own_file import JudgedClaim, Judging
from gil_lab.model.records import Status
from gil_lab.model.wire import Failed, encode
from gil_lab.suite.catalogue import with_file


def answer(fd: int, path: str, session: str, first: str) -> None:
    """Write what becomes of the claims, or why that cannot be said."""
    try:
        for reply in _judged(Path(path), Path(session), int(first)):
            restore_recursion_limit()
            write_all(fd, encode(reply))
    except GilLabError as error:
        restore_recursion_limit()
        write_all(fd, encode(Failed(Status.ERROR, str(error))))


def _judged(file: Path, session: Path, first: int) -> Iterator[object]:
    experiment = with_file(file).experiment
    if experiment is None:
        raise UsageError(f"{file.name} has no Experiment any more; measure again")
    results = Results.read(session)
    yield Judging()
    for claim in experiment.claims[first:]:
        (one,) = check(experiment.design.name, [claim], results)
        yield JudgedClaim(one.sentence, one.judgement.outcome.value, one.judgement.measured, one.judgement.reason)


if __name__ == "__main__":
    descriptor, *arguments = sys.argv[1:]
    os.set_inheritable(int(descriptor), False)
    sys.dont_write_bytecode = True
    answer(int(descriptor), *arguments)
    os._exit(0)  # neither threads nor exit handlers of the file are waited for
