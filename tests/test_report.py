"""Reports: what the numbers of a session say in words, tables and files, and that data is never taken for markup."""

import csv
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import cell, failed, summary

from gil_lab.cli.screen import Screen
from gil_lab.records import Flag, Status
from gil_lab.report import columns as table_columns
from gil_lab.report.formats import FORMATS, as_csv, as_dicts, as_html, as_json, as_markdown
from gil_lab.report.terminal import as_text, tables, verdicts
from gil_lab.report.words import doubts, name, number, sentence, single_round, untold
from gil_lab.stats import Estimate, Summary, Verdict
from gil_lab.table_file import columns, decoded

MARKUP = ["[red]", "[/tmp/x]", "[/]", "[bold]x[/bold]", "[link=file:///etc]y[/link]", ":smile:", "<script>", "\\[x]"]


def sped_up(value, low, high, parallel=None, strategy="multiprocessing", **changes):
    """A cell with this speed-up; with another one, `parallel`, against its own form."""
    own = parallel or (value, low, high)
    names = ("parallel_speedup", "parallel_speedup_low", "parallel_speedup_high")
    fields = {"speedup": value, "speedup_low": low, "speedup_high": high, **dict(zip(names, own, strict=True))}
    return summary(strategy, **fields, **changes)


PARALLEL = sped_up(1.93, 1.9, 1.97, in_flight=2.0, cores_busy=1.9, verdict=Verdict.PARALLEL)
COMPILED = sped_up(15.44, 15.2, 15.76, parallel=(1.93, 1.9, 1.97), strategy="numba-nogil", verdict=Verdict.PARALLEL)
SEQUENTIAL = sped_up(1, 1, 1, strategy="sequential", in_flight=1.0, verdict=Verdict.ONE_AT_A_TIME)
EVERY = [SEQUENTIAL, summary(), PARALLEL, COMPILED, failed(), failed("joblib", Status.CRASHED, "SIGSEGV, =1")]


def printed(parts, width=80):
    """What a command prints, on a terminal of this width."""
    screen = Screen()
    screen.width = width
    with screen.capture() as captured:
        for part in parts:
            screen.print(part)
    return captured.get()


# Numbers


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
    assert untold([summary(), failed()]) == ""
    assert "does not say how long a thread waited" in untold([summary(), summary(ready_share=None, blocked_share=None)])


def test_a_single_round_is_told():
    """There are no intervals then, whatever the cell; a failed one has no round at all."""
    assert single_round([summary(trials=1), failed()]).startswith("One round")
    assert single_round([summary(trials=1), summary(trials=2)]) == single_round([failed()]) == single_round([]) == ""


def test_every_verdict_has_words():
    """None is forgotten."""
    assert len({sentence(summary(verdict=verdict)) for verdict in Verdict}) == len(Verdict)


@given(st.floats(0.5, 2), st.floats(0.5, 2), st.floats(0.5, 2))
def test_no_difference_is_told_exactly_if_the_interval_holds_one(one, two, three):
    """In the sentence, untold, and by a tilde in the table."""
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
    told = sentence(replace(COMPILED, parallel_speedup=0.99, parallel_speedup_low=0.95, parallel_speedup_high=1.04))
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
        (0.0532, " Pays from 0.0532 s of sequential work on."),
        (0.0, " Pays from 0 s of sequential work on."),
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
    assert doubts([SEQUENTIAL, flagged]) == ["threading x2: 2 of 5 rounds left out (disturbed, serial-fallback)."]


def test_a_cell_with_nothing_but_doubtful_rounds_is_told_and_marked():
    """Its numbers are shown, with a star."""
    flagged = summary(flags=(Flag.IMPOSSIBLE,))
    assert doubts([flagged]) == ["threading x2: every round (impossible)."]
    assert table_columns.strategy(flagged) == "threading*"
    assert table_columns.strategy(summary(trials=3, used=2, flags=(Flag.DISTURBED,))) == "threading"


# Cells of the table


@pytest.mark.parametrize(
    ("estimate", "shown"),
    [
        (Estimate(1.93, 1.9, 1.97), "1.93 ±2%"),
        (Estimate(2, 2, 2), "2.00 ±0%"),
        (Estimate(1.01, 0.9, 1.1), "~1.01 ±11%"),
        (Estimate(12345.6, 12000, 13000), "12346 ±4%"),
        (Estimate(4, 1.5, 13.5), "4.00 ±200%"),
        (None, ""),
    ],
)
def test_a_ratio_is_shown_with_half_its_interval(estimate, shown):
    """In per cent of the value, and with a tilde if it holds 1."""
    assert table_columns.ratio(estimate) == shown


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
    assert "workers" not in [table_columns.heading(column) for column in table_columns.shown(two)]
    assert table_columns.title(two) == "primes, 32 tasks, size 6500, Python 3.11, 2 workers, 3 rounds"
    four = [*two, replace(PARALLEL, cell=cell("multiprocessing", workers=4))]
    assert "workers" in [table_columns.heading(column) for column in table_columns.shown(four)]
    assert table_columns.title(four) == "primes, 32 tasks, size 6500, Python 3.11, 3 rounds"


