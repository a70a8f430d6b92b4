"""gil-lab in a real terminal: keys go through its line discipline, which makes signals of them."""

import fcntl
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

import psutil

from faults import forked
from faults.rig import IS_ROOT, LAB, Ended, Rig, eventually

CTRL_C, CTRL_Z = b"\x03", b"\x1a"
ENVIRONMENT = {"TERM": "xterm", "COLUMNS": "80", "LINES": "24"}
LEADER = """\
import fcntl, os, signal, sys, termios
for name in ("SIGINT", "SIGHUP", "SIGTERM", "SIGTSTP"):
    signal.signal(getattr(signal, name), signal.SIG_DFL)
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""
"""Takes the terminal, and is replaced by the program."""


def become_a_job() -> None:
    """Go on in the foreground of the terminal, in a group of its own: as the job of a shell, it can be stopped."""
    job = os.fork()
    if job:
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        os.setpgid(job, job)
        os.tcsetpgrp(0, job)
        os._exit(os.waitstatus_to_exitcode(os.waitpid(job, 0)[1]))
    while os.tcgetpgrp(0) != os.getpid():
        time.sleep(0.001)


class Terminal:
    """A command in a terminal of its own, with standard error apart. Use it in a `with` block."""

    def __init__(
        self,
        rig: Rig,
        command: list[str],
        *,
        in_shell: bool = False,
        before: Callable[[], object] | None = None,
        **environment: str,
    ) -> None:
        """With `before`, a `rig.LAB ...` is not started anew but forked, and calls that first; see `faults.forked`.

        `in_shell`, it is the job of a process that waits for it, as a shell does.
        """
        self.seen = b""
        self.master, terminal = pty.openpty()
        settings = termios.tcgetattr(terminal)
        settings[3] |= termios.NOFLSH  # else a key that makes a signal throws away what we have not read yet
        termios.tcsetattr(terminal, termios.TCSANOW, settings)
        variables = rig.environment(**{**ENVIRONMENT, **environment})
        how = {"stdin": terminal, "stdout": terminal, "stderr": subprocess.PIPE, "cwd": rig.cwd}
        if before is not None:

            def take_the_terminal() -> None:
                fcntl.ioctl(0, termios.TIOCSCTTY, 0)
                if in_shell:
                    become_a_job()
                before()

            arguments, memory = command[len(LAB) :], rig.memory if IS_ROOT else None
            self.process = forked.start(arguments, variables, memory, take_the_terminal, start_new_session=True, **how)
        else:
            assert not in_shell
            leader = [sys.executable, "-I", "-S", "-c", LEADER]
            self.process = subprocess.Popen(
                [*leader, *rig.contained(command)], env=variables, start_new_session=True, **how
            )
        os.close(terminal)
        self.pid = self.process.pid
        if in_shell:
            shell = psutil.Process(self.pid)
            assert eventually(shell.children)
            self.pid = shell.children()[0].pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()
        self.hang_up()

    def press(self, key: bytes) -> None:
        os.write(self.master, key)

    def hang_up(self) -> None:
        """As if its window were closed."""
        if self.master >= 0:
            os.close(self.master)
            self.master = -1

    def read(self) -> None:
        """What there is to be read, without waiting: a terminal whose output is not read would block."""
        while self.master >= 0 and select.select([self.master], [], [], 0)[0]:
            try:
                self.seen += os.read(self.master, 1 << 16)
            except OSError:  # how Linux reports that the other end has gone
                return

    def handles_stops(self) -> bool:
        """Whether gil-lab has its own handlers: of SIGTERM, Python alone has none."""
        with suppress(OSError), Path(f"/proc/{self.pid}/status").open() as status:
            caught = next(line for line in status if line.startswith("SigCgt"))
            return bool(int(caught.split()[1], 16) >> 14 & 1)
        return False

    def until(self, true: object) -> bool:
        """Wait for a state, and read meanwhile."""

        def now() -> object:
            self.read()
            return true()

        return eventually(now, 30.0)

    def ended(self, within_s: float = 50.0) -> Ended:
        until = time.monotonic() + within_s
        while self.process.poll() is None and time.monotonic() < until:
            self.read()
            time.sleep(0.005)
        assert self.process.poll() is not None
        self.read()
        err = self.process.stderr.read().decode(errors="replace")
        return Ended(self.pid, self.process.returncode, self.seen.decode(errors="replace"), err)
