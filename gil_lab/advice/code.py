"""The code to paste: a variant as a program that does not need the lab, tried as it stands."""

import ast
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from keyword import iskeyword
from pathlib import Path

from gil_lab.advice.decision import strategy_of
from gil_lab.advice.race import Race
from gil_lab.advice.trials import Examined, catalogue_of
from gil_lab.analysis.summaries import Summary
from gil_lab.interpreters.names import threads_in
from gil_lab.model.frozen import frozen
from gil_lab.model.records import CHUNK_SEPARATOR, Cell, Trial
from gil_lab.model.target import GivenInputs, TargetFacts
from gil_lab.sessions import plan
from gil_lab.sessions.options import MAX_TASKS
from gil_lab.sessions.run import PreparedSession
from gil_lab.suite.strategies import BASELINE, Strategy
from gil_lab.suite.strategies.multiprocessing import CHUNKS_A_WORKER
from gil_lab.suite.targets import ADVISED, strategy
from gil_lab.suite.targets.inputs import named

TRIED_S, LONGEST_TRIED_S = 1.0, 2.0
"""Sequential seconds of work that the code is tried on, so that what it takes to start its workers weighs little."""
TIMES_START_UP = 20
"""What the workers do takes so many times as long as their start, which is 5 % of it then."""
BUDGET_S = 5.0
"""For three rounds at least, of both."""
USUAL_CHUNK = "max(1, len(inputs) // {chunks})"
"""As `Pool.map` makes its chunks."""
ONE_THREAD = """\
import os  # before NumPy is imported:
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[library + "_NUM_THREADS"] = '1'"""
CALL = """

def call(item):
    return {name}({stars}item)

"""
AWAITED_CALL = """

def call(item):
    return asyncio.run({name}({stars}item))

"""
ASYNC_CALL = """

async def call(item):
    return await {name}({stars}item)

"""


@frozen
class Code:
    text: str
    """The whole program."""
    path: Path


def write(one: Summary, examined: Examined, folder: Path, *, elsewhere: bool = False) -> Code:
    """The program, beside the results."""
    path = folder / "advised_code.py"
    made = Code(program(one, examined, elsewhere=elsewhere), path)
    path.write_text(made.text, encoding="utf-8")
    return made


def program(one: Summary, examined: Examined, *, elsewhere: bool = False) -> str:
    """The variant as a program; `elsewhere` if it is not for the Python that was asked for first."""
    facts, chosen = examined.facts, strategy_of(one)
    name, workers = facts.attribute or facts.name, one.cell.workers
    values = _inputs(examined.target.inputs)
    if facts.endless and examined.target.inputs.kind == "name":
        expression = f"list(islice({values.expression.removeprefix('list(').removesuffix(')')}, {facts.inputs}))"
        values = _Expression(f"{values.imports}\nfrom itertools import islice", expression)
    imports = [_import(facts.importable, name.partition(".")[0])] if facts.importable else []
    imports += ["import asyncio"] * (facts.is_coroutine and chosen.form == "call")
    imports += [values.imports] * (values.imports not in ("", *imports))
    stars = facts.stars
    call = name
    if threads_in(one.cell.interpreter) == 1:
        imports.insert(0, ONE_THREAD)
    header = "\n".join(imports) + "\n" * bool(imports)
    own_call = _own_call(facts, chosen)
    if own_call:
        header += own_call.format(name=name, stars=stars)
        call = "call"
    _, by, chunk = one.cell.strategy.partition(CHUNK_SEPARATOR)
    text = chosen.code.format(
        imports=header,
        function=call,
        workers=workers,
        chunk=chunk if by else USUAL_CHUNK.format(chunks=CHUNKS_A_WORKER * workers),
        plain=f"{name}.py_func" if facts.is_compiled else name,
        item=f"{stars}item",
    )
    under = f"# To be run with Python {one.cell.interpreter.partition('+')[0]}.\n" if elsewhere else ""
    inside = f"# Copy it to {facts.folder}, where {facts.importable} can be imported.\n" if facts.folder else ""
    return f'{under}{inside}{text}\n\nif __name__ == "__main__":\n    answers = run({values.expression})\n'


def _import(module: str, name: str) -> str:
    """Also of a module whose file is called as no name of Python can be: `my-file.py`."""
    if all(part.isidentifier() and not iskeyword(part) for part in module.split(".")):
        return f"from {module} import {name}"
    return f"import importlib\n{name} = importlib.import_module({module!r}).{name}"


