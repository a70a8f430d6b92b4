"""Experiments: a question, the cells that answer it, and the command that runs them. One file an experiment."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from gil_lab.catalogue import Catalogue
from gil_lab.plan import Design, Options
from gil_lab.results import Results
from gil_lab.session import Nobody, measure, prepare


def _tuple(value: object) -> object:
    """`4`, `"threading"` and lists are all fine where several values can be given."""
    if value is None or isinstance(value, tuple):
        return value
    return tuple(value) if isinstance(value, Iterable) and not isinstance(value, str) else (value,)


@dataclass(frozen=True)
class Experiment:
    """The contract of an experiment file, which defines exactly one `EXPERIMENT`."""

    question: str
    design: Design

    def run(
        self,
        *,
        workers: int | Iterable[int] | None = None,
        strategies: str | Iterable[str] | None = None,
        workloads: str | Iterable[str] | None = None,
        python: str | Iterable[str] | None = None,
        tasks: int | None = None,
        size: int | None = None,
        rounds: int | None = None,
        min_time_s: float | None = None,
        timeout_s: float = 60.0,
        seed: int | None = None,
        out: Path | str = "results",
        quick: bool = False,
    ) -> Results:
        """Measure, as `gil-lab run` does with the options of the same names, and return the results.

        Works in notebooks and in scripts without a `__main__` guard: everything is measured in child processes. Raises
        UsageError for what makes no sense, StoreError if `out` cannot be written, NothingMeasuredError if no trial
        was ok. A trial that fails is a row with its reason.
        """
        options = Options(
            workers=_tuple(workers),  # type: ignore[arg-type]  # plan.check looks at every item
            strategies=_tuple(strategies),  # type: ignore[arg-type]
            workloads=_tuple(workloads),  # type: ignore[arg-type]
            pythons=_tuple(python),  # type: ignore[arg-type]
            tasks=tasks,
            size=size,
            rounds=rounds,
            min_time_s=min_time_s,
            timeout_s=timeout_s,
            seed=seed,
            out=Path(out),
            quick=quick,
        )
        return measure(prepare(self.design, options, Catalogue()), Nobody())
