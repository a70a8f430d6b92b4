"""What numbers say in sentences: of each cell, and of all together."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import cell, changed, failed, summary
from made_summaries import COMPILED, PARALLEL, SEQUENTIAL, sped_up

from gil_lab.analysis.estimates import Estimate
from gil_lab.analysis.summaries import WallTimes
from gil_lab.analysis.verdicts import Verdict
from gil_lab.model.cell_names import full_name, naming
from gil_lab.model.records import Flag, Status
from gil_lab.model.text import number
from gil_lab.report.documents.answer import VERDICT
from gil_lab.report.tables import results as table_columns
from gil_lab.report.text.sentences import (
    flag_lines,
    name,
    restless,
    sentence,
    too_few_rounds,
    unknown_states,
    unseen_gils,
)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (0.00123, "0.00123"),
        (0.0123, "0.0123"),
        (0.5, "0.500"),
        (0.998, "0.998"),
        (1, "1.00"),
        (1.05, "1.05"),
        (1.934, "1.93"),
        (9.99, "9.99"),
        (12.34, "12.3"),
        (99.9, "99.9"),
        (100, "100"),
        (182.9, "183"),
        (12345.6, "12346"),
        (-1.934, "-1.93"),
        (2e-6, "0.00000200"),
    ],
)
def test_numbers_have_three_significant_digits(value, shown):
    """Zeros in front do not count, whole digits are all shown, and there is no exponent."""
    assert number(value) == shown


@given(st.floats(1e-6, 1e6))
def test_a_shown_number_is_the_number(value):
    """To half a unit of its third digit."""
    shown = number(value)
    assert re.fullmatch(r"[0-9]+(\.[0-9]+)?", shown)
    assert float(shown) == pytest.approx(value, rel=0.005)


# Sentences


@pytest.mark.parametrize(
    ("verdict", "in_flight", "cores_busy", "told"),
    [
        (Verdict.ONE_AT_A_TIME, 1.0, 1.0, "1.0 task in flight, 1.0 core busy: one at a time."),
        (
            Verdict.CONCURRENT,
            2.0,
            1.04,
            "2.0 tasks in flight (50 % running, 50 % blocked), 1.0 core busy: concurrent, not parallel.",
        ),
        (
            Verdict.WAITING,
            7.9,
            0.02,
            "7.9 tasks in flight (50 % running, 50 % blocked), 0.0 cores busy: waiting together: concurrent, and no",
        ),
        (Verdict.PARALLEL, 2.0, 1.9, "2.0 tasks in flight (50 % running, 50 % blocked), 1.9 cores busy: parallel."),
    ],
)
def test_each_verdict_has_its_words(verdict, in_flight, cores_busy, told):
    """First what was seen, then what that is called."""
    seen = {"verdict": verdict, "in_flight": in_flight, "cores_busy": cores_busy}
    assert sentence(summary(**seen)).startswith(told)


def test_only_states_worth_telling_are_told():
    """Less than a twentieth of the time is left out; so are all three where the system does not tell them apart."""
    told = sentence(summary(running_share=0.24, ready_share=0.04, blocked_share=0.72))
    assert "in flight (24 % running, 72 % blocked)," in told
    assert "in flight," in sentence(summary(running_share=0.24, ready_share=None, blocked_share=None))


def test_an_empty_column_of_states_has_its_reason():
    """A student asks why it is empty; where none is, nothing is said."""
    assert unknown_states([summary(), failed()]) == ""
    assert "does not report how long a thread waited" in unknown_states(
        [summary(), summary(ready_share=None, blocked_share=None)]
    )


def test_a_gil_that_nobody_saw_has_its_reason():
    """Where one was seen, or there was none, nothing is said; of several reasons one stands for the others."""
    hidden = summary(gil=True, gil_unknown="it is hidden")
    assert unseen_gils([hidden, hidden]) == "Who held the GIL is not known: it is hidden."
    assert unseen_gils([hidden, summary(gil=True, gil_held_share=0.9)]) == ""
    assert unseen_gils([summary(gil=False, gil_unknown="this Python has no GIL")]) == ""
    assert unseen_gils([summary(gil=True), failed()]) == ""
    several = unseen_gils([hidden, summary(gil=True, gil_unknown="too short")])
    assert several == "Who held the GIL is not known: it is hidden; other reasons are in summary.csv."


def test_a_too_few_rounds_is_told():
    """There are no intervals then, whatever the cell; a failed one has no round at all."""
    assert too_few_rounds([summary(trials=1), failed()], "more --rounds").startswith("One round")
    assert too_few_rounds([summary(trials=1), summary(trials=2)], "more --rounds") == ""
    assert too_few_rounds([failed()], "more --rounds") == too_few_rounds([], "more --rounds") == ""


def test_delays_of_a_heartbeat_are_told():
    """In milliseconds."""
    told = sentence(summary(delay_s=0.0051, delay_p99_s=0.0103, delay_max_s=0.021))
    assert told.endswith(" A heartbeat beside it came 5.10 ms late (median), 99 % within 10.3 ms, at worst 21.0 ms.")
    assert "heartbeat" not in sentence(summary())


def test_what_a_further_worker_costs_is_told():
    told = sentence(summary(further_worker_s=0.0123, further_worker_bytes=7.9e6))
    assert told.endswith(" Marginal cost per worker: 12.3 ms and 7.90 MB.")
    assert sentence(summary(further_worker_s=0.0123)).endswith(" Marginal cost per worker: 12.3 ms.")
    assert "further" not in sentence(summary())


def test_cells_are_called_by_their_interpreter_only_where_there_are_several():
    one, other = cell(), cell(interpreter="3.13t")
    assert [naming([one])(one), naming([one, other])(one), full_name(other)] == [
        "threading x2",
        "threading x2 under 3.11",
        "threading x2 under 3.13t",
    ]


def test_what_is_true_of_several_cells_is_said_once():
    """With the work and its size where there are several, and of all of them in one word."""
    flags = (Flag.DISTURBED,)
    small, large, other = cell(size=1), cell("joblib", size=2), cell(workload="sleep")
    fine = summary(cell=cell("asyncio", size=2))
    found = flag_lines([summary(cell=one, flags=flags) for one in (small, large, other)] + [fine])
    named = "primes size 1 threading x2, primes size 2 joblib x2, sleep size 6500 threading x2"
    assert found == [f"{named}: too few rounds without a flag (disturbed)."]
    assert flag_lines([summary(cell=one, flags=flags) for one in (small, large, other)]) == [
        "all 3 cells: too few rounds without a flag (disturbed)."
    ]
    pythons = [summary(cell=cell(interpreter=python), flags=flags) for python in ("3.11", "3.13t")]
    fine = summary(cell=cell("asyncio"))
    assert flag_lines([*pythons, fine]) == [
        "threading x2 under 3.11, 3.13t: too few rounds without a flag (disturbed)."
    ]


def test_a_gil_that_came_back_is_told_with_the_module():
    """And without one where Python did not name it; the other flags have no module."""
    flags = (Flag.GIL_REENABLED, Flag.DISTURBED)
    assert flag_lines([summary(flags=flags, gil_enabled_by="_foo")]) == [
        "threading x2: too few rounds without a flag (gil-reenabled by _foo, disturbed)."
    ]
    assert flag_lines([summary(flags=flags[:1], trials=3, used=2)]) == [
        "threading x2: 1 of 3 rounds left out (gil-reenabled)."
    ]


def test_every_verdict_has_words():
    """None is forgotten."""
    assert len({sentence(summary(verdict=verdict)) for verdict in Verdict}) == len(Verdict)


@given(st.floats(0.5, 2), st.floats(0.5, 2), st.floats(0.5, 2))
def test_no_difference_is_told_exactly_if_the_interval_holds_one(one, two, three):
    """In the sentence, unknown_states, and by a tilde in the table."""
    low, value, high = sorted((one, two, three))
    holds = low <= 1 <= high
    assert ("no difference seen" in sentence(sped_up(value, low, high))) == holds
    assert ("~" in table_columns.ratio(Estimate(value, low, high))) == holds


@pytest.mark.parametrize("value", [0.5, 1, 2])
def test_one_round_tells_no_difference_and_no_interval(value):
    """Without an interval there is nothing that could hold 1."""
    told = sentence(sped_up(value, None, None))
    assert f"Speed-up {number(value)}x." in told
    assert table_columns.ratio(Estimate(value, None, None)) == number(value)


def test_a_speedup_is_told_with_its_interval():
    """Value, low, high, each with three digits."""
    assert "Speed-up 1.93x [1.90, 1.97]." in sentence(PARALLEL)


def test_a_compiled_speedup_is_taken_apart():
    """What compilation brought times what running at the same time brought: 8 times 1.93 make 15.4."""
    told = sentence(COMPILED)
    assert "Speed-up 15.4x [15.2, 15.8] = compiled 8.00x times parallel 1.93x [1.90, 1.97]." in told


def test_compiled_threads_that_bring_nothing_are_told_so():
    """Compilation alone can make fifteen times; then the interval of the parallel part holds 1."""
    told = sentence(changed(COMPILED, parallel_speedup=0.99, parallel_speedup_low=0.95, parallel_speedup_high=1.04))
    assert "compiled 15.6x times parallel 0.990x [0.950, 1.04]: no difference seen." in told


@pytest.mark.parametrize("one", [SEQUENTIAL, PARALLEL, sped_up(8, 7.9, 8.1, (1, 1, 1), "numba-sequential")])
def test_other_speedups_are_not_taken_apart(one):
    """A reference and what is written in the reference's form have only one part."""
    assert "compiled" not in sentence(one)


