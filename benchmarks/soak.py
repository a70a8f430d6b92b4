"""A long session of tiny trials: do the memory and the descriptors of the lab stay constant?

    python benchmarks/soak.py [ROUNDS]

Runs `gil-lab run` with that many rounds (200 by default) of one tiny cell, and observes the lab from outside.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import psutil

FILE = Path(__file__).parents[1] / "tests" / "support" / "broken_workloads.py"
SHOWN = (0.1, 0.5, 1.0)


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as out:
        tiny = ("--strategy", "sequential", "--tasks", "2", "--min-time", "0.001", "--rounds", str(rounds))
        command = [sys.executable, "-m", "gil_lab", "run", str(FILE), "--workload", "fine", *tiny, "--out", out]
        seen: dict[int, tuple[float, int]] = {}
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            lab = psutil.Process(process.pid)
            for line in process.stdout:
                if line.startswith("["):
                    done = int(line[1:].partition("/")[0])
                    seen[done] = lab.memory_info().rss / 2**20, lab.num_fds()
        for share in SHOWN:
            memory, descriptors = seen[max(1, int(rounds * share))]
            print(f"after {int(rounds * share):4} trials: {memory:.1f} MiB, {descriptors} descriptors")
        print(f"exit code {process.returncode}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
