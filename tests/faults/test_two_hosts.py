"""A cluster on two hosts: a network namespace each, and for the second one a clock and a boot of its own."""

import subprocess
from contextlib import ExitStack, contextmanager

import pytest
from support.dask_programs import DaskPrograms

from faults.rig import TALLY, eventually, needs_root
from faults.test_running_cluster_lost import FILE, HOW, IN_A_TURN
from gil_lab.child.probe import reason_against_modules
from gil_lab.sessions import reader
from gil_lab.suite.strategies._clocks import PIDS_OF_A_MACHINE

if reason := reason_against_modules(("distributed",)):
    pytest.skip(reason, allow_module_level=True)

NAME, HERE, THERE = "gil-lab-test", "10.231.77.1", "10.231.77.2"
LINK, LINK_THERE = "gil-lab0", "gil-lab1"
AHEAD_S = 100_000
"""Of the clock of the second host: tasks there would begin a day after the pass."""
ANOTHER_MACHINE = 'mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"'


def ip(*arguments):
    subprocess.run(("ip", *arguments), check=True, capture_output=True, timeout=30)


@contextmanager
def second_host():
    """Skips where there can be none."""
    with ExitStack() as made:
        try:
            subprocess.run(("unshare", "--time", "--fork", "true"), check=True, capture_output=True, timeout=30)
            ip("netns", "add", NAME)
            made.callback(ip, "netns", "del", NAME)
            ip("link", "add", LINK, "type", "veth", "peer", "name", LINK_THERE, "netns", NAME)
            made.callback(ip, "link", "del", LINK)  # a namespace is not gone, nor what is in it, when it is deleted
            ip("addr", "add", f"{HERE}/24", "dev", LINK)
            ip("link", "set", LINK, "up")
            ip("-n", NAME, "addr", "add", f"{THERE}/24", "dev", LINK_THERE)
            ip("-n", NAME, "link", "set", LINK_THERE, "up")
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("no network namespace with a clock of its own can be made here")
        yield


@pytest.fixture
def cluster(tmp_path):
    (tmp_path / "cluster").mkdir()
    boot = tmp_path / "boot_id"
    boot.write_text("11111111-2222-3333-4444-555555555555\n")
    clock = ("unshare", "--time", "--mount", "--fork", "--kill-child", "--monotonic", str(AHEAD_S))
    within = ("ip", "netns", "exec", NAME, *clock, "sh", "-c", ANOTHER_MACHINE, str(boot))
    with second_host():
        opened = DaskPrograms(tmp_path / "cluster", 1, host=HERE)
        try:
            opened.add_worker(host=THERE, within=within)
            opened.wait()
            yield opened
        finally:
            opened.close()


@needs_root
@pytest.mark.timeout(200)
def test_tasks_of_two_hosts_are_seen_by_one_clock(rig, tmp_path, cluster):
    """As tasks in flight, on both hosts, within the pass that they belong to."""
    file = tmp_path / "mine.py"
    file.write_text(FILE.format(marker=str(tmp_path / "began")))
    how = ("--strategy", "dask", "--workers", "2", "--rounds", "1", "--min-time", "0.1")
    ended = rig.run_forked(str(file), *how, "--cluster", cluster.address, within_s=120)
    assert ended.code == 0, ended.err
    session = reader.read(rig.sessions()[-1])
    rows = {row.cell.strategy: row for row in session.trials}
    seen = {row.observation.name: row.observation.value for row in reader.read_rows(session, "observations.csv")}
    assert (str(rows["dask"].status), rows["dask"].detail) == ("ok", "")
    assert 0 < rows["dask"].numbers.in_flight <= 2
    assert seen["hosts"] == 2
    assert 0 < seen["error of clocks"] < 1
    assert {f"cores busy on {HERE}", f"cores busy on {THERE}"} < set(seen)
    number, slack_ns = rows["dask"].trial, seen["error of clocks"] * 1e9
    spans = [row.span for row in reader.read_rows(session, "tasks.csv") if row.trial == number]
    passes = [row.one for row in reader.read_rows(session, "passes.csv") if row.trial == number]
    traced = [one for one in passes if one.kind == "traced"]
    assert len({span.pid // PIDS_OF_A_MACHINE for span in spans}) == 2
    assert min(one.begin_ns for one in traced) - slack_ns <= min(span.begin_ns for span in spans)
    assert max(span.end_ns for span in spans) <= max(one.end_ns for one in traced) + slack_ns


@needs_root
@pytest.mark.timeout(200)
def test_fault_64_a_host_that_is_cut_off_is_an_error(rig, tmp_path, cluster):
    """Packets get lost, and no connection is closed."""
    marker, file = tmp_path / "began", tmp_path / "mine.py"
    file.write_text(FILE.format(marker=str(marker)))
    begun = rig.forked(str(file), "--strategy", "dask", *HOW, "--cluster", cluster.address)
    assert eventually(lambda: marker.exists() and marker.stat().st_size > IN_A_TURN, 60)
    ip("-n", NAME, "link", "set", LINK_THERE, "down")
    rig.survived(rig.ended(begun, within_s=150), 3, ok_at_most=1)
    TALLY["faults injected"] += 1
    rows = {row["strategy"]: row for row in rig.rows()}
    assert {name: row["status"] for name, row in rows.items()} == {
        "sequential": "ok",
        "dask": "error",
    }
    assert any(THERE in row["detail"] for row in rows.values()), rows
