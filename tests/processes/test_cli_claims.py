"""`gil-lab claims` and `gil-lab run all`, and what a run and a report say of claims."""

import csv
import io
import json
import re
import shutil

import pytest
from command_line import TINY, called, rows_of
from made_claims import HOLDS_NOTHING, of, session
from places import ROOT
from rich.console import Console

from gil_lab.analysis.claims import Checked, Claim, Judgement, Outcome, check
from gil_lab.cli.app import execute
from gil_lab.experiment import Chapter, Experiment, claims_of, experiments
from gil_lab.interpreters import choose
from gil_lab.model.errors import StoreError
from gil_lab.report.documents.claims import claims_blocks, claims_document, overview_blocks
from gil_lab.report.documents.document import FORMATS
from gil_lab.report.tables.as_rich import as_rich, plain_text
from gil_lab.report.tables.claims import CheckedClaims, counted
from gil_lab.sessions.plan import Design
from gil_lab.suite.catalogue import names

REFERENCE = ROOT / "results" / "reference"
HOSTILE = "<script>alert(1)</script> | [red]x[/red] \x1b[31m"
CHECKED = [
    Checked("one", "Water is wet", Judgement(Outcome.HOLDS, "1.00 [0.99, 1.01]")),
    Checked("one", "Fire is cold", Judgement(Outcome.FAILS, "900 degrees (claimed below 0)")),
    Checked("two", HOSTILE, Judgement(Outcome.INCONCLUSIVE, "", "it was not measured")),
]


def test_every_experiment_has_a_chapter_and_they_come_in_its_order():
    """The story goes from the source to the GPU, whatever the files are called."""
    found = experiments()
    assert {one.design.name for one in found} == set(names("experiments"))
    chapters = [one.chapter for one in found]
    assert None not in chapters
    assert chapters == sorted(chapters, key=list(Chapter).index)
    assert set(chapters) == set(Chapter)


def test_claims_are_counted_by_outcome():
    """In words that stand in one line."""
    assert counted(CHECKED) == "3 claims: 1 holds, 1 does not hold, 1 inconclusive"
    assert counted(CHECKED[:1] * 2) == "2 claims: 2 hold"


def test_claims_come_as_text_with_the_outcome_in_front():
    """Within 80 columns, foreign markup as it is written, escape codes made harmless."""
    plain = Console(width=80, no_color=True, force_terminal=False, markup=False)
    with plain.capture() as captured:
        for part in as_rich(claims_blocks(CHECKED)):
            plain.print(part)
    text = captured.get()
    assert max(map(len, text.splitlines())) <= 80
    assert "holds          Water is wet" in text
    assert "does not hold  Fire is cold" in text
    assert "[red]x[/red]" in text
    assert list(claims_blocks([])) == []


def test_claims_come_as_html_and_markdown_with_every_text_escaped():
    """A claim of a user's file may hold anything."""
    shown = CheckedClaims(CHECKED)._repr_html_()
    assert "<script>" not in shown
    assert shown.count("<tr>") == 4
    assert CheckedClaims(CHECKED)._repr_html_() == shown
    table = FORMATS["md"](claims_document([("Elements", CHECKED[:2]), ("", CHECKED[2:])]))
    assert "| Elements |  | measured | experiment |" in table
    assert "&lt;script&gt;alert(1)&lt;/script&gt; \\|" in table
    assert table.endswith("3 claims: 1 holds, 1 does not hold, 1 inconclusive.\n")


def test_claims_come_as_csv_and_json_with_a_row_each():
    """With the outcome, the numbers and the reason in columns of their own."""
    (first, *_, last) = csv.DictReader(io.StringIO(FORMATS["csv"](claims_document([("", CHECKED)]))))
    assert (first["experiment"], first["outcome"], first["told"]) == ("one", "holds", "1.00 [0.99, 1.01]")
    assert last["reason"] == "it was not measured"
    assert [row["outcome"] for row in json.loads(FORMATS["json"](claims_document([("", CHECKED)])))] == [
        "holds",
        "does not hold",
        "inconclusive",
    ]


def test_a_claim_whose_check_fails_is_left_open_and_harms_no_other():
    """Results are files that may have been edited, and claims are a user's code."""
    broken = Claim("It divides by zero", lambda seen: 1 / 0)
    fine = Claim("It holds", lambda seen: Judgement(Outcome.HOLDS, "yes"))
    first, second = check("made", [broken, fine], session(of()))
    assert (first.judgement.outcome, second.judgement.outcome) == (Outcome.INCONCLUSIVE, Outcome.HOLDS)
    assert first.judgement.reason == "its check failed (ZeroDivisionError: division by zero)"


def test_a_sentence_can_be_claimed_once():
    """It is what a claim is known by."""
    experiment = Experiment("?", Design("made", ("primes",)))
    experiment.claim("It holds")(lambda seen: HOLDS_NOTHING)
    with pytest.raises(ValueError, match="claimed twice"):
        experiment.claim("It holds")


