"""Asking programs: a wrong, broken, slow, chatty or hanging one costs one line, and leaves nothing behind."""

import os
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil
import pytest
from fake_python import facts_of, fake, script

from gil_lab.interpreters import choose, dialogue, examiner
from gil_lab.interpreters.dialogue import NoAnswerError
from gil_lab.interpreters.examiner import Examiner
from gil_lab.measuring.supervised_process import SupervisedProcess, private_folder
from gil_lab.model.errors import NothingMeasuredError
from gil_lab.model.variables import MARK


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    """A folder for what the lab makes, empty again at the end; nothing that it started runs then."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []
    assert left_behind() == []


def left_behind():
    found = []
    for process in psutil.process_iter():
        try:
            mine = process.environ().get(MARK, "").startswith(f"{os.getpid()}-")
            if mine and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def reason(program):
    """Why there is no answer: one line that begins with the program and can be printed."""
    choice = choose([str(program)], strategies=("threading",))
    assert choice.interpreters == ()
    (missing,) = choice.missing
    assert missing.name == str(program)
    assert missing.reason.startswith(str(program))
    assert missing.reason.isprintable()
    assert len(missing.reason) <= 500
    return missing.reason.removeprefix(str(program)).strip(" :")


@pytest.fixture
def impatient(monkeypatch):
    """It need not be waited for eight seconds to see what is reported then."""
    monkeypatch.setattr(examiner, "GREETING_TIMEOUT_S", 0.4)


def test_a_greeting_takes_less_than_ten_seconds():
    """Whatever the program does: the rest is for ending it and what it started."""
    assert examiner.GREETING_TIMEOUT_S <= 8
    assert examiner.FACTS_TIMEOUT_S >= 30


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        ("exit 0", "does not answer as Python does (exit code 0)"),
        ("exit 3", "does not answer as Python does (exit code 3)"),
        ("kill -SEGV $$", "does not answer as Python does (killed by SIGSEGV)"),
        ("echo 'wrong option -c' >&2; echo 'see --help' >&2; exit 2", "(wrong option -c)"),
        ("echo nonsense > /dev/fd/$3", "sent an invalid answer"),
        ('echo \'{"message":"Go"}\' > /dev/fd/$3', "sent an invalid answer"),
        ("head -c 3000000 /dev/zero > /dev/fd/$3", "sent an invalid answer"),
        ("printf '\\033[31mred\\a' >&2; exit 1", "(\\x1b[31mred\\x07)"),
        ("head -c 100000 /dev/zero | tr '\\0' x >&2; exit 1", "does not answer as Python does (xxx"),
    ],
)
def test_a_program_that_is_no_python_costs_one_line(text, reported, tmp_path):
    """It says what the program did instead, and what to do now."""
    found = reason(script(tmp_path / "program", text))
    assert reported in found
    assert "; give a program" in found


@pytest.mark.parametrize(
    "greeting",
    [
        '{"message":"Greeting","version":"3.14","implementation":"cpython","free_threaded":false}',
        '{"message":"Greeting","version":"3.14.1\\u001b[31m","implementation":"cpython","free_threaded":false}',
        '{"message":"Greeting","version":"3.14.1","implementation":"=cmd","free_threaded":false}',
        '{"message":"Greeting","version":"3.14.1","implementation":"cpython","free_threaded":1}',
        '{"message":"Greeting","version":"3.14.1","implementation":"cpython"}',
    ],
)
def test_a_greeting_that_no_python_would_say_is_nonsense(greeting, tmp_path):
    """It would be a label in files and on terminals."""
    assert "sent an invalid answer" in reason(script(tmp_path / "program", f"echo '{greeting}' > /dev/fd/$3"))


@pytest.mark.parametrize("program", ["/bin/true", "/bin/cat", "/bin/sleep", "/bin/ls"])
def test_other_programs_are_reported(program):
    """They are there and do something else; of the lab's code, which they take for a file, nothing is shown."""
    found = reason(program)
    assert "does not answer as Python does" in found
    assert "import os" not in found


def test_what_cannot_be_started_is_reported(tmp_path):
    """A text, a binary of no kind, a folder, nothing at all."""
    (tmp_path / "text").write_text("hello")
    (tmp_path / "noise").write_bytes(b"\x7fELFnonsense")
    (tmp_path / "noise").chmod(0o755)
    (tmp_path / "bare").write_text("print(1)")
    (tmp_path / "bare").chmod(0o755)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert reason(tmp_path / "text").startswith("cannot be started (Permission denied)")
    assert reason(tmp_path / "noise").startswith("cannot be started (Exec format error)")
    assert reason(tmp_path / "bare").startswith("cannot be started (Exec format error)")
    assert reason(tmp_path).startswith("is a folder without bin/python")
    assert reason(tmp_path / "nothing").startswith("does not exist")
    assert reason(tmp_path / "loop").startswith("does not exist")


