"""Two sessions side by side in words, tables and files: the direction is told, and data is never taken for markup."""

import csv
import io
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import cell, row
from two_sessions import FREE_THREADED, MACHINE, OTHER_MACHINE, PYTHON, WALLS, about, compared, paced, rounds, side

from gil_lab.analysis.comparison import compare
from gil_lab.analysis.comparison.rows import ComparisonRow
from gil_lab.cli.terminal.screen import Screen
from gil_lab.model.records import Flag, Status
from gil_lab.report.documents.comparison import comparison_document
from gil_lab.report.documents.document import FORMATS
from gil_lab.report.tables.as_rich import as_rich
from gil_lab.report.text.comparison import left_alone, sentence
from gil_lab.sessions.csv_table import columns, decoded

HOSTILE = ["[red]", "[/]", "[link=file:///etc]y[/link]", ":smile:", "<script>x</script>", "=1+1", "a|b", "`x`"]
TWICE = tuple(wall_s / 2 for wall_s in WALLS)


def printed(comparison, width=80):
    """What a command prints, on a terminal of this width."""
    screen = Screen()
    screen.width = width
    with screen.capture() as captured:
        for part in as_rich(comparison_document(comparison).blocks()):
            screen.print(part)
    return captured.get()


def words(comparison):
    """All that is printed as one line."""
    return " ".join(printed(comparison).split())


def of_threads(b, **changes):
    return compared(rounds("threading", *WALLS), rounds("threading", *b), **changes)


# Sentences


@pytest.mark.parametrize(
    ("walls", "told"),
    [
        (TWICE, "B 2.00x faster [1.83, 2.19]."),
        ([2 * wall_s for wall_s in WALLS], "B slower: 0.500x [0.457, 0.547]."),
        (WALLS, "No difference seen: 1.00x [0.913, 1.09]."),
        (WALLS[:1], "Not ranked: a single round in B; use more --rounds."),
    ],
)
def test_the_direction_is_told_in_words(walls, told):
    """With its interval; what all three rounds have in common comes after it."""
    (found,) = of_threads(walls).cells
    assert sentence(found) == f"{told} In both: concurrent, not parallel."


def test_speedups_are_ranked_in_words_of_their_own():
    """They are not wall times: nothing is said to be faster."""
    a = [*rounds("sequential", 0.3, 0.31, 0.29), *rounds("threading", 0.3, 0.3, 0.3)]
    b = paced([*rounds("sequential", 0.6, 0.61, 0.59), *rounds("threading", 0.3, 0.3, 0.3)], 0.04)
    assert sentence(compared(a, b).cells[1]).startswith("Greater speed-up in B: 2.00x that of A [1.8")
    assert sentence(compared(b, a).cells[1]).startswith("Smaller speed-up in B: 0.500x that of A [0.4")


def test_a_changed_verdict_is_told():
    """In the order of the sessions."""
    found = compared(rounds("threading", *WALLS), rounds("threading", *WALLS, cores_busy=1.97))
    assert "threading x2 No difference seen" in words(found)
    assert "Verdict changed: concurrent, not parallel in A; parallel in B." in words(found)


def test_what_speaks_against_numbers_is_told_beside_them():
    """Rounds that were left out."""
    b = [*rounds("threading", *WALLS), *rounds("threading", 9.0, flags=(Flag.DISTURBED,))]
    found = compared(rounds("threading", *WALLS), b)
    assert sentence(found.cells[0]).endswith("1 of 4 rounds of B left out (disturbed).")


def test_cells_left_alone_for_one_reason_stand_together():
    """A scaling session has dozens."""
    b = [*rounds("threading", *WALLS), *rounds("joblib", *WALLS), *rounds("asyncio", *WALLS, of={"workers": 1})]
    b.append(row("multiprocessing", None, status=Status.SKIPPED, detail="no fork"))
    found = compared([*rounds("threading", *WALLS), *rounds("multiprocessing", *WALLS)], b)
    assert left_alone(found) == [
        ("primes: multiprocessing x2", "skipped in B: no fork"),
        ("primes: joblib x2, asyncio", "only in B"),
    ]
    assert "Not compared: primes: multiprocessing x2 skipped in B: no fork" in words(found)


# What A and B are, and how they differ


