"""Exercises: what each consists of, how its numbers are judged, and the command that lists them and puts one here."""

import ast
import inspect
import random
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from types import SimpleNamespace

import pytest
from command_line import called
from full_disk import disk_full_at
from places import ROOT

from exercises import free_threaded_race, prange_race
from gil_lab.advice import exercises, exercises_text
from gil_lab.advice.exercises import CheckedProgram, dumped_place, judged
from gil_lab.analysis.claims import Judgement, Outcome, every
from gil_lab.model.errors import NothingMeasuredError, StoreError, UsageError
from gil_lab.model.exercise import Count, ProgramFindings, Ratio
from gil_lab.report.tables.as_rich import plain_text
from gil_lab.report.tables.blocks import Pairs
from gil_lab.suite.exercises import NoRoomError, Program, ProgramError, right
from gil_lab.suite.exercises.calls import entry, number_in, recorded_calls, work
from gil_lab.suite.exercises.messages import counted_messages
from gil_lab.suite.exercises.pages import fetched, in_flight
from gil_lab.suite.instruments import gil

ALL = exercises.every_exercise()
FOLDER = ROOT / "exercises"
each = pytest.mark.parametrize("name", ALL)


@each
def test_an_exercise_says_what_it_asks_claims_and_hints(name):
    """A question, a claim without its full stop, and a hint that is a sentence."""
    exercise = ALL[name]
    assert exercise.question.endswith("?")
    assert exercise.claim[-1] not in ".?!"
    assert exercise.hint[-1] in ".?:)"
    assert inspect.isgeneratorfunction(exercise.check)


@each
def test_an_exercise_is_one_folder_with_three_files(name):
    """What is checked, what is given, and what is repaired; both programs define the same names."""
    folder = FOLDER / name.replace("-", "_")
    assert {path.name for path in folder.glob("*.py")} == {"__init__.py", "program.py", "solution.py"}
    given, repaired = (
        {node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
        for text in (exercises.program(name), exercises.solution(name))
    )
    assert given <= repaired


@each
def test_a_program_does_not_say_what_is_wrong_with_it(name):
    """Neither in its docstring nor in a comment; and it needs nothing of the lab."""
    text = exercises.program(name)
    assert ast.get_docstring(ast.parse(text))
    assert "gil_lab" not in text
    assert not {"broken", "wrong", "bug", "fix"} & set(text.lower().split())


def test_the_page_on_exercises_lists_them_all():
    """In the order of the folder, with the question of each."""
    page = (ROOT / "docs/exercises.md").read_text()
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert rows == [f"| `{name}` | {exercise.question} |" for name, exercise in ALL.items()]


# How what was found is judged


@pytest.mark.parametrize(
    ("count", "outcome", "text"),
    [
        (Count("calls", 8, 8, 8), Outcome.HOLDS, "calls: 8 (claimed: 8)"),
        (Count("calls", 9, 8, 8), Outcome.FAILS, "calls: 9 (claimed: 8)"),
        (Count("calls", 0, most=0), Outcome.HOLDS, "calls: 0 (claimed: 0)"),
        (Count("calls", 2, least=1), Outcome.HOLDS, "calls: 2 (claimed: at least 1)"),
        (Count("calls", 0, least=1), Outcome.FAILS, "calls: 0 (claimed: at least 1)"),
        (Count("bytes", 25_000, most=1000), Outcome.FAILS, "bytes: 25,000 (claimed: at most 1,000)"),
    ],
)
def test_a_count_holds_within_its_limits(count, outcome, text):
    """What is counted has no interval."""
    (judgement,) = judged(ProgramFindings((count,)))
    assert (judgement.outcome, judgement.measured) == (outcome, text)


@pytest.mark.parametrize(
    ("values", "outcome"),
    [((7.0, 7.1, 7.2), Outcome.HOLDS), ((1.0, 1.1, 0.9), Outcome.FAILS), ((2.0, 40.0, 8.0), Outcome.INCONCLUSIVE)],
)
def test_a_ratio_is_judged_by_its_interval(values, outcome):
    """A noisy machine is no mistake of the student's."""
    (judgement,) = judged(ProgramFindings((), (Ratio("times as fast", values, 5.0),)))
    assert judgement.outcome is outcome
    assert "times as fast: " in judgement.measured


def test_what_is_inconclusive_says_why_and_gives_no_hint(tmp_path):
    """The program may be right."""
    nothing = Judgement(Outcome.INCONCLUSIVE, "", "its threads never ran at the same time")
    found = CheckedProgram("prange-race", tmp_path / "mine.py", "3.11", nothing, ())
    first, *rest = exercises_text.checked(found, ALL["prange-race"])
    assert first.endswith("inconclusive: its threads never ran at the same time; try again.")
    assert not any("Hint" in str(block) for block in rest)


# The command


@pytest.mark.parametrize(("outcome", "code"), [(Outcome.HOLDS, 0), (Outcome.FAILS, 3), (Outcome.INCONCLUSIVE, 5)])
def test_the_exit_code_is_the_outcome(outcome, code, tmp_path, monkeypatch):
    """A program of which nothing is known has not passed."""

    def check(name, file, **options):
        return CheckedProgram(name, file, "3.11", Judgement(outcome, "calls: 8 (claimed: 8)", "why"), ())

    monkeypatch.setattr(exercises, "check", check)
    assert called("exercise", "chunk-of-one", "--check", "mine.py", cwd=tmp_path).returncode == code


def test_without_a_name_it_lists_them(tmp_path):
    """Each with its question, and nothing is written."""
    done = called("exercise", cwd=tmp_path)
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines() if line[:1].islower()] == list(ALL)
    assert list(tmp_path.iterdir()) == []


