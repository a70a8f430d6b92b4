"""gil-lab with one of its functions sabotaged: `python sabotage.py MODULE:NAME HOW FILE ARGUMENTS...`.

HOW is the name of an exception that the function raises, or a number of seconds that it takes longer; FILE
is made when it is called; of os.fsync only that of a trials.csv that has a row.
"""

import builtins
import importlib
import sys
import time
from pathlib import Path


def concerns(arguments):
    """Any call, but for that of the first lines of files."""
    if len(arguments) != 1 or not isinstance(arguments[0], int):
        return True
    path = Path(f"/proc/self/fd/{arguments[0]}").readlink()
    return path.name == "trials.csv" and path.read_bytes().count(b"\n") > 1


def sabotaged(function, how, reached):
    def instead(*arguments, **named):
        if not concerns(arguments):
            return function(*arguments, **named)
        Path(reached).touch()
        if not how.replace(".", "").isdigit():
            raise getattr(builtins, how)("sabotaged")
        time.sleep(float(how))
        return function(*arguments, **named)

    return instead


def install(where, how, reached):
    module, _, name = where.partition(":")
    *owners, name = name.split(".")
    owner = importlib.import_module(module)
    for attribute in owners:
        owner = getattr(owner, attribute)
    setattr(owner, name, sabotaged(getattr(owner, name), how, reached))


def main(where, how, reached, *arguments):
    install(where, how, reached)
    sys.argv[1:] = arguments
    from gil_lab.__main__ import main

    main()


if __name__ == "__main__":
    main(*sys.argv[1:])