def _own_call(facts: TargetFacts, chosen: Strategy) -> str:
    """A function of one input around the user's, where that is none, or is a coroutine function in a plain pool."""
    if facts.is_coroutine and chosen.form == "call":
        return AWAITED_CALL
    if not facts.stars or not chosen.runs_plain_python:
        return ""
    return ASYNC_CALL if chosen.form == "coroutine" else CALL


@frozen
class _Expression:
    imports: str
    expression: str


def _inputs(given: GivenInputs) -> _Expression:
    return _EXPRESSIONS[given.kind](given.value)


def _of_a_name(value: str) -> _Expression:
    location = named(value)
    module = location.module or Path(location.file).stem
    called = "()" if _is_function(location.file, location.attribute) else ""
    text = location.attribute + called
    return _Expression(_import(module, location.attribute.partition(".")[0]), f"list({text})")


def _is_function(file: str, name: str) -> bool:
    try:
        tree = ast.parse(Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return False
    return any(isinstance(node, ast.FunctionDef) and node.name == name for node in tree.body)


def _repeated(value: str) -> _Expression:
    count, _, arguments = value.partition(" ")
    return _Expression("", f"[({arguments + ',' if arguments else ''})] * {count}")


def _range(value: str) -> _Expression:
    return _Expression("", f"range({value.replace(':', ', ')})")


_EXPRESSIONS: Mapping[str, Callable[[str], _Expression]] = {
    "name": _of_a_name,
    "lines": lambda path: _Expression("", f"[line.rstrip('\\n') for line in open({path!r})]"),
    "glob": lambda pattern: _Expression("from glob import glob", f"sorted(glob({pattern!r}, recursive=True))"),
    "range": _range,
    "repeat": _repeated,
    "pickle": lambda _: _Expression("", "inputs"),
}


def trial_of(
    code: Code, one: Summary, baseline: Summary, examined: Examined, before: PreparedSession, out: Path
) -> PreparedSession:
    """The session that tries it, beside sequential work and the variant itself on the same inputs: a minute later the
    machine may be another one.
    """
    tasks = number_of_tasks(one, examined.facts)
    assert before.catalogue.target is not None
    given = before.catalogue.target
    target = replace(
        given,
        sample=sample_of(tasks, examined.facts, before.options.seed),
        code=str(code.path.resolve()),
        varies=given.varies or given.seedable,  # the code seeds nothing
    )
    catalogue = catalogue_of(target, examined.facts, {ADVISED: strategy(code.path)})
    variant = replace(one.cell, tasks=tasks)
    cells = [replace(baseline.cell, tasks=tasks), variant, replace(variant, strategy=ADVISED)]
    options = replace(before.options, budget_s=BUDGET_S, out=out)
    times = options.min_time_s or 0.0, options.timeout_s
    trials = [Trial(number, 1, cell, *times) for number, cell in enumerate(cells, 1)]
    design = plan.Design(f"{before.design.name}-code", (target.name,), (BASELINE, one.cell.strategy, ADVISED))
    return PreparedSession(design, options, catalogue, before.machine, before.choice, cells, trials, judge=Race(cells))


def number_of_tasks(one: Summary, facts: TargetFacts) -> int:
    """More than there are inputs where those are little work; but a cache would find the answers to the same ones."""
    gain = one.speedup.value if one.speedup else 1.0
    # What is compiled imports Numba and compiles when the program begins, which is no part of what is timed.
    start_up_s = one.costs.startup_s if one.costs and strategy_of(one).runs_plain_python else 0.0
    wanted_s = min(LONGEST_TRIED_S, max(TRIED_S, TIMES_START_UP * start_up_s * gain))
    each_s = (one.wall_s or 0.0) * gain / one.cell.tasks
    most = facts.inputs if facts.is_cached else MAX_TASKS
    return min(most, max(one.cell.tasks, round(wanted_s / max(each_s, 1e-9))))


def sample_of(tasks: int, facts: TargetFacts, seed: int | None) -> tuple[int, ...]:
    """As many inputs as there are tasks, if there are so many: what comes again may be remembered."""
    return tuple(sorted(random.Random(seed).sample(range(facts.inputs), min(tasks, facts.inputs))))


def tried_cell(one: Cell) -> bool:
    return one.strategy == ADVISED
