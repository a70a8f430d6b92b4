"""The command as a user types it, in a process of its own; or, where its start and end do not matter, in this one."""

import contextlib
import csv
import io
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

from gil_lab.cli.app import execute
from gil_lab.cli.terminal.ending import report

TINY = ("--tasks", "4", "--size", "50", "--rounds", "1", "--min-time", "0.01")


def gil_lab(*arguments, cwd, **environment):
    """The command in a process of its own, with plain output of 80 columns."""
    return subprocess.run(
        [sys.executable, "-m", "gil_lab", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "COLUMNS": "80", **environment},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def called(*arguments, cwd=".", **environment):
    """The same in this process, which costs a tenth of that: for commands that measure nothing."""
    with (
        contextlib.chdir(cwd),
        mock.patch.dict(os.environ, {"COLUMNS": "80", **environment}),
        contextlib.redirect_stdout(io.StringIO()) as out,
        contextlib.redirect_stderr(io.StringIO()) as err,
    ):
        try:
            code = execute([str(argument) for argument in arguments])
        except BaseException as error:  # as in __main__
            code = report(error)
    return SimpleNamespace(returncode=code, stdout=out.getvalue(), stderr=err.getvalue())


def rows_of(folder, name="trials.csv"):
    with next(Path(folder).glob(f"results/*/*/{name}")).open(newline="") as file:
        return list(csv.DictReader(file))


def turns_that_count(folder):
    """Their rows: beside a busy neighbour there may be others, which were repeated."""
    return [row for row in rows_of(folder, "turns.csv") if "repeated" not in row["flags"].split(";")]
