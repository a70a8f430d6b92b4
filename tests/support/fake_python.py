"""Programs that answer as a Python would, of any version, or that do something else instead.

To start one, below its supervisor, takes longer than all that a choice does with its answers: where asking is not the
point, `answered_at_once` gives them.
"""

import dataclasses
import os
import shlex
import sys
from pathlib import Path

from gil_lab.interpreters.dialogue import NoAnswerError
from gil_lab.interpreters.examiner import Examiner
from gil_lab.model.interpreter import Facts, Greeting, Package, Refusal
from gil_lab.model.wire import encode

ALL_METHODS = ("fork", "spawn", "forkserver")


def facts_of(version="3.14.2", implementation="cpython", free_threaded=False, **changes):
    """What a Python of that version says of itself: nothing is installed, everything works."""
    usual = Facts(
        label=Greeting(version, implementation, free_threaded).label,
        version=version,
        implementation={"cpython": "CPython", "pypy": "PyPy"}.get(implementation, implementation),
        compiler="GCC 16.2.0",
        configured=(),
        free_threaded=free_threaded,
        gil=not free_threaded,
        gil_after_imports=not free_threaded,
        bytecode="beside",
        start_methods=ALL_METHODS,
        packages=(),
        refusals=(),
    )
    return dataclasses.replace(usual, **changes)


def refusing(reason, *strategies):
    return {"refusals": tuple(Refusal(strategy, reason) for strategy in strategies)}


def installed(**versions):
    return {"packages": tuple(Package(name, version) for name, version in versions.items())}


def fake(path, version="3.14.2", implementation="cpython", free_threaded=False, before="", **facts):
    """A shell script at `path` that answers as such a Python; `before` is run first. Returns the path as text."""
    told = facts_of(version, implementation, free_threaded, **facts)
    greeting = Greeting(version, implementation, free_threaded)
    made = script(
        path,
        f"{before}\n"
        f"printf %s {shlex.quote(encode(greeting).decode())} > /dev/fd/$3\n"
        f"[ $# -gt 3 ] && printf %s {shlex.quote(encode(told).decode())} > /dev/fd/$3\n",
    )
    if not before:
        _ANSWERS[path.read_text()] = greeting, told
    return made


_ANSWERS: dict[str, tuple[Greeting, Facts]] = {}
"""Of programs that do nothing but answer, by their text: wherever they are moved, copied or linked to."""
LONGEST = 10_000
"""Bytes of such a text; a real Python is longer."""


def answered_at_once(monkeypatch):
    """What such a program would answer, it need not be started for; every other one is."""

    def told(executable):
        path = Path(executable)
        short = os.access(path, os.X_OK) and path.is_file() and path.stat().st_size < LONGEST
        return _ANSWERS.get(path.read_text(errors="replace")) if short else None

    ask, ask_all = Examiner.greeting, Examiner.facts

    def greeting(examiner, executable):
        return known[0] if (known := told(executable)) else ask(examiner, executable)

    def facts(examiner, executable, settings):
        return known[1] if (known := told(executable)) else ask_all(examiner, executable, settings)

    monkeypatch.setattr(Examiner, "greeting", greeting)
    monkeypatch.setattr(Examiner, "facts", facts)


def no_other_pythons(monkeypatch, folder):
    """A machine on which there is no Python but the one that runs the tests."""
    for variable in ("GIL_LAB_PYTHONS", "UV_PYTHON_INSTALL_DIR", "XDG_DATA_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("HOME", str(folder / "home"))
    monkeypatch.setenv("PYENV_ROOT", str(folder / "pyenv"))
    monkeypatch.setitem(sys.modules, "findpython", None)


def answer_for_this(monkeypatch, version="3.11.7", **facts):
    """This Python, the only one that answers, is of that version. Nothing is started."""

    def answering(answer):
        def ask(_, executable, *settings):
            if Path(executable) != Path(sys.executable):
                raise NoAnswerError("is not there")
            return answer

        return ask

    no_other_pythons(monkeypatch, Path("/nowhere"))
    monkeypatch.setattr(Examiner, "greeting", answering(Greeting(version, "cpython", free_threaded=False)))
    monkeypatch.setattr(Examiner, "facts", answering(facts_of(version, **facts)))


def script(path, text):
    """Run as `path -c CODE FD [QUESTIONS]`: the descriptor for answers is $3."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)
