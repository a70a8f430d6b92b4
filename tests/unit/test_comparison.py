"""Two sessions side by side: what is paired, what is ranked, in which direction, and what is refused."""

import pytest
from made import row
from two_sessions import FREE_THREADED, OTHER_MACHINE, WALLS, about, compared, paced, rounds, side

from gil_lab.analysis.comparison import NothingToCompareError, compare
from gil_lab.analysis.comparison.both import Both
from gil_lab.analysis.comparison.cells import Finding
from gil_lab.analysis.comparison.paces import State
from gil_lab.analysis.comparison.rows import ComparisonRow, comparison_row
from gil_lab.analysis.verdicts import Verdict
from gil_lab.model.records import Flag, Status
from gil_lab.sessions.csv_table import columns, values


def only(comparison):
    """The one cell that there is."""
    (found,) = comparison.cells
    return found


# What is ranked


def test_the_same_values_show_no_difference():
    """The ratio is 1, and the interval holds it."""
    found = only(compared(rounds("threading", *WALLS), rounds("threading", *WALLS)))
    assert found.finding is Finding.NO_DIFFERENCE
    assert found.wall_ratio.value == 1
    assert found.wall_ratio.low < 1 < found.wall_ratio.high


@pytest.mark.parametrize(
    ("factor", "finding", "ratio"), [(0.5, Finding.FASTER, 2), (2, Finding.SLOWER, 0.5), (1, Finding.NO_DIFFERENCE, 1)]
)
def test_a_ratio_above_one_means_that_b_is_faster(factor, finding, ratio):
    """Wall time of A over that of B."""
    found = only(compared(rounds("threading", *WALLS), rounds("threading", *(factor * wall for wall in WALLS))))
    assert (found.finding, found.wall_ratio.value) == (finding, pytest.approx(ratio))


@pytest.mark.parametrize(
    ("a", "b", "sides"), [((0.25,), WALLS, "A"), (WALLS, (0.25,), "B"), ((0.25,), (0.5,), "A and B")]
)
def test_single_rounds_are_not_ranked(a, b, sides):
    """Whatever they are; the cells stay side by side, and the note says what to do."""
    found = only(compared(rounds("threading", *a), rounds("threading", *b)))
    assert (found.finding, found.wall_ratio, found.a.wall_s) == (Finding.NOT_RANKED, None, 0.25)
    assert found.note == f"a single round in {sides}; use more --rounds"


def test_doubtful_rounds_are_left_out():
    """The ratio comes from the others, and the note tells how many."""
    b = [*rounds("threading", *WALLS), *rounds("threading", 9.0, flags=(Flag.DISTURBED,))]
    found = only(compared(rounds("threading", *WALLS), b))
    assert (found.wall_ratio.value, found.a.used, found.b.used) == (1, 3, 3)
    assert found.note == "1 of 4 rounds of B left out (disturbed)"


def test_where_every_round_is_doubtful_the_note_says_so():
    """As in the report of one session, they are used."""
    found = only(compared(rounds("threading", *WALLS, flags=(Flag.DISTURBED,)), rounds("threading", *WALLS)))
    assert (found.wall_ratio.value, found.note) == (1, "too few rounds of A are without a flag (disturbed)")


def test_drifted_rounds_are_used():
    """They hit all cells alike, and widen the interval."""
    found = only(compared(rounds("threading", *WALLS, flags=(Flag.DRIFTED,)), rounds("threading", *WALLS)))
    assert (found.a.used, found.note) == (3, "")


def test_verdicts_and_what_they_come_from_stand_beside_each_other():
    """In flight, cores busy, verdict, of A and of B."""
    found = only(compared(rounds("threading", *WALLS), rounds("threading", *WALLS, cores_busy=1.97)))
    assert found.both(lambda summary: summary.verdict) == Both(Verdict.CONCURRENT, Verdict.PARALLEL)
    assert found.both(lambda summary: summary.in_flight) == Both(2, 2)
    assert found.both(lambda summary: summary.cores_busy) == Both(1, 1.97)


# The machine's pace


@pytest.mark.parametrize(
    ("pace_s", "state"), [(0.02, State.SAME), (0.0219, State.SAME), (0.0221, State.OTHER), (0.0181, State.OTHER)]
)
def test_a_machine_is_in_another_state_if_its_pace_is_off_by_more_than_a_tenth(pace_s, state):
    """Slower or faster."""
    found = compared(rounds("threading", *WALLS), paced(rounds("threading", *WALLS), pace_s))
    assert found.paces.state is state


