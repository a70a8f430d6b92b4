"""Ways of running by sizes, in one table: what an overview of a session with several sizes shows."""

from dataclasses import replace

from made_of_cells import measured, sequential

from gil_lab.model.records import Flag
from gil_lab.report.documents.answer import answer, overview
from gil_lab.report.tables.as_rich import plain_text
from gil_lab.report.tables.sizes import size_tables

SIZES = (1_000, 100_000, 10_000_000)


def way(strategy, *gains, variant=""):
    """Two workers, so many times as fast at each size."""
    return [
        measured(
            strategy,
            2,
            overall=(gain, 1.01 * gain, 0.99 * gain),
            work={"workload": f"send{variant}", "size": size, "tasks": 8},
        )
        for size, gain in zip(SIZES, gains, strict=False)
    ]


def session():
    alone = [sequential(wall_s=0.009, work={"workload": "send", "size": size, "tasks": 8}) for size in SIZES]
    return [*alone, *way("threading", 1.9, 1.9, 1.9), *way("multiprocessing", 1.5, 1.4, 0.07)]


def test_a_row_is_a_way_and_a_column_a_size():
    """The sequential row has seconds, the others how many times as fast they are."""
    (table,) = size_tables(session())
    assert table.title == "send, 8 tasks, 2 workers: times as fast as sequential, by size"
    assert [column.title for column in table.columns] == ["", "1 kB", "100 kB", "10 MB"]
    assert [list(row.texts) for row in table.rows] == [
        ["sequential, s", "0.00900", "0.00900", "0.00900"],
        ["threading", "1.90", "1.90", "1.90"],
        ["multiprocessing", "1.50", "1.40", "0.0700"],
    ]


def test_what_is_missing_is_empty_and_what_is_flagged_has_a_star():
    """A size that a way lacks; a cell of which every round is flagged."""
    rows = [*session(), *way("joblib", 0.5, 0.4)]
    rows[3] = replace(rows[3], flags=(Flag.DISTURBED,))
    (table,) = size_tables(rows)
    assert list(table.rows[3].texts) == ["joblib", "0.500", "0.400", ""]
    assert table.rows[1].texts[1] == "1.90*"
    assert any(note.startswith("*") for note in table.notes)


def test_sessions_of_one_size_have_none():
    """Nor those in which nothing is compared."""
    assert size_tables([row for row in session() if row.cell.size == SIZES[0]]) == []
    assert size_tables([replace(row, speedup=None) for row in session()]) == []


def test_a_run_ends_with_it():
    """A single table of single cells would have the first ones only."""
    text = plain_text(answer(session(), [], "more --rounds"), 80)
    assert "by size" in text
    assert "Not shown" not in text
    assert text.startswith("Pays at 1 kB to 10 MB: threading x2.")


def test_where_there_is_little_room_it_stands_alone():
    """And where there is none for it, single cells stand in its place."""
    alone = plain_text(answer(session(), [], "more --rounds", 7), 80)
    assert alone.startswith("send, 8 tasks, 2 workers: times as fast as sequential, by size")
    assert "by size" not in plain_text(answer(session(), [], "more --rounds", 5), 80)


def test_an_overview_has_it_in_80_columns():
    """Below the sentence that it bears out."""
    text = plain_text(overview(session(), [], [], "more --rounds"), 80)
    assert "Ceases to pay between 100 kB and 10 MB: multiprocessing x2." in " ".join(text.split())
    assert "multiprocessing 1.50 1.40 0.0700" in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= 80
