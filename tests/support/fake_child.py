"""A child that follows the protocol without measuring anything, and breaks it in the way its first argument says.

`crash-timed` crashes in its first turn before Timed is sent, `crash-timed2` in the second one. `spinner:FILE` never
sleeps from its start on and writes its process number to the file; a turn of `patient:FILE` lasts until the process of
that number has used 0.1 s of a core.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

from gil_lab.model.records import Pass, Status, TaskSpan, Trace
from gil_lab.model.wire import (
    End,
    Failed,
    Finished,
    Hello,
    Pipe,
    Prepared,
    Ready,
    Record,
    Timed,
    Traced,
    Turned,
    encode,
)

TASKS = 2


def one_pass(kind: str) -> Pass:
    begin = time.monotonic_ns()
    return Pass(kind, begin, max(time.monotonic_ns(), begin + 1))


def spans(traced: Pass, count: int = TASKS) -> tuple[TaskSpan, ...]:
    return tuple(TaskSpan(n, 1, n, traced.begin_ns, traced.end_ns, 1, 0, 0, 1) for n in range(count))


def hang() -> None:
    while True:
        signal.pause()


def sleeper(**how: object) -> None:
    """A grandchild that would stay for a minute."""
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], **how)


def stubborn() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    hang()


def torn(write_fd: int) -> None:
    os.write(write_fd, b'{"message": "Rea')
    os._exit(0)


def fail(write_fd: int) -> None:
    os.write(write_fd, encode(Failed(Status.ERROR, "ValueError: \x1b[31mred\nand torn")))
    sys.exit(1)


def heirs(write_fd: int) -> None:
    sleeper(start_new_session=True, pass_fds=(write_fd,))  # holds our pipe, and has left our group
    os._exit(0)


def burn() -> None:
    while True:
        pass


def spin(file: str) -> None:
    Path(file).write_text(str(os.getpid()))
    threading.Thread(target=burn, daemon=True).start()


def wait_for(file: str) -> None:
    """Until that process has used 0.1 s of a core."""
    import psutil  # here: most children need none

    process = psutil.Process(int(Path(file).read_text()))
    enough_s = sum(process.cpu_times()[:2]) + 0.1
    while sum(process.cpu_times()[:2]) < enough_s:
        time.sleep(0.005)


FAULTS = {
    "killed": lambda fd: os.kill(os.getpid(), signal.SIGKILL),
    "crash": lambda fd: os.kill(os.getpid(), signal.SIGSEGV),
    "abort": lambda fd: os.abort(),
    "exit": lambda fd: os._exit(0),
    "hang": lambda fd: hang(),
    "stubborn": lambda fd: stubborn(),
    "stopped": lambda fd: os.kill(os.getpid(), signal.SIGSTOP),
    "garbage": lambda fd: os.write(fd, b"\xff{not json\n"),
    "torn": torn,
    "stale": lambda fd: os.write(fd, encode(Prepared())),
    "fail": fail,
    "praise": lambda fd: os.write(fd, encode(Failed(Status.OK, "all is well"))),
    "flood": lambda fd: [os.write(1, b"noise " * 1000) for _ in range(300)],
    "heirs": heirs,
    "strays": lambda fd: sleeper(start_new_session=True),
}


def before(stage: str, fault: str, write_fd: int) -> None:
    """Do what `fault` says if this is its stage: `crash-ready` crashes before Ready is sent."""
    what, _, when = fault.partition("-")
    if when == stage:
        FAULTS[what](write_fd)


def main(fault: str, read_fd: int, write_fd: int) -> int:
    pipe = Pipe(read_fd, write_fd)
    before("hello", fault, write_fd)
    pipe.send(Hello(1 if fault == "born-early" else time.monotonic_ns(), True))
    pipe.receive()
    before("prepared", fault, write_fd)
    pipe.send(Prepared())
    pipe.receive()
    warm_up = one_pass("warm-up")
    habit, _, file = fault.partition(":")
    if habit == "spinner":
        spin(file)
    before("ready", fault, write_fd)
    pipe.send(Ready(0.1, 0.2, warm_up, True))
    turns = 0
    while not isinstance(message := pipe.receive(), End):
        if isinstance(message, Record):
            traced = one_pass("traced")
            before("traced", fault, write_fd)
            sent = spans(traced, 1 if fault == "lost-task" else TASKS)
            if fault == "backward-task":
                sent = (replace(sent[0], begin_ns=sent[0].end_ns + 1), *sent[1:])
            pipe.send(Traced(Trace(traced, sent)))
            continue
        turns += 1
        if habit == "patient":
            wait_for(file)
        timed = () if fault == "no-passes" else (one_pass("timed"), one_pass("timed"))
        if fault == "time-traveller":
            timed = (Pass("timed", 1, 2),)
        for stage in ("timed", f"timed{turns}"):
            before(stage, fault, write_fd)
        pipe.send(Timed())
        pipe.receive()
        for stage in ("turned", f"turned{turns}"):
            before(stage, fault, write_fd)
        pipe.send(Turned(timed, ()))
    before("finished", fault, write_fd)
    pipe.send(Finished(True, "", ""))
    before("end", fault, write_fd)
    return 3 if fault == "bad-end" else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
