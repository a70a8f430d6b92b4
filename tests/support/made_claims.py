"""Sessions made up for claims: cells with the numbers that matter to them, over a few rounds.

`tests/test_claims_<experiment>.py` has two dictionaries with every sentence that the experiment claims:

    HOLDS = {"Under the GIL, threads keep about one core busy": session(of("threading", cores_busy=1.0)), ...}
    FAILS = {"Under the GIL, threads keep about one core busy": session(of("threading", cores_busy=1.9)), ...}

tests/test_claims.py holds each claim against both, and against nothing: a claim that cannot fail is a defect.
"""

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from made import cell, numbers, row

from gil_lab.analysis.claims import Judgement, Outcome
from gil_lab.analysis.results import reference_in
from gil_lab.analysis.summaries import summaries
from gil_lab.experiment.results import Results
from gil_lab.model.records import Cell, Observation, Status
from gil_lab.sessions.order import ordered
from gil_lab.sessions.reader import Session
from gil_lab.sessions.rows import ObservationRow, PassRow

ROUNDS = 5
JITTER = (-0.004, 0.003, -0.001, 0.004, 0.0)
"""By which part the rounds differ, so that intervals have a width."""


@dataclass(frozen=True)
class Of:
    """One cell, with its numbers; without `wall_s`, one that was skipped."""

    cell: Cell
    wall_s: float | None
    numbers: dict
    observed: dict
    detail: str = ""
    flags: tuple = ()
    passes: tuple = field(default=())


def of(strategy="threading", wall_s=0.1, *, observed=None, detail="", flags=(), passes=(), work=None, **changes):
    """A cell of primes with two workers under 3.11, unless `work` (fields of the cell) says otherwise.

    `changes` are columns of trials.csv; `observed` maps names to numbers, `(number, unit)` or words.
    `passes` are `gil_lab.model.records.Pass`, the same in each round. `wall_s=None` with a `detail` is a skipped cell.
    """
    return Of(cell(strategy, **(work or {})), wall_s, changes, observed or {}, detail, tuple(flags), tuple(passes))


class MadeResults(Results):
    """Made when they are first looked at: each process of a test run collects all tests, and runs some of them."""

    def __init__(self, *given):
        """What makes its fields; or the fields, as of all results."""
        if len(given) == 1:
            self.__dict__["_make"] = given[0]
        else:
            super().__init__(*given)

    def __getattr__(self, name):
        if name.startswith("__") or "_make" not in self.__dict__:
            raise AttributeError(name)
        self.__dict__.update(self.__dict__.pop("_make")())
        return getattr(self, name)


def session(*cells, rounds=ROUNDS, cores=2, missing=None, experiment="made"):
    """Results of these cells, measured in this many rounds on a machine with that many usable cores."""
    return MadeResults(partial(_made, cells, rounds, cores, missing, experiment))


def _made(cells, rounds, cores, missing, experiment):
    """What results keep."""
    trials, observations, passes = [], [], []
    for turn in range(rounds):
        for one in cells:
            number = len(trials) + 1
            trials.append(_row(one, turn, number))
            if one.wall_s is not None:
                observations += [ObservationRow(number, each) for each in _observations(one, turn)]
                passes += [PassRow(number, count, each) for count, each in enumerate(one.passes)]
    about = {
        "experiment": experiment,
        "machine": {"usable_cores": cores},
        "missing": missing or {},
        "interpreters": {one.cell.interpreter: {} for one in cells},
        "workloads": list(dict.fromkeys(one.cell.workload for one in cells)),
    }
    made = Session(Path("made"), about, trials, [])
    rows = tuple(ordered(summaries(trials, reference_in(made)), made))
    return {"session": made, "rows": rows, "observations": observations, "passes": passes}


def _row(one, turn, number):
    if one.wall_s is None:
        return row(None, None, number, cell=one.cell, status=Status.SKIPPED, detail=one.detail, round=turn + 1)
    factor = 1 + JITTER[turn % len(JITTER)]
    changes = {
        name: value * factor if isinstance(value, float) else value  # whole numbers and words are exact
        for name, value in one.numbers.items()
    }
    return row(
        None,
        one.wall_s,
        number,
        cell=one.cell,
        flags=one.flags,
        round=turn + 1,
        numbers=numbers(one.wall_s * factor, **changes),
    )


def _observations(one, turn):
    for name, told in one.observed.items():
        value, unit = told if isinstance(told, tuple) else (told, "")
        if isinstance(value, str):
            yield Observation(name, None, "", value)
        else:
            jitter = 1 + JITTER[turn % len(JITTER)] if isinstance(value, float) else 1
            yield Observation(name, float(value * jitter), unit)


def empty():
    """A session of which nothing came."""
    return session(of("sequential", None, detail="nothing runs here"), rounds=1)


HOLDS_NOTHING = Judgement(Outcome.INCONCLUSIVE, "", "nothing is known of it")
"""What a claim says that looks at nothing."""
