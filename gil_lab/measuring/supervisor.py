"""The program between the lab and one process that it starts: nothing outlives the lab, even if the lab is killed.

Started by `gil_lab.measuring.supervised_process` as `python -I -S start_supervisor.py LIFELINE STATUS THEIRS CAPTURE
GRACE FOLDER CWD COUNT [NAME TARGET]... COMMAND...`. It makes FOLDER, with COUNT links in its folder `modules`, and runs
COMMAND in a session of its own, in CWD, or in FOLDER if that is empty. It keeps the beginning and the end of its
output, and reports on STATUS how it ends. When LIFELINE ends, because the lab closed it or is gone, it ends the process
and all its descendants, removes FOLDER and exits. The lab makes no folder itself: it could be killed before there was
anybody to remove it.

A process that loses its parent becomes a child of the supervisor (PR_SET_CHILD_SUBREAPER, prctl(2)): no session of its
own, no double fork and no emptied environment hides it. It is done when the system says that it has no child left, not
when one look finds none: a chain of processes of which each starts the next one and ends is missed by any look.

What it supervises may kill or stop its parent, so there are two processes: a keeper, and its child, the supervisor
proper. The keeper continues a supervisor that was stopped; of one that was killed it inherits all that is left, ends
that, and reports so.

Single-threaded, on the standard library and a file beside it (`removal.py`) alone: it must start at once, and sleeps
while something is measured. Not a thread in the measured process, where every fork would then be one of a
multi-threaded process; not one supervisor for all trials, which would mix up their orphans. Rejected: a namespace of
process ids, in which the measured process would have other ids than the lab sees; a control group, which most users may
not make.
"""

import os
import select
import time

TYPE_CHECKING = False  # not from typing, which takes as long to import as all the rest
if TYPE_CHECKING:
    import signal
    from collections.abc import Callable
else:  # what `signal` is made of; to give its numbers names (enum) takes longer than to start Python
    import _signal as signal

if TYPE_CHECKING or __package__:
    from gil_lab.measuring.removal import STAMPS_LAG_NS, remove_shared_memory, remove_tree
else:  # isolated, it does not find the lab
    from removal import STAMPS_LAG_NS, remove_shared_memory, remove_tree

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
HEAD_BYTES, TAIL_BYTES = 64 * 1024, 192 * 1024
POLL_PERIOD_S = 0.02
KILLED_WITHIN_S = 3.0
KILLS_AT_ONCE = 200
"""Attempts before the next pause: each takes some 50 us, and a process that only forks and ends lives for longer."""
SUPERVISED_WITHIN_S = 4.0
"""For a supervisor to end everything by itself, beyond three times its grace period."""
OOM_SCORE = b"500"
"""Of the measured process: when memory runs out, it is killed before the lab."""
MODULES = "modules"
TRACKER = b"resource_tracker"


def prctl(option: int, value: int) -> None:
    """Does nothing on a system without prctl."""
    try:
        import ctypes

        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        return


class TruncatedOutput:
    """The beginning and the end of an output that may be endless."""

    def __init__(self) -> None:
        self.head, self.tail, self.left_out = b"", b"", 0

    def add(self, chunk: bytes) -> None:
        room = HEAD_BYTES - len(self.head)
        self.head += chunk[:room]
        self.tail += chunk[room:]
        if (more := len(self.tail) - TAIL_BYTES) > 0:
            self.tail, self.left_out = self.tail[more:], self.left_out + more

    def all(self) -> bytes:
        gap = b"\n[... %d bytes left out ...]\n" % self.left_out if self.left_out else b""
        return self.head + gap + self.tail


