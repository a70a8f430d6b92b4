"""Which cells of two sessions belong together, and which have no counterpart."""

from collections.abc import Sequence

from gil_lab.analysis.summaries import Summary
from gil_lab.model.frozen import frozen
from gil_lab.model.records import Cell

MAX_DETAIL_CHARACTERS = 80


@frozen
class Pair:
    """A cell of A and one of B. None where a session has no such cell."""

    a: Summary | None
    b: Summary | None

    @property
    def other_work(self) -> bool:
        """Whether they do different amounts of the same, which cannot be ranked."""
        return self.a is not None and self.b is not None and work(self.a.cell) != work(self.b.cell)

    @property
    def obstacle(self) -> str:
        """Why they cannot be compared; empty if they can."""
        if self.a is None or self.b is None:
            return "only in B" if self.a is None else "only in A"
        one, other = self.a.cell, self.b.cell
        if self.other_work:
            return (
                f"other work: {one.tasks} tasks of size {one.size} in A against {other.tasks} of size {other.size} in B"
            )
        return "; ".join(
            f"{summary.status} in {side}" + (f": {summary.detail[:MAX_DETAIL_CHARACTERS]}" if summary.detail else "")
            for side, summary in (("A", self.a), ("B", self.b))
            if summary.wall_s is None
        )


def work(cell: Cell) -> tuple[int, int]:
    """How much of its workload a cell does."""
    return cell.tasks, cell.size


def pairs(a: Sequence[Summary], b: Sequence[Summary]) -> list[Pair]:
    """The same cells of A and B, in the order of A; then those of other work; then those of only one session.

    If each session has one interpreter and they differ, they are the question, and not part of what must match.
    """
    across = all(len({summary.cell.interpreter for summary in rows}) == 1 for rows in (a, b))

    def run(cell: Cell) -> tuple[str, str, int, str]:
        return cell.workload, cell.strategy, cell.workers, "" if across else cell.interpreter

    left = {(run(summary.cell), work(summary.cell)): summary for summary in b}
    same, other, alone = [], [], []
    for summary in a:
        if found := left.pop((run(summary.cell), work(summary.cell)), None):
            same.append(Pair(summary, found))
        else:
            alone.append(summary)
    for summary in tuple(alone):
        if key := next((key for key in left if key[0] == run(summary.cell)), None):
            other.append(Pair(summary, left.pop(key)))
            alone.remove(summary)
    return [*same, *other, *(Pair(one, None) for one in alone), *(Pair(None, one) for one in left.values())]
