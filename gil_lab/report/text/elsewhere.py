"""Work that was done outside of the tasks: by what the inputs started."""

from collections.abc import Sequence

from gil_lab.analysis.summaries import Summary
from gil_lab.analysis.verdicts import HALF_A_CORE
from gil_lab.model.cell_names import naming_everywhere
from gil_lab.report.text.sentences import counted

MAX_NAMED = 3
HARDLY_A_CORE, MOST_OF_IT = 0.1, 2
"""Cores, and times as much as the tasks: servers of the lab's own workloads use less than their clients."""


def work_elsewhere(rows: Sequence[Summary]) -> str:
    """That processes which the inputs started kept cores busy, which no number of a cell counts; empty if none did."""
    found = [row for row in rows if (row.service_cores_busy or 0.0) >= _much_of(row)]
    if not found:
        return ""
    called = naming_everywhere(row.cell for row in rows)
    named = [f"{called(row.cell)}: {counted(row.service_cores_busy or 0.0, 'core')}" for row in found[:MAX_NAMED]]
    more = f", {len(found) - MAX_NAMED} more" if len(found) > MAX_NAMED else ""
    return (
        f"Processes that the inputs started kept cores busy beside the tasks ({', '.join(named)}{more}), which cores "
        "busy does not count: it is right of a server, but a pool belongs into a strategy."
    )


def _much_of(row: Summary) -> float:
    """Half a core, or less where the tasks themselves did hardly anything."""
    return min(HALF_A_CORE, max(HARDLY_A_CORE, MOST_OF_IT * (row.cores_busy or 0.0)))
