"""Kinds of cores, as the system's files tell them: of made-up machines."""

import pytest

from gil_lab.interpreters import names
from gil_lab.interpreters.names import cores_in, parse_name
from gil_lab.measuring.core_kinds import CoreKinds, core_kinds
from gil_lab.model.variables import cores_meant


def made(root, siblings=None, capacities=None, fast="", slow=""):
    """The files of a machine: for each core its siblings, its capacity; lists of fast and slow cores."""
    for name, values in (("topology/thread_siblings_list", siblings), ("cpu_capacity", capacities)):
        for core, value in (values or {}).items():
            file = root / f"system/cpu/cpu{core}" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{value}\n")
    for name, cores in (("cpu_core", fast), ("cpu_atom", slow)):
        if cores:
            (root / name).mkdir()
            (root / name / "cpus").write_text(f"{cores}\n")
    return root


PAIRS = {0: "0,4", 1: "1,5", 2: "2,6", 3: "3,7", 4: "0,4", 5: "1,5", 6: "2,6", 7: "3,7"}
NEIGHBOURS = {0: "0-1", 1: "0-1", 2: "2-3", 3: "2-3"}


@pytest.mark.parametrize(
    ("siblings", "allowed", "physical"),
    [
        (PAIRS, range(8), (0, 1, 2, 3)),
        (PAIRS, (4, 5, 6), (4, 5, 6)),
        (PAIRS, (1, 5), (1,)),
        (NEIGHBOURS, range(4), (0, 2)),
        ({0: "0", 1: "1"}, range(2), (0, 1)),
        ({}, range(2), None),
        ({0: "0"}, range(2), None),
        ({0: "zero", 1: "1"}, range(2), None),
        ({0: "5-0", 1: "1"}, range(2), None),
        ({0: "0-999999999", 1: "1"}, range(2), None),
    ],
)
def test_of_hardware_threads_that_share_a_core_the_first_allowed_one_counts(tmp_path, siblings, allowed, physical):
    """None where a file is missing, or says what cannot be."""
    assert core_kinds(allowed, made(tmp_path, siblings)).physical == physical


@pytest.mark.parametrize(
    ("machine", "allowed", "performance"),
    [
        ({"fast": "0-3", "slow": "4-7"}, range(8), (0, 1, 2, 3)),
        ({"fast": "0-3", "slow": "4-7"}, (2, 3, 4), (2, 3)),
        ({"fast": "0-3", "slow": "4-7"}, (0, 1), None),
        ({"capacities": {0: 430, 1: 430, 2: 1024, 3: 1024}}, range(4), (2, 3)),
        ({"capacities": {0: 1024, 1: 1024}}, range(2), None),
        ({"capacities": {0: 1024}}, range(2), None),
        ({}, range(2), None),
    ],
)
def test_fast_cores_are_told_where_there_are_slow_ones(tmp_path, machine, allowed, performance):
    """By Intel's two counters, or by the capacity that the scheduler reckons with."""
    assert core_kinds(allowed, made(tmp_path, **machine)).performance == performance


def test_a_kind_of_cores_is_a_setting(monkeypatch):
    """Which names them, as the child cannot know which were meant."""
    monkeypatch.setattr(names, "core_kinds", lambda _: CoreKinds((0, 2), (5,)))
    assert [one.value for one in parse_name("this+cores=physical").settings] == ["0,2,"]
    assert [one.value for one in parse_name("this+cores=performance").settings] == ["5,"]
    assert "contradict each other" in parse_name("this+cores=physical+cores=1").complaint


def test_a_kind_that_the_system_does_not_tell_is_refused(monkeypatch):
    """In a line, with what to do."""
    monkeypatch.setattr(names, "core_kinds", lambda _: CoreKinds(None, None))
    assert parse_name("this+cores=physical").complaint == (
        "this+cores=physical: this system does not say which cores are physical ones; write cores=1 or leave it out"
    )


@pytest.mark.parametrize(("value", "meant"), [("1", [3]), ("2", [3, 5]), ("5,", [5]), ("3,7,", [3, 7])])
def test_cores_are_meant_by_their_number_or_one_by_one(value, meant):
    """The first ones that are allowed, or just those."""
    assert cores_meant(value, {7, 5, 3}) == meant


def test_how_many_cores_of_a_kind_there_were_is_what_the_session_noted():
    """A label does not say."""
    assert cores_in("3.11+cores=physical", {"physical": 4}) == 4
    assert cores_in("3.11+cores=physical") is None
    assert cores_in("3.11+cores=2", {"physical": 4}) == 2
