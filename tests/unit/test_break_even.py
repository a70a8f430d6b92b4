"""The break-even size: between which two measured sizes a way of running begins, or ceases, to pay."""

from dataclasses import replace

import pytest
from made_of_cells import measured, sequential

from gil_lab.analysis.break_even import by_way, by_work, crossings, pays
from gil_lab.model.records import Flag
from gil_lab.report.documents.answer import words
from gil_lab.report.tables.size_units import sized
from gil_lab.report.text import break_even

FASTER, SLOWER, UNSEEN = (1.7, 1.72, 1.71), (0.5, 0.51, 0.52), (0.9, 1.0, 1.1)


def way(gains, strategy="multiprocessing", workload="send", **changes):
    """A cell for each size, from 1 kB on, each ten times the size before."""
    return [
        measured(
            strategy, 2, overall=gain, work={"workload": workload, "size": 10 ** (3 + place), "tasks": 8}, **changes
        )
        for place, gain in enumerate(gains)
    ]


def alone(count):
    return [sequential(work={"workload": "send", "size": 10 ** (3 + place), "tasks": 8}) for place in range(count)]


def sizes(gains):
    return [(each.below.cell.size, each.above.cell.size, each.begins) for each in crossings(way(gains))]


@pytest.mark.parametrize(
    ("gains", "found"),
    [
        ([FASTER, FASTER, SLOWER], [(10_000, 100_000, False)]),
        ([SLOWER, FASTER], [(1_000, 10_000, True)]),
        ([FASTER, UNSEEN, UNSEEN, SLOWER], [(1_000, 1_000_000, False)]),
        ([FASTER, SLOWER, FASTER], [(1_000, 10_000, False), (10_000, 100_000, True)]),
        ([FASTER, FASTER, UNSEEN], []),
        ([UNSEEN, UNSEEN], []),
    ],
)
def test_it_lies_between_two_sizes_of_which_the_contrary_is_known(gains, found):
    """What is not known of a size in between leaves the gap as wide; nothing is said beyond the last known one."""
    assert sizes(gains) == found


def test_one_round_shows_nothing():
    """Without an interval it is not known whether a size pays."""
    assert sizes([(1.7,), (0.5,)]) == []


def test_a_flagged_cell_shows_nothing():
    """Nor does one whose reference is."""
    (cell,) = way([FASTER])
    assert pays(cell) is True
    assert pays(replace(cell, flags=(Flag.DISTURBED,))) is None
    assert pays(replace(cell, speedup=replace(cell.speedup, flagged=True))) is None


def test_ways_are_told_apart_by_all_but_the_size():
    """And those of one size are none."""
    rows = [*way([FASTER, SLOWER]), *way([FASTER, FASTER], workload="send+shared"), *way([FASTER], "threading")]
    assert [[row.cell.size for row in each] for each in by_way(rows)] == [[1_000, 10_000]] * 2
    assert [len(ways) for ways in by_work([*rows, *way([FASTER, SLOWER], workload="primes")])] == [2, 1]


def test_cells_without_numbers_are_no_part_of_a_way():
    """Such as one for which there was no memory."""
    rows = way([FASTER, FASTER, SLOWER])
    rows[1] = replace(rows[1], wall=None)
    assert [[row.cell.size for row in each] for each in by_way(rows)] == [[1_000, 100_000]]


@pytest.mark.parametrize(
    ("gains", "said"),
    [
        ([FASTER, FASTER, SLOWER], "ceases to pay between 10 kB and 100 kB"),
        ([SLOWER, FASTER], "begins to pay between 1 kB and 10 kB"),
        ([FASTER, SLOWER, FASTER], "ceases to pay between 1 kB and 10 kB, begins to pay between 10 kB and 100 kB"),
        ([FASTER, FASTER, UNSEEN], "pays at 1 kB to 10 kB"),
        ([SLOWER, SLOWER], "does not pay at 1 kB to 10 kB"),
        ([UNSEEN, FASTER], "pays at 10 kB"),
        ([UNSEEN, UNSEEN], "not known to pay or not"),
    ],
)
def test_a_verdict_names_measured_sizes_only(gains, said):
    """Those at which it is known."""
    assert break_even.verdict(way(gains)) == said


@pytest.mark.parametrize(
    ("size", "unit", "said"),
    [
        (1, "bytes", "1 B"),
        (2_500, "bytes", "2.5 kB"),
        (100_000_000, "bytes", "100 MB"),
        (10**9, "bytes", "1 GB"),
        (2500, "numbers", "2500 numbers"),
        (7, "", "7"),
    ],
)
def test_sizes_have_their_unit(size, unit, said):
    """Bytes have prefixes of powers of ten; a user's own sizes have none that is known."""
    assert sized(size, unit) == said


def test_the_answer_says_each_verdict_once_with_those_it_is_true_of():
    """Instead of the fastest at each size, and first those that pay at most sizes; sequential work is none of them."""
    rows = [
        *alone(2),
        *way([FASTER, SLOWER]),
        *way([FASTER, FASTER], "threading"),
        *way([FASTER, FASTER], workload="send+shared"),
    ]
    assert " ".join(words(rows, [])) == (
        "Pays at 1 kB to 10 kB: threading x2, multiprocessing x2 +shared. "
        "Ceases to pay between 1 kB and 10 kB: multiprocessing x2."
    )


def test_sessions_of_one_size_are_answered_as_before():
    """By the fastest."""
    assert "fastest" in " ".join(words([*alone(1), *way([FASTER])], []))
    assert break_even.lines([*alone(1), *way([FASTER])]) == []
