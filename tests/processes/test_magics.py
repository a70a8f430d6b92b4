"""`%load_ext gil_lab`: in IPython, and in notebooks that are executed by a real kernel."""

import ast

import pytest

from gil_lab.cli.magics import definitions, function_in, of_cell, parsed
from gil_lab.model.errors import UsageError

pytestmark = pytest.mark.usefixtures("this_is_found_once")
SHORT = "--budget 0.1s --workers 2"
"""What a function of a cell takes."""
LINE = "%gil_lab cpu-bound --strategy threading --size 50 --tasks 4 --rounds 1 --min-time 0.0001 --workers 2"
CELL = f"""%%gil_lab {{strategies}} {SHORT}
from math import isqrt

def count(limit):
    return sum(all(n % d for d in range(2, isqrt(n) + 1)) for n in range(2, limit)) + offset

inputs = [300] * 8
"""


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """With the extension loaded, in a folder of its own."""
    interactive = pytest.importorskip("IPython.core.interactiveshell", reason="IPython is not installed")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.chdir(tmp_path)
    made = interactive.InteractiveShell()
    made.history_manager.enabled = False
    made.run_line_magic("load_ext", "gil_lab")
    return made


def said(shell, capsys, cell):
    """What is shown for a cell that cannot be measured: one line."""
    assert not shell.run_cell(cell).success
    (line,) = [line for line in "".join(capsys.readouterr()).splitlines() if line.strip()]
    return line


def test_a_function_of_a_cell_is_measured_under_the_models_that_are_named(shell):
    """In processes too, with what earlier cells define; the results are displayed."""
    shell.run_cell("offset = 7")
    done = shell.run_cell(CELL.format(strategies="threading multiprocessing"))
    assert done.success
    assert {row.cell.strategy for row in done.result} == {"sequential", "threading", "multiprocessing"}
    assert {row.cell.workers for row in done.result if not row.is_baseline} == {2}
    assert {row.status for row in done.result} == {"ok"}
    assert "multiprocessing" in done.result._repr_html_()


def test_inputs_of_an_earlier_cell_are_used_and_named(shell, capsys):
    """As notebooks do with any name; but whoever forgot to change them sees it."""
    own = f"%%gil_lab threading {SHORT}\ndef same(x):\n    return x\n"
    assert shell.run_cell(f"{own}inputs = [1] * 8").success
    assert "earlier cell" not in capsys.readouterr().out
    assert shell.run_cell(own).success
    assert "inputs are those of an earlier cell" in capsys.readouterr().out


def test_a_line_measures_an_experiment(shell):
    """With the options of the command."""
    done = shell.run_cell(LINE)
    assert done.success
    assert [row.cell.strategy for row in done.result] == ["sequential", "threading"]


def test_with_predict_the_question_stands_before_the_results(shell):
    """They open in its frame after a choice."""
    pytest.importorskip("vl_convert", reason="vl-convert is not installed")
    done = shell.run_cell(f"{LINE} --predict")
    assert done.success
    assert done.result._repr_html_().startswith("<iframe srcdoc=")


REFUSED = {
    "%gil_lab": "say which experiment: %gil_lab cpu-bound",
    "%gil_lab nowhere": "unknown experiment 'nowhere'",
    "%gil_lab cpu-bound --workers many": "workers",
    "%gil_lab cpu-bound --resume x": "--resume is for the command line",
    "%gil_lab cpu-bound --nope": "--nope",
    "%%gil_lab threading\nx = 1": "defines no function",
    "%%gil_lab threading\nf = lambda x: x": "define it with def",
    "%%gil_lab threading\ndef f(x):\n    return x": "there is no inputs",
    "%%gil_lab thredding\ndef f(x):\n    return x\ninputs = [1, 2]": "did you mean 'threading'?",
    "%%gil_lab asyncio\ndef f(x):\n    return x\ninputs = [1, 2]": "coroutines need async def",
    "%%gil_lab threading --size 3\ndef f(x):\n    return x\ninputs = [1, 2]": "--size is not for a function of a cell",
}


@pytest.mark.parametrize(("cell", "why"), REFUSED.items(), ids=REFUSED.values())
def test_what_cannot_be_measured_costs_one_line(shell, capsys, cell, why):
    """Without a traceback, and nothing is written."""
    assert why in said(shell, capsys, cell)
    from pathlib import Path

    assert not Path("results").exists()


def test_a_cell_that_fails_is_shown_as_ever(shell, capsys):
    """And is not measured; the cells below it are not run then."""
    assert not shell.run_cell("%%gil_lab threading\ndef f(x):\n    return x\ninputs = 1 / 0").success
    shown = "".join(capsys.readouterr())
    assert "ZeroDivisionError" in shown
    assert "nothing was measured" in shown


