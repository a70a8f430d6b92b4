"""The program between the lab and one process that it starts: nothing outlives the lab, also if it is killed.

Started by `gil_lab.guarded` as `python -I -S guardian.py LIFELINE STATUS THEIRS CAPTURE GRACE FOLDER COMMAND...`. It
runs COMMAND in a session of its own, keeps the beginning and the end of what that prints, and tells on STATUS how it
ends. When LIFELINE ends, because the lab closed it or is gone, it ends the process and everything that came of it,
removes FOLDER and leaves.

Whatever loses its parent becomes a child of the guardian (PR_SET_CHILD_SUBREAPER, prctl(2)): no session of its own, no
double fork and no emptied environment hides a process from it. Single-threaded and of the standard library alone: it
must come up at once, and sleeps while something is measured. Not a thread in the measured process, which would make
every fork there one of a multi-threaded process; not one guardian for all trials, which would mix up their orphans.
"""

import os
import select
import signal
import sys
import time

TYPE_CHECKING = False  # not from typing, which takes as long to import as all the rest
if TYPE_CHECKING:
    from collections.abc import Callable

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
HEAD_BYTES, TAIL_BYTES = 64 * 1024, 192 * 1024
LOOK_S = 0.02
KILLED_WITHIN_S = 3.0
OOM_SCORE = b"500"
"""Added to that of the measured process: when memory runs out, it goes before the lab does."""
TRACKER = b"resource_tracker"
SHARED_MEMORY = "/dev/shm"  # noqa: S108 - nothing is made there, only left-overs are removed


def prctl(option: int, value: int) -> None:
    """Does nothing where there is no such call."""
    try:
        import ctypes

        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        return


class Printed:
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


class Guardian:
    """One process and all that comes of it."""

    def __init__(self, lifeline: int, status: int, capture: str, grace_s: float) -> None:
        self.lifeline, self.status, self.grace_s = lifeline, status, grace_s
        self.errors_only = capture == "errors"
        self.printed, self.told_to_end = Printed(), False
        self.output, self.theirs = os.pipe()
        self.wake, waking = os.pipe()
        os.set_blocking(self.wake, False)
        os.set_blocking(waking, False)
        os.set_blocking(self.output, False)
        signal.set_wakeup_fd(waking, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, self.asked_to_end)
        for number in (signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        self.pid, self.ended, self.ending = 0, False, False
        self.heard = [self.wake, self.output]
        self.seen: set[int] = set()

    def asked_to_end(self, *_: object) -> None:
        self.told_to_end = True

    def tell(self, line: bytes) -> None:
        try:
            while line:
                line = line[os.write(self.status, line) :]
        except OSError:  # the lab is gone
            self.told_to_end = True

    def start(self, command: list[str], theirs: list[int]) -> bool:
        """Fork and execute. Tells `started PID NS`, or `failed ERRNO` and returns False."""
        own = os.getpid()
        failed, failing = os.pipe()
        began_ns = time.monotonic_ns()
        try:
            self.pid = os.fork()
        except OSError as error:
            self.tell(b"failed %d\n" % (error.errno or 0))
            return False
        if self.pid == 0:
            self.become(command, own, failing)
        os.close(failing)
        for descriptor in (self.theirs, *theirs):
            os.close(descriptor)
        if errno := os.read(failed, 20):
            self.tell(b"failed " + errno + b"\n")
            return False
        os.close(failed)
        self.tell(b"started %d %d\n" % (self.pid, began_ns))
        return True

    def become(self, command: list[str], parent: int, failing: int) -> None:
        """In the new process: everything as a program expects it, then the program."""
        try:
            os.setsid()
            prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:
                os._exit(1)
            for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_SETMASK, ())
            make_expendable()
            os.dup2(self.theirs, 2)
            if not self.errors_only:
                os.dup2(self.theirs, 1)
            os.execvp(command[0], command)  # noqa: S606 - no shell
        except OSError as error:
            os.write(failing, b"%d" % (error.errno or 0))
        finally:
            os._exit(127)

    def serve(self) -> None:
        """Until the lifeline ends: keep what is printed, tell what becomes of the process."""
        while not self.told_to_end:
            ready, _, _ = select.select([self.lifeline, *self.heard], [], [])
            self.attend()
            if self.lifeline in ready and not os.read(self.lifeline, 64):
                return

    def attend(self) -> None:
        """Read what was printed and reap who ended, without waiting."""
        self.listen()
        self.reap()

    def listen(self) -> None:
        for pipe in tuple(self.heard):
            try:
                chunk = os.read(pipe, 1 << 16)
            except BlockingIOError:
                continue
            if pipe == self.output:
                self.printed.add(chunk)
                if not chunk:  # nobody is left who could print
                    self.heard.remove(pipe)

    def reap(self) -> None:
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG | os.WUNTRACED | os.WCONTINUED)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid != self.pid:
                continue
            if os.WIFSTOPPED(status):
                self.tell(b"stopped\n")
            elif os.WIFCONTINUED(status):
                self.tell(b"" if self.ending else b"continued\n")
            else:
                self.ended = True
                self.tell(b"ended %d %d\n" % (os.waitstatus_to_exitcode(status), usage.ru_maxrss))

    def until(self, done: "Callable[[], bool]", within_s: float) -> bool:
        """Attend until it is done, or the time is over."""
        end = time.monotonic() + within_s
        while not done():
            if time.monotonic() > end:
                return False
            select.select(self.heard, [], [], LOOK_S)
            self.attend()
        return True

    def tree(self) -> list[int]:
        """Pids of all that came of the process and lives."""
        found = descendants(os.getpid())
        self.seen.update(found)
        return found

    def end(self) -> bool:
        """End everything. True if something was left running by a process that had ended by itself."""
        self.attend()
        self.ending, by_itself = True, self.ended
        if not by_itself:
            group(self.pid, signal.SIGTERM)
            group(self.pid, signal.SIGCONT)  # a stopped one cannot hear
            if not self.until(lambda: self.ended, self.grace_s):
                kill(self.pid)
                self.until(lambda: self.ended, KILLED_WITHIN_S)
        # Resource trackers and fork servers leave by themselves when their parent is gone: give them a moment.
        left = not self.until(lambda: not self.tree(), self.grace_s)
        if left:
            left = not self.only_trackers()
            self.until(self.kill_all_but_trackers, KILLED_WITHIN_S)
            self.until(lambda: not self.tree(), self.grace_s)
            self.until(self.kill_all, KILLED_WITHIN_S)
        if not os.path.isdir("/proc/self"):  # noqa: PTH112 - pathlib would take longer to import than all of this
            group(self.pid, signal.SIGKILL)
        remove_shared_memory(self.seen | {self.pid})
        return by_itself and left

    def only_trackers(self) -> bool:
        return all(map(is_tracker, self.tree()))

    def kill_all_but_trackers(self) -> bool:
        """They remove what the others have left in shared memory, and ignore polite words."""
        others = [pid for pid in self.tree() if not is_tracker(pid)]
        for pid in others:
            kill(pid)
        return not others

    def kill_all(self) -> bool:
        tree = self.tree()
        for pid in tree:
            kill(pid)
        return not tree


