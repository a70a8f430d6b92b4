"""Control groups: what made-up trees of them allow, and what they say they have held back or killed."""

import pytest

from gil_lab.measuring import cgroups
from gil_lab.measuring.cgroups import quota


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


@pytest.mark.parametrize("own", ["", "\n", "no colons", "0:", "0::/lab\nrubbish\n", "\udcff"])
def test_an_odd_list_of_groups_limits_nothing(tmp_path, own):
    """What the kernel would never write is still not worth a traceback."""
    (tmp_path / "own").write_bytes(own.encode(errors="surrogateescape"))
    assert quota(tmp_path, tmp_path / "own") is None


# What quotas and limits of control groups have done, and may do


def tree(folder, own, **files):
    """A made-up tree of control groups, as the two paths that the functions take."""
    groups(folder, own, **files)
    return folder / "cgroup", folder / "own"


V1, V2 = "4:cpu,cpuacct:/a/b\n3:memory:/a/b\n2:pids:/a/b\n", "0::/a/b\n"
ODD = ["", "\n", "max", "text", "throttled_usec", "throttled_usec x", "oom_kill 1 2", "\x00", "a b c"]


def test_throttled_times_of_the_own_group_and_those_above_it_add_up(tmp_path):
    """Nanoseconds in version 1, microseconds in version 2; either may have throttled."""
    stat = "nr_periods 9\nnr_throttled 3\nthrottled_{} {}\n"
    files = {
        "cpu,cpuacct/a/cpu.stat": stat.format("time", 10**9),
        "cpu,cpuacct/a/b/cpu.stat": stat.format("time", 5),
    }
    assert cgroups.throttled_s(*tree(tmp_path, V1, **files)) == pytest.approx(1 + 5e-9)
    files = {"a/cpu.stat": stat.format("usec", 250_000), "a/b/cpu.stat": stat.format("usec", 500_000)}
    assert cgroups.throttled_s(*tree(tmp_path, V2, **files)) == pytest.approx(0.75)


@pytest.mark.parametrize("text", ODD)
def test_an_odd_account_of_throttling_is_none(tmp_path, text):
    """Not zero: it is not known."""
    assert cgroups.throttled_s(*tree(tmp_path, V2, **{"a/b/cpu.stat": text})) is None


def test_times_and_counts_below_zero_are_none_at_all(tmp_path):
    """Throttled time is never negative."""
    files = {"a/b/cpu.stat": "throttled_usec -5\n", "a/b/memory.events": "oom_kill -1\n"}
    assert cgroups.throttled_s(*tree(tmp_path, V2, **files)) == 0
    assert cgroups.oom_kills(*tree(tmp_path, V2, **files)) == 0


@pytest.mark.parametrize(("own", "name"), [(V1, "memory/a/b/memory.oom_control"), (V2, "a/b/memory.events")])
def test_kills_are_those_of_the_nearest_group_that_counts_them(tmp_path, own, name):
    """Above it, others are counted."""
    above = name.replace("/b/", "/")
    files = {name: "under_oom 0\noom_kill 2\n", above: "oom_kill 7\n"}
    assert cgroups.oom_kills(*tree(tmp_path / "one", own, **files)) == 2
    assert cgroups.oom_kills(*tree(tmp_path / "two", own, **{above: "oom_kill 7\n"})) == 7


@pytest.mark.parametrize("text", ODD)
def test_kills_that_are_not_reported_are_none(tmp_path, text):
    """A trial that fails is then not called out of memory."""
    assert cgroups.oom_kills(*tree(tmp_path, V2, **{"a/b/memory.events": text})) is None


@pytest.mark.parametrize(
    ("text", "limit"),
    [("104857600\n", 104857600), ("max\n", None), ("9223372036854771712\n", None), ("0\n", None), ("-1\n", None)]
    + [(text, None) for text in ODD],
)
@pytest.mark.parametrize(("own", "name"), [(V1, "memory/a/memory.limit_in_bytes"), (V2, "a/memory.max")])
def test_memory_is_limited_by_groups_above_as_well(tmp_path, own, name, text, limit):
    """The least counts; the largest number that version 1 can write is no limit."""
    assert cgroups.memory_limit_bytes(*tree(tmp_path, own, **{name: text})) == limit
    least = {name: text, name.replace("a/", "a/b/"): "4096\n"}
    assert cgroups.memory_limit_bytes(*tree(tmp_path / "least", own, **least)) == 4096


@pytest.mark.parametrize(
    ("text", "limit"), [("64\n", 64), ("max\n", None), ("0\n", None), ("-1", None)] + [(text, None) for text in ODD]
)
@pytest.mark.parametrize(("own", "name"), [(V1, "pids/a/b/pids.max"), (V2, "a/b/pids.max")])
def test_processes_are_limited(tmp_path, own, name, text, limit):
    """Threads count as well."""
    assert cgroups.pids_limit(*tree(tmp_path, own, **{name: text})) == limit


def test_in_a_container_the_path_of_the_host_is_not_there(tmp_path):
    """What is mounted at the top is the own group then."""
    files = {"memory/memory.limit_in_bytes": "4096\n", "memory/memory.oom_control": "oom_kill 1\n"}
    own = "3:memory:/docker/0123456789ab\n"
    assert cgroups.memory_limit_bytes(*tree(tmp_path, own, **files)) == 4096
    assert cgroups.oom_kills(*tree(tmp_path, own, **files)) == 1


def test_a_group_outside_of_what_is_mounted_is_not_looked_for(tmp_path):
    """A path with `..`, as namespaces of control groups show it."""
    (tmp_path / "cpu.max").write_text("100000 100000")
    assert groups(tmp_path, "0::/../..\n", **{"cpu.max": "200000 100000"}) == 2.0


def test_version_2_may_stand_in_a_folder_of_its_own(tmp_path):
    """Systemd's hybrid mode."""
    assert groups(tmp_path, "0::/lab\n", **{"unified/lab/cpu.max": "50000 100000"}) == 0.5
