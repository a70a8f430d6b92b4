"""The results of a session, as notebooks and scripts hold them: they show themselves as tables and pictures."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gil_lab.analysis.results import SessionResults
from gil_lab.analysis.summaries import Summary
from gil_lab.model.errors import GilLabError, UsageError
from gil_lab.sessions.csv_table import columns

if TYPE_CHECKING:
    import pandas as pd

    from gil_lab.report.pictures import Picture


@dataclass(frozen=True, repr=False)
class Results(SessionResults):
    """One row a cell, in the order in which the experiment names them. Shows itself as a table.

    `map()`, `matrix()`, `speedups()`, `timeline()`, `cores()`, `costs()` and `scaling()` are pictures, which notebooks
    draw without any package.
    """

    def to_pandas(self) -> "pd.DataFrame":
        """A data frame with the columns of summary.csv. Raises GilLabError if pandas is not installed."""
        try:
            import pandas as pd
        except ImportError:
            raise GilLabError("pandas is not installed; python -m pip install pandas") from None
        from gil_lab.report.tables.as_data import as_dicts

        return pd.DataFrame(as_dicts(self.rows, Summary), columns=list(columns(Summary)))

    def map(self) -> "Picture":
        """Tasks in flight against cores busy: which cells are concurrent, and which of them parallel."""
        return self.picture("map")

    def matrix(self) -> "Picture":
        """Strategies x interpreters: what each brought, and how many cores it kept busy."""
        return self.picture("matrix")

    def speedups(self) -> "Picture":
        """How many times faster than sequential, split into compiled and parallel, with intervals."""
        return self.picture("speedups")

    def timeline(self, *strategies: str) -> "Picture":
        """Who ran which task when, in one pass: `results.timeline("threading", "multiprocessing")`; all by default."""
        chosen = tuple(row for row in self.rows if not strategies or row.cell.strategy in strategies)
        there = {row.cell.strategy for row in self.rows}
        if unknown := set(strategies) - there:
            raise UsageError(f"there is no {min(unknown)!r} in these results; there are {', '.join(sorted(there))}")
        return Results(self.session, chosen).picture("timeline")

    def states(self) -> "Picture":
        """What the tasks did with their time: running, ready, blocked."""
        return self.picture("states")

    def cores(self) -> "Picture":
        """How busy each core was over the timed passes."""
        return self.picture("cores")

    def costs(self) -> "Picture":
        """Where the time goes: start-up, compilation, work."""
        return self.picture("costs")

    def delays(self) -> "Picture":
        """How late a heartbeat was beside each cell."""
        return self.picture("delays")

    def warm_up(self) -> "Picture":
        """How long the first passes took against the later ones."""
        return self.picture("warm-up")

    def scaling(self) -> "Picture":
        """Wall time and efficiency over the number of workers."""
        return self.picture("scaling")

    def picture(self, name: str) -> "Picture":
        """The picture of that name. Raises NothingToDrawError, with what to measure, if these results lack its data."""
        from gil_lab.report import pictures

        return pictures.draw(name, self)

    def __repr__(self) -> str:
        from gil_lab.report.documents.session import as_text

        return as_text(self.rows, self.across, self.observed).rstrip() if self.rows else "Results of no cell"

    def _repr_html_(self) -> str:
        from gil_lab.report.documents.session import summary
        from gil_lab.report.tables.as_html import as_html

        return as_html(summary(self.rows, self.across, self.observed))
