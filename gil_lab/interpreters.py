"""Asking an interpreter what it is and what works there."""

import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from gil_lab.errors import NothingMeasuredError, ProtocolError
from gil_lab.launcher import environment, offer_modules
from gil_lab.text import one_line
from gil_lab.wire import Facts, decode

ANSWER_WITHIN_S = 30.0
"""It imports Numba and joblib, from a cold disk the first time."""


def ask(executable: str = sys.executable, file: Path | None = None) -> Facts:
    """What the interpreter says of itself. Raises NothingMeasuredError if it gives no answer in time.

    The first import of everything also writes the bytecode caches that later children find.
    """
    private = Path(tempfile.mkdtemp(prefix="gil-lab-"))
    ours, theirs = os.pipe()
    try:
        offer_modules(private / "modules", file)
        process = subprocess.Popen(
            [executable, "-m", "gil_lab.probe", str(theirs), *([str(file)] if file else [])],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=environment(1, private, private.name),
            cwd=private,
            pass_fds=(theirs,),
        )
        os.close(theirs)
        theirs = -1
        try:
            return _answer(ours, process)
        finally:
            process.kill()
            process.communicate()
    except OSError as error:
        raise NothingMeasuredError(f"{executable} cannot be started: {error}") from error
    finally:
        os.close(ours)
        if theirs >= 0:
            os.close(theirs)
        shutil.rmtree(private, ignore_errors=True)


def _answer(ours: int, process: "subprocess.Popen[bytes]") -> Facts:
    answer, deadline = b"", time.monotonic() + ANSWER_WITHIN_S
    while not answer.endswith(b"\n"):
        ready, _, _ = select.select([ours], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise NothingMeasuredError(f"the interpreter gave no answer within {ANSWER_WITHIN_S:g} s; try another one")
        chunk = os.read(ours, 1 << 16)
        if not chunk:
            assert process.stderr is not None
            last = process.stderr.read().decode(errors="replace").strip().rpartition("\n")[2]
            raise NothingMeasuredError(f"the interpreter cannot run the lab: {one_line(last) or 'no reason given'}")
        answer += chunk
    try:
        facts = decode(answer)
    except ProtocolError as error:
        raise NothingMeasuredError(f"the interpreter answers nonsense ({error})") from error
    assert isinstance(facts, Facts)
    return facts
