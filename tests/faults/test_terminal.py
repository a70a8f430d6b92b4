"""Ctrl-C and Ctrl-Z in a real terminal, in every phase of a run."""

import os
import random
import shutil
import signal
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from examples import thorough

from faults import sabotage
from faults.light_children import light
from faults.processes import Identity, of_run
from faults.rig import FAULTS, LAB, TINY
from faults.terminal import CTRL_C, CTRL_Z, Terminal
from gil_lab.sessions.reader import read, read_rows
from gil_lab.sessions.schedule import TRACES

HERE = Path(__file__).parent
RUN = ("--min-time", "0.01", "--seed", "1")


class Phase:
    """A run that waits in one phase for as long as a test lets it, and the file that shows that it is there."""

    def __init__(self, rig, tmp_path, workload="patient", rounds="2"):
        self.rig, self.file = rig, tmp_path / "waiting.py"
        shutil.copy(HERE / "waiting.py", self.file)
        self.reached = tmp_path / "reached"
        self.before = lambda: None
        self.command = rig.arguments(str(self.file), "--workload", workload, "--rounds", rounds, *RUN)

    def waits(self, phase, **how):
        """A child waits: while it is imported, starts, warms up or is timed."""
        self.file.with_name("wanted").write_text(phase)
        return Terminal(self.rig, self.command, before=self.before, **how)

    def slowed(self, where, seconds="60"):
        """A function of the lab takes longer."""
        return self.at_once(light(lambda: sabotage.install(where, seconds, self.reached)))

    def python_that_waits(self):
        program = self.file.with_name("python")
        program.write_text(f"#!/bin/sh\ntouch {self.reached}\nexec sleep 60\n")
        program.chmod(0o755)
        self.command += ["--python", str(program)]
        return self.at_once()

    def at_once(self, before=lambda: None):
        """Its imports are done."""
        return Terminal(self.rig, self.command, before=before)

    def importing(self):
        return Terminal(self.rig, self.command)


PHASES = {
    "importing": lambda phase: phase.importing(),
    "asking": lambda phase: phase.python_that_waits(),
    "starting": lambda phase: phase.waits("import"),
    "inputs": lambda phase: phase.waits("inputs"),
    "warm-up": lambda phase: phase.waits("warm-up"),
    "traced": lambda phase: phase.waits("traced"),
    "timed": lambda phase: phase.waits("timed"),
    "rounds": lambda phase: phase.slowed("gil_lab.cli.terminal.progress:LiveView.took_turns"),
    "append": lambda phase: phase.slowed("os:fsync", "0.5"),
    "between": lambda phase: phase.slowed("gil_lab.cli.terminal.progress:LiveView.started"),
    "ending": lambda phase: phase.slowed("gil_lab.cli.terminal.progress:LiveView.finished"),
    "report": lambda phase: phase.slowed("gil_lab.report.documents.answer:answer"),
}
MEASURED = {"append": 1, "ending": 1, "report": 1}
"""Trials whose rows are whole by then, of two; of one before the report."""
ALIKE = ("inputs", "traced", "rounds", "between")
"""Phases for the thorough profile: a child waits for something else, or the lab does between two calls. The signals of
test_rounds.py come there too.
"""
PRESSED = [
    *((phase, 1) for phase in PHASES if thorough() or phase not in ALIKE),
    *((phase, 2) for phase in ("timed", "report", *["asking", "append"] * thorough())),
]


def one_line(ended):
    """Standard error has one line and no more."""
    assert ended.err.startswith("gil-lab: stopped by "), ended.err
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize(
    ("phase", "keys"),
    PRESSED,
    ids=lambda value: {1: "once", 2: "twice"}.get(value, value),
)
def test_fault_37_ctrl_c_in_each_phase(phase, keys, rig, tmp_path):
    """130 although the phase would go on, one line, whole rows, nothing left running.

    The line names the folder in which something is kept, and the next run works.
    """
    case = Phase(rig, tmp_path, rounds="1" if phase == "report" else "2")
    with PHASES[phase](case) as terminal:
        assert terminal.until(terminal.handles_stops if phase == "importing" else case.reached.exists)
        for _ in range(keys):
            terminal.press(CTRL_C)
            time.sleep(0.05)
        ended = terminal.ended()
    one_line(ended)
    rig.survived(ended, 130, message="stopped by SIGINT", next_works=False)
    rows = [row["status"] for row in rig.rows()] if rig.sessions() else []
    assert rows == ["ok"] * MEASURED.get(phase, 0)
    if phase in MEASURED:
        assert str(rig.sessions()[-1]) in ended.err
    if (phase, keys) == ("append", 1):
        rig.next_works()


def test_fault_37_nothing_is_drawn_after_it(rig, tmp_path):
    """With standard error on the same terminal: the last thing on it is the one line, and the cursor."""
    case = Phase(rig, tmp_path)
    case.before = lambda: os.dup2(1, 2)
    with case.waits("timed") as terminal:
        assert terminal.until(case.reached.exists)
        terminal.press(CTRL_C)
        ended = terminal.ended()
    rig.survived(ended, 130, next_works=False)
    assert ended.out.count("stopped by SIGINT") == 1
    assert "\x1b[?25l" not in ended.out[ended.out.index("stopped by SIGINT") :]


