"""What a user's file defines, as the process that imported it reports: without its functions, which stay there.

The fields are those of `Workload`, `Strategy`, `Experiment` and `Design` that the controller needs.
"""

from gil_lab.model.frozen import frozen


@frozen
class WhyNot:
    form: str
    reason: str


@frozen
class WorkloadFacts:
    name: str
    summary: str
    bound: str
    inputs: int | None
    """How many there are, if they are a list; None if a function makes them."""
    forms: tuple[str, ...]
    verifies: bool
    size: int
    size_unit: str
    max_size: int
    tasks: int
    releases_gil: bool | None
    why_not: tuple[WhyNot, ...]
    heartbeat_ms: int | None
    requires: tuple[str, ...]
    varies: bool
    ordered: bool
    """Whether tasks wait for others (`after`)."""
    in_one_process: bool


@frozen
class StrategyFacts:
    name: str
    summary: str
    form: str
    workers_are: str | None
    reference: str
    requires: tuple[str, ...]
    since: tuple[int, ...]
    has_chunks: bool
    loops_in: str | None = None
    on_cluster: bool = False


@frozen
class OnlyUnder:
    workload: str
    strategies: tuple[str, ...]


@frozen
class DesignFacts:
    name: str
    workloads: tuple[str, ...]
    strategies: tuple[str, ...]
    workers: tuple[int, ...]
    """On this machine."""
    pythons: tuple[str, ...]
    compared: bool
    min_time_s: float
    sizes: tuple[int, ...]
    tasks: int | None
    quick_workloads: tuple[str, ...] = ()
    quick_workers: tuple[int, ...] = ()
    quick_sizes: tuple[int, ...] = ()
    quick_strategies: tuple[str, ...] = ()
    cell_budget_s: float = 7.5
    chunk: int | None = None
    strategies_of: tuple[OnlyUnder, ...] = ()
    tasks_per_worker: int | None = None
    quick_pythons: tuple[str, ...] = ()


@frozen
class ExperimentFacts:
    question: str
    picture: str
    design: DesignFacts
    claims: tuple[str, ...]
    """Their sentences."""


@frozen
class Source:
    """The file itself, or a module beside it that it imports."""

    path: str
    """Relative to the folder of the file."""
    sha256: str


@frozen
class OwnFile:
    """What was found in the file."""

    workloads: tuple[WorkloadFacts, ...]
    strategies: tuple[StrategyFacts, ...]
    experiment: ExperimentFacts | None
    sources: tuple[Source, ...]


@frozen
class JudgedClaim:
    """What became of one claim of the file's experiment."""

    sentence: str
    outcome: str
    measured: str
    reason: str


@frozen
class Judging:
    """The file and the session were read; now its claims are checked, in their order."""
