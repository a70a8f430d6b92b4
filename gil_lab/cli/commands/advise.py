"""`gil-lab advise`."""

from pathlib import Path
from typing import Annotated

import typer

from gil_lab.cli import parsing


def advise(
    function: Annotated[
        str, typer.Argument(metavar="FILE.py:FUNCTION", help="The function; or package.module:FUNCTION.")
    ] = "",
    inputs: Annotated[
        str | None,
        typer.Option(
            metavar="WHAT", help="FILE.py:NAME (an iterable, or a function that gives one), glob:*.jpg, range:1000."
        ),
    ] = None,
    each_line: Annotated[Path | None, typer.Option(metavar="FILE", help="An input for each line of a file.")] = None,
    repeat: Annotated[str | None, typer.Option(metavar="N", help="So many calls with the same arguments.")] = None,
    args: Annotated[
        str | None, typer.Option(metavar="VALUES", help="Those arguments, as Python has them: 3, 'x'. [default: none]")
    ] = None,
    verify: Annotated[
        str | None, typer.Option(metavar="FILE.py:NAME", help="A function of an input and its answer: is it right?")
    ] = None,
    seedable: Annotated[
        bool, typer.Option("--seedable", help="Seed random and numpy.random before each call.")
    ] = False,
    python: Annotated[
        list[str] | None, typer.Option(metavar="NAME|PATH", help="Which Pythons; see gil-lab pythons.")
    ] = None,
    budget: Annotated[
        str | None, typer.Option(metavar="TIME", help="Compare for so long: 30s, 2m. [default: 15s]")
    ] = None,
    seed: Annotated[str | None, typer.Option(metavar="N", help="Seed of the sample and of the order.")] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where to create the session's folder. [default: results]")
    ] = None,
    command: Annotated[
        str | None,
        typer.Option(metavar="PROGRAM", help="Instead of a function: watch a whole program, 'python app.py'."),
    ] = None,
    details: Annotated[bool, typer.Option("--details", help="The table of all variants as well.")] = False,
) -> int:
    """Which model of concurrency to choose for a function of your own: measured, with the code to paste."""
    from gil_lab.advice.finding import find
    from gil_lab.advice.trials import BUDGET_S
    from gil_lab.cli.advised import measured_beside, show
    from gil_lab.cli.terminal.screen import Screen
    from gil_lab.measuring.machine import usable_cores
    from gil_lab.model.errors import UsageError
    from gil_lab.model.target import Target
    from gil_lab.sessions.options import Options, check
    from gil_lab.suite.targets.inputs import arguments_in, named

    budget_s = parsing.duration("budget", budget)
    check(Options(budget_s=budget_s, seed=parsing.whole("seed", seed)), usable_cores())
    if command is not None:
        if function or inputs or each_line or repeat or args or verify or seedable or python or details:
            raise UsageError("--command is for a whole program; leave out the function and what belongs to it")
        return _watched(command, budget_s)
    if not function:
        raise UsageError("Missing argument 'FILE.py:FUNCTION'; see gil-lab advise --help")
    location = named(function)
    if location.file and not Path(location.file).is_file():
        raise UsageError(f"no file {function.rpartition(':')[0]!a:.100}; give the path of a Python file, or a module")
    given = [
        *([_inputs(inputs)] if inputs is not None else []),
        *([_lines(each_line)] if each_line is not None else []),
        *([_repeated(repeat, args)] if repeat is not None else []),
    ]
    if args is not None and repeat is None:
        raise UsageError("--args needs --repeat: how many calls with them are there?")
    if len(given) != 1:
        what = "--inputs, --each-line or --repeat"
        raise UsageError(f"give the inputs by one of {what}" if given else f"no inputs; give them by {what}")
    if args is not None:
        arguments_in(args)
    target = Target(
        location.attribute.rpartition(".")[2],
        location,
        given[0],
        verify=None if verify is None else named(verify),
        seedable=seedable,
    )
    screen = Screen(drop_unwritable=True)
    found = find(
        target,
        lambda prepared: measured_beside(screen, prepared),
        pythons=parsing.several("python", python) or ("this",),
        budget_s=BUDGET_S if budget_s is None else budget_s,
        seed=parsing.whole("seed", seed),
        out=out or Path("results"),
        say=lambda text: screen.print(f"{text} ...", style="dim"),
    )
    show(screen, found, details=details)
    return 0


WATCHED_S = 20.0


def _watched(command: str, budget_s: float | None) -> int:
    """Run and watch a program, then say what it does."""
    import shlex
    from textwrap import wrap

    from gil_lab.advice.program import lines
    from gil_lab.cli.terminal.screen import Screen
    from gil_lab.measuring.program import watch
    from gil_lab.model.errors import UsageError

    try:
        words = shlex.split(command)
    except ValueError as error:
        raise UsageError(f"--command cannot be read ({error}); write it as in a shell") from error
    if not words:
        raise UsageError("--command is empty; give a program and its arguments")
    use = watch(words, WATCHED_S if budget_s is None else budget_s)
    screen = Screen(drop_unwritable=True)
    for line in lines(use):
        screen.print("\n".join(wrap(line, min(screen.width, 80))), soft_wrap=True)
    return 0


def _inputs(text: str) -> "GivenInputs":  # type: ignore[name-defined]  # noqa: F821
    from gil_lab.model.target import GivenInputs
    from gil_lab.suite.targets.inputs import named

    kind, colon, value = text.partition(":")
    if colon and kind in ("glob", "range"):
        return GivenInputs(kind, value)
    named(text)
    where, _, attribute = text.rpartition(":")
    return GivenInputs("name", f"{Path(where).resolve() if where.endswith('.py') else where}:{attribute}")


def _lines(file: Path) -> "GivenInputs":  # type: ignore[name-defined]  # noqa: F821
    from gil_lab.model.errors import UsageError
    from gil_lab.model.target import GivenInputs

    if not file.is_file():
        raise UsageError(f"no file {str(file)!a:.100}; --each-line takes a text file")
    return GivenInputs("lines", str(file.resolve()))


def _repeated(repeat: str, args: str | None) -> "GivenInputs":  # type: ignore[name-defined]  # noqa: F821
    from gil_lab.model.errors import UsageError
    from gil_lab.model.target import GivenInputs

    count = parsing.whole("repeat", repeat) or 0
    if not 1 <= count <= 100_000:  # noqa: PLR2004
        raise UsageError(f"repeat is {count}; it takes a whole number from 1 to 100000")
    return GivenInputs("repeat", f"{count} {args}" if args else str(count))


COMMAND = advise
