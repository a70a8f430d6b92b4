"""Tables and sentences in a terminal of any width; data is never taken for markup."""

import math
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import cell, changed, failed, summary
from made_summaries import COMPILED, EVERY, MARKUP, PARALLEL, SEQUENTIAL, sped_up

from gil_lab.analysis.estimates import Estimate
from gil_lab.cli.terminal.screen import Screen
from gil_lab.model.records import COUNTED_FLAGS, Flag, Status
from gil_lab.report.documents.session import as_text, tables, verdicts
from gil_lab.report.tables import results as table_columns
from gil_lab.report.tables.as_rich import as_rich
from gil_lab.report.tables.table import signs
from gil_lab.report.text.sentences import flag_lines, name, sentence


def printed(parts, width=80):
    """What a command prints, on a terminal of this width."""
    screen = Screen()
    screen.width = width
    with screen.capture() as captured:
        for part in as_rich(parts):
            screen.print(part)
    return captured.get()


# Numbers


def test_a_cell_with_nothing_but_doubtful_rounds_is_told_and_marked():
    """Its numbers are shown, with a star."""
    flagged = summary(flags=(Flag.IMPOSSIBLE,))
    assert flag_lines([flagged]) == ["threading x2: too few rounds without a flag (impossible)."]
    assert table_columns.strategy(flagged) == "threading*"
    assert table_columns.strategy(summary(trials=3, used=2, flags=(Flag.DISTURBED,))) == "threading"


# Cells of the table


@pytest.mark.parametrize(
    ("estimate", "shown"),
    [
        (Estimate(1.93, 1.9, 1.97), "1.93 ±2%"),
        (Estimate(2, 2, 2), "2.00 ±0%"),
        (Estimate(1.01, 0.9, 1.1), "~1.01 ±11%"),
        (Estimate(1.9, 1.5, 1.92), "1.90 ±21%"),
        (Estimate(12345.6, 12000, 13000), "12346 ±5%"),
        (Estimate(1.2, 0.604, 2.384), "~1.20 ±99%"),
        (Estimate(1.2, 0.6, 2.4), "~0.60 to 2.4"),
        (Estimate(4, 1.5, 13.5), "1.5 to 14"),
        (Estimate(500, 20, 12345), "20 to 12345"),
        (Estimate(0.9, 0.1, 9.9), "~0.10 to 9.9"),
        (Estimate(0.9, 0.1, 10.1), "inconclusive"),
        (Estimate(1.2, 0.0, 1e300), "inconclusive"),
        (Estimate(1.9, None, None), "1.90"),
        (None, ""),
    ],
)
def test_a_ratio_is_shown_with_how_far_its_interval_reaches(estimate, shown):
    """In per cent of the value, to the farther end; with a tilde if it holds 1; by its limits if it is wide."""
    assert table_columns.ratio(estimate) == shown


@given(st.floats(-20, 20), st.floats(0, 50), st.floats(0, 50))
def test_no_interval_is_shown_with_three_digits_of_per_cent(log, below, above):
    """However wide it is, there is something that a person can read."""
    shown = table_columns.ratio(Estimate(math.exp(log), math.exp(log - below), math.exp(log + above)))
    assert re.fullmatch(r"~?[0-9.]+ ±[0-9]{1,2}%|~?[0-9.]+ to [0-9.]+|inconclusive", shown)


@pytest.mark.parametrize(
    ("value", "shown"), [(None, ""), (0.0, "0"), (0.0004, "0"), (0.0006, "0.001"), (12.3456, "12.346")]
)
def test_start_up_is_shown_in_milliseconds(value, shown):
    """What is shorter is nothing."""
    assert table_columns.seconds(value) == shown


def test_a_reference_is_not_compared_with_itself():
    """Sequential work is 1 without an interval, and what equals its own form has no second speed-up."""
    assert table_columns.against_sequential(SEQUENTIAL) == "1"
    assert table_columns.against_same_form(SEQUENTIAL) == ""
    assert table_columns.against_same_form(sped_up(8, 7.9, 8.1, (1, 1, 1), "numba-sequential")) == ""
    assert table_columns.against_same_form(COMPILED) == "1.93 ±2%"


