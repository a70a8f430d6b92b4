"""Sessions that were interrupted: what is still to be done, read from their `plan.csv` with suspicion.

The plan is not made again: a newer gil-lab, or a file that was changed, would plan other trials.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from gil_lab.interpreters import Choice
from gil_lab.measuring.machine import Limits, limits, this_machine
from gil_lab.model.errors import StoreError, UsageError
from gil_lab.model.records import Trial
from gil_lab.sessions import reader
from gil_lab.sessions.bounded_reads import content
from gil_lab.sessions.clusters import check_cells
from gil_lab.sessions.csv_table import decoded
from gil_lab.sessions.options import MAX_SEED, Options, check
from gil_lab.sessions.order import ordered
from gil_lab.sessions.plan import Design
from gil_lab.sessions.resume_checks import Found, differences, find, listed
from gil_lab.sessions.rows import TurnRow
from gil_lab.sessions.run import Earlier, PreparedSession, own_file
from gil_lab.sessions.schedule import rounds_of_generation
from gil_lab.sessions.schema import PLAN
from gil_lab.suite.catalogue import Catalogue

MAX_ROUNDS_EVER = 1_000_000
"""Of one session: as many rows of turns as are read."""


def rest(
    path: Path, catalogue: Catalogue, pythons: Sequence[str] | None = None, *, force: bool = False
) -> PreparedSession:
    """What is missing in the session in the folder `path`; nothing is measured or written yet.

    `catalogue` has the user's file that the session was measured with, if it was; `pythons` help to find its
    interpreters again. Raises StoreError if it cannot be resumed, or, unless `force`, if something is not as it was;
    UsageError if the file is missing.
    """
    session = reader.read(path)
    _check_file(session, catalogue)
    planned = read_plan(session, catalogue)
    done = {row.trial for row in session.final}
    # A time budget may be spent before all is measured that was planned.
    over = session.ended and session.about.get("trials") is None
    asked = {row.trial for row in session.trials} if over else {trial.number for trial in planned}
    missing = [trial for trial in planned if trial.number in asked - done]
    machine, found = this_machine(), Found(Choice((), ()), [])
    unlike: list[str] = []
    if missing:
        unlike += differences(session.about, machine, own_file(catalogue))
        labels = list(dict.fromkeys(trial.cell.interpreter for trial in missing))
        strategies = list(dict.fromkeys(trial.cell.strategy for trial in planned))
        found = find(labels, session.about, pythons, _as_then(session, strategies), catalogue.file)
        unlike += found.differences
    if unlike and not force:
        raise StoreError(f"{path} cannot be resumed, because {listed(unlike)}; measure anew, or --force")
    check_cells(found.choice.interpreters, [trial.cell for trial in missing], catalogue)
    cells = list(dict.fromkeys(trial.cell for trial in ordered(planned, session)))
    works = tuple(dict.fromkeys(cell.workload for cell in cells))
    design = Design(session.experiment, works, tuple(dict.fromkeys(cell.strategy for cell in cells)))
    options, turns = _options(session), reader.read_rows(session, "turns.csv")
    missing_rounds = _missing_rounds(planned, missing, turns, options.rounds)
    earlier = Earlier(session, listed(unlike), _last_round(session, turns), missing_rounds)
    return PreparedSession(design, options, catalogue, machine, found.choice, cells, missing, earlier)


def _last_round(session: reader.Session, turns: Sequence[TurnRow]) -> int:
    """Those that follow are counted on from it. Raises StoreError for one that no session comes to."""
    last = max((row.turn.round for row in turns), default=0)
    if not 0 <= last <= MAX_ROUNDS_EVER:
        raise StoreError(f"{session.path / 'turns.csv'} has a round {last}; it was edited")
    return last


def _missing_rounds(
    planned: Sequence[Trial], missing: Sequence[Trial], turns: Sequence[TurnRow], rounds: int | None
) -> dict[int, int]:
    """By block: a generation that was stopped stays as it is, and the next one makes up for the rounds it lacks."""
    if rounds is None:
        return {}
    finished: dict[int, set[int]] = {trial.block: set() for trial in planned}
    for row in turns:
        if 0 < row.trial <= len(planned):
            finished[planned[row.trial - 1].block].add(row.turn.round)
    to_come: dict[int, set[int]] = {}
    for trial in missing:
        to_come.setdefault(trial.block, set()).add(trial.round)
    return {
        block: max(0, rounds - len(finished[block]) - sum(rounds_of_generation(each, rounds) for each in generations))
        for block, generations in to_come.items()
    }


def _check_file(session: reader.Session, catalogue: Catalogue) -> None:
    if isinstance(target := session.about.get("target"), str):
        raise UsageError(f"this session looked at {target!a:.80}, and is not resumed; run that command again")
    noted = session.about.get("file")
    name = noted.get("name") if isinstance(noted, dict) else None
    if isinstance(name, str) and catalogue.file is None:
        raise UsageError(f"this session was measured with {name!a:.60}; give it: gil-lab run FILE.py --resume DIR")


def _as_then(session: reader.Session, strategies: list[str]) -> list[str]:
    """In the order in which they were asked about."""
    noted = session.about.get("references")
    known = [name for name in noted if name in strategies] if isinstance(noted, dict) else []
    return list(dict.fromkeys([*known, *strategies]))


def read_plan(session: reader.Session, catalogue: Catalogue) -> list[Trial]:
    """The trials that were planned. Raises StoreError, naming the line, for one that gil-lab would not have planned."""
    path = session.path / PLAN
    try:
        text = content(path).decode(errors="replace")
    except FileNotFoundError:
        why = f"{session.path} has no {PLAN}: it was made by a gil-lab that could not resume sessions; measure anew"
        raise StoreError(why) from None
    except OSError as error:
        raise StoreError(f"{path} cannot be read ({error.strerror})") from error
    table = decoded(text, Trial, PLAN)
    if table.notes:
        raise StoreError(f"{session.path} cannot be resumed: {table.notes[0]}")
    trials: list[Trial] = table.rows
    allowed, cores = limits(), this_machine().usable_cores
    for line, trial in enumerate(trials, 2):
        try:
            _check(trial, line - 1, catalogue, cores, allowed)
        except UsageError as error:
            raise StoreError(f"line {line} of {path} makes no sense: {error}") from None
    _check_against(session, trials)
    return trials


def _check(trial: Trial, number: int, catalogue: Catalogue, cores: int, allowed: Limits) -> None:
    """Raises UsageError for what no plan of this lab has in it on this machine."""
    if trial.number != number:
        raise UsageError(f"it is trial {trial.number} instead of {number}")
    cell, most = trial.cell, catalogue.workload(trial.cell.workload).max_size
    kind = catalogue.strategy(cell.strategy).workers_are
    options = Options(
        workers=(cell.workers,),
        tasks=cell.tasks,
        sizes=(cell.size,),
        chunk=trial.chunk,
        rounds=trial.round,
        min_time_s=trial.min_time_s,
        timeout_s=trial.timeout_s,
    )
    check(options, cores, allowed, (kind,) if kind else ())
    if cell.size > most:
        raise UsageError(f"size is {cell.size}; {cell.workload} takes at most {most}")


def _check_against(session: reader.Session, trials: Sequence[Trial]) -> None:
    """Raise StoreError if the plan is not that of the session."""
    noted = session.about.get("trials")
    if not trials or (isinstance(noted, int) and noted != len(trials)):
        raise StoreError(f"{session.path / PLAN} has {len(trials)} trials instead of {noted}; it was edited")
    for row in session.trials:
        if row.trial > len(trials) or row.trial < 1 or trials[row.trial - 1].cell != row.cell:
            raise StoreError(f"trial {row.trial} in {session.path} is not the one of its {PLAN}; one was edited")


def _options(session: reader.Session) -> Options:
    """Of those that it was started with, what a report needs."""
    noted: Any = session.about.get("options")
    given = noted if isinstance(noted, dict) else {}
    seed, rounds, budget_s = (_number(given.get(name)) for name in ("seed", "rounds", "budget_s"))
    return Options(
        strategies=tuple(_words(given.get("strategies"))) or None,
        seed=None if seed is None else int(seed),
        rounds=None if rounds is None else int(rounds),
        budget_s=budget_s,
        precision=_number(given.get("precision")),
        threshold=_number(given.get("threshold")),
        quick=given.get("quick") is True,
    )


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < MAX_SEED else None


def _words(value: object) -> Iterator[str]:
    yield from (word for word in value if isinstance(word, str)) if isinstance(value, list) else ()