def test_sequential_work_has_no_speedup():
    """It is what speed-ups are told against."""
    assert "Speed-up" not in sentence(SEQUENTIAL)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.0532, " Pays from 53.2 ms of sequential work on."),
        (0.0, " Pays from 0 µs of sequential work on."),
        (None, ""),
    ],
)
def test_it_is_told_from_when_on_a_strategy_pays(seconds, told):
    """If it ever does."""
    assert sentence(replace(PARALLEL, break_even_s=seconds)).endswith("1.97]." + told)


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.OK])
def test_a_failed_cell_is_its_status_and_reason(status):
    """There is nothing else to say."""
    assert sentence(failed(status=status, detail="it broke")) == f"{status}: it broke"


def test_a_partly_failed_cell_tells_both():
    """What the other rounds said, and that some failed."""
    told = sentence(replace(PARALLEL, status=Status.CRASHED, detail="SIGSEGV before its result"))
    assert told.startswith("2.0 tasks in flight")
    assert told.endswith(" Some rounds failed: crashed: SIGSEGV before its result")


def test_a_cell_is_named_with_its_workers():
    """Unless it has one."""
    assert (name(summary("joblib")), name(SEQUENTIAL)) == ("joblib x2", "sequential")


def test_rounds_that_were_left_out_are_told():
    """How many of how many, and why."""
    flagged = summary(trials=5, used=3, flags=(Flag.DISTURBED, Flag.SERIAL_FALLBACK))
    assert flag_lines([SEQUENTIAL, flagged]) == ["threading x2: 2 of 5 rounds left out (disturbed, serial-fallback)."]


