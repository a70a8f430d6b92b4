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


@pytest.mark.parametrize(("kind", "last"), [("fault", FAULTS), ("input", INPUTS)])
def test_every_fault_has_a_test(kind, last):
    """By its number in the name or in the id."""
    assert set(range(1, last + 1)) - numbers(kind) == set()
