"""Skips are counted, and one that is not listed fails the tests in CI."""

import os
import subprocess
import sys

import pytest
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
    ("strict", "reason", "code", "options"),
    [
        ("strict", "no root", 1, ()),
        ("strict", "no root", 1, ("-p", "xdist", "-n", "1")),
        ("strict", "no 3.14t in GIL_LAB_PYTHONS", 0, ("-p", "xdist", "-n", "1")),
        ("", "no", 0, ()),
    ],
)
def test_an_unlisted_skip_fails_the_tests(tmp_path, strict, reason, code, options):
    """And is named at their end, also where several processes run them."""
    (tmp_path / "conftest.py").write_text((TESTS / "conftest.py").read_text())
    (tmp_path / EXPECTED.name).write_text(EXPECTED.read_text())
    (tmp_path / "test_one.py").write_text(f"import pytest\ndef test_one():\n    pytest.skip({reason!r})\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, tmp_path],
        env={
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
        check=False,
    )
    assert done.returncode == code, done.stdout
    assert (f"1 x {reason}" in done.stdout) == bool(code)
