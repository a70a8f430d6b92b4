"""What became of claims, for a terminal."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from gil_lab.analysis.claims import Checked, Outcome
from gil_lab.model.text import one_line
from gil_lab.report.tables.claims import HEADING, told

STYLES = {Outcome.HOLDS: "green", Outcome.FAILS: "bold red", Outcome.UNKNOWN: "yellow"}


def parts(claims: Sequence[Checked], heading: str = HEADING) -> Iterator[RenderableType]:
    """A heading, then each claim with its outcome in front and what it comes from below; nothing if there are none."""
    if not claims:
        return
    yield Text(f"\n{heading}", style="bold")
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column()
    for one in claims:
        grid.add_row(Text(one.judgement.outcome, STYLES[one.judgement.outcome]), Text(one_line(one.sentence)))
        if seen := told(one):
            grid.add_row("", Text(seen, style="dim"))
    yield grid
