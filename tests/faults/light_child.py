"""A measured process that measures nothing and is there at once, for tests of what the lab itself does: with its disk,
its output, its end. It says what `tests/support/fake_child.py` says, which takes longer to import the protocol.

Started as `python -I -S light_child.py MESSAGES READ WRITE`: a line for each message that it can send, with BEGIN and
END where a time belongs.
"""

import os
import sys
import time

BEGIN, END = 10**18 + 1, 10**18 + 2
TASKS = 2


def serve(messages: dict[str, bytes], read_fd: int, write_fd: int) -> None:
    """One assignment."""

    def send(name: str, begin_ns: int = 0) -> None:
        times = {BEGIN: begin_ns, END: time.monotonic_ns()}
        line = messages[name]
        for placeholder, at_ns in times.items():
            line = line.replace(b"%d" % placeholder, b"%d" % at_ns)
        os.write(write_fd, line)

    with os.fdopen(read_fd, "rb") as lines:

        def hear() -> tuple[bytes, int]:
            return lines.readline(), time.monotonic_ns()

        send("Hello")
        hear()
        send("Prepared")
        _, began_ns = hear()
        send("Ready", began_ns)
        while True:
            line, began_ns = hear()
            time.sleep(0.001)
            if b'"Record"' in line:
                send("Traced", began_ns)
            elif b'"TakeTurn"' in line:
                ended = messages["Turned"].replace(b"%d" % END, b"%d" % time.monotonic_ns())
                send("Timed")
                hear()
                os.write(write_fd, ended.replace(b"%d" % BEGIN, b"%d" % began_ns))
            else:
                if b'"End"' in line:
                    send("Finished")
                return


if __name__ == "__main__":
    sent = [line.encode() + b"\n" for line in sys.argv[1].splitlines()]
    serve({line.split(b'"')[3].decode(): line for line in sent}, int(sys.argv[2]), int(sys.argv[3]))
