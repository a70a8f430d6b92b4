"""What if a program waits and computes, as most do?

Fetch, then compute. The waits overlap under every concurrent model, the computing only where cores can be busy at the
same time: so the answer lies between those of `cpu-bound` and `io-bound`, and tells how much of the work is which.

The same as `gil-lab run mixed`.
"""

from gil_lab.experiment import Experiment
from gil_lab.plan import Design

EXPERIMENT = Experiment(
    question="What if a program waits and computes, as most do?",
    design=Design("mixed", workloads=("mixed",), workers=lambda cores: (max(8, 2 * cores),)),
)
run = EXPERIMENT.run