def test_an_error_of_the_lab_takes_one_line_in_a_notebook(shell, capsys):
    """The cause and the next step, in the place of the lab's own calls."""
    shell.run_cell("from gil_lab import UsageError")
    assert said(shell, capsys, "raise UsageError('no; do this')") == "UsageError: no; do this"


def test_the_last_function_of_a_cell_is_meant():
    """Of those at its top level."""
    assert function_in("def a(): pass\nasync def b():\n    def c(): pass\nclass D:\n    def e(self): pass") == "b"


def test_options_are_parsed_as_those_of_the_command():
    """By the same parameters, so that they are the same."""
    given = parsed(["io-bound", "--workers", "2,4", "--quick"])
    assert (given["experiment"], given["workers"], given["quick"]) == ("io-bound", ["2,4"], True)
    assert parsed(["--help"]) == {}


KEPT = """import os
print("not this")

@str
def f(x):
    return x

y = [1,
     2]
"""


def test_a_mistyped_option_is_refused_with_the_nearest_one():
    with pytest.raises(UsageError, match="No such option: --worker; did you mean '--workers'"):
        parsed(["cpu-bound", "--worker", "3"])


def test_what_is_kept_of_a_cell_stands_in_its_lines():
    """Below the magic, so that an error in it names the line of the cell."""
    kept = [one for one in ast.parse(KEPT).body if not isinstance(one, ast.Expr)]
    lines = definitions(KEPT, kept).split("\n")
    assert lines == [line if number != 1 else "" for number, line in enumerate(KEPT.split("\n"))]


def test_of_two_statements_in_a_line_one_is_kept():
    """Then without its place."""
    cell = "x = 1; print(x)"
    assert definitions(cell, ast.parse(cell).body[:1]) == "x = 1"


def test_the_help_over_a_cell_is_that_of_a_cell(capsys):
    """It has five options, and models in the place of an experiment."""
    assert of_cell("threading --help", "def f(x): pass", None) is None
    assert capsys.readouterr().out.startswith("Usage: %%gil_lab [STRATEGY...] [OPTIONS]")


INTERRUPTED = """
import signal
from gil_lab.experiment.notebook_watcher import NotebookWatcher

took_turns = NotebookWatcher.took_turns

def interrupted(self, turns):
    NotebookWatcher.took_turns = took_turns
    signal.raise_signal(signal.SIGINT)

NotebookWatcher.took_turns = interrupted
"""
"""A kernel is interrupted by that signal: here once, when the first round of a session is on disk."""
RESUMED = """
import gil_lab, psutil
from pathlib import Path

print(len(psutil.Process().children(recursive=True)), "processes")
(folder,) = Path("results/cpu-bound").iterdir()
gil_lab.resume(folder)
"""


def test_a_notebook_is_executed_by_a_kernel_with_its_event_loop(tmp_path, monkeypatch):
    """As JupyterLab executes it: the results are there as HTML and as text. Processes are measured above.

    A cell that is interrupted says in one line what is kept; nothing of it runs on, and the session can be finished.
    """
    nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")
    nbformat = pytest.importorskip("nbformat")
    pytest.importorskip("ipykernel", reason="ipykernel is not installed")
    for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    cells = [
        "%load_ext gil_lab",
        "import asyncio; asyncio.get_running_loop()",
        "offset = 1",
        INTERRUPTED,
        LINE.replace("--rounds 1", "--rounds 2"),
        RESUMED,
        CELL.format(strategies="threading"),
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    stopped, resumed = notebook.cells[4:6]
    stopped.metadata["tags"] = ["raises-exception"]
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "", "language": "python"}
    nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    line, error = [output for output in stopped.outputs if output.output_type in ("display_data", "stream")]
    assert line.data["text/plain"].startswith("cpu-bound: stopped; kept 0 rows and 1 round of turns in ")
    assert error.text.startswith("UsageError: gil-lab: interrupted; kept 0 rows and 1 round of turns in ")
    assert "; here: gil_lab.resume('results/cpu-bound/" in error.text
    assert error.text.count("\n") <= 1
    assert resumed.outputs[0].text == "0 processes\n"
    assert "threading" in resumed.outputs[-1].data["text/plain"]
    shown = [output.data for output in notebook.cells[-1].outputs if output.output_type == "execute_result"]
    assert "threading" in shown[0]["text/html"]
    assert "count, 8 tasks" in shown[0]["text/plain"]