def test_a_legend_tells_what_a_and_b_are():
    """Experiment, when, how many rounds, where."""
    told = words(of_threads(WALLS[:1], about_b=about(experiment="scaling")))
    assert "A cpu-bound, 2026-11-23 07:15 UTC, 3 rounds a B scaling, 2026-11-23 07:15 UTC, 1 round b" in told


@pytest.mark.parametrize(
    ("began", "told"),
    [
        ("yesterday", "at an unknown time"),
        ("", "at an unknown time"),
        ("0001-01-01T00:00:00+23:59", "at an unknown time"),
        ("2026-11-23T09:15:31+02:00", "2026-11-23 07:15 UTC"),
        ("2026-11-23T07:15", "2026-11-23 07:15 UTC"),
    ],
)
def test_the_time_of_a_session_is_read_with_suspicion(began, told):
    """Another zone, none, or no time at all."""
    b = [replace(one, began_utc=began) for one in rounds("threading", *WALLS)]
    assert f"B cpu-bound, {told}, 3 rounds" in words(compared(rounds("threading", *WALLS), b))


def test_what_differs_is_a_table_and_what_is_the_same_a_line():
    """Both values; the rest in short."""
    told = words(of_threads(WALLS, about_b=about(machine=OTHER_MACHINE)))
    assert "machine: CPU AMD EPYC Xeon" in told
    assert "The same: quota in cores, system, memory, interpreter, packages, gil-lab, options." in told
    assert "More than one thing" not in told


def test_where_nothing_differs_there_is_no_table():
    """One line."""
    told = words(of_threads(TWICE))
    assert "All the same: machine, interpreter, packages, gil-lab, options." in told
    assert "what differs" not in told


def test_two_sessions_that_tell_nothing_are_not_said_to_be_the_same():
    """Their session.json may be lost."""
    told = words(of_threads(TWICE, about_a={}, about_b={}))
    assert "Neither session tells its machine, interpreter, packages or options." in told


def test_several_causes_are_warned_of():
    """The reader wants to put the difference down to one of them."""
    told = words(of_threads(TWICE, about_b=about(machine=OTHER_MACHINE, interpreters={"3.14t": FREE_THREADED})))
    assert "More than one thing differs (machine, interpreter): no difference can be put down to one of them." in told


def test_a_copy_is_called_one():
    """It cannot show a difference."""
    assert "A and B hold the same trials: one is a copy of the other." in words(of_threads(WALLS))
    assert "copy" not in words(of_threads(TWICE))


def test_a_session_that_claims_a_thousand_packages_does_not_fill_the_screen():
    """They are counted."""
    many = [{"name": f"p{number}", "version": "1"} for number in range(1000)]
    python = {**FREE_THREADED, "packages": many}
    told = printed(of_threads(TWICE, about_b=about(interpreters={"3.14t": python})))
    assert "and 9" in told
    assert len(told.splitlines()) < 60


@pytest.mark.parametrize(
    ("pace_s", "changes", "told"),
    [
        (0.02, {}, "The CPU speed was the same: a fixed spin took 20.0 ms in A, 20.0 ms in B. primes"),
        (0.021, {}, "20.0 ms in A, 21.0 ms in B. Differences of 5 % or less may be the machine's own."),
        (
            0.03,
            {},
            "another state: a fixed spin took 20.0 ms in A, 30.0 ms in B (1.50x), so wall times are not ranked.",
        ),
        (
            0.03,
            {"about_a": {}},
            "Another state or another machine: a fixed spin took 20.0 ms in A, 30.0 ms in B (1.50x)",
        ),
        (0.04, {"about_b": about(machine=OTHER_MACHINE)}, "20.0 ms in A, 40.0 ms in B. B is 0.500x as fast at it."),
        (
            0.04,
            {"about_b": about(interpreters={"3.14t": FREE_THREADED})},
            "Under two Pythons a fixed spin took 20.0 ms",
        ),
        (0.0, {}, "No CPU speed was recorded"),
    ],
)
def test_the_pace_is_told_with_its_numbers(pace_s, changes, told):
    """And what follows from it."""
    assert told in words(compared(rounds("threading", *WALLS), paced(rounds("threading", *WALLS), pace_s), **changes))


