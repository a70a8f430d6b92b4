"""What is removed after a trial: what it left, and nothing that belongs to others."""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from faults.groups import unshared
from faults.rig import GONE_S, TALLY, eventually, needs_root
from gil_lab.measuring import removal, supervised_process
from gil_lab.measuring.removal import remove_shared_memory, remove_tree
from gil_lab.measuring.supervised_process import SupervisedProcess

NOBODY = 65534
PID = 4321
HEX = "0123456789abcdef" * 2
LEFT = (f"sem.loky-{PID}-abc_ef12", f"loky-{PID}-abc_ef12", f"pym-{PID}-abc_ef12")
MEMORY_MAPS = f"joblib_memmapping_folder_{PID}_{HEX}_{HEX}"
FOREIGN = (
    f"results-2026-{PID}",
    str(PID),
    f"attack-{PID}-data",
    f"sem.loky-{PID}-abc_ef12.bak",
    f"my-sem.loky-{PID}-abc_ef12",
    f"sem.loky-0{PID}-abc_ef12",
    f"sem.loky-{PID}-abc_ef12\n",
    f"sem.loky-{PID}1-abc_ef12",
    f"sem.loky-{PID}-abc",
    f"sem.mp-{PID}_abc",
    f"psm_{PID}abcd",
    MEMORY_MAPS,  # a file by the name of a folder
)


@pytest.fixture
def memory(tmp_path, monkeypatch):
    folder = tmp_path / "shm"
    folder.mkdir()
    monkeypatch.setattr(removal, "SHARED_MEMORY", str(folder))
    return folder


def kept(memory):
    return {file.name for file in memory.iterdir()}


def test_shared_memory_by_the_names_of_loky_multiprocessing_and_joblib_is_removed(memory):
    """Folders too, with what is in them."""
    for name in LEFT:
        (memory / name).touch()
    (memory / MEMORY_MAPS).mkdir()
    (memory / MEMORY_MAPS / "1-2-3.pkl").touch()
    remove_shared_memory({PID}, 0)
    assert kept(memory) == set()


def test_shared_memory_by_other_names_that_hold_the_pid_is_kept(memory):
    """A number in a name does not say whose a file is."""
    for name in FOREIGN:
        (memory / name).touch()
    (memory / LEFT[0]).mkdir()
    remove_shared_memory({PID}, 0)
    assert kept(memory) == {*FOREIGN, LEFT[0]}


def test_shared_memory_that_is_older_than_the_trial_is_kept(memory):
    """Of an earlier process with the same pid, also if it has been written to or renamed since."""
    now = time.time_ns()
    (memory / LEFT[0]).touch()
    remove_shared_memory({PID}, now + 10**12)
    os.utime(memory / LEFT[0], ns=(now - 10**12, now - 10**12))  # which makes the time of change a new one
    remove_shared_memory({PID}, now - 10**9)
    assert kept(memory) == {LEFT[0]}


def test_shared_memory_that_is_a_link_is_kept(memory, tmp_path):
    """And so is what it points to."""
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").touch()
    (memory / LEFT[0]).symlink_to(tmp_path / "precious" / "file")
    (memory / MEMORY_MAPS).symlink_to(tmp_path / "precious")
    remove_shared_memory({PID}, 0)
    assert kept(memory) == {LEFT[0], MEMORY_MAPS}
    assert (tmp_path / "precious" / "file").exists()


@needs_root
def test_shared_memory_of_another_user_is_kept(memory):
    """Root could remove it."""
    (memory / LEFT[0]).touch()
    os.chown(memory / LEFT[0], NOBODY, NOBODY)
    remove_shared_memory({PID}, 0)
    assert kept(memory) == {LEFT[0]}


def removing(before, tree):
    """A command that removes a tree."""
    return [
        sys.executable,
        "-c",
        f"from gil_lab.measuring.removal import remove_tree; {before} remove_tree({str(tree)!r})",
    ]


def removed(before, tree):
    subprocess.run(removing(before, tree), check=True)


