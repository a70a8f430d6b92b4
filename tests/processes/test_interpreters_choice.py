"""Choosing interpreters: labels that distinguish them, `all`, settings that make sense, and no one twice."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
from asked_once import asked_once
from fake_python import answered_at_once, fake, no_other_pythons, script

import gil_lab
from gil_lab import interpreters
from gil_lab.child import bytecode_caches
from gil_lab.interpreters import caches, choose
from gil_lab.measuring.environment import PACKAGE
from gil_lab.model.errors import UsageError


@pytest.fixture(autouse=True)
def nowhere(tmp_path, monkeypatch):
    """But the Python of the tests, which is asked once, and those that a test makes: how they are asked is tested in
    test_interpreters_asking.py.
    """
    no_other_pythons(monkeypatch, tmp_path)
    answered_at_once(monkeypatch)
    asked_once(monkeypatch, sys.executable)


def labels(*names):
    return [one.label for one in choose(names, strategies=()).interpreters]


def there_are(folder, monkeypatch, **kinds):
    """Put these into GIL_LAB_PYTHONS, by names that say nothing. Returns their paths."""
    paths = [fake(folder / name, *arguments) for name, arguments in kinds.items()]
    monkeypatch.setenv("GIL_LAB_PYTHONS", os.pathsep.join(paths))
    return paths


def test_each_has_a_short_label(tmp_path, monkeypatch):
    """Version, letter of the build, implementation, settings."""
    there_are(
        tmp_path,
        monkeypatch,
        a=("3.99.2",),
        b=("3.99.2", "cpython", True),
        c=("3.98.17", "pypy"),
        d=("3.98.0a1+",),
    )
    names = ("3.99", "3.99t", "3.99t+switch=1ms+gil", "pypy", "3.98")
    assert labels(*names) == ["3.99", "3.99t", "3.99t+gil+switch=1ms", "pypy3.98", "3.98"]


def test_settings_are_in_the_environment(tmp_path, monkeypatch):
    """And nothing else is."""
    there_are(tmp_path, monkeypatch, a=("3.99.2", "cpython", True))
    plain, set_up = choose(("3.99t", "3.99t+nogil+switch=2ms"), strategies=()).interpreters
    assert plain.environment == ()
    assert set_up.environment == (("PYTHON_GIL", "0"), ("GIL_LAB_SWITCH_INTERVAL_S", "0.002"))


def test_the_order_is_that_of_the_names_and_nobody_is_there_twice(tmp_path, monkeypatch):
    """Names that mean the same are one interpreter."""
    a, _ = there_are(tmp_path, monkeypatch, a=("3.99.2",), b=("3.98.1",))
    assert labels("3.98", "3.99", a, "3.98.1", "python3.98", "3.99+switch=1s", "3.99+switch=1000ms") == [
        "3.98",
        "3.99",
        "3.99+switch=1000ms",
    ]


def test_two_of_a_version_are_distinguished_by_all_of_it(tmp_path, monkeypatch):
    """And by a number if that is the same; settings do not make another program."""
    a, b, c, d = there_are(
        tmp_path, monkeypatch, a=("3.99.0",), b=("3.99.2",), c=("3.99.2",), d=("3.99.2", "cpython", True)
    )
    assert labels(a, f"{a}+switch=1ms") == ["3.99", "3.99+switch=1ms"]
    assert labels(a, d) == ["3.99", "3.99t"]
    assert labels(a, b) == ["3.99.0", "3.99.2"]
    assert labels(b, f"{a}+switch=1ms", c, f"{c}+switch=1ms", d) == [
        "3.99.2",
        "3.99.0+switch=1ms",
        "3.99.2-2",
        "3.99.2-2+switch=1ms",
        "3.99t",
    ]


@pytest.mark.parametrize("setting", ["gil", "nogil"])
def test_a_build_with_the_gil_has_no_choice(setting, tmp_path, monkeypatch):
    """It would refuse to start, or ignore it."""
    there_are(tmp_path, monkeypatch, a=("3.99.2",), b=("3.98.1", "pypy"))
    choice = choose((f"3.99+{setting}", f"pypy+{setting}", "3.99"), strategies=())
    assert [one.label for one in choice.interpreters] == ["3.99"]
    assert [(one.name, one.reason.partition(";")[0]) for one in choice.missing] == [
        (f"3.99+{setting}", "3.99 always has a GIL"),
        (f"pypy+{setting}", "pypy3.98 always has a GIL"),
    ]


def test_what_is_missing_costs_nobody_else_anything(tmp_path, monkeypatch):
    """Each name that cannot be had is reported once, with its reason; the others are there."""
    there_are(tmp_path, monkeypatch, a=("3.99.2",), b=("3.9.1",))
    names = ("/bin/true", "3.99", "3.9", "3.97", "3.99+foo", "3.97", "this+switch=9s")
    choice = choose(names, strategies=())
    assert [one.label for one in choice.interpreters] == ["3.99"]
    assert [one.name for one in choice.missing] == ["/bin/true", "3.9", "3.97", "3.99+foo", "this+switch=9s"]
    assert all(one.name.partition("+")[0] in one.reason for one in choice.missing)


def test_a_name_that_is_none_is_an_error_before_anything_is_started(monkeypatch):
    """No program is asked then."""
    monkeypatch.setattr(interpreters, "Examiner", None)
    with pytest.raises(UsageError, match="empty part"):
        choose(("this", "3.13+"))


def test_no_names_are_no_interpreters():
    """Nothing is asked, and nothing is missing."""
    assert choose(()) == interpreters.Choice((), ())


# All


def test_all_is_one_of_each_and_the_third_arm(tmp_path, monkeypatch):
    """In order of versions; what is broken or too old is left out; the running Python is preferred."""
    paths = there_are(
        tmp_path,
        monkeypatch,
        a=("3.98.2", "pypy"),
        b=("3.100.0",),
        c=("3.99.2", "cpython", True),
        d=("3.99.3",),
        e=("3.99.2",),
        f=("3.9.2",),
    )
    broken = script(tmp_path / "broken", "exit 1")
    monkeypatch.setenv("GIL_LAB_PYTHONS", os.pathsep.join([broken, "/nowhere", *paths]))
    choice = choose(("all",), strategies=())
    own, *others = choice.interpreters
    assert own.executable == sys.executable
    assert [one.label for one in others] == ["3.99", "3.99t", "3.99t+gil", "3.100", "pypy3.98"]
    assert [one.executable for one in others[:2]] == [paths[3], paths[2]]
    assert choice.missing == ()


def test_all_with_settings_is_all_to_which_they_apply(tmp_path, monkeypatch):
    """The GIL is a choice of free-threaded builds only; a switch interval is for each."""
    there_are(tmp_path, monkeypatch, a=("3.99.2",), b=("3.99.2", "cpython", True))
    assert labels("all+gil") == ["3.99t+gil"]
    assert labels("all+nogil+switch=1ms") == ["3.99t+nogil+switch=1ms"]
    assert labels("all+switch=1ms")[1:] == ["3.99+switch=1ms", "3.99t+switch=1ms", "3.99t+gil+switch=1ms"]


def test_all_beside_names_is_still_everything_once(tmp_path, monkeypatch):
    """A name of one that all has too moves it to where the name stands."""
    there_are(tmp_path, monkeypatch, a=("3.99.2",), b=("3.99.2", "cpython", True))
    assert labels("3.99t+gil", "all", "3.99+switch=1ms")[0] == "3.99t+gil"
    assert sorted(labels("3.99t+gil", "all", "3.99+switch=1ms")[2:]) == ["3.99", "3.99+switch=1ms", "3.99t"]


def test_all_of_nothing_is_reported():
    """A machine without a free-threaded build has none with its GIL switched off."""
    choice = choose(("all+nogil",), strategies=())
    if choice.interpreters:
        pytest.skip("this Python is a free-threaded build")
    assert [one.name for one in choice.missing] == ["all+nogil"]
    assert "see gil-lab pythons" in choice.missing[0].reason


def test_one_that_fails_late_is_left_out_of_all(tmp_path, monkeypatch):
    """It greets, and cannot run the lab; named itself, it is missing."""
    late = fake(tmp_path / "late", "3.99.1", before='[ $# -gt 3 ] && { "$0" -c x "$3"; exit 1; }')
    monkeypatch.setenv("GIL_LAB_PYTHONS", late)
    assert (len(labels("all")), choose(("all",), strategies=()).missing) == (1, ())
    assert [one.name for one in choose(("all", "3.99"), strategies=()).missing] == ["3.99"]


# This one


def test_this_is_the_running_python():
    """It is not searched for."""
    (found,) = choose(("this",), strategies=("threading",)).interpreters
    assert found.executable == sys.executable
    assert found.facts.version == sys.version.split()[0]
    assert found.label == found.facts.label


def test_a_python_in_another_program_has_to_be_named(monkeypatch):
    """An embedded one does not know its program."""
    monkeypatch.setattr(sys, "executable", "")
    (missing,) = choose(("this",)).missing
    assert missing.reason == "the path of the running Python is unknown; name another one"


# Bytecode


def moody(path, *moods):
    """A Python that finds its caches as `moods` say: without and with PYTHONPYCACHEPREFIX."""
    without, elsewhere = (fake(path.parent / f"{path.name}-{mood}", bytecode=mood) for mood in moods)
    reported = 'if [ -n "$PYTHONPYCACHEPREFIX" ]; then exec {} "$@"; else exec {} "$@"; fi'
    return script(path, reported.format(elsewhere, without))


def test_caches_that_cannot_be_beside_are_elsewhere(tmp_path, monkeypatch):
    """In a folder for the user alone, by a variable that children get as well; gil_lab stands in it by one path."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (found,) = choose((moody(tmp_path / "python", "none", "elsewhere") + "+switch=1ms",)).interpreters
    assert found.facts.bytecode == "elsewhere"
    reported = dict(found.environment)
    assert list(reported) == ["GIL_LAB_SWITCH_INTERVAL_S", "PYTHONPYCACHEPREFIX", "PYTHONPATH"]
    assert reported["PYTHONPYCACHEPREFIX"] == str(tmp_path / "cache" / "gil-lab" / "bytecode")
    for folder in (tmp_path / "cache" / "gil-lab").rglob("*"):
        assert folder.is_symlink() or folder.stat().st_mode & 0o777 == 0o700
    assert Path(reported["PYTHONPATH"], "gil_lab").resolve() == Path(gil_lab.__file__).resolve().parent
    assert choose((str(tmp_path / "python"),)).interpreters[0].environment == found.environment[1:]


