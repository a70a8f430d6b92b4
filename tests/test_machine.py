"""The machine and its doubts: cores that may be used, from made-up control groups; flags, from made-up measurements."""

from types import SimpleNamespace

import pytest
from made import measurement, spans, usage

from gil_lab import machine
from gil_lab.catalogue import Catalogue
from gil_lab.doubts import doubts
from gil_lab.machine import quota, usable_cores
from gil_lab.records import Flag

LAB = Catalogue()


def groups(folder, own, **files):
    """A quota from a tree of control groups: `own` is what /proc/self/cgroup says, `files` what lies in the tree."""
    root = folder / "cgroup"
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    (folder / "own").write_text(own)
    return quota(root, folder / "own")


# Quotas, version 2


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        ("150000 100000\n", 1.5),
        ("50000 100000\n", 0.5),
        ("400000 100000\n", 4.0),
        ("20000 10000", 2.0),
        ("max 100000\n", None),
        ("", None),
        ("\n", None),
        ("garbage\n", None),
        ("50000\n", None),
        ("1 2 3\n", None),
        ("-1 100000\n", None),
        ("0 100000\n", None),
        ("50000 0\n", None),
        ("0.5 1\n", None),
        ("nan nan\n", None),
    ],
)
def test_the_limit_of_the_own_group_is_read(tmp_path, limit, expected):
    """Allowed time by period is a number of cores; what is no such pair limits nothing."""
    assert groups(tmp_path, "0::/lab\n", **{"lab/cpu.max": limit}) == expected


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({"a/cpu.max": "100000 100000", "a/b/cpu.max": "300000 100000"}, 1.0),
        ({"a/cpu.max": "300000 100000", "a/b/cpu.max": "100000 100000"}, 1.0),
        ({"a/cpu.max": "max 100000", "a/b/c/cpu.max": "250000 100000"}, 2.5),
        ({"cpu.max": "50000 100000", "a/b/c/cpu.max": "max 100000"}, 0.5),
        ({"a/cpu.max": "garbage", "a/b/cpu.max": "200000 100000", "a/b/c/cpu.max": ""}, 2.0),
        ({"other/cpu.max": "100000 100000", "a/b/c/d/cpu.max": "100000 100000"}, None),
        ({}, None),
    ],
)
def test_the_least_limit_of_the_groups_above_counts(tmp_path, limits, expected):
    """A group cannot use what those above it do not get; its neighbours and the groups below do not matter."""
    assert groups(tmp_path, "0::/a/b/c\n", **limits) == expected


def test_the_root_group_may_have_a_limit(tmp_path):
    """In a container the own group is called `/`."""
    assert groups(tmp_path, "0::/\n", **{"cpu.max": "250000 100000"}) == 2.5


def test_limits_outside_the_tree_are_not_read(tmp_path):
    """The tree ends where it is mounted."""
    (tmp_path / "cpu.max").write_text("100000 100000")
    assert groups(tmp_path, "0::/lab\n", **{"lab/cpu.max": "max 100000"}) is None


def test_a_folder_in_place_of_a_file_is_no_limit(tmp_path):
    """As nothing else that cannot be read."""
    (tmp_path / "cgroup" / "lab" / "cpu.max").mkdir(parents=True)
    assert groups(tmp_path, "0::/lab\n") is None


# Quotas, version 1


def version_1(quota_us, period_us="100000\n", group="cpu,cpuacct/lab"):
    return {f"{group}/cpu.cfs_quota_us": quota_us, f"{group}/cpu.cfs_period_us": period_us}


@pytest.mark.parametrize(
    ("quota_us", "period_us", "expected"),
    [
        ("150000\n", "100000\n", 1.5),
        ("50000", "100000", 0.5),
        ("-1\n", "100000\n", None),
        ("", "100000\n", None),
        ("100000\n", "", None),
        ("100000\n", "0\n", None),
        ("max\n", "100000\n", None),
        ("garbage\n", "100000\n", None),
    ],
)
def test_version_1_has_two_files(tmp_path, quota_us, period_us, expected):
    """In the hierarchy of the controller `cpu`; -1 is no limit."""
    own = "5:memory:/lab\n4:cpu,cpuacct:/lab\n1:name=systemd:/lab\n"
    assert groups(tmp_path, own, **version_1(quota_us, period_us)) == expected


def test_half_of_version_1_is_no_limit(tmp_path):
    """A quota without its period says nothing."""
    assert groups(tmp_path, "4:cpu:/lab\n", **{"cpu/lab/cpu.cfs_quota_us": "50000"}) is None


def test_version_1_is_nested_too(tmp_path):
    """The least of the own group and those above it."""
    own, above = version_1("300000", group="cpu/a/b"), version_1("200000", group="cpu/a")
    limits = {**own, **above, **version_1("-1", group="cpu")}
    assert groups(tmp_path, "4:cpu:/a/b\n", **limits) == 2.0


