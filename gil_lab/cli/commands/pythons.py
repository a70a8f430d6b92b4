"""`gil-lab pythons`, and the option `--python` of other commands."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from gil_lab.cli import parsing
from gil_lab.cli.python_option import wait_for

if TYPE_CHECKING:
    from gil_lab.cli.terminal.screen import Screen
    from gil_lab.interpreters import Interpreter, Missing

HEADING = ("Python", "version", "build", "GIL", "bytecode", "strategies")
CACHED = {"beside": "cached", "elsewhere": "cached elsewhere", "none": "not cached"}
HINT = "\nChoose with --python NAME[,NAME...] or all; settings: 3.13t+gil, 3.13t+nogil, this+switch=0.5ms, +cores=1."
Rows = Iterator[tuple[str, ...]]


def pythons(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME|PATH...]", help="Only these; 3.14, 3.13t+gil, this, venv/.")
    ] = None,
) -> int:
    """List Pythons (--python NAME): what they are, which strategies work there, and why the others do not."""
    from rich.table import Table
    from rich.text import Text

    from gil_lab.cli.terminal.screen import Screen
    from gil_lab.interpreters import choose, survey

    screen = Screen()
    asked = parsing.several("python", names)
    choice = wait_for(screen, survey if asked is None else lambda: choose(asked))
    if choice.interpreters:
        table = Table(*HEADING, box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
        for row in _summaries(choice.interpreters):
            table.add_row(*map(Text, row))
        screen.print(table)
    for names_of_it, path, details in _programs(choice.interpreters):
        screen.print(Text.assemble("\n", (names_of_it, "bold"), "  ", path), soft_wrap=True)
        _indented(screen, details)
    if choice.missing:
        screen.print("\nCannot be used", style="bold")
        _indented(screen, _failures(choice.missing))
    if asked is None:
        screen.print(HINT)
    return 2 if asked and choice.missing else 0


def _indented(screen: "Screen", lines: Iterable[str]) -> None:
    from rich.padding import Padding
    from rich.text import Text

    for line in lines:
        screen.print(Padding(Text(line, overflow="fold"), (0, 0, 0, 2)))


def _summaries(interpreters: "Sequence[Interpreter]") -> Rows:
    from gil_lab.suite.catalogue import Catalogue

    known = Catalogue().strategy_names()
    for one in interpreters:
        facts = one.facts
        build = f"{'free-threaded, ' * facts.free_threaded}{facts.compiler.partition(' (')[0]}"
        gil = "off" if not facts.gil else "on"
        gil += " until an import" * (facts.gil_after_imports and not facts.gil)
        works = sum(facts.reason_against(name) is None for name in known)
        yield _name(one), facts.version, build, gil, CACHED.get(facts.bytecode, ""), f"{works} of {len(known)}"


def _name(one: "Interpreter") -> str:
    """Where another one has all the names that it could have, it has its path only."""
    return "(path)" if one.label == one.executable else one.label


def _programs(interpreters: "Sequence[Interpreter]") -> list[tuple[str, str, tuple[str, ...]]]:
    """Names, path and details; settings that change nothing in these are told together."""
    together: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for one in interpreters:
        together.setdefault((one.executable, tuple(_details(one))), []).append(_name(one))
    return [(", ".join(names), path, details) for (path, details), names in together.items()]


def _details(one: "Interpreter") -> Iterator[str]:
    """Its packages, how it was built, what works there and, by reason, what does not."""
    from gil_lab.suite.catalogue import Catalogue

    facts = one.facts
    if facts.packages:
        yield ", ".join(f"{package.name} {package.version}" for package in facts.packages)
    if facts.configured:
        yield f"built {' '.join(facts.configured)}"
    refused = {refusal.strategy for refusal in facts.refusals}
    yield f"runs {', '.join(name for name in Catalogue().strategy_names() if name not in refused)}"
    reasons: dict[str, list[str]] = {}
    for refusal in facts.refusals:
        reasons.setdefault(refusal.reason, []).append(refusal.strategy)
    for reason, names in reasons.items():
        yield f"not {', '.join(names)}: {reason}"
    if facts.bytecode == "none":
        yield "no bytecode caches can be written: make ~/.cache (or XDG_CACHE_HOME) writable for you alone"


def _failures(missing: "Sequence[Missing]") -> Iterator[str]:
    for one in missing:
        yield f"{one.reason if one.name in one.reason else f'{one.name}: {one.reason}'}"


COMMAND = pythons
