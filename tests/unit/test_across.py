"""How cells compare with the same ones under a reference interpreter: which that is, which rounds, and in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import cell, rounds
from made_of_pythons import PACE_S, seven_pythons

from gil_lab.analysis.across_interpreters import Across, across, references
from gil_lab.analysis.estimates import Estimate
from gil_lab.model.records import Flag
from gil_lab.report.text.interpreters import library_threads, missing, sentences

LABELS = ("3.11", "3.13", "3.13t", "3.13t+gil", "3.14", "3.14+switch=0.5ms", "3.14t+gil+switch=1ms", "pypy3.11")


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("3.11", ()),
        ("3.13", ("3.11",)),
        ("3.13t", ("3.13", "3.13t+gil")),
        ("3.13t+gil", ("3.13",)),
        ("3.13t+nogil", ("3.13", "3.13t+gil")),
        ("3.14", ("3.11",)),
        ("3.14+switch=0.5ms", ("3.14",)),
        ("3.13t+gil+switch=1ms", ("3.13t+gil",)),
        ("3.14t", ("3.14",)),
        ("3.15t", ("3.11",)),
        ("pypy3.11", ("3.11",)),
        ("/opt/python", ("3.11",)),
    ],
)
def test_the_reference_is_what_differs_in_one_thing_if_it_was_measured(label, expected):
    """The same version with the lock, the same interpreter without a setting; else the first of the session."""
    assert references(label, LABELS) == expected


def test_two_interpreters_are_not_compared_in_both_directions():
    """Where the first of the session is told against another one, that one is not told against the first."""
    assert references("3.13t", ("3.13t", "3.13")) == ("3.13",)
    assert references("3.13", ("3.13t", "3.13")) == ()
    assert references("3.13t+gil", ("3.13t", "3.13t+gil")) == ()
    assert references("3.13t+gil", ("3.11", "3.13t", "3.13t+gil")) == ("3.11",)


@given(st.lists(st.text("3.1t+gilno=", max_size=12), max_size=6, unique=True), st.text("3.1t+gil", max_size=12))
def test_no_label_is_its_own_reference_and_each_reference_is_there(labels, other):
    """Whatever a file calls its interpreters."""
    for label in (*labels, other):
        found = references(label, labels)
        assert label not in found
        assert set(found) <= set(labels)
        assert len(set(found)) == len(found)


def test_a_cell_is_told_against_each_of_its_references():
    """The build tax of 3.13t, which is a third slower than 3.13, and what its lock costs."""
    made = {(one.cell.strategy, one.cell.interpreter, one.reference): one for one in seven_pythons().across}
    build, lock = made["sequential", "3.13t", "3.13"], made["sequential", "3.13t", "3.13t+gil"]
    assert build.estimate.value == pytest.approx(PACE_S["3.13"] / PACE_S["3.13t"], rel=0.03)
    assert (build.tells_the_build, build.tells_the_lock) == (True, False)
    assert (lock.tells_the_build, lock.tells_the_lock) == (False, True)
    assert made["threading", "3.13t", "3.13t+gil"].estimate.value == pytest.approx(1.9, rel=0.05)
    assert not any(one.cell.interpreter == "3.11" for one in made.values())
    assert ("subinterpreters", "3.14", "3.11") not in made


def under(python, *walls, **changes):
    return rounds("sequential", *walls, cell=cell("sequential", interpreter=python), **changes)


CELLS = [cell("sequential", interpreter=python) for python in ("3.11", "3.14")]


def test_the_rounds_are_paired():
    """A machine that gets slower from round to round costs no precision."""
    (found,) = across([*under("3.11", 1, 2, 4), *under("3.14", 0.5, 1, 2)], CELLS)
    assert found == Across(CELLS[1], "3.11", Estimate(2, 2, 2))


def test_doubtful_rounds_are_left_out():
    """As in speed-ups, on either side."""
    trials = [*under("3.11", 1, 1, 1), *under("3.14", 0.5, 0.5), *under("3.14", 0.5, 0.5, 9)[2:]]
    flagged = [*trials[:-1], *under("3.14", 1, 1, 9, flags=(Flag.DISTURBED,))[2:]]
    assert across(flagged, CELLS)[0].estimate == Estimate(2, 2, 2)
    assert across(trials, CELLS)[0].estimate.low < 1


def test_without_a_common_round_nothing_is_told():
    """Nor without the reference's numbers, nor without trials."""
    assert across([*under("3.11", None, None), *under("3.14", 1, 1)], CELLS) == []
    assert across([*under("3.11", 1), *under("3.14", 1, 2)[1:]], CELLS) == []
    assert across([], CELLS) == across([], []) == []


