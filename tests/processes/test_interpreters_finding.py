"""Finding the program that a name means: on PATH, in pyenv's and uv's folders, in GIL_LAB_PYTHONS, by findpython."""

import os
import sys
from types import SimpleNamespace

import pytest
from asked_once import asked_once
from fake_python import answered_at_once, fake, no_other_pythons, script

from gil_lab.interpreters import choose, locations, survey


@pytest.fixture(autouse=True)
def nowhere(tmp_path, monkeypatch):
    """But the Python of the tests, which is asked once, and those that a test makes: how they are asked is tested in
    test_interpreters_asking.py.
    """
    no_other_pythons(monkeypatch, tmp_path)
    answered_at_once(monkeypatch)
    asked_once(monkeypatch, sys.executable)


def programs(*names):
    """The program of each name, in order; None for one that is missing."""
    choice = choose(names, strategies=())
    found = {one.name: None for one in choice.missing}
    rest = iter([one.executable for one in choice.interpreters])
    return [found[name] if name in found else next(rest) for name in names]


def reason(name):
    (missing,) = choose((name,), strategies=()).missing
    return missing.reason


def test_path_is_searched_in_its_order(tmp_path, monkeypatch):
    """The first that is of the version; what its file is called does not matter, what it says does."""
    lying = fake(tmp_path / "a" / "python3.14", "3.15.1")
    first = fake(tmp_path / "b" / "python3", "3.14.2")
    fake(tmp_path / "c" / "python3.14", "3.14.1")
    monkeypatch.setenv("PATH", os.pathsep.join(str(tmp_path / name) for name in "abc"))
    assert programs("3.14") == programs("python3.14") == [first]
    assert programs("3.14.1") == [str(tmp_path / "c" / "python3.14")]
    assert programs("3.15") == [None]  # a file that is called 3.14 is not asked whether it is 3.15
    assert programs(lying) == [lying]


def test_the_fullest_name_of_a_file_is_reported(tmp_path, monkeypatch):
    """python, python3 and python3.14 are links to one file, which is greeted once."""
    greeted = tmp_path / "greeted"
    real = fake(tmp_path / "bin" / "python3.14", before=f"echo >> {greeted}")
    (tmp_path / "bin" / "python3").symlink_to("python3.14")
    os.link(real, tmp_path / "bin" / "python")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert programs("3.14") == [real]
    assert greeted.read_text() == "\n\n"  # once to find it, once to ask it


def test_a_path_that_is_no_path_is_passed_over(tmp_path, monkeypatch):
    """Empty, relative, not there, a file, and programs that only begin like a Python or cannot be run."""
    monkeypatch.chdir(tmp_path)
    fake(tmp_path / "relative" / "python3.14")
    (tmp_path / "file").write_text("")
    folder = tmp_path / "bin"
    for name in ("python3.14-config", "python3.14.exe", "pythonista", "ipython3"):
        fake(folder / name)
    (folder / "python3").mkdir()
    (folder / "python").symlink_to("python")
    (folder / "python3.14").write_text("not executable")
    monkeypatch.setenv("PATH", os.pathsep.join(["", "relative", "/nowhere", str(tmp_path / "file"), str(folder)]))
    assert programs("3.14") == [None]


def test_shims_are_not_asked(tmp_path, monkeypatch):
    """They are slow, and fail unless a version is chosen; the versions themselves are found."""
    asked = tmp_path / "asked"
    shims = tmp_path / "pyenv" / "shims"
    script(shims / "python3.14", f"echo asked > {asked}")
    real = fake(tmp_path / "pyenv" / "versions" / "3.14.2" / "bin" / "python")
    monkeypatch.setenv("PATH", str(shims))
    assert programs("3.14") == [real]
    assert not asked.exists()


@pytest.mark.parametrize(
    ("name", "version", "implementation", "free_threaded"),
    [
        ("3.14", "3.14.2", "cpython", False),
        ("3.14t", "3.14.1", "cpython", True),
        ("3.14.0", "3.14.0", "cpython", False),
        ("pypy3.11", "3.11.17", "pypy", False),
        ("pypy", "3.11.17", "pypy", False),
    ],
)
def test_versions_side_by_side_are_found(name, version, implementation, free_threaded, tmp_path, monkeypatch):
    """Those of pyenv, and those of uv, of whose folders only the rough version is believed."""
    folder = tmp_path / "pyenv" / "versions"
    fake(folder / "3.14.2" / "bin" / "python", "3.14.2")
    fake(folder / "3.14.1t" / "bin" / "python", "3.14.1", free_threaded=True)
    fake(folder / "3.14.0" / "bin" / "python", "3.14.0")
    fake(folder / "3.12.1" / "bin" / "python", "3.12.1", before="echo asked > $0.asked")
    fake(folder / "pypy3.11-7.3.20" / "bin" / "pypy3", "3.11.17", "pypy")
    (found,) = choose((name,), strategies=()).interpreters
    assert (found.facts.version, found.facts.free_threaded) == (version, free_threaded)
    assert found.facts.implementation.lower() == implementation
    assert not list(folder.glob("3.12.1/bin/*.asked")) or name == "pypy"
    folder.rename(tmp_path / "uv")
    assert programs(name) == [None]
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path / "uv"))
    assert programs(name) == [str(tmp_path / "uv" / found.executable.removeprefix(f"{folder}/"))]


