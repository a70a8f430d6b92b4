"""A child that follows the protocol without measuring anything, and breaks it in the way its first argument says.

`crash-timed` crashes in its first turn before Timed is sent, `crash-timed2` in the second one. `spinner:FILE` never
sleeps from its start on and writes its process number to the file; a turn of `patient:FILE` lasts until the process of
that number has used 0.1 s of a core. `sender:FILE` sends what is in the file instead of Prepared, and stays.

Its lines are those of `gil_lab.model.wire`. It imports nothing of the lab: there are hundreds of it in the tests, and
that would be most of what one costs.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time

TASKS = 2
GILS = {"records": [], "thread_id_offset": 0, "waits_inside": False, "unknown": "a fake", "no_gil": False}


class Pipe:
    """The child's end."""

    def __init__(self, read_fd: int, write_fd: int) -> None:
        for descriptor in (read_fd, write_fd):
            os.set_inheritable(descriptor, False)
        self._lines, self._write_fd = os.fdopen(read_fd, "rb"), write_fd

    def send(self, message: str, **fields: object) -> None:
        os.write(self._write_fd, line(message, **fields))

    def receive(self) -> str:
        """The name of the next message."""
        name: str = json.loads(self._lines.readline())["message"]
        return name


def line(message: str, **fields: object) -> bytes:
    return json.dumps({"message": message, **fields}).encode() + b"\n"


def one_pass(kind: str) -> dict[str, object]:
    begin = time.monotonic_ns()
    return {"kind": kind, "begin_ns": begin, "end_ns": max(time.monotonic_ns(), begin + 1)}


def spans(traced: dict[str, object], count: int) -> list[dict[str, object]]:
    when = {name: traced[name] for name in ("begin_ns", "end_ns")}
    cores = {"ready_ns": 0, "core_begin": 0, "core_end": 1, "waits": None}
    return [{"task": n, "pid": 1, "tid": n, **when, "running_ns": 1, **cores} for n in range(count)]


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
    os.write(write_fd, line("Failed", status="error", detail="ValueError: \x1b[31mred\nand torn"))
    sys.exit(1)


def heirs(write_fd: int) -> None:
    sleeper(start_new_session=True, pass_fds=(write_fd,))  # holds our pipe, and has left our group
    os._exit(0)


def burn() -> None:
    while True:
        pass


def spin(file: str) -> None:
    with open(file, "w") as written:  # noqa: PTH123 - pathlib takes as long to import as all of this
        written.write(str(os.getpid()))
    threading.Thread(target=burn, daemon=True).start()


def send_file(file: str, write_fd: int) -> None:
    with open(file, "rb") as given:  # noqa: PTH123 - as above
        rest = memoryview(given.read() + b"\n")
    try:
        while rest:
            rest = rest[os.write(write_fd, rest) :]
    except BrokenPipeError:
        return
    time.sleep(60)


def wait_for(file: str) -> None:
    """Until that process has used 0.1 s of a core."""
    import psutil  # here: most children need none

    with open(file) as written:  # noqa: PTH123 - as above
        process = psutil.Process(int(written.read()))
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
    "stale": lambda fd: os.write(fd, line("Prepared")),
    "fail": fail,
    "praise": lambda fd: os.write(fd, line("Failed", status="ok", detail="all is well")),
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
    pipe.send("Hello", at_ns=1 if fault == "born-early" else time.monotonic_ns(), gil=True)
    pipe.receive()
    habit, _, file = fault.partition(":")
    if habit == "sender":
        send_file(file, write_fd)
    before("prepared", fault, write_fd)
    pipe.send("Prepared")
    pipe.receive()
    warm_up = one_pass("warm-up")
    if habit == "spinner":
        spin(file)
    before("ready", fault, write_fd)
    known = {"gils": GILS, "chunk": None, "rests": False, "beside": []}
    pipe.send("Ready", startup_s=0.1, compile_s=0.2, warm_up=warm_up, gil=True, **known)
    turns = 0
    while (message := pipe.receive()) != "End":
        if message == "Record":
            traced = one_pass("traced")
            before("traced", fault, write_fd)
            sent = spans(traced, 1 if fault == "lost-task" else TASKS)
            if fault == "backward-task":
                sent[0]["begin_ns"] = traced["end_ns"] + 1
            pipe.send("Traced", trace={"traced": traced, "spans": sent, "gil": None})
            continue
        turns += 1
        if habit == "patient":
            wait_for(file)
        timed = [] if fault == "no-passes" else [one_pass("timed"), one_pass("timed")]
        if fault == "time-traveller":
            timed = [{"kind": "timed", "begin_ns": 1, "end_ns": 2}]
        for stage in ("timed", f"timed{turns}"):
            before(stage, fault, write_fd)
        pipe.send("Timed")
        pipe.receive()
        for stage in ("turned", f"turned{turns}"):
            before(stage, fault, write_fd)
        pipe.send("Turned", passes=timed, beats=[])
    before("finished", fault, write_fd)
    pipe.send("Finished", gil=True, gil_enabled_by="", threading_layer="", observations=[])
    before("end", fault, write_fd)
    return 3 if fault == "bad-end" else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
