"""The commands as a user types them: what they print, what they write, what they refuse, and how they end."""

import csv
import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command_line import TINY, called, gil_lab, rows_of, turns_that_count
from examples import thorough
from faults import forked as lab
from places import BROKEN_WORKLOADS

from gil_lab.cli.app import execute
from gil_lab.cli.terminal.ending import report
from gil_lab.model.errors import UsageError
from gil_lab.sessions.schema import SCHEMA

pytestmark = pytest.mark.usefixtures("this_is_found_once", "children_are_forked")
FEWER = "raise --timeout, or use fewer or smaller tasks (--tasks, --size)"


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """A small session of the main job, run once for all tests that only read it."""
    folder = tmp_path_factory.mktemp("session")
    options = ("--strategy", "threading,multiprocessing", "--workers", "2", "--seed", "3", *TINY)
    return folder, called("run", "cpu-bound", *options, "--rounds", "2", cwd=folder)


def test_a_run_prints_the_table_the_verdicts_and_where_the_files_are(session):
    """All that a user wants to see after a run, within 80 columns."""
    _, done = session
    assert (done.returncode, done.stderr) == (0, "")
    assert "primes, 4 tasks, size 50" in done.stdout
    assert "threading x2" in done.stdout
    assert "flight" in done.stdout
    assert "Files: results/cpu-bound/" in done.stdout
    prose = [line for line in done.stdout.splitlines() if "results" not in line and not line.startswith("[")]
    assert max(map(len, prose)) <= 80
    assert "\x1b" not in done.stdout


def test_a_run_shows_each_trial_and_at_the_end_the_table(session):
    """A line for each of three cells in two generations, numbered as they end; the table stands once, after them."""
    out = session[1].stdout
    numbered = [line.split()[0] for line in out.splitlines() if line.startswith("[")]
    assert numbered == [f"[{number}/6]" for number in range(1, 7)]
    assert out.count("primes, 4 tasks") == 1
    assert out.index("primes, 4 tasks") > out.index("[6/6]")


def test_rounds_are_exact(session):
    """Two turns of each cell, in a generation each; every round is counted on, whatever its generation."""
    turns = turns_that_count(session[0])
    assert [(row["generation"], row["round"]) for row in turns] == [("1", "1")] * 3 + [("2", "2")] * 3
    assert [sorted(row["trial"] for row in turns if row["round"] == number) for number in "12"] == [
        ["1", "2", "3"],
        ["4", "5", "6"],
    ]
    assert {row["round"] for row in rows_of(session[0])} == {"1", "2"}


def test_each_cell_is_traced_three_times_at_least(session):
    """One late wake-up would spoil a single trace: with two generations there are two in each."""
    for trial in range(1, 7):
        traced = [
            row for row in rows_of(session[0], "passes.csv") if (row["trial"], row["kind"]) == (f"{trial}", "traced")
        ]
        tasks = [row["trace"] for row in rows_of(session[0], "tasks.csv") if row["trial"] == f"{trial}"]
        assert len(traced) == 2
        assert tasks == ["1"] * 4 + ["2"] * 4


def test_a_child_that_was_started_is_a_row_before_its_first_turn(session):
    """What its start took is as in its row of trials.csv, to which its first pass may have added."""
    costs = ("launch_s", "compile_s")
    starts, trials = ({row["trial"]: row for row in rows_of(session[0], name)} for name in ("starts.csv", "trials.csv"))
    assert len(starts) == 6
    assert {number: [row[name] for name in costs] for number, row in starts.items()} == {
        number: [row[name] for name in costs] for number, row in trials.items()
    }
    assert all(float(row["startup_s"]) >= float(starts[number]["startup_s"]) for number, row in trials.items())


def test_the_workers_that_were_typed_stand_in_the_csv_cell(session):
    """`--workers 2` goes all the way; the reference is added and has one worker."""
    trials = rows_of(session[0])
    assert {row["strategy"]: row["workers"] for row in trials} == {
        "threading": "2",
        "multiprocessing": "2",
        "sequential": "1",
    }
    assert len(trials) == 6
    assert {row["status"] for row in trials} == {"ok"}


