"""My service must stay responsive while it computes: where do I put the computing?

Count primes beside a heartbeat that is due every 7 ms, whoever is late: as the clients see a service that computes in
its own process. Watch the *delay*, the median and above all the 99th percentile, beside the speed-up. Under the GIL a
thread that has waited for I/O gets the GIL back from one that computes only after the switch interval, from two of them
after several: the convoy effect. A shorter interval helps, processes, subinterpreters and compiled code that lets go of
the GIL help more, and so does a Python without one. In an event loop the delay is what the tasks in flight compute
between two `await`, here about a millisecond each: the loop is as responsive as its tasks are polite.

The same as `gil-lab run convoy`. Try `--workers 8`, `--strategy asyncio-threads`, `--python 3.14+switch=0.1ms`, and
look at the picture `delays`.
"""

from gil_lab.experiment import Experiment
from gil_lab.plan import Design

EXPERIMENT = Experiment(
    question="My service must stay responsive while it computes: where do I put the computing?",
    design=Design(
        "convoy",
        workloads=("convoy",),
        strategies=("sequential", "threading", "asyncio", "multiprocessing", "subinterpreters", "numba-nogil"),
        pythons=("this", "this+switch=0.5ms", "this+switch=50ms", "3.13t", "3.13t+gil", "3.14t", "3.14"),
        compared=False,
        min_time_s=1.0,
    ),
)
run = EXPERIMENT.run
