"""The promises of README's table have their tests, and no fault is without one."""

import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
README = (HERE.parent / "README.md").read_text(encoding="utf-8")
(SECTION,) = re.findall(r"^## What survives\n(.*?)^## ", README, re.DOTALL | re.MULTILINE)
NAMED = sorted(set(re.findall(r"`((?:tests/)?test_\w+\.py)`", SECTION)))
FAULTS, INPUTS = 55, 46
"""Rows of the two lists of faults: of the lab's surroundings, and of what it is given to read."""
ELSEWHERE = {
    32: "test_table_file.py::test_columns_are_found_by_name",
    37: "test_table_file.py::test_a_value_that_its_column_cannot_hold_costs_its_row",
    41: "test_table_file.py::test_a_formula_is_written_as_text_and_comes_back_as_it_was",
    42: "test_page_in_browser.py::test_hostile_text_is_shown_as_text",
}
"""Inputs whose tests stand with those of the part that meets them."""


def numbers(kind: str) -> set[int]:
    """Of the rows that tests are called after: `test_fault_07_to_09_...`, `test_input_12_and_13_...`, `id="04-..."`."""
    found: set[int] = set()
    for file in (HERE / "fault_matrix").glob("test_*.py"):
        text = file.read_text(encoding="utf-8")
        for first, word, last in re.findall(rf"def test_{kind}_(\d+)(?:_(to|and)_(\d+))?", text):
            found |= (
                set(range(int(first), int(last) + 1)) if word == "to" else {int(one) for one in (first, last) if one}
            )
        if kind == "fault":
            found |= {int(number) for number in re.findall(r'id="(\d\d)-', text)}
    return found


@pytest.mark.parametrize("name", NAMED)
def test_what_readme_names_as_proof_is_there(name):
    """A promise without its test is a claim."""
    file = HERE.parent / name if "/" in name else HERE / "fault_matrix" / name
    assert re.search(r"^def test_", file.read_text(encoding="utf-8"), re.MULTILINE)


def test_every_promise_names_its_proof():
    """Nine rows, and in each a file of tests."""
    rows = [row for row in SECTION.splitlines() if row.startswith("| ")][2:]
    assert len(rows) == 9
    assert all(re.search(r"test_\w+\.py", row.split(" | ")[1]) for row in rows)


def test_every_fault_has_a_test():
    """By its number in the name or in the id."""
    assert set(range(1, FAULTS + 1)) - numbers("fault") == set()


def test_every_input_has_a_test():
    """The same, or it is known where."""
    assert set(range(1, INPUTS + 1)) - numbers("input") == set(ELSEWHERE)


@pytest.mark.parametrize("test", ELSEWHERE.values())
def test_what_is_said_to_be_elsewhere_is_there(test):
    """Under that name."""
    file, _, name = test.partition("::")
    assert f"def {name}(" in (HERE / file).read_text(encoding="utf-8")