def test_the_claims_of_a_reference_session_are_found_by_its_experiment():
    """From its numbers, not from what was written when it was measured."""
    from gil_lab.experiment.results import Results

    found = claims_of(Results.read(REFERENCE / "cpu-bound"))
    assert {one.experiment for one in found} == {"cpu-bound"}
    assert [one.judgement.outcome for one in found] == [Outcome.HOLDS] * len(found)
    assert repr(found).startswith("holds")


UNMEASURED = Checked("three", "Ice melts", Judgement(Outcome.UNMEASURED, "", "not measured yet: gil-lab run three"))


def test_what_was_not_measured_is_not_called_inconclusive_and_takes_a_line():
    """In all formats: no row of a table for a person, and a row with its own outcome for a program."""
    assert counted([*CHECKED, UNMEASURED]) == "4 claims: 1 holds, 1 does not hold, 1 inconclusive, 1 not measured"
    assert plain_text(claims_blocks([UNMEASURED, UNMEASURED]), 80).count("gil-lab run three") == 1
    document = claims_document([("", [*CHECKED, UNMEASURED])])
    assert "Ice melts" not in FORMATS["md"](document)
    assert "Not measured: three 1; gil-lab run NAME, or all" in FORMATS["md"](document)
    assert [row["outcome"] for row in json.loads(FORMATS["json"](document))][-1] == "not measured"


def test_an_overview_begins_with_the_counts_and_lists_what_does_not_hold():
    """With what it comes from; of the rest there are numbers only."""
    text = plain_text(overview_blocks([*CHECKED, UNMEASURED]), 80)
    assert text.startswith("4 claims: 1 holds, 1 does not hold, 1 inconclusive, 1 not measured.\n")
    assert "Do not hold\none  Fire is cold" in text
    assert "900 degrees" in text
    assert "\nHold: one 1\n" in text
    assert "Water is wet" not in text
    assert "\nNot measured: three 1; gil-lab run NAME, or all\n" in text


def test_the_command_counts_first_and_lists_every_claim_by_chapter_if_asked(tmp_path):
    """Those without a session have the command that settles them."""
    shutil.copytree(REFERENCE / "cpu-bound", tmp_path / "results" / "cpu-bound")
    brief, whole = (called("claims", *option, cwd=tmp_path) for option in ((), ("-v",)))
    for done in (brief, whole):
        assert (done.returncode, done.stderr) == (0, "")
        assert re.match("[0-9]+ claims: 6 hold, [0-9]+ not measured[.]\n", done.stdout)
        assert max(map(len, done.stdout.splitlines())) <= 80
    assert brief.stdout.count("\n") < 20
    for experiment in experiments():
        assert f"\n{experiment.design.name}: " in whole.stdout
    assert "not measured yet: gil-lab run io-bound" in whole.stdout
    assert "not measured yet: gil-lab run cpu-bound" not in whole.stdout


def test_what_is_missing_in_a_session_is_said(tmp_path):
    """Its claims are checked against the rest."""
    shutil.copytree(REFERENCE / "cpu-bound", tmp_path / "results" / "cpu-bound")
    (about,) = tmp_path.glob("results/cpu-bound/*/session.json")
    session = json.loads(about.read_text())
    about.write_text(json.dumps({**session, "trials": session["trials"] + 4}))
    for option in ((), ("-v",)):
        said = " ".join(called("claims", *option, cwd=tmp_path).stdout.split())
        assert f"Note: cpu-bound: 4 of {session['trials'] + 4} trials are missing: the session was interrupted" in said


def test_where_nothing_is_measured_three_lines_say_what_to_do(tmp_path):
    """Not that each of the claims is open; those of one experiment are listed for who asks for them."""
    done = called("claims", cwd=tmp_path)
    assert (done.returncode, done.stderr, done.stdout.count("\n")) == (0, "", 3)
    assert "gil-lab run cpu-bound" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "not measured yet" in called("claims", "cpu-bound", cwd=tmp_path).stdout
    assert not list(tmp_path.iterdir())


