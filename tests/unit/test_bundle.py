"""The bundle of scripts: made once, kept in a cache that is only believed if it is whole and ours alone."""

import hashlib
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from gil_lab.report import bundle as bundling
from gil_lab.report.bundle import bundle, cache_folder, harmless
from gil_lab.report.extra import vega_lite

SCRIPT = "window.vegaEmbed = 'é';\n"


class Engine(SimpleNamespace):
    """Stands for vl-convert, and counts how often the script was made."""

    def __init__(self, version="1.9.0", script=SCRIPT):
        super().__init__(__version__=version, script=script, made=0)

    def get_vegalite_versions(self):
        return ["5.8", "5.21", "6.4", "6.10"]

    def javascript_bundle(self, snippet, vl_version):
        assert (snippet, vl_version) == ("window.vegaEmbed = vegaEmbed;", "6.10")
        self.made += 1
        return self.script


@pytest.fixture
def engine(monkeypatch):
    made = Engine()
    monkeypatch.setattr(bundling, "vl_convert", lambda: made)
    return made


@pytest.fixture
def cache(tmp_path, engine):
    """A cache folder that holds the script already."""
    assert bundle(tmp_path / "cache") == SCRIPT
    return tmp_path / "cache"


def kept_in(cache):
    (file,) = cache.iterdir()
    return file


def test_the_second_report_does_not_make_the_script_again(cache, engine):
    assert bundle(cache) == SCRIPT
    assert engine.made == 1


def test_only_the_user_can_write_and_read_what_is_kept(cache):
    assert cache.stat().st_mode & 0o777 == 0o700
    assert kept_in(cache).stat().st_mode & 0o777 == 0o600


def test_another_version_of_the_engine_makes_its_own(cache, engine):
    engine.__version__ = "1.10.0"
    engine.script = "newer"
    assert bundle(cache) == "newer"
    assert len(list(cache.iterdir())) == 2


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:-3],
        lambda text: text + "fetch('http://127.0.0.1')",
        lambda text: "",
        lambda text: text.partition("\n")[2],
        lambda text: text.replace("é", "e"),
    ],
    ids=["cut", "longer", "empty", "no first line", "changed"],
)
def test_a_damaged_file_is_made_anew(cache, engine, damage):
    file = kept_in(cache)
    file.write_text(damage(file.read_text()))
    assert bundle(cache) == SCRIPT
    assert bundle(cache) == SCRIPT
    assert engine.made == 2


def test_a_file_that_is_no_text_is_made_anew(cache, engine):
    kept_in(cache).write_bytes(b"\xff\xfe")
    assert bundle(cache) == SCRIPT
    assert engine.made == 2


def forge(file):
    """What someone else would put there, in the right form."""
    evil = "evil()"
    file.write_text(f"// sha256 {hashlib.sha256(evil.encode()).hexdigest()}\n{evil}")


@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_a_file_that_others_can_write_is_not_believed(cache, engine, mode):
    file = kept_in(cache)
    forge(file)
    file.chmod(mode)
    assert bundle(cache) == SCRIPT
    assert file.stat().st_mode & 0o777 == 0o600, "it was put there anew"


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
def test_a_folder_that_others_can_write_is_neither_believed_nor_used(cache, engine, mode):
    forge(kept_in(cache))
    before = kept_in(cache).read_bytes()
    cache.chmod(mode)
    assert bundle(cache) == SCRIPT
    assert kept_in(cache).read_bytes() == before


def test_what_belongs_to_another_user_is_not_believed(cache, engine, monkeypatch):
    forge(kept_in(cache))
    mine = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: mine + 1)
    assert bundle(cache) == SCRIPT


def test_a_link_is_not_followed(cache, engine, tmp_path):
    """Neither in the place of the file nor in that of the folder."""
    file = kept_in(cache)
    forge(tmp_path / "theirs")
    file.unlink()
    file.symlink_to(tmp_path / "theirs")
    assert bundle(cache) == SCRIPT
    link = tmp_path / "link"
    link.symlink_to(cache)
    assert bundle(link) == SCRIPT
    assert engine.made == 3


def test_a_pipe_in_the_place_of_the_file_holds_nobody_up(cache, engine):
    file = kept_in(cache)
    file.unlink()
    os.mkfifo(file)
    assert bundle(cache) == SCRIPT


def test_a_folder_that_cannot_be_made_costs_only_time(tmp_path, engine):
    (tmp_path / "file").write_text("")
    for _ in range(2):
        assert bundle(tmp_path / "file" / "gil-lab") == SCRIPT
    assert engine.made == 2


def test_a_full_disk_leaves_nothing_behind(tmp_path, engine, monkeypatch):
    def refuse(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    assert bundle(tmp_path / "cache") == SCRIPT
    assert list((tmp_path / "cache").iterdir()) == []


def test_without_a_home_nothing_is_kept(engine, monkeypatch):
    monkeypatch.setattr(bundling, "cache_folder", lambda: None)
    assert [bundle(), bundle()] == [SCRIPT, SCRIPT]
    assert engine.made == 2


def test_the_cache_is_where_the_system_wants_it(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", "/elsewhere")
    assert cache_folder() == Path("/elsewhere/gil-lab")
    for ignored in ("", "relative/path"):
        monkeypatch.setenv("XDG_CACHE_HOME", ignored)
        assert cache_folder() == tmp_path / ".cache/gil-lab"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert cache_folder() == tmp_path / "Library/Caches/gil-lab"


def test_a_user_without_a_home_has_no_cache(monkeypatch):
    def lost():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", lost)
    assert cache_folder() is None


@pytest.mark.parametrize(
    ("script", "made"),
    [
        ("a = '</script>'", r"a = '\x3c/script>'"),
        ("a = '</SCRIPT '", r"a = '\x3c/SCRIPT '"),
        ("/<!--|<script/", r"/\x3c!--|\x3cscript/"),
        ("a < b; c </d/.e; '<b>'", "a < b; c </d/.e; '<b>'"),
        ("a\r\nb\rc\n", "a\nb\nc\n"),
    ],
)
def test_a_script_cannot_end_its_element(script, made):
    assert harmless(script) == made


def test_the_newest_vega_lite_is_the_greatest_number():
    assert vega_lite(Engine()) == "6.10"
