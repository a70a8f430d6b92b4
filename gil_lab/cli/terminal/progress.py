"""The progress of a session: a live view on a terminal, plain lines elsewhere. Nothing is drawn during a turn."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from gil_lab.analysis.results import reference_of
from gil_lab.analysis.speedups_so_far import SpeedupsSoFar
from gil_lab.analysis.summaries import summaries
from gil_lab.cli.terminal.screen import Screen
from gil_lab.cli.terminal.stopping import STOPPING
from gil_lab.model.cell_names import naming_everywhere
from gil_lab.model.records import Cell, CoreSample, Trial, Turn, Usage
from gil_lab.report.documents.session import map_of
from gil_lab.report.tables.as_rich import DrawnLines, Words
from gil_lab.report.tables.results import ratio
from gil_lab.report.text.map import HEIGHT, letters
from gil_lab.report.text.sentences import name
from gil_lab.sessions.rows import TrialRow
from gil_lab.sessions.run import PreparedSession
from gil_lab.sessions.time_left import TimeLeft

BAR_WIDTH, LEAST_BAR, WIDEST_BAR, BESIDE_BAR = 20, 10, 60, 16
"""Columns of a bar, and of what stands before and behind one."""
MAX_CORE_BARS = 8


class PlainProgress:
    """One plain line per trial, for pipes and logs."""

    def __init__(self, screen: Console, prepared: PreparedSession) -> None:
        before = prepared.earlier.session.final if prepared.earlier else []
        self.screen, self.prepared, self.before = screen, prepared, len(before)
        self.total = len(before) + len(prepared.trials) if prepared.budget_s is None else None
        """Of the trials; None if the time decides."""
        self.reference = reference_of(prepared.catalogue)
        self.cells = prepared.cells
        self.rows: list[TrialRow] = list(before)
        self.speedups = SpeedupsSoFar(prepared.cells, prepared.options.precision, prepared.options.threshold)
        self.began = time.monotonic()
        self.time_left = TimeLeft(prepared.trials, prepared.options.rounds, prepared.budget_s)
        self.generation = (0, 0)
        """Block and number of the one that runs."""

    def label(self, cell: Cell) -> str:
        """Its work and its name among the cells of the session."""
        label = naming_everywhere(self.cells)(cell)
        return label if label.startswith(f"{cell.work} ") else f"{cell.work} {label}"

    def stored_in(self, folder: Path) -> None:
        STOPPING.note = f"every finished round is kept in {folder}"
        if self.total is None:
            what = f"{len(self.cells)} cells, about {self.prepared.budget_s:.0f} s, three rounds at least"
        else:
            what = f"{self.total} trials" + (
                f", of which {self.total - self.before} are missing" if self.before else ""
            )
        self.screen.print(f"{what}; results go to {folder}", soft_wrap=True)

    def started(self, trial: Trial) -> None:
        """A line for each generation: its first trial has a row only when it ends."""
        self.time_left.started(trial)
        if (trial.block, trial.round) != self.generation:
            self.generation = trial.block, trial.round
            left_s = self.time_left.seconds if trial.round > 1 else None  # the budget was said already
            left = "" if left_s is None else f"; about {left_s:.0f} s left"
            self.screen.print(f"generation {trial.round} of {trial.cell.work}{self.part(trial)}{left}", soft_wrap=True)

    def part(self, trial: Trial) -> str:
        """Of work with too many cells for one block, which of its blocks it is."""
        blocks = sorted({one.block for one in self.prepared.trials if one.cell.work == trial.cell.work})
        return f", part {blocks.index(trial.block) + 1} of {len(blocks)}" if len(blocks) > 1 else ""

    def tracing(self, trial: Trial) -> None:
        self.time_left.tracing()

    def took_turns(self, turns: Sequence[tuple[Trial, Turn]]) -> None:
        self.speedups.add(turns)
        self.time_left.round_ended()

    def has_enough(self) -> bool:
        return self.speedups.enough

    def finished(self, row: TrialRow, samples: Sequence[CoreSample]) -> None:
        self.rows.append(row)
        place = f"{len(self.rows)}" if self.total is None else f"{len(self.rows)}/{self.total}"
        self.screen.print(f"[{place}] {outcome(row, self.label(row.cell))}", soft_wrap=True)


class LiveView(PlainProgress):
    """The growing map, the speed-ups as far as they are known, how busy each core was, and the remaining time.

    It is drawn while all measured processes sleep: drawing during a turn would take a core from it.
    """

    def __init__(self, screen: Console, prepared: PreparedSession) -> None:
        super().__init__(screen, prepared)
        self.live = Live(console=screen, auto_refresh=False, transient=True)  # a refresh thread would disturb turns
        self.cores = prepared.machine.usable_cores
        self.busy: tuple[float, ...] = ()
        self.usage: Usage | None = None
        """Of the last turn."""

    def started(self, trial: Trial) -> None:
        self.time_left.started(trial)
        self.draw(trial.cell, f"starting {self.label(trial.cell)}")

    def tracing(self, trial: Trial) -> None:
        super().tracing(trial)
        self.draw(trial.cell, f"tracing {self.label(trial.cell)}")

    def took_turns(self, turns: Sequence[tuple[Trial, Turn]]) -> None:
        super().took_turns(turns)
        if turns:
            trial, turn = turns[-1]
            self.busy, self.usage = busy_cores(turn.samples), turn.usage
            self.draw(trial.cell, f"round {turn.round}")

    def finished(self, row: TrialRow, samples: Sequence[CoreSample]) -> None:
        super().finished(row, samples)
        self.busy = busy_cores(samples) or self.busy

    def draw(self, current: Cell, what: str) -> None:
        self.live.update(Group(*self.view(current, what)), refresh=True)

    def view(self, current: Cell, what: str) -> Iterator[RenderableType]:
        room = self.live.console.height - 2
        bars, known = self.bars(), self.known()
        if len(bars) + len(known) + HEIGHT + 6 <= room:
            group = summaries(self.in_order(work(current)), self.reference)
            if marks := [f"{letter}\u00a0{name(alike[0])}" for letter, alike in letters(group).items()]:
                yield DrawnLines(map_of(group, self.cores))
                yield Text("  ".join(marks), style="dim")
        if len(bars) + len(known) + 1 <= room:
            yield from map(Words, known)
        if len(bars) + 1 <= room:
            yield from map(Text, bars)
        left = self.time_left.seconds
        estimate = f"about {left:.0f} s left" if left is not None else "time left not known yet"
        done = f"{len(self.rows)}" if self.total is None else f"{len(self.rows)}/{self.total}"
        line = f"[{done}] {what}; {estimate}"
        if left is not None and (room := min(WIDEST_BAR, self.live.console.width - len(line) - 1)) >= LEAST_BAR:
            elapsed = time.monotonic() - self.began
            line = f"{self.bar(elapsed / max(1e-9, elapsed + left), room)} {line}"
        yield Text(line, no_wrap=True, overflow="ellipsis")

    def in_order(self, wanted: tuple[str, int, int]) -> list[TrialRow]:
        """The trials of that work, in the experiment's order."""
        rows = [row for row in self.rows if work(row.cell) == wanted]
        return sorted(rows, key=lambda row: self.cells.index(row.cell))

    def known(self) -> list[str]:
        """The speed-ups so far."""
        known = {self.label(cell): ratio(estimate) for cell, estimate in self.speedups.known.items()}
        width = max(map(len, known), default=0)
        return [f"{label:{width}}  {text}" for label, text in known.items()]

    def bars(self) -> list[str]:
        """How busy each core was: a bar for each of a few cores, a character for each of many."""
        if not self.busy:
            return []
        whose = [self.whose()] if self.usage else []
        if len(self.busy) > MAX_CORE_BARS:
            steps = "0123456789" if self.plain else "▁▂▃▄▅▆▇█"
            signs = (steps[min(len(steps) - 1, int(busy * len(steps)))] for busy in self.busy)
            return [f"cores {''.join(signs)} {sum(self.busy):.1f} busy", *whose]
        room = max(BAR_WIDTH, min(WIDEST_BAR, self.live.console.width - BESIDE_BAR))
        return [
            *(f"core {core} {self.bar(busy, room)} {100 * busy:3.0f} %" for core, busy in enumerate(self.busy)),
            *whose,
        ]

    def whose(self) -> str:
        """Who kept the cores busy in the last turn."""
        usage = self.usage
        if usage is None:
            return ""
        shares = {"measured work": usage.child_s, "its services": usage.service_s, "others": usage.other_s}
        known = {name: taken / usage.wall_s for name, taken in shares.items()}
        return ", ".join(f"{name} {busy:.1f}" for name, busy in known.items() if busy or name != "its services")

    @property
    def plain(self) -> bool:
        """Whether the terminal has no more than ASCII."""
        return not self.live.console.encoding.lower().startswith("utf")

    def bar(self, share: float, width: int) -> str:
        full, empty = ("#", ".") if self.plain else ("█", "░")
        part = round(min(1.0, share) * width)
        return f"{full * part}{empty * (width - part)}"


