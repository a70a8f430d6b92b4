"""Paths that may not be entered, or that are too long for a file system: one line with the cause, nothing else."""

import os

import pytest

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
def test_a_path_that_is_too_long_is_one_line(tmp_path, monkeypatch, capsys, arguments):
    """Of each command."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="File name too long") as error:
        execute(list(arguments))
    assert "\n" not in str(error.value)
    assert capsys.readouterr() == ("", "")
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
