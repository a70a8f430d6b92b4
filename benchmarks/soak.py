"""A long session of tiny turns: do the memory and the descriptors of the lab stay constant?

    python benchmarks/soak.py [ROUNDS]

Runs `gil-lab run` with that many rounds (400 by default) of one tiny cell, and observes the lab from outside.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

FILE = Path(__file__).parents[1] / "tests" / "support" / "broken_workloads.py"
SHOWN = (0.1, 0.5, 0.9)
PERIOD_S = 0.02


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as out:
        tiny = ("--strategy", "sequential", "--tasks", "2", "--min-time", "0.001", "--rounds", str(rounds))
        command = [sys.executable, "-m", "gil_lab", "run", str(FILE), "--workload", "fine", *tiny, "--out", out]
        seen: dict[int, tuple[float, int]] = {}
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            lab = psutil.Process(process.pid)
            while process.poll() is None:
                for file in Path(out).glob("*/*/turns.csv"):
                    seen[file.read_text().count("\n") - 1] = lab.memory_info().rss / 2**20, lab.num_fds()
                time.sleep(PERIOD_S)
        for share in SHOWN:
            number = min(seen, key=lambda done: abs(done - share * rounds))
            memory, descriptors = seen[number]
            print(f"after {number:4} rounds: {memory:.1f} MiB, {descriptors} descriptors")
        print(f"exit code {process.returncode}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