def busy_cores(samples: Sequence[CoreSample]) -> tuple[float, ...]:
    """The share of the time that each core was busy; empty without samples."""
    if not samples:
        return ()
    first, last = samples[0], samples[-1]
    elapsed_s = max(1, last.at_ns - first.at_ns) / 1e9
    pairs = zip(first.busy_s, last.busy_s, strict=False)
    return tuple(min(1.0, max(0.0, (after - before) / elapsed_s)) for before, after in pairs)


def work(cell: Cell) -> tuple[str, int, int]:
    return cell.work, cell.tasks, cell.size


def outcome(row: TrialRow, label: str) -> str:
    """One trial in one line."""
    if row.numbers is None:
        return f"{label}: {row.status}: {row.detail}"
    text = f"{label}: {row.numbers.wall_s:.4g} s, {row.numbers.cores_busy:.1f} cores busy"
    return f"{text} ({', '.join(row.flags)})" if row.flags else text


class BriefProgress(PlainProgress):
    """A single line, for sessions whose trials no user asked for one by one."""

    def stored_in(self, folder: Path) -> None:
        STOPPING.note = f"every finished round is kept in {folder}"
        budget_s = self.prepared.budget_s
        if budget_s is not None:
            self.screen.print(
                f"comparing {len(self.cells)} variants for {budget_s:.0f} s, or three rounds ...", style="dim"
            )

    def started(self, trial: Trial) -> None:
        self.time_left.started(trial)

    def took_turns(self, turns: Sequence[tuple[Trial, Turn]]) -> None:
        """Says after the first round how long it will take: three of them may be much more than the budget."""
        super().took_turns(turns)
        if turns and turns[-1][1].round == 1 and (left_s := self.time_left.seconds) is not None:
            self.screen.print(f"about {left_s:.0f} s left ...", style="dim")

    def finished(self, row: TrialRow, samples: Sequence[CoreSample]) -> None:
        self.rows.append(row)


@contextmanager
def progress_for(
    screen: Screen, prepared: PreparedSession, plain: type[PlainProgress] = PlainProgress
) -> Iterator[PlainProgress]:
    """The live view if the terminal can redraw, else plain lines."""
    if not screen.redraws:
        yield plain(screen, prepared)
        return
    view = LiveView(screen, prepared)
    STOPPING.undraw = view.live.stop
    with view.live:
        yield view
