"""The files of a session's folder, and which rows each of them has."""

from gil_lab.rows import BeatRow, CoreRow, ObservationRow, PassRow, SampleRow, TaskRow, TrialRow

SCHEMA = 2
SESSION = "session.json"
LOG = "log.txt"
# trials.csv comes last: its row says that the trial's other rows are complete
FILES: dict[str, type] = {
    "passes.csv": PassRow,
    "tasks.csv": TaskRow,
    "beats.csv": BeatRow,
    "observations.csv": ObservationRow,
    "samples.csv": SampleRow,
    "cores.csv": CoreRow,
    "trials.csv": TrialRow,
}
