"""The lab is killed or stopped at any moment of a generation: it costs at most the round of that moment.

Two cells side by side, two rounds in the first generation and one in the second, which is the last one here. What runs
is not the point but what is on disk, so most of them measure nothing (`light_child.py`).
"""

import importlib
import signal
import time
from pathlib import Path

import pytest
from examples import thorough

from faults import siblings
from faults.light_children import light
from faults.rig import TALLY, eventually
from faults.sessions_on_disk import write_relayed
from gil_lab.model.errors import StoreError
from gil_lab.model.records import Flag, counted
from gil_lab.sessions import schedule
from gil_lab.sessions.reader import read, read_rows
from gil_lab.sessions.resume import rest
from gil_lab.sessions.schema import LAST
from gil_lab.suite.catalogue import Catalogue

FILE = str(Path(siblings.__file__))
ROUNDS, CELLS, GENERATIONS = 3, 2, 2
RUN = (FILE, "--workload", "work", "--min-time", "0.001", "--rounds")


def staying(where, nth, reached):
    """A gil-lab that is forked stays at the nth call of one of its functions, and makes a file when it is there.

    An fsync, which no signal interrupts, counts if it is of turns.csv, and takes a second.
    """
    module, _, name = where.partition(":")
    *owners, name = name.split(".")
    owner = importlib.import_module(module)
    for attribute in owners:
        owner = getattr(owner, attribute)
    real, calls = getattr(owner, name), 0

    def concerns(first):
        return not isinstance(first, int) or Path(f"/proc/self/fd/{first}").readlink().name == "turns.csv"

    def call(first, *rest, **more):
        nonlocal calls
        calls += concerns(first)
        if concerns(first) and calls == nth:
            reached.touch()
            time.sleep(1 if isinstance(first, int) else 600)
        return real(first, *rest, **more)

    return lambda: setattr(owner, name, call)


CHILD = "gil_lab.measuring.measured_child:MeasuredChild"
MOMENTS = {
    "first-start": (f"{CHILD}.start", 1, 0, 0),
    "second-start-of-a-generation": (f"{CHILD}.start", 4, 2, 2),
    "tracing": (f"{CHILD}.trace", 2, 0, 0),
    "within-the-first-round": (f"{CHILD}.turn", 2, 0, 0),
    "within-the-second-round": (f"{CHILD}.turn", 4, 1, 0),
    "appending": ("os:fsync", 3, 2, 0),  # the first is of the header
    "between-rounds": ("gil_lab.cli.terminal.progress:PlainProgress.took_turns", 2, 2, 0),
    "ending-a-generation": (f"{CHILD}.finish", 2, 2, 1),
    "between-generations": ("gil_lab.measuring.generation:Generation.__enter__", 2, 2, 2),
    "noting-the-end": ("gil_lab.sessions.writer:OpenFolder.note_end", 1, ROUNDS, CELLS * GENERATIONS),
}
"""The function and the call of it; how many rounds are finished by then, and how many trials have their row."""
ALIKE = ("first-start", "tracing", "between-rounds", "between-generations")
"""At these moments the same is on disk as at another one, and the same processes run."""
KILLED = [moment for moment in MOMENTS if thorough() or moment not in ALIKE]
RESUMED = ("within-the-second-round", "ending-a-generation", "noting-the-end")
"""A part of the rounds is missing, a trial of a generation is, and nothing: each way in which a session is finished."""
STOPPED = [
    moment
    for moment in MOMENTS
    if thorough() or moment in ("first-start", "within-the-second-round", "appending", "ending-a-generation")
]


@pytest.fixture(autouse=True)
def few_generations(monkeypatch):
    """Also in what is forked: each of them starts two processes."""
    monkeypatch.setattr(schedule, "MAX_GENERATIONS", GENERATIONS)


def stopped_at(rig, tmp_path, moment, number):
    """The rig's session after this signal at this moment: how it ended, and what its trials.csv holds."""
    where, nth, _, _ = MOMENTS[moment]
    reached = tmp_path / "reached"
    process = rig.forked(*RUN, str(ROUNDS), "--strategy", "steady", before=light(staying(where, nth, reached)))
    assert eventually(reached.exists, 60), rig.ended(process)
    process.send_signal(number)
    ended = rig.ended(process)
    return ended, rig.trials_file().read_bytes()


def kept_rounds(rig):
    """The rounds of which both turns are on disk."""
    turns = [row.turn.round for row in counted(read_rows(read(rig.sessions()[0]), "turns.csv"))]
    return [number for number in sorted(set(turns)) if turns.count(number) == CELLS]