def told(python, reference, value, low, high, strategy="sequential", **changes):
    return Across(cell(strategy, interpreter=python, **changes), reference, Estimate(value, low, high))


def test_the_build_tax_is_told_as_time():
    """0.78 times as fast is 28 % more time."""
    ((called, sentence),) = sentences(
        [told("3.13t", "3.13", 0.78, 0.75, 0.81), told("3.13t", "3.13", 1.5, 1.4, 1.6, "threading")]
    )
    assert called == "3.13t against 3.13"
    assert sentence == (
        "As fast: sequential 0.780x [0.750, 0.810], threading x2 1.50x [1.40, 1.60]. "
        "The build tax: sequential work takes 28 % more time (if both were compiled alike; "
        "gil-lab pythons lists the flags)."
    )


def test_the_price_of_the_lock_is_told_apart_from_that_of_the_build():
    ((called, sentence),) = sentences([told("3.13t", "3.13t+gil", 1.9, 1.8, 2.0, "threading")])
    assert called == "3.13t against 3.13t+gil"
    assert sentence.endswith("threading x2 1.90x [1.80, 2.00]. The same build, so what differs is the lock.")


@pytest.mark.parametrize(("value", "low", "high"), [(0.9, 0.7, 1.1), (0.9, None, None)])
def test_where_no_difference_is_shown_there_is_no_tax(value, low, high):
    """An interval around 1 and a single round show none."""
    assert "tax" not in sentences([told("3.13t", "3.13", value, low, high)])[0][1]


def test_other_interpreters_pay_no_tax_but_take_time():
    assert sentences([told("pypy3.11", "3.11", 10, 9, 11)])[0][1].endswith(" Sequential work takes 90 % less time.")


def test_sizes_are_told_apart():
    """And no single one of them stands for all in what sequential work takes."""
    ((_, sentence),) = sentences([told("3.14", "3.11", 2, 1.9, 2.1, size=size) for size in (10, 500)])
    assert sentence == "As fast: size 10 sequential 2.00x [1.90, 2.10], size 500 sequential 2.00x [1.90, 2.10]."


def test_workloads_are_told_apart():
    found = sentences([told("3.14", "3.11", 2, 1, 3), told("3.14", "3.11", 2, 1, 3, workload="sha256")])
    assert [sentence.split(":")[0] for _, sentence in found] == ["As fast with primes", "As fast with sha256"]
    assert sentences([]) == []


def test_what_was_not_found_is_told_in_one_line_with_the_reason():
    about = {"missing": {"3.14t": "no Python 3.14t was found; uv python install 3.14t", "pypy": ""}}
    assert missing(about) == "Not measured: 3.14t (no Python 3.14t was found; uv python install 3.14t); pypy."


@pytest.mark.parametrize(
    "about", [{}, {"missing": {}}, {"missing": None}, {"missing": ["3.14t"]}, {"missing": "3.14t"}]
)
def test_nothing_missing_is_nothing_told(about):
    assert missing(about) == ""


@pytest.mark.parametrize("text", ["\x1b[31m", "a\nb", "\u202e", "x" * 10**6])
def test_what_a_file_says_is_missing_cannot_harm_a_terminal(text):
    line = missing({"missing": {text: text, "x": 5, "y": {"z": text}, **{str(number): "" for number in range(99)}}})
    assert line.isprintable()
    assert len(line) < 1000
    assert line.endswith("and 82 more.")


NOT_PASSED_ON = "of your environment is not passed on; use --library-threads N."


@pytest.mark.parametrize(
    ("about", "pythons", "line"),
    [
        ({}, ["3.11"], ""),
        ({"left_out": ["PYTHONPATH"]}, ["3.11"], ""),
        ({"left_out": {"OMP_NUM_THREADS": 1}}, ["3.11"], ""),
        (
            {"left_out": ["OMP_NUM_THREADS", "PYTHONPATH"]},
            ["3.11"],
            f"Libraries used one thread inside each task: OMP_NUM_THREADS {NOT_PASSED_ON}",
        ),
        (
            {"left_out": ["OMP_NUM_THREADS"]},
            ["3.11+threads=4", "3.14+threads=2"],
            "Libraries could use 2 or 4 threads inside each task (+threads=N).",
        ),
        (
            {},
            ["3.11", "3.11+threads=divided", "3.11+threads=uncapped"],
            (
                "Threads of libraries inside each task: one; with +threads=divided: the cores divided by the workers, "
                "+threads=uncapped: as many as they take by themselves."
            ),
        ),
    ],
)
def test_of_threads_of_libraries_a_report_says_what_there_is_to_be_said(about, pythons, line):
    """If a user asked for some, be it in the environment, which is not passed on."""
    assert library_threads(about, pythons) == line
