"""The supervisor is a program of three files, which need neither the lab nor what is installed."""

import os
import shutil
import subprocess
import sys

from gil_lab.measuring import supervised_process
from gil_lab.measuring.supervised_process import SUPERVISOR, SupervisedProcess

FILES = [SUPERVISOR, *(SUPERVISOR.with_name(name) for name in ("supervisor.py", "removal.py"))]
PATIENCE_S = 60
LOOK = """
import runpy, sys
before = list(sys.path)
try:
    runpy.run_path(sys.argv[1], run_name="__main__")
except ValueError:  # these are not its arguments
    pass
print(sys.path == before, any(name.startswith("gil_lab") for name in sys.modules))
"""


def test_it_runs_without_the_lab(tmp_path, monkeypatch):
    """Its files lie in a folder of their own; it writes nothing there, and removes what its process left."""
    home = tmp_path / "home"
    home.mkdir()
    for file in FILES:
        shutil.copy(file, home)
    monkeypatch.setattr(supervised_process, "SUPERVISOR", home / SUPERVISOR.name)
    folder = tmp_path / "folder"
    process = SupervisedProcess(["sh", "-c", "mkdir -p a/b && touch a/b/file && echo done"], os.environ, folder)
    assert process.wait(PATIENCE_S) == 0
    assert process.close().printed == "done\n"
    assert not folder.exists()
    assert {path.name for path in home.iterdir()} == {file.name for file in FILES}


def test_the_folder_that_it_lies_in_is_not_searched_for_other_modules():
    """Or a file of the lab would be found in the place of a module of the standard library."""
    command = [sys.executable, "-I", "-S", "-c", LOOK, str(FILES[0])]
    looked = subprocess.run(command, capture_output=True, text=True, check=True)
    assert looked.stdout == "True False\n"
