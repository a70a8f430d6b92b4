"""`gil-lab list`."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gil_lab.cli.python_option import chosen

if TYPE_CHECKING:
    from gil_lab.cli.terminal.screen import Screen
    from gil_lab.interpreters import Interpreter
    from gil_lab.suite.catalogue import Catalogue


def list_(
    name: Annotated[
        str,
        typer.Argument(metavar="[NAME|FILE.py]", help="What is called so, or your own file beside the rest."),
    ] = "",
    python: Annotated[
        list[str] | None, typer.Option(metavar="NAME|PATH", help="Which Pythons: 3.13t, all; see gil-lab pythons.")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say what each of them is.")] = False,
) -> None:
    """List experiments, workloads and strategies; what one of them is, and what cannot run here and why."""
    from gil_lab.cli.terminal.screen import Screen
    from gil_lab.suite.catalogue import Catalogue

    is_file = name.endswith(".py") or "/" in name
    catalogue = _with_file(Path(name)) if is_file else Catalogue()
    if name and not is_file:
        _check_name(name, catalogue)
    interpreters = chosen(python, catalogue.file)
    labels = ", ".join(interpreter.label for interpreter in interpreters)
    screen = Screen()
    if verbose or (name and not is_file):
        only = "" if is_file else name
        _show(screen, "Experiments (gil-lab run NAME)", _experiments(only))
        _show(screen, "Workloads (--workload NAME)", _workloads(catalogue, only))
        _show(screen, f"Strategies (--strategy NAME) with Python {labels}", _strategies(catalogue, interpreters, only))
        return
    screen.print("Experiments (gil-lab run NAME)", style="bold")
    for line in _chapters():
        screen.print(line)
    screen.print("Workloads (--workload NAME)", style="bold")
    screen.print(", ".join(catalogue.workload_names()))
    screen.print("Strategies (--strategy NAME)", style="bold")
    screen.print(", ".join(catalogue.strategy_names()))
    refused = [
        each for each in catalogue.strategy_names() if any(one.facts.reason_against(each) for one in interpreters)
    ]
    if refused:
        screen.print(f"Not everywhere under {labels}: {', '.join(refused)}.")
    screen.print("What one of them is: gil-lab list NAME; all: gil-lab list -v", style="dim")


def _with_file(file: Path) -> "Catalogue":
    from gil_lab.experiment import own_files

    return own_files.read(file)


def _check_name(name: str, catalogue: "Catalogue") -> None:
    """Raise UsageError, with the nearest name, unless something is called so."""
    from gil_lab.suite.catalogue import check_known, names

    known = dict.fromkeys((*names("experiments"), *catalogue.workload_names(), *catalogue.strategy_names()))
    check_known("name", name, known)


def _show(screen: "Screen", heading: str, rows: "Iterable[tuple[str, str]]") -> None:
    """Nothing if there are no rows."""
    from gil_lab.cli.outcome import print_blocks
    from gil_lab.report.tables.blocks import Pairs

    if indented := [(f"  {name}" if name else "", text) for name, text in rows]:
        screen.print(heading, style="bold")
        print_blocks(screen, [Pairs(indented)])


def _chapters() -> Iterator[str]:
    """The experiments of each chapter, in the order of the story."""
    from gil_lab.experiment import experiments

    found: dict[str, list[str]] = {}
    for experiment in experiments():
        found.setdefault(str(experiment.chapter or "Further"), []).append(experiment.design.name)
    yield from (f"{chapter}: {', '.join(names)}" for chapter, names in found.items())


def _experiments(only: str) -> Iterator[tuple[str, str]]:
    from gil_lab.experiment import experiments

    for experiment in experiments():
        name, design = experiment.design.name, experiment.design
        if only in ("", name):
            yield name, experiment.question
        if only == name:
            yield "", f"workloads: {', '.join(_works(design.workloads))}"
            yield "", f"strategies: {', '.join(design.strategies)}"
            yield "", f"under Python {', '.join(design.pythons)}"
            picture = f"; its picture: {experiment.picture}" if experiment.picture else ""
            yield "", f"its claims: gil-lab claims {name}{picture}"


def _works(workloads: "Iterable[str]") -> Iterator[str]:
    """Each once, with the number of its variants: `contention` has nineteen."""
    from collections import Counter

    for work, number in Counter(name.partition("+")[0] for name in workloads).items():
        variants = number - (work in workloads)
        yield f"{work} ({variants} variant{'s' * (variants > 1)})" if variants else work


def _workloads(catalogue: "Catalogue", only: str) -> Iterator[tuple[str, str]]:
    for name in catalogue.workload_names():
        if only not in ("", name):
            continue
        workload = catalogue.workload(name)
        yield name, f"{workload.summary} ({BOUND[workload.bound]})"
        yield (
            "",
            f"{workload.tasks} tasks of size {workload.size:,} ({workload.size_unit}); as {', '.join(workload.forms)}",
        )
        for variant in catalogue.variant_names(name):
            work = catalogue.workload(variant)
            yield f"  {variant[len(name) :]}", work.summary
            if work.instead:
                yield "", f"instead: {work.instead}"


BOUND = {"cpu": "CPU-bound", "io": "I/O-bound", "both": "bound by CPU and I/O"}


def _strategies(catalogue: "Catalogue", interpreters: "Sequence[Interpreter]", only: str) -> Iterator[tuple[str, str]]:
    for name in catalogue.strategy_names():
        if only not in ("", name):
            continue
        yield name, catalogue.strategy(name).summary
        reasons: dict[str, list[str]] = {}
        for interpreter in interpreters:
            if reason := interpreter.facts.reason_against(name):
                reasons.setdefault(reason, []).append(interpreter.label)
        for reason, labels in reasons.items():
            yield "", f"cannot run under {', '.join(labels)}: {reason}"


COMMAND = list_
