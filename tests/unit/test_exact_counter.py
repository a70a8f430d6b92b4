"""The CPU time of all processes, by the counters of the control groups, in made-up files."""

import pytest

from gil_lab.measuring.exact_counter import ExactCounter


def made(root, **files):
    """Files of that content below `root`, `__` in a name for a folder."""
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("cpu_stat", "cpu.stat").replace("events", "cgroup.events")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return ExactCounter(root)


def test_the_topmost_group_of_version_1_counts_nanoseconds(tmp_path):
    """Also where systemd keeps version 2 in a folder beside it."""
    (tmp_path / "cpuacct").mkdir()
    (tmp_path / "cpuacct" / "cpuacct.usage").write_text("1500000001\n")
    assert made(tmp_path, unified__cpu_stat="usage_usec 9\n").used_s() == pytest.approx(1.500000001)


def test_the_group_of_a_container_counts_microseconds(tmp_path):
    """What ran outside of the container is missing, and groups within it are part of it."""
    counter = made(
        tmp_path, events="populated 1\n", cpu_stat="usage_usec 2500001\nuser_usec 1\n", own__cpu_stat="usage_usec 9\n"
    )
    assert counter.used_s() == pytest.approx(2.500001)


def test_the_root_of_a_machine_is_the_sum_of_its_groups(tmp_path):
    """Its own number is sampled in ticks."""
    counter = made(
        tmp_path,
        cpu_stat="usage_usec 9000000\n",
        system__cpu_stat="usage_usec 2000000\n",
        user__cpu_stat="usage_usec 500000\n",
        user__session__cpu_stat="usage_usec 400000\n",
    )
    assert counter.used_s() == pytest.approx(2.5)


@pytest.mark.parametrize("text", ["", "\n", "usage_usec\n", "usage_usec many\n", "max\n"])
def test_what_is_no_number_is_not_known(tmp_path, text):
    """Which is not the same as nothing used."""
    assert made(tmp_path, events="", cpu_stat=text).used_s() is None


def test_where_there_is_no_such_counter_nothing_is_known(tmp_path):
    """As on a system without control groups; nor is it after a group was removed, whose time the sum would lack."""
    assert ExactCounter(tmp_path / "nowhere").used_s() is None
    counter = made(tmp_path, system__cpu_stat="usage_usec 2\n", user__cpu_stat="usage_usec 3\n")
    (tmp_path / "user" / "cpu.stat").unlink()
    assert counter.used_s() is None
