"""What does a task cost beside its work, and how many should be handed over at a time?

The same computing in tasks of 1 µs to 100 ms, which are handed to two processes or threads one by one, in chunks of 4,
16 or 64, or each worker's whole share at once (`by all`). Watch what a task takes all in all: to the left it is what
handing over takes, however short the task is; to the right it is half the work, on two cores. In between lies the
length from which on a strategy pays, and it depends on the chunk.

The defaults differ: `concurrent.futures` hands over one task at a time (`by 1` here, as its pool is the one below
`multiprocessing`), `Pool.map` makes four chunks for each worker (`multiprocessing`), and joblib begins with one task
and enlarges its batches while it runs (`joblib`). `by auto` measures what a task and handing one over take, and chooses
a chunk beforehand by a formula of Kruskal and Weiss (see `gil_lab.child.chunk_choice`).

Large chunks are not free: look at *idle* in the table of each length. A worker that has nothing left while another one
has a whole chunk is the tail, which grows with the chunk.

The same as `gil-lab run dispatch`. Try `--workload primes --chunk auto`, or `--workers 8`.
"""

from collections.abc import Iterator

from gil_lab.analysis.claims import Evidence, InconclusiveError, Judgement, Quantity, every
from gil_lab.analysis.questions import Answer, Question, above, below, between
from gil_lab.experiment import Chapter, Experiment, Passage
from gil_lab.model.chunks import AUTO
from gil_lab.model.language import gettext
from gil_lab.model.records import CHUNK_SEPARATOR, Cell
from gil_lab.sessions.plan import Design

POOL = "multiprocessing"
CHUNKS = ("1", "4", "16", "64", "all")
"""From one task at a time to each worker's whole share."""
MOST_TASKS, FEWEST_TASKS, WORK_US = 256, 8, 160_000
"""Of a pass: as many as tasks.csv of a session can hold that people keep, and as few as leave something to balance; and
its work in microseconds, long against handing over all of its tasks, unless they are very short."""
SHORT, LONG = 10, 10_000
"""Microseconds of a task: far shorter than handing it over takes, and far longer."""


