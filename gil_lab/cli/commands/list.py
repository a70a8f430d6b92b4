"""`gil-lab list`."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gil_lab.cli.python_option import chosen

if TYPE_CHECKING:
    from gil_lab.interpreters import Interpreter
    from gil_lab.suite.catalogue import Catalogue


def list_(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE.py]", help="Also list what your own file defines.")
    ] = None,
    python: Annotated[
        list[str] | None, typer.Option(metavar="NAME|PATH", help="Which Pythons: 3.13t, all; see gil-lab pythons.")
    ] = None,
) -> None:
    """List experiments, workloads and strategies, and what cannot run here and why."""
    from rich.table import Table
    from rich.text import Text

    from gil_lab.cli.terminal.screen import Screen
    from gil_lab.suite.catalogue import Catalogue, with_file

    catalogue = with_file(file) if file else Catalogue()
    interpreters = chosen(python, catalogue.file)
    labels = ", ".join(interpreter.label for interpreter in interpreters)
    screen = Screen()
    for heading, rows in (
        ("Experiments (gil-lab run NAME)", _experiments()),
        ("Workloads (--workload NAME)", _workloads(catalogue)),
        (f"Strategies (--strategy NAME) with Python {labels}", _strategies(catalogue, interpreters)),
    ):
        grid = Table.grid(padding=(0, 1))
        for row in rows:
            grid.add_row("", *map(Text, row))
        screen.print(heading, style="bold")
        screen.print(grid)


def _experiments() -> Iterator[tuple[str, str]]:
    from gil_lab.experiment import experiments

    for experiment in experiments():
        yield experiment.design.name, experiment.question


def _workloads(catalogue: "Catalogue") -> Iterator[tuple[str, str]]:
    for name in catalogue.workload_names():
        workload = catalogue.workload(name)
        yield name, f"{workload.summary} ({workload.bound}-bound)"
        yield "", f"{workload.tasks} tasks of size {workload.size} ({workload.size_unit}); {', '.join(workload.forms)}"
        for variant in catalogue.variant_names(name):
            yield f"  {variant[len(name) :]}", catalogue.workload(variant).summary


def _strategies(catalogue: "Catalogue", interpreters: "Sequence[Interpreter]") -> Iterator[tuple[str, str]]:
    for name in catalogue.strategy_names():
        yield name, catalogue.strategy(name).summary
        reasons: dict[str, list[str]] = {}
        for interpreter in interpreters:
            if reason := interpreter.facts.reason_against(name):
                reasons.setdefault(reason, []).append(interpreter.label)
        for reason, labels in reasons.items():
            yield "", f"cannot run under {', '.join(labels)}: {reason}"


COMMAND = list_
