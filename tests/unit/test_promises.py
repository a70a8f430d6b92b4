"""The promises of docs/what-survives.md have their tests, and so has every fault and input of the fault lists."""

import re
from pathlib import Path

import pytest
from places import ROOT, TESTS

PAGE = (ROOT / "docs" / "what-survives.md").read_text(encoding="utf-8")
PROMISES = [row for row in PAGE.splitlines() if row.startswith("| ")][2:]
LISTS = (TESTS / "faults" / "README.md").read_text(encoding="utf-8")
ELSEWHERE = {
    18: "test_interpreters_finding.py::test_no_link_to_a_program_is_resolved",
    32: "test_table_file.py::test_columns_are_found_by_name",
    37: "test_table_file.py::test_a_value_that_its_column_cannot_hold_costs_its_row",
    41: "test_table_file.py::test_a_formula_is_written_as_text_and_comes_back_as_it_was",
    42: "test_page_in_browser.py::test_hostile_text_is_shown_as_text",
}
"""Inputs whose tests have no number in their names, because they stand with the part that meets the input."""


def file_of(name: str) -> Path:
    """The file of that name, on whichever floor it stands."""
    (file,) = TESTS.rglob(name)
    return file


def listed(kind: str) -> list[int]:
    """The numbers of the rows of a list in the fault tests' README, in the order in which they stand there."""
    faults, inputs = LISTS.split("\n## Inputs ", maxsplit=1)
    part = {"fault": faults, "input": inputs}[kind]
    return [int(number) for number in re.findall(r"^\| (\d+) \| ", part, re.MULTILINE)]


def numbered(kind: str) -> set[int]:
    """The rows that tests are named after: `test_fault_07_to_09_...`, `test_input_12_and_13_...`, `id="04-..."`, and
    the keys of the cases of `test_input_is_refused...`."""
    numbers: set[int] = set()
    for file in TESTS.rglob("test_*.py"):
        text = file.read_text(encoding="utf-8")
        for first, word, last in re.findall(rf"def test_{kind}_(\d+)(?:_(to|and)_(\d+))?", text):
            numbers |= (
                set(range(int(first), int(last) + 1))
                if word == "to"
                else {int(number) for number in (first, last) if number}
            )
        written = {"fault": r'id="(\d\d)-', "input": r"^    (\d+): \["}[kind]
        numbers |= {int(number) for number in re.findall(written, text, re.MULTILINE)}
    return numbers


@pytest.mark.parametrize("promise", PROMISES, ids=range(1, len(PROMISES) + 1))
def test_the_proof_of_a_promise_exists(promise):
    """Each names at least one file of tests, and each of those has tests."""
    names = re.findall(r"`(test_\w+\.py)`", promise.split(" | ")[1])
    assert names
    for name in names:
        assert re.search(r"^def test_", file_of(name).read_text(encoding="utf-8"), re.MULTILINE)


def test_there_are_nine_promises():
    """The table is read as the table that it is."""
    assert len(PROMISES) == 9


@pytest.mark.parametrize("kind", ["fault", "input"])
def test_the_rows_of_a_list_are_numbered_without_gaps(kind):
    """A number is permanent, so a row that is taken out would leave a gap."""
    assert listed(kind) == list(range(1, len(listed(kind)) + 1))
    assert len(listed(kind)) >= 40


def test_every_fault_has_a_test_and_every_numbered_test_a_fault():
    """By its number in the name or in the id."""
    assert numbered("fault") == set(listed("fault"))


def test_every_input_has_a_test_and_every_numbered_test_an_input():
    """By its number, or ELSEWHERE says where."""
    assert numbered("input") | set(ELSEWHERE) == set(listed("input"))
    assert not numbered("input") & set(ELSEWHERE)


@pytest.mark.parametrize("test", ELSEWHERE.values())
def test_a_test_that_stands_elsewhere_exists(test):
    """Under that name."""
    file, _, name = test.partition("::")
    assert f"def {name}(" in file_of(file).read_text(encoding="utf-8")
