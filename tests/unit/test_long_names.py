"""A file of a user's own may have as long a name as the system allows."""

from pathlib import Path

import pytest

from gil_lab.measuring.environment import modules

LONGEST = 255
"""Bytes of a name (NAME_MAX of Linux)."""


@pytest.mark.parametrize("sign", ["x", "ä", "中"])
def test_the_link_to_a_file_with_a_long_name_has_a_name_that_is_allowed(sign):
    """Whatever its signs are: they have one to three bytes."""
    stem = sign * ((LONGEST - len(".py")) // len(sign.encode()))
    link = next(name for name in modules(Path(f"/home/{stem}.py")) if name != "gil_lab")
    assert len(link.encode()) <= LONGEST
    assert link.removeprefix("gil_lab_file_").startswith(sign * 60)
