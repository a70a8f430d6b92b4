"""The progress of a session: a live view on a terminal, plain lines elsewhere. Nothing is drawn during a trial."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from gil_lab.analysis.results import reference_of
from gil_lab.analysis.summaries import Summary, summaries
from gil_lab.cli.terminal.screen import Screen
from gil_lab.cli.terminal.stopping import STOPPING
from gil_lab.model.cell_names import naming_everywhere
from gil_lab.model.records import Cell, CoreSample, Trial
from gil_lab.report.documents.session import map_of, tables
from gil_lab.report.tables.as_rich import DrawnLines, as_rich
from gil_lab.report.text.map import HEIGHT, letters
from gil_lab.report.text.sentences import name
from gil_lab.sessions.rows import TrialRow
from gil_lab.sessions.run import PreparedSession

BAR_WIDTH = 20
MAX_CORE_BARS = 8


class PlainProgress:
    """One plain line per trial, for pipes and logs."""

    def __init__(self, screen: Console, prepared: PreparedSession) -> None:
        before = prepared.earlier.session.final if prepared.earlier else []
        self.screen, self.total, self.before = screen, len(before) + len(prepared.trials), len(before)
        self.reference = reference_of(prepared.catalogue)
        self.cells = prepared.cells
        self.rounds = [*(row.round for row in before), *(trial.round for trial in prepared.trials)]
        self.rows: list[TrialRow] = list(before)

    def label(self, cell: Cell) -> str:
        """Its work and its name among the cells of the session."""
        label = naming_everywhere(self.cells)(cell)
        return label if label.startswith(f"{cell.work} ") else f"{cell.work} {label}"

    def stored_in(self, folder: Path) -> None:
        STOPPING.note = f"every finished trial is kept in {folder}"
        missing = f", of which {self.total - self.before} are missing" if self.before else ""
        self.screen.print(f"{self.total} trials{missing}; results go to {folder}", soft_wrap=True)

    def started(self, trial: Trial) -> None:
        pass

    def finished(self, row: TrialRow, samples: Sequence[CoreSample]) -> None:
        self.rows.append(row)
        self.screen.print(f"[{row.trial}/{self.total}] {outcome(row, self.label(row.cell))}", soft_wrap=True)
        self.after_round()

    def after_round(self) -> None:
        """The table so far, after each round but the last, after which the report shows it."""
        done = len(self.rows)
        if done < self.total and self.rounds[done] != self.rounds[done - 1]:
            for part in as_rich(tables(self.summaries(self.rows))):
                self.screen.print(part)

    def summaries(self, rows: Sequence[TrialRow]) -> list[Summary]:
        """In the experiment's order."""
        return summaries(sorted(rows, key=lambda row: self.cells.index(row.cell)), self.reference)


class LiveView(PlainProgress):
    """The growing map, how busy each core was in the last trial, and the remaining time.

    DrawnLines between trials only: drawing during a trial would take a core from it.
    """

    def __init__(self, screen: Console, prepared: PreparedSession) -> None:
        super().__init__(screen, prepared)
        self.live = Live(console=screen, auto_refresh=False, transient=True)  # a refresh thread would disturb trials
        self.began = time.monotonic()
        self.cores = prepared.machine.usable_cores
        self.busy: tuple[float, ...] = ()

    def started(self, trial: Trial) -> None:
        self.live.update(Group(*self.view(trial)), refresh=True)

    def finished(self, row: TrialRow, samples: Sequence[CoreSample]) -> None:
        super().finished(row, samples)
        if samples:
            first, last = samples[0], samples[-1]
            elapsed = (last.at_ns - first.at_ns) / 1e9
            pairs = zip(first.busy_s, last.busy_s, strict=True)
            self.busy = tuple(min(1.0, max(0.0, (after - before) / elapsed)) for before, after in pairs)

    def view(self, current: Trial) -> Iterator[RenderableType]:
        room = self.live.console.height - 2
        bars = self.bars()
        if len(bars) + HEIGHT + 6 <= room:
            same_work = [row for row in self.rows if work(row.cell) == work(current.cell)]
            group = self.summaries(same_work)
            if marks := [f"{letter}\u00a0{name(alike[0])}" for letter, alike in letters(group).items()]:
                yield DrawnLines(map_of(group, self.cores))
                yield Text("  ".join(marks), style="dim")
        if len(bars) + 1 <= room:
            yield from map(Text, bars)
        done = len(self.rows)
        now = done - self.before
        remaining = (time.monotonic() - self.began) / now * (self.total - done) if now else None
        estimate = f"about {remaining:.0f} s left" if remaining is not None else "time left not known yet"
        yield Text(
            f"[{done}/{self.total}] measuring {self.label(current.cell)}; {estimate}", no_wrap=True, overflow="ellipsis"
        )

    def bars(self) -> list[str]:
        """How busy each core was: a bar for each of a few cores, a character for each of many."""
        plain = not self.live.console.encoding.lower().startswith("utf")
        if len(self.busy) > MAX_CORE_BARS:
            steps = "0123456789" if plain else "▁▂▃▄▅▆▇█"
            signs = (steps[min(len(steps) - 1, int(busy * len(steps)))] for busy in self.busy)
            return [f"cores {''.join(signs)} {sum(self.busy):.1f} busy"]
        full, empty = ("#", ".") if plain else ("█", "░")
        filled = [round(busy * BAR_WIDTH) for busy in self.busy]
        return [
            f"core {core} {full * part}{empty * (BAR_WIDTH - part)} {100 * busy:3.0f} %"
            for core, (part, busy) in enumerate(zip(filled, self.busy, strict=True))
        ]


def work(cell: Cell) -> tuple[str, int, int]:
    return cell.work, cell.tasks, cell.size


def outcome(row: TrialRow, label: str) -> str:
    """One trial in one line."""
    if row.numbers is None:
        return f"{label}: {row.status}: {row.detail}"
    text = f"{label}: {row.numbers.wall_s:.4g} s, {row.numbers.cores_busy:.1f} cores busy"
    return f"{text} ({', '.join(row.flags)})" if row.flags else text


@contextmanager
def progress_for(screen: Screen, prepared: PreparedSession) -> Iterator[PlainProgress]:
    """The live view if the terminal can redraw, else plain lines."""
    if not screen.redraws:
        yield PlainProgress(screen, prepared)
        return
    view = LiveView(screen, prepared)
    STOPPING.undraw = view.live.stop
    with view.live:
        yield view
