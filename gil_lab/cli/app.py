"""The commands: from arguments to an exit code, or an error for `gil_lab.cli.terminal.ending`."""

import errno
import os
import re
from collections.abc import Sequence

import typer

from gil_lab.cli.commands import commands
from gil_lab.cli.suggestion import with_suggestion
from gil_lab.model.errors import UsageError
from gil_lab.model.text import one_line
from gil_lab.model.version import __version__

# typer does not export it: it comes from click, or from typer's own copy
TyperError: type[Exception] = typer.BadParameter.__mro__[1]
UNREACHABLE = (errno.EACCES, errno.EPERM, errno.ENAMETOOLONG, errno.ELOOP)
"""What `Path.exists` and its like raise instead of answering no."""
EXIT_CODES = """\b
Exit codes: 0 success, 1 a bug of gil-lab, 2 usage error (nothing was changed),
3 some cell is not ok, 4 results cannot be read or written, 5 nothing could be
measured, 129/130/131/143 stopped by a signal, 141 output closed (broken pipe)."""
EXAMPLES = """\b
Examples:
  gil-lab run cpu-bound --workers 8   one job under every model of concurrency
  gil-lab run mine.py                 your own work, or your own strategy
  gil-lab report --open               the newest session, as a page
  gil-lab doctor                      what to fix before you trust numbers"""


def application() -> typer.Typer:
    """The command line: the options of `gil-lab` itself, and every command in `gil_lab/cli/commands`."""
    # No Rich markup in help texts: it triples the time that --help takes.
    app = typer.Typer(
        help="The same work in every way that Python can run it: concurrency and parallelism, measured from outside.",
        epilog=f"{EXIT_CODES}\n\n{EXAMPLES}",
        rich_markup_mode=None,
        add_completion=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(invoke_without_command=True)(without_command)
    for name, function in commands().items():
        summary = " ".join((function.__doc__ or "").split("\n\n")[0].split())
        app.command(name, short_help=summary)(function)  # else it is cut off where the line ends
    return app


def without_command(
    context: typer.Context, version: bool = typer.Option(False, "--version", help="Show the version and exit.")
) -> None:
    if version:
        print(f"gil-lab {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())


def execute(arguments: Sequence[str]) -> int:
    """Run the command and return its exit code. Raises GilLabError, or any other exception for a bug."""
    try:
        code = typer.main.get_command(application()).main(
            list(arguments), prog_name="gil-lab", complete_var="", standalone_mode=False
        )
    except TyperError as error:
        raise UsageError(with_suggestion(error, arguments, list(commands()))) from error
    except typer.Exit as end:
        return int(end.exit_code)
    except OSError as error:
        if error.errno in UNREACHABLE and _is_given(str(error.filename), arguments):
            path = one_line(str(error.filename), 100)
            raise UsageError(f"{path} cannot be looked at ({error.strerror}); give another path") from error
        raise
    return code if isinstance(code, int) else 0


def _is_given(path: str, arguments: Sequence[str]) -> bool:
    """Whether it is, or lies below, one of the paths on the command line: `x`, `--out=x`, `--python x,y`."""
    given = {os.path.abspath(part) for argument in arguments for part in re.split("[=,]", argument) if part}  # noqa: PTH100 - resolve would look
    absolute = os.path.abspath(path)  # noqa: PTH100
    return any(absolute == one or absolute.startswith(f"{one}/") for one in given)
