"""A running cluster in the plan of a session: which strategies use it, and whether it can be used."""

from collections.abc import Iterable, Sequence

from gil_lab.interpreters import Interpreter
from gil_lab.interpreters.clusters import check_clusters
from gil_lab.interpreters.names import with_cluster
from gil_lab.model.errors import UsageError
from gil_lab.model.records import Cell
from gil_lab.sessions.options import Options
from gil_lab.sessions.plan import Design, strategies, with_pythons
from gil_lab.suite.catalogue import Catalogue


def on_the_cluster(design: Design, options: Options, catalogue: Catalogue) -> tuple[Design, Options]:
    """Both with the setting on each of their Pythons, if the options name a cluster.

    Raises UsageError for what is no address, and where no strategy would use it.
    """
    if options.cluster is None:
        return design, options
    try:
        placed = with_pythons(design, options, lambda name: with_cluster(name, str(options.cluster)))
    except ValueError as error:
        raise UsageError(str(error)) from error
    if not any(catalogue.strategy(name).on_cluster for name in strategies(design, options, catalogue)):
        have = ", ".join(name for name in catalogue.strategy_names() if catalogue.strategy(name).on_cluster)
        raise UsageError(f"cluster is for strategies that have one ({have}); choose one, or leave it out")
    return placed


def check_cells(interpreters: Iterable[Interpreter], cells: Sequence[Cell], catalogue: Catalogue) -> None:
    """Of those cells that run on clusters. Raises UsageError."""
    on_cluster = [cell for cell in cells if catalogue.strategy(cell.strategy).on_cluster]
    if not on_cluster:
        return
    needed = [
        *(module for cell in on_cluster for module in catalogue.strategy(cell.strategy).requires),
        *(module for cell in on_cluster for module in catalogue.workload(cell.workload).requires),
    ]
    check_clusters(interpreters, max(cell.workers for cell in on_cluster), tuple(dict.fromkeys(needed)))
