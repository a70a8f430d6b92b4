"""A language without a font is said to have none, before boxes are printed."""

import subprocess
from types import SimpleNamespace

import pytest

from gil_lab.model.language import speaking
from gil_lab.report import fonts


@pytest.fixture
def installed(monkeypatch):
    """Sets which fonts this machine's fontconfig finds, and tells what it was asked for."""
    asked = []

    def of(families):
        def run(command, **_):
            asked.append(command[1])
            return SimpleNamespace(stdout=families)

        monkeypatch.setattr(fonts.shutil, "which", lambda _: "/usr/bin/fc-list")
        monkeypatch.setattr(fonts.subprocess, "run", run)
        return asked

    return of


def test_a_language_without_a_font_is_named(installed):
    """With the next step."""
    asked = installed("")
    with speaking("zh"):
        assert "no font for zh-CN is installed" in fonts.lacking()
    assert asked == [":lang=zh-cn"]


def test_a_font_that_is_there_is_not_spoken_of(installed):
    """One is enough."""
    installed("Noto Sans CJK SC\n")
    with speaking("zh"):
        assert not fonts.lacking()


def test_english_needs_no_font(installed):
    """Of the system's: the engine brings its letters."""
    installed("")
    assert not fonts.lacking()


def test_a_machine_that_cannot_be_asked_lacks_nothing(installed, monkeypatch):
    """Without fontconfig, or where it fails."""
    installed("")

    def fail(*_, **__):
        raise subprocess.TimeoutExpired("fc-list", 10)

    with speaking("zh"):
        monkeypatch.setattr(fonts.subprocess, "run", fail)
        assert not fonts.lacking()
        monkeypatch.setattr(fonts.shutil, "which", lambda _: None)
        assert not fonts.lacking()
