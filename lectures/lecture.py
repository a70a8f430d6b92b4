"""The whole lecture, with the lab's own functions: a marimo notebook, which is a Python file without outputs.

    marimo edit lectures/lecture.py               read, change a number, run again
    marimo edit lectures/lecture.py -- --measure  measure everything on this machine, in minutes
    python lectures/lecture.py                    all claims and their outcomes, as text

It opens the reference sessions, so that it loads at once, also on battery; the button below each question measures that
experiment on this machine. An experiment has two cells: `ask_` is the text, `see_` measures and shows. This file
contains no results: everything shown is computed.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="Why Python is slow, and what each remedy does",
    css_file="lecture.css",
)


@app.cell(hide_code=True)
def title(mo):
    mo.md(r"""
    # Why Python is slow, and what each remedy does

    Each question below is an experiment: the same work, done in several ways, each in a fresh process that is measured
    from outside. Below the picture and the table are the **claims**, sentences that can turn out to be false:
    *holds*, *does not hold*, *inconclusive* (too noisy, too few rounds, a missing Python).

    The first results were measured on another machine. Press **Measure it here** to see your own. A quick look
    has wide intervals, which leave some claims undecided; `QUICK = False` in the next cell takes four times as long.
    """)
    return


@app.cell
def choices(mo):
    MEASURE = "measure" in mo.cli_args()  # everything, in minutes; else open saved sessions
    QUICK = True  # a quarter of the time; False: narrower intervals
    WORKERS = 8
    OUT = "results"  # where sessions are written, one folder per experiment
    SAVED = mo.notebook_dir().parent / "results" / "reference"  # or the path of your own sessions
    return MEASURE, OUT, QUICK, SAVED, WORKERS


@app.cell(hide_code=True)
def imports():
    from pathlib import Path

    import marimo as mo

    from experiments import (
        compilation,
        concurrency_parallelism,
        convoy,
        cpu_bound,
        dynamic_types,
        free_threading,
        implementations,
        io_bound,
        mixed,
        numba_limits,
        numba_strengths,
        races,
        scaling,
        start_up,
        sync_async,
        thread_states,
        threads_processes,
        warm_up,
    )
    from gil_lab import GilLabError, Results
    from gil_lab.experiment import Chapter, claims_of
    from gil_lab.report.tables.claims import CheckedClaims, counted
    from gil_lab.suite.compilers.inspection import python_code
    from gil_lab.suite.workloads.primes import count_primes

    return (
        Chapter,
        CheckedClaims,
        GilLabError,
        Path,
        Results,
        claims_of,
        compilation,
        concurrency_parallelism,
        convoy,
        count_primes,
        counted,
        cpu_bound,
        dynamic_types,
        free_threading,
        implementations,
        io_bound,
        mixed,
        mo,
        numba_limits,
        numba_strengths,
        python_code,
        races,
        scaling,
        start_up,
        sync_async,
        thread_states,
        threads_processes,
        warm_up,
    )


@app.cell(hide_code=True)
def saved_and_drawn(GilLabError, Path, Results, SAVED, mo):
    def saved(name):
        """The newest saved session of an experiment."""
        return Results.read(Path(SAVED) / name)

    def drawn(picture, *wanted):
        """A picture, or what it needs: one core, or a missing Python, must not end the lecture."""
        try:
            return picture(*wanted)
        except GilLabError as reason:
            return mo.callout(str(reason))

    return drawn, saved


@app.cell(hide_code=True)
def chapter_running(Chapter, mo):
    mo.md(f"""
    # {Chapter.RUNNING}

    Source is never run directly. It becomes tokens, a tree, bytecode; then an interpreter runs the bytecode, or a
    compiler turns it into machine code: before the program runs, or while it does.
    """)
    return


@app.cell(hide_code=True)
def ask_compilation(compilation, mo):
    measure_compilation = mo.ui.run_button(label="Measure it here")
    mo.md(f"""
    ## {compilation.EXPERIMENT.question}

    A `.pyc` file is a code object on disk. **Watch** what it saves: everything before the code object is expensive,
    everything after it is cheap. Then the observations: one iteration of a loop has about as many instructions in
    bytecode as in machine code. What differs is the price of one.

    **Change a number and run again:** `python=("this", "3.14")`. And read the stages: `gil-lab inspect primes
    --stage types`, `llvm`, `asm`.

    {measure_compilation}
    """)
    return (measure_compilation,)


@app.cell
def see_compilation(
    MEASURE,
    OUT,
    QUICK,
    compilation,
    drawn,
    measure_compilation,
    mo,
    saved,
):
    if MEASURE or measure_compilation.value:
        compilation_results = compilation.run(quick=QUICK, out=OUT)
    else:
        compilation_results = saved("compilation")
    mo.vstack([drawn(compilation_results.speedups), compilation_results, compilation.check(compilation_results)])
    return (compilation_results,)


@app.cell
def read_bytecode(count_primes, mo, python_code):
    mo.accordion({"What CPython's interpreter runs of count_primes": mo.plain_text(python_code.text(count_primes))})
    return


@app.cell(hide_code=True)
def ask_implementations(implementations, mo):
    measure_implementations = mo.ui.run_button(label="Measure it here")
    mo.md(f"""
    ## {implementations.EXPERIMENT.question}

    One function, `count_primes`, unchanged. CPython interprets its bytecode; PyPy too, until a loop is hot; Numba
    compiles it before the first pass; Cython translates it to C. **Watch** the first pass compared with later ones, the
    compilation time, and how little Cython gains as long as every name may refer to anything (`cython-untyped`).

    **Change a number and run again:** `size=30`: what still gains when there is hardly any work? Or `python="all"`.

    {measure_implementations}
    """)
    return (measure_implementations,)


@app.cell
def see_implementations(
    MEASURE,
    OUT,
    QUICK,
    drawn,
    implementations,
    measure_implementations,
    mo,
    saved,
):
    if MEASURE or measure_implementations.value:
        implementations_results = implementations.run(quick=QUICK, out=OUT)
    else:
        implementations_results = saved("implementations")
    mo.vstack(
        [
            drawn(implementations_results.warm_up),
            drawn(implementations_results.matrix),
            implementations.check(implementations_results),
            mo.accordion({"All numbers": implementations_results}),
        ]
    )
    return (implementations_results,)


@app.cell(hide_code=True)
def ask_warm_up(mo, warm_up):
    measure_warm_up = mo.ui.run_button(label="Measure it here")
    mo.md(f"""
    ## {warm_up.EXPERIMENT.question}

    About a millisecond of work for plain Python. **Watch** when compilation is paid for: in each pass (`+lazy`), in
    the decorator (`+eager`), hardly, because the machine code is on disk (`+cached`), or only once (`+compiled`,
    which is what benchmarks show). Then *calls to pay back*.

    **Change a number and run again:** `size=10` and `size=10_000`: after how many calls does compilation pay off now?

    {measure_warm_up}
    """)
    return (measure_warm_up,)


@app.cell
def see_warm_up(
    MEASURE,
    OUT,
    QUICK,
    drawn,
    measure_warm_up,
    mo,
    saved,
    warm_up,
):
    if MEASURE or measure_warm_up.value:
        warm_up_results = warm_up.run(quick=QUICK, out=OUT)
    else:
        warm_up_results = saved("warm-up")
    mo.vstack([drawn(warm_up_results.speedups), warm_up_results, warm_up.check(warm_up_results)])
    return (warm_up_results,)


@app.cell(hide_code=True)
def chapter_slow(Chapter, mo):
    mo.md(f"""
    # {Chapter.SLOW}

    Not only because it is interpreted. A name can refer to anything, and so each number is an object.
    """)
    return


@app.cell(hide_code=True)
def ask_dynamic_types(dynamic_types, mo):
    measure_dynamic_types = mo.ui.run_button(label="Measure it here")
    mo.md(f"""
    ## {dynamic_types.EXPERIMENT.question}

    The same numbers, added up in seven ways. **Watch** *bytes an element* and *allocations an element* beside the
    seconds. A NumPy array is not faster by itself: read element by element, it is slower than a list.

    **Change a number and run again:** `size=1_000_000`, and `python="pypy3.11"`, where a list of integers is an
    array behind the scenes.

    {measure_dynamic_types}
    """)
    return (measure_dynamic_types,)


@app.cell
def see_dynamic_types(
    MEASURE,
    OUT,
    QUICK,
    drawn,
    dynamic_types,
    measure_dynamic_types,
    mo,
    saved,
):
    if MEASURE or measure_dynamic_types.value:
        dynamic_types_results = dynamic_types.run(quick=QUICK, out=OUT)
    else:
        dynamic_types_results = saved("dynamic-types")
    mo.vstack(
        [drawn(dynamic_types_results.speedups), dynamic_types_results, dynamic_types.check(dynamic_types_results)]
    )
    return (dynamic_types_results,)


@app.cell(hide_code=True)
def chapter_models(Chapter, mo):
    mo.md(f"""
    # {Chapter.MODELS}

    Two words for two things that are often confused. **Concurrent**: several tasks are *in flight*, begun and not
    ended. **Parallel**: several *cores are busy*. Both are measured here, from outside.
    """)
    return


@app.cell(hide_code=True)
def ask_cpu_bound(cpu_bound, mo):
    measure_cpu_bound = mo.ui.run_button(label="Measure it here")
    mo.md(f"""
    ## {cpu_bound.EXPERIMENT.question}

    **Watch** the map. To the right: more tasks in flight. Upwards: more cores busy. Threads and coroutines are
    only further to the right: they take turns. In the timeline their tasks are *blocked*, by the GIL; those of
    processes are *ready*, for lack of cores. `numba-nogil` uses the very same threads as `threading`.

    **Change a number and run again:** `WORKERS` at the top, or `workloads="sha256"`: plain Python threads, and yet
    parallel. Why?

    {measure_cpu_bound}
    """)
    return (measure_cpu_bound,)


@app.cell
def see_cpu_bound(
    MEASURE,
    OUT,
    QUICK,
    WORKERS,
    cpu_bound,
    drawn,
    measure_cpu_bound,
    mo,
    saved,
):
    if MEASURE or measure_cpu_bound.value:
        cpu_bound_results = cpu_bound.run(workers=WORKERS, quick=QUICK, out=OUT)
    else:
        cpu_bound_results = saved("cpu-bound")
    mo.vstack(
        [
            drawn(cpu_bound_results.map),
            drawn(cpu_bound_results.timeline, "threading", "multiprocessing"),
            cpu_bound_results,
            cpu_bound.check(cpu_bound_results),
        ]
    )
    return (cpu_bound_results,)


@app.cell(hide_code=True)
def ask_concurrency_parallelism(concurrency_parallelism, mo):
    measure_concurrency_parallelism = mo.ui.run_button(label="Measure it here")
    mo.md(f"""
    ## {concurrency_parallelism.EXPERIMENT.question}

    The same run twice: free, and pinned to one core (`+cores=1`). **Watch** what stays and what falls. In flight
    stays: concurrency needs no cores. Cores busy falls to one, and with it the gain of the processes. Threads under
    the GIL have nothing to lose, and neither has waiting.

    **Change a number and run again:** `workers=8`, or `workloads="mixed"`.

    {measure_concurrency_parallelism}
    """)
    return (measure_concurrency_parallelism,)


@app.cell
def see_concurrency_parallelism(
    MEASURE,
    OUT,
    QUICK,
    concurrency_parallelism,
    drawn,
    measure_concurrency_parallelism,
    mo,
    saved,
):
    if MEASURE or measure_concurrency_parallelism.value:
        concurrency_parallelism_results = concurrency_parallelism.run(quick=QUICK, out=OUT)
    else:
        concurrency_parallelism_results = saved("concurrency-parallelism")
    mo.vstack(
        [
            drawn(concurrency_parallelism_results.map),
            concurrency_parallelism.check(concurrency_parallelism_results),
            mo.accordion({"All numbers": concurrency_parallelism_results}),
        ]
    )
    return (concurrency_parallelism_results,)


@app.cell(hide_code=True)
def ask_scaling(mo, scaling):
    measure_scaling = mo.ui.run_button(label="Measure it here")
    mo.md(f"""
    ## {scaling.EXPERIMENT.question}

    One worker, two, and so on to twice the cores, on purpose. **Watch** where each line stops rising, and which one
    never rises. More workers than cores are more concurrent, but not more parallel.

    **Change a number and run again:** `workloads="mandelbrot"`, whose tasks are uneven.

    {measure_scaling}
    """)
    return (measure_scaling,)


@app.cell
def see_scaling(
    MEASURE,
    OUT,
    QUICK,
    drawn,
    measure_scaling,
    mo,
    saved,
    scaling,
):
    if MEASURE or measure_scaling.value:
        scaling_results = scaling.run(quick=QUICK, out=OUT)
    else:
        scaling_results = saved("scaling")
    mo.vstack([drawn(scaling_results.scaling), scaling_results, scaling.check(scaling_results)])
    return (scaling_results,)


@app.cell(hide_code=True)
def ask_mixed(mixed, mo):
    measure_mixed = mo.ui.run_button(label="Measure it here")
    mo.md(f"""
    ## {mixed.EXPERIMENT.question}

    Fetch, then compute. The waits overlap under every model, the computing only where several cores can be busy.
    **Watch** how far up each strategy is on the map.

    **Change a number and run again:** `strategies=("threading", "asyncio-threads", "multiprocessing")`: what does
    a thread for each task change?

    {measure_mixed}
    """)
    return (measure_mixed,)


@app.cell
def see_mixed(MEASURE, OUT, QUICK, drawn, measure_mixed, mixed, mo, saved):
    if MEASURE or measure_mixed.value:
        mixed_results = mixed.run(quick=QUICK, out=OUT)
    else:
        mixed_results = saved("mixed")
    mo.vstack([drawn(mixed_results.map), mixed_results, mixed.check(mixed_results)])
    return (mixed_results,)


@app.cell(hide_code=True)
def chapter_waiting(Chapter, mo):
    mo.md(f"""
    # {Chapter.WAITING}

    Most programs wait more than they compute: for a server, a disk, a user. Waiting needs no core.
    """)
    return


@app.cell(hide_code=True)
def ask_io_bound(io_bound, mo):
    measure_io_bound = mo.ui.run_button(label="Measure it here")
    mo.md(f"""
    ## {io_bound.EXPERIMENT.question}

    Pages from a slow server. **Watch** the lower right corner: all of them are there. Threads and coroutines are as
    fast as processes, and start almost for free.

    **Change a number and run again:** `workers=32`, and `workloads=("sleep", "files")`: is the disk like the
    network?

    {measure_io_bound}
    """)
    return (measure_io_bound,)


@app.cell
def see_io_bound(
    MEASURE,
    OUT,
    QUICK,
    drawn,
    io_bound,
    measure_io_bound,
    mo,
    saved,
):
    if MEASURE or measure_io_bound.value:
        io_bound_results = io_bound.run(quick=QUICK, out=OUT)
    else:
        io_bound_results = saved("io-bound")
    mo.vstack([drawn(io_bound_results.map), io_bound_results, io_bound.check(io_bound_results)])
    return (io_bound_results,)


@app.cell(hide_code=True)
def ask_sync_async(mo, sync_async):
    measure_sync_async = mo.ui.run_button(label="Measure it here")
    mo.md(f"""
    ## {sync_async.EXPERIMENT.question}

    A morning: the kettle, the washing machine, the shower, the hair, the tea. Synchronous means standing by
    the kettle until the water boils: that takes the *sum of all*. Asynchronous means doing something else meanwhile:
    that takes the *critical path*, and nothing can take less. **Watch** the order of events, and `morning+blocking`,
    which looks asynchronous and is not.

    **Change a number and run again:** `workers=(1, 2, 3)`: how many hands does the morning need?

    {measure_sync_async}
    """)
    return (measure_sync_async,)


@app.cell
def see_sync_async(
    MEASURE,
    OUT,
    QUICK,
    drawn,
    measure_sync_async,
    mo,
    saved,
    sync_async,
):
    if MEASURE or measure_sync_async.value:
        sync_async_results = sync_async.run(quick=QUICK, out=OUT)
    else:
        sync_async_results = saved("sync-async")
    mo.vstack([drawn(sync_async_results.timeline), sync_async_results, sync_async.check(sync_async_results)])
    return (sync_async_results,)


@app.cell(hide_code=True)
def chapter_sharing(Chapter, mo):
    mo.md(f"""
    # {Chapter.SHARING}

    Threads share memory, processes do not. That decides what they cost, and what can go wrong.
    """)
    return


@app.cell(hide_code=True)
def ask_threads_processes(mo, threads_processes):
    measure_threads_processes = mo.ui.run_button(label="Measure it here")
    mo.md(f"""
    ## {threads_processes.EXPERIMENT.question}

    `send` passes data to a task: a thread gets a reference, a process a copy through a pipe, or only a name if the
    data is in shared memory. All tasks read `table`: **watch** *PSS a worker*. In `table+deleted` one task deletes
    it for a moment: **watch** which others miss it.

    **Change a number and run again:** `workloads="send", size=(1_000, 100_000, 10_000_000)`: from which size on
    does shared memory pay?

    {measure_threads_processes}
    """)
    return (measure_threads_processes,)


@app.cell
def see_threads_processes(
    MEASURE,
    OUT,
    QUICK,
    measure_threads_processes,
    mo,
    saved,
    threads_processes,
):
    if MEASURE or measure_threads_processes.value:
        threads_processes_results = threads_processes.run(quick=QUICK, out=OUT)
    else:
        threads_processes_results = saved("threads-processes")
    _largest = max(row.cell.size for row in threads_processes_results)
    mo.vstack(
        [
            threads_processes_results.where(workload="send", size=_largest),
            threads_processes.check(threads_processes_results),
            mo.accordion({"All numbers": threads_processes_results}),
        ]
    )
    return (threads_processes_results,)


@app.cell(hide_code=True)
def ask_races(mo, races):
    measure_races = mo.ui.run_button(label="Measure it here")
    mo.md(f"""
    ## {races.EXPERIMENT.question}

    All threads increment one counter: read, compute, write. **Watch** *lost share*. The GIL protects the
    interpreter, not your program. `counter.value += 1` is correct by luck, and only with a GIL; `+lock` is correct
    everywhere, at a price.

    **Change a number and run again:** `size=100`: why does a test with small numbers find nothing?

    {measure_races}
    """)
    return (measure_races,)


@app.cell
def see_races(MEASURE, OUT, QUICK, measure_races, mo, races, saved):
    if MEASURE or measure_races.value:
        races_results = races.run(quick=QUICK, out=OUT)
    else:
        races_results = saved("races")
    mo.vstack(
        [
            races_results.where(workload="counter", strategy="threading"),
            races.check(races_results),
            mo.accordion({"All numbers": races_results}),
        ]
    )
    return (races_results,)


@app.cell(hide_code=True)
def ask_thread_states(mo, thread_states):
    measure_thread_states = mo.ui.run_button(label="Measure it here")
    mo.md(f"""
    ## {thread_states.EXPERIMENT.question}

    A task that has begun is *running*, *ready* (it waits for a core) or *blocked* (for something else: I/O, a lock,
    the GIL). From outside, eight threads and eight processes on two cores look the same, and neither is faster
    than two. **Watch** the states: they distinguish the GIL from a lack of cores.

    **Change a number and run again:** `workloads="sha256"`, C code that releases the GIL. Which share becomes
    larger, and which smaller?

    {measure_thread_states}
    """)
    return (measure_thread_states,)


@app.cell
def see_thread_states(
    MEASURE,
    OUT,
    QUICK,
    drawn,
    measure_thread_states,
    mo,
    saved,
    thread_states,
):
    if MEASURE or measure_thread_states.value:
        thread_states_results = thread_states.run(quick=QUICK, out=OUT)
    else:
        thread_states_results = saved("thread-states")
    _oversubscribed = thread_states_results.where(
        workload="primes", workers=max(row.cell.workers for row in thread_states_results)
    )
    mo.vstack(
        [
            drawn(_oversubscribed.states),
            drawn(_oversubscribed.timeline, "threading", "multiprocessing"),
            thread_states.check(thread_states_results),
            mo.accordion({"All numbers": thread_states_results}),
        ]
    )
    return (thread_states_results,)


@app.cell(hide_code=True)
def ask_start_up(mo, start_up):
    measure_start_up = mo.ui.run_button(label="Measure it here")
    mo.md(f"""
    ## {start_up.EXPERIMENT.question}

    Next to nothing to do, and two or eight workers to do it. **Watch** the marginal cost per worker, in
    milliseconds and in megabytes. A thread costs next to nothing; a forked process shares memory until one of them
    writes; a spawned one is a whole Python.

    **Change a number and run again:** `workers=(2, 16)`, or `python="all"`.

    {measure_start_up}
    """)
    return (measure_start_up,)


@app.cell
def see_start_up(
    MEASURE,
    OUT,
    QUICK,
    drawn,
    measure_start_up,
    mo,
    saved,
    start_up,
):
    if MEASURE or measure_start_up.value:
        start_up_results = start_up.run(quick=QUICK, out=OUT)
    else:
        start_up_results = saved("start-up")
    mo.vstack(
        [
            drawn(start_up_results.matrix),
            start_up.check(start_up_results),
            mo.accordion({"All numbers": start_up_results}),
        ]
    )
    return (start_up_results,)


@app.cell(hide_code=True)
def chapter_gil(Chapter, mo):
    mo.md(f"""
    # {Chapter.GIL}

    One lock around the interpreter: what it costs, what a Python without it costs, and which threads have to wait.
    """)
    return


@app.cell(hide_code=True)
def ask_free_threading(free_threading, mo):
    measure_free_threading = mo.ui.run_button(label="Measure it here")
    mo.md(f"""
    ## {free_threading.EXPERIMENT.question}

    The same threads, the same source, every Python on this machine. **Watch** *cores busy* of `threading`: about one
    with a GIL, all of them without. Then the seconds of `sequential`: the *build tax*. The arm `+gil`, the same
    build with its GIL on, shows whether it is the price of the build or of the GIL.

    **Change a number and run again:** `workloads="sha256"`: what gains nothing from a Python without a GIL?

    {measure_free_threading}
    """)
    return (measure_free_threading,)


@app.cell
def see_free_threading(
    MEASURE,
    OUT,
    QUICK,
    drawn,
    free_threading,
    measure_free_threading,
    mo,
    saved,
):
    if MEASURE or measure_free_threading.value:
        free_threading_results = free_threading.run(quick=QUICK, out=OUT)
    else:
        free_threading_results = saved("free-threading")
    mo.vstack(
        [
            drawn(free_threading_results.matrix),
            free_threading.check(free_threading_results),
            mo.accordion({"All numbers": free_threading_results}),
        ]
    )
    return (free_threading_results,)


@app.cell(hide_code=True)
def ask_convoy(convoy, mo):
    measure_convoy = mo.ui.run_button(label="Measure it here")
    mo.md(f"""
    ## {convoy.EXPERIMENT.question}

    A service computes, and has to answer meanwhile: a heartbeat is due every 7 ms. **Watch** how late it is. A
    thread that has waited for I/O gets the GIL back after a switch interval; beside several computing threads after
    several: the convoy effect. An event loop is responsive only if its tasks yield often.

    **Change a number and run again:** `workers=8`, or `python="this+switch=0.1ms"`.

    {measure_convoy}
    """)
    return (measure_convoy,)


@app.cell
def see_convoy(MEASURE, OUT, QUICK, convoy, drawn, measure_convoy, mo, saved):
    if MEASURE or measure_convoy.value:
        convoy_results = convoy.run(quick=QUICK, out=OUT)
    else:
        convoy_results = saved("convoy")
    mo.vstack(
        [drawn(convoy_results.delays), convoy.check(convoy_results), mo.accordion({"All numbers": convoy_results})]
    )
    return (convoy_results,)


@app.cell(hide_code=True)
def chapter_numba(Chapter, mo):
    mo.md(f"""
    # {Chapter.NUMBA}

    It compiles a subset of Python, and of NumPy, to machine code. Know that subset.
    """)
    return


@app.cell(hide_code=True)
def ask_numba_strengths(mo, numba_strengths):
    measure_numba_strengths = mo.ui.run_button(label="Measure it here")
    mo.md(f"""
    ## {numba_strengths.EXPERIMENT.question}

    Pi from points in a square. **Watch** *lines changed* beside the speed-up: on a plain loop one decorator does
    wonders; on NumPy code, whose loops are compiled already, it does little. `parallel=True` fuses the loops, and
    then uses the cores, without a `prange` in the source (`+automatic`).

    **Change a number and run again:** `size=2_500_000`: larger than any cache.

    {measure_numba_strengths}
    """)
    return (measure_numba_strengths,)


@app.cell
def see_numba_strengths(
    MEASURE,
    OUT,
    QUICK,
    drawn,
    measure_numba_strengths,
    mo,
    numba_strengths,
    saved,
):
    if MEASURE or measure_numba_strengths.value:
        numba_strengths_results = numba_strengths.run(quick=QUICK, out=OUT)
    else:
        numba_strengths_results = saved("numba-strengths")
    mo.vstack(
        [
            drawn(numba_strengths_results.speedups),
            numba_strengths_results,
            numba_strengths.check(numba_strengths_results),
        ]
    )
    return (numba_strengths_results,)


@app.cell(hide_code=True)
def ask_numba_limits(mo, numba_limits):
    measure_numba_limits = mo.ui.run_button(label="Measure it here")
    mo.md(f"""
    ## {numba_limits.EXPERIMENT.question}

    Each limit is executed; the messages among the observations are Numba's own. **Watch** the wrong index: plain
    Python raises, compiled code returns a wrong answer without any message. No DataFrame and no plain class in
    nopython mode; and what each workaround costs.

    **Change a number and run again:** `workloads="neighbours+boundscheck", size=1_000_000`: what does bounds
    checking cost?

    {measure_numba_limits}
    """)
    return (measure_numba_limits,)


@app.cell
def see_numba_limits(
    MEASURE,
    OUT,
    QUICK,
    drawn,
    measure_numba_limits,
    mo,
    numba_limits,
    saved,
):
    if MEASURE or measure_numba_limits.value:
        numba_limits_results = numba_limits.run(quick=QUICK, out=OUT)
    else:
        numba_limits_results = saved("numba-limits")
    mo.vstack([drawn(numba_limits_results.speedups), numba_limits_results, numba_limits.check(numba_limits_results)])
    return (numba_limits_results,)


@app.cell(hide_code=True)
def ask_all(mo):
    mo.md(r"""
    # The story, sentence by sentence

    Every claim of the lecture, and what was measured, including what a claim needs and this machine lacks.
    """)
    return


@app.cell
def see_all(
    CheckedClaims,
    claims_of,
    compilation_results,
    concurrency_parallelism_results,
    convoy_results,
    counted,
    cpu_bound_results,
    dynamic_types_results,
    free_threading_results,
    implementations_results,
    io_bound_results,
    mixed_results,
    mo,
    numba_limits_results,
    numba_strengths_results,
    races_results,
    scaling_results,
    start_up_results,
    sync_async_results,
    thread_states_results,
    threads_processes_results,
    warm_up_results,
):
    checked = CheckedClaims(
        claim
        for results in (
            compilation_results,
            implementations_results,
            warm_up_results,
            dynamic_types_results,
            cpu_bound_results,
            concurrency_parallelism_results,
            scaling_results,
            mixed_results,
            io_bound_results,
            sync_async_results,
            threads_processes_results,
            races_results,
            thread_states_results,
            start_up_results,
            free_threading_results,
            convoy_results,
            numba_strengths_results,
            numba_limits_results,
        )
        for claim in claims_of(results)
    )
    if mo.app_meta().mode == "script":
        print(checked, counted(checked), sep="\n\n")
    mo.vstack([mo.md(f"**{counted(checked)}**"), checked])
    return


if __name__ == "__main__":
    app.run()