def test_the_legend_explains_the_signs_that_occur():
    """And no others."""
    assert table_columns.legend([SEQUENTIAL]) == []
    assert [sign[0] for sign in table_columns.legend([PARALLEL])] == ["±"]
    assert [sign[0] for sign in table_columns.legend([summary(flags=(Flag.DISTURBED,))])] == ["~", "*", "±"]


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
    long = replace(
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
    assert line == "multiprocessing-forkserver* 512 0.00123 12346 ±428% ~0.912 ±893% 511.9 127.9 123.456 123.456"


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.OK])
def test_a_failed_cell_is_in_the_table_with_its_status(status):
    """No row is missing, and none looks like a fast one."""
    lines = as_text([PARALLEL, failed("joblib", status)], width=100).splitlines()
    assert [line.split() for line in lines if "joblib" in line] == [["joblib", str(status)]]


@pytest.mark.parametrize("text", MARKUP)
def test_data_is_never_markup(text):
    """Names and reasons appear as they are, in table, sentences and doubts, of good and of failed cells."""
    good = replace(PARALLEL, cell=cell(text), flags=(Flag.IMPOSSIBLE,))
    bad = failed(text, detail=f"because of {text}")
    shown = printed([*tables([good, bad]), *verdicts([good, bad])], width=160)
    assert shown.count(text) == 6
    assert f"because of {text}" in shown
    assert as_text([good, bad], width=160).count(text) == 2


@pytest.mark.parametrize("workload", MARKUP)
def test_titles_are_data_too(workload):
    """A workload is named by a user."""
    assert f"{workload}, 32 tasks" in as_text([replace(PARALLEL, cell=cell(workload=workload))])


def test_every_cell_has_a_sentence():
    """By its name, failed ones included."""
    lines = [line.strip() for line in printed(verdicts(EVERY), width=200).splitlines()]
    for one, line in zip(EVERY, lines, strict=True):
        assert re.split(r"\s{2,}", line) == [name(one), sentence(one)]


def test_sentences_are_wrapped_and_not_cut():
    """At whatever width, every word is there."""
    words = printed(verdicts([COMPILED]), width=50).split()
    assert sorted(words) == sorted(f"{name(COMPILED)} {sentence(COMPILED)}".split())


def test_doubts_are_told_below_the_sentences():
    """With the remedy."""
    shown = printed(verdicts([summary(flags=(Flag.IMPOSSIBLE,))]))
    assert "Doubtful, so measure again on a quiet machine:\n  threading x2: every round (impossible)." in shown
    assert "Doubtful" not in printed(verdicts([summary()]))


@pytest.mark.parametrize("flag", [Flag.DRIFTED, Flag.LEAKED_PROCESSES])
def test_flags_that_spoil_no_number_mark_none(flag):
    """Neither a star nor a line among the doubts."""
    flagged = summary(flags=(flag,))
    assert doubts([flagged]) == []
    assert table_columns.strategy(flagged) == "threading"


def test_drift_is_told_once_for_all_cells():
    """It is the machine's, and no cell's."""
    shown = " ".join(printed(verdicts([summary(drifted=1), PARALLEL, summary("joblib", drifted=2)])).split())
    assert shown.count("pace changed during 3 of 9 trials") == 1
    assert "pace" not in printed(verdicts([PARALLEL]))


@pytest.mark.parametrize(("asked", "width"), [("100", 100), ("20", 20)])
def test_the_width_that_is_asked_for_is_taken(monkeypatch, asked, width):
    """By COLUMNS, as for every program of a terminal."""
    monkeypatch.setenv("COLUMNS", asked)
    assert Screen().width == width


# Files for other programs


def test_every_format_of_the_command_has_a_writer():
    """What is offered is there."""
    assert {kind: bool(write(EVERY)) for kind, write in FORMATS.items()} == {"csv": True, "json": True, "md": True}


def test_csv_holds_every_cell_and_is_read_back():
    """With the columns of summary.csv; failed cells have a status and no numbers."""
    assert decoded(as_csv(EVERY), Summary, "summary.csv").rows == EVERY
    found = list(csv.DictReader(io.StringIO(as_csv(EVERY))))
    assert [one["strategy"] for one in found] == [one.cell.strategy for one in EVERY]
    assert (found[-1]["status"], found[-1]["wall_s"], found[-1]["detail"]) == ("crashed", "", "SIGSEGV, =1")


