"""The history for people and programs: which session is which, and how the same cell changed over time."""

import csv
import io
import json

import pytest
from made import cell, failed, summary
from rich.console import Console

from gil_lab.analysis.history import History, HistoryRow
from gil_lab.model.records import Flag
from gil_lab.report.documents.document import FORMATS
from gil_lab.report.documents.history import history_document
from gil_lab.report.tables.as_rich import as_rich
from gil_lab.report.tables.history import ASCII_LEVELS, LEVELS, bars, by_cell, by_session
from gil_lab.report.tables.table import signs


def of(session, *summaries, host="lab-3", experiment="cpu-bound"):
    """The rows of one session; its name tells when it began."""
    return [HistoryRow(f"results/{experiment}/{session}", session, experiment, host, one) for one in summaries]


def sequential(wall_s=0.25):
    ones = dict.fromkeys(("speedup_low", "speedup_high", "parallel_speedup_low", "parallel_speedup_high"), 1.0)
    return summary("sequential", wall_s=wall_s, speedup=1.0, parallel_speedup=1.0, **ones)


def gaining(strategy, low, value, high, **changes):
    return summary(strategy, parallel_speedup_low=low, parallel_speedup=value, parallel_speedup_high=high, **changes)


def shown(history, width=80, **options):
    console = Console(width=width, file=io.StringIO(), no_color=True, markup=True, emoji=True, highlight=False)
    for part in as_rich(history_document(history, **options).blocks()):
        console.print(part)
    return console.file.getvalue()


def test_a_line_tells_one_session_from_the_others():
    """Its folder, its experiment, how many cells worked, what gained most."""
    rows = [
        *of("2026-a", sequential(), gaining("threading", 0.9, 1.0, 1.1), failed("joblib")),
        *of("2026-b", sequential(), gaining("asyncio", 7.0, 7.5, 8.0), experiment="io-bound"),
    ]
    table = by_session(rows)
    assert table.title == "2 sessions"
    assert [row.texts for row in table.rows] == [
        ["2026-a", "cpu-bound", "2/3", "threading x2", "~1.00 ±10%"],
        ["2026-b", "io-bound", "2", "asyncio x2", "7.50 ±7%"],
    ]


def test_what_gained_most_is_what_surely_did():
    """The one of the widest interval is the highest by chance."""
    rows = of("a", gaining("threading", 0.2, 2.1, 20.0), gaining("joblib", 1.9, 2.0, 2.1))
    assert by_session(rows).rows[0].texts[3] == "joblib x2"


def test_of_several_interpreters_the_one_that_gained_most_is_named():
    rows = [sequential(), gaining("threading", 1.8, 1.9, 2.0, cell=cell(workers=8, interpreter="3.13t"))]
    assert "threading x8 under 3.13t" in shown(History(tuple(of("s", *rows)), ()))


def test_without_an_interval_the_value_itself_counts():
    """One round is all there is after --quick."""
    rows = of("a", gaining("threading", None, 1.1, None), gaining("joblib", None, 1.9, None))
    assert by_session(rows).rows[0].texts[3:] == ["joblib x2", "1.90"]


@pytest.mark.parametrize("summaries", [[sequential()], [failed()], [sequential(), failed()]])
def test_where_nothing_gained_nothing_is_named(summaries):
    """A reference is not compared with itself, and a cell without numbers with nothing."""
    assert by_session(of("a", *summaries)).rows[0].texts[3:] == ["", ""]


def test_two_sessions_of_one_name_are_two_lines():
    """Their folders differ."""
    rows = [*of("a", sequential()), *of("a", sequential(), experiment="copy")]
    assert len(by_session(rows).rows) == 2


def test_a_cell_that_was_measured_again_is_shown_over_time():
    """First and last wall time and speed-up, and a bar for each session; a single measurement is no series."""
    rows = [
        *of("a", sequential(0.1), gaining("threading", 0.98, 1.0, 1.02, wall_s=0.4), gaining("joblib", 1, 2, 3)),
        *of("b", sequential(0.8), failed("threading")),
        *of("c", sequential(0.4), gaining("threading", 3.8, 4.0, 4.2, wall_s=0.1)),
    ]
    (table,) = by_cell(rows)
    assert table.title == "primes, 32 tasks, size 6500, Python 3.11, on lab-3"
    assert [row.texts for row in table.rows] == [
        ["sequential", "3", "0.100", "0.400", "▁█▄", "", ""],
        ["threading x2", "2", "0.400", "0.100", "█▂", "~1.00 ±2%", "4.00 ±5%"],
    ]


def test_cells_of_different_machines_or_work_make_no_series():
    """Another host, another size, another interpreter: something else was measured."""
    others = [summary(cell=cell("threading", **change)) for change in ({"size": 7}, {"interpreter": "3.14t"})]
    rows = [*of("a", summary()), *of("b", summary(), host="lab-4"), *of("c", *others), *of("d", *others)]
    assert [table.title.split(", ", 2)[2] for table in by_cell(rows)] == [
        "size 7, Python 3.11, on lab-3",
        "size 6500, Python 3.14t, on lab-3",
    ]


