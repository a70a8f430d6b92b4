"""Imports point one way only, and what is heavy is imported when it is used."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import gil_lab

ROOT = Path(gil_lab.__file__).parent
OF_WORKLOADS = (
    "suite.instruments.allocations",
    "suite.compilers.attempts",
    "suite.compilers.cython_build",
    "suite.compilers.cython_source",
    "suite.compilers.porting",
    "suite.compilers.inspection",
)
LAYERS = (  # a module may import from its own line and from those above it
    (
        "model.errors",
        "model.records",
        "model.version",
        "model.variables",
        "model.interpreter",
        "model.text",
        "measuring.supervisor",
        "measuring.supervised_process",
    ),
    (
        "suite.workloads",
        "suite.strategies",
        "suite.strategies._pickling",
        "suite.workloads._http_server",
        "suite.workloads._services",
        "suite.instruments.gil",
        "suite.instruments.debuggers",
        "suite.instruments.heartbeat",
        "suite.compilers.libc",
        "suite.compilers.cuda",
        *OF_WORKLOADS,
    ),
    ("suite.instruments.spans", "suite.instruments.compiled_spans", "suite.task_order", "suite.forms"),
    ("suite.catalogue",),
    ("model.wire",),
    ("child.bytecode_caches",),
    ("child.trial", "child.probe"),
    ("child.__main__",),
    ("measuring.cgroups",),
    (
        "measuring.machine",
        "measuring.sampler",
        "measuring.environment",
        "measuring.launcher",
        "measuring.suspension",
        "measuring.quality_flags",
    ),
    ("interpreters",),
    ("sessions.plan",),
    ("measuring.controller",),
    ("sessions.rows", "sessions.csv_values", "sessions.csv_table"),
    ("sessions.schema",),
    ("sessions.append_only", "sessions.given_files", "sessions.locking", "sessions.deferred_signals"),
    (
        "sessions.writer",
        "sessions.files",
        "sessions.resume_log",
        "sessions.reader",
        "sessions.reopened",
        "sessions.crash_log",
    ),
    ("analysis.estimates", "model.cell_names"),
    ("analysis.summaries",),
    (
        "analysis.timelines",
        "analysis.core_series",
        "analysis.core_use",
        "analysis.across_interpreters",
        "analysis.comparison",
        "analysis.heartbeats",
        "analysis.warm_up",
        "analysis.observations",
    ),
    ("analysis.results",),
    ("analysis.claims",),
    ("analysis.history",),
    ("report",),
    ("sessions.run", "doctor"),
    ("sessions.resume_checks",),
    ("sessions.resume",),
    ("experiment",),
    ("live",),
    ("cli",),
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
MEASURED = (
    "model.errors",
    "model.records",
    "model.text",
    "suite.workloads",
    "suite.strategies",
    "suite.strategies._pickling",
    "suite.workloads._http_server",
    "suite.workloads._services",
    "suite.instruments.gil",
    "suite.instruments.debuggers",
    "suite.instruments.heartbeat",
    *OF_WORKLOADS,
    "suite.instruments.spans",
    "suite.task_order",
    "suite.forms",
    "suite.catalogue",
    "model.wire",
    "child.bytecode_caches",
    "child.trial",
    "child.__main__",
    "child.probe",
)
FILES = sorted(ROOT.rglob("*.py"))


def unit_of(module: str) -> str:
    """The longest name in LAYERS that a dotted name belongs to: its module, or a package that it is part of."""
    parts = module.split(".")
    prefixes = (".".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((name for name in prefixes if name in LEVEL), parts[0])


def unit(file: Path) -> str:
    """The name in LAYERS that a file belongs to."""
    return unit_of(".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"))


def imported(tree: ast.AST) -> set[str]:
    """Full names of the modules that a piece of code imports."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def at_import_time(file: Path) -> set[str]:
    """What is imported when the module is: not in functions, and not for type checkers only."""
    found = set()
    for node in ast.parse(file.read_text()).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            found |= imported(node)
    return found


def test_every_module_has_its_layer():
    """A new module is put into the table above, or this fails."""
    rooms = {str(file.parent.relative_to(ROOT)) for file in FILES if file.name == "__init__.py"}
    assert {unit(file) for file in FILES} - rooms == {*LEVEL, "__init__", "__main__"} - rooms


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_imports_point_upward(file):
    """Nothing imports what is built on top of it, also not inside a function; results show themselves by a report."""
    level = LEVEL.get(unit(file))
    if level is None:  # the package's own front, which imports on demand
        return
    names = {name for name in imported(ast.parse(file.read_text())) if name.startswith("gil_lab.")}
    own = {unit_of(name.removeprefix("gil_lab.")) for name in names}
    too_low = {name for name in own if LEVEL.get(name, 0) > level}
    assert too_low <= ({"report"} if unit(file) == "analysis.results" else set())


@pytest.mark.parametrize("name", MEASURED)
def test_what_runs_in_the_measured_process_imports_the_standard_library_only(name):
    """It must run under any Python, with nothing installed."""
    files = [file for file in FILES if unit(file) == name]
    assert files
    for file in files:
        outside = {module.split(".")[0] for module in at_import_time(file)} - sys.stdlib_module_names - {"gil_lab"}
        assert not outside, file


@pytest.mark.parametrize("module", ["gil_lab", "gil_lab.child", "experiments"])
def test_importing_the_lab_loads_nothing_heavy(module):
    """Neither numpy, numba, joblib nor psutil nor typer: `import gil_lab` is free."""
    heavy = ("numpy", "numba", "joblib", "psutil", "typer", "rich", "cloudpickle")
    code = f"import sys, {module}; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_loads_nothing_that_only_a_run_needs():
    """`gil-lab --help` waits for typer and for nothing else."""
    heavy = ("numpy", "numba", "joblib", "psutil", "rich.console", "gil_lab.sessions.plan")
    code = f"import sys, gil_lab.cli.app; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_only_the_command_line_prints_or_exits(file):
    """Below the CLI, errors are raised and results returned. Programs (child, guardian) end with a code."""
    if unit(file) in ("cli", "__main__"):
        return
    calls = {ast.unparse(node.func) for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)}
    allowed = {"child.__main__": {"sys.exit"}, "measuring.supervisor": {"sys.exit", "os._exit"}}.get(unit(file), set())
    assert not calls & {"print", "sys.exit", "exit", "os._exit"} - allowed


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_strategy_is_told_apart_by_its_name(file):
    """What differs between strategies is a field of theirs: nobody compares with their names."""
    names = {"threading", "asyncio", "multiprocessing", "joblib", "numba-nogil", "numba-parallel", "numba-sequential"}
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Compare):
            constants = {c.value for c in ast.walk(node) if isinstance(c, ast.Constant) and isinstance(c.value, str)}
            assert not constants & names