def test_notes_on_the_files_of_a_session_are_told():
    """A missing row may be the reason of a difference; so may a machine that changed its pace."""
    b = side("b", rounds("threading", *TWICE, flags=(Flag.DRIFTED,)))
    b.session.notes.append("2 unreadable row(s) of trials.csv left out")
    told = words(compare(side("a", rounds("threading", *WALLS)), b))
    assert "B: 2 unreadable row(s) of trials.csv left out" in told
    assert "B: The CPU speed changed during 3 of 3 trials" in told


# Tables and files


def wide():
    """Names and numbers as long as they come, with signs before and behind them."""
    a = [*rounds("sequential", 0.3, 0.5, 0.4), *rounds("multiprocessing-forkserver", 0.00123, 0.00523, 0.00323)]
    more = [*rounds("numba-parallel", 1234.5, 1434.5, 1034.5, in_flight=63.9, cores_busy=64.0, of={"workers": 64})]
    b = [*rounds("sequential", 0.2, 0.1, 0.4), *rounds("multiprocessing-forkserver", 0.00323, 0.00223, 0.00623), *more]
    return compared([*a, *more], b)


def test_a_table_shows_both_sessions_side_by_side():
    """Wall times, their ratio, speed-ups, in flight, cores busy; the baseline's speed-up is 1."""
    a = [*rounds("sequential", *WALLS, in_flight=1.0), *rounds("threading", *WALLS[::-1])]
    b = [*rounds("sequential", *WALLS, in_flight=1.0), *rounds("threading", *TWICE, cores_busy=1.97)]
    lines = [line.split() for line in printed(compared(a, b)).splitlines()]
    assert ["sequential", "0.250", "0.250", "~1.00", "±9%", "1", "1", "1.0", "1.0", "1.0", "1.0"] in lines
    assert ["threading", "x2", "0.250", "0.125", "2.00", "±9%", "~1.00", "2.00", "2.0", "2.0", "1.0", "2.0"] in lines
    assert ["~", "no", "difference", "seen:", "the", "95", "%", "interval", "includes", "1"] in lines


def test_the_ratio_is_headed_by_what_is_ranked():
    """Wall times, or the speed-ups."""
    assert "A / B" in printed(of_threads(TWICE))
    other = compared(rounds("threading", *WALLS), paced(rounds("threading", *TWICE), 0.03))
    assert "B / A" in printed(other)
    assert "A / B" not in printed(other)


@pytest.mark.parametrize("width", [80, 100, 200])
def test_nothing_is_wider_than_the_terminal(width):
    """Names are folded, numbers never."""
    told = printed(wide(), width)
    assert max(map(len, told.splitlines())) <= width
    for number in ("0.00323", "±", "64.0", "63.9", "1234"):
        assert number in told


def test_different_work_is_in_different_tables():
    """Each with its title; an interpreter that differs stands in it."""
    both = [*rounds("threading", *WALLS), *rounds("threading", *WALLS, of={"workload": "sha256"})]
    other = [replace(one, cell=replace(one.cell, interpreter="3.14t")) for one in both]
    told = printed(compared(both, other))
    assert told.count("primes, 32 tasks, size 6500, Python 3.11 in A, 3.14t in B") == 2
    assert told.count("sha256, 32 tasks, size 6500, Python 3.11 in A, 3.14t in B") == 2


def test_sessions_of_several_interpreters_are_one_table_of_full_names():
    """Also where a cell is only in one of them."""
    both = [one for python in ("3.11", "3.13t") for one in rounds("threading", *WALLS, of={"interpreter": python})]
    found = compared(both, [*both[:3], *rounds("joblib", *WALLS, of={"interpreter": "3.13t"}), *both[3:]])
    told = words(found)
    assert told.count("primes, 32 tasks, size 6500, 2 Pythons") == 1
    assert "threading x2 under 3.13t No difference seen" in told
    assert "joblib x2 under 3.13t only in B" in told
    assert "| threading x2 under 3.13t |" in FORMATS["md"](comparison_document(found))


CONTROLLER = {"python": "3.11.7", "implementation": "CPython"}