def tasks_of(size: int) -> int:
    """As many as take `WORK_US`."""
    return min(MOST_TASKS, max(FEWEST_TASKS, WORK_US // size))


def by(strategy: str, *chunks: str) -> tuple[str, ...]:
    return tuple(f"{strategy}{CHUNK_SEPARATOR}{chunk}" for chunk in chunks)


EXPERIMENT = Experiment(
    question="What does a task cost beside its work, and how many should be handed over at a time?",
    chapter=Chapter.MODELS,
    picture="dispatch",
    passage=Passage(
        watch="""
        The same computing, cut into tasks of 1 µs to 100 ms. **Watch** where a line is flat: that is what handing a
        task over takes, however little there is to do. Where it falls below the dashed line of `sequential`, the
        strategy pays. How far apart are the first and the last chunk there? And to the right, where tasks are long:
        which chunk is worst, and why? Look at *tail* in the tables.
        """,
        change="""
        `workers=4`, more than there may be cores; or threads, which hand over for less and gain nothing here.
        """,
        changes=({"workers": 4}, {"strategies": ("joblib-threading", "joblib-threading by 64")}),
        pictures=(("dispatch",),),
    ),
    design=Design(
        "dispatch",
        workloads=("spin",),
        strategies=(
            *("sequential", "threading", POOL),
            *by(POOL, *CHUNKS, AUTO),
            "joblib",
            *by("joblib", "1", "16", "all"),
        ),
        sizes=(1, 10, 100, 1000, 10_000, 100_000),
        tasks_of=tasks_of,
        quick_sizes=(SHORT, LONG),
        quick_strategies=("sequential", POOL, *by(POOL, "1", "4", "all", AUTO)),
    ),
)
run, check = EXPERIMENT.run, EXPERIMENT.check


@EXPERIMENT.claim("Handed to processes one by one, tasks of 10 µs take more than twice as long as one after the other")
def one_by_one(seen: Evidence) -> Judgement:
    return seen.ratio(pool(seen, "1", SHORT), to=sequential(seen, SHORT)).above(2)


@EXPERIMENT.claim("Each worker's whole share at once, they take less than a third of that")
def at_once(seen: Evidence) -> Judgement:
    return seen.ratio(pool(seen, "1", SHORT), to=pool(seen, "all", SHORT)).above(3)


@EXPERIMENT.claim("The quarter shares of Pool.map do nearly as well: less than twice as long as the whole ones")
def quarters(seen: Evidence) -> Judgement:
    cell = seen.cell(workload="spin", strategy=POOL, size=SHORT)
    return seen.ratio(cell, to=pool(seen, "all", SHORT)).below(2)


@EXPERIMENT.claim("Of tasks of 10 ms the chunk matters little: one by one, processes gain more than half a core")
def long_tasks(seen: Evidence) -> Judgement:
    seen.needs_cores(2)
    return seen.ratio(sequential(seen, LONG), to=pool(seen, "1", LONG)).above(1.5)


@EXPERIMENT.claim("Handed over one by one, tasks of 10 µs leave workers idle for most of their time")
def under_fill(seen: Evidence) -> Judgement:
    return seen.number(pool(seen, "1", SHORT), "underfill_share").above(0.5)


@EXPERIMENT.claim("The chunk that is predicted takes nowhere a quarter longer than the best one that was tried")
def predicted(seen: Evidence) -> Judgement:
    return every(seen.ratio(auto, to=best_beside(seen, auto)).below(1.25) for auto in pools(seen, AUTO))


def pools(seen: Evidence, chunk: str) -> list[Cell]:
    """Those of processes that take so many tasks at a time, of every length."""
    return seen.cells(workload="spin", strategy=f"{POOL}{CHUNK_SEPARATOR}{chunk}")


def pool(seen: Evidence, chunk: str, size: int) -> Cell:
    return seen.cell(workload="spin", strategy=f"{POOL}{CHUNK_SEPARATOR}{chunk}", size=size)


def sequential(seen: Evidence, size: int) -> Cell:
    return seen.cell(workload="spin", strategy="sequential", size=size)


def best_beside(seen: Evidence, auto: Cell) -> Cell:
    """Of the chunks that were tried with the same tasks, the one with the least wall time."""
    tried = seen.cells(workload="spin", strategy=by(POOL, *CHUNKS), size=auto.size, workers=auto.workers)
    walls_s = {row.cell: row.wall_s for row in seen.results.rows if row.cell in tried and not row.flagged}
    if not walls_s:
        raise InconclusiveError(gettext("no fixed chunk was measured without a flag"))
    return min(walls_s, key=lambda cell: walls_s[cell] or 0.0)


def one_by_one_to_sequential(seen: Evidence) -> Iterator[Quantity]:
    """The time of very short tasks that are handed to processes one by one, relative to one after the other."""
    yield seen.ratio(pool(seen, "1", SHORT), to=sequential(seen, SHORT))


EXPERIMENT.ask(
    Question(
        "Tasks that compute for 10 microseconds are handed to a pool of processes, one by one. How long do they take,"
        " compared with one task after the other in a single process?",
        (
            Answer(
                "Much longer: to hand a task over takes longer than to do it",
                above(one_by_one_to_sequential, 1.5),
                why="Each task is pickled, sent through a pipe and waited for, and so is its answer: that takes some"
                " hundred microseconds. So hand over many short tasks at a time (a chunk).",
            ),
            Answer("About as long: what is gained is lost again", between(one_by_one_to_sequential, 0.8, 1.5)),
            Answer("Less: they are shared out among the processes", below(one_by_one_to_sequential, 0.8)),
        ),
    )
)
