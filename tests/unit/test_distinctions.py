"""Differences that matter, differences that do not, and those that are not seen: the same word everywhere."""

import json
from dataclasses import replace

import pytest
from made import rounds, session_in
from made_of_turns import took_turns
from shown import printed
from two_sessions import paced

from gil_lab.analysis.claims import Evidence, Outcome
from gil_lab.analysis.comparison import compare
from gil_lab.analysis.comparison.cells import Finding
from gil_lab.analysis.contrasts import Contrast
from gil_lab.analysis.contrasts.discoveries import family
from gil_lab.analysis.distinctions import Distinction
from gil_lab.analysis.estimates import Estimate
from gil_lab.analysis.history import history
from gil_lab.analysis.speedups import NOT_JUDGED, Distinctions
from gil_lab.experiment.results import Results
from gil_lab.model.errors import UsageError
from gil_lab.model.records import Flag
from gil_lab.report.documents.comparison import comparison_document
from gil_lab.report.documents.history import history_document
from gil_lab.report.documents.session import report, tables
from gil_lab.report.page import page
from gil_lab.report.pictures import names
from gil_lab.report.tables.results import mark, ratio
from gil_lab.report.text.sentences import no_difference
from gil_lab.report.text.sentences import ratio as ratio_in_words

CELLS = {"sequential": 1, "threading": 1.01, "multiprocessing": 0.5}
"""Wall times: one cell that differs by less than 2 %, and one that is twice as fast."""


@pytest.fixture(scope="module")
def quiet(tmp_path_factory):
    """A session in which nothing hides a difference of 1 %."""
    return Results.read(took_turns(tmp_path_factory.mktemp("quiet"), CELLS))


@pytest.fixture(scope="module")
def noisy(tmp_path_factory):
    """A session in which nothing below a factor of 2 can be seen."""
    return Results.read(took_turns(tmp_path_factory.mktemp("noisy"), CELLS, noise=0.1))


def distinctions(results):
    return {row.cell.strategy: row.distinctions.overall for row in results}


def older(folder, *trials):
    """A session of a gil-lab in which each trial was a round of its own."""
    return Results.read(session_in(folder, [replace(one, trial=number) for number, one in enumerate(trials, 1)]))


def words(blocks, width=200):
    return " ".join(printed(blocks, width).split())


# Sessions


def test_each_cell_is_told_apart_from_the_baseline(quiet, noisy):
    """Or it is known not to matter, or nothing is seen; the baseline itself is compared with nothing."""
    assert distinctions(quiet) == {
        "sequential": None,
        "threading": Distinction.NEGLIGIBLE,
        "multiprocessing": Distinction.DIFFERENT,
    }
    assert distinctions(noisy)["threading"] is Distinction.NOT_SEEN


def test_the_threshold_is_an_option(quiet):
    """Of a report, else of the session, else 2 %."""
    assert distinctions(Results.read(quiet.folder, 0.001))["threading"] is Distinction.DIFFERENT
    assert quiet.threshold == 0.02
    assert quiet.where(strategy="threading").threshold == 0.02


@pytest.mark.parametrize(("noted", "used"), [(0.001, 0.001), (None, 0.02), ("a lot", 0.02), (-1, 0.02), (1e400, 0.02)])
def test_a_session_notes_its_threshold(tmp_path, noted, used):
    """As session.json has it; what makes no sense there is not used."""
    results = Results.read(took_turns(tmp_path, CELLS, options={"threshold": noted}))
    assert results.threshold == used
    assert Results.read(tmp_path, 0.5).threshold == 0.5


@pytest.mark.parametrize("threshold", [0, 1, -0.1, True, "2%", float("nan")])
def test_a_threshold_is_a_share(tmp_path, threshold):
    """Anything else is refused before a file is read."""
    for read in (Results.read, history):
        with pytest.raises(UsageError, match=r"threshold is .*; it takes a share between 0 and 100 %, such as 5%"):
            read(tmp_path, threshold)


