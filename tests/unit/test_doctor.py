"""The doctor: each finding from made-up machines, with a remedy where there is something to fix, and no crash."""

import shutil
import socket
from types import SimpleNamespace

import psutil
import pytest

from gil_lab.cli import doctor
from gil_lab.cli.doctor import disk, processors, pythons, surroundings
from gil_lab.measuring.core_kinds import CoreKinds
from gil_lab.measuring.machine import Limits

GIB = 2**30


# Cores


def machine(monkeypatch, usable=2, affinity=2, quota=None, online=2, held_back_s=0.0):
    for name, value in {
        "usable_cores": usable,
        "affinity": affinity,
        "quota": quota,
        "throttled_s": held_back_s,
    }.items():
        monkeypatch.setattr(processors, name, lambda value=value: value)
    monkeypatch.setattr(processors.os, "cpu_count", lambda: online)
    return processors.cores()


@pytest.mark.parametrize(
    ("how", "found", "remedy"),
    [
        ({}, "2 usable (affinity 2, quota none, online 2)", ""),
        ({"usable": 1, "quota": 0.5}, "quota 0.5", "raise its CPU quota"),
        ({"quota": 8.0}, "quota 8", ""),
        ({"quota": 8.0, "held_back_s": 12.34}, "for 12.3 s so far", "a control group above"),
        ({"held_back_s": None}, "quota none", ""),
        ({"usable": 1, "affinity": 1, "online": 1}, "online 1", "two or more"),
        ({"online": 8}, "online 8", "without taskset"),
    ],
)
def test_cores_that_may_not_be_used_are_reported(monkeypatch, how, found, remedy):
    """A quota, what it has done so far, an affinity, a single core."""
    finding = machine(monkeypatch, **how)
    assert found in finding.state
    assert remedy in finding.remedy
    assert bool(remedy) == bool(finding.remedy)


@pytest.mark.parametrize(
    ("kinds", "found"),
    [
        (
            CoreKinds((0, 1), None),
            "8 usable (affinity 8, quota none, online 8); 2 physical, each with several hardware",
        ),
        (CoreKinds(tuple(range(8)), (0, 1)), "online 8); 2 of them fast, the others slower (+cores=performance)"),
        (CoreKinds(tuple(range(8)), None), "8 usable (affinity 8, quota none, online 8)"),
        (CoreKinds(None, None), "8 usable (affinity 8, quota none, online 8)"),
    ],
)
def test_cores_that_are_not_alike_are_reported(monkeypatch, kinds, found):
    """Hardware threads that share one, and slow ones; nothing is wrong with either."""
    monkeypatch.setattr(processors, "core_kinds", lambda _: kinds)
    finding = machine(monkeypatch, usable=8, affinity=8, online=8)
    assert found in finding.state
    assert not finding.remedy


def sampled(busy_s, steal_s, at_ns):
    return SimpleNamespace(busy_s=busy_s, steal_s=steal_s, at_ns=at_ns)


@pytest.mark.parametrize(
    ("busy_s", "steal_s", "remedies"),
    [(0.05, 0.0, ("", "")), (0.9, 0.0, ("stop it", "")), (0.0, 0.3, ("", "crowded"))],
)
def test_who_else_uses_the_cores_is_reported(monkeypatch, busy_s, steal_s, remedies):
    """With the name of the one that uses most, cleaned; and what the hypervisor takes."""
    readings = iter([sampled((0.0, 0.0), (0.0, 0.0), 0), sampled((busy_s, 0.0), (steal_s, 0.0), 10**9)])
    greedy = SimpleNamespace(pid=77, cpu_percent=lambda: 90.0, name=lambda: "gre\x1b[31medy")
    monkeypatch.setattr(processors, "core_sample", lambda: next(readings))
    monkeypatch.setattr(processors, "OBSERVATION_S", 0)
    monkeypatch.setattr(psutil, "process_iter", lambda: [greedy])
    others, steal = processors.load()
    assert others.remedy.startswith(remedies[0])
    assert bool(others.remedy) == bool(remedies[0])
    assert (remedies[1] in steal.remedy, bool(steal.remedy)) == (True, bool(remedies[1]))
    assert ("(pid 77)" in others.state) == (busy_s > 0.5)
    assert "\x1b" not in others.state


