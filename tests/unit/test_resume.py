"""Sessions that are resumed, trials that are measured again, and what ends a session on its way."""

import json
from dataclasses import replace

import pytest
from fake_python import answer_for_this, installed
from scripted_child import scripted
from typer.testing import CliRunner

import gil_lab
from gil_lab import StoreError, UsageError
from gil_lab.cli import run_all
from gil_lab.cli.app import application
from gil_lab.experiment import measure
from gil_lab.experiment.results import Results
from gil_lab.model.errors import GilLabError
from gil_lab.model.records import Flag, Status
from gil_lab.sessions.options import Options
from gil_lab.sessions.plan import Design
from gil_lab.sessions.reader import read, read_rows
from gil_lab.sessions.resume import rest
from gil_lab.sessions.run import SilentWatcher, prepare
from gil_lab.suite.catalogue import Catalogue, with_file

TINY = Options(tasks=2, sizes=(50,), rounds=2, min_time_s=0.01)


@pytest.fixture(autouse=True)
def this_python(monkeypatch):
    """Sessions are prepared and resumed under it, and it is not started for that."""
    answer_for_this(monkeypatch, **installed(numpy="2.4.6"))


@pytest.fixture
def script(monkeypatch):
    """What was asked for. Nothing is measured: the nth process that is started ends as the script says, or is ok."""
    return scripted(monkeypatch)


@pytest.fixture
def prepared(tmp_path):
    """Four trials of the lab's own."""
    design = Design("measure", ("primes",), ("sequential", "threading"))
    return prepare(design, replace(TINY, out=tmp_path), Catalogue())


def interrupted(prepared, script, after=2, how=None):
    """The folder of a session that ended after some trials, and what ended it."""
    script.become = {after + 1: how or KeyboardInterrupt()}
    with pytest.raises(BaseException) as caught:
        measure(prepared, SilentWatcher())
    script.forget()
    (folder,) = prepared.options.out.glob("*/*")
    return folder, caught.value


def test_what_was_interrupted_is_finished(prepared, script):
    """Only what is missing is measured, under the same plan, and the report says that it was resumed."""
    folder, _ = interrupted(prepared, script)
    assert [row.trial for row in read(folder).trials] == [1, 2]
    script.forget()
    results = gil_lab.resume(folder)
    assert script.started == [3, 4]
    assert [row.trial for row in results.trials] == [1, 2, 3, 4]
    assert [row.cell for row in results.trials] == [trial.cell for trial in prepared.trials]
    assert len(results.session.notes) == 1
    assert results.session.notes[0].endswith("when 2 trials were missing")
    assert not [note for note in results.session.notes if "missing: the session" in note]


def test_nothing_is_missing(prepared, script):
    """Then nothing is measured or written, and the results are those that are there."""
    folder = measure(prepared, SilentWatcher()).folder
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    script.forget()
    assert len(gil_lab.resume(folder).trials) == 4
    assert script.started == []
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_an_interrupt_tells_what_is_kept_and_how_to_go_on(prepared, script):
    """A note on whatever ends the session."""
    folder, error = interrupted(prepared, script)
    assert error.__notes__ == [f"kept 2 rows in {folder}; resume with gil-lab run --resume {folder}"]
    assert not (folder / "crash.txt").exists()


def test_fault_47_a_bug_leaves_its_traceback_in_the_folder(prepared, script):
    """And all rows; the session can be resumed."""
    folder, error = interrupted(prepared, script, how=ZeroDivisionError("a bug"))
    assert error.__notes__[0] == f"its traceback is in {folder / 'crash.txt'}"
    assert "kept 2 rows" in error.__notes__[1]
    written = (folder / "crash.txt").read_text()
    assert "Traceback (most recent call last)" in written
    assert "ZeroDivisionError: a bug" in written
    assert len(gil_lab.resume(folder).trials) == 4


def test_an_error_of_our_own_is_no_bug(prepared, script):
    """It says itself what happened."""
    folder, error = interrupted(prepared, script, how=GilLabError("on purpose"))
    assert not hasattr(error, "__notes__")
    assert not (folder / "crash.txt").exists()


