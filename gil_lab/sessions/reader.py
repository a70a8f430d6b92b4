"""Results folders that are there: finding them, and reading what they hold with suspicion."""

import json
import os
import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from gil_lab.measuring.core_kinds import KINDS
from gil_lab.model.errors import ProtocolError, StoreError
from gil_lab.model.frozen import frozen
from gil_lab.model.gil import GilTrace, ObservedGil
from gil_lab.model.interpreter import Facts
from gil_lab.model.language import gettext_noop
from gil_lab.model.records import Cell, Pass, TaskSpan, Trace, Trial
from gil_lab.model.text import one_line
from gil_lab.model.wire import record
from gil_lab.sessions import resume_log
from gil_lab.sessions.bounded_reads import content
from gil_lab.sessions.csv_table import CsvTable, decoded
from gil_lab.sessions.impossible_numbers import contradictions, note
from gil_lab.sessions.rows import TrialRow, TurnRow
from gil_lab.sessions.schema import FILES, FIRST_WITH_TURNS, PLAN, RESUMED, SCHEMA, SESSION
from gil_lab.sessions.trial_rows import cut_short

MAX_TRIALS = 200_000
"""That are read: a thousand rounds of two hundred cells."""
MAX_ABOUT_BYTES = 4 * 1024 * 1024
MAX_CORES = 100_000
MAX_NAMED = 1000
"""Characters of a name that are looked at."""


@frozen
class Session:
    """What a results folder holds."""

    path: Path
    about: dict[str, Any]
    trials: list[TrialRow]
    notes: list[str]
    cut_short: tuple[TrialRow, ...] = ()
    """Of the trials, those that have no row in trials.csv, because the session was stopped before they ended."""

    @property
    def ended(self) -> bool:
        """Whether it came to its end; with a time budget the number of trials does not tell."""
        return "ended_utc" in self.about

    @property
    def resumed_with(self) -> str:
        """The command that measures what is missing; empty if nothing is."""
        planned = self.about.get("trials")
        is_whole = type(planned) is int and len(self.final) >= planned
        if self.ended or is_whole or "trials" not in self.about:
            return ""
        own = self.about.get("file")
        file = [str(own["name"])] if isinstance(own, dict) and "name" in own else []
        return shlex.join(["gil-lab", "run", *file, "--resume", str(self.path)])

    @property
    def remedy(self) -> str:
        """What a user asks for so that the same session is known better: its time decided how long it measured, or
        its rounds did.
        """
        options = self.about.get("options")
        budgeted = isinstance(options, dict) and "budget_s" in options and options.get("rounds") is None
        return gettext_noop("a larger --budget") if budgeted else gettext_noop("more --rounds")

    def lacks_turns(self) -> None:
        """Note that turns.csv is missing, unless it is a session of an older gil-lab, which had none."""
        schema = self.about.get("schema")
        note = "turns.csv is missing: speed-ups are of whole trials, and known less well"
        if isinstance(schema, int) and schema >= FIRST_WITH_TURNS and self.trials and note not in self.notes:
            self.notes.append(note)

    @property
    def final(self) -> list[TrialRow]:
        """Those that need not be measured again."""
        return [row for row in self.trials if row.final]

    @property
    def experiment(self) -> str:
        name = self.about.get("experiment")
        return one_line((name if isinstance(name, str) else self.path.parent.name)[:MAX_NAMED], 40)

    @property
    def cores(self) -> int | None:
        """Usable cores of the machine it ran on; None if session.json does not tell."""
        cores = self._machine.get("usable_cores")
        return cores if type(cores) is int and 0 < cores <= MAX_CORES else None

    @property
    def core_kinds(self) -> dict[str, int]:
        """How many of those are of each kind, by the word for it; only what session.json tells."""
        noted = {kind: self._machine.get(f"{kind}_cores") for kind in KINDS}
        return {kind: cores for kind, cores in noted.items() if type(cores) is int and 0 < cores <= MAX_CORES}

    @property
    def host(self) -> str:
        """Name of the machine it ran on; empty if session.json does not tell."""
        host = self._machine.get("host")
        return one_line(host[:MAX_NAMED], 40) if isinstance(host, str) else ""

    @property
    def began_utc(self) -> str:
        """When it began, from the name of its folder or else from its trials; empty if neither tells."""
        with suppress(ValueError):
            stamp = datetime.fromisoformat(self.path.name[:16])
            if stamp.tzinfo == UTC:
                return stamp.isoformat()
        return min((row.began_utc for row in self.trials), default="")

    @property
    def _machine(self) -> dict[str, Any]:
        machine = self.about.get("machine")
        return machine if isinstance(machine, dict) else {}