class Supervisor:
    """One process and all its descendants."""

    def __init__(self, lifeline: int, status: int, capture: str, grace_s: float) -> None:
        self.lifeline, self.status, self.grace_s = lifeline, status, grace_s
        self.errors_only = capture == "errors"
        self.output, self.end_requested = TruncatedOutput(), False
        self.output_pipe, self.output_write_end = os.pipe()
        self.wake, wake_write_end = os.pipe()
        os.set_blocking(self.wake, False)
        os.set_blocking(wake_write_end, False)
        os.set_blocking(self.output_pipe, False)
        signal.set_wakeup_fd(wake_write_end, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, self.request_end)
        for number in (signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        self.pid, self.ended, self.ending = 0, False, False
        self.childless = False
        """The system said so (ECHILD). Then nothing is left: whoever loses its parent becomes a child of this one."""
        self.watched = [self.wake, self.output_pipe]
        self.seen: set[int] = set()
        self.began_ns = time.time_ns()

    def request_end(self, *_: object) -> None:
        self.end_requested = True

    def report(self, line: bytes) -> None:
        try:
            while line:
                line = line[os.write(self.status, line) :]
        except OSError:  # the lab is gone
            self.end_requested = True

    def start(self, command: list[str], theirs: list[int]) -> bool:
        """Fork and execute. Reports `started PID NS`, or `failed ERRNO` and returns False."""
        own = os.getpid()
        error_pipe, error_write_end = os.pipe()
        began_ns = time.monotonic_ns()
        try:
            self.pid = os.fork()
        except OSError as error:
            self.report(b"failed %d\n" % (error.errno or 0))
            return False
        if self.pid == 0:
            self.execute(command, own, error_write_end)
        os.close(error_write_end)
        for descriptor in (self.output_write_end, *theirs):
            os.close(descriptor)
        if errno := os.read(error_pipe, 20):
            self.report(b"failed " + errno + b"\n")
            return False
        os.close(error_pipe)
        self.report(b"started %d %d %d\n" % (self.pid, began_ns, own))
        return True

    def execute(self, command: list[str], parent: int, error_write_end: int) -> None:
        """In the new process: set everything up as a program expects it, then execute the program."""
        try:
            os.setsid()
            prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:
                os._exit(1)
            for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_SETMASK, ())
            raise_oom_score()
            os.dup2(self.output_write_end, 2)
            if not self.errors_only:
                os.dup2(self.output_write_end, 1)
            os.execvp(command[0], command)  # noqa: S606 - no shell
        except OSError as error:
            os.write(error_write_end, b"%d" % (error.errno or 0))
        finally:
            os._exit(127)

    def serve(self) -> None:
        """Until the lifeline ends: keep the output, and report what happens to the process."""
        while not self.end_requested:
            ready, _, _ = select.select([self.lifeline, *self.watched], [], [])
            self.update()
            if self.lifeline in ready and not os.read(self.lifeline, 64):
                return

    def update(self) -> None:
        """Read new output and reap ended processes, without waiting."""
        self.read_output()
        self.reap()

    def read_output(self) -> None:
        for pipe in tuple(self.watched):
            try:
                chunk = os.read(pipe, 1 << 16)
            except BlockingIOError:
                continue
            if pipe == self.output_pipe:
                self.output.add(chunk)
                if not chunk:  # no process is left that could print
                    self.watched.remove(pipe)

    def reap(self) -> None:
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG | os.WUNTRACED | os.WCONTINUED)
            except ChildProcessError:
                self.childless = True
                return
            self.childless = False
            if pid == 0:
                return
            if pid != self.pid:
                continue
            if os.WIFSTOPPED(status):
                self.report(b"stopped\n")
            elif os.WIFCONTINUED(status):
                self.report(b"" if self.ending else b"continued\n")
            else:
                self.ended = True
                self.report(b"ended %d %d\n" % (os.waitstatus_to_exitcode(status), usage.ru_maxrss))

    def wait_until(self, done: "Callable[[], bool]", within_s: float) -> bool:
        """Keep updating until `done`. False if that takes too long."""
        end = time.monotonic() + within_s
        while not done():
            if time.monotonic() > end:
                return False
            select.select(self.watched, [], [], POLL_PERIOD_S)
            self.update()
        return True

    def tree(self) -> list[int]:
        """Pids of all living descendants of the process."""
        living = descendants(os.getpid())
        self.seen.update(living)
        return living

    def end(self) -> bool:
        """End everything. True if the process ended by itself and left others running."""
        self.update()
        self.ending, by_itself = True, self.ended
        if not by_itself:
            signal_group(self.pid, signal.SIGTERM)
            signal_group(self.pid, signal.SIGCONT)  # a stopped process cannot react
            if not self.wait_until(lambda: self.ended, self.grace_s):
                kill(self.pid)
                self.wait_until(lambda: self.ended, KILLED_WITHIN_S)
        # Resource trackers and fork servers exit by themselves when their parent is gone: give them a moment.
        if not self.childless:
            self.tree()  # to know them
        left = not self.wait_until(lambda: self.childless, self.grace_s)
        if left:
            left = not self.only_trackers()
            self.wait_until(self.kill_all_but_trackers, KILLED_WITHIN_S)
            self.wait_until(lambda: self.childless, self.grace_s)
            self.wait_until(self.kill_all, KILLED_WITHIN_S)
        if not os.path.isdir("/proc/self"):  # noqa: PTH112 - pathlib would take longer to import than all of this
            signal_group(self.pid, signal.SIGKILL)
        remove_shared_memory(self.seen | {self.pid}, self.began_ns - STAMPS_LAG_NS)
        return by_itself and left

    def only_trackers(self) -> bool:
        self.reap()
        return all(map(is_tracker, [*self.tree(), *children()]))

    def kill_all_but_trackers(self) -> bool:
        """Trackers remove what the others left in shared memory, and ignore SIGTERM."""
        for pid in self.tree():
            if not is_tracker(pid):
                kill(pid)
        for _ in range(KILLS_AT_ONCE):
            others = [pid for pid in children() if not is_tracker(pid)]
            if not others:
                break
            for pid in others:
                kill(pid)
            self.reap()
        return self.childless or self.only_trackers()

    def kill_all(self) -> bool:
        for pid in self.tree():
            kill(pid)
        for _ in range(KILLS_AT_ONCE):
            if self.childless:
                break
            for pid in children():
                kill(pid)
            self.reap()
        return self.childless