def test_fault_42_a_suspended_trial_is_measured_once_more(prepared, script):
    """At once; both rows are kept, the later one counts."""
    script.become = {2: Status.INTERRUPTED}
    results = measure(prepared, SilentWatcher())
    assert script.started == [1, 2, 2, 3, 4]
    assert [row.status for row in results.trials] == ["ok"] * 4
    assert "1 trial(s) that were interrupted have been measured again" in results.session.notes
    assert (results.folder / "trials.csv").read_text().count("interrupted") == 1


def test_fault_42_a_trial_that_is_suspended_twice_is_left_for_later(prepared, script):
    """It has no numbers, and a session that is resumed measures it."""
    script.become = {2: Status.INTERRUPTED, 3: Status.INTERRUPTED}
    results = measure(prepared, SilentWatcher())
    assert [row.status for row in results.trials] == ["ok", "interrupted", "ok", "ok"]
    script.forget()
    assert [row.status for row in gil_lab.resume(results.folder).trials] == ["ok"] * 4


@pytest.mark.parametrize("name", ["summary.csv", "core_use.csv"])
def test_what_can_be_derived_again_costs_nothing(prepared, script, monkeypatch, name):
    """That it cannot be written is a note."""

    def fails(path, rows, kind):
        if path.name == name:
            raise StoreError(f"{name} cannot be written (No space left on device)")

    monkeypatch.setattr("gil_lab.analysis.results.write_whole", fails)
    results = measure(prepared, SilentWatcher())
    assert results.session.notes == [f"{name} cannot be written (No space left on device)"]
    assert len(results) == 2


def edit(path, old, new, count=1):
    content = path.read_text()
    assert old in content
    path.write_text(content.replace(old, new, count))


@pytest.mark.parametrize(
    ("old", "new", "told_"),
    [
        ("\n3,", "\n7,", "line 4 of .* it is trial 7 instead of 3"),
        ("\n3,", "\nx,", r"unreadable row\(s\) of plan.csv left out \(line 4\)"),
        ("\n4,", "\n4,4,", "unreadable row"),
        ("primes,", "prims,", "line 2 .*unknown workload 'prims'"),
        ("threading", "os.system", "unknown strategy"),
        (",2,50,", ",2,5000000000000,", "line 2 .*size is"),
        (",2,50,", ",2,999999999,", "line 2 .*takes at most"),
        (",2,50,", ",0,50,", "line 2 .*tasks is 0"),
        (",0.01,", ",-1,", "min-time is -1"),
        (",60,", ",1e9,", "timeout is"),
        ("number,", "nummer,", "lacks the column number"),
    ],
)
def test_a_plan_is_read_with_suspicion(prepared, script, old, new, told_):
    """It is a file, and anybody may have edited it: nothing is measured that gil-lab would not have planned."""
    folder, _ = interrupted(prepared, script)
    edit(folder / "plan.csv", old, new)
    with pytest.raises(StoreError, match=told_):
        rest(folder, Catalogue())


def test_a_plan_that_is_not_that_of_the_session_is_refused(prepared, script):
    """Fewer trials, other cells than were measured, or none at all."""
    folder, _ = interrupted(prepared, script)
    whole = (folder / "plan.csv").read_text()
    (folder / "plan.csv").write_text(whole[: whole.index("\n4,") + 1])
    with pytest.raises(StoreError, match="3 trials instead of 4"):
        rest(folder, Catalogue())
    (folder / "plan.csv").write_text(whole.replace(",2,50,", ",3,50,"))
    with pytest.raises(StoreError, match=r"trials.csv and plan.csv in .* are of two sessions"):
        rest(folder, Catalogue())
    (folder / "plan.csv").write_text(whole.replace(",2,50,", ",3,50,", 1))
    with pytest.raises(StoreError, match=r"trial 1 .* is not the one of its plan"):
        rest(folder, Catalogue())
    (folder / "plan.csv").unlink()
    with pytest.raises(StoreError, match=r"has no plan\.csv: it was made by a gil-lab that could not resume"):
        rest(folder, Catalogue())


