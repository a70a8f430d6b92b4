"""Questions to predict the answers of: each answer can be the right one, and what was measured decides which."""

import csv
import json
import re
from dataclasses import replace
from importlib import import_module
from types import SimpleNamespace

import made_claims
import pytest
from command_line import called
from made_claims import empty, of, session

from gil_lab.analysis.default_question import QUESTION
from gil_lab.analysis.polls import polls
from gil_lab.analysis.questions import Answer, Question, above, answered, below, between
from gil_lab.cli import predicting
from gil_lab.model.errors import GilLabError, UsageError
from gil_lab.model.records import Flag
from gil_lab.report.code_spans import CODE
from gil_lab.report.documents.document import FORMATS
from gil_lab.report.documents.prediction import Predicted, score_so_far, why
from gil_lab.report.documents.session import session_document
from gil_lab.report.drawing.picture import NothingToDrawError
from gil_lab.report.page.quiz import Quiz, QuizItem
from gil_lab.report.pictures import answers
from gil_lab.report.tables.as_rich import plain_text
from gil_lab.sessions.predictions import AnswerRow, Prediction, keep_answers, prediction_in, read_answers, rows_of
from gil_lab.suite.catalogue import names, variant

EXPERIMENTS = {name: variant("experiments", "EXPERIMENT", name) for name in names("experiments")}
every_experiment = pytest.mark.parametrize("name", EXPERIMENTS)


def made(name):
    """The made-up sessions for the claims of an experiment, and what makes them."""
    return import_module(f"test_claims_{name.replace('-', '_')}")


def sessions(name):
    """Of the experiment, a session for each answer, in the order of the answers."""
    of_it = made(name)
    ways = {
        "cpu-bound": lambda: [session(of("sequential", 0.3), of("threading", s)) for s in (0.15, 0.2, 0.3, 0.6)],
        "concurrency-parallelism": lambda: [
            session(
                *of_it.pair("threading", 0.3, s, workload="sleep"),
                *of_it.pair("multiprocessing", 0.3, s, workload="sleep"),
            )
            for s in (0.6, 0.4, 0.3)
        ],
        "connections": lambda: [of_it.ten_and_a_thousand(s) for s in (0.206, 0.5, 20.0)],
        "cluster": lambda: [of_it.short(s) for s in (0.1, 0.4, 0.05)],
        "contention": lambda: [of_it.ladder({"dict-set": gain}) for gain in (1.9, 1.5, 1.0)],
        "convoy": lambda: [session(of_it.beside("threading", s)) for s in (0.0001, 0.005, 0.015)],
        "dispatch": lambda: [of_it.short(sequential=0.1, one=s) for s in (0.3, 0.1, 0.06)],
        "dynamic-types": lambda: [
            session(of_it.way("", 0.1), of_it.way("+numpy-elements", s)) for s in (0.3, 0.11, 0.07, 0.01)
        ],
        "free-threading": lambda: [of_it.tax(s, 0.5) for s in (0.6, 0.5, 0.4)],
        "handing-over": lambda: [of_it.sizes("multiprocessing", {of_it.MB100: s}) for s in (1.2, 0.009, 0.005)],
        "implementations": lambda: [session(of_it.SEQUENTIAL, of("cython-untyped", s)) for s in (0.045, 0.01, 0.003)],
        "io-bound": lambda: [session(of_it.ONE, of_it.waiting("threading", s)) for s in (0.8, 0.4, 0.1)],
        "mixed": lambda: [
            session(of_it.both("threading", 0.25), of_it.both("multiprocessing", s)) for s in (0.15, 0.3, 0.25)
        ],
        "numba-limits": lambda: [
            of_it.index(of_it.RAISED, word) for word in (of_it.RAISED, of_it.ANSWERED, of_it.REFUSED)
        ],
        "numba-strengths": lambda: [
            session(of_it.vector(), of_it.vector("numba-sequential", s)) for s in (0.002, 0.01, 0.05)
        ],
        "oversubscription": lambda: [
            session(*of_it.pair("multiprocessing", uncapped=(0.3, 2.0, wanted))) for wanted in (1.0, 2.0, 3.9)
        ],
        "races": lambda: [session(of_it.counted("", "threading", lost)) for lost in (300_000, 100, 0)],
        "released": lambda: [
            of_it.calls(**{**dict.fromkeys(("sorted", "sha256", "json_dumps", "re_sub"), 1.0), call: 0.02})
            for call in ("sorted", "sha256", "json_dumps", "re_sub")
        ],
        "scaling": lambda: [of_it.pools("multiprocessing", (0.3, 0.16, s)) for s in (0.08, 0.12, 0.16, 0.3)],
        "start-up": lambda: [
            session(of_it.pool("multiprocessing-fork", 0.1), of_it.pool("multiprocessing-spawn", s))
            for s in (0.05, 0.2, 0.9)
        ],
        "sync-async": lambda: [session(of_it.morning("asyncio", s, "+blocking")) for s in (1.02, 2.02, 1.5)],
        "thread-states": lambda: [
            session(of_it.states("threading", *shares, workers=8))
            for shares in ((0.9, 0.05, 0.05), (0.1, 0.05, 0.85), (0.1, 0.85, 0.05))
        ],
        "threads-processes": lambda: [of_it.missed("multiprocessing", share) for share in (98.5, 0, 10)],
        "waiting": lambda: [of_it.beside_sequential({75: gain}, "threading") for gain in (1.0, 1.6, 3.5, 7.0)],
        "warm-up": lambda: [session(of_it.calling(), of_it.calling("+lazy", s)) for s in (0.0005, 0.002, 0.07)],
        "compilation": lambda: [session(of_it.source(), of_it.source("+pyc", s)) for s in (0.01, 0.07, 0.098)],
    }
    return ways[name]()