def descendants(ancestor: int) -> list[int]:
    """Of a process, those that are no zombies; none where there is no /proc."""
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
    found, ahead = [], [ancestor]
    while ahead:
        pids = children.get(ahead.pop(), [])
        found += pids
        ahead += pids
    return [pid for pid in found if pid not in dead]


def is_tracker(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:  # noqa: PTH123 - see above
            return TRACKER in file.read()
    except OSError:
        return False


def make_expendable() -> None:
    try:
        with open("/proc/self/oom_score_adj", "wb", buffering=0) as file:  # noqa: PTH123 - see above
            file.write(OOM_SCORE)
    except OSError:
        return


def group(pid: int, number: int) -> None:
    try:
        os.killpg(pid, number)
    except OSError:
        return


def kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except OSError:
        return


def remove_shared_memory(pids: set[int]) -> None:
    """What those processes have left there: multiprocessing and loky write their pid into the names."""
    try:
        names = os.listdir(SHARED_MEMORY)  # noqa: PTH208 - see above
    except OSError:
        return
    for name in names:
        if pids & {int(part) for part in name.replace("_", "-").split("-") if part.isdecimal()}:
            try:
                if os.stat(f"{SHARED_MEMORY}/{name}").st_uid == os.getuid():  # noqa: PTH116 - see above
                    os.unlink(f"{SHARED_MEMORY}/{name}")  # noqa: PTH108 - see above
            except OSError:
                continue


def main(arguments: list[str]) -> int:
    lifeline, status = int(arguments[0]), int(arguments[1])
    theirs = [int(descriptor) for descriptor in arguments[2].split(",") if descriptor]
    capture, grace_s, folder, *command = arguments[3:]
    for descriptor in (lifeline, status):
        os.set_inheritable(descriptor, False)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    guardian = Guardian(lifeline, status, capture, float(grace_s))
    started = guardian.start(command, theirs)
    leaked = False
    if started:
        guardian.serve()
        leaked = guardian.end()
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
    if started:
        guardian.tell(b"done %d\n" % leaked + guardian.printed.all())
    return 0 if started else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