def test_all_files_of_a_session_are_there(session):
    """As docs/files.md says."""
    made = {file.name for file in next(session[0].glob("results/*/*")).iterdir()}
    tables = {"trials.csv", "passes.csv", "tasks.csv", "samples.csv", "cores.csv", "beats.csv", "observations.csv"}
    tables |= {"starts.csv", "turns.csv", "gils.csv", "holds.csv"}
    assert made == {"session.json", "plan.csv", "summary.csv", "core_use.csv", "claims.csv", *tables}
    about = json.loads(next(session[0].glob("results/*/*/session.json")).read_text())
    assert (about["schema"], about["options"]["seed"], about["trials"]) == (SCHEMA, 3, 6)


def test_a_report_writes_the_same_summary_again(session):
    """Derived files can be lost: they are made from the raw ones."""
    folder, _ = session
    for name in ("summary.csv", "core_use.csv"):
        file = next(folder.glob(f"results/*/*/{name}"))
        before = file.read_bytes()
        file.unlink()
        assert called("report", cwd=folder).returncode == 0
        assert file.read_bytes() == before


@pytest.mark.parametrize("asked", [[], ["cpu-bound"], ["results"], ["results/cpu-bound"]])
def test_a_report_finds_the_session_by_whatever_name(session, asked):
    """The newest by default, an experiment's newest by its name, or any folder above it."""
    done = called("report", *asked, cwd=session[0])
    assert done.returncode == 0
    assert "threading x2" in done.stdout


def test_a_report_comes_as_csv_json_and_markdown(session):
    """For other programs and for documents: the same cells in each."""
    folder, _ = session
    assert len(list(csv.DictReader(called("report", "--format", "csv", cwd=folder).stdout.splitlines()))) == 3
    assert len(json.loads(called("report", "--format", "json", cwd=folder).stdout)) == 3
    assert called("report", "--format", "md", cwd=folder).stdout.count("\n| ") == 5


def test_core_use_has_one_row_a_cell_and_core(session):
    """Per cent by psutil, for every core of the machine."""
    use = rows_of(session[0], "core_use.csv")
    assert len(use) == 3 * len({row["core"] for row in use})
    assert all(0 <= float(row["busy_percent"]) <= 100 for row in use)


def test_a_report_on_a_session_with_a_torn_last_row_reports_it(session, tmp_path):
    """A file cut in the middle of a line costs that line, with a note; the turns of that trial still count."""
    folder = tmp_path / "results" / "cpu-bound" / "20200101T000000Z-host"
    folder.mkdir(parents=True)
    for file in next(session[0].glob("results/*/*")).iterdir():
        (folder / file.name).write_bytes(file.read_bytes()[:-9] if file.name == "trials.csv" else file.read_bytes())
    done = called("report", cwd=tmp_path)
    assert done.returncode == 0
    assert "last row of trials.csv is incomplete" in done.stdout
    assert "missing" not in done.stdout
    assert "cut-short" in called("report", "--format", "csv", cwd=tmp_path).stdout
    (folder / "turns.csv").unlink()
    done = called("report", cwd=tmp_path)
    assert done.returncode == 0
    assert "1 of 6 trials is missing" in " ".join(done.stdout.split())


def test_a_session_without_its_trials_is_refused_in_one_line(session, tmp_path):
    """What cannot be rebuilt is reported, not guessed."""
    (tmp_path / "session.json").write_text("{}")
    done = called("report", tmp_path, cwd=tmp_path)
    assert done.returncode == 4
    assert done.stderr.count("\n") == 1
    assert "trials.csv" in done.stderr


