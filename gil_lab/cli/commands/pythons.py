"""`gil-lab pythons`."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from gil_lab.cli import parsing
from gil_lab.cli.python_option import wait_for

if TYPE_CHECKING:
    from gil_lab.cli.terminal.screen import Screen
    from gil_lab.interpreters import Interpreter, Missing

COLUMNS = ("Python", "version", "build", "GIL", "bytecode", "strategies")
CACHED = {"beside": "cached", "elsewhere": "cached elsewhere", "none": "not cached"}
HINT = (
    "\nChoose with --python NAME[,NAME...] or all; settings: 3.13t+gil, 3.13t+nogil, this+switch=0.5ms, +cores=1, "
    "+threads=4."
)
Rows = Iterator[tuple[str, ...]]


def pythons(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME|PATH...]", help="Only these; 3.14, 3.13t+gil, this, venv/.")
    ] = None,
) -> int:
    """List Pythons (--python NAME): versions and builds, which strategies work, and why the others do not."""
    from rich.table import Table
    from rich.text import Text

    from gil_lab.cli.terminal.screen import Screen
    from gil_lab.interpreters import choose, survey
    from gil_lab.interpreters.locations import places

    screen = Screen()
    requested = parsing.several("python", names)
    choice = wait_for(screen, survey if requested is None else lambda: choose(requested))
    if choice.interpreters:
        table = Table(*COLUMNS, box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
        for row in _summaries(choice.interpreters):
            table.add_row(*map(Text, row))
        screen.print(table)
    for heading, path, details in _programs(choice.interpreters):
        screen.print(Text.assemble("\n", (heading, "bold"), "  ", path), soft_wrap=True)
        _indented(screen, details)
    if choice.missing:
        screen.print("\nCannot be used", style="bold")
        _indented(screen, _failures(choice.missing))
    if requested is None:
        screen.print(HINT)
        if not any(interpreter.facts.free_threaded for interpreter in choice.interpreters):
            screen.print("No free-threaded Python was found. To get one: uv python install 3.14t")
        screen.print(f"{places()} Any other one: --python PATH.", style="dim")
    return 2 if requested and choice.missing else 0


def _indented(screen: "Screen", lines: Iterable[str]) -> None:
    from rich.padding import Padding
    from rich.text import Text

    for line in lines:
        screen.print(Padding(Text(line, overflow="fold"), (0, 0, 0, 2)))


def _summaries(interpreters: "Sequence[Interpreter]") -> Rows:
    from gil_lab.suite.catalogue import Catalogue

    known = Catalogue().strategy_names()
    for interpreter in interpreters:
        facts = interpreter.facts
        build = f"{'free-threaded, ' * facts.free_threaded}{facts.compiler.partition(' (')[0]}"
        gil = "off" if not facts.gil else "on"
        gil += " until an import" * (facts.gil_after_imports and not facts.gil)
        works = sum(facts.reason_against(name) is None for name in known)
        yield _name(interpreter), facts.version, build, gil, CACHED.get(facts.bytecode, ""), f"{works} of {len(known)}"


def _name(interpreter: "Interpreter") -> str:
    """Its label, unless that is its path because others have all of its possible names."""
    return "(path)" if interpreter.label == interpreter.executable else interpreter.label


def _programs(interpreters: "Sequence[Interpreter]") -> list[tuple[str, str, tuple[str, ...]]]:
    """Names, path and details; interpreters with the same path and details share an entry."""
    together: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for interpreter in interpreters:
        key = interpreter.executable, tuple(_details(interpreter))
        together.setdefault(key, []).append(_name(interpreter))
    return [(", ".join(names), path, details) for (path, details), names in together.items()]


def _details(interpreter: "Interpreter") -> Iterator[str]:
    """Its packages, its build flags, what works there and, by reason, what does not."""
    from gil_lab.suite.catalogue import Catalogue

    facts = interpreter.facts
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
        yield "no bytecode caches can be written: make ~/.cache (or XDG_CACHE_HOME) writable for you only"


def _failures(missing: "Sequence[Missing]") -> Iterator[str]:
    for item in missing:
        yield item.reason if item.name in item.reason else f"{item.name}: {item.reason}"


COMMAND = pythons
