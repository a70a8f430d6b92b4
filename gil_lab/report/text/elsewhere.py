"""Work that was done outside of the tasks: by what the inputs started."""

from collections.abc import Sequence

from gil_lab.analysis.summaries import Summary
from gil_lab.model.language import gettext
from gil_lab.report.text.first_named import first_named
from gil_lab.report.text.sentences import counted

A_SERVERS_CORES = 0.4
"""In 2,007 trials of the reference sessions no server kept more busy than 0.36."""


def work_elsewhere(rows: Sequence[Summary]) -> str:
    """That processes which the inputs started kept cores busy, which no number of a cell counts; empty if none did."""
    found = [row for row in rows if not row.hosts and (row.service_cores_busy or 0.0) > A_SERVERS_CORES]
    if not found:
        return ""
    named = first_named(found, rows, lambda row: counted(row.service_cores_busy or 0.0, "core"))
    text = gettext(
        "Processes that the inputs started kept cores busy beside the tasks ({named}), which cores busy does not "
        "count: that is right for a server, but a pool belongs in a strategy."
    )
    return text.format(named=named)