@pytest.mark.parametrize(
    "text",
    [
        "sleep 60",
        "trap '' TERM INT HUP; while :; do sleep 60; done",
        "while :; do echo noise; done",
        "while :; do echo noise >&2; done",
        "setsid sleep 60 & sleep 60",
        "kill -STOP $$",
    ],
)
def test_a_hanging_program_is_given_up(text, tmp_path, impatient):
    """Also one that floods, that does not listen to signals, and that starts others which leave its group."""
    assert "sent nothing for 0.4 s" in reason(script(tmp_path / "program", text))


@pytest.mark.parametrize(
    "text",
    [
        "sleep 60 & exit 0",
        "setsid sleep 60 & exit 0",
        "setsid sh -c 'while :; do echo noise; done' & exit 0",
        "setsid sh -c 'while :; do echo noise >&2; done' & exit 0",
    ],
)
def test_whoever_holds_the_pipes_is_not_waited_for(text, tmp_path):
    """The program is watched and not its pipes; those that hold them are ended as well."""
    assert "does not answer as Python does" in reason(script(tmp_path / "program", text))


def test_a_program_that_closes_the_pipe_is_not_waited_for(tmp_path):
    """It can answer nothing any more."""
    text = f"exec {sys.executable} -c 'import os, sys, time; os.closerange(3, 1 << 12); time.sleep(60)'"
    assert "closed its pipe and is still running" in reason(script(tmp_path / "program", text))


def test_a_script_that_prints_a_banner_and_then_runs_python_is_a_python(tmp_path):
    """As wrappers of environments do: what is printed is not the answer."""
    banner = 'echo Welcome; echo \'{"message":"Go"}\'; echo loading >&2; (echo from a child)'
    program = script(tmp_path / "wrapped", f'{banner}\nexec {sys.executable} "$@"')
    (found,) = choose([program], strategies=("threading",)).interpreters
    assert (found.executable, found.facts.version) == (program, sys.version.split()[0])


def test_a_python_that_floods_is_a_python(tmp_path):
    """More than any pipe holds, to stdout and stderr, before and beside its answer."""
    flood = "head -c 1000000 /dev/zero; head -c 1000000 /dev/zero >&2; setsid sh -c 'while :; do echo x >&2; done' &"
    (found,) = choose([fake(tmp_path / "python", before=flood)]).interpreters
    assert found.facts == facts_of()


@pytest.mark.parametrize("version", ["3.10.13", "3.6.15", "2.7.18"])
def test_an_old_python_is_reported_with_what_is_needed(version, tmp_path):
    """And is not asked to import anything."""
    short = ".".join(version.split(".")[:2])
    old = fake(tmp_path / "python", version, before='[ $# -gt 3 ] && echo asked > "$0.asked"')
    assert reason(old) == f"gil-lab needs Python 3.11 or later; this is {short}"
    assert not Path(f"{old}.asked").exists()


@pytest.mark.parametrize("version", ["2.7", "3.6", "3.8", "3.9", "3.10"])
def test_real_old_pythons_can_say_how_old_they_are(version):
    """The first line that is run is one that they can read."""
    found = sorted(Path("~/.pyenv/versions").expanduser().glob(f"{version}.*/bin/python"))
    if not found:
        pytest.skip(f"there is no Python {version} here; pyenv install {version}")
    assert reason(found[0]) == f"gil-lab needs Python 3.11 or later; this is {version}"


def test_a_python_that_hangs_while_it_imports_is_distinguished(tmp_path, monkeypatch):
    """It is a Python; what it imports takes too long."""
    monkeypatch.setattr(examiner, "FACTS_TIMEOUT_S", 0.3)
    found = reason(fake(tmp_path / "python", before='[ $# -gt 3 ] && { "$0" -c x "$3"; sleep 60; }'))
    assert found.startswith("is Python 3.14.2, but importing what the strategies need takes more than 0.3 s")


@pytest.mark.parametrize(
    ("instead", "reported"),
    [
        ("exit 1", "cannot run the lab (exit code 1)"),
        ("echo nonsense > /dev/fd/$3", "sent an invalid answer"),
        ("echo Traceback '(most recent call last):' >&2; echo ImportError: no >&2; exit 1", "(ImportError: no)"),
        (
            'echo \'{"message":"Failed","status":"error","detail":"mine.py does not import"}\' > /dev/fd/$3',
            "but: mine.py does not import",
        ),
    ],
)
def test_a_python_that_cannot_run_the_lab_says_why(instead, reported, tmp_path):
    """Its version, and its last words."""
    found = reason(fake(tmp_path / "python", before=f'[ $# -gt 3 ] && {{ "$0" -c x "$3"; {instead}; exit; }}'))
    assert found.startswith("is Python 3.14.2, but")
    assert reported in found