def test_workers_are_a_column_only_where_they_vary():
    """Else they stand in the title."""
    two = [SEQUENTIAL, PARALLEL]
    assert "workers" not in [column.title for column in table_columns.shown(two)]
    assert table_columns.title(two) == "primes, 32 tasks, size 6500, Python 3.11, 2 workers, 3 rounds"
    four = [*two, replace(PARALLEL, cell=cell("multiprocessing", workers=4))]
    assert "workers" in [column.title for column in table_columns.shown(four)]
    assert table_columns.title(four) == "primes, 32 tasks, size 6500, Python 3.11, 3 rounds"


def under(python, strategy="threading", **changes):
    return summary(strategy, **{"cell": cell(strategy, interpreter=python), **changes})


def test_the_interpreter_is_a_column_only_where_it_varies():
    """Else it stands in the title."""
    two = [under("3.11"), under("3.13t")]
    headings = [column.title for column in table_columns.shown(two)]
    assert headings[:2] == ["strategy", "Python"]
    assert table_columns.title(two) == "primes, 32 tasks, size 6500, 2 Pythons, 2 workers, 3 rounds"
    assert table_columns.by_workload(two) == [two]
    assert "Python" not in [column.title for column in table_columns.shown(two[:1])]


def test_a_failed_cell_says_under_which_python():
    rows = [under("3.11"), failed(cell=cell(interpreter="3.13t"))]
    (line,) = [line.split() for line in as_text(rows).splitlines() if "timeout" in line and "under" not in line][-1:]
    assert line == ["threading", "3.13t", "timeout"]


def test_columns_that_hold_nothing_are_left_out():
    """Speed-ups where nothing is compared; delays and further workers where nobody measured any."""
    none = dict.fromkeys(("speedup", "speedup_low", "speedup_high", "parallel_speedup"))
    headings = [column.title for column in table_columns.shown([summary(**none), failed("joblib")])]
    assert headings == ["strategy", "wall s", "in flight", "cores busy", "start-up s", "compile s"]
    assert [column.title for column in table_columns.shown([failed()])] == ["strategy", "wall s"]


def test_of_several_pythons_a_column_that_tells_nothing_more_is_left_out():
    """That nothing was compiled, and that all run the form of sequential work."""
    plain = [under("3.11"), under("3.13t")]
    assert "same form" not in as_text(plain)
    assert "pile s" not in as_text(plain)
    compiled = changed(COMPILED, compile_s=0.5)
    assert "same form" in as_text([*plain, compiled])
    assert "pile s" in as_text([*plain, compiled])


DELAYS = {"delay_s": 0.0051, "delay_p99_s": 0.0103, "delay_max_s": 0.0214}


def test_delays_and_further_workers_are_columns_where_there_are_any():
    rows = [under(python, **DELAYS) for python in ("3.11", "3.13t", "pypy3.11")]
    told = {column.title: column.text(rows[0]) for column in table_columns.shown(rows)}
    assert [told[f"delay {which} ms"] for which in ("p50", "p99", "max")] == ["5.10", "10.3", "21.4"]
    assert max(map(len, as_text(rows).splitlines())) <= 80
    one = summary(further_worker_s=0.0123, further_worker_bytes=7_900_000.0)
    told = {column.title: column.text(one) for column in table_columns.shown([one])}
    assert (told["per worker ms"], told["per worker MB"]) == ("12.3", "7.90")


def test_what_does_not_fit_beside_the_names_of_interpreters_is_a_second_table():
    """Of the cells that have it; no name is folded, and no number left out."""
    long = "3.14+switch=0.5ms"
    rows = [under(python, "multiprocessing-fork", **DELAYS) for python in ("3.11", long)]
    rows.append(failed("joblib", cell=cell("joblib", interpreter="3.11")))
    text = as_text(rows)
    table = text[text.index("size 6500") :]
    assert max(map(len, text.splitlines())) <= 80
    assert table.count(f"multiprocessing-fork {long}") == 2
    assert table.count("joblib") == 1
    assert table.count("21.4") == 2
    assert as_text(rows, width=140).count(f"multiprocessing-fork {long}") == 1