def read(path: Path) -> Session:
    """The session in a results folder. Raises StoreError if it is none, or one of a newer version."""
    about, notes = _about(path)
    table = _table(path, "trials.csv", notes)
    trials = table.rows
    seen: dict[int, TrialRow] = {}
    again = 0
    for row in trials:
        if row.trial not in seen or not seen[row.trial].final:
            again += row.trial in seen
            seen[row.trial] = row
    if again:
        notes.append(f"{again} trial(s) that were interrupted have been measured again")
    if repeated := len(trials) - len(seen) - again:
        notes.append(f"{repeated} repeated row(s) of trials.csv left out")
    unended = tuple(_cut_short(path, about, seen))
    seen |= {row.trial: row for row in unended}
    if unended:
        notes.append(f"{len(unended)} trial(s) were cut short; their finished rounds count")
    if impossible := contradictions(seen.values(), _all_cores(path, about)):
        notes.append(note(impossible))
        seen = {number: row for number, row in seen.items() if number not in impossible}
    missing = about.get("trials")
    if type(missing) is int and len(seen) < missing <= MAX_TRIALS:
        lost = missing - len(seen)
        left_out = table.unreadable or impossible  # the notes above say which
        why = "" if left_out else ": the session was interrupted"
        notes.append(f"{lost} of {missing} trials {'is' if lost == 1 else 'are'} missing{why}")
    if "trials" in about and missing is None and "ended_utc" not in about:
        notes.append("the session was interrupted before its time was up")
    _check_plan(path, seen)
    notes += resume_log.notes(path)
    return Session(path, about, list(seen.values()), notes, unended)


def _all_cores(path: Path, about: dict[str, Any]) -> int | None:
    """Of the machine, usable or not; None if it is not known, or the session was resumed, maybe on another machine."""
    machine = None if has_file(path, RESUMED) else about.get("machine")
    cores = machine.get("cores") if isinstance(machine, dict) else None
    return cores if type(cores) is int and 0 < cores <= MAX_CORES else None


def _cut_short(path: Path, about: dict[str, Any], ended: Mapping[int, TrialRow]) -> Iterator[TrialRow]:
    """Rows of the trials that have none, because the session was stopped, but finished some of their turns."""
    if not has_file(path, "turns.csv"):
        return
    turns: dict[int, list[TurnRow]] = {}
    for turn in _table(path, "turns.csv", [], needed=False).rows:
        if turn.trial not in ended:
            turns.setdefault(turn.trial, []).append(turn)
    if not turns:
        return
    starts = {row.trial: row for row in _table(path, "starts.csv", [], needed=False).rows}
    cells = _planned_cells(path)
    traces = _traces(path, turns)
    for trial, taken in turns.items():
        if trial in starts and trial in cells:
            cell = cells[trial]
            whole = [trace for trace in traces.get(trial, ()) if len(trace.spans) == cell.tasks]
            with suppress(ValueError, ArithmeticError):  # numbers that cannot have been measured: files can be edited
                yield cut_short(starts[trial], cell, whole, taken, _versions(about, cell.interpreter))


def _check_plan(path: Path, trials: Mapping[int, TrialRow]) -> None:
    """Raise StoreError if most trials are others than those that were planned: one of the two is another session's."""
    if not has_file(path, PLAN):
        return
    cells = _planned_cells(path)
    both = [trials[number].cell == cells[number] for number in trials.keys() & cells.keys()]
    if 2 * both.count(False) > len(both):
        raise StoreError(f"trials.csv and {PLAN} in {one_line(str(path))} are of two sessions; put its own back")


def _planned_cells(path: Path) -> dict[int, Cell]:
    try:
        text = content(path / PLAN).decode(errors="replace")
        return {trial.number: trial.cell for trial in decoded(text, Trial, PLAN, MAX_TRIALS).rows}
    except (OSError, StoreError):
        return {}


def _traces(path: Path, wanted: Collection[int]) -> dict[int, list[Trace]]:
    """The traced passes of those trials."""
    passes: dict[int, list[Pass]] = {}
    for row in _table(path, "passes.csv", [], needed=False).rows:
        if row.trial in wanted and row.one.kind == "traced":
            passes.setdefault(row.trial, []).append(row.one)
    spans: dict[tuple[int, int], list[TaskSpan]] = {}
    for row in _table(path, "tasks.csv", [], needed=False).rows:
        if row.trial in wanted:
            spans.setdefault((row.trial, row.trace or 1), []).append(row.span)
    gils: dict[tuple[int, int], list[ObservedGil]] = {}
    for row in _table(path, "gils.csv", [], needed=False).rows:
        if row.trial in wanted:
            gils.setdefault((row.trial, row.trace), []).append(row.gil)
    return {
        trial: [
            Trace(one, tuple(spans.get((trial, number), ())), _gil_trace(gils.get((trial, number), ())))
            for number, one in enumerate(each, 1)
        ]
        for trial, each in passes.items()
    }


