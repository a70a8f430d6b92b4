"""Imports point one way only, and what is heavy is imported when it is used."""

import ast
import functools
import subprocess
import sys
from pathlib import Path

import pytest

import gil_lab

ROOT = Path(gil_lab.__file__).parent
ROOMS = (  # a room may import from those below it in this list
    "cli",
    "advice",
    "experiment",
    "report",
    "analysis",
    "sessions",
    "interpreters",
    "measuring",
    "child",
    "suite",
    "model",
)
MEASURED = ("child", "suite", "model")
"""What runs in the measured process."""
WITH_NUMBA = ("suite/compilers/cuda.py", "suite/compilers/libc.py", "suite/instruments/compiled_spans.py")
"""Imported by what runs compiled code, when it runs."""
PROGRAMS = {"child": {"sys.exit", "os._exit"}, "measuring": {"sys.exit", "os._exit"}, "experiment": {"os._exit"}}
"""Rooms with a program of their own, and how those end."""
FILES = sorted(ROOT.rglob("*.py"))
BELOW_THE_CLI = [file for file in FILES if file.parent != ROOT and not file.is_relative_to(ROOT / "cli")]
MODULES = {
    ".".join(("gil_lab", *file.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__"): file
    for file in FILES
}


@functools.cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text())


@functools.cache
def nodes(file: Path) -> list[ast.AST]:
    return list(ast.walk(tree(file)))


def room(module: str) -> str:
    """The folder of gil_lab that a module stands in; empty for the package's own front, which imports on demand."""
    name = [*module.split("."), ""][1]
    return name if name in ROOMS else ""


def imported(code: ast.AST) -> set[str]:
    """Full names of the modules that a piece of code imports."""
    found = set()
    for node in ast.walk(code):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def at_import_time(file: Path) -> set[str]:
    """What is imported when the module is: not in functions, and not for type checkers only."""
    found = set()
    for node in tree(file).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            found |= imported(node)
    return found


def modules_in(names: set[str]) -> set[str]:
    """The modules of the lab among names such as `gil_lab.model.records.Cell`."""
    inside = [name.split(".") for name in names if name.startswith("gil_lab")]
    prefixes = [[".".join(parts[:count]) for count in range(len(parts), 0, -1)] for parts in inside]
    return {next(name for name in longest_first if name in MODULES) for longest_first in prefixes}


@functools.cache
def imports() -> dict[str, set[str]]:
    """Of each module, wherever the import stands: also in functions, and for type checkers only."""
    return {name: modules_in(imported(tree(file))) - {name} for name, file in MODULES.items()}


def circle(graph: dict[str, set[str]]) -> list[str]:
    """Modules that import each other, each the next one and the last the first; empty if there are none."""
    done: set[str] = set()

    def visit(name: str, path: list[str]) -> list[str]:
        if name in path:
            return path[path.index(name) :]
        if name in done:
            return []
        found = next(filter(None, (visit(other, [*path, name]) for other in sorted(graph.get(name, ())))), [])
        done.add(name)
        return found

    return next(filter(None, (visit(name, []) for name in sorted(graph))), [])


def upward(graph: dict[str, set[str]]) -> list[str]:
    """Imports from a room above, `importer -> imported`."""
    floors = {name: floor for floor, name in enumerate(ROOMS)}
    return [
        f"{name} -> {other}"
        for name, others in graph.items()
        for other in sorted(others)
        if room(name) and floors.get(room(other), -1) < floors[room(name)]
    ]


def test_the_rooms_are_the_folders():
    """A new folder gets its place in the list above, and no module stands beside the rooms."""
    entries = {path.name for path in ROOT.iterdir() if path.name != "__pycache__"}
    assert entries == {*ROOMS, "locale", "__init__.py", "__main__.py", "py.typed"}
    assert len(entries) <= 15


def test_imports_point_downward():
    """Nothing imports what is built on top of it."""
    assert upward(imports()) == []


def test_no_module_imports_itself_by_way_of_others():
    """Neither modules nor the folders of one room import each other in a circle."""
    front = {"gil_lab", "gil_lab.__main__"}  # they import what is asked for, when it is asked for
    assert circle({name: others - front for name, others in imports().items() if name not in front}) == []


@pytest.mark.parametrize("name", ROOMS)
def test_the_folders_of_a_room_form_no_circle(name):
    """What a room has inside points one way as well."""
    inside: dict[str, set[str]] = {}
    for module, others in imports().items():
        parts = module.split(".")
        if parts[1:2] == [name] and len(parts) > 2:
            neighbours = {other.split(".")[2] for other in others if other.startswith(f"gil_lab.{name}.")}
            inside.setdefault(parts[2], set()).update(neighbours - {parts[2]})
    assert circle(inside) == []


def test_an_upward_import_and_a_circle_would_be_found():
    """Made-up imports that are wrong."""
    assert upward({"gil_lab.model.text": {"gil_lab.cli.app"}}) == ["gil_lab.model.text -> gil_lab.cli.app"]
    assert upward({"gil_lab.cli.app": {"gil_lab.model.text"}}) == []
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}}) == ["a", "b", "c"]
    assert circle({"a": {"b", "c"}, "b": {"c"}}) == []


