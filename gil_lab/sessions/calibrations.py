"""Calibrations that are kept beside the results, in `calibration.json`: what was found out about a machine, and when.

Anybody can edit the file, so it is read with suspicion: what cannot be used is left out with a note.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from gil_lab.model.frozen import frozen
from gil_lab.model.text import one_line
from gil_lab.sessions.bounded_reads import content
from gil_lab.sessions.files import write_file
from gil_lab.sessions.reader import MAX_CORES, MAX_NAMED

FILE = "calibration.json"
SCHEMA = 1
MAX_KEPT = 20
"""The latest ones; by then the interval of the false positives is a few per cent wide."""
MAX_BYTES = 1024 * 1024
COUNTS = ("turns", "disturbed_turns", "pairs", "different", "independent")
LIMITS = {
    **dict.fromkeys(COUNTS, 10**9),
    **dict.fromkeys(("budget_s", "took_s", "smallest_difference"), 10**6),
    **dict.fromkeys(("rate", "rate_low", "rate_high"), 1),
}
"""The largest values of the numbers of a calibration."""
RECENT = timedelta(days=30)
"""How long a calibration stands for its machine. A convention: what changes the noise of a machine, such as updates of
its system, its neighbours and what else runs on it, changes from month to month rather than from day to day."""


@frozen
class MachineIdentity:
    """By what a machine is known again."""

    host: str
    cpu: str
    usable_cores: int

    @classmethod
    def of(cls, machine: object) -> Self | None:
        """From what session.json says of the machine; None if it does not say enough."""
        if not isinstance(machine, Mapping):
            return None
        host, cpu, cores = (machine.get(field.name) for field in fields(cls))
        if not (isinstance(host, str) and isinstance(cpu, str) and type(cores) is int and 0 < cores <= MAX_CORES):
            return None
        return cls(one_line(host[:MAX_NAMED]), one_line(cpu[:MAX_NAMED]), cores)


@frozen
class Calibration:
    """What one session of identical cells showed."""

    utc: str
    """When it began."""
    gil_lab: str
    machine: MachineIdentity
    budget_s: float
    took_s: float
    turns: int
    disturbed_turns: int
    """Of those, the ones with a flag that counts."""
    pairs: int
    """Of identical cells, each with an interval of its ratio."""
    different: int
    """The pairs whose interval excludes 1, all of them false positives."""
    independent: int
    """How many independent pairs these are worth: see `gil_lab.analysis.calibration`."""
    rate: float
    """Of false positives, with its 95 % interval."""
    rate_low: float
    rate_high: float
    smallest_difference: float
    """The median over the pairs of how far the interval reaches: 0.03 is 3 %."""

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.utc)


@frozen
class KeptCalibrations:
    """What the file holds, in the order of time."""

    kept: tuple[Calibration, ...] = ()
    note: str = ""
    """Why all or some of it cannot be used; empty if nothing is wrong."""

    def of(self, machine: MachineIdentity | None, at: datetime | None = None) -> list[Calibration]:
        """Those of this machine, and if a time is given, only those that are recent then: from before it or after."""
        return [one for one in self.kept if one.machine == machine and (at is None or abs(one.at - at) <= RECENT)]


def read(root: Path) -> KeptCalibrations:
    """Those beside the results in `root`; none, with a note if there is a file that cannot be used."""
    try:
        data = json.loads(content(root / FILE, MAX_BYTES))
    except FileNotFoundError:
        return KeptCalibrations()
    except OSError as error:
        return KeptCalibrations(note=_ignored(f"cannot be read ({error.strerror})"))
    except (ValueError, RecursionError):
        return KeptCalibrations(note=_ignored("is torn or no JSON"))
    if not isinstance(data, dict) or not isinstance(data.get("calibrations"), list):
        return KeptCalibrations(note=_ignored("holds no list of calibrations"))
    schema = data.get("schema")
    if type(schema) is not int or schema != SCHEMA:
        return KeptCalibrations(note=_ignored("was made by another version of gil-lab"))
    entries = data["calibrations"][-MAX_KEPT:]
    usable = sorted(filter(None, map(_calibration, entries)), key=lambda one: one.at)
    left_out = len(entries) - len(usable)
    note = f"{left_out} of {len(entries)} calibrations in {FILE} left out: they make no sense" if left_out else ""
    return KeptCalibrations(tuple(usable), note)


def _ignored(why: str) -> str:
    return f"{FILE} {why} and is ignored; gil-lab calibrate writes a new one"


def keep(root: Path, calibration: Calibration) -> Path:
    """Add it to those beside the results in `root`, of which the latest are kept. Raises StoreError."""
    every = [*read(root).kept, calibration][-MAX_KEPT:]
    path = root / FILE
    document = {"schema": SCHEMA, "calibrations": [asdict(one) for one in every]}
    write_file(path, (json.dumps(document, indent=1) + "\n").encode())
    return path


def utc_time(text: str) -> datetime | None:
    """A time from a file; None if it is none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.utcoffset() == timedelta(0) else None


def _calibration(entry: object) -> Calibration | None:
    """None if it makes no sense."""
    if not isinstance(entry, dict):
        return None
    machine = MachineIdentity.of(entry.get("machine"))
    utc, version = entry.get("utc"), entry.get("gil_lab")
    if machine is None or not isinstance(utc, str) or not isinstance(version, str):
        return None
    at = utc_time(utc)
    numbers = dict(_numbers(entry))
    if at is None or len(numbers) < len(LIMITS):
        return None
    found = Calibration(utc=at.astimezone(UTC).isoformat(), gil_lab=one_line(version, 40), machine=machine, **numbers)
    plausible = found.different <= found.pairs and found.disturbed_turns <= found.turns and found.independent > 0
    return found if plausible and found.independent <= found.pairs else None


def _numbers(entry: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Those that are numbers, and within their limits."""
    for name, most in LIMITS.items():
        value: Any = entry.get(name)
        right = isinstance(value, int if name in COUNTS else int | float) and not isinstance(value, bool)
        if right and 0 <= value <= most:
            yield name, value