def changed(folder, change):
    about = json.loads((folder / "session.json").read_text())
    change(about)
    (folder / "session.json").write_text(json.dumps(about))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda about: about.update(gil_lab="0.0.1"), "gil-lab was 0.0.1, is "),
        (lambda about: about["machine"].update(cpu="another"), "cpu was another, is "),
        (lambda about: about["machine"].update(usable_cores=64), "usable cores was 64, is "),
        (lambda about: about["machine"].update(memory_bytes=1), "memory_bytes was 1, is "),
        (lambda about: next(iter(about["interpreters"].values())).update(compiler="GCC 1"), "compiler was GCC 1, is "),
        (lambda about: next(iter(about["interpreters"].values()))["packages"].clear(), "packages was nothing, is "),
        (lambda about: about.update(machine=5, interpreters=[]), "cpu was unknown"),
    ],
    ids=["version", "cpu", "cores", "memory", "interpreter", "packages", "nothing known"],
)
def test_input_20_what_is_not_as_it_was_is_told_and_can_be_overruled(prepared, script, change, expected):
    """Numbers from two machines under one name would be a lie; who insists finds the differences in the report."""
    folder, _ = interrupted(prepared, script)
    changed(folder, change)
    with pytest.raises(StoreError, match=expected) as caught:
        gil_lab.resume(folder)
    assert "--force" in str(caught.value)
    results = gil_lab.resume(folder, force=True)
    assert len(results.trials) == 4
    assert "in spite of differences: " in results.session.notes[0]
    assert expected in results.session.notes[0]


def test_a_little_less_memory_is_the_same_machine(prepared, script):
    """Another kernel keeps another part of it."""
    folder, _ = interrupted(prepared, script)
    changed(folder, lambda about: about["machine"].update(memory_bytes=int(about["machine"]["memory_bytes"] * 0.99)))
    assert len(gil_lab.resume(folder).trials) == 4


def test_a_python_that_is_gone_is_asked_for(prepared, script):
    """By its label, and with what helps."""
    folder, _ = interrupted(prepared, script)
    label = prepared.choice.interpreters[0].label
    for name in ("plan.csv", "trials.csv"):
        path = folder / name
        path.write_text(path.read_text().replace(f",{label},", ",3.99,"))
    with pytest.raises(StoreError, match=r"3\.99.* name it with --python PATH"):
        gil_lab.resume(folder, force=True)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--rounds", "3"], "leave out --rounds"),
        (["--out", "x"], "leave out --out"),
        (["--timeout", "60"], "leave out --timeout"),
        (["--quick"], "leave out --quick"),
        (["all"], "one session"),
        (["io-bound"], "is a session of measure"),
        (["prims"], "unknown experiment"),
    ],
)
def test_input_19_what_contradicts_the_plan_is_refused(prepared, script, arguments, expected):
    """A usage error, before anything is touched."""
    folder, _ = interrupted(prepared, script)
    done = CliRunner().invoke(application(), ["run", *arguments, "--resume", str(folder)])
    assert isinstance(done.exception, UsageError)
    assert expected in str(done.exception)


@pytest.mark.parametrize("arguments", [[], ["--force"], ["cpu-bound", "--force"], ["--strict"]])
def test_input_19_without_a_session_there_is_nothing_to_resume(arguments):
    """`--force` alone means nothing, and a run needs to know what."""
    done = CliRunner().invoke(application(), ["run", *arguments])
    assert isinstance(done.exception, UsageError)


def test_the_command_line_resumes(prepared, script):
    """With the folder alone; `--dry-run` shows what is missing."""
    folder, _ = interrupted(prepared, script)
    before = sorted(file.name for file in folder.iterdir())
    script.forget()
    shown = CliRunner().invoke(application(), ["run", "--resume", str(folder), "--dry-run"])
    assert "2 trials" in shown.output
    assert script.started == []
    assert sorted(file.name for file in folder.iterdir()) == before
    done = CliRunner().invoke(application(), ["run", "--resume", str(folder)], standalone_mode=False)
    assert done.return_value == 0, done.exception
    assert "4 trials, of which 2 are missing" in done.output
    assert "[3/4]" in done.output
    again = CliRunner().invoke(application(), ["run", "--resume", str(folder)], standalone_mode=False)
    assert again.output.startswith("Nothing is missing in this session.")