@pytest.mark.parametrize("controllers", ["cpuset", "cpuacct", "memory", "name=cpu"])
def test_other_hierarchies_of_version_1_are_not_read(tmp_path, controllers):
    """Only the controller that is called `cpu` has a quota of time."""
    assert groups(tmp_path, f"4:{controllers}:/lab\n", **version_1("50000", group=f"{controllers}/lab")) is None


def test_both_versions_can_be_there_at_once(tmp_path):
    """Systemd's hybrid mode: the least limit counts, wherever it is."""
    limits = {"lab/cpu.max": "300000 100000", **version_1("100000")}
    assert groups(tmp_path, "4:cpu,cpuacct:/lab\n0::/lab\n", **limits) == 1.0


def test_a_path_with_colons_is_a_path(tmp_path):
    """Names of units and containers hold them."""
    assert groups(tmp_path, "0::/a:b:c\n", **{"a:b:c/cpu.max": "200000 100000"}) == 2.0


@pytest.mark.parametrize("own", ["", "0::/nowhere\n", "0::\n", "4:cpu:/nowhere\n"])
def test_groups_that_are_not_there_limit_nothing(tmp_path, own):
    """Nor does a system without control groups."""
    assert groups(tmp_path, own) is None
    assert quota(tmp_path / "none", tmp_path / "nor here") is None


# Usable cores


@pytest.mark.parametrize(
    ("affinity", "limit", "usable"),
    [(4, None, 4), (4, 4.0, 4), (4, 1.5, 2), (4, 1.01, 2), (4, 0.5, 1), (4, 0.01, 1), (2, 8.0, 2), (1, 1.5, 1)],
)
def test_usable_cores_are_the_lesser_of_affinity_and_quota(monkeypatch, affinity, limit, usable):
    """A part of a core is a core that can be kept busy now and then; there is always one."""
    monkeypatch.setattr(machine, "affinity", lambda: affinity)
    monkeypatch.setattr(machine, "quota", lambda: limit)
    assert usable_cores() == usable


def test_affinity_is_what_the_scheduler_says(monkeypatch):
    """Not how many cores there are."""
    monkeypatch.setattr(machine.os, "sched_getaffinity", lambda pid: {1, 5, 7}, raising=False)
    monkeypatch.setattr(machine.os, "cpu_count", lambda: 64)
    assert machine.affinity() == 3


