"""When is a cluster worth it: from which length of a task on?

The same computing in tasks of 1 ms to 100 ms, handed to two processes of a pool, and to a cluster of dask's of two
workers. By itself the cluster is on this machine (dask's `LocalCluster`), so that nothing crosses a network: what it
takes longer than the pool is what a cluster costs before there is a second machine. Watch how that cost fades as tasks
grow: client, scheduler and worker each pass a task on, which takes milliseconds, however long it computes. Chunks help
there as they do in a pool (`dask by 8`).

On a cluster that runs already (`--cluster tcp://10.0.0.1:8786`) the same cells show what a network and other machines
add, with the cores that each host keeps busy.

The same as `gil-lab run cluster`; it needs `pip install 'gil-lab[dask]'`.
"""

from collections.abc import Iterator

from gil_lab.analysis.claims import Evidence, Judgement, Quantity, every
from gil_lab.analysis.questions import Answer, Question, above, below, between
from gil_lab.experiment import Chapter, Experiment, Passage
from gil_lab.model.records import Cell
from gil_lab.sessions.plan import Design

POOL, CLUSTER = "process-pool-executor", "dask"
SHORT, MIDDLE, LONG = 1000, 10_000, 100_000
"""Microseconds of a task: shorter than a cluster takes to hand it over, a few times as long, and far longer."""
MOST_TASKS, FEWEST_TASKS, WORK_US = 128, 16, 200_000
"""Of a pass, so that each worker has a chunk of eight at least; and its work in microseconds, or more."""


def tasks_of(size: int) -> int:
    """As many as take `WORK_US`."""
    return min(MOST_TASKS, max(FEWEST_TASKS, WORK_US // size))


EXPERIMENT = Experiment(
    question="When is a cluster worth it: from which length of a task on?",
    chapter=Chapter.MODELS,
    picture="dispatch",
    passage=Passage(
        watch="""
        The same computing, in processes of a pool and on a cluster of as many workers, here on this machine. **Watch**
        how far the lines of `dask` lie above that of the pool, and where they meet it: shorter tasks are no work for a
        cluster, however many machines it has. What do chunks of eight change?
        """,
        change="""
        `cluster="tcp://10.0.0.1:8786"`, if one runs; or `workers=4`.
        """,
        changes=({"workers": 4}, {"strategies": (POOL, CLUSTER, f"{CLUSTER} by 64")}),
        pictures=(("dispatch",),),
    ),
    design=Design(
        "cluster",
        workloads=("spin",),
        strategies=("sequential", POOL, CLUSTER, f"{CLUSTER} by 8", "joblib-dask"),
        sizes=(SHORT, MIDDLE, LONG),
        workers=lambda _cores: (2,),
        tasks_of=tasks_of,
        quick_sizes=(SHORT, LONG),
        quick_strategies=("sequential", POOL, CLUSTER, f"{CLUSTER} by 8"),
    ),
)
run, check = EXPERIMENT.run, EXPERIMENT.check


@EXPERIMENT.claim("Tasks of up to 10 ms take longer on a cluster than in as many local processes")
def short_tasks(seen: Evidence) -> Judgement:
    cells = [cell for cell in on_the_cluster(seen) if cell.size <= MIDDLE]
    up_to_there = MIDDLE in {cell.size for cell in cells}  # a quick look has shorter ones only
    return every(against_a_pool(seen, cell).above(1) for cell in cells if up_to_there)


@EXPERIMENT.claim("Those of 1 ms take more than twice as long")
def shortest_tasks(seen: Evidence) -> Judgement:
    return every(against_a_pool(seen, cell).above(2) for cell in on_the_cluster(seen) if cell.size == SHORT)


@EXPERIMENT.claim("Those of 100 ms take less than half as long again")
def long_tasks(seen: Evidence) -> Judgement:
    return every(against_a_pool(seen, cell).below(1.5) for cell in on_the_cluster(seen) if cell.size == LONG)


@EXPERIMENT.claim("Handed over by eight, tasks of 1 ms take less time on a cluster than one by one")
def chunks(seen: Evidence) -> Judgement:
    return every(
        seen.ratio(cell, to=beside(seen, CLUSTER, cell)).below(1)
        for cell in seen.cells(workload="spin", strategy=f"{CLUSTER} by 8", size=SHORT)
    )


@EXPERIMENT.claim("A cluster takes more than ten times as long to start as a local pool of as many processes")
def starting(seen: Evidence) -> Judgement:
    return every(
        seen.ratio(cell, to=beside(seen, POOL, cell), number="startup_s").above(10) for cell in on_the_cluster(seen)
    )


def on_the_cluster(seen: Evidence) -> list[Cell]:
    """Tasks that are handed to it one by one, of every length."""
    return seen.cells(workload="spin", strategy=CLUSTER)


def beside(seen: Evidence, strategy: str, cell: Cell) -> Cell:
    """The same tasks under that strategy."""
    return seen.cell(
        workload="spin", strategy=strategy, size=cell.size, workers=cell.workers, interpreter=cell.interpreter
    )


def against_a_pool(seen: Evidence, cell: Cell) -> Quantity:
    return seen.ratio(cell, to=beside(seen, POOL, cell))


def of_short_tasks(seen: Evidence) -> Iterator[Quantity]:
    """The time of the shortest tasks, relative to a local pool."""
    for cell in seen.cells(workload="spin", strategy=CLUSTER, size=SHORT):
        yield against_a_pool(seen, cell)


EXPERIMENT.ask(
    Question(
        "Tasks that compute for a millisecond are handed, one by one, to a cluster on this machine. How long do they"
        " take, compared with a local pool of as many processes?",
        (
            Answer("As long: there are as many processes either way", between(of_short_tasks, 0.7, 1.4)),
            Answer(
                "Much longer",
                above(of_short_tasks, 1.4),
                why="Each task goes from the client to the scheduler, from there to a worker, and its answer back,"
                " through sockets and event loops: that takes milliseconds, whatever the task does. So tasks of a"
                " cluster are to be long, or many to be handed over at a time.",
            ),
            Answer("Less: a scheduler shares them out better", below(of_short_tasks, 0.7)),
        ),
    )
)
