"""Programs that are no Python, given as `--python`; and a Python whose clock is not ours."""

import os
import sys
import tempfile

import pytest

from faults.processes import of_run
from faults.rig import FAULTS, TALLY, TINY, eventually, needs_root
from gil_lab.cli.app import execute
from gil_lab.model.errors import UsageError

ELF_OF_ANOTHER_MACHINE = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\xf3\x00" + bytes(44)
SCRIPTS = {
    "banner": "#!/bin/sh\necho Welcome; echo '{}'\n",
    "banner-on-every-pipe": '#!/bin/sh\necho Welcome > "/dev/fd/$3"\n',
    "daemon": "#!/bin/sh\necho started\n(sleep 30 &)\n",
    "old-syntax": "#!/bin/sh\necho 'SyntaxError: invalid syntax' >&2; exit 1\n",
    "no-interpreter": "#!/nonexistent/python\n",
    "empty": "",
}


def missing(folder):
    return folder / "nowhere" / "python"


def directory(folder):
    return folder


def not_executable(folder):
    (folder / "python").write_text("#!/bin/sh\n")
    return folder / "python"


def wrong_architecture(folder):
    (folder / "python").write_bytes(ELF_OF_ANOTHER_MACHINE)
    (folder / "python").chmod(0o755)
    return folder / "python"


def dangling_link(folder):
    (folder / "python").symlink_to(folder / "removed" / "bin" / "python3")
    return folder / "python"


def loop_of_links(folder):
    (folder / "python").symlink_to(folder / "python")
    return folder / "python"


def device(folder):
    return "/dev/null"


def program(path):
    return lambda folder: path


def written(text):
    def write(folder):
        (folder / "python").write_text(text)
        (folder / "python").chmod(0o755)
        return folder / "python"

    return write


KINDS = {
    **{make.__name__: make for make in (missing, directory, not_executable, wrong_architecture, dangling_link)},
    **{make.__name__: make for make in (loop_of_links, device)},
    **{path: program(path) for path in ("/bin/true", "/bin/false", "/bin/cat", "/bin/sh")},
    **{name: written(text) for name, text in SCRIPTS.items()},
}


def made_in(folder, kind):
    folder.mkdir()
    return str(KINDS[kind](folder))


@pytest.mark.parametrize("kind", KINDS)
def test_fault_52_what_is_no_python_is_refused_before_anything_is_written(tmp_path, kind, monkeypatch):
    """In one line that names it and the next step; nothing that it has started goes on."""
    temporary, given = tmp_path / "temporary", made_in(tmp_path / "bad", kind)
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    with pytest.raises(UsageError) as caught:
        execute(["run", "cpu-bound", *TINY, "--python", given, "--out", str(tmp_path / "out")])
    assert given in str(caught.value)
    assert str(caught.value).isprintable()
    assert eventually(lambda: not of_run(os.getpid()))
    assert list(temporary.iterdir()) == []
    assert not (tmp_path / "out").exists()
    TALLY["faults injected"] += 1


def test_fault_52_the_command_ends_with_2(rig, tmp_path):
    """With one line, also where the program prints on every pipe that it has inherited."""
    given = made_in(tmp_path / "bad", "banner-on-every-pipe")
    ended = rig.run_forked(str(FAULTS), "--workload", "fine", *TINY, "--python", given)
    rig.survived(ended, 2, message=given, next_works=False)
    assert ended.err.count("\n") == 1
    assert not rig.out.exists()


@needs_root
def test_fault_52_a_clock_that_is_not_the_lab_s_is_not_believed(rig, tmp_path):
    """A wrapper that starts Python in another time namespace: its passes were not between our readings."""
    wrapper = written(f'#!/bin/sh\nexec unshare --time --monotonic 100000 {sys.executable} "$@"\n')(tmp_path)
    ended = rig.run_forked(str(FAULTS), "--workload", "fine", *TINY, "--python", str(wrapper), "--python", "this")
    rig.survived(ended, 3, ok_at_most=1, next_works=False)
    (broken,) = (row for row in rig.rows() if row["status"] != "ok")
    assert broken["status"] == "protocol"
    assert "before they were allowed to" in broken["detail"]