@pytest.mark.parametrize(
    ("experiment", "chosen"),
    [
        ("io-bound", ["--strategy", "threading,asyncio"]),
        ("scaling", ["--strategy", "threading"]),
        *[("mixed", ["--strategy", "threading,asyncio"])] * thorough(),
    ],
)
def test_an_experiment_runs_with_the_strategies_that_are_chosen(experiment, chosen, tmp_path):
    """On work so small that only the way there is tested; tests/unit/test_smoke.py runs the main job with all."""
    done = called("run", experiment, "--workers", "2", *chosen, *TINY[:2], "--size", "1", *TINY[4:], cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert {row["status"] for row in rows_of(tmp_path)} == {"ok"}


def test_the_cells_of_all_interpreters_take_turns_in_one_round(tmp_path):
    """Two of them are compared as neighbours in time are, in one generation, each in its own process."""
    options = ("--strategy", "threading", "--workers", "2", "--python", "this,this+switch=1ms", *TINY)
    done = called("run", "cpu-bound", *options, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    trials = {row["trial"]: row for row in rows_of(tmp_path)}
    turns = turns_that_count(tmp_path)
    assert [row["round"] for row in turns] == ["1"] * 4
    assert len({trials[row["trial"]]["interpreter"] for row in turns}) == 2


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    """A user's own file: one fine workload among many that go wrong."""
    folder = tmp_path_factory.mktemp("faults")
    return folder, called(
        "run", BROKEN_WORKLOADS, "--rounds", "1", "--min-time", "0.0001", "--timeout", "2", cwd=folder
    )


@pytest.mark.parametrize(
    ("workload", "status", "reason"),
    [
        ("fine", "ok", ""),
        ("noisy", "ok", ""),
        ("crashing", "crashed", "SIGSEGV before its result"),
        ("hanging", "timeout", f"not done after 2 s, at its start or in its first pass; {FEWER}"),
        ("lying", "wrong", "got [0, 1, 2, 3]"),
        ("complaining", "error", "ValueError: =cmd|x [red] \\x1b[31m\\nsecond line"),
        ("leaving", "error", "SystemExit: leaving"),
    ],
)
def test_a_bad_cell_is_a_row_with_its_reason(faulty, workload, status, reason):
    """It costs its own trials, in both strategies, and the others go on."""
    rows = [row for row in rows_of(faulty[0]) if row["workload"] == workload]
    assert {row["strategy"] for row in rows} == {"sequential", "backwards"}
    assert {(row["status"], row["detail"]) for row in rows} == {(status, reason)}
    assert {row["wall_s"] == "" for row in rows} == {status != "ok"}


def test_a_run_with_bad_cells_ends_with_3_and_a_table_of_all(faulty):
    """The exit code tells a script; the report tells a person; the log tells the traceback."""
    folder, done = faulty
    assert done.returncode == 3
    assert "crashing" in done.stdout
    assert "\x1b" not in done.stdout
    assert "Traceback" not in done.stderr
    assert "ValueError" in next(folder.glob("results/faults/*/log.txt")).read_text()


def test_a_strategy_that_was_named_and_cannot_run_counts(tmp_path):
    """Skipped by default is fine; skipped although requested by name is exit code 3."""
    done = called(
        "run",
        "cpu-bound",
        "--workload",
        "sha256",
        "--strategy",
        "numba-nogil",
        *TINY[:2],
        "--size",
        "1",
        *TINY[4:],
        cwd=tmp_path,
    )
    assert done.returncode == 3
    assert "nothing for Numba or Cython to compile" in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run"], "Missing argument"),
        (["run", "cpu-boud"], "did you mean 'cpu-bound'?"),
        (["run", "cpu_bond"], "did you mean 'cpu-bound'?"),
        (["rn"], "did you mean 'run'?"),
        (["run", "cpu-bound", "--worker", "2"], "No such option: --worker; did you mean '--workers'?"),
        (["run", "cpu-bound", "--workers", "0"], "from 1 to"),
        (["run", "cpu-bound", "--workers", "-3"], "from 1 to"),
        (["run", "cpu-bound", "--workers", "2.0"], "whole number"),
        (["run", "cpu-bound", "--workers", "1_0"], "whole number"),
        (["run", "cpu-bound", "--workers", "\u0664"], "whole number"),
        (["run", "cpu-bound", "--workers", "10000"], "on this machine"),
        (["run", "cpu-bound", "--workers", "9" * 30], "whole number"),
        (["run", "cpu-bound", "--workers", ""], "empty item"),
        (["run", "cpu-bound", "--strategy", ",,"], "empty item"),
        (["run", "cpu-bound", "--strategy", "treading"], "did you mean 'threading'?"),
        (["run", "cpu-bound", "--workload", "primse"], "did you mean 'primes'?"),
        (["run", "cpu-bound", "--tasks", "0"], "tasks is 0"),
        (["run", "cpu-bound", "--size", "0"], "size is 0"),
        (["run", "cpu-bound", "--size", "1000000000000"], "takes at most"),
        (["run", "cpu-bound", "--size", "1", "--workload", "primes,http"], "choose one with --workload"),
        (["run", "cpu-bound", "--rounds", "0"], "rounds is 0"),
        (["run", "cpu-bound", "--min-time", "nan"], "takes seconds"),
        (["run", "cpu-bound", "--min-time", "inf"], "takes seconds"),
        (["run", "cpu-bound", "--timeout", "0"], "above 0"),
        (["run", "cpu-bound", "--seed", "-1"], "seed is -1"),
        (["run", "no/such/file.py"], "no file"),
        (["report", "--format", "xyz"], "unknown format"),
        (["list", "nothing.py"], "no file"),
    ],
)
def test_bad_input_is_refused_in_one_line_before_anything_is_touched(arguments, message, tmp_path, monkeypatch, capfd):
    """Exit code 2, the cause and the next step, no traceback, no file."""
    monkeypatch.chdir(tmp_path)
    try:
        code = execute(arguments)
    except BaseException as error:  # as in __main__
        code = report(error)
    reported = capfd.readouterr()
    assert (code, reported.out) == (2, "")
    assert message in reported.err
    assert reported.err.startswith("gil-lab: error: ")
    assert reported.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_process_that_was_given_bad_input_says_the_same(tmp_path):
    """The way through the program's own start and end."""
    done = gil_lab("run", "cpu-boud", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("gil-lab: error: ")
    assert "did you mean 'cpu-bound'?" in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["import nothing_of_that_name", "def broken(:", "raise SystemExit('no')", "1 / 0"])