@pytest.mark.parametrize(
    ("value", "shown"), [(9.999, "10.0"), (99.96, "100"), (0.9996, "1.00"), (1e-10, "0"), (12345.6, "12346")]
)
def test_numbers_that_round_up_keep_three_digits(value, shown):
    """Ten is 10.0 whether it was rounded or not."""
    assert number(value) == shown


def test_who_was_awake_during_the_turns_of_others_is_named():
    """Though its own numbers are fine."""
    spinning = summary("threading", flags=(Flag.RESTLESS,))
    assert restless([summary("sequential"), spinning]).startswith("threading x2 used CPU time while others")
    assert restless([summary("sequential")]) == ""


@pytest.mark.parametrize(("in_flight", "said"), [(0.014, True), (0.49, True), (0.5, False), (1.9, False)])
def test_short_tasks_get_the_reason_that_handing_over_takes_longer(in_flight, said):
    """While a task runs one is in flight at least, so that no uneven tasks are mistaken for it."""
    short = replace(cell("multiprocessing"), tasks=5000)
    text = sentence(summary(cell=short, in_flight=in_flight, wall=WallTimes(0.55, 0.5, 0.6)))
    assert ("and one is completed every 110 µs: make tasks larger, so that fewer" in text) is said
    assert ("A task takes 1.54 µs" in text) is (in_flight == 0.014)