def found(name, results):
    (question,) = EXPERIMENTS[name].questions
    return answered(name, question, results)


@every_experiment
def test_each_answer_is_right_of_results_that_show_it(name):
    """And of no others: an answer that cannot be right misleads nobody."""
    (question,) = EXPERIMENTS[name].questions
    assert [found(name, results).right for results in sessions(name)] == list(question.sentences)


@every_experiment
def test_results_that_lack_its_cells_decide_nothing(name):
    """And it says why, in a sentence."""
    one = found(name, empty())
    assert one.right == one.why == ""
    assert len(one.reason.split()) > 3
    assert "check failed" not in one.reason


@pytest.fixture
def with_workers(monkeypatch):
    """Sessions whose pools have this many workers, whatever they are made for."""
    make = made_claims._made

    def change(workers):
        def made_with(cells, *others):
            return make([replace(one, cell=replace(one.cell, workers=workers)) for one in cells], *others)

        monkeypatch.setattr(made_claims, "_made", made_with)

    return change


NUMBERED = re.compile(
    r"\b(two|four|eight|ten|a thousand) (worker processes|workers|threads|processes|requests)", re.IGNORECASE
)
SEVERAL = re.compile(r"\b(several threads|processes share|by threads)", re.IGNORECASE)


def asking(pattern):
    """Of the experiments whose questions say such a thing."""
    named = [name for name, one in EXPERIMENTS.items() if pattern.search(one.asked.sentence)]
    return pytest.mark.parametrize("name", named)


@asking(NUMBERED)
def test_a_question_about_so_many_workers_is_decided_by_no_other_number(name, with_workers):
    """`--workers 3` was measured, and the question is about eight."""
    with_workers(3)
    assert {found(name, results).right for results in sessions(name)} == {""}


@asking(SEVERAL)
def test_a_question_about_several_workers_is_not_decided_by_one(name, with_workers):
    with_workers(1)
    assert {found(name, results).right for results in sessions(name)} == {""}


