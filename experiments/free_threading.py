"""What does the GIL cost, and what does its absence cost?

The same plain Python, counted primes, under every Python on this machine, in one interleaved run. Watch *cores busy* of
`threading`: about one where there is a GIL, all of them where there is none (PEP 703). Then watch the seconds of
`sequential`: a build without the lock pays for that with slower single-threaded code, the *build tax*. The third arm,
`3.13t+gil`, is the same build with the lock switched on: against the usual build it shows the price of the build alone,
against itself without the lock that of the lock. `subinterpreters` (PEP 734) have a lock each, and `multiprocessing` a
process each: parallel under every Python, at the price of start-up and of sending everything.

The same as `gil-lab run free-threading`. Try `--python 3.14 --python pypy3.11`, and `--workload sha256`.
`gil-lab pythons` says which Pythons there are; `uv python install 3.14t` brings one without a GIL.
"""

from gil_lab.experiment import Experiment
from gil_lab.plan import Design

EXPERIMENT = Experiment(
    question="What does the GIL cost, and what does its absence cost?",
    design=Design(
        "free-threading",
        workloads=("primes",),
        strategies=("sequential", "threading", "multiprocessing", "subinterpreters"),
        pythons=("all", "3.14t"),  # so that a session without it says how to get it
    ),
)
run = EXPERIMENT.run