def test_json_holds_every_cell_and_is_read_back():
    """The same columns, unrounded numbers, null where there is none."""
    found = json.loads(as_json(EVERY))
    assert [tuple(one) for one in found] == [columns(Summary)] * len(EVERY)
    assert [one["strategy"] for one in found] == [one.cell.strategy for one in EVERY]
    assert found[3]["speedup"] == 15.44
    assert (found[-1]["status"], found[-1]["wall_s"], found[-1]["flags"]) == ("crashed", None, [])
    assert found == json.loads(json.dumps(as_dicts(EVERY)))


def markdown_rows(text):
    """The cells of each table line, as GitHub's dialect parts them: at bars without a backslash."""
    return [re.split(r" ?(?<!\\)\| ?", line)[1:-1] for line in text.splitlines() if line.startswith("|")]


def test_markdown_holds_every_cell_of_the_table():
    """One table, of as many cells in each line; what it shows is what the terminal shows."""
    headings, rules, *rows = markdown_rows(as_markdown(EVERY))
    shown = table_columns.shown(EVERY)
    assert headings == [table_columns.heading(column) for column in shown]
    assert {rule.strip(":-") for rule in rules} == {""}
    assert len(rules) == len(headings)
    assert [[re.sub(r"\\(.)", r"\1", text) for text in line] for line in rows] == [
        table_columns.texts(one, shown) for one in EVERY
    ]


@pytest.mark.parametrize("text", ["a|b", "<script>", "a*b*c", "a~b~c"])
def test_markdown_takes_no_name_for_markup(text):
    """Bars part no cells, angles open no tags, stars and tildes change no letters."""
    rows = markdown_rows(as_markdown([replace(PARALLEL, cell=cell(text)), COMPILED]))
    assert len({len(line) for line in rows}) == 1
    assert rows[2][0].replace("&lt;", "<").replace("&gt;", ">").replace("\\", "") == text
    assert "<" not in rows[2][0]
    assert not re.search(r"(?<!\\)[*~|]", rows[2][0])


class Read(HTMLParser):
    """Tags and texts of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.texts = [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.texts.append(data)


def test_html_holds_every_cell_of_the_table():
    """A row for each, with the texts of the terminal."""
    page = Read(as_html(EVERY))
    shown = table_columns.shown(EVERY)
    assert page.tags.count("tr") == 1 + len(EVERY)
    assert page.tags.count("td") == len(EVERY) * len(shown)
    texts = [table_columns.title(EVERY), *map(table_columns.heading, shown)]
    texts += [text for one in EVERY for text in table_columns.texts(one, shown)]
    assert [text for text in page.texts if text.strip()] == [*filter(None, texts), *table_columns.legend(EVERY)]


@pytest.mark.parametrize("text", ["<script>x()</script>", "<img src=x onerror=y>", "</td>", "&lt;", "a\"b'c", "]]>"])
def test_html_takes_no_name_for_markup(text):
    """Neither of a strategy nor of a workload, an interpreter or a reason."""
    plain = Read(as_html([PARALLEL, failed()]))
    hostile = cell(text, workload=text, interpreter=text)
    page = Read(as_html([replace(PARALLEL, cell=hostile), failed(detail=text, cell=hostile)]))
    assert page.tags == plain.tags
    assert page.texts.count(text) == 2
    assert f"{text}, 32 tasks, size 6500, Python {text}, 2 workers, 3 rounds" in page.texts


@pytest.mark.parametrize("write", [as_csv, as_json, as_markdown, as_html])
def test_nothing_makes_an_empty_file_and_no_error(write):
    """A session without trials can be reported, too."""
    assert write([]).strip() in {"", "[]", ",".join(columns(Summary))}


@pytest.mark.parametrize(
    ("value", "shown"), [(9.999, "10.0"), (99.96, "100"), (0.9996, "1.00"), (1e-10, "0"), (12345.6, "12346")]
)
def test_numbers_that_round_up_keep_three_digits(value, shown):
    """Ten is 10.0 whether it was rounded or not."""
    assert number(value) == shown


def test_a_failed_cell_says_so_in_every_format():
    """With its number of workers, so that two of them can be told apart, and its status."""
    cells_ = [failed(cell=cell(workers=workers)) for workers in (2, 4)]
    for text in (as_markdown(cells_), as_html(cells_), as_text(cells_)):
        assert text.count("timeout") == 2
        assert "4" in text


@pytest.mark.parametrize("asked", ["0", "1", "19", "\u0668\u0660", "9" * 30, "-5", ""])
def test_a_senseless_number_of_columns_is_ignored(asked, monkeypatch):
    """COLUMNS=0 would print nothing at all."""
    monkeypatch.setenv("COLUMNS", asked)
    assert Screen().width >= 20