def test_a_file_that_does_not_import_is_refused_in_one_line(text, tmp_path):
    """Whatever is wrong with it, it is the user's file and not a bug of the lab."""
    (tmp_path / "mine.py").write_text(text)
    done = called("run", "mine.py", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("gil-lab: error: mine.py does not import")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("out", ["a-file", "a-file/below", "/proc/nothing"])
def test_a_folder_that_cannot_be_written_is_reported_before_the_first_trial(out, tmp_path):
    """Exit code 4 in one line: it is known before an hour of measuring is lost."""
    (tmp_path / "a-file").write_text("mine")
    done = called("run", "cpu-bound", *TINY, "--out", out, cwd=tmp_path)
    assert done.returncode == 4
    assert done.stderr.count("\n") == 1
    assert (tmp_path / "a-file").read_text() == "mine"
    assert "[1/" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "hint"), [([], "measure something first"), (["nothing"], "measure one"), (["."], "no session")]
)
def test_a_report_on_nothing_says_what_to_do(arguments, hint, tmp_path):
    """No results yet is not a crash."""
    done = called("report", *arguments, cwd=tmp_path)
    assert done.returncode == 4
    assert hint in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_run_in_which_nothing_could_be_measured_ends_with_5(tmp_path):
    """If no trial was ok, the first reason is reported: an error rather than that something cannot run here."""
    elsewhere = 'ELSEWHERE = Strategy("of a module that is nowhere", "call", backwards, None, requires=("nowhere",))'
    (tmp_path / "broken.py").write_text(f"{BROKEN_WORKLOADS.read_text()}\n{elsewhere}\n")
    options = ("--workload", "crashing", "--strategy", "elsewhere,sequential", "--rounds", "1")
    done = called("run", "broken.py", *options, cwd=tmp_path)
    assert done.returncode == 5
    assert "(sequential: crashed: SIGSEGV" in done.stderr


