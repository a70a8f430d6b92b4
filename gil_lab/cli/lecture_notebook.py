"""The lecture's notebook as text: where it is, and what it tells people to watch. Nothing of it is run."""

import ast
import inspect
from pathlib import Path

from gil_lab.model.errors import StoreError
from gil_lab.model.frozen import frozen

PACKAGE = Path(__file__).parents[1]
FOLDERS = (PACKAGE / "lectures", PACKAGE.parent / "lectures")
"""In a wheel, and in a checkout."""
NOTEBOOK = "lecture.py"
MEASURE_AGAIN = "**Change a number"
"""How the paragraph begins that is for those who can."""


def lecture_file() -> Path:
    """Raises StoreError if this copy of the lab has none."""
    for folder in FOLDERS:
        if (folder / NOTEBOOK).is_file():
            return folder / NOTEBOOK
    raise StoreError("this copy of gil-lab came without its lecture; install its wheel or use a checkout")


@frozen
class Passage:
    """What the lecture says of an experiment, and shows first."""

    text: str
    """What to watch, as Markdown."""
    picture: str
    """Its name; empty where a table stands first."""


def passages(notebook: Path) -> dict[str, Passage]:
    """By the name of each experiment, in the order of the lecture.

    Of a cell `see_...`, the name that it gives to `measured(...)`, and what it gives to `shown(...)`.
    """
    found = {}
    for cell in ast.parse(notebook.read_text(encoding="utf-8")).body:
        called = [node for node in ast.walk(cell) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
        calls = {node.func.id: node for node in called if isinstance(node.func, ast.Name)}
        if isinstance(cell, ast.FunctionDef) and cell.name.startswith("see_") and {"measured", "shown"} <= set(calls):
            (text,) = [given.value for given in calls["shown"].keywords if given.arg == "text"]
            pictures = [one.value for one in calls["shown"].args if isinstance(one, ast.Constant)]
            first = str(pictures[0]).replace("_", "-") if pictures else ""
            name = ast.literal_eval(calls["measured"].args[0])
            found[name] = Passage(_to_watch(ast.literal_eval(text)), first)
    return found


def _to_watch(text: str) -> str:
    paragraphs = inspect.cleandoc(text).split("\n\n")
    return "\n\n".join(one for one in paragraphs if not one.startswith(MEASURE_AGAIN))