def test_processes_that_end_while_they_are_watched_are_no_trouble(monkeypatch):
    """Nor those that may not be looked at."""

    def gone():
        raise psutil.NoSuchProcess(77)

    readings = iter([sampled((0.0,), (0.0,), 0), sampled((1.0,), (0.0,), 10**9)])
    monkeypatch.setattr(processors, "core_sample", lambda: next(readings))
    monkeypatch.setattr(processors, "OBSERVATION_S", 0)
    monkeypatch.setattr(psutil, "process_iter", lambda: [SimpleNamespace(pid=77, cpu_percent=gone, name=gone)])
    others, _ = processors.load()
    assert "a process that has ended" in others.state


@pytest.mark.parametrize(("slowest", "uneven"), [(0.0105, False), (0.0125, True)])
def test_an_uneven_cpu_speed_is_reported(monkeypatch, slowest, uneven):
    times = iter([0.01] * 7 + [slowest])
    monkeypatch.setattr(processors, "spin_s", lambda: next(times))
    assert bool(processors.cpu_speed().remedy) == uneven


# Disks


def disk_of(monkeypatch, kind="ext4", took_s=0.001, free=10 * GIB):
    monkeypatch.setattr(disk, "filesystem", lambda folder: kind)
    monkeypatch.setattr(disk, "fsync_s", lambda folder: took_s)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=free))


@pytest.mark.parametrize(
    ("how", "remedy"),
    [
        ({}, ""),
        ({"kind": "tmpfs"}, "lost in a power cut"),
        ({"kind": "ramfs"}, "lost in a power cut"),
        ({"kind": "nfs4"}, "another machine"),
        ({"took_s": 1e-6}, "fsync has no effect"),
        ({"took_s": 2.0}, "very slow"),
        ({"free": 2**20}, "almost full"),
    ],
)
def test_a_disk_that_may_lose_results_is_reported(monkeypatch, tmp_path, how, remedy):
    """In memory, on another machine, one whose fsync is too good to be true, a slow one, a full one."""
    disk_of(monkeypatch, **how)
    finding = disk.results(tmp_path / "not" / "there" / "yet")
    assert remedy in finding.remedy
    assert bool(remedy) == bool(finding.remedy)
    assert list(tmp_path.iterdir()) == []


def test_an_fsync_that_fails_is_a_finding(monkeypatch, tmp_path):
    """And no crash."""

    def broken(descriptor):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(disk.os, "fsync", broken)
    finding = disk.results(tmp_path)
    assert "Input/output error" in finding.state
    assert "--out" in finding.remedy


def test_results_below_a_file_cannot_be_written(tmp_path):
    """A path through a file: what is above it is examined, which is a folder."""
    (tmp_path / "file").write_text("")
    assert "cannot be written" not in disk.results(tmp_path / "file" / "results").state


def test_a_real_disk_is_examined(tmp_path):
    """Its kind is known, and nothing is left there."""
    finding = disk.results(tmp_path)
    assert "unknown" not in finding.state
    assert "one fsync takes" in finding.state
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("mounts", "kind"),
    [
        ([("/", "ext4"), ("{}", "tmpfs")], "tmpfs"),
        ([("{}", "tmpfs"), ("/", "ext4")], "tmpfs"),
        ([("/", "rootfs"), ("/", "overlay")], "overlay"),
        ([("/", "ext4"), ("{}x", "tmpfs")], "ext4"),
        ([], "unknown"),
    ],
)
def test_the_nearest_mount_says_what_a_disk_is(tmp_path, mounts, kind):
    """Of two at one place, the later one lies above the other."""
    assert disk.filesystem(tmp_path, [(point.format(tmp_path), its_kind) for point, its_kind in mounts]) == kind


@pytest.mark.parametrize(
    ("how", "remedy"), [({}, ""), ({"kind": "tmpfs"}, "does not wait for a disk"), ({"free": 2**20}, "hardly room")]
)
def test_a_temporary_folder_that_does_not_fit_is_reported(monkeypatch, how, remedy):
    """One in memory is no place for the workload `files`."""
    disk_of(monkeypatch, **how)
    finding = disk.temporary()
    assert remedy in finding.remedy
    assert bool(remedy) == bool(finding.remedy)


