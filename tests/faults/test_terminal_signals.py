"""Signals from outside, signals that were ignored or blocked before the start, and bugs of the lab itself."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from examples import thorough

from faults import sabotage
from faults.light_children import light
from faults.rig import FAULTS, LAB, TINY, eventually

HERE = Path(__file__).parent
FINE = (str(FAULTS), "--workload", "fine", *TINY)


def prepared(preparation):
    """Signals are prepared in some way in a process that is forked from this one; see `faults.forked`."""
    return lambda: exec(preparation, {"signal": signal, "os": os})


PREPARATIONS = {
    "ignored": "signal.signal(signal.SIGCHLD, signal.SIG_IGN)",
    "blocked": "signal.pthread_sigmask(signal.SIG_SETMASK, signal.valid_signals())",
    "both": "signal.signal(signal.SIGCHLD, signal.SIG_IGN); "
    "signal.pthread_sigmask(signal.SIG_SETMASK, signal.valid_signals())",
}


@pytest.fixture
def waiting(rig, tmp_path):
    """The arguments of a run whose timed pass waits, and the file that there is as soon as it does."""
    shutil.copy(HERE / "waiting.py", tmp_path)
    (tmp_path / "wanted").write_text("timed")
    return (str(tmp_path / "waiting.py"), "--rounds", "1", "--min-time", "0.01"), tmp_path / "reached"


STARTED = [("SIGHUP", "as usual"), ("SIGQUIT", "blocked")]
if thorough():
    STARTED = [(name, how) for name in ("SIGHUP", "SIGQUIT", "SIGINT", "SIGTERM") for how in ("as usual", "blocked")]


@pytest.mark.parametrize(("name", "how"), STARTED, ids=["-".join(case) for case in STARTED])
def test_fault_39_and_41_a_signal_ends_it_after_the_clean_up(name, how, rig, waiting):
    """128 and its number, one line with what is kept, also where all signals were blocked: the mask is emptied.

    The two others come at many moments in test_rounds.py.
    """
    command, reached = waiting
    process = rig.forked(*command, before=prepared("" if how == "as usual" else PREPARATIONS["blocked"]))
    assert eventually(reached.exists, 30)
    process.send_signal(getattr(signal, name))
    ended = rig.ended(process)
    assert ended.err.startswith(f"gil-lab: stopped by {name}; kept 0 rows in {rig.sessions()[-1]}; resume with ")
    assert ended.err.count("\n") == 1
    rig.survived(ended, 128 + getattr(signal, name), next_works=False)


SWALLOWING = """\
import os, signal, sys, time
from gil_lab.cli.terminal.stopping import STOPPING, StoppedError

class Deaf:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(0.01)

STOPPING.install()
try:
    Deaf()
    time.sleep(20)
except StoppedError as error:
    print(STOPPING.message(error))