@pytest.mark.parametrize("name", MEASURED)
def test_what_runs_in_the_measured_process_imports_the_standard_library_only(name):
    """It must run under any Python, with nothing installed."""
    files = {file for module, file in MODULES.items() if room(module) == name} - {ROOT / path for path in WITH_NUMBA}
    assert files
    for file in files:
        outside = {module.split(".")[0] for module in at_import_time(file)} - sys.stdlib_module_names - {"gil_lab"}
        assert not outside, file


@pytest.mark.parametrize("module", ["gil_lab", "gil_lab.child.trial", "experiments"])
def test_importing_the_lab_loads_nothing_heavy(module):
    """Neither numpy, numba, joblib nor psutil nor typer: `import gil_lab` is free."""
    heavy = ("numpy", "numba", "joblib", "psutil", "typer", "rich", "cloudpickle")
    code = f"import sys, {module}; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_file_with_an_experiment_loads_nothing_that_measures_or_judges():
    """Each measured process imports it, and each worker that is spawned there: they would all start later."""
    heavy = ("psutil", "gil_lab.interpreters", "gil_lab.measuring.launcher", "gil_lab.analysis", "gil_lab.report")
    code = "from gil_lab import Design, Experiment, Strategy, Workload; import sys"
    code = f"{code}; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_loads_nothing_that_only_a_run_needs():
    """`gil-lab --help` waits for typer and for nothing else."""
    heavy = ("numpy", "numba", "joblib", "psutil", "rich.console", "gil_lab.sessions.plan")
    build = "import sys; from gil_lab.cli.app import application; application()"
    code = f"{build}; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_only_the_command_line_prints_or_exits():
    """Below the CLI, errors are raised and results returned; only programs of their own end with a code."""
    assert len(BELOW_THE_CLI) > 100
    for file in BELOW_THE_CLI:
        name = room(".".join(("gil_lab", *file.relative_to(ROOT).parts)))
        calls = {ast.unparse(node.func) for node in nodes(file) if isinstance(node, ast.Call)}
        assert not calls & {"print", "sys.exit", "exit", "os._exit"} - PROGRAMS.get(name, set()), file


def test_no_strategy_is_told_apart_by_its_name():
    """What differs between strategies is a field of theirs: nobody compares with their names."""
    names = {"threading", "asyncio", "multiprocessing", "joblib", "numba-nogil", "numba-parallel", "numba-sequential"}
    for file in FILES:
        for node in nodes(file):
            if isinstance(node, ast.Compare):
                inside = [one.value for one in ast.walk(node) if isinstance(one, ast.Constant)]
                assert not {value for value in inside if isinstance(value, str)} & names, file
