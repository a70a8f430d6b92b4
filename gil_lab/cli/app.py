"""The commands, and what becomes of what is typed: an exit code, or an error for `gil_lab.cli.terminal.ending`."""

from collections.abc import Sequence

import typer

from gil_lab.cli.commands import commands
from gil_lab.cli.suggestion import with_suggestion
from gil_lab.model.errors import UsageError
from gil_lab.model.version import __version__

# typer does not export it: it has it from click, or brings its own
TyperError: type[Exception] = typer.BadParameter.__mro__[1]
EXIT_CODES = """\b
Exit codes: 0 all as asked, 1 a bug of gil-lab, 2 usage (nothing was touched),
3 some cell is not ok, 4 results cannot be read or written, 5 nothing could be
measured, 129/130/143 stopped by a signal, 141 nobody reads the output."""


def application() -> typer.Typer:
    """The command line: the options of `gil-lab` itself, and every command that stands in `gil_lab/cli/commands`."""
    # No Rich markup in help texts: it triples the time that --help takes.
    app = typer.Typer(
        help="The same work under every way Python can run it: concurrency and parallelism, measured from outside.",
        epilog=EXIT_CODES,
        rich_markup_mode=None,
        add_completion=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(invoke_without_command=True)(without_command)
    for name, function in commands().items():
        app.command(name)(function)
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
    """Do what the arguments say and return the exit code. Raises GilLabError, or whatever a bug is."""
    try:
        code = typer.main.get_command(application()).main(
            list(arguments), prog_name="gil-lab", complete_var="", standalone_mode=False
        )
    except TyperError as error:
        raise UsageError(with_suggestion(error, arguments, list(commands()))) from error
    except typer.Exit as ended:
        return int(ended.exit_code)
    return code if isinstance(code, int) else 0
