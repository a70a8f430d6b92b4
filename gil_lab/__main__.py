"""`python -m gil_lab` is `gil-lab`. Signals and streams are set up before any import that takes time or can fail."""

import os
import sys

TYPE_CHECKING = False  # not from typing, which takes as long to import as all the rest
if TYPE_CHECKING:
    from typing import NoReturn


def main() -> "NoReturn":
    """Run the command line and exit with its code."""
    try:
        try:
            code = _execute(sys.argv[1:])
        except BaseException as error:
            from gil_lab.cli.terminal.ending import report

            code = report(error)
        _exit(code)
    except BaseException as error:  # a stop while another error was reported
        from gil_lab.cli.terminal.ending import report

        os._exit(report(error))


def _execute(arguments: list[str]) -> int:
    try:
        from gil_lab.cli.terminal import stopping, streams
    except KeyboardInterrupt:  # Python's own handler, until ours are installed
        os.write(2, b"gil-lab: stopped by SIGINT\n")
        os._exit(130)
    streams.prepare()
    stopping.STOPPING.note = "nothing was measured" if arguments[:1] == ["run"] else ""  # until more is known
    stopping.STOPPING.install()
    from gil_lab.cli.app import execute

    code = execute(arguments)
    sys.stdout.flush()
    return code


def _exit(code: int) -> "NoReturn":
    """Exit now: PYTHONINSPECT must not open a prompt, and no signal must arrive during finalisation."""
    import atexit

    atexit._run_exitfuncs()  # noqa: SLF001 - as Python does at its end
    os._exit(code)


def forget_working_directory() -> None:
    """A random.py there must not be imported: with `-m`, Python searches there first, unless -P is given."""
    try:
        here = os.getcwd()  # noqa: PTH109 - nothing is imported yet that could be shadowed
    except OSError:  # it was deleted, and is not on the path
        return
    home = __file__.removesuffix("/gil_lab/__main__.py")
    if not sys.flags.safe_path and sys.path[0] in ("", here) and here != home:
        del sys.path[0]


if __name__ == "__main__":
    forget_working_directory()
    main()
