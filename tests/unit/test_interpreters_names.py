"""Names of interpreters: what they ask for, what their settings mean, and what is no name."""

import pytest

from gil_lab.interpreters.names import cores_in, parse_name, parse_version, threads_in, threads_in_words
from gil_lab.model.errors import UsageError


@pytest.fixture(autouse=True)
def four_cores(monkeypatch):
    """Whatever machine this is."""
    monkeypatch.setattr("gil_lab.interpreters.names.pinnable_cores", lambda: 4)


def environment(name):
    return [(one.variable, one.value) for one in parse_name(name).settings]


def label(name):
    """The name as it would be reported: settings in their order, each once."""
    one = parse_name(name)
    return "+".join([one.base, *(setting.text for setting in one.settings)])


@pytest.mark.parametrize(
    ("name", "variables"),
    [
        ("3.13t", []),
        ("3.13t+gil", [("PYTHON_GIL", "1")]),
        ("3.13t+nogil", [("PYTHON_GIL", "0")]),
        ("this+switch=5ms", [("GIL_LAB_SWITCH_INTERVAL_S", "0.005")]),
        ("this+switch=0.1ms", [("GIL_LAB_SWITCH_INTERVAL_S", "0.0001")]),
        ("this+switch=1s", [("GIL_LAB_SWITCH_INTERVAL_S", "1")]),
        ("this+switch=0.25s", [("GIL_LAB_SWITCH_INTERVAL_S", "0.25")]),
        ("this+cores=1", [("GIL_LAB_CORES", "1")]),
        ("this+cores=4", [("GIL_LAB_CORES", "4")]),
        ("this+threads=4", [("GIL_LAB_LIBRARY_THREADS", "4")]),
        ("this+threads=divided", [("GIL_LAB_LIBRARY_THREADS", "divided")]),
        ("this+threads=uncapped", [("GIL_LAB_LIBRARY_THREADS", "uncapped")]),
        ("this+cudasim", [("NUMBA_ENABLE_CUDASIM", "1")]),
    ],
)
def test_settings_are_environment_variables(name, variables):
    """What is given by -X does not reach the workers of a pool."""
    assert environment(name) == variables


@pytest.mark.parametrize(
    ("name", "reported"),
    [
        ("3.13t+switch=5ms+gil", "3.13t+gil+switch=5ms"),
        ("3.13t+gil+gil", "3.13t+gil"),
        ("3.14+switch=0.005s", "3.14+switch=5ms"),
        ("3.14+switch=5.0ms+switch=0.005s", "3.14+switch=5ms"),
        ("all+switch=1s", "all+switch=1000ms"),
        ("3.13t+switch=1ms+cudasim+cores=2+gil", "3.13t+gil+cores=2+cudasim+switch=1ms"),
    ],
)
def test_settings_have_one_way_to_be_reported(name, reported):
    """Two ways to write one setting are one interpreter."""
    assert label(name) == reported
    assert not parse_name(name).complaint


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("3.13+foo", "unknown setting 'foo'"),
        ("3.13+GIL", "unknown setting"),
        ("3.13+gil=1", "unknown setting"),
        ("3.13t+gil+nogil", "contradict each other"),
        ("this+switch=1ms+switch=2ms", "contradict each other"),
        *[
            (f"this+switch={value}", "switch takes 0.1ms to 1000ms")
            for value in (
                "",
                "0ms",
                "0.05ms",
                "1001ms",
                "2s",
                "5",
                "-5ms",
                "1e3ms",
                "nanms",
                "\u0665ms",
                "5 ms",
                "9" * 30,
            )
        ],
        ("this+switch", "switch takes"),
        *[
            (f"this+cores={value}", "cores takes 1 to 4, the usable cores, physical or performance, not ")
            for value in ("", "0", "-1", "5", "1.5", "01", "\u0661", " 1", "1ms", "9" * 30)
        ],
        ("this+cores", "cores takes 1 to 4"),
        *[
            (f"this+threads={value}", "threads takes 1 to 1024, divided or uncapped, not ")
            for value in ("", "0", "-1", "1025", "1.5", "9" * 30)
        ],
        ("this+threads=1+threads=2", "contradict each other"),
        ("this+threads=divided+threads=uncapped", "contradict each other"),
        ("this+cores=1+cores=2", "contradict each other"),
        ("this+cudasim=1", "unknown setting"),
    ],
)
def test_a_setting_that_makes_no_sense_is_reported_and_no_error(name, reason):
    """The other interpreters of an experiment are measured all the same."""
    assert reason in parse_name(name).complaint
    assert "\n" not in parse_name(name).complaint