@pytest.mark.parametrize(("count", "cores"), [(8, 8), (None, 1)])
def test_without_an_affinity_all_cores_count(monkeypatch, count, cores):
    """On macOS; and one if even their number is unknown."""
    monkeypatch.delattr(machine.os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(machine.os, "cpu_count", lambda: count)
    assert machine.affinity() == cores


def test_one_interruption_does_not_change_the_pace(monkeypatch):
    """Of five spins one took a hundred times as long: the machine is not slower for that."""
    clock = iter([0, 4, 10, 14, 20, 420, 500, 504, 600, 604])
    monkeypatch.setattr(machine, "time", SimpleNamespace(perf_counter=lambda: next(clock)))
    monkeypatch.setattr(machine, "SPIN_STEPS", 1)
    assert machine.pace_s() == 4 * machine.SPINS


# Doubts


def flags(strategy="threading", workload="primes", workers=2, cores=2, **changes):
    found = doubts(measurement(**changes), LAB.workload(workload), LAB.strategy(strategy), workers, cores)
    assert len(set(found)) == len(found)
    return set(found)


def test_a_measurement_without_surprises_has_no_flag():
    """Two threads that share a core, on a quiet machine of equal pace."""
    assert flags() == set()


@pytest.mark.parametrize(
    ("others", "disturbed"),
    [
        ({"busy_s": 1.0}, False),
        ({"busy_s": 1.2}, False),
        ({"busy_s": 1.3}, True),
        ({"steal_s": 0.3}, True),
        ({"steal_s": 0.2}, False),
        ({"busy_s": 1.15, "steal_s": 0.15}, True),
        ({"busy_s": 2.0, "service_s": 1.0}, False),
        ({"busy_s": 2.0, "controller_s": 0.9}, False),
        ({"busy_s": 0.9}, False),
    ],
)
def test_what_others_used_disturbs(others, disturbed):
    """Others and the hypervisor together, above a tenth of the cores and what ticks pretend; not our own helpers."""
    assert flags(usage=usage(**others)) == ({Flag.DISTURBED} if disturbed else set())


def test_ticks_disturb_no_short_trial():
    """In ten milliseconds a single tick of the counters would be a whole core."""
    short = {"wall_s": 0.01, "child_s": 0.01}
    assert flags(usage=usage(**short, busy_s=0.03)) == set()
    assert flags(usage=usage(**short, busy_s=0.09)) == {Flag.DISTURBED}


def test_many_cores_bear_more():
    """Half a core of others is much of two cores and little of eight."""
    assert flags(usage=usage(busy_s=1.5), cores=2) == {Flag.DISTURBED}
    assert flags(usage=usage(busy_s=1.5), cores=8) == set()


@pytest.mark.parametrize(
    ("before_s", "after_s", "drifted"),
    [(0.02, 0.022, False), (0.022, 0.02, False), (0.02, 0.024, True), (0.024, 0.02, True), (0.02, 0.2, True)],
)
def test_a_change_of_pace_is_drift(before_s, after_s, drifted):
    """Slower or faster alike."""
    assert flags(pace_before_s=before_s, pace_after_s=after_s) == ({Flag.DRIFTED} if drifted else set())


TWO_BUSY = usage(child_s=1.9, busy_s=1.9)


@pytest.mark.parametrize("strategy", ["threading", "asyncio-threads", "joblib-threading"])
def test_python_threads_under_one_gil_cannot_keep_two_cores_busy(strategy):
    """Numbers that say so are a fault of the measurement, and no finding."""
    assert flags(strategy, usage=TWO_BUSY) == {Flag.IMPOSSIBLE}
    assert flags(strategy, usage=usage(child_s=1.1, busy_s=1.1)) == set()


@pytest.mark.parametrize(
    ("strategy", "workload", "gil"),
    [
        ("threading", "primes", False),
        ("threading", "sha256", True),
        ("threading", "sleep", True),
        ("threading", "mixed", True),
        ("numba-nogil", "primes", True),
        ("numba-parallel", "primes", True),
        ("multiprocessing", "primes", True),
        ("joblib", "primes", True),
        ("subinterpreters", "primes", True),
    ],
)
def test_without_that_lock_two_cores_can_be_busy(strategy, workload, gil):
    """No GIL, C code or compiled code that lets go of it, a GIL for each process or interpreter."""
    assert flags(strategy, workload, usage=TWO_BUSY, gil=gil) == set()


@pytest.mark.parametrize("strategy", ["threading", "multiprocessing", "numba-parallel", "sequential"])
def test_nothing_keeps_more_cores_busy_than_there_are(strategy):
    """Whatever runs: the counters and the clocks contradict each other."""
    found = flags(strategy, usage=usage(child_s=2.2, busy_s=2.2), gil=False)
    assert found == {Flag.IMPOSSIBLE}


@pytest.mark.parametrize("strategy", ["threading", "multiprocessing", "joblib", "numba-parallel", "subinterpreters"])
def test_one_worker_for_all_tasks_is_a_fallback(strategy):
    """Several were asked for, and libraries fall back in silence."""
    assert flags(strategy, spans=spans(1)) == {Flag.SERIAL_FALLBACK}
    assert flags(strategy, spans=spans(2), workers=8) == set()


@pytest.mark.parametrize(
    ("strategy", "workers", "tasks"),
    [("sequential", 1, 8), ("numba-sequential", 1, 8), ("asyncio", 2, 8), ("threading", 1, 8), ("threading", 2, 1)],
)
def test_one_worker_is_no_fallback_where_there_can_be_no_other(strategy, workers, tasks):
    """One at a time, coroutines in their one thread, a pool of one, a single task."""
    assert flags(strategy, workers=workers, spans=spans(1, tasks)) == set()


def test_threads_of_several_processes_are_several_workers():
    """Their numbers may be the same in each process."""
    first, *others = spans(1)
    elsewhere = type(first)(1, first.pid + 1, first.tid, 0, 1, 1, None, None, None)
    assert flags("multiprocessing", spans=(first, *others, elsewhere)) == set()


def test_several_doubts_are_all_told():
    """One does not hide another."""
    found = flags(usage=usage(child_s=1.9, busy_s=2.5), pace_after_s=0.04)
    assert found == {Flag.DISTURBED, Flag.DRIFTED, Flag.IMPOSSIBLE}
    found = flags(usage=usage(busy_s=2.0), pace_after_s=0.04, spans=spans(1))
    assert found == {Flag.DISTURBED, Flag.DRIFTED, Flag.SERIAL_FALLBACK}


def test_a_single_task_that_keeps_several_cores_busy_is_no_serial_fallback():
    """Numba parallelises inside of it: what is not told is on which threads."""
    busy = flags(usage=usage(child_s=1.9, busy_s=1.9), spans=spans(1), strategy="numba-parallel")
    assert Flag.SERIAL_FALLBACK not in busy


@pytest.mark.parametrize("own", ["", "\n", "no colons", "0:", "0::/lab\nrubbish\n", "\udcff"])
def test_an_odd_list_of_groups_limits_nothing(tmp_path, own):
    """What the kernel would never write is still not worth a traceback."""
    (tmp_path / "own").write_bytes(own.encode(errors="surrogateescape"))
    assert quota(tmp_path, tmp_path / "own") is None