def test_a_cell_of_which_every_round_is_doubtful_is_marked():
    """And the sign is explained, as in the report of one session."""
    rows = [*of("a", summary()), *of("b", summary(flags=(Flag.DISTURBED,)))]
    (table,) = by_cell(rows)
    assert table.rows[0].texts[0] == "threading* x2"
    assert any(line.startswith("* too few rounds without a flag") for line in signs([table]))


@pytest.mark.parametrize(
    ("values", "drawn"),
    [
        ([1.0], "█"),
        ([1.0, 1.1], "██"),
        ([0.0, 1.0], "▁█"),
        ([1, 2, 4, 8], "▁▂▄█"),
        ([1e-9, 1.0], "▁█"),
        ([3.0, 3.0], "██"),
    ],
)
def test_bars_begin_at_zero(values, drawn):
    """What differs by a tenth must not look like twice as much."""
    assert bars(values, LEVELS) == drawn
    assert len(bars(values, ASCII_LEVELS)) == len(values)


def test_of_many_sessions_the_latest_are_drawn():
    """All are counted."""
    rows = [row for number in range(30) for row in of(f"{number:02}", summary(wall_s=1.0 if number < 18 else 0.1))]
    (table,) = by_cell(rows)
    assert table.rows[0].texts[1:5] == ["30", "1.00", "0.100", "█" * 12]


def history_of_several():
    rows = [
        *of("20261123T090000Z-lab-3", sequential(), gaining("threading", 0.98, 1.0, 1.02)),
        *of("20261124T090000Z-lab-3", sequential(0.5), gaining("multiprocessing-forkserver", 1.8, 1.9, 2.0)),
        *of("20261125T090000Z-lab-3", sequential(0.5), gaining("multiprocessing-forkserver", 1.8, 1.9, 2.0)),
    ]
    return History(tuple(rows), ("results/x is left out: trials.csv has no header",))


def test_the_text_fits_eighty_columns_and_says_everything():
    """Sessions, series, what the signs mean, notes."""
    text = shown(history_of_several())
    assert max(map(len, text.splitlines())) <= 80
    for told in ("3 sessions", "20261124T090000Z-lab-3", "▄██", "± holds the 95 % interval", "Note: results/x is left"):
        assert told in text


@pytest.mark.parametrize("width", [20, 40, 60, 200])
def test_the_text_fits_any_terminal(width):
    """Names are folded where there is no room."""
    assert max(map(len, shown(history_of_several(), width).splitlines())) <= width


def test_a_terminal_without_blocks_gets_other_bars():
    """Each is as high as it was."""
    text = shown(history_of_several(), ascii_only=True)
    assert "=@@" in text
    assert not set(LEVELS) & set(text)


def test_nothing_in_a_name_is_markup():
    """Neither colours nor emoji nor a table of their own."""
    rows = of("[red]a", summary(), host="[bold]h", experiment=":smile:")
    text = shown(History((*rows, *of("b", summary(), host="[bold]h")), ("[red]note[/red]",)), 120)
    for told in ("[red]a", ":smile:", "on [bold]h", "[red]note[/red]"):
        assert told in text


def test_programs_get_a_row_a_session_and_cell():
    """The same in CSV and JSON, with the columns of summary.csv."""
    history = history_of_several()
    from_csv = list(csv.DictReader(io.StringIO(FORMATS["csv"](history_document(history)))))
    from_json = json.loads(FORMATS["json"](history_document(history)))
    assert [one["session"] for one in from_csv] == [one["session"] for one in from_json]
    assert len(from_csv) == 6
    assert from_json[1]["strategy"] == "threading"
    assert from_csv[1]["wall_s"] == "0.25"
    assert list(from_csv[0]) == list(from_json[0])


def test_markdown_says_what_the_terminal_says():
    """As tables of GitHub's dialect, in which no name is a sign."""
    rows = [*of("a|b", sequential()), *of("c", gaining("threading", 0.9, 1.0, 1.1))]
    text = FORMATS["md"](history_document(History(tuple(rows), ("*note*",))))
    assert "| session | experiment | cells ok | gained most strategy | speed-up same form |" in text
    assert "| a\\|b | cpu-bound | 1 |" in text
    assert "Note: \\*note\\*" in text


def test_no_session_at_all_is_an_empty_table():
    """Every session may be unreadable: the notes say so."""
    nothing = History((), ("results/x is left out: trials.csv has no header",))
    assert "0 sessions" in shown(nothing)
    assert json.loads(FORMATS["json"](history_document(nothing))) == []
    assert FORMATS["csv"](history_document(nothing)).count("\n") == 1
    assert "Note: results/x" in FORMATS["md"](history_document(nothing))
