"""Paths that nobody may enter, or that are too long for a file system: one line with the cause, nothing else."""

import os

import pytest
from command_line import gil_lab

from gil_lab.cli.app import execute
from gil_lab.model.errors import UsageError

LONG = "x" * 300


@pytest.mark.parametrize(
    "arguments",
    [
        ("report", LONG),
        ("report", f"./{LONG}"),
        ("report", "--all", f"./{LONG}"),
        ("run", f"{LONG}.py"),
        ("run", "cpu-bound", f"--python=./{LONG}"),
    ],
    ids=lambda arguments: " ".join(arguments)[:20],
)
def test_a_path_that_is_too_long_is_one_line(tmp_path, arguments):
    """Of each command."""
    done = gil_lab(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) in ((2, ""), (4, ""))
    assert done.stderr.count("\n") == 1
    assert "bug" not in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", [("report",), ("report", "--all"), ("run",), ("run", "cpu-bound", "--python")])
def test_a_path_that_may_not_be_entered_is_one_line(tmp_path, monkeypatch, command):
    """As an ordinary user meets it; here the system says so, because tests may run as root."""
    private = str(tmp_path / "private" / "x.py")

    def refusing(path, *rest, **more):
        if str(path).startswith(private):
            raise PermissionError(13, "Permission denied", str(path))
        return stat(path, *rest, **more)

    stat = os.stat
    monkeypatch.setattr(os, "stat", refusing)
    with pytest.raises(UsageError, match="cannot be looked at \\(Permission denied\\); give another path"):
        execute([*command, private])
