"""The reference sessions: what a newcomer sees first must be readable, whole, and what its page says."""

import io
import re

import pytest
from places import ROOT
from reference_sessions import reference, reference_claims
from rich.console import Console

from gil_lab.analysis.claims import Outcome
from gil_lab.cli.outcome import show, show_answer
from gil_lab.cli.terminal.screen import Screen
from gil_lab.experiment import claims_of, experiments
from gil_lab.model.text import number
from gil_lab.report.documents.answer import MANY_CELLS, MAX_LINES, SCREEN_LINES, answer, height
from gil_lab.report.documents.claims import claims_document
from gil_lab.report.documents.document import FORMATS
from gil_lab.report.documents.session import report
from gil_lab.report.tables.as_rich import as_rich
from gil_lab.report.tables.claims import counted
from gil_lab.report.tables.table import Table
from gil_lab.suite.catalogue import names

FOLDER = ROOT / "results" / "reference"
PAGE = FOLDER / "README.md"
SHOWN = {
    "cluster": "dispatch",
    "compilation": "speedups",
    "concurrency-parallelism": "matrix",
    "contention": "ladder",
    "convoy": "delays",
    "dispatch": "dispatch",
    "dynamic-types": "speedups",
    "free-threading": "matrix",
    "handing-over": "sizes",
    "implementations": "warm-up",
    "numba-limits": "speedups",
    "numba-strengths": "speedups",
    "oversubscription": "matrix",
    "races": "matrix",
    "released": "releases",
    "start-up": "matrix",
    "sync-async": "timeline",
    "thread-states": "states",
    "threads-processes": "matrix",
    "waiting": "scaling",
    "warm-up": "speedups",
}
"""The picture that tells most of an experiment; of the others it is the map."""
SPARED = ("connections", "contention", "dispatch", "handing-over", "oversubscription", "released", "waiting")
"""Many cells, or cells of many workers, measured in fewer rounds, in which others may have disturbed some."""
PRINTED_WHOLE = 60
"""Cells: of more, printing each one takes seconds, and shows nothing else."""
pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="there are no reference sessions outside a checkout")


@pytest.fixture(params=names("experiments"))
def results(request):
    """The reference session of one experiment."""
    return reference(request.param)


def test_every_experiment_has_a_whole_session(results):
    """Readable by this version, without a note, with intervals, and with nothing that speaks against it."""
    assert results.session.notes == []
    measured = [row for row in results.rows if row.status != "skipped"]
    assert {row.status for row in measured} == {"ok"}
    assert all(row.detail for row in results.rows if row not in measured)
    if results.session.experiment in SPARED:
        assert min(row.rounds for row in measured) >= 3
    else:
        assert min(row.rounds or row.used for row in measured) >= 5
        assert not any(row.flagged for row in measured)
    assert results.timelines
    assert results.core_series


def test_its_tables_belong_together(results):
    """None of them is taken for one of another session."""
    assert results.warm_ups is not None
    assert results.beats is not None
    assert not [note for note in results.session.notes if "another session" in note]


def test_its_wall_times_lie_between_their_extremes(results):
    """Also where they are scaled to what their speed-ups say."""
    times = [row.wall for row in results.rows if row.wall]
    assert times
    assert all(wall.least_s <= wall.median_s <= wall.greatest_s for wall in times)


def test_its_answer_fits_on_a_screen(results):
    """However many cells it has; the rest of 24 lines says where the evidence is."""
    blocks = answer(results.rows, reference_claims(results.session.experiment), "--rounds")
    assert height(blocks) <= MAX_LINES
    assert any(isinstance(block, str) and len(block) > 10 for block in blocks)
    (table,) = [block for block in blocks if isinstance(block, Table)]
    assert len(table.rows) >= 3


def test_its_run_ends_within_a_screen(results):
    """With all that stands below the answer: what is missing, claims, files."""
    file = io.StringIO()
    console = Console(file=file, width=80, markup=False, highlight=False)
    show_answer(console, results, reference_claims(results.session.experiment))
    assert file.getvalue().count("\n") <= SCREEN_LINES


def test_its_report_is_an_overview_of_many_cells(results):
    """In at most 60 lines; whatever it leaves out is there for who asks for it, and a few cells are shown whole."""
    brief = reported(results, verbose=False)
    if len(results.rows) <= MANY_CELLS:
        assert brief == reported(results, verbose=True)
        return
    assert len(brief) <= 60
    assert len(results.rows) > PRINTED_WHOLE or len(reported(results, verbose=True)) > 60
    assert brief[-1].startswith("A sentence for each cell, flags, claims: gil-lab report ")
    assert brief[-1].endswith(" -v")


def reported(results, *, verbose):
    """The lines of `gil-lab report NAME` at 80 columns."""
    screen = Screen()
    screen.width = 80
    with screen.capture() as captured:
        show(screen, results, reference_claims(results.session.experiment), verbose=verbose)
    return captured.get().splitlines()