def holds_what_was_finished(rig, moment):
    """All rounds that were finished, and a row for each trial that took part in one. Returns those cut short."""
    _, _, rounds, trials = MOMENTS[moment]
    session = read(rig.sessions()[0])
    assert kept_rounds(rig) == list(range(1, rounds + 1))
    with_turns = {row.trial for row in read_rows(session, "turns.csv")}
    assert {row.trial for row in session.trials} == with_turns
    assert all(row.numbers for row in session.trials)
    assert len(session.trials) - len(session.cut_short) == trials
    return {row.trial for row in session.cut_short}


def resumed(rig, short):
    """Finished: each trial once, those that were cut short as they were, and each cell with all its turns."""
    session = rig.sessions()[0]
    before = (session / "turns.csv").read_bytes()
    assert rig.run_forked(FILE, "--resume", str(session), before=light()).code == 0
    rows = rig.rows()
    assert sorted(int(row["trial"]) for row in rows) == list(range(1, CELLS * GENERATIONS + 1))
    assert {row["status"] for row in rows} == {"ok"}
    assert {int(row["trial"]) for row in rows if "cut-short" in row["flags"].split(";")} == short
    assert (session / "turns.csv").read_bytes().startswith(before)
    whole = read(session)
    turns = [row.turn.round for row in counted(read_rows(whole, "turns.csv"))]
    assert sorted(turns) == sorted([*range(1, ROUNDS + 1)] * CELLS)
    assert not whole.cut_short


@pytest.mark.parametrize("moment", KILLED)
def test_fault_32_a_lab_that_is_killed_loses_at_most_the_round_of_that_moment(rig, tmp_path, moment):
    """What is left reads, nothing runs on, and `--resume` measures what is missing, and only that.

    Moments that are like another one are for the thorough profile, and so is to finish what is missing in the same way:
    that each state of the files is finished to the same rows, the sweep in test_kill_sweep.py shows.
    """
    ended, kept = stopped_at(rig, tmp_path, moment, signal.SIGKILL)
    rig.survived(ended, -signal.SIGKILL, kept=kept, ok_at_most=MOMENTS[moment][3], next_works=False)
    short = holds_what_was_finished(rig, moment)
    if thorough() or moment in RESUMED:
        resumed(rig, short)
    assert (rig.sessions()[0] / LAST).read_bytes().startswith(kept)
    TALLY["faults injected"] += 1


@pytest.mark.parametrize(
    ("moment", "name"),
    [(moment, ("SIGINT", "SIGTERM")[place % 2]) for place, moment in enumerate(MOMENTS) if moment in STOPPED],
)
def test_fault_37_and_39_a_lab_that_is_stopped_loses_at_most_the_round_of_that_moment(rig, tmp_path, moment, name):
    """One line with the rounds that are kept; the rest as after a kill, which is tried at more moments.

    Outside the thorough profile: one at which nothing is kept, one round, rounds alone, and a row.
    """
    number = getattr(signal, name)
    ended, kept = stopped_at(rig, tmp_path, moment, number)
    _, _, rounds, trials = MOMENTS[moment]
    unended = rounds if trials < CELLS else 0
    more = f" and {unended} round{'s' * (unended != 1)} of turns" if unended else ""
    message = f"gil-lab: stopped by {name}; kept {trials} rows{more} in {rig.sessions()[0]}; resume with "
    rig.survived(ended, 128 + number, message=message, kept=kept, ok_at_most=trials, next_works=False)
    assert ended.err.count("\n") == 1
    holds_what_was_finished(rig, moment)


def test_fault_32_a_lab_that_is_killed_while_a_child_has_its_turn(rig, tmp_path):
    """The child, which would go on for days, is gone; the round before counts."""
    process = rig.forked(*RUN, "5", "--strategy", "steady,waits", env=rig.environment(HOME=str(rig.cwd.parent)))
    assert eventually((rig.cwd.parent / "reached").exists, 60)
    process.kill()
    rig.survived(rig.ended(process), -signal.SIGKILL, ok_at_most=0, next_works=False)
    session = read(rig.sessions()[0])
    assert [row.flags for row in session.trials] == [(Flag.CUT_SHORT,)] * 3
    assert {row.turn.round for row in read_rows(session, "turns.csv")} == {1}


@pytest.mark.parametrize("number", ["9" * 18, "-5"])
def test_a_round_that_no_session_comes_to_is_refused_in_one_line(tmp_path, number):
    """The rounds that follow would be counted on from it, to where no row is read."""
    path = write_relayed(tmp_path, 4, ("round", 3))
    header, *lines = (path / "turns.csv").read_text().splitlines()
    place = header.split(",").index("round")
    edited = [[*cells[:place], number, *cells[place + 1 :]] for cells in (line.split(",") for line in lines)]
    (path / "turns.csv").write_text("\n".join([header, *map(",".join, edited), ""]))
    with pytest.raises(StoreError, match=rf"turns\.csv has a round {number}; it was edited"):
        rest(path, Catalogue(), force=True)
