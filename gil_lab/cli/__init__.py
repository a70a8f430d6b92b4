"""The command line: parse, call, print. The only place that prints or exits."""

import contextlib
import os
import signal
import sys
from types import FrameType

import typer

from gil_lab import __version__
from gil_lab.cli import claims, doctor, inspect_command, list_command, pythons, report, run
from gil_lab.errors import GilLabError

# typer does not export it: it has it from click, or brings its own
UsageError: type[Exception] = typer.BadParameter.__mro__[1]
EXIT_CODES = """\b
Exit codes: 0 all as asked, 1 a bug of gil-lab, 2 usage (nothing was touched),
3 some cell is not ok, 4 results cannot be read or written, 5 nothing could be
measured, 129/130/143 stopped by a signal."""

# No Rich markup in help texts: it triples the time that --help takes.
app = typer.Typer(
    help="The same work under every way Python can run it: concurrency and parallelism, measured from outside.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("run")(run.run)
app.command("report")(report.report)
app.command("claims")(claims.claims)
app.command("list")(list_command.list_)
app.command("inspect")(inspect_command.inspect)
app.command("pythons")(pythons.pythons)
app.command("doctor")(doctor.doctor)


@app.callback(invoke_without_command=True)
def version(show: bool = typer.Option(False, "--version", help="Show the version and exit.")) -> None:
    if show:
        print(f"gil-lab {__version__}")
        raise typer.Exit


LONGEST_MESSAGE = 2000
"""A row that could not be saved must still be there whole."""


class StoppedError(BaseException):
    """A signal asked the lab to stop; it ends as an interrupt does, after the clean-up."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def _stop(number: int, frame: FrameType | None) -> None:
    raise StoppedError(number)


def main() -> None:
    """The console script `gil-lab`."""
    _prepare_process()
    sys.exit(_exit_code(sys.argv[1:]))


def _prepare_process() -> None:
    """Signals and streams as this program needs them, whatever it was started with."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # nohup stays nohup
            signal.signal(number, _stop)
    if hasattr(signal, "SIGCHLD"):  # ignored (and inherited so), it would turn every crash into exit code 0
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):  # closed before we started
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]


def _exit_code(arguments: list[str]) -> int:  # noqa: PLR0911 - one return for each way to end
    try:
        code = typer.main.get_command(app).main(arguments, prog_name="gil-lab", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except GilLabError as error:
        return _failed(str(error), error.exit_code)
    except UsageError as error:
        return _failed(run.with_suggestion(error, arguments), 2) if str(error) else 0
    except typer.Exit as ended:
        return int(ended.exit_code)
    except StoppedError as stopped:
        name = signal.Signals(stopped.number).name
        return _failed(f"stopped by {name}; what was measured is kept: gil-lab report", 128 + stopped.number)
    except Exception as error:
        from gil_lab.cli.screen import ReaderGoneError

        if isinstance(error, ReaderGoneError):
            return 128 + signal.SIGPIPE
        if os.environ.get("GIL_LAB_DEBUG"):
            raise
        return _failed(
            f"this is a bug of gil-lab ({type(error).__name__}: {error}); "
            "set GIL_LAB_DEBUG=1 to see where, and report it",
            1,
        )


def _failed(message: str, code: int) -> int:
    """One line on stderr: the cause and the next step."""
    from gil_lab.text import one_line

    line = one_line(message, LONGEST_MESSAGE)
    with contextlib.suppress(OSError, ValueError):
        print(f"gil-lab: error: {line}" if code < 128 else f"gil-lab: {line}", file=sys.stderr)  # noqa: PLR2004
    return code
