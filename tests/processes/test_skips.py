"""Skips are counted, and one that is not listed fails the tests in CI."""

import os

import pytest
from forked_children import python_forked
from places import SUPPORT, TESTS
from skips import EXPECTED, listed, unlisted


def test_a_reason_must_match_as_a_whole():
    """Each is reported with its number."""
    patterns = listed("# why\n\nno 3\\.14t .*\n", "/some/python")
    assert unlisted(["no 3.14t here", "no root", "no root", "also no 3.14t here"], patterns) == {
        "no root": 2,
        "also no 3.14t here": 1,
    }


@pytest.mark.parametrize(("pythons", "reported"), [("", {}), ("/python", {"no 3.15 in GIL_LAB_PYTHONS": 1})])
def test_without_other_pythons_those_that_need_one_are_expected_to_be_skipped(pythons, reported):
    """With some of them, each that is missing is to be listed."""
    assert unlisted(["no 3.15 in GIL_LAB_PYTHONS"], listed("", pythons)) == reported


def test_every_pattern_has_its_reason():
    """In a comment above it."""
    for block in EXPECTED.read_text().strip().split("\n\n"):
        assert block.startswith("# ")


@pytest.mark.parametrize(
    ("strict", "reasons", "code", "options"),
    [
        ("strict", ["no root"], 1, ()),
        ("strict", ["no 3.14t in GIL_LAB_PYTHONS"], 0, ()),
        ("strict", ["no root", "no 3.14t in GIL_LAB_PYTHONS"], 1, ("-p", "xdist", "-n", "1")),
        ("", ["no"], 0, ()),
    ],
)
def test_an_unlisted_skip_fails_the_tests(tmp_path, strict, reasons, code, options):
    """And is named at their end, it alone, also where several processes run them."""
    (tmp_path / "conftest.py").write_text((TESTS / "conftest.py").read_text())
    (tmp_path / EXPECTED.name).write_text(EXPECTED.read_text())
    tests = [f"def test_{number}():\n    pytest.skip({reason!r})\n" for number, reason in enumerate(reasons)]
    (tmp_path / "test_one.py").write_text("\n".join(["import pytest", *tests]))
    done = python_forked(
        ["-m", "pytest", "-q", "-p", "no:cacheprovider", *options, str(tmp_path)],
        {
            **os.environ,
            "GIL_LAB_SKIPS": strict,
            "GIL_LAB_PYTHONS": "/some/python",
            "PYTHONPATH": str(SUPPORT),
            "PYTEST_ADDOPTS": "",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # they take longer to import than the tests to run
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == code, done.stdout
    assert [line for line in done.stdout.splitlines() if " x " in line] == [f"  1 x {reasons[0]}"] * code
