"""`%load_ext gil_lab`: the lab in cells of IPython and Jupyter.

`%gil_lab cpu-bound --workers 4` measures an experiment, as `gil-lab run` does. `%%gil_lab threading multiprocessing
--workers 4` runs the cell below it, and measures the last function that the cell defines with what it calls `inputs`.
Both give the results, which the notebook displays.
"""

import ast
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from gil_lab.model.errors import GilLabError, UsageError

if TYPE_CHECKING:
    from gil_lab.experiment.results import Results
    from gil_lab.model.target import Target
    from gil_lab.report.page.quiz import Quiz

INPUTS = "inputs"
DEFINITIONS = (
    *(ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef),
    *(ast.Assign, ast.AnnAssign),
)
"""What is kept of a cell for other processes, which import it: not what it prints, draws or starts."""
OF_A_CELL = ("workers", "python", "budget", "seed", "out")
"""Options of `gil-lab run` that a function of a cell has, too."""
HELP = {"-h", "--help"}
OF_A_CELL_HELP = """\
Usage: %%gil_lab [STRATEGY...] [OPTIONS]

  Measure the last function that the cell defines, called with what it names inputs.
  Without strategies: {strategies}; gil-lab list has them all.

Options, as gil-lab run has them: {options}."""


def load_ipython_extension(shell: Any) -> None:
    """What IPython calls for `%load_ext gil_lab`."""

    def gil_lab(line: str, cell: str | None = None) -> "Results | Quiz | None":
        """Measure an experiment (`%gil_lab cpu-bound --quick`), or the function of a cell (`%%gil_lab threading`)."""
        from IPython.core.error import (  # type: ignore[import-not-found,unused-ignore]  # it called us
            UsageError as OneLine,
        )

        try:
            return of_experiment(line) if cell is None else of_cell(line, cell, shell)
        except GilLabError as error:
            raise OneLine(f"gil-lab: {error}") from None
        except KeyboardInterrupt as stop:  # what is kept, in one line, in the place of pages of the lab's own calls
            raise OneLine(f"gil-lab: interrupted; {kept_of(stop)}") from None

    shell.register_magic_function(gil_lab, magic_kind="line_cell", magic_name="gil_lab")


def kept_of(stop: BaseException) -> str:
    """What a session that was stopped has kept, and how to go on, in a terminal and here."""
    kept = "; ".join(getattr(stop, "__notes__", ())) or "nothing was measured"
    _, in_a_terminal, path = kept.rpartition(" run --resume ")
    return f"{kept}; here: gil_lab.resume({shlex.split(path)[0]!r})" if in_a_terminal else kept


def of_experiment(line: str) -> "Results | Quiz | None":
    """The experiment of a line such as `cpu-bound --workers 4`, measured; with `--predict`, its question, after whose
    answer the results open; with `--help` nothing. Raises GilLabError.
    """
    from gil_lab.cli.commands.run import options_of
    from gil_lab.experiment import measured
    from gil_lab.suite.catalogue import check_known, names, variant

    if not (given := parsed(shlex.split(line))):
        return None
    if not given["experiment"]:
        raise UsageError("say which experiment: %gil_lab cpu-bound; gil-lab list has them all")
    name, predict = given.pop("experiment"), given.pop("predict")
    check_known("experiment", name, names("experiments"))
    asked = signature(options_of).parameters
    if foreign := [option for option, value in given.items() if option not in asked and value not in (None, False)]:
        raise UsageError(f"--{foreign[0].replace('_', '-')} is for the command line: gil-lab run")
    options = options_of(**{option: given[option] for option in asked})
    results = measured(variant("experiments", "EXPERIMENT", name), options)
    return results.quiz() if predict else results


def of_cell(line: str, cell: str, shell: Any) -> "Results | None":
    """The last function of a cell, measured under the strategies of the line; nothing with `--help`.

    Raises GilLabError, also if the cell failed, which IPython has shown then: else the cells below it would be run.
    """
    from gil_lab.advice.comparing import STRATEGIES, compared
    from gil_lab.cli.commands.run import options_of

    words = shlex.split(line)
    if HELP & set(words):
        known = ", ".join(f"--{name}" for name in OF_A_CELL)
        print(OF_A_CELL_HELP.format(strategies=" and ".join(STRATEGIES), options=known))
        return None
    count = next((place for place, word in enumerate(words) if word.startswith("-")), len(words))
    given = parsed(words[count:])
    if foreign := [name for name, value in given.items() if name not in OF_A_CELL and value not in (None, False, "")]:
        known = ", ".join(f"--{name}" for name in OF_A_CELL)
        raise UsageError(f"--{foreign[0].replace('_', '-')} is not for a function of a cell, which has {known}")
    name, before = function_in(cell), dict(shell.user_ns)
    options = options_of(**{option: given[option] for option in signature(options_of).parameters})
    outer = shell.displayhook.exec_result  # of the cell that has the magic in it; running another one forgets it
    if not shell.run_cell(cell).success:
        raise UsageError("the cell failed, and so nothing was measured")
    shell.displayhook.exec_result = outer
    if INPUTS not in shell.user_ns:
        raise UsageError(f"there is no {INPUTS}; define it in the cell: {INPUTS} = [...]")
    inputs = shell.user_ns[INPUTS]
    if inputs is before.get(INPUTS):
        print(f"{INPUTS} are those of an earlier cell")
    return compared(
        lambda folder: _target(cell, name, inputs, before, folder),
        replace(options, strategies=tuple(words[:count]) or STRATEGIES),
    )