@pytest.mark.parametrize(
    ("controllers", "told"),
    [
        ((CONTROLLER, CONTROLLER), "The CPU speed was the same"),
        ((CONTROLLER, {**CONTROLLER, "python": "3.13.0"}), "Under two Pythons"),
        ((CONTROLLER, None), "Under two Pythons"),
    ],
)
def test_the_pace_is_that_of_the_controllers_python_where_both_tell_it(controllers, told):
    """Whatever was measured; else it is guessed from that."""
    pythons = ({"3.11": PYTHON}, {"3.14t": FREE_THREADED})
    abouts = [about(controller=one, interpreters=python) for one, python in zip(controllers, pythons, strict=True)]
    a, b = (rounds("threading", *WALLS, of={"interpreter": python}) for python in ("3.11", "3.14t"))
    assert told in words(compared(a, b, *abouts))


def test_csv_can_be_read_again():
    """One row a pair, those that were not compared too."""
    found = compared([*rounds("threading", *WALLS), *rounds("joblib", *WALLS)], rounds("threading", *TWICE))
    text = FORMATS["csv"](comparison_document(found))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [one["finding"] for one in rows] == ["B faster", "not compared"]
    assert (rows[0]["wall_ratio"], rows[1]["wall_ratio"], rows[1]["note"]) == ("2", "", "only in A")
    read = decoded(text, ComparisonRow, "comparison.csv").rows
    assert [one.finding for one in read] == [one.finding for one in found.cells]


def test_json_holds_the_rows_and_what_they_come_from():
    """Sessions, differences, pace and cells."""
    told = json.loads(FORMATS["json"](comparison_document(of_threads(TWICE, about_b=about(machine=OTHER_MACHINE)))))
    assert [one["folder"] for one in told["sessions"]] == ["a", "b"]
    assert {"kind": "machine", "what": "cores", "a": "2", "b": "16"} in told["differences"]
    assert told["same"][-1] == "options"
    assert told["pace"]["state"] == "other machine"
    assert list(told["cells"][0]) == list(columns(ComparisonRow))
    assert told["cells"][0]["wall_ratio"] == pytest.approx(2)


def test_markdown_has_whole_tables():
    """Every row has as many cells as its heading."""
    compared_ = of_threads(TWICE, about_b=about(machine=OTHER_MACHINE))
    lines = FORMATS["md"](comparison_document(compared_)).splitlines()
    tables = [[line for line in lines if line.count(" | ") == count] for count in (2, 9)]
    assert [len(table) for table in tables] == [2 + 4, 2 + 1]
    assert "| threading x2 | 0.250 | 0.125 | 2.00 ±9% |  |  | 2.0 | 2.0 | 1.0 | 1.0 |" in lines
    assert "- threading x2: B 2.00x faster [1.83, 2.19]. In both: concurrent, not parallel." in lines


@pytest.mark.parametrize("text", HOSTILE)
def test_data_is_never_markup(text):
    """In names, details, machines and packages: shown as it is in a terminal, escaped in Markdown."""
    named = replace(cell("threading"), strategy=text)
    a = [*(replace(one, cell=named) for one in rounds("threading", *WALLS)), *rounds("joblib", *WALLS)]
    b = [*(replace(one, cell=named) for one in rounds("threading", *TWICE)), row("joblib", None, detail=text)]
    found = compared(a, b, about_b=about(machine={**MACHINE, "cpu": text}, experiment=text))
    assert printed(found, 200).count(text) >= 4
    markdown = FORMATS["md"](comparison_document(found))
    assert "<script" not in markdown
    assert all(line.replace("\\|", "").count("|") in (0, 4, 11) for line in markdown.splitlines())
    assert all(
        not row[1].startswith("=") for row in csv.reader(io.StringIO(FORMATS["csv"](comparison_document(found))))
    )


@given(st.lists(st.floats(1e-9, 1e12), min_size=1, max_size=4), st.lists(st.floats(1e-9, 1e12), min_size=1))
def test_no_numbers_break_a_report(a, b):
    """Files can be edited: whatever passes as a wall time can be shown, in every format."""
    found = compared(
        [*rounds("sequential", *a), *rounds("threading", *a)],
        [*rounds("sequential", *b), *rounds("threading", *b[::-1])],
    )
    assert printed(found)
    assert all(make(comparison_document(found)) for make in FORMATS.values())