@pytest.mark.parametrize(
    ("effort", "planned"),
    [
        ([], "at most 32 trials in about 60 s"),
        (["--quick"], "at most 32 trials in about 15 s"),
        (["--budget", "5m"], "at most 32 trials in about 300 s"),
        (["--rounds", "3"], "24 trials"),
        (["--rounds", "7"], "32 trials"),
    ],
)
def test_a_dry_run_shows_the_trials_and_touches_nothing(effort, planned, tmp_path):
    """The plan of the default run: eight cells, four generations at most, a minute; of exact rounds it says no time."""
    done = called("run", "cpu-bound", "--workers", "8", "--seed", "3", *effort, "--dry-run", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == f"{planned}, seed 3; nothing was run."
    assert list(tmp_path.iterdir()) == []


def test_a_run_takes_as_many_rounds_as_its_budget_allows(tmp_path):
    """At least three in its first generation, so that there are intervals, and no turn after the time is up."""
    options = ("--strategy", "threading", "--workers", "2", "--tasks", "4", "--size", "50", "--budget", "1s")
    done = called("run", "cpu-bound", *options, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 cells, about 1 s, three rounds at least; results go to" in done.stdout
    assert {row["status"] for row in rows_of(tmp_path)} == {"ok"}
    turns = rows_of(tmp_path, "turns.csv")
    assert len({row["round"] for row in turns}) >= 3
    about = json.loads(next(tmp_path.glob("results/*/*/session.json")).read_text())
    assert (about["trials"], about["options"]["rounds"], about["options"]["budget_s"]) == (None, None, 1.0)
    assert "ended_utc" in about
    (summary,) = [row for row in rows_of(tmp_path, "summary.csv") if row["strategy"] == "threading"]
    assert float(summary["speedup_low"]) <= float(summary["speedup"]) <= float(summary["speedup_high"])
    assert "missing" not in called("report", cwd=tmp_path).stdout


def test_list_names_everything_there_is(tmp_path):
    """Experiments, workloads and strategies, and those of a file."""
    done = called("list", BROKEN_WORKLOADS, cwd=tmp_path)
    assert done.returncode == 0
    for name in ("scaling", "mandelbrot", "multiprocessing-forkserver", "backwards", "crashing"):
        assert name in done.stdout


def test_list_is_one_screen_and_says_what_one_is_to_who_asks(tmp_path, capsys, monkeypatch):
    """Names alone; a name may be that of two things; a mistyped one is met with the nearest."""
    monkeypatch.setenv("COLUMNS", "80")
    assert execute(["list"]) == 0
    assert len(capsys.readouterr().out.splitlines()) <= 24
    execute(["list", "mixed"])
    one = capsys.readouterr().out
    assert "What if a program waits and computes, as most do?" in one
    assert "fetch a page from a slow server" in one
    assert "Strategies" not in one
    execute(["list", "contention"])
    one = capsys.readouterr().out
    assert "workloads: contention (19 variants)\n" in one
    assert "+deque-append  appending to a deque\n                   instead: a deque for each thread\n" in one
    assert not any(line.endswith(" ") for line in one.splitlines())
    with pytest.raises(UsageError, match="did you mean 'threading'"):
        execute(["list", "treading"])
    execute(["list", "-v"])
    assert "fetch a page from a slow server" in capsys.readouterr().out


def test_doctor_examines_the_machine(tmp_path):
    """One line a subject, and a verdict."""
    done = called("doctor", cwd=tmp_path)
    assert done.returncode == 0
    for subject in (
        "cores:",
        "others:",
        "steal:",
        "GIL:",
        "bytecode:",
        "start methods:",
        "threading layer:",
        "versions:",
    ):
        assert subject in done.stdout
    assert "fix" in done.stdout


def forked(*arguments, **how):
    """The command in a process of its own, which is forked from this one; `how` as Popen takes it."""
    environment = {**os.environ, "COLUMNS": "80", **how.pop("env", {})}
    return lab.start([str(argument) for argument in arguments], environment, None, lambda: None, **how)


def unread(*arguments, cwd):
    """That, with a pipe as its output that is never read: its exit code, and what it wrote to standard error."""
    reader, output = os.pipe()
    os.close(reader)
    with forked(*arguments, cwd=cwd, stdout=output, stderr=subprocess.PIPE, text=True) as process:
        os.close(output)
        errors = process.stderr.read()
    return process.returncode, errors


def test_a_reader_that_leaves_early_gets_no_error(session):
    """`gil-lab report | true` is silent, with the exit code of a broken pipe."""
    reader = f"{sys.executable} -m gil_lab report | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", reader], cwd=session[0], capture_output=True, text=True, check=False)
    assert done.returncode == 141
    assert done.stderr == ""


@pytest.mark.parametrize("command", [("report", "--format", "csv"), ("list",)])
def test_nor_does_it_of_other_commands(session, command):
    """They print otherwise."""
    assert unread(*command, cwd=session[0]) == (141, "")


def test_a_run_goes_on_when_nobody_reads_its_progress(tmp_path):
    """`gil-lab run | true` measures everything, and its exit code is that of the cells."""
    assert unread("run", "cpu-bound", "--strategy", "threading", *TINY, cwd=tmp_path) == (0, "")
    assert [row["status"] for row in rows_of(tmp_path)] == ["ok", "ok"]


def test_output_that_cannot_be_encoded_is_replaced(session):
    """A terminal that knows ASCII only still gets every number."""
    done = gil_lab("report", cwd=session[0], PYTHONIOENCODING="ascii:strict")
    assert (done.returncode, done.stderr) == (0, "")