def function_in(cell: str) -> str:
    """The name of the last function that a cell defines at its top level. Raises UsageError if it defines none."""
    try:
        body = ast.parse(cell).body
    except SyntaxError as error:
        raise UsageError(f"the cell is no Python: {error.msg}, line {error.lineno}") from None
    found = [one.name for one in body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
    if not found and any(isinstance(getattr(one, "value", None), ast.Lambda) for one in body):
        raise UsageError("a lambda cannot be sent to processes, which import functions by name; define it with def")
    if not found:
        raise UsageError("the cell defines no function; define one that takes an input, and a list called inputs")
    return found[-1]


def _target(cell: str, name: str, inputs: Any, before: Mapping[str, Any], folder: Path) -> "Target":
    """The function as one of a file, so that other processes can import it as well: what the cell defines, and what it
    uses of the cells before it, by value.
    """
    import cloudpickle

    from gil_lab.advice.library import given_inputs
    from gil_lab.model.target import Location, Target
    from gil_lab.model.text import described

    kept = [one for one in ast.parse(cell).body if isinstance(one, DEFINITIONS) and not _assigns(one, INPUTS)]
    used = {one.id for part in kept for one in ast.walk(part) if isinstance(one, ast.Name)}
    try:
        values = cloudpickle.dumps({name: before[name] for name in used & before.keys()})
    except Exception as error:
        raise UsageError(
            f"what the cell uses of others cannot be sent to processes ({described(error):.120}); define it in the cell"
        ) from error
    file = folder / "cell.py"
    before_it = (
        f"import pickle; globals().update(pickle.loads({values!r}))"  # in the place of the magic, the first line
    )
    file.write_text(f"{before_it}\n{definitions(cell, kept)}\n", encoding="utf-8")
    return Target(name, Location(str(file), "", name), given_inputs(inputs, folder))


def definitions(cell: str, kept: Sequence[ast.stmt]) -> str:
    """These statements of a cell, each in the line in which it stands there, so that errors name that one."""
    own, places = {number for part in kept for number in _lines(part)}, {_place(part) for part in kept}
    others = {number for part in ast.parse(cell).body if _place(part) not in places for number in _lines(part)}
    if own & others:  # statements with a semicolon between them
        return "\n".join(map(ast.unparse, kept))
    return "\n".join(line if number in own else "" for number, line in enumerate(cell.split("\n"), 1))


def _place(part: ast.stmt) -> tuple[int, int]:
    return part.lineno, part.col_offset


def _lines(part: ast.stmt) -> range:
    above = [decorator.lineno for decorator in getattr(part, "decorator_list", [])]
    return range(min([part.lineno, *above]), (part.end_lineno or part.lineno) + 1)


def _assigns(part: ast.stmt, name: str) -> bool:
    targets = part.targets if isinstance(part, ast.Assign) else [part.target] if isinstance(part, ast.AnnAssign) else []
    return any(isinstance(one, ast.Name) and one.id == name for one in targets)


def parsed(arguments: list[str]) -> dict[str, Any]:
    """Arguments of `gil-lab run`, as they were typed, by the names of its parameters; none of `--help`, which it shows.

    Raises UsageError.
    """
    from gil_lab.cli.app import TyperError
    from gil_lab.cli.commands.run import run
    from gil_lab.cli.suggestion import with_suggestion

    app = typer.Typer(add_completion=False)
    kept: dict[str, Any] = {}
    app.command()(_keeping(kept, run))
    try:
        typer.main.get_command(app).main(arguments, prog_name="%gil_lab", standalone_mode=False)
    except TyperError as error:
        raise UsageError(with_suggestion(error, ["run", *arguments], ["run"])) from None
    return kept


def _keeping(kept: dict[str, Any], command: Callable[..., int]) -> Callable[..., None]:
    """A command with the parameters of another one, which keeps what they are given."""

    def keep(**given: Any) -> None:
        kept.update(given)

    keep.__signature__ = signature(command)  # type: ignore[attr-defined]  # what Typer looks at
    return keep
