"""Names in a table that is wider than the terminal: they are folded, numbers never."""

from gil_lab.report.tables.as_rich import plain_text
from gil_lab.report.tables.table import Column, Table

NAME = Column[tuple[str, str]](("Python",), lambda one: one[0], right=False, naming=True)
NUMBER = Column[tuple[str, str]](("s",), lambda one: one[1])
ROWS = [("3.13t+gil", "1.25"), ("3.11+switch=0.1ms", "0.5")]


def lines(width):
    return plain_text([Table.of("", [NAME, NUMBER], ROWS)], width).splitlines()


def test_a_name_is_folded_before_its_setting():
    """And not within a word; one that has room stays whole."""
    assert [line.rstrip() for line in lines(20)[2:]] == [
        "3.13t+gil     1.25",
        "3.11           0.5",
        "+switch=0.1ms",
    ]


def test_a_table_that_fits_is_as_it_was():
    assert any("3.11+switch=0.1ms  0.5" in line for line in lines(40))