@every_experiment
def test_a_question_is_short_and_explains_what_the_lab_expects(name):
    """As a class reads it on a wall."""
    (question,) = EXPERIMENTS[name].questions
    assert question.sentence.endswith("?")
    assert len(question.sentence) < 260
    assert max(map(len, question.sentences)) <= 110
    assert sum(bool(answer.why) for answer in question.answers) == 1


def test_the_place_of_an_answer_does_not_give_it_away():
    """The one that the lab expects is not always the last one."""
    places = [
        [bool(answer.why) for answer in question.answers].index(True)
        for experiment in EXPERIMENTS.values()
        for question in experiment.questions
    ]
    assert all(places.count(place) <= len(places) / 2 for place in set(places))


def cores_busy(seen):
    yield seen.number(seen.cell(strategy="threading"), "cores_busy")


BUSY = Question(
    "How many cores?",
    (
        Answer("one", below(cores_busy, 1.2)),
        Answer("one and a half", between(cores_busy, 1.2, 1.6)),
        Answer("two", above(cores_busy, 1.6), why="because"),
    ),
)


def test_a_number_at_the_border_of_two_answers_makes_none_right():
    """Its interval holds the border: it is too noisy to score anybody."""
    one = answered("made", BUSY, session(of("threading", cores_busy=1.6)))
    assert one.right == ""
    assert one.reason.startswith("too noisy")


def test_a_result_that_was_not_expected_has_no_explanation():
    """Nothing is explained that did not happen."""
    assert answered("made", BUSY, session(of("threading", cores_busy=1.0))).why == ""
    assert answered("made", BUSY, session(of("threading", cores_busy=1.9))).why == "because"


@pytest.mark.parametrize("count", [2, 5])
def test_a_question_has_three_or_four_answers_that_differ(count):
    several = [Answer(str(number), below(cores_busy, 1)) for number in range(count)]
    with pytest.raises(ValueError, match="3 or 4 answers"):
        Question("?", tuple(several))
    with pytest.raises(ValueError, match="3 or 4 answers"):
        Question("?", (several[0],) * 3)


AT = "2026-11-30T05:00:00+00:00"


def predicted(*counts):
    return Prediction(AT, BUSY.sentence, dict(zip(BUSY.sentences, counts, strict=True)))


def test_the_outcome_says_what_is_right_and_counts():
    """Of one person, and of a class."""
    two = answered("made", BUSY, session(of("threading", cores_busy=1.9)))
    alone = plain_text(list(Predicted(predicted(1, 0, 0), two).blocks()), 80)
    assert "not right  one" in alone
    assert "Why: because" in alone
    assert "Score: 0 of 1." in alone
    of_a_class = plain_text(list(Predicted(predicted(4, 1, 3), two).blocks()), 80)
    assert "not right  4 of 8: one" in of_a_class
    assert "Score: 3 of 8." in of_a_class


def test_without_a_right_answer_nothing_is_scored():
    shown = plain_text(list(Predicted(predicted(1, 0, 0), answered("made", BUSY, empty())).blocks()), 80)
    assert "What to do: Measure again, with other programs closed." in shown
    assert "Score" not in shown
    assert "undecided" in shown


def test_a_prediction_is_read_back_from_what_a_session_noted():
    """Whatever else stands there is none."""
    noted = {"at_utc": AT, "question": BUSY.sentence, "answers": dict(predicted(0, 2, 1).answers)}
    assert prediction_in({"prediction": noted}) == predicted(0, 2, 1)
    for broken in (None, "b", {"answers": []}, {"answers": {"a": -1}}, {"answers": {"a": True}}, {"answers": {"a": 0}}):
        assert prediction_in({"prediction": broken}) is None


