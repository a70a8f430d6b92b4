"""The answer of a session: on one screen, in words, with nothing that the numbers do not say."""

import io
import re
from dataclasses import replace

import pytest
from made import cell, failed, summary
from made_claims import HOLDS_NOTHING
from made_of_cells import measured, nogil, processes, sequential, threads
from rich.console import Console

from gil_lab.analysis.claims import Checked, Judgement, Outcome
from gil_lab.analysis.verdicts import Verdict
from gil_lab.model.records import Flag, Status
from gil_lab.report.documents.answer import answer
from gil_lab.report.tables.as_rich import as_rich
from gil_lab.report.tables.results import title
from gil_lab.report.tables.table import Table
from gil_lab.report.text.sentences import drift, parts


def prose(rows, claims=()):
    return " ".join(block for block in answer(rows, claims, "--rounds") if isinstance(block, str))


def table(rows, claims=()):
    (found,) = [block for block in answer(rows, claims, "--rounds") if isinstance(block, Table)]
    return found


def test_the_fastest_cell_is_named_with_its_reason_and_when_it_pays():
    """Then the fastest in plain Python, and those that are not known to be faster."""
    text = prose([sequential(), threads(), processes(), nogil()])
    assert text.startswith("numba-nogil x8 is fastest: ")
    assert "= compiled " in text
    assert "times parallel " in text
    assert "In plain Python it is multiprocessing x8: 1.80x [1.53, 2.15], parallel." in text
    assert "Not known to be faster: threading x8." in text


def test_what_is_compared_with_a_flagged_reference_is_not_ranked():
    """Its ratio comes from rounds that are flagged; the others are, and it says of how many."""
    flagged = replace(processes(), speedup=replace(processes().speedup, flagged=True))
    text = prose([sequential(), threads(), flagged, nogil()])
    assert text.startswith("Of 2 of 3 cells, which are not flagged: numba-nogil x8 is fastest: ")
    assert "multiprocessing" not in text
    assert prose([sequential(), flagged]).startswith("Nothing is ranked: these cells, or what they are compared with")


def test_where_nothing_is_faster_nothing_is_called_fastest():
    """A ratio whose interval includes 1 is no gain."""
    text = prose([sequential(), threads()])
    assert text.startswith("Nothing is known to be faster than sequential.")
    assert "fastest" not in text


def test_a_flagged_session_ranks_nothing():
    """It says why, and shows its numbers with their marks."""
    rows = [summary(cell=one.cell, flags=(Flag.DISTURBED,), trials=3, used=3) for one in (sequential(), processes())]
    text = prose(rows)
    assert "Nothing is ranked" in text
    assert "fastest" not in text
    assert text.count("flag") == 1
    assert all(row.flagged for row in table(rows).rows)


def test_of_some_flagged_cells_it_is_said_how_many_there_are():
    """One of them in every round, one in some."""
    flagged = [
        summary(cell=processes().cell, flags=(Flag.DISTURBED,), trials=3, used=3),
        summary(cell=threads().cell, flags=(Flag.DISTURBED, Flag.DRIFTED), trials=3, used=2),
    ]
    assert "Flagged in some rounds: 2 of 3 cells (disturbed)." in prose([sequential(), *flagged])


def test_every_row_has_what_tells_concurrency_from_parallelism():
    """Tasks in flight, cores busy and the verdict, beside the speed-up with its interval."""
    shown = table([sequential(), threads(), processes()])
    assert [column.title for column in shown.columns][-4:] == ["speed-up overall", "in flight", "cores busy", "verdict"]
    assert [row.texts[-1] for row in shown.rows] == ["one at a time", "concurrent", "parallel"]


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_has_a_place_in_its_column(verdict):
    """In a few letters."""
    (row,) = table([summary(verdict=verdict)]).rows
    assert 0 < len(row.texts[-1]) <= len("short of cores")


def test_what_is_slower_is_no_mere_not_known_to_be_faster():
    """Each is named with its own."""
    slow, open_ = measured("threading", overall=(0.9, 0.91, 0.92)), measured("asyncio", overall=(0.8, 1.0, 1.25))
    text = prose([sequential(), processes(), slow, open_])
    assert "Slower: threading x8. Not known to be faster: asyncio x8." in " ".join(text.split())


def test_of_an_inconclusive_verdict_no_part_of_the_speed_up_is_named():
    """Eight threads may have got a larger share of cores that others wanted."""
    assert parts(nogil())
    assert parts(replace(nogil(), verdict=Verdict.INCONCLUSIVE)) == ""


def test_where_every_cell_is_flagged_there_is_no_interval_to_believe():
    flagged = [one(flags=(Flag.DISTURBED, Flag.DRIFTED), drifted=2) for one in (sequential, processes)]
    assert drift(flagged, "--rounds") == ""
    assert drift([flagged[0], processes(drifted=2)], "--rounds")


def test_rounds_are_those_of_the_cells_that_are_compared():
    """Sequential work has a turn in each block of a large session."""
    assert title([sequential(rounds=6), processes(rounds=3), threads(rounds=3)]).endswith(", 3 rounds")
    assert title([sequential(rounds=6)]).endswith(", 6 rounds")


def test_what_there_is_no_room_for_is_counted_and_what_failed_is_named():
    """With the reason of the first one."""
    many = [measured("threading", workers=number) for number in range(2, 14)]
    text = prose([sequential(), *many, failed("joblib"), failed("asyncio", Status.SKIPPED, "because")])
    assert "Not shown: 5 more cells. Not measured: joblib x2 timeout: not done after 60 s, and 1 more." in text


def test_of_a_long_cause_the_next_step_is_kept():
    """A cell that is not measured for lack of one is of no use."""
    cause = "the workers of this pool could not be started, for the system has no room for another process of this size"
    text = prose([sequential(), failed("joblib", Status.ERROR, f"{cause}; use fewer workers (--workers)")])
    assert re.search(r"Not measured: joblib x2 error: the workers .*\.\.\.; use fewer workers \(--workers\)\.", text)


def test_where_nothing_is_compared_the_claims_that_hold_are_the_answer():
    """Those that do not are no answer."""
    held = Checked("one", "Water is wet", Judgement(Outcome.HOLDS, "1"))
    rows = [summary(cell=cell(workload="sleep"), speedup=None, parallel_speedup=None)]
    text = prose(rows, [held, Checked("one", "Fire is cold", HOLDS_NOTHING)])
    assert text.startswith("Water is wet: holds.")
    assert text.count("holds.") == 1


def test_of_one_round_it_is_said_that_there_are_no_intervals():
    """And what to use, before a difference is believed."""
    rows = [summary(cell=one.cell, trials=1, used=1, flags=()) for one in (sequential(), processes())]
    assert "One round: no intervals. Use --rounds before you believe a difference." in prose(rows)


def test_output_without_unicode_has_no_question_marks():
    """A column is as wide as what stands in it then."""
    file = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="replace")
    console = Console(file=file, width=80, markup=False, highlight=False)
    for part in as_rich(answer([sequential(), threads(), processes()], [], "more --rounds")):
        console.print(part)
    file.flush()
    text = file.buffer.getvalue().decode("ascii")
    assert "+- holds the 95 % interval" in text
    assert re.search(r"[0-9] \+-[0-9]+%", text)
    assert "?" not in text