class Keeper:
    """The process above a supervisor, which outlives it."""

    def __init__(self, supervisor: int, lifeline: int, status: int, grace_s: float) -> None:
        self.supervisor, self.lifeline, self.status, self.grace_s = supervisor, lifeline, status, grace_s
        self.wake, wake_write_end = os.pipe()
        os.set_blocking(self.wake, False)
        os.set_blocking(wake_write_end, False)
        signal.set_wakeup_fd(wake_write_end, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: kill(supervisor, signal.SIGTERM))
        for number in (signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)

    def keep(self) -> bool:
        """Until the supervisor has ended. Whether it was killed, here if it does not end in time."""
        watched, deadline_s = [self.wake, self.lifeline], None
        while True:
            try:
                pid, status = os.waitpid(self.supervisor, os.WNOHANG | os.WUNTRACED)
            except ChildProcessError:
                return True
            if pid and os.WIFSTOPPED(status):
                kill(pid, signal.SIGCONT)
                continue
            if pid:
                return os.WIFSIGNALED(status)
            if deadline_s is not None and time.monotonic() > deadline_s:
                kill(self.supervisor)
                deadline_s = None
            left_s = None if deadline_s is None else max(0.0, deadline_s - time.monotonic())
            ready, _, _ = select.select(watched, [], [], left_s)
            if self.wake in ready:
                os.read(self.wake, 64)
            if self.lifeline in ready and not os.read(self.lifeline, 64):
                watched.remove(self.lifeline)
                deadline_s = time.monotonic() + 3 * self.grace_s + SUPERVISED_WITHIN_S

    def report(self) -> None:
        """That the supervisor was killed."""
        try:
            os.write(self.status, b"killed\n")
        except OSError:  # the lab is gone
            return

    def end_the_rest(self) -> None:
        """All that the supervisor has left."""
        end_s = time.monotonic() + KILLED_WITHIN_S
        while time.monotonic() < end_s:
            for pid in children():
                kill(pid)
            try:
                while os.waitpid(-1, os.WNOHANG)[0]:
                    continue
            except ChildProcessError:
                return


