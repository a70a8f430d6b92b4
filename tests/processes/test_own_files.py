"""A user's file is measured where the user stands."""

from command_line import gil_lab, rows_of

READING = """
from pathlib import Path
from gil_lab import Workload

LINES = Path("lines.txt").read_text().split()


def length(name):
    return len(Path("data", name).read_text()), LINES


WORK = Workload("reads", "cpu", ["a.txt", "b.txt"], {"call": length})
"""


def test_paths_are_relative_to_where_the_user_stands(tmp_path):
    """At the top of the file and in its tasks, in every child and worker; not to where the file is."""
    strategies = "threading,multiprocessing,multiprocessing-spawn,joblib"
    (tmp_path / "programs").mkdir()
    (tmp_path / "programs" / "reading.py").write_text(READING)
    (tmp_path / "lines.txt").write_text("one two")
    (tmp_path / "data").mkdir()
    for name in ("a.txt", "b.txt"):
        (tmp_path / "data" / name).write_text(name)
    options = ("--strategy", strategies, "--workers", "2", "--rounds", "1", "--min-time", "0.001")
    done = gil_lab("run", "programs/reading.py", *options, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert {row["status"] for row in rows_of(tmp_path)} == {"ok"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "lines.txt", "programs", "results"]


def test_work_of_the_lab_leaves_nothing_where_the_user_stands(tmp_path):
    """Its files are in a folder of its own, which is removed."""
    done = gil_lab(
        "run",
        "io-bound",
        "--workload",
        "files",
        "--strategy",
        "threading",
        "--rounds",
        "1",
        "--size",
        "1",
        "--tasks",
        "4",
        cwd=tmp_path,
    )
    assert done.returncode in (0, 3)
    assert [path.name for path in tmp_path.iterdir()] == ["results"]
