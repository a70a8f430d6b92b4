"""What does it cost to hand data to a worker, and from which size on does it not pay any more?

Each task gets 1 kB to 100 MB and waits for a millisecond, as if for a database. Whether a second worker pays depends on
the way that the data take: watch *overall* against the size, or the picture `sizes`, in which each way crosses the line
of sequential work. (Threads that compute under the GIL instead would gain nothing, whatever they get.)

- Threads get a reference: the size does not matter.
- Processes get a pickle through a pipe: five copies, of which the sending process makes two, one task after the other.
- *Out of band* (`+out-of-band`; protocol 5, PEP 574) the bytes are copied into shared memory, and only a short
  pickle goes through the pipe. No pool of the standard library does so by itself: not for bytes, not for arrays.
- What is in *shared memory* already (`+shared`) is sent by its name.
- joblib pickles, too, but writes *arrays* of more than 1 MB (`+array`) once into a file in memory, which all tasks map.
- Subinterpreters copy bytes once, within the process. (Lists and dictionaries are pickled there as well, from 3.15 on
  with less effort: cpython gh-148072.) A `memoryview` (`+view`) they share: nothing is copied.

What is sent costs nothing where it is not looked at: a task reads 64 bytes of it. One that reads all of it has to bring
it into its core's cache, however it came.

The same as `gil-lab run handing-over`. Try `--python 3.14`, which has subinterpreters, and, to see how the same data
fare elsewhere, `--workload send+array --strategy threading,multiprocessing,joblib`.
"""

from collections.abc import Iterator

from gil_lab.analysis.claims import Evidence, Judgement, Quantity, every
from gil_lab.analysis.questions import Answer, Question, above, below, between
from gil_lab.experiment import Chapter, Experiment, Passage
from gil_lab.model.records import Cell
from gil_lab.sessions.plan import Design

SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000)
SMALLEST, MAPPED, LARGEST = SIZES[0], SIZES[-2], SIZES[-1]
"""The one in the middle is more than joblib pickles (`max_nbytes`)."""
PAYS = 1.1
"""Times as fast as sequential work."""
EXPERIMENT = Experiment(
    question="What does it cost to hand data to a worker, and from which size on does it not pay any more?",
    chapter=Chapter.SHARING,
    picture="sizes",
    passage=Passage(
        watch="""
        Tasks that wait for a millisecond, with more and more to be sent to them. **Watch** where a line crosses that of
        sequential work: there a second worker ceases to pay. A reference never does; a pickle is five copies; out of
        band it is one; a name in shared memory none. joblib maps arrays of more than 1 MB, and pickles smaller ones:
        **watch** its line fall.
        """,
        change="""
        `python="3.14"` has subinterpreters: how many copies do they make, of bytes and of a `memoryview`?
        """,
        changes=({"python": "3.14"}, {"workloads": "send", "size": (1000, 1000000)}),
        pictures=(("sizes",),),
    ),
    design=Design(
        "handing-over",
        workloads=("send", "send+out-of-band", "send+shared", "send+array", "send+view"),
        strategies=("sequential", "threading", "multiprocessing", "joblib", "subinterpreters"),
        strategies_of={
            "send+out-of-band": ("multiprocessing",),
            "send+shared": ("multiprocessing",),
            "send+array": ("joblib",),
            "send+view": ("subinterpreters",),
        },
        # Two, however many cores there are: 100 MB for each task and each worker of each cell are a gigabyte.
        workers=lambda _: (2,),
        tasks=8,
        sizes=SIZES,
        # One object for all tasks: several in one chunk would be sent once.
        chunk=1,
        quick_workloads=("send", "send+shared"),
        quick_sizes=(SMALLEST, MAPPED),
    ),
)
run, check = EXPERIMENT.run, EXPERIMENT.check


@EXPERIMENT.claim("Threads pay, whatever the size: they get a reference")
def by_reference(seen: Evidence) -> Judgement:
    cells = seen.cells(strategy="threading", variant="")
    return every(gain(seen, cell).above(PAYS) for cell in cells)