def test_the_answers_are_a_table_without_names_and_replace_those_of_the_same_time(tmp_path):
    """A row a person."""
    keep_answers(tmp_path, [AnswerRow("2026-01-01T00:00:00+00:00", "made", "?", "other", "")])
    keep_answers(tmp_path, rows_of(predicted(1, 0, 1), "made", ""))
    keep_answers(tmp_path, rows_of(predicted(1, 0, 1), "made", "two"))
    with (tmp_path / "answers.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["at_utc", "experiment", "question", "answer", "right_answer"]
    assert [(row["answer"], row["right_answer"]) for row in rows] == [("other", ""), ("one", "two"), ("two", "two")]


def test_every_file_of_answers_in_a_folder_counts(tmp_path):
    """As browsers call a second one; those of other experiments do not."""
    keep_answers(tmp_path, rows_of(predicted(1, 0, 0), "made", "two"))
    (tmp_path / "answers.csv").rename(tmp_path / "answers (1).csv")
    keep_answers(tmp_path, [*rows_of(predicted(0, 0, 1), "made", "two"), *rows_of(predicted(0, 1, 0), "else", "")])
    assert sorted(row.answer for row in read_answers(tmp_path, "made", [])) == ["one", "two"]


def test_a_file_that_holds_no_answers_is_left_out_with_a_note(tmp_path):
    """Students hand in what they have."""
    keep_answers(tmp_path, rows_of(predicted(1, 0, 0), "made", "two"))
    (tmp_path / "answers2.csv").write_bytes(b"\0\xff")
    (tmp_path / "answers3.csv").write_text("")
    (tmp_path / "answers4.csv").write_text("answer\nfoo\n")
    (tmp_path / "answers5.csv").mkdir()
    text = (tmp_path / "answers.csv").read_text()
    (tmp_path / "answers6.csv").write_text(text.replace(",", ";"))
    (tmp_path / "answers7.csv").write_text(text, encoding="utf-16")
    notes = []
    assert [row.answer for row in read_answers(tmp_path, "made", notes)] == ["one"]
    assert [note.split()[0] for note in notes] == [f"answers{number}.csv" for number in range(2, 8)]
    assert "answers5.csv cannot be read (Is a directory); left out" in notes
    assert all(
        reason in note for reason, note in zip(("looks re-saved with ';'", "not a UTF-8"), notes[-2:], strict=True)
    )


def test_an_answer_that_was_not_offered_is_not_counted():
    """A row that was edited by hand; of a question that is not known here, every answer counts."""
    rows = [AnswerRow(AT, "made", "?", answer, "one") for answer in ("one", "two", "nonsense")]
    (poll,) = polls(rows, {"?": ("one", "two", "three")})
    assert poll.people == {"one": 1, "two": 1, "three": 0}
    assert sum(polls(rows, {})[0].people.values()) == 3
    assert polls(rows[2:], {"?": ("one", "two", "three")}) == []


def test_rows_that_were_edited_by_hand_and_cannot_be_read_cost_no_others(tmp_path):
    """They are left out with a note, and stay in the file; a last line without its end counts."""
    keep_answers(tmp_path, rows_of(predicted(1, 0, 1), "made", "two"))
    file, notes = tmp_path / "answers.csv", []
    file.write_text(f"{file.read_text()}Ann,late\n{AT},made,{BUSY.sentence},two,two")
    before = file.read_bytes()
    assert [row.answer for row in read_answers(tmp_path, "made", notes)] == ["one", "two", "two"]
    assert notes == ["1 unreadable row(s) of answers.csv left out (line 4)"]
    with pytest.raises(GilLabError, match="correct them in"):
        keep_answers(tmp_path, rows_of(predicted(0, 1, 0), "made", "two"))
    assert file.read_bytes() == before


def test_a_quiz_shows_nothing_of_the_results_where_it_is_no_page():
    """In a plain Python session, its value is on the screen before anything was predicted."""
    found = answered("made", BUSY, session(of("threading", cores_busy=1.9)))
    text = repr(Quiz([QuizItem(found)]))
    assert text.startswith("Quiz of 1: ")
    assert not any(sentence in text for sentence in BUSY.sentences)


def test_code_in_a_quiz_is_code():
    """What stands in backticks; in the names of controls, which have no markup, without them. The rest is escaped."""
    pytest.importorskip("jinja2")
    asked = Question("Is `a < b` fast?", (*BUSY.answers[:2], Answer("`<b>`", BUSY.answers[2].check)))
    document = Quiz([QuizItem(answered("made", asked, empty()))]).document()
    body = document[document.index("<main>") : document.index("<template>")]
    assert "<legend>Is <code>a &lt; b</code> fast?</legend>" in body
    assert 'aria-label="Hands for c: &lt;b&gt;"' in body
    assert "`" not in body


def test_code_in_what_is_asked_stands_in_backticks():
    """The lecture is Markdown, in which `__name__` without them is a bold name, and `<name>` nothing at all."""
    for experiment in (variant("experiments", "EXPERIMENT", name) for name in names("experiments")):
        passage = experiment.passage
        asked = [
            part
            for each in experiment.questions
            for part in (each.sentence, *each.sentences, *(one.why for one in each.answers))
        ]
        for text in (experiment.question, *asked, *((passage.watch, passage.change) if passage else ())):
            assert not re.search(r"[_<~\\]", CODE.sub("", text)), text


def test_a_score_of_several_questions_is_added_up():
    rows = [AnswerRow(AT, "made", question, "a", right) for question, right in (("1?", "a"), ("2?", "b"), ("3?", ""))]
    assert score_so_far(rows) == "So far: 1 of 2 answers to 2 questions."
    assert score_so_far(rows[:1]) == ""


class Asked:
    """What the picture is drawn from."""

    def __init__(self, *counts, right="two"):
        self.polls = (
            polls(rows_of(predicted(*counts), "made", right), {BUSY.sentence: BUSY.sentences}) if counts else []
        )


def test_the_distribution_has_a_bar_for_each_answer_also_for_those_that_nobody_gave():
    """As long as people, and the right one stands out in words as well."""
    drawn = answers.draw(Asked(3, 0, 1))
    bars, texts = drawn.spec["layer"]
    ends = [bar["end"] for bar in bars["data"]["values"]]
    assert ends[0] == pytest.approx(3 * ends[2], rel=0.01)
    assert ends[1] == 0
    assert drawn.title == "1 of 4 answers right"
    assert [bar["said"] for bar in bars["data"]["values"]][1] == "one and a half: 0 (0%)"
    said = [value["text"] for value in texts["data"]["values"]]
    assert "1 (25%), right" in said
    assert "0 (0%)" in said


def test_what_nobody_answered_is_no_picture():
    with pytest.raises(NothingToDrawError, match="--predict"):
        answers.draw(Asked())


@pytest.mark.parametrize(
    ("right", "seconds"),
    [(answer.sentence, s) for answer, s in zip(QUESTION.answers, (0.29, 0.2, 0.1, 0.01), strict=True)],
)
def test_work_without_a_question_of_its_own_is_asked_how_much_faster_the_fastest_way_is(right, seconds):
    """Such as that of a user's own file; a slower way beside it does not matter, and it is named."""
    results = session(of("sequential", 0.3), of("threading", seconds), of("joblib", 0.4), experiment="mine")
    (found,) = results.answered
    assert found.right == right
    assert found.why
    assert "sequential / threading" in found.measured
    assert results.quiz().items[0].found == found


def test_of_flagged_cells_it_is_not_decided_which_way_is_the_fastest():
    """As where nothing is measured beside sequential work, or not even that."""
    flagged = session(of("sequential", 0.3, flags=(Flag.DISTURBED,)), of("threading", 0.1))
    for results in (flagged, session(of("sequential", 0.3)), session(of("threading", 0.3)), empty()):
        found = answered("mine", QUESTION, results)
        assert found.right == ""
        assert found.reason


def test_a_prediction_is_part_of_what_other_programs_and_documents_get():
    """JSON then has two parts: the cells, and what became of the prediction."""
    results = session(of("sequential", 0.3), of("threading", 0.3), experiment="cpu-bound")
    (found,) = results.answered
    outcome = Predicted(Prediction(AT, found.question.sentence, dict.fromkeys(found.question.sentences, 1)), found)
    document = session_document(results, outcome)
    whole = json.loads(FORMATS["json"](document))
    assert [cell["strategy"] for cell in whole["cells"]] == ["sequential", "threading"]
    assert whole["prediction"]["right_answer"] == found.right
    assert (whole["prediction"]["people"], whole["prediction"]["people_right"]) == (4, 1)
    assert "Predicted: " in (text := FORMATS["md"](document))
    assert f"right: 1 of 4: {found.right}" in text
    assert isinstance(json.loads(FORMATS["json"](session_document(results))), list)


def test_of_an_interrupted_session_it_is_said_how_to_go_on():
    """In the place of a new measurement."""
    found = answered("made", BUSY, empty())
    assert "measure the rest: gil-lab run --resume here" in why(found, "gil-lab run --resume here")
    assert why(found) == "Measure again, with other programs closed."


def test_what_is_typed_is_a_letter_or_the_hands_of_a_class():
    """Everything else gets a line that says what to type."""
    typed = {"b": [0, 1, 0], " C ": [0, 0, 1], "3 12 0": [3, 12, 0], "3,12,0": [3, 12, 0]}
    assert {text: predicting._counts(text, BUSY) for text in typed} == typed
    for text in ("", "d", "ab", "1 2", "0 0 0", "1 2 3 4", "9999 0 0", "-1 2 3"):
        assert (
            predicting._counts(text, BUSY) == "Type a, b or c; for a class 3 numbers, 0 to 1,000, one for each answer."
        )


@pytest.mark.parametrize("terminals", [(False, True), (True, False)], ids=["no input", "a pipe"])
def test_without_a_terminal_it_is_refused_in_one_line_that_says_what_to_do(monkeypatch, terminals):
    """Before anything is measured."""
    for name, is_one in zip(("stdin", "stdout"), terminals, strict=True):
        monkeypatch.setattr(f"sys.{name}.isatty", lambda is_one=is_one: is_one, raising=False)
    with pytest.raises(UsageError, match="leave it out, then gil-lab report cpu-bound --format quiz"):
        predicting.check_can_ask(EXPERIMENTS["cpu-bound"])


def test_input_that_ends_before_an_answer_measures_nothing(monkeypatch):
    """Ctrl-D."""
    from rich.console import Console

    def ended():
        raise EOFError

    monkeypatch.setattr("builtins.input", ended)
    with pytest.raises(UsageError, match="nothing was predicted, and nothing measured"):
        predicting.asked(Console(quiet=True), EXPERIMENTS["cpu-bound"])


def test_a_prediction_is_for_one_experiment_and_no_part_of_a_resumed_session(tmp_path):
    """Each in one line."""
    for arguments, said in ((["all"], "leave out all"), (["--resume", str(tmp_path)], "leave out --predict")):
        done = called("run", *arguments, "--predict")
        assert done.returncode == 2
        assert said in done.stderr
        assert done.stderr.count("\n") == 1


def test_a_question_that_this_copy_does_not_know_is_shown_with_where_its_answer_stands():
    """As an experiment may have asked something else when the session was measured."""
    outcome = Predicted(predicted(1, 0, 0), None)
    shown = " ".join(plain_text(list(outcome.blocks()), 80).split())
    assert f"Predicted: {BUSY.sentence}" in shown
    assert "stands in answers.csv beside the session" in shown
    assert outcome.data()["right_answer"] is None


def test_the_score_so_far_leaves_out_answers_that_a_question_does_not_have(tmp_path):
    """Of files that were edited by hand, beside those of other sessions."""
    asked = EXPERIMENTS["cpu-bound"].questions[0]
    folder = tmp_path / "results" / "cpu-bound" / "one"
    folder.mkdir(parents=True)
    rows = [AnswerRow(AT, "cpu-bound", asked.sentence, answer, "") for answer in (asked.sentences[0], "nonsense")]
    kept = predicting._kept(SimpleNamespace(folder=folder), rows)
    assert [row.answer for row in kept] == [asked.sentences[0]]