def test_caches_that_can_be_nowhere_are_reported(tmp_path, monkeypatch):
    """The interpreter is used all the same."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (found,) = choose((moody(tmp_path / "python", "none", "none"),)).interpreters
    assert (found.facts.bytecode, found.environment) == ("none", ())


@pytest.mark.parametrize("spoilt", ["link", "file", "open to others"])
def test_a_cache_folder_that_others_can_write_is_not_used(spoilt, tmp_path, monkeypatch):
    """Whoever can write bytecode can run code."""
    cache = tmp_path / "cache"
    cache.mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    if spoilt == "link":
        (tmp_path / "theirs").mkdir()
        (cache / "gil-lab").symlink_to(tmp_path / "theirs")
    elif spoilt == "file":
        (cache / "gil-lab").write_text("")
    else:
        (cache / "gil-lab").mkdir()
        (cache / "gil-lab").chmod(0o777)
    (found,) = choose((moody(tmp_path / "python", "none", "elsewhere"),)).interpreters
    assert (found.facts.bytecode, found.environment) == ("none", ())


def test_what_a_real_python_caches_elsewhere_is_found_there(tmp_path, monkeypatch):
    """As if its standard library were read-only: the second process of it compiles nothing of the lab's.

    Nor does one of its pool: of all that such a process imports, nothing is left to be compiled. Of the standard
    library and of the lab one package each is compiled here; the others, which take long, lie there already.
    """
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    ((_, folder), (_, modules)) = caches.elsewhere()
    for source in (*bytecode_caches.standard_library(), *bytecode_caches.own()):
        kept, package = Path(importlib.util.cache_from_source(source)), str(PACKAGE.parent)
        if kept.exists() and not {"child", "concurrent"} & set(Path(source).parts):
            there = Path(folder + source.replace(package, modules)).parent / kept.name
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_bytes(kept.read_bytes())
    nowhere = 'export PYTHONPYCACHEPREFIX="${PYTHONPYCACHEPREFIX-/dev/null/nowhere}"'
    program = script(tmp_path / "python", f'{nowhere}\nexec {sys.executable} "$@"')
    (found,) = choose((program,), strategies=("threading", "multiprocessing-spawn")).interpreters
    assert found.facts.bytecode == "elsewhere"
    lab = dict(found.environment)["PYTHONPYCACHEPREFIX"] + dict(found.environment)["PYTHONPATH"] + "/gil_lab"
    assert list(Path(lab).glob("child/trial.*.pyc"))
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "cache").rglob("*.pyc")}
    assert choose((program,), strategies=("threading", "multiprocessing-spawn")).interpreters == (found,)
    code = (
        "from gil_lab.child import bytecode_caches\n"
        "import multiprocessing.spawn, multiprocessing.popen_spawn_posix, concurrent.futures.process, asyncio\n"
        "import gil_lab.child.trial, gil_lab.suite.strategies.multiprocessing, gil_lab.suite.workloads.primes\n"
        "print([file for file in bytecode_caches.loaded(()) if not bytecode_caches._cached(file)])\n"
    )
    environment = {**os.environ, **dict(found.environment), "PYTHONDONTWRITEBYTECODE": "1"}
    worker = [program, "-S", "-c", code]
    done = subprocess.run(worker, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "cache").rglob("*.pyc")} == before