def test_several_are_asked_at_the_same_time(tmp_path):
    """Each of two waits until the other one has been started: one after the other, none would answer."""
    meet = "echo here > {mine}; while [ ! -e {other} ]; do sleep 0.01; done"
    one, other = tmp_path / "one", tmp_path / "other"
    names = [
        fake(tmp_path / "a" / "python", "3.14.2", before=meet.format(mine=one, other=other)),
        fake(tmp_path / "b" / "python", "3.15.1", before=meet.format(mine=other, other=one)),
    ]
    assert [found.label for found in choose(names).interpreters] == ["3.14", "3.15"]


def test_an_interrupt_ends_what_is_being_asked(tmp_path):
    """Ctrl-C does not wait for the rest of the minute."""
    started = tmp_path / "started"
    program = script(tmp_path / "program", f"echo > {started}; sleep 60")

    def interrupt():
        while not started.exists():
            pass
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        choose([program])
    thread.join()


def test_a_program_may_be_released_by_several_threads_at_once(tmp_path):
    """Its descriptor is closed once: the number may be another one's by then."""
    program = script(tmp_path / "program", "sleep 60")
    process = SupervisedProcess([program], dict(os.environ), private_folder(), grace_s=0)
    ready = threading.Barrier(8)
    closed = []

    def release():
        ready.wait()
        try:
            process.release()
        except OSError as error:
            closed.append(error)

    threads = [threading.Thread(target=release) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    process.close()
    assert closed == []


def test_a_program_that_is_started_while_its_examiner_is_left_is_ended(tmp_path, monkeypatch):
    """Ctrl-C may come before the examiner knows of it: its time limit is not waited for."""
    program = script(tmp_path / "program", "sleep 60")
    preparing = threading.Event()

    def until_left():
        preparing.set()
        while not asked._closed:
            time.sleep(0.001)
        return private_folder()

    monkeypatch.setattr(examiner, "private_folder", until_left)
    with Examiner() as asked:
        answer = asked._threads.submit(asked.greeting, program)
        preparing.wait()
    assert "does not answer as Python does" in str(answer.exception())


def test_the_facts_of_this_python_are_true():
    """They are read in another process of it."""
    with Examiner(("threading", "multiprocessing-fork")) as examiner:
        found = examiner.facts(sys.executable, ())
    assert (found.version, found.implementation.lower()) == (sys.version.split()[0], sys.implementation.name)
    assert set(found.start_methods) <= {"fork", "spawn", "forkserver"}
    assert found.refusals == ()


def test_only_the_strategies_that_are_named_are_asked_about(tmp_path):
    """A file's strategy that cannot work here is refused if it is asked about, and else not even imported."""
    (tmp_path / "mine.py").write_text(
        "from gil_lab import Strategy\nMINE = Strategy('x', 'call', None, None, requires=('no_such_module_at_all',))\n"
    )
    for strategies, refused in ((("threading",), []), (("mine", "threading"), ["mine"]), ((), [])):
        (found,) = choose(("this",), strategies=strategies, file=tmp_path / "mine.py").interpreters
        assert [one.strategy for one in found.facts.refusals] == refused


def test_a_file_that_does_not_import_there_is_the_reason(tmp_path):
    """What it needs may be installed for another Python."""
    (tmp_path / "mine.py").write_text("import no_such_module_at_all")
    (missing,) = choose(("this",), file=tmp_path / "mine.py").missing
    assert "mine.py does not import (ModuleNotFoundError" in missing.reason


def test_settings_reach_the_python_that_is_asked(tmp_path):
    """Those that change what it says of itself; a switch interval does not."""
    seen = tmp_path / "seen"
    reported = f'[ $# -gt 3 ] && echo "${{PYTHON_GIL-unset}}" >> {seen}'
    program = fake(tmp_path / "python", "3.14.2", free_threaded=True, before=reported)
    names = [program, f"{program}+gil", f"{program}+nogil", f"{program}+switch=1ms", f"{program}+gil+switch=1ms"]
    assert len(choose(names).interpreters) == 5
    assert sorted(seen.read_text().split()) == ["0", "1", "unset"]


def test_an_examiner_that_cannot_prepare_leaves_nothing(tmp_path, monkeypatch):
    """Its folder is removed if what belongs into it cannot be made."""
    monkeypatch.setattr(dialogue, "modules", lambda _: {"x" * 300: tmp_path})
    with Examiner() as asked, pytest.raises(NothingMeasuredError, match="File name too long"):
        asked.greeting("/bin/true")
    assert not list(Path(tempfile.gettempdir()).iterdir())


def test_no_answer_is_an_error_of_one_line():
    """It is raised where one program is asked, and becomes a reason where several are."""
    with Examiner() as examiner, pytest.raises(NoAnswerError, match="exit code 0"):
        examiner.greeting("/bin/true")