def test_in_another_state_speedups_are_ranked_and_wall_times_are_not():
    """All of B took half as much again; joblib took three times as long, so its speed-up is half of what it was."""
    a = [*rounds("sequential", 0.3, 0.31, 0.29), *rounds("threading", 0.3, 0.3, 0.3), *rounds("joblib", 0.1, 0.1, 0.1)]
    b = [
        *rounds("sequential", 0.45, 0.46, 0.44),
        *rounds("threading", 0.45, 0.45, 0.45),
        *rounds("joblib", 0.3, 0.3, 0.3),
    ]
    sequential, threads, processes = compared(a, paced(b, 0.03)).cells
    assert [one.wall_ratio for one in (sequential, threads, processes)] == [None] * 3
    assert (threads.finding, processes.finding) == (Finding.NO_DIFFERENCE, Finding.SMALLER_SPEEDUP)
    assert processes.speedup_ratio.value == pytest.approx(0.5, rel=0.02)
    assert (processes.a.speedup.value, processes.b.speedup.value) == (
        pytest.approx(3, rel=0.02),
        pytest.approx(1.5, rel=0.02),
    )
    assert (sequential.finding, sequential.note) == (Finding.NOT_RANKED, "the speed-ups are measured against it")
    swapped = compared(paced(b, 0.03), a).cells[2]
    assert (swapped.finding, swapped.speedup_ratio.value) == (
        Finding.GREATER_SPEEDUP,
        pytest.approx(1 / processes.speedup_ratio.value),
    )


def test_in_another_state_a_cell_without_a_speedup_is_not_ranked():
    """There is nothing left that the state does not touch."""
    found = only(compared(rounds("threading", *WALLS), paced(rounds("threading", *WALLS), 0.03)))
    assert (found.finding, found.wall_ratio) == (Finding.NOT_RANKED, None)
    assert found.note == "no speed-up in A and B: no round has a sequential cell beside it"


def test_in_another_state_the_speedup_of_a_single_round_is_not_ranked():
    """It has no interval."""
    a = [*rounds("sequential", *WALLS), *rounds("threading", *WALLS)]
    b = [*rounds("sequential", 0.4), *rounds("threading", *WALLS)]
    threads = compared(a, paced(b, 0.03)).cells[1]
    assert threads.finding is Finding.NOT_RANKED
    assert threads.note == "the speed-up of a single round in B; use more --rounds"


def test_between_two_machines_wall_times_are_the_question():
    """However different their paces; both speed-ups are there too."""
    b = paced([*rounds("sequential", 0.1, 0.1, 0.1), *rounds("threading", 0.05, 0.05, 0.05)], 0.005)
    found = compared(
        [*rounds("sequential", 0.25, 0.25, 0.25), *rounds("threading", *WALLS)], b, about_b=about(machine=OTHER_MACHINE)
    )
    assert found.paces.state is State.OTHER_MACHINE
    assert found.paces.ratio == 4
    threads = found.cells[1]
    assert (threads.finding, threads.wall_ratio.value) == (Finding.FASTER, pytest.approx(5))
    assert (threads.a.speedup.value, threads.b.speedup.value) == (pytest.approx(1), pytest.approx(2))


def test_where_the_machine_is_not_told_unequal_paces_forbid_a_ranking():
    """It may be one machine in two states."""
    found = compared(rounds("threading", *WALLS), paced(rounds("threading", *WALLS), 0.03), {}, {})
    assert (found.paces.same_machine, found.paces.state) == (None, State.OTHER)
    assert compared(rounds("threading", *WALLS), rounds("threading", *WALLS), {}, {}).paces.state is State.SAME


def test_paces_of_two_pythons_say_nothing_of_the_machine():
    """The spin is a loop in Python. Wall times are ranked: the interpreters are the question."""
    b = paced(rounds("threading", 0.1, 0.1, 0.1, of={"interpreter": "3.14t"}), 0.03)
    found = compared(rounds("threading", *WALLS), b, about_b=about(interpreters={"3.14t": FREE_THREADED}))
    assert found.paces.state is State.UNKNOWN
    assert only(found).finding is Finding.FASTER


def test_paces_of_nothing_are_not_told():
    """A file can hold zeros."""
    found = compared(paced(rounds("threading", *WALLS), 0.0), rounds("threading", *WALLS))
    assert (found.paces.a_s, found.paces.state) == (None, State.UNKNOWN)


def test_only_the_trials_that_are_compared_tell_the_pace():
    """Another cell may have been measured an hour later."""
    b = [*rounds("threading", *WALLS), *paced(rounds("joblib", *WALLS), 0.1)]
    assert compared(rounds("threading", *WALLS), b).paces.state is State.SAME


# What is paired


def test_cells_are_paired_by_all_that_they_are():
    """Workload, strategy and workers; the rest is listed with its reason, in the order of A and then of B."""
    a = [
        *rounds("threading", *WALLS),
        *rounds("threading", *WALLS, of={"workers": 4}),
        *rounds("threading", *WALLS, of={"workload": "sha256"}),
    ]
    b = [*rounds("threading", *WALLS), *rounds("joblib", *WALLS)]
    found = compared(a, b)
    assert [(one.cell.workload, one.cell.strategy, one.cell.workers, one.note) for one in found.cells] == [
        ("primes", "threading", 2, ""),
        ("primes", "threading", 4, "only in A"),
        ("sha256", "threading", 2, "only in A"),
        ("primes", "joblib", 2, "only in B"),
    ]
    assert [len(found.compared), len(found.not_compared)] == [1, 3]
    assert (comparison_row(found.cells[1]).interpreters, comparison_row(found.cells[1]).wall_s) == (
        Both("3.11", None),
        Both(None, None),
    )