def test_no_temporary_folder_at_all_is_reported(monkeypatch):
    def none():
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(disk.tempfile, "gettempdir", none)
    assert "TMPDIR" in disk.temporary().remedy


def test_shared_memory_that_is_absent_or_tiny_is_reported(monkeypatch, tmp_path):
    """Its remedy says who needs it."""
    assert "No such file" in disk.shared_memory(tmp_path / "nowhere").state
    assert "joblib" in disk.shared_memory(tmp_path / "nowhere").remedy
    assert disk.shared_memory(tmp_path).remedy == ""
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=4096))
    assert "joblib" in disk.shared_memory(tmp_path).remedy
    assert list(tmp_path.iterdir()) == []


# Surroundings


@pytest.mark.parametrize(
    ("available", "limit", "kills", "reported", "remedy"),
    [
        (8 * GIB, None, None, "limit none", False),
        (8 * GIB, 4 * GIB, 0, "limit 4.0 GiB", False),
        (8 * GIB, GIB // 4, 0, "limit 0.2 GiB", True),
        (GIB // 4, None, 0, "0.2 of 16.0 GiB", True),
        (8 * GIB, None, 1, "1 process killed", False),
        (8 * GIB, None, 2, "2 processes killed", False),
    ],
)
def test_little_memory_is_reported(monkeypatch, available, limit, kills, reported, remedy):
    """What there is, what is allowed, and who has been killed for want of it."""
    there = SimpleNamespace(available=available, total=16 * GIB)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: there)
    monkeypatch.setattr(surroundings, "memory_limit_bytes", lambda: limit)
    monkeypatch.setattr(surroundings, "oom_kills", lambda: kills)
    monkeypatch.setattr(surroundings, "usable_cores", lambda: 2)
    finding = surroundings.memory()
    assert reported in finding.state
    assert bool(finding.remedy) == remedy


@pytest.mark.parametrize(
    ("limits", "found", "remedy"),
    [(Limits(), "up to 64 (processes and threads unlimited", False), (Limits(pids=10), "up to 2 (", True)],
)
def test_limits_on_workers_are_reported(monkeypatch, limits, found, remedy):
    """Few are something to fix."""
    monkeypatch.setattr(surroundings, "limits", lambda: limits)
    monkeypatch.setattr(surroundings, "usable_cores", lambda: 2)
    assert found in surroundings.workers().state
    assert bool(surroundings.workers().remedy) == remedy


def test_no_loopback_is_reported(monkeypatch):
    """With what needs it."""
    assert surroundings.loopback().remedy == ""

    def unreachable(*_, **__):
        raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(socket, "create_connection", unreachable)
    finding = surroundings.loopback()
    assert "Network is unreachable" in finding.state
    assert "http" in finding.remedy


def test_variables_are_reported_by_name():
    """Without any, there is a line on libraries only, whose threads a user may have limited by such variables."""
    (libraries,) = surroundings.variables([])
    assert (libraries.about, libraries.remedy) == ("libraries", "")
    finding, libraries = surroundings.variables(["LD_PRELOAD", "OMP_NUM_THREADS"])
    assert finding.state.endswith("LD_PRELOAD, OMP_NUM_THREADS")
    assert libraries.state.endswith("yours is OMP_NUM_THREADS")
    assert "--library-threads" in libraries.remedy


def test_a_numba_that_cannot_be_imported_is_reported(monkeypatch):
    """As one that reads a variable which is no number, while warnings are errors."""

    def broken(name):
        raise RuntimeWarning("NUMBA_NUM_THREADS could not be parsed\n")

    monkeypatch.setattr(pythons.importlib, "import_module", broken)
    assert "could not be parsed" in pythons.threading_layer().state


def test_every_examination_ends(monkeypatch, tmp_path):
    """One line a subject, none twice."""
    monkeypatch.setattr(processors, "OBSERVATION_S", 0.01)
    findings = list(doctor.examine([], tmp_path))
    subjects = [finding.about for finding in findings if finding.about != "environment"]
    assert subjects[:2] == ["machine", "cores"]
    assert {"memory", "workers", "results", "temporary", "loopback"} <= set(subjects)
    assert len(set(subjects)) == len(subjects)