def test_one_ratio_has_one_distinction(quiet):
    """Threads have the form of the baseline, so that both of their speed-ups are the same comparison."""
    (row,) = quiet.where(strategy="threading")
    assert row.speedup == row.parallel_speedup
    assert row.distinctions == Distinctions(Distinction.NEGLIGIBLE, Distinction.NEGLIGIBLE, 0.02)


def test_speed_ups_in_the_same_form_are_a_family_of_their_own(tmp_path):
    """Compiled strategies are compared with their own reference, which is compared with nothing."""
    factors = {"sequential": 1, "numba-sequential": 0.1, "numba-nogil": 0.0505}
    found = {row.cell.strategy: row.distinctions for row in Results.read(took_turns(tmp_path, factors))}
    assert found["numba-nogil"] == Distinctions(Distinction.DIFFERENT, Distinction.DIFFERENT, 0.02)
    assert found["numba-sequential"] == Distinctions(Distinction.DIFFERENT, None, 0.02)


def test_older_sessions_have_none(tmp_path):
    """Each of their intervals is judged alone, as it was."""
    (first, second) = older(tmp_path, *rounds("sequential", 4, 4.4), *rounds("threading", 1, 1))
    assert first.distinctions == second.distinctions == NOT_JUDGED
    assert second.speedup.distinction is None
    assert second.speedup.shows_a_difference


def test_a_lone_difference_among_many_is_not_one():
    """Its own interval excludes 1, as that of one in twenty does by chance."""
    found = family({name: Contrast(0.1 if name else 0.0, 0.045, 30, 40, 4) for name in range(20, -1, -1)}, 0.02)
    assert found[1].low > 1
    assert found[1].shows_a_difference
    alone = family({name: Contrast(0.1 * (name == 1), 0.045, 30, 40, 4) for name in range(20)}, 0.02)
    assert alone[1].low > 1
    assert not alone[1].shows_a_difference


def test_without_an_interval_nothing_is_known():
    """And it does not count among the pairs that are looked at."""
    found = family({"a": Contrast(0.1, None, 1, 2, 1), "b": Contrast(0.1, 0.04, 30, 40, 4)}, 0.02)
    assert (found["a"].distinction, found["a"].shows_a_difference) == (None, None)
    assert found["b"].shows_a_difference


# Words and signs


def seen(value, low, high, distinction=None, threshold=0.02):
    return Estimate(value, low, high, distinction, threshold)


@pytest.mark.parametrize(
    ("estimate", "shown", "said"),
    [
        (seen(1.01, 1.0, 1.02, Distinction.NEGLIGIBLE), "=1.01 ±1%", "1.01x [1.00, 1.02]: differs by less than 2 %"),
        (seen(1.05, 1.01, 1.09, Distinction.NOT_SEEN), "~1.05 ±4%", "1.05x [1.01, 1.09]: no difference seen"),
        (seen(1.05, 1.01, 1.09, Distinction.DIFFERENT), "1.05 ±4%", "1.05x [1.01, 1.09]"),
        (seen(1.05, 1.01, 1.09), "1.05 ±4%", "1.05x [1.01, 1.09]"),
        (
            seen(1.03, 1, 1.04, Distinction.NEGLIGIBLE, 0.05),
            "=1.03 ±3%",
            "1.03x [1.00, 1.04]: differs by less than 5 %",
        ),
    ],
)
def test_a_difference_is_shown_and_said_in_one_way(estimate, shown, said):
    """By a sign in tables, in words in sentences."""
    assert ratio(estimate) == shown
    assert ratio_in_words(estimate) == said
    assert (mark(estimate) == "") == (no_difference(estimate) == "")


def test_a_report_says_what_differs(quiet):
    """In the table, below it what the sign means, and in the sentence of the cell."""
    shown = words(report(quiet))
    assert "=0.9" in shown
    assert "= differs by less than 2 %: the whole 95 % interval lies within that" in shown
    assert "]: differs by less than 2 %." in shown
    assert "5 %" in words(report(Results.read(quiet.folder, 0.05)))