def test_two_sizes_of_one_pool_are_told_apart():
    """Also where one of them is a pool of one."""
    rows = [summary(cell=cell(workers=workers)) for workers in (1, 8)]
    assert "workers" in [column.title for column in table_columns.shown(rows)]
    assert "8 workers" not in table_columns.title(rows)


def legend(group):
    return signs([table_columns.results_table(group)])


def test_the_legend_explains_the_signs_that_occur():
    """And no others."""
    assert legend([SEQUENTIAL]) == []
    assert [sign[0] for sign in legend([PARALLEL])] == ["±"]
    assert [sign[0] for sign in legend([summary(flags=(Flag.DISTURBED,))])] == ["~", "*", "±"]


@pytest.mark.parametrize("change", [{"workload": "sha256"}, {"tasks": 8}, {"size": 1}])
def test_different_work_has_tables_of_its_own(change):
    """Rows of different work are not ranked together."""
    other = replace(PARALLEL, cell=cell("joblib", **change))
    assert table_columns.by_workload([PARALLEL, other, COMPILED]) == [[PARALLEL, COMPILED], [other]]


# The terminal


USUAL = [
    SEQUENTIAL,
    summary(wall_s=0.0123, speedup=0.987, speedup_low=0.87, speedup_high=1.12, startup_s=0.0021),
    summary("asyncio", wall_s=0.00123, flags=(Flag.DISTURBED,)),
    sped_up(12.3, 10.9, 13.9, in_flight=63.9, cores_busy=63.9, startup_s=1.234),
    sped_up(1.93, 1.9, 1.97, strategy="joblib", wall_s=182.9, startup_s=1.234),
    sped_up(15.4, 13.9, 17.1, (1, 1, 1), "numba-sequential", startup_s=0.5, compile_s=0.85),
    sped_up(97.7, 88.2, 108, (6.34, 5.7, 7.1), "numba-nogil", startup_s=0.5, compile_s=0.95),
    sped_up(120, 60, 240, (7.8, 3.9, 15.6), "numba-parallel", startup_s=0.5, compile_s=12.345),
]


def test_the_usual_table_fits_eighty_columns_whole():
    """The models of an experiment with the values that they have: every digit is there, also beside a failed cell."""
    text = as_text([*USUAL, failed("asyncio-threads", Status.INTERRUPTED)])
    assert ["asyncio-threads", "interrupted"] in [line.split() for line in text.splitlines()]
    assert max(map(len, text.splitlines())) <= 80
    assert "…" not in text
    for one in USUAL:
        (line,) = [line for line in text.splitlines() if line.split()[:1] == [table_columns.strategy(one)]]
        for column in table_columns.shown(USUAL):
            assert column.text(one) in line


def test_a_wide_terminal_shows_the_longest_names_and_numbers_whole():
    """Twenty-six characters, hundreds of workers, speed-ups of five digits, wide intervals."""
    long = changed(
        sped_up(12345.6, 2345.6, 65432.1, (0.912, 0.1, 9.87), "multiprocessing-forkserver"),
        cell=cell("multiprocessing-forkserver", workers=512),
        flags=(Flag.DISTURBED,),
        wall_s=0.00123,
        in_flight=511.9,
        cores_busy=127.9,
        startup_s=123.456,
        compile_s=123.456,
    )
    text = as_text([long, PARALLEL], width=120)
    assert max(map(len, text.splitlines())) <= 120
    (line,) = [" ".join(line.split()) for line in text.splitlines() if "forkserver" in line]
    assert line == "multiprocessing-forkserver* 512 0.00123 2346 to 65432 ~0.10 to 9.9 511.9 127.9 123.456 123.456"


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.OK])
def test_a_failed_cell_is_in_the_table_with_its_status(status):
    """No row is missing, and none looks like a fast one."""
    lines = as_text([PARALLEL, failed("joblib", status)], width=100).splitlines()
    assert [line.split() for line in lines if "joblib" in line] == [["joblib", str(status)]]


