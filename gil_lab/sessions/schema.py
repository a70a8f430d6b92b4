"""The files of a session's folder, and which rows each of them has."""

from gil_lab.model.frozen import frozen
from gil_lab.sessions.rows import (
    BeatRow,
    CoreRow,
    GilRow,
    HoldRow,
    ObservationRow,
    PassRow,
    SampleRow,
    StartRow,
    TaskRow,
    TrialRow,
    TurnRow,
)

# 1: the first one. 2: the state of the GIL (`gil_at_start`, `gil_after_imports`, `gil`, `gil_enabled_by`), `pss_bytes`,
# heartbeats (`beats`, `delay_s`, `delay_p99_s`, `delay_max_s`) in trials.csv. A new file needs no new number, because a
# session without it reads as one in which it is missing; a new column of an old file does. 3: relay, with
# `generation`, `round` and `turn` in passes.csv, `trace` in tasks.csv, `round` in samples.csv and cores.csv.
SCHEMA = FIRST_WITH_TURNS = 3
SESSION = "session.json"
LOG = "log.txt"
PLAN = "plan.csv"
"""One planned trial (`records.Trial`) a row: what a session that is resumed has still to do."""
RESUMED = "resumed.csv"
CRASH = "crash.txt"
"""The traceback of a bug of the lab that ended the session."""
TORN = ".torn-"
"""Between the name of a file and a time: what was cut off its end, because it was incomplete."""
LAST = "trials.csv"
"""Written after all others: its row says that the trial's other rows are complete."""
FILES: dict[str, type] = {
    "starts.csv": StartRow,
    "passes.csv": PassRow,
    "tasks.csv": TaskRow,
    "gils.csv": GilRow,
    "holds.csv": HoldRow,
    "beats.csv": BeatRow,
    "observations.csv": ObservationRow,
    "samples.csv": SampleRow,
    "cores.csv": CoreRow,
    "turns.csv": TurnRow,
    LAST: TrialRow,
}


@frozen
class Resumption:
    """One time that a session was resumed, of `resumed.csv`."""

    at_utc: str
    trials: int
    """That were missing."""
    differences: str
    """Between then and now, in spite of which it was resumed; empty if there were none."""
