"""How a session goes on: a live view on a terminal, plain lines elsewhere. Nothing is drawn while a pass is timed."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from gil_lab.records import Cell, CoreSample, Trial
from gil_lab.report.terminal import tables
from gil_lab.report.words import cell_name
from gil_lab.results import reference_of
from gil_lab.rows import TrialRow
from gil_lab.session import Prepared
from gil_lab.stats import summaries

BAR = 20


class Lines:
    """One plain line a trial, for pipes and logs."""

    def __init__(self, screen: Console, prepared: Prepared) -> None:
        self.screen, self.total = screen, len(prepared.trials)
        self.reference = reference_of(prepared.catalogue)
        self.cells = prepared.cells
        self.rounds = [trial.round for trial in prepared.trials]
        self.rows: list[TrialRow] = []

    def stored_in(self, folder: Path) -> None:
        self.screen.print(f"{self.total} trials; results go to {folder}", soft_wrap=True)

    def started(self, trial: Trial) -> None:
        pass

    def finished(self, row: TrialRow, samples: Sequence[CoreSample]) -> None:
        self.rows.append(row)
        self.screen.print(f"[{row.trial}/{self.total}] {outcome(row)}", soft_wrap=True)
        self.after_round()

    def after_round(self) -> None:
        """The table of what there is so far, after each round but the last, whose table the report shows."""
        done = len(self.rows)
        if done < self.total and self.rounds[done] != self.rounds[done - 1]:
            rows = sorted(self.rows, key=lambda row: self.cells.index(row.cell))
            for part in tables(summaries(rows, self.reference)):
                self.screen.print(part)


class LiveView(Lines):
    """What is being measured, how many trials and how much time are left, and a bar for each core."""

    def __init__(self, screen: Console, prepared: Prepared) -> None:
        super().__init__(screen, prepared)
        self.live = Live(console=screen, auto_refresh=False, transient=True)  # a refresh thread would be a disturbance
        self.began = self.drawn = time.monotonic()
        self.current: Trial | None = None
        self.busy: tuple[float, ...] = ()

    def started(self, trial: Trial) -> None:
        self.current = trial
        self.draw()

    def finished(self, row: TrialRow, samples: Sequence[CoreSample]) -> None:
        super().finished(row, samples)
        if samples:
            first, last = samples[0], samples[-1]
            elapsed = (last.at_ns - first.at_ns) / 1e9
            pairs = zip(first.busy_s, last.busy_s, strict=True)
            self.busy = tuple(min(1.0, max(0.0, (after - before) / elapsed)) for before, after in pairs)

    def draw(self) -> None:
        self.drawn = time.monotonic()
        self.live.update(Group(*self.view()), refresh=True)

    def view(self) -> Iterator[Text]:
        if self.current is None:
            return
        done = len(self.rows)
        left = (self.drawn - self.began) / done * (self.total - done) if done else None
        told = f"about {left:.0f} s left" if left is not None else "time left not known yet"
        yield Text(f"[{done}/{self.total}] measuring {named(self.current.cell)}; {told}")
        ascii_only = not self.live.console.encoding.lower().startswith("utf")
        full, empty = ("#", ".") if ascii_only else ("█", "░")
        for core, busy in enumerate(self.busy):
            filled = round(busy * BAR)
            yield Text(f"core {core} {full * filled}{empty * (BAR - filled)} {100 * busy:3.0f} %")


def named(cell: Cell) -> str:
    return f"{cell.workload} {cell_name(cell)}"


def outcome(row: TrialRow) -> str:
    """One trial in one line."""
    if row.numbers is None:
        return f"{named(row.cell)}: {row.status}: {row.detail}"
    told = f"{named(row.cell)}: {row.numbers.wall_s:.4g} s, {row.numbers.cores_busy:.1f} cores busy"
    return f"{told} ({', '.join(row.flags)})" if row.flags else told


@contextmanager
def progress_for(screen: Console, prepared: Prepared) -> Iterator[Lines]:
    """The live view if both ends are a terminal that can redraw, else plain lines."""
    if not (screen.is_terminal and not screen.is_dumb_terminal and sys.stdout.isatty()):
        yield Lines(screen, prepared)
        return
    view = LiveView(screen, prepared)
    with view.live:
        yield view