"""


def test_fault_39_a_stop_that_python_drops_is_raised_again():
    """What is raised in __del__ or in the callback of a weak reference, of which each import has one, is lost."""
    ended = subprocess.run([sys.executable, "-c", SWALLOWING], capture_output=True, text=True, timeout=15, check=False)
    assert (ended.stdout, ended.stderr) == ("stopped by SIGTERM\n", "")


def test_fault_41_a_signal_that_was_ignored_stays_ignored(rig, waiting, tmp_path):
    """As nohup and `&` want it: each comes while a pass is timed, and the run ends by itself."""
    command, reached = waiting
    ignored = "; ".join(f"signal.signal(signal.{name}, signal.SIG_IGN)" for name in ("SIGINT", "SIGHUP", "SIGTERM"))
    process = rig.forked(*command, before=prepared(ignored))
    assert eventually(reached.exists, 30)
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        process.send_signal(number)
    (tmp_path / "released").touch()
    rig.survived(rig.ended(process), 0, next_works=False)


SHELLS = {"nohup in the background": "nohup {} & wait $!"}
if thorough():
    SHELLS |= {"background": "{} & wait $!", "nohup": "nohup {}"}


MODULES = ("random", "json", "numba", "signal", "re", "typing", "enum", "select", "rich", "typer", "psutil")


@pytest.mark.parametrize("shell", SHELLS.values(), ids=SHELLS)
def test_fault_41_and_53_started_by_a_shell_in_the_background_among_modules_of_known_names(shell, rig):
    """`nohup gil-lab run ... &` works as ever; in the thorough profile each of the two, which ignores less, as well.

    Modules in the working directory are not imported: `python -m` would prefer them to the real ones.
    """
    for name in MODULES:
        (rig.cwd / f"{name}.py").write_text("import os; os.mkdir('imported')")
    command = ["sh", "-c", shell.format(" ".join(rig.arguments(*FINE)))]
    ended = rig.ended(rig.start(command))
    assert {file.name for file in rig.cwd.iterdir()} == {f"{name}.py" for name in MODULES}
    for file in rig.cwd.iterdir():
        file.unlink()
    rig.survived(ended, 0, next_works=False)
    assert ended.err.removeprefix("nohup: ignoring input\n") == ""


@pytest.mark.parametrize("how", PREPARATIONS if thorough() else ["both"])
def test_fault_41_a_crash_is_a_crash_whatever_was_inherited(how, rig):
    """With SIGCHLD ignored and every signal blocked, a segmentation fault is none the less no exit code 0.

    Each of them alone is for the thorough profile.
    """
    command = (str(FAULTS), "--workload", "crashing,fine", *TINY)
    rig.survived(rig.run_forked(*command, before=prepared(PREPARATIONS[how])), 3, ok_at_most=1, next_works=False)
    crashed = [row for row in rig.rows() if row["status"] == "crashed"]
    assert len(crashed) == 1
    assert "SIGSEGV" in crashed[0]["detail"]


STAGES = {
    "planner": "gil_lab.sessions.plan:trials",
    "start": "gil_lab.measuring.generation:Generation.start",
    "round": "gil_lab.measuring.generation:Generation.round",
    "turn": "gil_lab.measuring.measured_child:MeasuredChild.turn",
    "store": "gil_lab.sessions.writer:OpenFolder.append",
    "rounds": "gil_lab.sessions.writer:OpenFolder.append_turns",
    "progress": "gil_lab.cli.terminal.progress:PlainProgress.finished",
    "renderer": "gil_lab.report.documents.answer:answer",
}

WITHIN = ("start", "round", "turn", "rounds")
"""Stages between those of planner, store and progress, where a MemoryError is raised: for the thorough profile."""


@pytest.mark.parametrize(
    ("stage", "error"),
    [
        *((stage, "RuntimeError") for stage in STAGES if thorough() or stage not in WITHIN),
        ("turn", "MemoryError"),
        ("renderer", "BaseException"),
    ],
)
def test_fault_47_a_bug_is_one_line(stage, error, rig, tmp_path):
    """1, whatever is raised wherever; what was measured before is kept, and nothing runs on."""
    ended = rig.run_forked(*FINE, before=light(lambda: sabotage.install(STAGES[stage], error, tmp_path / "reached")))
    rig.survived(ended, 1, message=f"this is a bug of gil-lab ({error}: sabotaged)", next_works=False)
    assert ended.err.count("\n") == 1
    assert len(rig.sessions()) == (stage != "planner")
    if rig.sessions():
        assert len(rig.rows()) == (stage in ("progress", "renderer"))
        assert (rig.sessions()[-1] / "crash.txt").exists() == (error != "BaseException")


def test_fault_47_the_traceback_is_printed_if_it_is_asked_for(rig, tmp_path):
    """GIL_LAB_DEBUG=1."""
    bug = lambda: sabotage.install(STAGES["planner"], "RuntimeError", tmp_path / "reached")  # noqa: E731
    ended = rig.run_forked(*FINE, before=bug, env=rig.environment(GIL_LAB_DEBUG="1"))
    assert ended.code == 1
    assert "Traceback" in ended.err


POISON = {
    "inspect": {"PYTHONINSPECT": "1"},
    "startup": {"PYTHONSTARTUP": "/nonexistent"},
    "warnings": {"PYTHONWARNINGS": "error"},
    "completion": {"_GIL_LAB_COMPLETE": "bash_source"},
    "development": {"PYTHONDEVMODE": "1"},
}
POISON["all"] = {variable: value for variables in POISON.values() for variable, value in variables.items()}


@pytest.mark.parametrize("name", POISON if thorough() else ["all"])
@pytest.mark.parametrize(("arguments", "code"), [(["--version"], 0), (["run", "nothing"], 2)], ids=["good", "bad"])
def test_fault_54_a_poisoned_environment_does_not_change_the_end(name, arguments, code, tmp_path):
    """No prompt is opened at the end, no warning becomes an error, and standard input is not waited for.

    All of them at once: what one of them does is seen all the same, in the thorough profile also which one.
    """
    environment = {**os.environ, **POISON[name]}
    ended = subprocess.run(
        [*LAB, *arguments],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.PIPE,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == code
    assert ended.stderr.count(b"\n") == (code != 0), ended.stderr