def test_other_work_is_not_ranked():
    """A cell of other tasks or another size is beside its counterpart, once, with both amounts."""
    a = [*rounds("threading", *WALLS), *rounds("joblib", *WALLS, of={"size": 1000})]
    b = [*rounds("threading", *WALLS), *rounds("joblib", *WALLS, of={"tasks": 64, "size": 500})]
    _, other = compared(a, b).cells
    assert (other.finding, other.wall_ratio) == (Finding.NOT_COMPARED, None)
    assert other.note == "other work: 32 tasks of size 1000 in A against 64 of size 500 in B"
    assert other.both(lambda summary: (summary.cell.tasks, summary.cell.size)) == Both((32, 1000), (64, 500))


def test_the_same_work_is_paired_before_other_work():
    """A did two sizes and B the second one."""
    a = [*rounds("threading", *WALLS, of={"size": 1000}), *rounds("threading", *WALLS, of={"size": 2000})]
    found = compared(a, rounds("threading", *WALLS, of={"size": 2000}))
    sizes = [(one.both(lambda summary: summary.cell.size), one.note) for one in found.cells]
    assert sizes == [(Both(2000, 2000), ""), (Both(1000, None), "only in A")]


def test_one_interpreter_against_another_one_is_the_question():
    """Cells pair across them."""
    found = only(compared(rounds("threading", *WALLS), rounds("threading", *WALLS, of={"interpreter": "3.14t"})))
    assert (found.a.cell.interpreter, found.b.cell.interpreter, found.compared) == ("3.11", "3.14t", True)


def test_with_several_interpreters_each_is_paired_with_itself():
    """Also if the other session has only one."""
    b = [*rounds("threading", *WALLS, of={"interpreter": "3.14t"}), *rounds("threading", *WALLS)]
    found = compared(rounds("threading", *WALLS), b)
    assert [comparison_row(one).interpreters for one in found.cells] == [Both("3.11", "3.11"), Both(None, "3.14t")]


def test_a_cell_that_failed_in_one_session_is_listed_with_its_status():
    """And with the reason; it has no numbers to compare."""
    a = [*rounds("threading", *WALLS), *rounds("joblib", *WALLS)]
    b = [*rounds("threading", *WALLS), row("joblib", None, status=Status.TIMEOUT, detail="not done after 60 s")]
    _, failed = compared(a, b).cells
    assert (failed.finding, failed.note) == (Finding.NOT_COMPARED, "timeout in B: not done after 60 s")
    assert (failed.a.status, failed.b.status) == (Status.OK, Status.TIMEOUT)


def test_a_cell_of_which_some_rounds_failed_is_compared_with_a_note():
    """What is left may be the lucky ones."""
    b = [*rounds("threading", *WALLS), row("threading", None, status=Status.CRASHED, detail="SIGSEGV", round=4)]
    found = only(compared(rounds("threading", *WALLS), b))
    assert (found.finding, found.note) == (Finding.NO_DIFFERENCE, "some rounds of B failed: crashed: SIGSEGV")


# Refusals


def refusal(a, b):
    with pytest.raises(NothingToCompareError) as caught:
        compare(a, b)
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_session_is_not_compared_with_itself(tmp_path):
    """By whatever name."""
    (tmp_path / "link").symlink_to(tmp_path)
    trials = rounds("threading", *WALLS)
    assert "the same session" in refusal(side(tmp_path, trials), side(tmp_path / "link", trials))


@pytest.mark.parametrize(
    ("a", "b", "told"),
    [
        (
            rounds("threading", *WALLS),
            rounds("threading", *WALLS, of={"workload": "sleep"}),
            "no cell in common: primes x2 under 3.11 in A, sleep x2 under 3.11 in B; measure the same experiment",
        ),
        (
            rounds("threading", *WALLS),
            rounds("threading", *WALLS, of={"size": 1}),
            "other work: 32 tasks of size 6500 in A against 32 of size 1 in B; measure both with the same --tasks",
        ),
        (
            rounds("threading", *WALLS),
            [row("threading", None, detail="no module x")],
            "no cell was ok in both, as threading: error in B: no module x; see gil-lab report",
        ),
        ([], rounds("threading", *WALLS), "A has no trials"),
        (rounds("threading", *WALLS), [], "B has no trials"),
    ],
)
def test_sessions_with_nothing_in_common_are_refused_in_one_line(a, b, told):
    """What differs, and the next step."""
    assert told in refusal(side("a", a), side("b", b))


def test_a_row_of_a_comparison_has_the_numbers_of_both():
    """In columns of their own, A before B."""
    (cell,) = compared(rounds("threading", *WALLS), rounds("threading", *WALLS)).cells
    by_column = dict(zip(columns(ComparisonRow), values(comparison_row(cell)), strict=True))
    assert len(by_column) == 35
    assert (by_column["rounds_a"], by_column["rounds_b"], by_column["wall_ratio"]) == (3, 3, 1)