@each
def test_with_a_name_it_puts_the_program_here_once(name, tmp_path):
    """What a student has written is never overwritten."""
    done = called("exercise", name, cwd=tmp_path)
    (file,) = tmp_path.iterdir()
    assert file.read_text() == exercises.program(name)
    assert f"gil-lab exercise {name} --check {file.name}" in done.stdout
    file.write_text("mine")
    again = called("exercise", name, cwd=tmp_path)
    assert again.returncode == 2
    assert "is already here, and is left as it is" in again.stderr
    assert again.stderr.count("\n") == 1
    assert file.read_text() == "mine"


@each
def test_teachers_get_hint_and_solution(name, tmp_path):
    """Without a file being written."""
    assert called("exercise", name, "--solution", cwd=tmp_path).stdout == exercises.solution(name)
    assert called("exercise", name, "--hint", cwd=tmp_path).stdout.startswith("Hint: ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["chunk-of-on"], "did you mean 'chunk-of-one'"),
        (["../../etc"], "unknown exercise '../../etc'; there are 13 of them: gil-lab exercise\n"),
        (["chunk-of-one", "--hint", "--solution"], "give one of them"),
        (["--check", "mine.py"], "say which exercise"),
        (["chunk-of-one", "--check", "mine.py"], "no file 'mine.py'; give the path"),
        (
            ["chunk-of-one", "--check", __file__.removesuffix("test_exercises.py")],
            "is a folder; give the path of the program in it",
        ),
        (["chunk-of-one", "--check", "/etc/passwd"], "give it a name that ends in .py"),
        (["chunk-of-one", "--python", "3.14"], "--python and --timeout are for --check"),
        (["chunk-of-one", "--check", "mine.py", "--timeout", "soon"], "timeout"),
        (["chunk-of-one", "--check", "mine.py", "--timeout", "0"], "--timeout takes seconds above 0, not 0"),
        (["chunk-of-one", "--check", "mine.py", "--timeout", "-1"], "--timeout takes seconds above 0, not -1"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments, message, tmp_path):
    """In one line, before anything is run or written."""
    done = called("exercise", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_costs_one_line(tmp_path):
    """Whatever is in the way."""
    with pytest.raises(UsageError, match="is already here"):
        exercises.put("chunk-of-one", _with(tmp_path / "chunk_of_one.py"))


def test_a_program_that_there_is_no_room_for_leaves_nothing_behind(tmp_path):
    """Half a file would be in the way of the next attempt."""
    with disk_full_at(10), pytest.raises(StoreError, match=r"chunk_of_one\.py cannot be written"):
        exercises.put("chunk-of-one", tmp_path)
    assert list(tmp_path.iterdir()) == []


def _with(link):
    """A link that leads nowhere is in the way, too."""
    link.symlink_to("nowhere")
    return link.parent


# What checks count with


@pytest.fixture
def given(tmp_path):
    """A student's file with that text."""

    def make(text):
        file = tmp_path / f"given_{tmp_path.name}.py"
        file.write_text(text)
        return Program(file)

    return make


def test_calls_are_recorded_in_threads_and_processes():
    """With the process, and how many there were at a time."""
    with recorded_calls(0.02) as calls:
        with ThreadPoolExecutor(3) as pool:
            begin = threading.Barrier(3)
            assert list(pool.map(lambda number: begin.wait() >= 0 and work(number), range(3))) == calls.answers(
                range(3)
            )
        assert (calls.elsewhere, calls.processes, calls.most_in_flight) == (0, 1, 3)
        child = get_context("spawn").Process(target=work, args=(3,))
        child.start()
        child.join()
        assert (len(calls.made), calls.elsewhere, calls.processes) == (4, 1, 2)


def test_answers_differ_from_check_to_check():
    """Nobody can know them beforehand; those of a table depend on what is in it."""
    table = bytes(range(8))
    with recorded_calls() as one:
        assert [entry(table, 1)] == one.answers([number_in(table, 1)])
    with recorded_calls() as other:
        assert one.answers([1]) != other.answers([1])
    with pytest.raises(KeyError):
        work(1)


def test_messages_and_processes_are_counted():
    """Those of a pipe of multiprocessing, without empty ones."""
    with counted_messages() as sent:
        ours, theirs = get_context("spawn").Pipe()
        ours.send("hello")
        ours.send_bytes(b"12345")
        ours.send_bytes(b"")
        assert theirs.recv() == "hello"
    ours.send("not counted")
    assert (sent.messages, sent.processes) == (2, 0)
    assert sent.sent_bytes > 5


def test_requests_that_wait_together_are_seen_together():
    """Whoever asks for one page after the other has one request in flight."""

    def read(address):
        with urllib.request.urlopen(address) as answer:
            return answer.read().decode()

    def together(addresses):
        with ThreadPoolExecutor(len(addresses)) as pool:
            return list(pool.map(read, addresses))

    texts, pages = fetched(2, together)
    assert texts == pages.texts
    assert [count.value for count in in_flight(pages)] == [2, 2]
    _, pages = fetched(2, lambda addresses: list(map(read, addresses)))
    assert [count.value for count in in_flight(pages)] == [2, 1]


def test_requests_for_nothing_do_not_pass_for_pages_that_are_fetched_together():
    """Other threads ask for the same pages meanwhile; the answers are fetched one after the other."""

    def read(address):
        with urllib.request.urlopen(address) as answer:
            return answer.read().decode()

    def decoyed(addresses):
        with ThreadPoolExecutor(len(addresses)) as pool:
            for_nothing = [pool.submit(read, address) for address in addresses]
            return [read(address) for address in addresses if for_nothing]

    texts, pages = fetched(2, decoyed)
    assert texts == pages.texts
    asked, together = judged(ProgramFindings(tuple(in_flight(pages))))
    assert (asked.outcome, together.outcome) == (Outcome.FAILS, Outcome.HOLDS)
    assert asked.measured == "requests, for 2 pages: 4 (claimed: at most 2)"


@pytest.mark.parametrize(
    ("name", "raised", "fits"),
    [
        ("lambda-for-spawn", "it raises AttributeError: Can't pickle local object 'run.<locals>.<lambda>'", True),
        ("main-guard", "it raises BrokenProcessPool: A process in the process pool was terminated abruptly", True),
        ("lambda-for-spawn", "it raises NameError: name 'pol' is not defined", False),
        ("lost-updates", "it raises SyntaxError: invalid syntax", False),
    ],
)
def test_a_hint_is_given_for_the_error_that_it_is_about_and_for_no_other(name, raised, fits, tmp_path):
    """Where it does not fit, the command that shows it is."""
    found = CheckedProgram(name, tmp_path / "mine.py", "3.11", Judgement(Outcome.FAILS, raised), ())
    *_, last = exercises_text.checked(found, ALL[name])
    assert last == (
        f"Hint: {ALL[name].hint}"
        if fits
        else f"That is not what the exercise is about; for its hint: gil-lab exercise {name} --hint"
    )


@pytest.mark.parametrize(
    ("answers", "counted"),
    [
        ([1, 2, 3], "right answers, of 3: 3 (claimed: 3)"),
        ([1, 3, 2], "answers in their order, of 3: 1 (claimed: 3)"),
        ([1, 2], "right answers, of 3: 0 (claimed: 3)"),
        ([1, 1, 3], "right answers, of 3: 2 (claimed: 3)"),
    ],
)
def test_answers_that_are_mixed_up_are_said_to_be(answers, counted):
    (judgement,) = judged(ProgramFindings((right(answers, [1, 2, 3]),)))
    assert judgement.measured == counted


@pytest.mark.parametrize(("at_once", "hinted"), [(4, False), (1, True)])
def test_where_only_the_answers_are_wrong_the_hint_is_about_nothing_else(at_once, hinted, tmp_path, monkeypatch):
    """A program that is repaired and returns what comes first first has nothing to learn from the hint."""
    counts = (right([2, 1], [1, 2]), Count("requests at a time", at_once, 4))
    monkeypatch.setattr(exercises, "_reply", lambda *_: ProgramFindings(counts))
    mine = tmp_path / "mine.py"
    mine.touch()
    *_, last = exercises_text.checked(exercises.check("blocking-call", mine), ALL["blocking-call"])
    assert last.startswith("Hint: ") is hinted
    assert last.startswith("Only its answers are wrong: ") is not hinted


# Races that show by chance


class Racing:
    """A program whose answers are wrong with a probability."""

    def __init__(self, probability):
        self.probability = probability

    def function(self, _):
        return self.run

    def run(self, values):
        return int(values.sum()) + (random.random() < self.probability)


@pytest.fixture
def race_of(monkeypatch):
    """The check of prange-race, of a program and beside a control that are wrong with these probabilities."""

    def outcome(of_program, of_control):
        monkeypatch.setattr(prange_race, "control", lambda: Racing(of_control).run)
        try:
            counts = tuple(prange_race.EXERCISE.check(Racing(of_program)))
        except NoRoomError:
            return Outcome.INCONCLUSIVE
        return every(judged(ProgramFindings(counts))).outcome

    monkeypatch.setattr(prange_race, "others_that_computed", lambda *_: 1)
    for name in ("NUMBERS", "RACED_NUMBERS"):
        monkeypatch.setattr(prange_race, name, 20)
    monkeypatch.setattr(prange_race, "FIRST_CALLS", 0)
    return outcome


def test_a_loop_that_still_races_passes_at_most_once_in_some_thousand_checks(race_of):
    """Also one that is wrong in an eighth as many calls as the control.

    One of 1,900 does: more than three of 100 would be chance once in millions of runs of this test.
    """
    for probability in (0.8, 0.1):
        assert sum(race_of(probability / 8, probability) is Outcome.HOLDS for _ in range(100)) <= 3
    assert race_of(0.0, 0.5) is Outcome.HOLDS


def test_a_race_that_could_not_be_seen_is_inconclusive(race_of, monkeypatch):
    """The control was right as well: that says nothing of the program."""
    monkeypatch.setattr(prange_race, "LONGEST_S", 0.02)
    assert race_of(0.0, 0.0) is Outcome.INCONCLUSIVE
    assert race_of(1.0, 0.0) is Outcome.FAILS


def test_what_is_counted_is_not_known_beforehand(monkeypatch):
    """It differs from check to check: a number in the place of a counter does not pass."""
    kept = []
    monkeypatch.setattr(gil, "enabled", lambda: False)
    monkeypatch.setattr(free_threaded_race, "lost_by", lambda _, times: kept.append(sum(times)) or 1)
    program = SimpleNamespace(function=lambda _: object, doing=lambda _: None)
    for _ in range(5):
        list(free_threaded_race.EXERCISE.check(program))
    assert len(set(kept)) > 1


def test_values_in_messages_are_read_without_unpickling():
    """Numbers and texts, whatever they are in; and what is no pickle is passed over."""
    with counted_messages() as sent:
        ours, theirs = get_context("spawn").Pipe()
        theirs.send_bytes(b"hello")
        theirs.send(([211, "3400"], {"a": 70_000}))
        ours.recv_bytes()
        ours.recv()
    assert sent.values_received() == {"211", "3400", "70000", "a"}  # no length of the message, no place in a memo


def test_in_a_narrow_terminal_what_is_said_stands_below_its_name():
    """At 40 columns a text beside a name of twenty would have as many left."""
    lines = plain_text(list(exercises_text.listed(ALL, ())), 40).splitlines()
    assert lines[0] == "array-by-element"
    assert lines[1].startswith("  The numbers are in arrays")
    assert max(map(len, lines)) <= 40
    assert plain_text([Pairs([("a", "short")])], 20).split() == ["a", "short"]


@pytest.mark.parametrize(
    ("answers", "value"), [([1, 2], 2), ([1, 3], 1), ([1], 0), ([1, 2, 3], 0), (None, 0), (iter([1, 2]), 2)]
)
def test_right_answers_are_counted_if_there_are_as_many_as_there_should_be(answers, value):
    """Whatever a program returns."""
    assert right(answers, [1, 2]).value == value


def test_a_program_that_raises_is_told_apart_from_a_check_that_does(given):
    """With the line of the student's file."""
    program = given("def run(number):\n    return 1 // number\n")
    assert program.call("run", 1) == 1
    with pytest.raises(ProgramError, match=r"it raises ZeroDivisionError: .* in run\(\), line 2"):
        program.call("run", 0)
    with pytest.raises(ProgramError, match="it has no walk; keep the names"):
        program.call("walk")


DUMP = """Timeout (0:00:02)!
Thread 0x01 (most recent call first):
  File "/lib/threading.py", line 9 in wait
  File "{file}", line 2 in deposit

Thread 0x02 (most recent call first):
  File "/lib/threading.py", line 9 in join
  File "{main}", line 1 in <module>
"""


def test_of_a_program_that_hangs_the_line_is_named(tmp_path):
    """Of its main thread, or of another one if that is not in the file; nothing if none is."""
    file = tmp_path / "mine.py"
    file.write_text("begin()\nlock.acquire()\n")
    assert dumped_place(DUMP.format(file=file, main="/lab.py"), file) == ", in line 2 of mine.py: 'lock.acquire()'"
    assert dumped_place(DUMP.format(file=file, main=file), file) == ", in line 1 of mine.py: 'begin()'"
    assert dumped_place("", file) == dumped_place(DUMP.format(file="a.py", main="b.py"), file) == ""


def test_a_script_is_run_with_its_arguments(given):
    """And what it prints is kept."""
    program = given("import sys\nif __name__ == '__main__':\n    print(*sys.argv[1:], file=sys.stdout)\n")
    assert program.printed(3, 5) == "3 5\n"


def test_a_python_that_does_not_start_is_no_mistake_of_the_program(monkeypatch, tmp_path):
    """Its time limit begins when it is imported."""
    monkeypatch.setattr(exercises, "START_TIMEOUT_S", 0.0)
    (tmp_path / "mine.py").write_text("")
    with pytest.raises(NothingMeasuredError, match="has not started after 0 s; try again when the machine is idle"):
        exercises.check("lost-updates", tmp_path / "mine.py")