def test_the_sign_is_explained_only_where_it_stands(tmp_path, noisy):
    """Names such as 3.14+cores=1 have it as well, and are no numbers."""
    assert "= differs" not in words(tables(noisy.rows))
    assert "or misses it as one of many may by chance" in words(tables(noisy.rows))
    old = words(tables(older(tmp_path, *rounds("sequential", 4, 4, 4), *rounds("threading", 5, 4, 3)).rows))
    assert "~ no difference seen" in old
    assert "chance" not in old


def test_every_table_fits_a_terminal_in_ascii(quiet):
    """The sign is one character, and in every font."""
    lines = printed(tables(quiet.rows)).splitlines()
    assert max(map(len, lines)) <= 80
    assert any(line.replace("±", "+").isascii() and "=" in line for line in lines)


def test_what_does_not_matter_does_not_pay(quiet):
    """There is no break-even where no difference is known."""
    assert {row.cell.strategy: row.break_even_s is not None for row in quiet} == {
        "sequential": False,
        "threading": False,
        "multiprocessing": True,
    }


def test_pictures_say_what_hollow_points_are(quiet, noisy):
    """That nothing was seen, or nothing that matters."""
    assert "Hollow: differs by less than 2 %." in " ".join(json.dumps(quiet.speedups().spec).split('", "'))
    assert "threading x2: differs by less than 2 %" in quiet.speedups().title
    assert "threading x2: no difference seen" in noisy.speedups().title


def test_summaries_tell_programs(quiet):
    """In columns at the end of summary.csv."""
    quiet.write()
    header, *lines = (quiet.folder / "summary.csv").read_text().splitlines()
    later = "gil_held_share,gil_handoffs_per_s,gil_unknown,underfill_share,tail_share,chunk"
    assert header.endswith(f",difference,parallel_difference,threshold,{later}")
    assert ",differs by less than the threshold,differs by less than the threshold,0.02,,,," in lines[1]


# Two sessions


def sides(tmp_path, a=None, b=None, **both):
    first = took_turns(tmp_path / "a", CELLS, seed=1, **{**both, **(a or {})})
    second = took_turns(tmp_path / "b", CELLS, seed=2, **{**both, **(b or {})})
    return Results.read(first), Results.read(second)


def findings(comparison):
    return {cell.cell.strategy: cell.finding for cell in comparison.cells}


def test_sessions_are_compared_by_their_generations(tmp_path):
    """A generation is one value: its processes are its own."""
    found = compare(*sides(tmp_path, b={"wall_s": 0.2}))
    assert set(findings(found).values()) == {Finding.FASTER}
    assert found.cells[0].wall_ratio.value == pytest.approx(1.25, rel=0.01)


def test_sessions_that_are_the_same_differ_by_less_than_the_threshold(tmp_path):
    """Which is said, with the threshold."""
    comparison = compare(*sides(tmp_path))
    assert set(findings(comparison).values()) == {Finding.NEGLIGIBLE}
    shown = words(comparison_document(comparison).blocks())
    assert "Differs by less than 2 %: 1.00x [" in shown
    assert "= differs by less than 2 %" in shown


def test_two_sessions_have_the_greater_threshold(tmp_path):
    """So that A beside B says what B beside A says."""
    a, b = sides(tmp_path, a={"options": {"threshold": 0.05}}, b={"wall_s": 0.26})
    assert compare(a, b).threshold == compare(b, a).threshold == 0.05


def test_swapped_sessions_have_the_inverse_ratio(tmp_path):
    """And the same interval, seen from the other side."""
    a, b = sides(tmp_path, b={"wall_s": 0.2, "noise": 0.02})
    (there, *_), (back, *_) = compare(a, b).cells, compare(b, a).cells
    assert there.wall_ratio.value == pytest.approx(1 / back.wall_ratio.value)
    assert there.wall_ratio.low == pytest.approx(1 / back.wall_ratio.high)


@pytest.mark.parametrize(
    ("options", "remedy"), [({}, "a larger --budget"), ({"rounds": 8, "budget_s": None}, "more --rounds")]
)
def test_one_generation_is_not_ranked_against_another_session(tmp_path, options, remedy):
    """What its processes differ by is unknown; the note says what helps."""
    (first, *_) = compare(*sides(tmp_path, a={"generations": 1, "options": options})).cells
    assert (first.finding, first.wall_ratio) == (Finding.NOT_RANKED, None)
    assert first.note == f"a single generation in A; use {remedy}"