def test_the_command_reports_the_newest_sessions_of_a_folder(tmp_path):
    """Of chosen experiments, as a table for a document too."""
    done = called("claims", "cpu-bound", "--results", REFERENCE, "--format", "md", cwd=tmp_path)
    assert done.returncode == 0
    assert "| Under the GIL, threads keep about one core busy | holds | threading x8 " in done.stdout
    assert "free-threading" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["cpu-bond"], "did you mean 'cpu-bound'?"), (["--format", "xml"], "unknown format"), (["all"], "unknown exp")],
)
def test_claims_that_there_are_not_are_refused_in_one_line(arguments, message, tmp_path):
    """With the nearest name."""
    done = called("claims", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


CLAIMING = """
from gil_lab.analysis.claims import is_true
from gil_lab.experiment import Experiment
from gil_lab.sessions.plan import Design

EXPERIMENT = Experiment("Do I know what I expect?", Design("mine", ("primes",), ("sequential",)))

@EXPERIMENT.claim("One task runs at a time")
def one(seen):
    return seen.number(seen.cell(strategy="sequential"), "in_flight").below(1.5)
"""


def test_a_user_s_own_claims_are_reported_at_the_run_and_found_again_by_reports(tmp_path):
    """They are kept beside the results: the report knows nothing of the file."""
    (tmp_path / "mine.py").write_text(CLAIMING)
    ran = called("run", "mine.py", *TINY, "--rounds", "2", "-v", cwd=tmp_path)
    assert ran.returncode == 0
    reported = called("report", cwd=tmp_path)
    for done in (ran, reported):
        assert "What it claims" in done.stdout
        assert "One task runs at a time" in done.stdout
    (kept,) = rows_of(tmp_path, "claims.csv")
    assert kept["sentence"] == "One task runs at a time"


def test_claims_that_cannot_be_written_are_shown_all_the_same(monkeypatch, capsys):
    """A disk that is full after the last trial: the numbers are there, and so is what they say."""
    from gil_lab.cli.outcome import checked_claims
    from gil_lab.model.errors import StoreError

    def full(*arguments):
        raise StoreError("claims.csv cannot be written (No space left on device)")

    monkeypatch.setattr("gil_lab.sessions.files.write_whole", full)
    experiment = Experiment("?", Design("made", ("primes",)))
    experiment.claim("It holds")(lambda seen: Judgement(Outcome.HOLDS, "yes"))
    (one,) = checked_claims(experiment, session(of()))
    assert one.judgement.outcome is Outcome.HOLDS
    assert capsys.readouterr().err == "gil-lab: note: claims.csv cannot be written (No space left on device)\n"


def test_run_all_runs_every_experiment_and_counts_their_claims(tmp_path, monkeypatch, capsys):
    """Each in the order of the story; here only planned, for it takes minutes, under this Python, asked once."""
    this = choose(("this",))
    monkeypatch.setattr("gil_lab.sessions.run.choose", lambda *names, **limits: this)
    assert execute(["run", "all", "--quick", "--dry-run", "--out", str(tmp_path)]) == 0
    out, err = capsys.readouterr()
    places = [out.index(f"\n{one.design.name}: ") for one in experiments()]
    assert (places, err) == (sorted(places), "")
    assert out.count("nothing was run") == len(places)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("option", ["--workers", "--size", "--tasks"])
def test_run_all_refuses_what_means_something_else_in_each(option, tmp_path):
    """Sizes are numbers here and bytes there."""
    done = called("run", "all", option, "2", cwd=tmp_path)
    assert done.returncode == 2
    assert "every experiment defines its own" in done.stderr


def test_the_reference_sessions_are_at_hand_where_nothing_is_measured(tmp_path):
    """Three lines say so, and the last one leads to them."""
    none = called("claims", cwd=tmp_path)
    assert none.stdout.count("\n") == 3
    assert none.stdout.endswith("gil-lab claims --reference\n")
    theirs = called("claims", "--reference", "--format", "json", cwd=tmp_path)
    one, same = (
        called("claims", "cpu-bound", *where, "--format", "json", cwd=tmp_path).stdout
        for where in (["--reference"], ["--results", REFERENCE])
    )
    assert one == same
    assert all(claim in json.loads(theirs.stdout) for claim in json.loads(one))
    assert {one["outcome"] for one in json.loads(theirs.stdout)} <= {"holds", "inconclusive"}


def test_a_copy_without_them_says_so(monkeypatch):
    """A copy of the source alone."""
    monkeypatch.setattr("gil_lab.sessions.reference.FOLDERS", ())
    with pytest.raises(StoreError, match="came without its reference sessions"):
        execute(["claims", "--reference"])


OWN = """
from gil_lab import Design, Experiment

EXPERIMENT = Experiment("Mine?", Design("mine", ("primes",), ("sequential",)))

@EXPERIMENT.claim("It takes time")
def takes_time(seen):
    return seen.number(seen.cell(strategy="sequential"), "wall_s").above(0)

@EXPERIMENT.claim("It forgets to judge")
def forgets(seen):
    seen.cell(strategy="sequential")

@EXPERIMENT.claim("It judges later")
async def later(seen):
    pass

@EXPERIMENT.claim("It leaves")
def leaves(seen):
    raise SystemExit(7)
"""


def test_claims_of_a_user_are_listed_as_they_were_checked(tmp_path):
    """By the name of the experiment; one that returns no judgement is inconclusive, and says why."""
    (tmp_path / "mine.py").write_text(OWN)
    ran = called("run", "mine.py", *TINY, cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")
    shown = called("claims", "mine", cwd=tmp_path)
    assert "It takes time" in shown.stdout
    words = " ".join(shown.stdout.split())
    assert "its check returned None and no Judgement" in words
    assert "its check returned <coroutine object" in words
    assert "its check failed (SystemExit: 7)" in words
    assert "did you mean 'mine'?" in called("claims", "mime", cwd=tmp_path).stderr
