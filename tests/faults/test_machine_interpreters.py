"""Programs that are no Python, given as `--python`; and one whose clock is not ours."""

import sys

import pytest

from faults.rig import FAULTS, TINY, needs_root

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
    **{one.__name__: one for one in (missing, directory, not_executable, wrong_architecture, dangling_link)},
    **{one.__name__: one for one in (loop_of_links, device)},
    **{path: program(path) for path in ("/bin/true", "/bin/false", "/bin/cat", "/bin/sh")},
    **{name: written(text) for name, text in SCRIPTS.items()},
}


@pytest.mark.parametrize("kind", KINDS)
def test_fault_52_what_is_no_python_is_refused_before_anything_is_written(rig, tmp_path, kind):
    """In one line that names it and the next step; nothing that it has started goes on."""
    folder = tmp_path / "bad"
    folder.mkdir()
    given = str(KINDS[kind](folder))
    ended = rig.run(str(FAULTS), "--workload", "fine", *TINY, "--python", given)
    rig.survived(ended, 2, message=given, next_works=False)
    assert ended.err.count("\n") == 1
    assert not rig.out.exists()


@needs_root
def test_fault_52_a_clock_that_is_not_the_lab_s_is_not_believed(rig, tmp_path):
    """A wrapper that starts Python in another time namespace: its passes were not between our readings."""
    wrapper = written(f'#!/bin/sh\nexec unshare --time --monotonic 100000 {sys.executable} "$@"\n')(tmp_path)
    ended = rig.run(str(FAULTS), "--workload", "fine", *TINY, "--python", str(wrapper), "--python", "this")
    rig.survived(ended, 3, ok_at_most=1, next_works=False)
    (broken,) = (row for row in rig.rows() if row["status"] != "ok")
    assert broken["status"] == "protocol"
    assert "outside the time" in broken["detail"]
