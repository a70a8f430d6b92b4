"""`python -m gil_lab` is `gil-lab`. The process is made fit before anything is imported that takes time or can fail."""

import os
import sys

TYPE_CHECKING = False  # not from typing, which takes as long to import as all the rest
if TYPE_CHECKING:
    from typing import NoReturn


def main() -> "NoReturn":
    """The command line: what is typed, to the exit code."""
    try:
        try:
            code = _executed(sys.argv[1:])
        except BaseException as error:
            from gil_lab.cli.terminal.ending import told

            code = told(error)
        _leave(code)
    except BaseException as error:  # a stop while another end was told
        from gil_lab.cli.terminal.ending import told

        os._exit(told(error))


def _executed(arguments: list[str]) -> int:
    try:
        from gil_lab.cli.terminal import stopping, streams
    except KeyboardInterrupt:  # as Python raises it until we have our own way
        os.write(2, b"gil-lab: stopped by SIGINT\n")
        os._exit(130)
    streams.prepare()
    stopping.STOPPING.note = "nothing was measured" if arguments[:1] == ["run"] else ""  # until more is known
    stopping.STOPPING.install()
    from gil_lab.cli.app import execute

    code = execute(arguments)
    sys.stdout.flush()
    return code


def _leave(code: int) -> "NoReturn":
    """End now: PYTHONINSPECT must not open a prompt, nor a signal strike a Python that is half taken down."""
    import atexit

    atexit._run_exitfuncs()  # noqa: SLF001 - as Python does at its end
    os._exit(code)


def forget_working_directory() -> None:
    """A random.py that lies there must not be imported: for `-m`, Python looks there first unless told not to (-P)."""
    try:
        here = os.getcwd()  # noqa: PTH109 - nothing is imported yet that could be shadowed
    except OSError:  # it is gone, and was left out
        return
    home = __file__.removesuffix("/gil_lab/__main__.py")
    if not sys.flags.safe_path and sys.path[0] in ("", here) and here != home:
        del sys.path[0]


if __name__ == "__main__":
    forget_working_directory()
    main()