def test_the_picture_that_is_shown_is_that_of_the_session(results):
    """A picture that was not drawn again would say something else."""
    shown = SHOWN.get(results.session.experiment, "map")
    drawn = (FOLDER / f"{results.session.experiment}-{shown}.svg").read_text()
    assert f"]({results.session.experiment}-{shown}.svg)" in PAGE.read_text()
    spec = results.picture(shown).spec
    for view in [spec] if "title" in spec else spec["vconcat"]:
        assert all(line in drawn for line in view["title"]["text"])


def test_the_page_quotes_speedups_that_were_measured(results):
    """Each `1.84x [1.62, 2.02]` under an experiment's heading is a speed-up of its session."""
    section = PAGE.read_text().partition(f"\n## {results.session.experiment}:")[2].partition("\n## ")[0]
    quoted = re.findall(r"([0-9.]+)(?:x| times)\s\[([0-9.]+),\s([0-9.]+)\]", section)
    measured = {
        tuple(f"{value:.3g}" for value in (one.value, one.low, one.high))
        for row in results.rows
        for one in (row.speedup, row.parallel_speedup)
        if one is not None and one.low is not None
    }
    assert {tuple(f"{float(number):.3g}" for number in numbers) for numbers in quoted} <= measured


def test_it_says_nothing_of_who_measured_it():
    """Neither paths nor user names."""
    files = [*FOLDER.rglob("*.json"), *FOLDER.rglob("trials.csv"), *FOLDER.rglob("summary.csv")]
    assert files
    for file in files:
        assert not re.search(r"/(home|root|tmp|Users)/", file.read_text())


def at_the_end_of_a_run(results):
    claims = claims_of(results)
    return [*answer(results.rows, claims, results.session.remedy), f"{counted(claims)}."]


BLOCKS = [
    ("README.md", "$ gil-lab run cpu-bound", "cpu-bound", at_the_end_of_a_run),
    ("docs/pythons.md", "Times as fast", "free-threading", report),
]
"""Of output: the page, how the block begins, the session that it is of, and what makes it."""


def printed(blocks):
    """In a terminal of 80 columns, line by line."""
    screen = Console(width=80, file=io.StringIO(), markup=False, emoji=False, highlight=False)
    for part in as_rich(blocks):
        screen.print(part)
    return [line.rstrip() for line in screen.file.getvalue().splitlines()]


@pytest.mark.parametrize(("page", "begins", "experiment", "made"), BLOCKS)
def test_pages_show_what_was_measured(page, begins, experiment, made):
    """Blocks of output are lines of what is printed, in its order, but for the command and what is left out."""
    text = (ROOT / page).read_text()
    (block,) = re.findall(rf"^```\n({re.escape(begins)}.*?)```$", text, re.DOTALL | re.MULTILINE)
    parts = [part.splitlines() for part in re.split(r"^(?:\$.*|\[\.\.\.\])\n", block, flags=re.MULTILINE)]
    shown = [[line for line in lines if line] for lines in parts]
    assert sum(map(len, shown)) > 15
    rest = [line for line in printed(made(reference(experiment))) if line]
    for lines in filter(None, shown):
        assert lines[0] in rest, lines[0]
        rest = rest[rest.index(lines[0]) :]
        assert rest[: len(lines)] == lines
        rest = rest[len(lines) :]


def test_a_page_quotes_delays_that_were_measured():
    """Each pair of median and 99th percentile is one of the session `convoy`."""
    rows = [row for row in reference("convoy").rows if row.delays]
    measured = {f"{number(1e3 * row.delays.median_s)}, {number(1e3 * row.delays.p99_s)}" for row in rows}
    page = (ROOT / "docs" / "pythons.md").read_text()
    section = page.partition("`gil-lab run convoy --workers 2")[2].partition("\n## ")[0]
    quoted = re.findall(r"(?<=\| )[0-9.]+, [0-9.]+(?= \|)", section)
    assert len(quoted) > 10
    assert set(quoted) <= measured


def test_the_page_has_every_claim_as_it_was_measured():
    """Sentence by sentence, with what became of each claim: the output of `gil-lab claims` over these sessions."""
    chapters = [(str(one.chapter), one.check(reference(one.design.name))) for one in experiments()]
    assert FORMATS["md"](claims_document(chapters)) in PAGE.read_text()


def test_no_claim_is_refuted_by_the_reference_sessions():
    """One that does not hold would have to say why; those that cannot be told say why themselves."""
    for one in experiments():
        for checked in one.check(reference(one.design.name)):
            assert checked.judgement.outcome is not Outcome.FAILS, checked
            assert checked.judgement.reason or checked.judgement.outcome is Outcome.HOLDS