MOMENTS = 4 if thorough() else 2


@pytest.mark.parametrize("moment", range(MOMENTS))
def test_fault_38_ctrl_c_twice_at_any_time(moment, rig, tmp_path):
    """Two within 50 ms, at a random time of each part of the run: 130, or the end that the run had already.

    The first part is that of the imports.
    """
    case = Phase(rig, tmp_path, rounds="3")
    with case.at_once() if moment else case.importing() as terminal:
        assert terminal.until(terminal.handles_stops)
        pause = time.monotonic() + 1.5 * (moment + random.random()) / MOMENTS
        terminal.until(lambda: time.monotonic() > pause or terminal.process.poll() is not None)
        for _ in range(2):
            terminal.press(CTRL_C)
            time.sleep(0.05)
        ended = terminal.ended()
    assert ended.code in (0, 130)
    assert ended.err.count("\n") == (ended.code == 130), ended.err
    rig.survived(ended, ended.code, next_works=False)


def test_fault_38_ctrl_c_during_the_clean_up(rig, tmp_path):
    """A child that ignores SIGTERM is not waited for a second time: its supervisor ends it."""
    case = Phase(rig, tmp_path, workload="stubborn")
    with case.waits("timed") as terminal:
        assert terminal.until(case.reached.exists)
        children = [Identity.of(child.pid) for child in of_run(terminal.pid)]
        assert children
        terminal.press(CTRL_C)
        time.sleep(0.1)
        terminal.press(CTRL_C)
        ended = terminal.ended()
    one_line(ended)
    rig.watched += children
    rig.survived(ended, 130, message="stopped by SIGINT")


def test_fault_39_a_closed_window_ends_it(rig, tmp_path):
    """SIGHUP, because the terminal is gone: 129, and nothing of it is left."""
    case = Phase(rig, tmp_path)
    with case.waits("timed") as terminal:
        assert terminal.until(case.reached.exists)
        terminal.hang_up()
        ended = terminal.ended()
    one_line(ended)
    rig.survived(replace(ended, out=""), 129, message="stopped by SIGHUP")  # what it drew last was not seen


@pytest.mark.parametrize("phase", ["traced", "timed", *["warm-up"] * thorough()])
def test_fault_42_ctrl_z_stops_what_is_measured_as_well(phase, rig, tmp_path):
    """The measured process stops with the lab and goes on with it; what was suspended is never used.

    A trial of which nothing else is left is measured again, and has the rows of that alone; in the thorough profile
    also where the warm-up was suspended.
    """
    case = Phase(rig, tmp_path, rounds="1")
    with case.waits(phase, in_shell=True) as terminal:
        lab = psutil.Process(terminal.pid)
        assert terminal.until(case.reached.exists)
        (child,) = filter(is_child, of_run(terminal.pid))
        terminal.press(CTRL_Z)
        assert terminal.until(lambda: lab.status() == psutil.STATUS_STOPPED)
        assert terminal.until(lambda: child.status() == psutil.STATUS_STOPPED)  # a signal takes a moment to arrive
        case.file.with_name("released").touch()
        os.kill(terminal.pid, signal.SIGCONT)
        ended = terminal.ended()
    rig.survived(ended, 0, next_works=False)
    found = [(row["status"], row["flags"].split(";").count("clock-gap")) for row in rig.rows()]
    assert found == [("interrupted", 1)] * (phase != "traced") + [("ok", 0)]
    session = rig.sessions()[-1]
    traced = {row.trace for row in read_rows(read(session), "tasks.csv")}
    if phase == "traced":  # a supervisor that is late with its word may cost another one
        assert TRACES - 2 <= len(traced) < TRACES
    else:
        assert len(traced) == TRACES
    rounds = {row.turn.round for row in read_rows(read(session), "turns.csv")}
    assert rounds == {2 if phase == "timed" else 1}


def is_child(process):
    """The measured process, not its supervisor."""
    try:
        command = process.cmdline()
        return "gil_lab.child" in command and not any(word.endswith("supervisor.py") for word in command)
    except psutil.Error:
        return False


def test_fault_42_ctrl_z_where_no_shell_could_continue_it_does_nothing(rig):
    """Without a shell the terminal's key stops no program."""
    command = rig.arguments(str(FAULTS), "--workload", "fine", *TINY)
    with Terminal(rig, command, before=lambda: None) as terminal:
        assert terminal.until(terminal.handles_stops)
        terminal.press(CTRL_Z)
        ended = terminal.ended()
    rig.survived(ended, 0, next_works=False)


def test_fault_44_ctrl_c_ends_commands_that_only_read(rig):
    """130 and one line, which promises nothing about measurements."""
    with Terminal(rig, [*LAB, "doctor"]) as terminal:
        assert terminal.until(terminal.handles_stops)
        terminal.press(CTRL_C)
        ended = terminal.ended()
    assert ended.err == "gil-lab: stopped by SIGINT\n"
    assert ended.code == 130
