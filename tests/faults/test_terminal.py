"""Ctrl-C and Ctrl-Z in a real terminal, in every phase of a run."""

import os
import random
import shutil
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from faults.rig import FAULTS, LAB, TINY, eventually, of_run
from faults.terminal import CTRL_C, CTRL_Z, Terminal

HERE = Path(__file__).parent
RUN = ("--min-time", "0.01", "--seed", "1")
STOPPED_WITHIN_S = 3.0
GENEROUS_S = 4.0
"""A second more than is promised: the machine of a test is busy."""


class Phase:
    """A run that waits in one phase, and how to know that it is there."""

    def __init__(self, rig, tmp_path, workload="patient", rounds="2"):
        self.rig, self.file = rig, tmp_path / "waiting.py"
        shutil.copy(HERE / "waiting.py", self.file)
        self.reached = tmp_path / "reached"
        self.command = rig.arguments(str(self.file), "--workload", workload, "--rounds", rounds, *RUN)

    def waits(self, phase):
        """A child waits: while it is imported, starts, warms up or is timed."""
        self.file.with_name("wanted").write_text(phase)
        return Terminal(self.rig, self.command)

    def slowed(self, where, seconds="60"):
        """A function of the lab takes longer."""
        sabotage = [sys.executable, str(HERE / "sabotage.py"), where, seconds, str(self.reached)]
        return Terminal(self.rig, [*sabotage, *self.command[3:]])

    def python_that_waits(self):
        program = self.file.with_name("python")
        program.write_text(f"#!/bin/sh\ntouch {self.reached}\nexec sleep 60\n")
        program.chmod(0o755)
        return Terminal(self.rig, [*self.command, "--python", str(program)])

    def importing(self):
        return Terminal(self.rig, self.command)


PHASES = {
    "importing": lambda phase: phase.importing(),
    "asking": lambda phase: phase.python_that_waits(),
    "starting": lambda phase: phase.waits("import"),
    "inputs": lambda phase: phase.waits("inputs"),
    "warm-up": lambda phase: phase.waits("warm-up"),
    "timed": lambda phase: phase.waits("timed"),
    "append": lambda phase: phase.slowed("os:fsync", "0.5"),
    "between": lambda phase: phase.slowed("gil_lab.cli.terminal.progress:LiveView.started"),
    "report": lambda phase: phase.slowed("gil_lab.report.terminal:report"),
}
MEASURED = {"append": 1, "report": 2}
"""Trials whose rows are whole by then."""


def one_line(ended):
    """What is told of it, in one line and no more."""
    assert ended.err.startswith("gil-lab: stopped by "), ended.err
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize("keys", [1, 2], ids=["once", "twice"])
@pytest.mark.parametrize("phase", PHASES)
def test_fault_37_ctrl_c_in_each_phase(phase, keys, rig, tmp_path):
    """130 within three seconds, one line, whole rows, nothing left running: whatever was going on."""
    case = Phase(rig, tmp_path)
    with PHASES[phase](case) as terminal:
        assert terminal.until(terminal.handles_stops if phase == "importing" else case.reached.exists)
        for _ in range(keys):
            terminal.press(CTRL_C)
            time.sleep(0.05)
        ended = terminal.ended()
    assert ended.took_s < GENEROUS_S
    one_line(ended)
    rig.survived(ended, 130, told="stopped by SIGINT", next_works=False)
    rows = [row["status"] for row in rig.rows()] if rig.sessions() else []
    assert rows == ["ok"] * MEASURED.get(phase, 0)


def test_fault_37_what_is_kept_and_how_to_go_on_is_told(rig, tmp_path):
    """The line names the folder; the next run works."""
    case = Phase(rig, tmp_path)
    with PHASES["append"](case) as terminal:
        assert terminal.until(case.reached.exists)
        terminal.press(CTRL_C)
        ended = terminal.ended()
    rig.survived(ended, 130, told=str(rig.sessions()[-1]))


def test_fault_37_nothing_is_drawn_after_it(rig, tmp_path):
    """With standard error on the same terminal: the last thing on it is the one line, and the cursor."""
    case = Phase(rig, tmp_path)
    case.command = ["sh", "-c", 'exec "$@" 2>&1', "sh", *case.command]
    with case.waits("timed") as terminal:
        assert terminal.until(case.reached.exists)
        terminal.press(CTRL_C)
        ended = terminal.ended()
    rig.survived(ended, 130, next_works=False)
    assert ended.out.count("stopped by SIGINT") == 1
    assert "\x1b[?25l" not in ended.out[ended.out.index("stopped by SIGINT") :]


