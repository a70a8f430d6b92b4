"""A command is one file in gil_lab/cli/commands, and no other edit."""

import re

import pytest

from gil_lab.cli import commands
from gil_lab.cli.app import execute
from gil_lab.model.errors import StoreError, UsageError

GREETING = """
import typer

def greet(name: str = typer.Argument(help="Whom.")) -> int:
    \"\"\"Greet somebody by name.\"\"\"
    print(f"hello {name}")
    return 3

COMMAND = greet
"""


@pytest.fixture
def greeting(tmp_path, monkeypatch):
    """A file that is added to the folder of the commands."""
    (tmp_path / "welcome_gently.py").write_text(GREETING)
    (tmp_path / "_not_a_command.py").write_text("raise AssertionError")
    monkeypatch.setattr(commands, "__path__", [*commands.__path__, str(tmp_path)])


def test_a_file_in_the_folder_is_a_command(greeting, capsys):
    """It runs with its arguments, and what its function returns is the exit code."""
    assert execute(["welcome-gently", "Guido"]) == 3
    assert capsys.readouterr().out == "hello Guido\n"


def test_help_lists_it_with_its_first_sentence(greeting, capsys):
    """Beside the others, and what people need first stays first."""
    assert execute(["--help"]) == 0
    out = capsys.readouterr().out
    table = out.partition("Commands:")[2].partition("Exit codes")[0]
    listed = [line.split()[0] for line in table.splitlines() if re.match(r"  [a-z]", line)]
    assert listed[:2] == ["run", "report"]
    assert "welcome-gently" in listed
    assert "Greet somebody by name." in out
    assert "not-a-command" not in out


def test_a_mistyped_name_is_met_with_the_nearest_command(greeting):
    """The suggestion is made from the same list."""
    with pytest.raises(UsageError, match="did you mean 'welcome-gently'"):
        execute(["welcome-gentl"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "primes"], "primes is a workload: gil-lab run cpu-bound --workload primes"),
        (["run", "sleep"], "sleep is a workload: gil-lab run io-bound --workload sleep"),
        (["run", "mixed"], None),
        (["run", "threading"], "threading is a strategy: gil-lab run cpu-bound --strategy threading"),
        (["run", "mine"], "mine is no experiment, but there is a file: gil-lab run mine.py"),
        (["run", "x" * 5000], "unknown experiment 'xxx"),
        (["run", "a\0b"], "unknown experiment"),
        (["run", "cpubound"], "unknown experiment 'cpubound'; did you mean 'cpu-bound'"),
        (["compare", "a", "b"], "gil-lab report SESSION SESSION compares two sessions"),
        (["report", "mine"], "no session of 'mine' in results; measure one: gil-lab run cpu-bound"),
        (["report", "io-bound"], "no session of 'io-bound' in results; measure one: gil-lab run io-bound"),
    ],
)
def test_the_name_of_something_else_leads_to_what_was_meant(arguments, message, tmp_path, monkeypatch, capsys):
    """With a command to paste; an experiment that is called like a workload is the experiment."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").touch()
    if message is None:
        assert execute([*arguments, "--dry-run"]) == 0
        return
    with pytest.raises((UsageError, StoreError), match=re.escape(message)):
        execute(arguments)


@pytest.mark.parametrize(
    "arguments",
    [["run", "cpu-bound", "--out", ""], ["report", "--out="], ["doctor", "--out", ""], ["calibrate", "--out", ""]],
)
def test_a_folder_without_a_name_is_refused(arguments, tmp_path, monkeypatch):
    """Not taken for the one that the user is in, in which files would appear."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"^--out takes a folder, and is empty; leave it out, or give \. for"):
        execute(arguments)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_sessions_without_a_name_is_refused():
    with pytest.raises(UsageError, match=r"^--results takes a folder, and is empty"):
        execute(["claims", "--results", ""])
