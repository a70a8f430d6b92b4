"""What does a worker cost, in time and in memory?

Pools of two workers and of eight, with next to nothing to do. Watch *start-up* of the small pool, which holds all that
is needed once (imports, a server that forks, a resource tracker), and *a further worker*: what each of the six others
adds, in milliseconds and in megabytes of its own (PSS: a page that several share counts once, in equal parts). A thread
costs next to nothing; a forked process shares its parent's memory until one of them writes; a spawned one is a whole
new Python. A subinterpreter costs about as much as a process of a fork server: what it saves is the process, not the
Python in it. (From two on, because joblib starts no worker for one.)

The same as `gil-lab run start-up`. Try `--workload primes`, `--workers 2,4,16`, and `--python all`.
"""

from gil_lab.experiment import Experiment
from gil_lab.plan import Design

EXPERIMENT = Experiment(
    question="What does a worker cost, in time and in memory?",
    design=Design(
        "start-up",
        workloads=("sleep",),
        strategies=(
            "threading",
            "subinterpreters",
            "multiprocessing-fork",
            "multiprocessing-forkserver",
            "multiprocessing-spawn",
            "joblib",
        ),
        workers=lambda _: (2, 8),
        pythons=("this", "3.14"),
        compared=False,
    ),
)
run = EXPERIMENT.run