def test_the_newest_of_several_patches_is_taken(tmp_path):
    """3.14.10 is newer than 3.14.9."""
    for patch in (2, 10, 9):
        fake(tmp_path / "pyenv" / "versions" / f"3.14.{patch}" / "bin" / "python", f"3.14.{patch}")
    (found,) = choose(("3.14",), strategies=()).interpreters
    assert found.facts.version == "3.14.10"


def test_uv_keeps_them_at_home(tmp_path):
    """Where nothing else is said."""
    folder = tmp_path / "home/.local/share/uv/python/cpython-3.14.2+freethreaded-linux-x86_64-gnu/bin"
    assert programs("3.14") == [None]
    real = fake(folder / "python3", "3.14.2", free_threaded=True)
    assert programs("3.14t") == [real]


def test_what_the_user_names_comes_first(tmp_path, monkeypatch):
    """GIL_LAB_PYTHONS holds programs, virtual environments and prefixes; empty parts are nothing."""
    program = fake(tmp_path / "odd name", "3.14.2")
    inside = fake(tmp_path / "home" / "venv" / "bin" / "python", "3.15.1")
    prefix = fake(tmp_path / "pypy" / "bin" / "pypy3", "3.11.17", "pypy")
    fake(tmp_path / "bin" / "python3.14", "3.14.9")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("GIL_LAB_PYTHONS", os.pathsep.join([program, "", "~/venv", str(tmp_path / "pypy")]))
    assert programs("3.14", "3.15", "pypy") == [program, inside, prefix]


def test_the_running_python_is_preferred_to_all_others(tmp_path, monkeypatch):
    """Its own version means itself; it is never started to be found."""
    short = f"{sys.version_info[0]}.{sys.version_info[1]}"
    monkeypatch.setenv("GIL_LAB_PYTHONS", fake(tmp_path / "python", f"{short}.99"))
    if sys.implementation.name != "cpython" or "t" in sys.abiflags:
        pytest.skip("the version of this Python is written in another way")
    assert programs(short) == [sys.executable]
    assert programs(f"{short}.99") == [str(tmp_path / "python")]


def test_findpython_is_the_last_resort(tmp_path, monkeypatch):
    """It takes seconds: only if nothing else was found, once for several names, and in the way that is quickest."""
    known, asked = fake(tmp_path / "far" / "python3.14"), []

    class Finder:
        def __init__(self, **options):
            asked.append(options)

        def find_all(self):
            return [SimpleNamespace(executable=tmp_path / "far" / "python3.14")]

    monkeypatch.setitem(sys.modules, "findpython", SimpleNamespace(Finder=Finder))
    assert programs("this", fake(tmp_path / "near" / "python", "3.15.1")) == [
        sys.executable,
        str(tmp_path / "near/python"),
    ]
    assert asked == []
    assert programs("3.14", "3.99", "3.98") == [known, None, None]
    assert asked == [{"resolve_symlinks": True, "no_same_file": True}]


def test_a_name_of_another_program_is_looked_for_on_path(tmp_path, monkeypatch):
    """Whatever it is called, it is asked."""
    real = fake(tmp_path / "bin" / "our-python", "3.14.2")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert programs("our-python") == [real]
    assert reason("their-python") == "no program their-python is on PATH; see gil-lab pythons"


@pytest.mark.parametrize("name", ["3.99", "3.14t", "pypy3.10", "3.13.99"])
def test_what_is_not_there_is_reported_with_the_next_step(name):
    """A command to paste."""
    assert reason(name) == f"no Python {name} was found; uv python install {name}, or give its path"


def test_a_version_that_is_there_and_broken_is_reported(tmp_path, monkeypatch):
    """Installing another one is not what is needed then."""
    broken = script(tmp_path / "python3.14", "exit 7")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert reason("3.14").startswith(f"no working Python 3.14 was found: {broken} does not answer")


def test_a_broken_one_does_not_hide_one_that_works(tmp_path, monkeypatch):
    """The search goes on."""
    script(tmp_path / "a" / "python3.14", "exit 7")
    real = fake(tmp_path / "b" / "python3.14")
    monkeypatch.setenv("PATH", f"{tmp_path / 'a'}{os.pathsep}{tmp_path / 'b'}")
    assert programs("3.14") == [real]