@pytest.mark.parametrize("text", MARKUP)
def test_data_is_never_markup(text):
    """Names and reasons appear as they are, in table, sentences and flag_lines, of good and of failed cells."""
    good = replace(PARALLEL, cell=cell(text), flags=(Flag.IMPOSSIBLE,))
    bad = failed(text, detail=f"because of {text}")
    shown = printed([*tables([good, bad]), *verdicts([good, bad], (), "more --rounds")], width=160)
    assert shown.count(text) == 6
    assert f"because of {text}" in shown
    assert as_text([good, bad], width=160).count(text) == 2


@pytest.mark.parametrize("workload", MARKUP)
def test_titles_are_data_too(workload):
    """A workload is named by a user."""
    assert f"{workload}, 32 tasks" in as_text([replace(PARALLEL, cell=cell(workload=workload))])


def test_every_cell_has_a_sentence():
    """By its name, failed ones included."""
    lines = [line.strip() for line in printed(verdicts(EVERY, (), "more --rounds"), width=200).splitlines()]
    for one, line in zip(EVERY, lines, strict=True):
        assert re.split(r"\s{2,}", line) == [name(one), sentence(one)]


def test_sentences_are_wrapped_and_not_cut():
    """At whatever width, every word is there."""
    words = printed(verdicts([COMPILED], (), "more --rounds"), width=50).split()
    assert sorted(words) == sorted(f"{name(COMPILED)} {sentence(COMPILED)}".split())


def test_doubts_are_told_below_the_sentences():
    """With the remedy of each flag, and of no other one."""
    shown = printed(verdicts([summary(flags=(Flag.IMPOSSIBLE, Flag.DRIFTED))], (), "more --rounds"))
    assert "Flagged:\n  threading x2: too few rounds without a flag (impossible)." in shown
    assert re.findall(r"^([a-z-]+):  +(.*)$", shown, re.MULTILINE) == [("impossible", Flag.IMPOSSIBLE.remedy)]
    assert "Flagged" not in printed(verdicts([summary()], (), "more --rounds"))


@pytest.mark.parametrize("flag", sorted(COUNTED_FLAGS))
def test_the_remedy_is_that_of_the_flag(flag):
    """Nobody can close other programs so that an import leaves the GIL alone."""
    shown = " ".join(printed(verdicts([summary(flags=(flag,))], (), "more --rounds"), width=200).split())
    for other in COUNTED_FLAGS:
        assert (other.remedy.replace("`", "") in shown) == (other is flag)


@pytest.mark.parametrize("flag", [Flag.DRIFTED, Flag.FEW_WORKERS])
def test_flags_that_spoil_no_number_mark_none(flag):
    """Neither a star nor a line among the doubts."""
    flagged = summary(flags=(flag,))
    assert flag_lines([flagged]) == []
    assert table_columns.strategy(flagged) == "threading"


def test_drift_is_told_once_for_all_cells():
    """It is the machine's, and no cell's."""
    shown = " ".join(
        printed(verdicts([summary(drifted=1), PARALLEL, summary("joblib", drifted=2)], (), "more --rounds")).split()
    )
    assert shown.count("CPU speed changed during 3 of 9 trials") == 1
    assert "CPU speed" not in printed(verdicts([PARALLEL], (), "more --rounds"))


@pytest.mark.parametrize(("asked", "width"), [("100", 100), ("80", 80)])
def test_the_width_that_is_asked_for_is_taken(monkeypatch, asked, width):
    """By COLUMNS, as for every program of a terminal."""
    monkeypatch.setenv("COLUMNS", asked)
    assert Screen().width == width


# Files for other programs


@pytest.mark.parametrize("asked", ["0", "1", "19", "\u0668\u0660", "9" * 30, "-5", ""])
def test_a_senseless_number_of_columns_is_ignored(asked, monkeypatch):
    """COLUMNS=0 would print nothing at all."""
    monkeypatch.setenv("COLUMNS", asked)
    assert Screen().width >= 20