def test_strict_ends_with_3_for_a_doubt(prepared, script):
    """A flag is a doubt about the numbers; without `--strict` it is shown, and the exit code is 0."""
    script.become = {1: Status.INTERRUPTED}
    folder = measure(prepared, SilentWatcher()).folder
    edit(folder / "trials.csv", ",ok,,,", ",ok,,disturbed,")
    assert [flag for row in Results.read(folder).trials for flag in row.flags] == ["disturbed"]
    plain = CliRunner().invoke(application(), ["run", "--resume", str(folder)], standalone_mode=False)
    strict = CliRunner().invoke(application(), ["run", "--resume", str(folder), "--strict"], standalone_mode=False)
    assert (plain.return_value, strict.return_value) == (0, 3)


FILE = """
from contextlib import contextmanager
from gil_lab import Workload

@contextmanager
def inputs(tasks, size):
    yield [1] * tasks

def task(item):
    return item

MINE = Workload("mine", "cpu", inputs, {"call": task}, lambda i, o: None, size=1, size_unit="", max_size=99, tasks=2)
"""


def test_a_file_is_asked_for_and_known_again(tmp_path, script):
    """By its name, and by its content: changed work is other work."""
    file = tmp_path / "mine.py"
    file.write_text(FILE)
    catalogue = with_file(file)
    design = Design("mine", ("mine",), ("sequential",))
    folder, error = interrupted(prepare(design, replace(TINY, out=tmp_path / "out"), catalogue), script, 1)
    assert error.__notes__[-1].endswith(f"resume with gil-lab run {file} --resume {folder}")
    about = json.loads((folder / "session.json").read_text())
    assert about["file"]["name"] == "mine.py"
    assert str(tmp_path) not in json.dumps(about)
    with pytest.raises(UsageError, match=r"'mine.py'; give it: gil-lab run FILE.py --resume DIR"):
        rest(folder, Catalogue())
    assert len(rest(folder, catalogue).trials) == 1
    file.write_text(FILE + "\n")
    with pytest.raises(StoreError, match=r"mine\.py is not as it was"):
        rest(folder, catalogue)


def test_run_all_ends_where_nothing_can_be_written(prepared, script, monkeypatch):
    """The next experiment would find the same disk; what could not be saved is told once."""
    script.become = {2: StoreError("the disk is full")}
    prepared_once = iter([prepared])
    monkeypatch.setattr("gil_lab.sessions.run.prepare", lambda *given: next(prepared_once))
    done = CliRunner().invoke(application(), ["run", "all"])
    assert isinstance(done.exception, StoreError)
    assert str(done.exception) == "the disk is full"


def test_run_all_ends_with_an_interrupt(prepared, script, monkeypatch):
    """And with the notes of the experiment that was interrupted."""
    script.become = {3: KeyboardInterrupt()}
    monkeypatch.setattr("gil_lab.sessions.run.prepare", lambda *given: prepared)
    with pytest.raises(KeyboardInterrupt) as caught:
        run_all.run(Options(), dry_run=False, strict=False, wait_quiet=False)
    assert "kept 2 rows in " in caught.value.__notes__[0]


# What was measured of a generation that was stopped


@pytest.fixture
def longer(tmp_path):
    """Four generations of two trials, the first two of two rounds."""
    design = Design("measure", ("primes",), ("sequential", "threading"))
    return prepare(design, replace(TINY, rounds=6, out=tmp_path), Catalogue())


def stopped_at_turn(prepared, script, turn):
    """The folder of a session that was stopped in that turn, of all of its turns."""
    script.at_turn[turn] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        measure(prepared, SilentWatcher())
    script.forget()
    (folder,) = prepared.options.out.glob("*/*")
    return folder