def test_where_a_process_cannot_choose_its_cores_it_cannot_be_asked_to(monkeypatch):
    """macOS has no such call."""
    monkeypatch.setattr("gil_lab.interpreters.names.pinnable_cores", lambda: None)
    assert parse_name("this+cores=1").complaint == (
        "this+cores=1: cores cannot be chosen on this system; leave the setting out"
    )


def test_settings_that_change_what_a_python_can_do_are_there_when_it_is_asked():
    """Numba's simulator is a GPU; a switch interval and a number of cores change no answer, and cost no question."""
    asked = {one.text: one.at_start for one in parse_name("3.13t+gil+cudasim+cores=1+switch=1ms").settings}
    assert asked == {"gil": True, "cudasim": True, "cores=1": False, "switch=1ms": False}


@pytest.mark.parametrize("name", ["", "+", "+gil", "3.13+", "3.13++gil", "a\nb", "\x1b[31m", "x" * 5000, "a\0b"])
def test_what_is_no_name_is_a_usage_error(name):
    """In one printable line, which says what a name looks like."""
    with pytest.raises(UsageError) as caught:
        parse_name(name)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300


def test_a_path_may_have_plus_signs_of_its_own(tmp_path):
    """What is there is the path; what follows is settings."""
    folder = tmp_path / "c++" / "a+b"
    folder.mkdir(parents=True)
    for path in (f"{folder}", f"{folder}/python", f"{tmp_path}/nothing"):
        assert parse_name(f"{path}+gil").base == path
        assert environment(f"{path}+gil") == [("PYTHON_GIL", "1")]
        assert parse_name(path).base == path


def test_a_setting_of_a_path_that_is_not_there_is_a_setting_too(tmp_path):
    """Plus signs in its folders are no settings."""
    assert parse_name(f"{tmp_path}/c++/python+gil").base == f"{tmp_path}/c++/python"


def test_a_folder_with_a_dot_in_front_is_a_path_if_it_is_there(tmp_path, monkeypatch):
    """`.venv` needs no slash; a name like 3.14 is never a folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".venv+1").mkdir()
    (tmp_path / ".venv").mkdir()
    (tmp_path / "3.14").mkdir()
    assert parse_name(".venv+gil").base == ".venv"
    assert parse_version(parse_name("3.14").base) is not None


def test_a_home_folder_of_nobody_is_a_path_like_any_other():
    """That it is not there is found out later."""
    assert parse_name("~nobody-at-all/python+gil").base == "~nobody-at-all/python"


REAL = [
    ("cpython", "3.14.2", False),
    ("cpython", "3.13.5", True),
    ("pypy", "3.11.17", False),
    ("cpython", "3.15.0a1", False),
]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("3.14", REAL[:1]),
        ("3.14.2", REAL[:1]),
        ("python3.14", REAL[:1]),
        ("CPython-3.14", REAL[:1]),
        ("3.14t", []),
        ("3.1", []),
        ("3.14.20", []),
        ("3.13", []),
        ("3.13t", REAL[1:2]),
        ("python3.13t", REAL[1:2]),
        ("3.13.5t", REAL[1:2]),
        ("pypy", REAL[2:3]),
        ("pypy3", REAL[2:3]),
        ("pypy3.11", REAL[2:3]),
        ("3.11", []),
        ("3.15.0a1", REAL[3:]),
        ("3.15", REAL[3:]),
        ("3", [REAL[0], REAL[3]]),
        ("python", [REAL[0], REAL[3]]),
    ],
)
def test_a_version_means_what_its_digits_say(name, meant):
    """3.1 is not 3.14, 3.13 is not 3.13t, and PyPy has to be named."""
    asked = parse_version(name)
    assert [real for real in REAL if asked.matches(*real)] == meant


@pytest.mark.parametrize("name", ["mypython", "py-3", "3.14.2.1", "3.14tt", "३.१४", "python3.14-config", "."])
def test_what_is_no_version_may_be_a_program(name):
    """It is looked for on PATH."""
    assert parse_version(name) is None


@pytest.mark.parametrize(
    ("label", "cores", "threads"),
    [
        ("3.11", None, None),
        ("3.13t+gil+cores=2+threads=4", 2, 4),
        ("x+cores=0+threads=", None, None),
        ("threads=4", None, 4),
    ],
)
def test_a_label_says_how_many_cores_and_threads_there_were(label, cores, threads):
    """Whatever this machine has; labels of edited files may be anything."""
    assert (cores_in(label), threads_in(label)) == (cores, threads)


@pytest.mark.parametrize(("label", "word"), [("3.11+threads=divided", "divided"), ("3.11+threads=4", ""), ("3.11", "")])
def test_a_label_says_how_the_threads_of_libraries_were_chosen(label, word):
    """In a word, which is no number."""
    assert threads_in_words(label) == word
    assert threads_in(label) is None or not word
