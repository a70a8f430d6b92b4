"""Does waiting at the same time make a program faster?

Fetch pages from a server that takes its time. Watch *tasks in flight* and *cores busy*: every concurrent model has many
requests in flight and hardly any core busy, because nobody needs a core, or the GIL, to wait. Here threads and
coroutines are as fast as processes and start for nothing.

The same as `gil-lab run io-bound`. Try `--workload sleep` (pure waiting) and `--workload files` (the disk).
"""

from gil_lab.experiment import Experiment
from gil_lab.plan import Design

EXPERIMENT = Experiment(
    question="Does waiting at the same time make a program faster?",
    design=Design("io-bound", workloads=("http",), workers=lambda cores: (max(8, 2 * cores),)),
)
run = EXPERIMENT.run