def _gil_trace(gils: Sequence[ObservedGil]) -> GilTrace | None:
    """What its tasks waited for together was not written before the trial ended."""
    why = "what tasks waited for is not known of a trial that was cut short"
    return GilTrace(tuple(gils), waits_unknown=why) if gils else None


def _versions(about: dict[str, Any], interpreter: str) -> str:
    """Of that interpreter and its packages; empty if session.json does not tell."""
    noted = about.get("interpreters")
    try:
        facts: Facts = record(Facts, noted.get(interpreter) if isinstance(noted, dict) else None, SESSION)
    except ProtocolError:
        return ""
    return one_line(facts.versions)


def read_rows(session: Session, name: str) -> list[Any]:
    """The rows of another file of the session; empty, with a note in `session`, if it is missing."""
    return _table(session.path, name, session.notes, needed=False).rows


def has(session: Session, name: str) -> bool:
    """Whether the session has that file: one made by an older gil-lab lacks those that came later."""
    return has_file(session.path, name)


def has_file(path: Path, name: str) -> bool:
    return (path / name).exists()


def _table(path: Path, name: str, notes: list[str], *, needed: bool = True) -> CsvTable:
    try:
        text = content(path / name).decode(errors="replace")
    except OSError as error:
        if needed:
            where = one_line(str(path / name))
            raise StoreError(f"{where} cannot be read ({error.strerror}); is it a session's folder?") from error
        notes.append(f"{name} cannot be read ({error.strerror})")
        return CsvTable([], [], 0)
    table = decoded(text, FILES[name], name, *([MAX_TRIALS] if needed else []))
    notes += table.notes
    return table


def _about(path: Path) -> tuple[dict[str, Any], list[str]]:
    try:
        about = json.loads(content(path / SESSION, MAX_ABOUT_BYTES))
    except OSError as error:
        return {}, [f"{SESSION} cannot be read ({error.strerror}): machine and settings are unknown"]
    except (ValueError, RecursionError):
        return {}, [f"{SESSION} is torn: machine and settings are unknown"]
    if not isinstance(about, dict):
        return {}, [f"{SESSION} is not an object: machine and settings are unknown"]
    schema = about.get("schema")
    if isinstance(schema, int) and schema > SCHEMA:
        newer = schema if schema < MAX_TRIALS else "unknown"
        raise StoreError(
            f"{one_line(str(path))} was made by a newer gil-lab (schema {newer}); update gil-lab to read it"
        )
    return about, []


def newest(root: Path) -> Path:
    """The session folder itself, or the newest one below `root`. Raises StoreError if there is none."""
    return next(sessions(root))


def sessions(root: Path) -> Iterator[Path]:
    """The session folder itself, or all those below `root`, the newest first. Raises StoreError if there is none.

    Their names begin with the time: they are sorted by them, and nothing in a folder is looked at before its turn.
    """
    if not root.exists():
        raise StoreError(f"no folder {str(root)!a}; measure something first: gil-lab run cpu-bound")
    if _has_trials(root) or (root / SESSION).exists():
        yield root
        return
    candidates: list[Path] = []
    for folder in (root / name for name in _names_in(root)):
        names = _names_in(folder)
        candidates += [folder] if "trials.csv" in names else [folder / name for name in names]
    found = False
    for _, alike in groupby(sorted(candidates, key=_name, reverse=True), key=_name):
        # alike are two experiments that began in one second
        for session in sorted(filter(_has_trials, alike), key=lambda session: session.stat().st_mtime, reverse=True):
            found = True
            yield session
    if not found:
        raise StoreError(f"no session in {str(root)!a}; measure something first: gil-lab run cpu-bound")


_name = attrgetter("name")


def _names_in(folder: Path) -> list[str]:
    """Empty if it is no folder, or cannot be looked into."""
    try:
        return os.listdir(folder)  # noqa: PTH208 - a thousand names are needed, not a thousand paths
    except OSError:
        return []


def _has_trials(folder: Path) -> bool:
    return os.access(folder / "trials.csv", os.F_OK)