def test_a_tree_of_all_kinds_of_files_is_removed(tmp_path):
    """Names in no encoding, a pipe, a broken link, empty folders."""
    tree = tmp_path / "tree"
    (tree / "empty").mkdir(parents=True)
    (tree / "full" / "er").mkdir(parents=True)
    (tree / "full" / "er" / "file").touch()
    (tree / "broken").symlink_to("nowhere")
    os.mkfifo(tree / "pipe")
    Path(os.fsdecode(os.fsencode(tree) + b"/\xff")).touch()
    remove_tree(tree)
    assert list(tmp_path.iterdir()) == []


def test_links_are_removed_and_their_targets_kept(tmp_path):
    """Below the folder, and in its place."""
    precious, tree = tmp_path / "precious", tmp_path / "tree"
    precious.mkdir()
    (precious / "file").touch()
    tree.mkdir()
    (tree / "folder").symlink_to(precious)
    (tree / "file").symlink_to(precious / "file")
    remove_tree(tree)
    tree.symlink_to(precious)
    remove_tree(tree)
    assert list(tmp_path.iterdir()) == [precious]
    assert (precious / "file").exists()


def test_deep_trees_are_removed(tmp_path):
    """Deeper than Python recurses, than a path can be long, and than there are descriptors."""
    TALLY["faults injected"] += 1
    tree = tmp_path / "tree"
    tree.mkdir()
    folder = os.open(tree, os.O_RDONLY)
    for _ in range(2500):
        os.mkdir("a-folder", dir_fd=folder)
        below = os.open("a-folder", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = below
    os.close(folder)
    try:
        remove_tree(tree)
        assert list(tmp_path.iterdir()) == []
    finally:
        subprocess.run(["rm", "-rf", tree], check=True)  # pytest itself fails to tidy up what is that deep


def test_folders_that_their_owner_may_not_write_or_read_are_removed():
    """The owner may change that. Tried as another user, because modes do not bind root."""
    home = Path(tempfile.mkdtemp())
    tree = home / "tree"
    (tree / "outer" / "inner").mkdir(parents=True)
    for folder in (tree, tree / "outer", tree / "outer" / "inner"):
        (folder / "file").touch()
    for folder, mode in ((tree / "outer" / "inner", 0o500), (tree / "outer", 0o000), (tree, 0o300)):
        folder.chmod(mode)
    try:
        if os.geteuid() == 0:
            for path in (home, tree, tree / "outer", tree / "outer" / "inner"):
                os.chown(path, NOBODY, NOBODY)
        become = f"os.getuid() or (os.setgroups([]), os.setgid({NOBODY}), os.setuid({NOBODY}))"
        removed(f"import os; {become};", tree)
        assert not tree.exists()
    finally:
        shutil.rmtree(home)


@needs_root
def test_what_is_mounted_below_is_kept(tmp_path):
    """A folder or a file of the same device, another device; and with them the folders above, but nothing else."""
    TALLY["faults injected"] += 1
    precious, tree = tmp_path / "precious", tmp_path / "tree"
    (precious / "deep").mkdir(parents=True)
    (precious / "deep" / "file").write_text("mine")
    for name in ("a/bound", "b/other", "c/empty", "d"):
        (tree / name).mkdir(parents=True)
    for name in ("a/gone", "b/gone", "bound", "gone"):
        (tree / name).touch()
    before = f"""
cd {shlex.quote(str(tree))}; mkdir {shlex.quote(str(tmp_path / "nothing"))}
mount --bind ../precious a/bound; mount --bind ../precious/deep/file bound; mount --bind ../nothing c/empty
mount -t tmpfs tmpfs b/other; touch b/other/file
"""
    command = ["sh", "-c", f"cd ..; {shlex.join(removing('', tree))}; find tree | sort"]
    done = subprocess.run(unshared("--mount", before, command), capture_output=True, text=True, check=True)
    left = ["a", "a/bound", "a/bound/deep", "a/bound/deep/file", "b", "b/other", "b/other/file", "bound"]
    assert done.stdout.splitlines() == ["tree", *(f"tree/{name}" for name in (*left, "c", "c/empty"))]
    assert (precious / "deep" / "file").read_text() == "mine"


@needs_root
def test_what_is_mounted_in_place_of_a_folder_is_kept(tmp_path):
    """The private folder of a trial is never one that is mounted."""
    TALLY["faults injected"] += 1
    precious, tree = tmp_path / "precious", tmp_path / "tree"
    precious.mkdir()
    (precious / "file").touch()
    tree.mkdir()
    before = shlex.join(["mount", "--bind", str(precious), str(tree)])
    subprocess.run(unshared("--mount", before, removing("", tree)), check=True)
    assert (precious / "file").exists()


@needs_root
def test_what_a_trial_mounts_into_its_folder_survives_it(tmp_path):
    """Neither its supervisor nor the lab goes in there."""
    TALLY["faults injected"] += 1
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").touch()
    program = f"""
import os, subprocess
from gil_lab.measuring.supervised_process import SupervisedProcess, private_folder
from gil_lab.measuring.removal import remove_tree
folder = private_folder()
mounting = 'mkdir "$1" && mount --bind "$0" "$1"'
command = ["sh", "-c", mounting, {str(precious)!r}, str(folder / "data")]
process = SupervisedProcess(command, os.environ, folder)
assert process.wait(10) == 0
process.close()
assert (folder / "data" / "file").exists()
subprocess.run(["umount", folder / "data"], check=True)
remove_tree(folder)
assert not folder.exists()
"""
    command = unshared("--mount", "true", [sys.executable, "-c", program])
    subprocess.run(command, env={**os.environ, "TMPDIR": str(tmp_path)}, check=True)
    assert (precious / "file").exists()


def test_what_is_not_there_is_no_error(tmp_path):
    """Nor is a folder that is not there, nor a file in its place."""
    (tmp_path / "file").touch()
    remove_tree(tmp_path / "none")
    remove_tree(tmp_path / "none" / "below")
    remove_tree(tmp_path / "file" / "below")
    assert (tmp_path / "file").exists()


SLOWLY = """
import os, sys, time
lifeline, status, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[6]
os.mkdir(folder)
os.write(status, b"started %d 0 %d\\n" % (os.getpid(), os.getpid()))
os.read(lifeline, 1)
os.write(status, b"done 0 5\\nhello")
while not os.path.exists(folder + ".go"):
    time.sleep(0.01)
os.rmdir(folder)
"""
"""A supervisor whose disk is busy."""


def test_what_takes_long_to_remove_is_not_waited_for(tmp_path, monkeypatch):
    """It is named, and goes on."""
    TALLY["faults injected"] += 1
    (tmp_path / "slowly.py").write_text(SLOWLY)
    monkeypatch.setattr(supervised_process, "SUPERVISOR", tmp_path / "slowly.py")
    monkeypatch.setattr(supervised_process, "REMOVED_WITHIN_S", 0.0)
    folder = tmp_path / "folder"
    end = SupervisedProcess(["true"], os.environ, folder).close()
    assert (end.leaked, end.printed, end.left) == (False, "hello", f"what it left in {folder} is still being removed")
    assert folder.exists()
    (tmp_path / "folder.go").touch()
    assert eventually(lambda: not folder.exists(), GONE_S)


@needs_root
def test_what_cannot_be_removed_is_named(tmp_path):
    """A file that even its owner cannot change."""
    TALLY["faults injected"] += 1
    folder = tmp_path / "folder"
    process = SupervisedProcess(["sh", "-c", "touch file && chattr +i file"], os.environ, folder)
    assert process.wait(GONE_S) in (0, 1)
    if process.code:
        pytest.skip("this file system has no immutable files")
    try:
        assert process.close().left == f"{folder} cannot be removed"
        assert [file.name for file in folder.iterdir()] == ["file"]
    finally:
        subprocess.run(["chattr", "-i", folder / "file"], check=True)


def test_of_what_is_removed_nothing_is_said(tmp_path):
    assert SupervisedProcess(["touch", "file"], os.environ, tmp_path / "folder").close().left == ""
    assert not (tmp_path / "folder").exists()