def test_rounds_that_were_finished_are_kept_when_a_generation_is_stopped(longer, script):
    """Its trials have no rows of their own yet: they are made of what is on disk, and say that they were cut short."""
    session = read(stopped_at_turn(longer, script, 4))
    assert sorted((row.trial, row.round, row.status, row.flags) for row in session.trials) == [
        (number, 1, "ok", (Flag.CUT_SHORT,)) for number in (1, 2)
    ]
    assert {row.cell for row in session.trials} == set(longer.cells)
    assert session.cut_short == tuple(session.trials)
    assert [row.turn.round for row in read_rows(session, "turns.csv")] == [1, 1]
    assert session.notes == [
        "2 trial(s) were cut short; their finished rounds count",
        "6 of 8 trials are missing: the session was interrupted",
    ]


def test_a_round_that_was_not_finished_is_none(longer, script):
    """Its turns have no neighbours to be compared with, and its answers may not have been checked."""
    session = read(stopped_at_turn(longer, script, 2))
    assert session.trials == []
    assert read_rows(session, "turns.csv") == []


def test_a_resumed_session_goes_on_behind_the_rounds_that_it_has(longer, script):
    """Trials that were cut short count and get their rows, the others are measured, and no round has two numbers."""
    folder = stopped_at_turn(longer, script, 4)
    before = read(folder).trials
    results = gil_lab.resume(folder)
    assert script.started == [3, 4, 5, 6, 7, 8]
    session = read(folder)
    assert [row for row in session.trials if Flag.CUT_SHORT in row.flags] == before
    assert sorted(row.trial for row in session.trials) == list(range(1, 9))
    assert session.cut_short == ()
    assert [(row.turn.generation, row.turn.round) for row in read_rows(session, "turns.csv")] == [
        (generation, number)
        for generation, number in [(1, 1), (2, 2), (2, 3), (2, 4), (3, 5), (4, 6)]
        for _ in range(2)
    ]
    assert len(results.trials) == 8


@pytest.mark.parametrize("turn", range(1, 13))
def test_an_exact_number_of_rounds_is_exact_after_a_stop_too(longer, script, turn):
    """The next generation makes up for what the stopped one lacks."""
    folder = stopped_at_turn(longer, script, turn)
    gil_lab.resume(folder)
    turns = read_rows(read(folder), "turns.csv")
    assert {row.turn.round for row in turns} == set(range(1, 7))
    assert len(turns) == 2 * 6


def test_what_was_made_up_for_is_not_made_up_for_again(longer, script):
    """A session that is stopped twice has as many rounds in the end."""
    folder = stopped_at_turn(longer, script, 4)
    script.at_turn[9] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        gil_lab.resume(folder)
    script.forget()
    gil_lab.resume(folder)
    assert len(read_rows(read(folder), "turns.csv")) == 2 * 6


def test_every_generation_is_in_passes_csv(longer, script):
    """Each timed pass with its generation, its round and its place in it; the others without."""
    folder = measure(longer, SilentWatcher()).folder
    rows = read_rows(read(folder), "passes.csv")
    untimed = [row for row in rows if row.turn is None]
    assert {row.one.kind for row in untimed} == {"warm-up", "traced"}
    timed = [(row.turn.generation, row.turn.round, row.turn.place) for row in rows if row.turn]
    assert timed == [
        (generation, number, place) for number, generation in enumerate([1, 1, 2, 2, 3, 4], 1) for place in (1, 2)
    ]
    for trial in range(1, 9):
        numbers = [row.number for row in rows if row.trial == trial]
        assert numbers == list(range(len(numbers)))


def test_the_order_of_turns_is_random_and_the_seed_repeats_it(tmp_path, script):
    """In each round another one: no cell always follows the same neighbour."""
    design = Design("measure", ("primes",), ("sequential", "threading", "multiprocessing", "joblib"))
    orders = []
    for seed in (1, 1, 2):
        script.forget()
        options = replace(TINY, rounds=40, seed=seed, workers=(2,), out=tmp_path)
        measure(prepare(design, options, Catalogue()), SilentWatcher())
        orders.append(list(script.turns))
    assert orders[0] == orders[1] != orders[2]
    first = [tuple(trial for trial, number in orders[0] if number == each) for each in range(1, 11)]
    assert len({frozenset(each) for each in first}) == 1
    assert len(set(first)) > 5