def children() -> list[int]:
    """Those of this process, zombies too; faster than a look at all processes. None where the system does not say."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children", "rb") as file:  # noqa: PTH123 - see below
            return list(map(int, file.read().split()))
    except OSError:
        return descendants(os.getpid())


def descendants(ancestor: int) -> list[int]:
    """Descendants of a process that are not zombies; none where there is no /proc."""
    children: dict[int, list[int]] = {}
    dead = set()
    try:
        names = os.listdir("/proc")  # noqa: PTH208 - see above
    except OSError:
        return []
    for name in filter(str.isdigit, names):
        try:
            with open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123 - see above
                state, parent = file.read().rpartition(b")")[2].split()[:2]
        except (OSError, ValueError):
            continue
        children.setdefault(int(parent), []).append(int(name))
        if state in (b"Z", b"X"):
            dead.add(int(name))
    pids, pending = [], [ancestor]
    while pending:
        below = children.get(pending.pop(), [])
        pids += below
        pending += below
    return [pid for pid in pids if pid not in dead]


def is_tracker(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:  # noqa: PTH123 - see above
            return TRACKER in file.read()
    except OSError:
        return False


def raise_oom_score() -> None:
    try:
        with open("/proc/self/oom_score_adj", "wb", buffering=0) as file:  # noqa: PTH123 - see above
            file.write(OOM_SCORE)
    except OSError:
        return


def signal_group(pid: int, number: int) -> None:
    try:
        os.killpg(pid, number)
    except OSError:
        return


def kill(pid: int, number: int = signal.SIGKILL) -> None:
    try:
        os.kill(pid, number)
    except OSError:
        return


def main(arguments: list[str]) -> int:
    lifeline, status = int(arguments[0]), int(arguments[1])
    theirs = [int(descriptor) for descriptor in arguments[2].split(",") if descriptor]
    capture, grace_s, folder, cwd, count, *rest = arguments[3:]
    links, command = rest[: 2 * int(count)], rest[2 * int(count) :]
    for descriptor in (lifeline, status):
        os.set_inheritable(descriptor, False)
    stage = b"folderless"
    try:
        make_folder(folder, links)
        stage = b"failed"
        os.chdir(cwd or folder)
    except OSError as error:
        os.write(status, b"%s %d\n" % (stage, error.errno or 0))
        remove_tree(folder)
        return 1
    keeper = os.getpid()
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    if pid := os.fork():
        for descriptor in theirs:
            os.close(descriptor)
        return keep(Keeper(pid, lifeline, status, float(grace_s)), folder)
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != keeper:
        return 1
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    supervisor = Supervisor(lifeline, status, capture, float(grace_s))
    started = supervisor.start(command, theirs)
    leaked = False
    if started:
        supervisor.serve()
        leaked = supervisor.end()
        printed = supervisor.output.all()
        supervisor.report(b"done %d %d\n" % (leaked, len(printed)) + printed)
    remove_tree(folder)  # last: it may take long, and the lab need not wait for it
    if started and os.path.lexists(folder):  # see above
        supervisor.report(b"left\n")
    return 0 if started else 1


def make_folder(folder: str, links: list[str]) -> None:
    """A folder that no other user can read, with links to modules in it: names and targets in turn. Raises OSError."""
    os.mkdir(folder, 0o700)  # noqa: PTH102 - see above
    os.mkdir(f"{folder}/{MODULES}")  # noqa: PTH102
    for name, target in zip(links[::2], links[1::2], strict=True):
        os.symlink(target, f"{folder}/{MODULES}/{name}")  # noqa: PTH211


def keep(keeper: Keeper, folder: str) -> int:
    """What the keeper does; its exit code."""
    killed = keeper.keep()
    keeper.end_the_rest()
    if killed:
        remove_tree(folder)
        keeper.report()
    return int(killed)