@EXPERIMENT.claim("Processes pay with 1 kB for each task, and take longer than sequential work with 100 MB")
def by_pickle(seen: Evidence) -> Judgement:
    small, large = (way(seen, "multiprocessing", size=size) for size in (SMALLEST, LARGEST))
    return every([gain(seen, small).above(PAYS), gain(seen, large).below(1)])


@EXPERIMENT.claim("With 10 MB, processes take more than five times as long as threads")
def copied(seen: Evidence) -> Judgement:
    processes, threads = (way(seen, name, size=MAPPED) for name in ("multiprocessing", "threading"))
    return seen.ratio(processes, to=threads).above(5)


@EXPERIMENT.claim("Out of band there is one copy still: with 100 MB processes take longer than sequential work")
def out_of_band(seen: Evidence) -> Judgement:
    """Into fresh memory, which the system has to give page by page: that can take as long as the pipe."""
    return gain(seen, way(seen, "multiprocessing", "+out-of-band", LARGEST)).below(1)


@EXPERIMENT.claim("With data in shared memory, processes pay, whatever the size")
def shared(seen: Evidence) -> Judgement:
    return every(gain(seen, cell).above(PAYS) for cell in seen.cells(strategy="multiprocessing", variant="+shared"))


@EXPERIMENT.claim(
    "An array of 10 MB, which joblib maps, takes less than half the time of as many bytes, which it pickles"
)
def mapped(seen: Evidence) -> Judgement:
    ways = (way(seen, "joblib", variant, MAPPED) for variant in ("+array", ""))
    return seen.ratio(next(ways), to=next(ways)).below(0.5)


@EXPERIMENT.claim("Subinterpreters copy, too: with 100 MB they take more than three times as long as threads")
def interpreters(seen: Evidence) -> Judgement:
    copies, threads = (way(seen, name, size=LARGEST) for name in ("subinterpreters", "threading"))
    return seen.ratio(copies, to=threads).above(3)


@EXPERIMENT.claim("What is behind a memoryview, subinterpreters share: they pay, whatever the size")
def views(seen: Evidence) -> Judgement:
    return every(gain(seen, cell).above(PAYS) for cell in seen.cells(strategy="subinterpreters", variant="+view"))


def way(seen: Evidence, strategy: str, variant: str = "", size: int = LARGEST) -> Cell:
    return seen.cell(strategy=strategy, variant=variant, size=size)


def gain(seen: Evidence, cell: Cell) -> Quantity:
    """How many times as fast as one task after the other, to which nothing is sent."""
    alone = seen.cell(strategy="sequential", variant="", size=cell.size, interpreter=cell.interpreter)
    return seen.ratio(alone, to=cell)


def largest_to_sequential(seen: Evidence) -> Iterator[Quantity]:
    """The time of tasks that get 100 MB each in processes, relative to sequential ones, to which nothing is sent."""
    for large in seen.pools(strategy="multiprocessing", variant="", size=LARGEST):
        yield seen.ratio(large, to=seen.cell(strategy="sequential", variant="", size=LARGEST))


EXPERIMENT.ask(
    Question(
        "Each task gets 100 MB of data and waits for a millisecond, as if for a database. Processes share the tasks."
        " How long do they take, compared with one task after the other in the process that has the data?",
        (
            Answer(
                "Much longer: copying takes far longer than waiting",
                above(largest_to_sequential, 1.5),
                why="A process has no access to the memory of another one: the data are pickled and go through a"
                " pipe, which copies them several times. Threads get a reference, and shared memory is sent by its"
                " name.",
            ),
            Answer("About as long: sending costs what sharing gains", between(largest_to_sequential, 0.7, 1.5)),
            Answer("Much less: they wait at the same time", below(largest_to_sequential, 0.7)),
        ),
    )
)
