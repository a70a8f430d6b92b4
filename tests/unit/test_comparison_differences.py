"""What differs between two sessions besides their numbers, whatever their session.json holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from two_sessions import ABOUT, FREE_THREADED, MACHINE, OTHER_MACHINE, PYTHON, about

from gil_lab.analysis.comparison.differences import Kind, differences


def test_sessions_that_tell_the_same_differ_in_nothing():
    """Then each kind is named once."""
    every = about(controller=CONTROLLER, file={"name": "mine.py", "sha256": "a" * 64})
    found = differences(every, every)
    assert found.differing == ()
    assert found.same == tuple(Kind)
    assert (found.causes, found.same_machine, found.same_interpreters) == ((), True, True)


CONTROLLER = {"python": "3.11.7", "implementation": "CPython"}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (CONTROLLER, CONTROLLER, True),
        (CONTROLLER, {**CONTROLLER, "python": "3.13.0"}, False),
        (CONTROLLER, {**CONTROLLER, "implementation": "PyPy"}, False),
        (CONTROLLER, {"python": 3}, None),
        (CONTROLLER, None, None),
        ("3.11.7", [], None),
    ],
)
def test_the_pythons_that_gil_lab_ran_on_are_the_same_or_not_or_unknown(one, other, same):
    """They run nothing that is measured, so they are no cause of a difference."""
    found = differences(about(controller=one), about(controller=other))
    assert found.same_controller is same
    assert found.causes == ()
    assert differences(ABOUT, about(controller=one)).same_controller is None


def told(a, b):
    return [(str(one.kind), one.what, one.a, one.b) for one in differences(a, b).differing]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"machine": {**MACHINE, "cpu": "Xeon"}}, ("machine", "CPU", "AMD EPYC", "Xeon")),
        ({"machine": {**MACHINE, "quota": 1.5}}, ("machine", "quota in cores", "none", "1.5")),
        ({"machine": {**MACHINE, "memory_bytes": 2**34}}, ("machine", "memory", "23.5 GiB", "16.0 GiB")),
        ({"machine": {**MACHINE, "usable_cores": 1}}, ("machine", "usable cores", "2", "1")),
        ({"machine": {**MACHINE, "system": "Linux-6.19"}}, ("machine", "system", "Linux-6.18", "Linux-6.19")),
        ({"gil_lab": "0.2.0"}, ("gil-lab", "version", "0.1.0", "0.2.0")),
        ({"options": {**ABOUT["options"], "min_time_s": 2.0}}, ("options", "min time in s", "0.5", "2")),
        ({"options": {**ABOUT["options"], "tasks": 64}}, ("options", "tasks", "the workload's own", "64")),
        ({"interpreters": {"3.11": {**PYTHON, "gil": False}}}, ("interpreter", "GIL", "yes", "no")),
        ({"interpreters": {"3.12": {**PYTHON, "version": "3.12.1"}}}, ("interpreter", "version", "3.11.7", "3.12.1")),
        (
            {"interpreters": {"3.11": {**PYTHON, "packages": [*PYTHON["packages"], {"name": "x", "version": "1"}]}}},
            ("packages", "x", "not installed", "1"),
        ),
        (
            {"interpreters": {"3.11": PYTHON, "3.14t": FREE_THREADED}},
            ("interpreter", "Python 3.14t", "not measured", "measured"),
        ),
    ],
)
def test_what_differs_is_told_for_a_reader(changes, expected):
    """One fact, with both values."""
    assert told(ABOUT, about(**changes)) == [expected]


def test_memory_is_the_same_to_a_tenth():
    """A kernel keeps some pages more at its next start."""
    assert told(ABOUT, about(machine={**MACHINE, "memory_bytes": MACHINE["memory_bytes"] - 4096})) == []


def test_of_a_kind_that_differs_the_facts_that_are_the_same_are_named():
    """Of the others the kind."""
    found = differences(ABOUT, about(machine={**MACHINE, "host": "b", "memory_bytes": 2**30}))
    assert found.same == (
        "CPU",
        "cores",
        "quota in cores",
        "usable cores",
        "system",
        *(kind for kind in Kind if kind not in (Kind.MACHINE, Kind.CONTROLLER, Kind.FILE)),
    )


def test_another_file_and_one_that_was_edited_are_causes():
    """By name and by content, of which the beginning of its digest is shown."""
    mine = about(file={"name": "mine.py", "sha256": "a" * 64})
    edited, yours = ({"name": name, "sha256": "b" * 64} for name in ("mine.py", "yours.py"))
    (found,) = differences(mine, about(file=edited)).differing
    assert (found.what, found.a, found.b) == ("file's content", "SHA-256 aaaaaaaaaaaa", "SHA-256 bbbbbbbbbbbb")
    assert differences(mine, about(file=edited)).causes == (Kind.FILE,)
    assert [one.what for one in differences(mine, about(file=yours)).differing] == ["file's name", "file's content"]
    assert [one.b for one in differences(mine, ABOUT).differing] == ["not recorded"] * 2


def test_causes_are_the_kinds_that_differ():
    """But for options, and for what only one session tells."""
    other = about(machine=OTHER_MACHINE, interpreters={"3.14t": FREE_THREADED}, options={"rounds": 5}, gil_lab=None)
    assert differences(ABOUT, other).causes == (Kind.MACHINE, Kind.INTERPRETER)


@pytest.mark.parametrize(
    ("key", "value", "same"),
    [("host", "b", False), ("cpu", "b", False), ("cores", 3, False), ("cores", None, None), ("memory_bytes", 1, True)],
)
def test_a_machine_is_known_by_host_cpu_and_cores(key, value, same):
    """More memory or a new kernel do not make another one of it."""
    assert differences(ABOUT, about(machine={**MACHINE, key: value})).same_machine is same


HOSTILE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("\x1b[31m[red]</script>"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from([*MACHINE, *PYTHON, *ABOUT["options"], *ABOUT, "3.11", "name"])
FOREIGN = st.dictionaries(KEYS, st.dictionaries(KEYS, st.dictionaries(KEYS, HOSTILE) | HOSTILE) | HOSTILE)


@given(FOREIGN, FOREIGN)
def test_no_session_json_breaks_the_comparison(a, b):
    """Missing keys, wrong types, control characters: what cannot be used is not told."""
    found = differences(a, b)
    for one in found.differing:
        assert one.a != one.b
        assert all(text.isprintable() and 0 < len(text) <= 100 for text in (one.what, one.a, one.b))
    assert differences(a, a).differing == ()


@pytest.mark.parametrize("value", [True, float("nan"), float("inf"), 10**400, "2", [2], -(10**400)])
def test_what_is_no_number_is_not_told(value):
    """Not as another one, and not as an overflow."""
    keys = ("cores", "usable_cores", "memory_bytes")
    found = told(ABOUT, about(machine={**MACHINE, **dict.fromkeys(keys, value)}))
    assert [b for *_, b in found] == ["not recorded"] * 3
