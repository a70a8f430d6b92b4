"""How does the speed-up grow with the number of workers, and where does it end?

The same work with 1, 2, 4, ... workers up to twice the cores, on purpose: beyond the cores more workers are more
concurrent and no more parallel. Watch *same form* against the number of workers.

The same as `gil-lab run scaling`.
"""

from gil_lab.experiment import Experiment
from gil_lab.plan import Design


def doubling(cores: int) -> tuple[int, ...]:
    """1, 2, 4, ... and at last twice the cores."""
    powers = (2**exponent for exponent in range(cores.bit_length() + 1))
    return tuple(sorted({*(power for power in powers if power < 2 * cores), 2 * cores}))


EXPERIMENT = Experiment(
    question="How does the speed-up grow with the number of workers, and where does it end?",
    design=Design(
        "scaling",
        workloads=("primes",),
        strategies=("sequential", "threading", "multiprocessing", "numba-sequential", "numba-nogil", "numba-parallel"),
        workers=doubling,
    ),
)
run = EXPERIMENT.run
