"""Bytecode caches: written if missing or old, left unchanged if valid, reported if they cannot be written."""

import importlib.util
import os
import py_compile
import sys
import types
from pathlib import Path

import pytest

from gil_lab.child import bytecode_caches


@pytest.fixture
def source(tmp_path):
    file = tmp_path / "module.py"
    file.write_text("VALUE = 1\n")
    return file


def cache_of(file):
    return Path(importlib.util.cache_from_source(str(file)))


def test_a_missing_cache_is_made(source):
    """Where the next process looks for it."""
    assert bytecode_caches.warm([str(source)])
    assert cache_of(source).is_file()


def test_a_good_cache_is_left_alone(source):
    """It is not even written again: that takes long for a whole standard library."""
    bytecode_caches.warm([str(source)])
    before = cache_of(source).stat()
    assert bytecode_caches.warm([str(source)])
    assert cache_of(source).stat().st_ino == before.st_ino


@pytest.mark.parametrize("change", ["newer", "longer", "torn", "of another Python"])
def test_an_old_cache_is_made_again(change, source):
    """One that Python itself would not take."""
    bytecode_caches.warm([str(source)])
    cache, then = cache_of(source), source.stat()
    before = cache.stat().st_ino
    if change == "newer":
        os.utime(source, (then.st_atime, then.st_mtime + 5))
    elif change == "longer":
        source.write_text("VALUE = 1234567\n")
        os.utime(source, (then.st_atime, then.st_mtime))
    elif change == "torn":
        cache.write_bytes(cache.read_bytes()[:10])
    else:
        cache.write_bytes(b"\0\0\r\n" + cache.read_bytes()[4:])
    assert bytecode_caches.warm([str(source)])
    assert cache.stat().st_ino != before


@pytest.mark.parametrize(
    "mode", [py_compile.PycInvalidationMode.CHECKED_HASH, py_compile.PycInvalidationMode.UNCHECKED_HASH]
)
def test_a_cache_that_goes_by_the_hash_is_good(mode, source):
    """Some distributions ship such caches, in read-only folders."""
    py_compile.compile(str(source), invalidation_mode=mode)
    before = cache_of(source).stat().st_ino
    os.utime(source, (1, 1))
    assert bytecode_caches.warm([str(source)])
    assert cache_of(source).stat().st_ino == before


def test_a_cache_that_cannot_be_written_is_reported(source):
    """Also if others can be: who imports all of them would compile that one each time."""
    other = source.parent / "other" / "module.py"
    other.parent.mkdir()
    other.write_text("")
    (source.parent / "__pycache__").write_text("in the way, for the superuser too")
    assert not bytecode_caches.warm([str(other), str(source)])
    assert cache_of(other).is_file()


@pytest.mark.parametrize("text", [b"def", b"\xff\xfe\x00", b"\0"])
def test_what_is_no_python_needs_no_cache(text, source):
    """It cannot be imported; templates and tests of the standard library are like that."""
    source.write_bytes(text)
    assert bytecode_caches.warm([str(source)])


def test_a_source_that_is_not_there_needs_no_cache(tmp_path):
    """Some modules tell one that was only there when they were built."""
    assert bytecode_caches.warm([str(tmp_path / "nothing.py")])


def test_what_workers_import_is_in_the_list():
    """Modules at the top of the standard library, packages that pools need, and the lab's own."""
    files = {*bytecode_caches.standard_library(), *bytecode_caches.own()}
    names = {Path(file).name for file in files}
    assert {"threading.py", "queue.py", "popen_spawn_posix.py", "thread.py", "base_events.py", "utf_8.py"} <= names
    assert {"trial.py", "primes.py", "joblib.py", "wire.py"} <= names
    assert not [file for file in files if "/test/" in file or "/tests/" in file or "__pycache__" in file]


def test_modules_that_are_loaded_are_found_by_their_sources(tmp_path, monkeypatch):
    """With the whole of packages of which workers import more; odd entries of sys.modules do no harm."""
    package = tmp_path / "whole"
    for name in ("__init__.py", "inner/deep.py", "tests/test_it.py", "data.txt"):
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text("")
    module = types.ModuleType("whole")
    module.__path__ = [str(package)]
    for name, odd in (("whole", module), ("none", None), ("text", "text"), ("bare", types.SimpleNamespace(__spec__=3))):
        monkeypatch.setitem(sys.modules, name, odd)
    found = set(bytecode_caches.loaded(("whole", "none", "missing")))
    assert {str(package / "__init__.py"), str(package / "inner" / "deep.py")} <= found
    assert str(package / "tests" / "test_it.py") not in found
    assert bytecode_caches.__file__ in found
    assert all(file.endswith(".py") for file in found)