def test_a_session_can_be_compared_with_one_of_an_older_version(tmp_path):
    """The trials of that one are its values."""
    new = Results.read(took_turns(tmp_path / "new", CELLS))
    old = older(tmp_path / "old", *rounds("threading", 0.5, 0.51, 0.49, 0.5))
    found = {cell.cell.strategy: cell for cell in compare(old, new).compared}
    assert found["threading"].finding is Finding.FASTER
    assert found["threading"].wall_ratio.value == pytest.approx(2, rel=0.02)


def test_speed_ups_are_ranked_where_wall_times_are_not(tmp_path):
    """By their own errors, each of its own session."""
    a, b = sides(tmp_path, b={"wall_s": 0.5})
    b.session.trials[:] = paced(b.session.trials, 0.5)
    assert findings(compare(a, b)) == {
        "sequential": Finding.NOT_RANKED,
        "threading": Finding.NEGLIGIBLE,
        "multiprocessing": Finding.NEGLIGIBLE,
    }


# History


def test_the_history_has_the_words_of_each_session(tmp_path):
    """And those of a threshold that is given."""
    folders = [took_turns(tmp_path / f"2026112{day}T090000Z-a", CELLS, seed=day) for day in (1, 2)]
    own = [row for folder in folders for row in Results.read(folder)]
    assert [row.summary for row in history(tmp_path).rows] == own
    assert "= differs by less than 2 %" in words(history_document(history(tmp_path)).blocks())
    assert "= differs" not in words(history_document(history(tmp_path, 0.0001)).blocks())


# Claims


def quantities(results):
    seen = Evidence(results)
    one, plain = seen.cell(strategy="threading"), seen.cell(strategy="sequential")
    return seen.number(one, "cores_busy"), seen.ratio(one, to=plain), seen.ratio(one, to=plain, number="cpu_s")


def test_claims_about_few_generations_say_what_helps(tmp_path):
    """A larger budget where the time decides, and not more rounds."""
    busy, wall, cpu = quantities(Results.read(took_turns(tmp_path / "one", CELLS, generations=1)))
    few = "one generation has no interval: use a larger --budget"
    assert (busy.below(9).reason, cpu.below(9).reason) == (few, few)
    assert wall.below(9).outcome is Outcome.HOLDS
    _, wall, _ = quantities(Results.read(took_turns(tmp_path / "short", CELLS, generations=1, rounds=2)))
    assert wall.below(9).reason == "fewer than 3 rounds have no interval: use a larger --budget"
    (_, wall, _) = quantities(Results.read(took_turns(tmp_path / "noisy", CELLS, noise=0.1)))
    assert wall.below(1).reason == "too noisy, the interval holds the limit: use a larger --budget"


# Sessions of which nothing can be said


@pytest.fixture(scope="module")
def disturbed(tmp_path_factory):
    return Results.read(took_turns(tmp_path_factory.mktemp("disturbed"), CELLS, flags=(Flag.DISTURBED,)))


def test_a_session_that_is_flagged_altogether_says_first_that_it_ranks_nothing(disturbed, quiet):
    """Before any sentence that has a number."""
    shown = words(report(disturbed))
    line = "Nothing is ranked: every cell has too few rounds without a flag (disturbed)."
    assert line in shown
    assert shown.index(line) < shown.index("Speed-up")
    assert "Nothing is ranked" not in words(report(quiet))


def test_its_page_says_so_too(disturbed):
    """Beside the sentences on the cells."""
    pytest.importorskip("jinja2")
    assert "Nothing is ranked: every cell has too few rounds without a flag (disturbed)" in page(disturbed, [])


@pytest.mark.parametrize("name", ["map", "speedups", "costs", "states"])
def test_its_pictures_have_no_headline_that_ranks(disturbed, quiet, name):
    """They are drawn, with every name marked."""
    assert name in names()
    assert disturbed.picture(name).title == "nothing is ranked: every cell has too few rounds without a flag"
    assert "verdict" not in quiet.picture(name).title
