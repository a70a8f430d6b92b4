"""Does running CPU-bound work at the same time make it faster?

Count primes under every model of concurrency. Watch two columns: *tasks in flight* (concurrency) and *cores busy*
(parallelism). Threads and coroutines keep many tasks in flight and, under the GIL, one core busy: they take turns.
Processes have a GIL each. Compiled code that releases the GIL makes the very same threads parallel; and most of its
speed-up is compilation, which the columns keep apart.

The same as `gil-lab run cpu-bound`. Try `--workload sha256`: plain Python threads, and yet parallel. Why?
"""

from gil_lab.experiment import Experiment
from gil_lab.plan import Design

EXPERIMENT = Experiment(
    question="Does running CPU-bound work at the same time make it faster?",
    design=Design("cpu-bound", workloads=("primes",)),
)
run = EXPERIMENT.run
