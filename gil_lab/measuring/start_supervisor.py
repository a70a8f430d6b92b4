"""The program that is a supervisor: `supervisor.py`, which lies beside it, as it was compiled when it was installed.

Python keeps no bytecode of a program, and to compile all of that one took a fifth of its start.
"""

import os
import sys

TYPE_CHECKING = False  # not from typing, which takes as long to import as all the rest
if TYPE_CHECKING:
    from gil_lab.measuring.supervisor import main
else:  # isolated, it finds neither the lab nor the file beside it; and it writes nothing there
    sys.dont_write_bytecode = True
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - pathlib takes longer still
    from supervisor import main

    del sys.path[0]  # or a file of the lab would be found in the place of a module of the standard library

if __name__ == "__main__":
    os._exit(main(sys.argv[1:]))  # all is put in order by now: the end of Python would take as long as its start