def test_work_that_the_inputs_started_is_not_called_waiting_without_a_core():
    """A pool that is opened in `inputs` is a service: its CPU time is not the strategy's, and does not vanish."""
    text = sentence(summary(verdict=Verdict.WAITING, cores_busy=0.0, service_cores_busy=1.9))
    assert "waiting together for the processes that its inputs started, which kept 1.9 cores busy." in text
    assert "no core is needed" in sentence(summary(verdict=Verdict.WAITING, cores_busy=0.0, service_cores_busy=0.1))


def test_parallel_work_that_is_slower_is_not_just_called_parallel():
    """In a sentence as in the table; one that may be as fast as sequential work is."""
    estimates = Estimate(0.5, 0.4, 0.6), Estimate(0.9, 0.8, 1.1)
    slower, same = (summary(speedup=estimate, verdict=Verdict.PARALLEL) for estimate in estimates)
    assert "parallel, but slower than sequential." in sentence(slower)
    assert "slower" not in sentence(same)
    assert (VERDICT.text(slower), VERDICT.text(same)) == ("parallel, slower", "parallel")


@pytest.mark.parametrize(("cpu_ratio", "cpu_s", "said"), [(1.02, 0.3, False), (3.5, 0.3, True), (3.5, 1e-4, False)])
def test_a_cell_that_needs_much_more_cpu_time_gets_a_reason(cpu_ratio, cpu_s, said):
    """From what was measured; hardly any CPU time is not compared."""
    text = sentence(summary(cpu_ratio=cpu_ratio, cpu_s=cpu_s))
    assert "CPU time" not in sentence(summary(cpu_ratio=cpu_ratio, cpu_s=cpu_s, verdict=Verdict.WAITING))
    assert ("It needs 3.50 times the CPU time of the same work in turn: workers contend" in text) is said


@pytest.mark.parametrize(
    ("gain", "cpu_ratio", "said"),
    [
        (Estimate(3.0, 2.9, 3.1), 0.65, True),
        (Estimate(3.0, 1.9, 4.5), 0.65, False),  # its interval reaches down to what two cores bring
        (Estimate(1.9, 1.8, 2.0), 0.98, False),
    ],
)
def test_a_cell_that_gains_more_than_its_cores_bring_gets_a_reason(gain, cpu_ratio, said):
    """Two cores that are three times as fast as one puzzle a class; of what only waits nothing is said."""
    text = "It gains more than its cores bring, for it needs 0.650 times the CPU time of the same work in turn"
    parallel = summary(parallel_speedup=gain, cpu_ratio=cpu_ratio, cores_busy=1.9)
    assert (text in sentence(parallel)) is said
    assert text not in sentence(replace(parallel, cores_busy=0.05))


@pytest.mark.parametrize(
    ("changes", "end"),
    [
        ({"verdict": Verdict.SHORT_OF_CORES, "cores_wanted": 7.4}, ": parallel, short of cores (it wanted 7.4)."),
        ({"verdict": Verdict.SHORT_OF_CORES}, ": parallel, short of cores."),
        ({"verdict": Verdict.INCONCLUSIVE, "other_cores_busy": 1.31}, ": inconclusive: others kept 1.3 cores busy."),
        ({"verdict": Verdict.INCONCLUSIVE, "other_cores_busy": 0.0}, ": inconclusive: there was no further core."),
        ({"verdict": Verdict.CONCURRENT, "other_cores_busy": 1.31}, ": concurrent, not parallel."),
    ],
)
def test_a_verdict_without_room_says_what_was_wanted_or_who_had_the_cores(changes, end):
    """Others are named only where they are the reason."""
    assert end in sentence(summary(**changes))


@pytest.mark.parametrize(("held", "said"), [(40_000_000, True), (None, False)])
def test_the_memory_of_a_cell_is_shown(held, said):
    """That of all its processes together, where it is known."""
    assert sentence(summary(pss_bytes=held)).endswith(" Memory: 40.0 MB.") is said


@pytest.mark.parametrize(
    ("work", "said"),
    [
        ({"workload": "mine", "size": 1}, False),
        ({"workload": "mine", "size": 7}, True),
        ({"workload": "sleep", "size": 1}, True),  # a millisecond
    ],
)
def test_the_size_of_tasks_that_have_none_is_not_shown(work, said):
    """A user's function is called with its inputs, and 1 is what stands for their size in files."""
    assert ("size " in table_columns.title([summary(cell=replace(cell(), **work))])) is said
