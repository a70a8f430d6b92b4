"""Where the workers of a running cluster are, and whether its machines compute at the same time."""

from collections.abc import Iterable, Sequence

from gil_lab.analysis.observations import Observed
from gil_lab.analysis.verdicts import MORE_THAN_A_CORE
from gil_lab.model.frozen import frozen
from gil_lab.model.host_observations import CORES, CORES_BUSY, WORKERS
from gil_lab.model.records import Cell

LEAST_TOGETHER = MORE_THAN_A_CORE - 1
"""Share of the time: the same that of two cores is called parallel."""


@frozen
class HostUse:
    """One machine of a cluster, by what its workers say."""

    name: str
    cores_busy: float
    """The CPU time of the workers that are used, for each second of passes."""
    cores: float
    """That they may use."""
    workers: float

    @property
    def least_share(self) -> float:
        """Of the time: in less of it so many workers cannot use that CPU time."""
        return min(1.0, self.cores_busy / max(1.0, min(self.cores, self.workers)))


def hosts_by_cell(observed: Iterable[Observed]) -> dict[Cell, tuple[HostUse, ...]]:
    """Of those cells that ran on a cluster, the hosts in the order in which they were reported."""
    known: dict[Cell, dict[str, float]] = {}
    for one in observed:
        if one.value is not None:
            known.setdefault(one.cell, {})[one.name] = one.value
    return {cell: hosts for cell, values in known.items() if (hosts := _hosts(values))}


def _hosts(values: dict[str, float]) -> tuple[HostUse, ...]:
    names = [name.removeprefix(WORKERS) for name in values if name.startswith(WORKERS)]
    return tuple(
        HostUse(name, values[CORES_BUSY + name], values[CORES + name], values[WORKERS + name])
        for name in names
        if CORES_BUSY + name in values and CORES + name in values
    )


def least_together(hosts: Sequence[HostUse]) -> float:
    """Of the time: in so much of it two machines or more computed at the same moment, at least.

    Without clocks that agree: if each of k machines computes for a known share of the time, and these come
    to s, then at most all k compute in the share p of it, and one in the rest: s <= k p + (1 - p).
    """
    if len(hosts) < 2:  # noqa: PLR2004 - machines
        return 0.0
    return max(0.0, (sum(one.least_share for one in hosts) - 1) / (len(hosts) - 1))


def are_parallel(hosts: Sequence[HostUse]) -> bool:
    """Whether the machines are known to compute at the same time."""
    return least_together(hosts) >= LEAST_TOGETHER
