"""Where the memory of the measured processes may not be read: rows as ever, no number of the GIL, and the reason."""

import os
import shutil

import pytest
from command_line import called

from faults.groups import unshared
from faults.rig import needs_root, needs_strace
from gil_lab.measuring import gil_observer
from gil_lab.measuring.gil_observer import ForbiddenError

UNDUMPABLE = """
import ctypes
import gil_lab

ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE: from now on others need a capability to look inside

def count(number):
    return sum(range(number))

WORK = gil_lab.Workload("counts", "cpu", [100_000] * 4, {"call": count})
"""
WHERE_FORBIDDEN = ("cannot be read here (Permission denied)", "cannot be read here (Operation not permitted)")
OF_THE_GIL = ("gil_held_share", "gil_waiting_share", "gil_handoffs_per_s")
RUN = ("--workers", "2", "--rounds", "1", "--min-time", "0.01")
POOLS = ("--strategy", "sequential,threading,multiprocessing")
WITHOUT_CAPABILITIES = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all"]
"""Which makes of root a user like any other, but for what belongs to root."""
BY_DOCKER = (
    "add_key,bpf,kcmp,keyctl,mount,move_pages,perf_event_open,pidfd_getfd,process_madvise,process_vm_readv,"
    "process_vm_writev,ptrace,request_key,setns,umount2,unshare,userfaultfd"
)
"""Calls that the default profile of Docker refuses without a capability (moby, profiles/seccomp/default.json)."""
needs_setpriv = pytest.mark.skipif(
    os.geteuid() == 0 and shutil.which("setpriv") is None, reason="needs setpriv, to give up capabilities"
)


def powerless(command):
    return [*WITHOUT_CAPABILITIES, *command] if os.geteuid() == 0 else command


def injected(calls, error, path, command):
    """The command, in which these calls fail; of those that open a file, the ones that open this one."""
    only = ["-P", path] if path else []
    fault = ["-e", f"trace={calls}", "-e", f"inject={calls}:error={error}"]
    return ["strace", "-f", "-qq", "-o", "/dev/null", *fault, *only, *command]


def measured(rig, command):
    """The rows, all of which are as they would be without the fault."""
    ended = rig.ended(rig.start(command))
    rig.survived(ended, 0, next_works=False)
    rows = rig.rows()
    assert rows
    assert {row["status"] for row in rows} == {"ok"}
    assert all(row["in_flight"] and row["cores_busy"] and row["wall_s"] for row in rows)
    return rows


def check_nothing_is_known_of_the_gil(rig, rows):
    """In no file; and the report, the picture and each row say why."""
    for row in rows:
        assert [row[name] for name in OF_THE_GIL] == ["", "", ""]
        assert any(cause in row["gil_unknown"] for cause in WHERE_FORBIDDEN), row
    for name in ("gils.csv", "holds.csv"):
        assert len((rig.trials_file().parent / name).read_text().splitlines()) == 1
    folder = rig.trials_file().parent
    report = " ".join(called("report", folder, "-v").stdout.split())
    assert "Who held the GIL is not known: the memory of processes cannot be read here" in report
    assert "GIL held" not in report
    picture = called("report", folder, "--picture", "gil", "--format", "svg", "--out", rig.temporary / "pictures")
    assert picture.returncode != 0
    (line,) = picture.stderr.splitlines()
    assert "no GIL was seen in this session: the memory of processes cannot be read here" in line


@needs_strace
@pytest.mark.parametrize("error", ["EACCES", "EPERM"])
def test_fault_62_a_process_that_may_not_read_its_own_memory_has_no_gil_to_be_seen(rig, error):
    """As under a policy of AppArmor or SELinux: each open of /proc/self/mem fails."""
    command = rig.arguments("cpu-bound", "--size", "100", "--tasks", "4", *RUN, *POOLS)
    check_nothing_is_known_of_the_gil(rig, measured(rig, injected("openat", error, "/proc/self/mem", command)))


@needs_setpriv
def test_fault_62_a_process_that_only_itself_may_look_at_has_no_gil_to_be_seen(rig, tmp_path):
    """The kernel refuses as under Yama with ptrace_scope 2: in ptrace_may_access, where the capability counts.

    The process finds its GILs by itself, and cannot be read from outside.
    """
    file = tmp_path / "mine.py"
    file.write_text(UNDUMPABLE)
    rows = measured(rig, powerless(rig.arguments(str(file), *RUN, *POOLS)))
    check_nothing_is_known_of_the_gil(rig, rows)
    assert all("give gil-lab the capability SYS_PTRACE" in row["gil_unknown"] for row in rows)


@needs_root
@needs_setpriv
def test_fault_62_a_proc_that_hides_the_processes_of_others_hides_none_of_ours(rig):
    """Mounted with hidepid=2, for who has no capabilities: the counter of hand-offs is read in every turn."""
    command = powerless(rig.arguments("cpu-bound", "--size", "100", "--tasks", "4", *RUN, *POOLS))
    before = "mount -t proc -o hidepid=2 proc /proc"
    rows = measured(rig, ["unshare", "--pid", "--fork", *unshared("--mount", before, command)])
    assert all(row["gil_handoffs_per_s"] for row in rows), rows


@needs_strace
def test_fault_62_calls_that_docker_refuses_are_not_needed_to_see_the_gil(rig):
    """Among them ptrace and process_vm_readv, by which others read the memory of a process."""
    command = rig.arguments("cpu-bound", "--size", "100", "--tasks", "4", *RUN, *POOLS)
    rows = measured(rig, injected(BY_DOCKER, "EPERM", None, command))
    assert all(row["gil_handoffs_per_s"] for row in rows), rows


@needs_root
def test_fault_62_a_proc_that_shows_nothing_but_processes_is_an_error_that_says_so(rig):
    """Mounted with subset=pid: neither the cores nor the memory of the machine are known."""
    command = rig.arguments("cpu-bound", "--size", "100", *RUN)
    before = "mount -t proc -o subset=pid proc /proc"
    ended = rig.ended(rig.start(["unshare", "--pid", "--fork", *unshared("--mount", before, command)]))
    rig.survived(ended, 5, message="have /proc mounted without subset=pid", next_works=False)


@pytest.mark.parametrize(
    ("scope", "said"),
    [
        ("0", "(Permission denied); give gil-lab the capability SYS_PTRACE"),
        ("1", "(Permission denied); give gil-lab the capability SYS_PTRACE"),
        (
            "2",
            "(Yama: kernel.yama.ptrace_scope is 2); set it to 1, or give gil-lab the capability SYS_PTRACE",
        ),
        ("3", "(Yama: kernel.yama.ptrace_scope is 3); boot with another one"),
        ("none", "(Permission denied); give gil-lab the capability SYS_PTRACE"),
    ],
)
def test_fault_62_where_yama_forbids_it_the_reason_names_its_setting(tmp_path, monkeypatch, scope, said):
    """A made-up one: not every kernel has Yama, and none lets a test change it for itself alone."""
    setting = tmp_path / "ptrace_scope"
    if scope != "none":
        setting.write_text(f"{scope}\n")
    monkeypatch.setattr(gil_observer, "YAMA", setting)
    error = ForbiddenError(PermissionError(13, "Permission denied"))
    assert str(error) == f"the memory of processes cannot be read here {said}"