@pytest.mark.parametrize("seed", range(15))
def test_fault_38_ctrl_c_twice_at_any_time(seed, rig, tmp_path):
    """Two within 50 ms, whenever they come: 130 at once, or the end that the run had already."""
    order = random.Random(seed)
    case = Phase(rig, tmp_path, rounds="3")
    with case.importing() as terminal:
        assert terminal.until(terminal.handles_stops)
        pause = time.monotonic() + order.uniform(0, 1.5)
        terminal.until(lambda: time.monotonic() > pause or terminal.process.poll() is not None)
        for _ in range(2):
            terminal.press(CTRL_C)
            time.sleep(0.05)
        ended = terminal.ended()
    assert ended.took_s < GENEROUS_S
    assert ended.code in (0, 130)
    assert ended.err.count("\n") == (ended.code == 130), ended.err
    rig.survived(ended, ended.code, next_works=False)


def test_fault_38_ctrl_c_during_the_clean_up(rig, tmp_path):
    """A child that ignores a polite word is not waited for a second time: its guardian ends it."""
    case = Phase(rig, tmp_path, workload="stubborn")
    with case.waits("timed") as terminal:
        assert terminal.until(case.reached.exists)
        children = of_run(terminal.pid)
        assert children
        terminal.press(CTRL_C)
        time.sleep(0.1)
        terminal.press(CTRL_C)
        ended = terminal.ended()
    one_line(ended)
    rig.watched += [child.pid for child in children]
    assert eventually(lambda: not any(child.is_running() for child in children), 5.0)
    rig.survived(ended, 130, told="stopped by SIGINT")


def test_fault_39_a_closed_window_ends_it(rig, tmp_path):
    """SIGHUP, because the terminal is gone: 129, and nothing of it is left."""
    case = Phase(rig, tmp_path)
    with case.waits("timed") as terminal:
        assert terminal.until(case.reached.exists)
        terminal.hang_up()
        ended = terminal.ended()
    one_line(ended)
    assert ended.took_s < GENEROUS_S
    rig.survived(replace(ended, out=""), 129, told="stopped by SIGHUP")  # what it drew last, nobody could see


def test_fault_42_ctrl_z_stops_what_is_measured_as_well(rig, tmp_path):
    """The measured process stops with the lab and goes on with it; its trial is never used."""
    case = Phase(rig, tmp_path, rounds="1")
    with Terminal(rig, [*case.command, "--min-time", "1"], in_shell=True) as terminal:
        lab = psutil.Process(terminal.pid)
        assert terminal.until(case.file.with_name("timing").exists)
        (child,) = [one for one in of_run(terminal.pid) if is_child(one)]
        terminal.press(CTRL_Z)
        assert terminal.until(lambda: lab.status() == psutil.STATUS_STOPPED)
        assert terminal.until(lambda: child.status() == psutil.STATUS_STOPPED)  # a signal takes a moment to arrive
        os.kill(terminal.pid, signal.SIGCONT)
        ended = terminal.ended(60)
    rig.survived(ended, 0, next_works=False)
    statuses = [row["status"] for row in rig.rows()]
    assert statuses[-1] == "ok"
    assert "clock-gap" in rig.trials_file().read_text()


def is_child(process):
    """The measured one, not its guardian."""
    try:
        command = process.cmdline()
        return "gil_lab.child" in command and not any(word.endswith("supervisor.py") for word in command)
    except psutil.Error:
        return False


def test_fault_42_ctrl_z_where_nobody_could_continue_it_is_no_end(rig, tmp_path):
    """Without a shell the terminal's key does nothing, as it does to any program."""
    command = rig.arguments(str(FAULTS), "--workload", "fine", *TINY)
    with Terminal(rig, command) as terminal:
        assert terminal.until(terminal.handles_stops)
        terminal.press(CTRL_Z)
        ended = terminal.ended()
    rig.survived(ended, 0, next_works=False)


def test_fault_44_ctrl_c_ends_commands_that_only_read(rig, tmp_path):
    """130 and one line, which promises nothing about measurements."""
    with Terminal(rig, [*LAB, "doctor"]) as terminal:
        assert terminal.until(terminal.handles_stops)
        terminal.press(CTRL_C)
        ended = terminal.ended()
    assert ended.err == "gil-lab: stopped by SIGINT\n"
    assert ended.code == 130
