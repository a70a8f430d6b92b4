"""What a reader must know of how cells were measured before he believes their numbers."""

from collections.abc import Sequence

from gil_lab.analysis.summaries import Summary
from gil_lab.report.text.elsewhere import work_elsewhere
from gil_lab.report.text.passes import first_pass, traced_passes

REMARKS = (first_pass, traced_passes, work_elsewhere)


def remarks(rows: Sequence[Summary]) -> list[str]:
    """A sentence for each of these that is true of some of the cells."""
    return [line for remark in REMARKS if (line := remark(rows))]
