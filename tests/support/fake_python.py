"""Programs that answer as a Python would, of any version, or that do something else instead."""

import dataclasses
import shlex

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
    greeting = encode(Greeting(version, implementation, free_threaded)).decode()
    return script(
        path,
        f"{before}\n"
        f"printf %s {shlex.quote(greeting)} > /dev/fd/$3\n"
        f"[ $# -gt 3 ] && printf %s {shlex.quote(encode(told).decode())} > /dev/fd/$3\n",
    )


def script(path, text):
    """Run as `path -c CODE FD [QUESTIONS]`: the descriptor for answers is $3."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)
