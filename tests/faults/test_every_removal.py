"""Every removal of a run, looked at: only what the run itself created goes, and it goes from where it may be."""

import re
from pathlib import Path

import pytest
from examples import thorough

from faults.removals import changes, watched
from faults.rig import TALLY, Rig, needs_strace

OURS = re.compile(r"(?P<temporary>.*/gil-lab-[0-9a-f]{12})(/.*)?|/dev/shm/.*")
"""Where a run removes something: its private folders, and shared memory."""

LITTERING = """
import os, tempfile
from pathlib import Path
from gil_lab import Design, Experiment, Workload

def litter(number):
    folder = Path(tempfile.mkdtemp())
    (folder / "deep" / "deeper").mkdir(parents=True)
    (folder / "deep" / "file").touch()
    (folder / "to-others").symlink_to(OTHERS)
    (folder / "to-a-file").symlink_to(OTHERS / "file")
    os.link(OTHERS / "file", folder / "the-same-file")
    for name in (f"sem.loky-{os.getpid()}-{number:x}{os.getpid():07x}", f"results-{os.getpid()}-{number}"):
        Path("/dev/shm", name).touch()
    return number

LITTER = Workload(
    "for a test", "cpu", list(range(4)), {"call": litter}, lambda inputs, answers: None,
    size=1, size_unit="", max_size=9, tasks=4,
)
EXPERIMENT = Experiment(
    "What is removed?",
    Design("littering", ("litter", "primes"), STRATEGIES, strategies_of={"litter": ("sequential", "threading")}),
)
"""


def assert_only_its_own_was_removed(rig: Rig, log: Path) -> set[str]:
    """What was removed was created by the run, and lay where a run may remove something."""
    created, moved, removed = changes(log, rig.cwd)
    assert removed
    assert removed | moved <= created
    beside = {path for path in removed if not OURS.fullmatch(path)}
    assert {Path(path).parent for path in beside} <= {rig.out, rig.temporary}  # files that try folders out
    return removed


@pytest.fixture(scope="module")
def others(tmp_path_factory):
    folder = tmp_path_factory.mktemp("others")
    (folder / "file").write_text("theirs")
    return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory, others):
    """One run, watched: with pools of every kind, whose libraries remove what is theirs, and with tasks that litter.
    Numba, which removes nothing, is slow to look at.
    """
    home = tmp_path_factory.mktemp("watched")
    rig, file, log = Rig(home), home / "littering.py", home / "calls"
    strategies = ("sequential", "threading", "multiprocessing", "joblib", *["numba-nogil"] * thorough())
    file.write_text(LITTERING.replace("OTHERS", f"Path({str(others)!r})").replace("STRATEGIES", repr(strategies)))
    how = ("--workers", "2", "--tasks", "4", "--rounds", "1", "--min-time", "0.01")
    ended = rig.ended(rig.start(watched(log, rig.arguments(str(file), *how))), 110)
    assert ended.code == 0, ended.err
    assert {row["strategy"] for row in rig.rows()} >= set(strategies)
    return rig, assert_only_its_own_was_removed(rig, log)


@needs_strace
def test_fault_60_what_a_run_removes_it_has_created(run):
    """Nothing of it lies around but what tasks have left in shared memory under a name of their own."""
    TALLY["faults injected"] += 1
    rig, _ = run
    assert not list(rig.temporary.iterdir())
    assert not list(rig.cwd.iterdir())
    assert not [path for path in rig.out.rglob("*") if path.name.startswith(".") or path.suffix == ".tmp"]
    assert {name.partition("-")[0] for name in rig.in_memory()} == {"results"}


@needs_strace
def test_fault_60_what_a_task_litters_is_removed_and_what_it_points_to_is_not(run, others):
    """Links to folders and files of others, and files in shared memory that only look like those of others."""
    TALLY["faults injected"] += 1
    _, removed = run
    assert not [path for path in removed if Path(path).is_relative_to(others)]
    assert [path for path in removed if path.endswith("/deep/deeper")]
    assert (others / "file").read_text() == "theirs"