def until(condition, patience_s=30.0):
    """Wait for a state; the limit is only there so that a broken program cannot hang the tests."""
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGINT, *[signal.SIGTERM] * thorough()])
def test_an_interrupt_keeps_what_was_measured(number, tmp_path):
    """128 + the signal, one line, no stray child, and a report on the rounds that were finished.

    SIGTERM at many moments: tests/faults/test_rounds.py.
    """
    command = ["run", "cpu-bound", "--strategy", "threading", *TINY[:4], "--rounds", "500"]
    pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
    with forked(*command, cwd=tmp_path, **pipes) as process:
        until(lambda: any(len(file.read_text().splitlines()) > 8 for file in tmp_path.glob("results/*/*/turns.csv")))
        process.send_signal(number)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 128 + number
    assert errors.count("\n") == 1
    assert "kept" in errors
    finished = turns_that_count(tmp_path)
    assert len(finished) % 2 == 0
    assert len(finished) >= 4  # on a busy machine half of them may have been taken again
    done = called("report", cwd=tmp_path)
    assert done.returncode == 0
    assert "6 of 8 trials are missing" in " ".join(done.stdout.split())
    assert [
        row["speedup"] != ""
        for row in csv.DictReader(called("report", "--format", "csv", cwd=tmp_path).stdout.splitlines())
    ] == [True] * 2


def test_on_a_terminal_the_progress_is_drawn_and_then_gone(tmp_path):
    """A live view of each step, with a bar for each core; after it the table, and the cursor is shown again."""
    controller, terminal = pty.openpty()
    command = ["run", "cpu-bound", "--strategy", "threading", *TINY]
    environment = {"TERM": "xterm", "LINES": "24"}
    with forked(*command, cwd=tmp_path, stdout=terminal, stderr=terminal, env=environment) as process:
        os.close(terminal)
        seen = b""
        try:
            while chunk := os.read(controller, 1 << 16):
                seen += chunk
        except OSError:  # how Linux tells that the other end has gone
            pass
    os.close(controller)
    assert process.returncode == 0
    steps = [b"starting primes ", b"tracing primes ", b"round 1; ", b"Files:"]
    assert [seen.rindex(step) for step in steps] == sorted(seen.rindex(step) for step in steps)
    assert b"core 0" in seen
    assert seen.rindex(b"\x1b[?25h") > seen.rindex(b"\x1b[?25l")


def test_a_killed_pool_worker_is_noticed(tmp_path):
    """By each kind of pool, long before the timeout, without waiting for an answer that never comes.

    Every strategy of processes: tests/faults/test_killed_workers.py.
    """
    names = ",".join(("multiprocessing", "joblib", *["multiprocessing-spawn"] * thorough()))
    options = ("--workload", "killing", "--strategy", names, "--workers", "2", "--rounds", "1", "--min-time", "0.01")
    done = called("run", BROKEN_WORKLOADS, *options, cwd=tmp_path)
    assert done.returncode == 3
    rows = {row["strategy"]: row for row in rows_of(tmp_path)}
    assert rows.pop("sequential")["status"] == "ok"
    assert len(rows) == len(names.split(","))
    for row in rows.values():
        assert row["status"] == "error"
        assert row["detail"].startswith(("BrokenProcessPool", "TerminatedWorkerError"))


ONE_SPAWNED = ("--workload", "fine", "--strategy", "multiprocessing-spawn", "--workers", "1", "--rounds", "1")


@pytest.mark.parametrize("name", ["my lab.v2.py", *["numba-is-fun.py"] * thorough()])
def test_a_file_may_have_any_name(name, tmp_path):
    """Spaces and dots: its workers find it all the same."""
    (tmp_path / name).write_text(BROKEN_WORKLOADS.read_text().replace("EXPERIMENT", "_ASIDE"))
    done = called("run", name, *ONE_SPAWNED, "--min-time", "0.0001", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert [row["status"] for row in rows_of(tmp_path)] == ["ok", "ok"]


def test_a_file_may_have_the_name_of_a_module_that_everything_needs(tmp_path):
    """Neither the lab nor what it starts, each a Python from its start, takes it for that."""
    (tmp_path / "random.py").write_text(BROKEN_WORKLOADS.read_text().replace("EXPERIMENT", "_ASIDE"))
    # Not `python -m gil_lab`, for which Python itself puts the working directory before the standard library.
    command = [Path(sys.executable).with_name("gil-lab"), "run", "random.py", *ONE_SPAWNED, "--min-time", "0.0001"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert [row["status"] for row in rows_of(tmp_path)] == ["ok", "ok"]