# Paths


@pytest.mark.parametrize("inside", locations.IN_FOLDER)
def test_a_folder_means_the_python_in_it(inside, tmp_path, monkeypatch):
    """A virtual environment or a prefix, of CPython or PyPy; with or without a slash at its end."""
    real = fake(tmp_path / "here" / inside)
    monkeypatch.chdir(tmp_path)
    assert programs(str(tmp_path / "here")) == [real]
    assert programs("here/") == [real]
    assert programs("./here") == [real]


def test_no_link_to_a_program_is_resolved(tmp_path):
    """A virtual environment's python is a link, and is what it is by where it stands."""
    real = fake(tmp_path / "real" / "python3.14")
    for name in ("a", "b"):
        (tmp_path / name / "bin").mkdir(parents=True)
        (tmp_path / name / "pyvenv.cfg").write_text("home = /somewhere")
        (tmp_path / name / "bin" / "python").symlink_to(real)
        (tmp_path / name / "bin" / "python3").symlink_to("python")
    a, b = (str(tmp_path / name / "bin" / "python") for name in "ab")
    assert programs(str(tmp_path / "a"), str(tmp_path / "b"), real) == [a, b, real]
    (only,) = choose((str(tmp_path / "a"), a, f"{a}3"), strategies=()).interpreters
    assert only.executable == a


def test_links_to_one_file_are_one_interpreter(tmp_path):
    """However it is reached."""
    real = fake(tmp_path / "real" / "python3.14")
    (tmp_path / "link").symlink_to(real)
    (tmp_path / "folder").symlink_to(tmp_path / "real")
    (only,) = choose(
        (real, str(tmp_path / "link"), str(tmp_path / "folder" / "python3.14")), strategies=()
    ).interpreters
    assert only.executable == real


# The survey


def test_the_survey_names_everything_that_is_there(tmp_path, monkeypatch):
    """By the names that choose them: short for the preferred one, then in full, then only by path; in order."""
    first = fake(tmp_path / "a" / "python3.99", "3.99.2")
    second = fake(tmp_path / "b" / "python3.99", "3.99.2")
    third = fake(tmp_path / "c" / "python3.99", "3.99.2")
    threads = fake(tmp_path / "d" / "python3.99", "3.99.2", free_threaded=True)
    pypy = fake(tmp_path / "pypy", "3.99.0", "pypy")
    monkeypatch.setenv("GIL_LAB_PYTHONS", pypy)
    monkeypatch.setenv("PATH", os.pathsep.join(str(tmp_path / name) for name in "abcd"))
    found = survey(strategies=())
    assert [(one.label, one.executable) for one in found.interpreters[1:]] == [
        ("3.99", first),
        ("3.99.2", second),
        (third, third),
        ("3.99t", threads),
        ("pypy3.99", pypy),
    ]
    assert found.interpreters[0].executable == sys.executable
    assert found.missing == ()


def test_the_survey_reports_what_cannot_be_used(tmp_path, monkeypatch):
    """Broken ones each with the reason, those that are too old together."""
    broken = script(tmp_path / "bin" / "python3", "exit 7")
    failing = fake(tmp_path / "late" / "python3.14", before='[ $# -gt 3 ] && { "$0" -c x "$3"; exit 1; }')
    for version in ("2.7.18", "3.10.13", "3.9.18"):
        fake(tmp_path / "pyenv" / "versions" / version / "bin" / "python", version)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{tmp_path / 'late'}")
    monkeypatch.setenv("GIL_LAB_PYTHONS", "/nowhere/python")
    reported = {one.name: one.reason for one in survey(strategies=()).missing}
    assert list(reported) == ["/nowhere/python", broken, failing, "2.7.18, 3.9.18, 3.10.13"]
    assert "does not exist" in reported["/nowhere/python"]
    assert "exit code 7" in reported[broken]
    assert "cannot run the lab" in reported[failing]
    assert reported["2.7.18, 3.9.18, 3.10.13"] == "gil-lab needs Python 3.11 or later"


def test_a_program_that_may_not_be_looked_at_is_none(tmp_path, monkeypatch):
    """A link on PATH into a folder that this user may not enter, as ordinary users meet it."""
    private = tmp_path / "folder" / "python3.99"
    private.parent.mkdir()
    private.write_text("")
    monkeypatch.setenv("PATH", str(private.parent))
    real = os.stat

    def refusing(path, *rest, **more):
        if str(path) == str(private):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *rest, **more)

    monkeypatch.setattr(os, "stat", refusing)
    assert str(private) not in list(next(locations.batches(None)))
