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
    width="full",
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

    The first results were measured on another machine. Press **Measure it here** to see your own beside them, as the
    experiment has it or with something changed. A quick look has wide intervals, which leave some claims undecided.
    """)
    return


@app.cell(hide_code=True)
def controls(mo):
    workers = mo.ui.slider(1, 32, value=8, label="Workers of cpu-bound", show_value=True)
    quick = mo.ui.checkbox(value=True, label="Quick: a quarter of the time")
    mo.hstack([workers, quick], justify="start", gap=2)
    return quick, workers


@app.cell
def choices(mo, quick, workers):
    MEASURE = "measure" in mo.cli_args()  # everything, in minutes; else open saved sessions
    QUICK = quick.value
    WORKERS = workers.value
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
        connections,
        contention,
        convoy,
        cpu_bound,
        dispatch,
        dynamic_types,
        free_threading,
        handing_over,
        implementations,
        io_bound,
        mixed,
        numba_limits,
        numba_strengths,
        oversubscription,
        races,
        released,
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
        connections,
        contention,
        convoy,
        count_primes,
        counted,
        cpu_bound,
        dispatch,
        dynamic_types,
        free_threading,
        handing_over,
        implementations,
        io_bound,
        mixed,
        mo,
        numba_limits,
        numba_strengths,
        oversubscription,
        python_code,
        races,
        released,
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

    def is_saved(results):
        """Whether it is one of those, and was not measured here."""
        return Path(SAVED).resolve() in results.folder.resolve().parents

    def drawn(picture, *wanted):
        """A picture, or what it needs: one core, or a missing Python, must not end the lecture."""
        try:
            return picture(*wanted)
        except GilLabError as reason:
            return mo.callout(str(reason))

    def beside(results, name, *wanted, part=lambda whole: whole):
        """A picture, of those results or a part of them; of what was measured here, with that of the saved session."""
        here = drawn(getattr(part(results), name), *wanted)
        if is_saved(results):
            return here
        there = drawn(getattr(part(saved(results.session.experiment)), name), *wanted)
        columns = [mo.vstack([mo.md("**Here**"), here]), mo.vstack([mo.md("**Reference**"), there])]
        return mo.hstack(columns, widths="equal", align="start", gap=1)

    def busiest(results):
        """Its first work under the most workers."""
        most = max(row.cell.workers for row in results)
        return results.where(workload=results.rows[0].cell.workload, workers=most)

    return beside, busiest, drawn, is_saved, saved


@app.cell(hide_code=True)
def shown_and_changed(is_saved, mo):
    def left_no_room(results):
        """A warning, if this machine was too busy to say anything; else nothing."""
        flagged = [row for row in results if row.flagged]
        if is_saved(results) or 2 * len(flagged) < len(results):
            return []
        others = max(row.other_cores_busy or 0.0 for row in flagged)
        text = f"Every round of {len(flagged)} of {len(results)} cells is flagged; others kept {others:.1f} cores busy."
        return [mo.callout(f"This machine was too busy. {text} Look at the reference, or measure again.", kind="warn")]

    def shown(results, *parts):
        """What there is to see of an experiment, from the top."""
        return mo.vstack([*left_no_room(results), *parts], gap=1)

    def changes(*several):
        """A choice of what to change about an experiment, each some options of its `run`."""
        named = {", ".join(f"{name}={value!r}" for name, value in options.items()): options for options in several}
        return mo.ui.dropdown({"as it is": {}, **named}, value="as it is", label="with")

    return changes, shown


@app.cell(hide_code=True)
def chapter_models(Chapter, mo):
    mo.md(f"""
    # {Chapter.MODELS}

    Two words for two things that are often confused. **Concurrent**: several tasks are *in flight*, begun and not
    ended. **Parallel**: several *cores are busy*. Both are measured here, from outside.
    """)
    return


@app.cell(hide_code=True)
def ask_cpu_bound(changes, cpu_bound, mo):
    measure_cpu_bound = mo.ui.run_button(label="Measure it here")
    vary_cpu_bound = changes({"workloads": "sha256"})
    mo.md(f"""
    ## {cpu_bound.EXPERIMENT.question}

    **Watch** the map. To the right: more tasks in flight. Upwards: more cores busy. Threads and coroutines are
    only further to the right: they take turns. In the timeline their tasks are *blocked*, by the GIL; those of
    processes are *ready*, for lack of cores. `numba-nogil` uses the very same threads as `threading`.

    **Change a number and measure again:** the workers at the top, or `workloads="sha256"`: plain Python
    threads, and yet parallel. Why?

    {measure_cpu_bound} {vary_cpu_bound}
    """)
    return measure_cpu_bound, vary_cpu_bound


@app.cell
def see_cpu_bound(MEASURE, OUT, QUICK, WORKERS, beside, cpu_bound, measure_cpu_bound, saved, shown, vary_cpu_bound):
    if MEASURE or measure_cpu_bound.value:
        cpu_bound_results = cpu_bound.run(**{"workers": WORKERS, "quick": QUICK, "out": OUT, **vary_cpu_bound.value})
    else:
        cpu_bound_results = saved("cpu-bound")
    shown(
        cpu_bound_results,
        beside(cpu_bound_results, "map"),
        beside(cpu_bound_results, "timeline", "threading", "multiprocessing"),
        cpu_bound_results,
        cpu_bound.check(cpu_bound_results),
    )
    return (cpu_bound_results,)


@app.cell(hide_code=True)
def ask_concurrency_parallelism(changes, concurrency_parallelism, mo):
    measure_concurrency_parallelism = mo.ui.run_button(label="Measure it here")
    vary_concurrency_parallelism = changes({"workers": 8}, {"workloads": "mixed"})
    mo.md(f"""
    ## {concurrency_parallelism.EXPERIMENT.question}

    The same run twice: free, and pinned to one core (`+cores=1`). **Watch** what stays and what falls. In flight
    stays: concurrency needs no cores. Cores busy falls to one, and with it the gain of the processes. Threads under
    the GIL have nothing to lose, and neither has waiting.

    **Change a number and measure again:** `workers=8`, or `workloads="mixed"`.

    {measure_concurrency_parallelism} {vary_concurrency_parallelism}
    """)
    return measure_concurrency_parallelism, vary_concurrency_parallelism


@app.cell
def see_concurrency_parallelism(
    MEASURE,
    OUT,
    QUICK,
    beside,
    concurrency_parallelism,
    measure_concurrency_parallelism,
    mo,
    saved,
    shown,
    vary_concurrency_parallelism,
):
    if MEASURE or measure_concurrency_parallelism.value:
        concurrency_parallelism_results = concurrency_parallelism.run(
            quick=QUICK, out=OUT, **vary_concurrency_parallelism.value
        )
    else:
        concurrency_parallelism_results = saved("concurrency-parallelism")
    shown(
        concurrency_parallelism_results,
        beside(concurrency_parallelism_results, "map"),
        concurrency_parallelism.check(concurrency_parallelism_results),
        mo.accordion({"All numbers": concurrency_parallelism_results}),
    )
    return (concurrency_parallelism_results,)


@app.cell(hide_code=True)
def ask_scaling(changes, mo, scaling):
    measure_scaling = mo.ui.run_button(label="Measure it here")
    vary_scaling = changes({"workloads": "mandelbrot"})
    mo.md(f"""
    ## {scaling.EXPERIMENT.question}

    One worker, two, and so on to twice the cores, on purpose. **Watch** where each line stops rising, and which one
    never rises. More workers than cores are more concurrent, but not more parallel. A law of scaling says how much of
    the work only one worker can do at a time, and how far it may be believed.

    **Change a number and measure again:** `workloads="mandelbrot"`, whose tasks are uneven.

    {measure_scaling} {vary_scaling}
    """)
    return measure_scaling, vary_scaling


@app.cell
def see_scaling(MEASURE, OUT, QUICK, beside, measure_scaling, saved, scaling, shown, vary_scaling):
    if MEASURE or measure_scaling.value:
        scaling_results = scaling.run(quick=QUICK, out=OUT, **vary_scaling.value)
    else:
        scaling_results = saved("scaling")
    shown(scaling_results, beside(scaling_results, "scaling"), scaling_results, scaling.check(scaling_results))
    return (scaling_results,)


@app.cell(hide_code=True)
def ask_oversubscription(changes, mo, oversubscription):
    measure_oversubscription = mo.ui.run_button(label="Measure it here")
    vary_oversubscription = changes({"workers": 8})
    mo.md(f"""
    ## {oversubscription.EXPERIMENT.question}

    NumPy spreads one product of matrices over all cores by itself. **Watch** how many cores are busy with one task at a
    time, and what happens when each of several processes does the same. joblib knows, and divides the cores.

    **Change a number and measure again:** `workers=8`: how many threads are there then?

    {measure_oversubscription} {vary_oversubscription}
    """)
    return measure_oversubscription, vary_oversubscription


@app.cell
def see_oversubscription(
    MEASURE, OUT, QUICK, beside, measure_oversubscription, oversubscription, saved, shown, vary_oversubscription
):
    if MEASURE or measure_oversubscription.value:
        oversubscription_results = oversubscription.run(quick=QUICK, out=OUT, **vary_oversubscription.value)
    else:
        oversubscription_results = saved("oversubscription")
    shown(
        oversubscription_results,
        beside(oversubscription_results, "matrix"),
        oversubscription_results,
        oversubscription.check(oversubscription_results),
    )
    return (oversubscription_results,)


@app.cell(hide_code=True)
def ask_dispatch(changes, dispatch, mo):
    measure_dispatch = mo.ui.run_button(label="Measure it here")
    vary_dispatch = changes({"workers": 4}, {"strategies": ("joblib-threading", "joblib-threading by 64")})
    mo.md(f"""
    ## {dispatch.EXPERIMENT.question}

    The same computing, cut into tasks of 1 µs to 100 ms. **Watch** where a line is flat: that is what handing a task
    over takes, however little there is to do. Where it falls below the dashed line of `sequential`, the strategy pays.
    How far apart are the first and the last chunk there? And to the right, where tasks are long: which chunk is worst,
    and why? Look at *tail* in the tables.

    **Change a number and measure again:** `workers=4`, more than there may be cores; or threads, which hand over for
    less and gain nothing here.

    {measure_dispatch} {vary_dispatch}
    """)
    return measure_dispatch, vary_dispatch


@app.cell
def see_dispatch(MEASURE, OUT, QUICK, beside, dispatch, measure_dispatch, mo, saved, shown, vary_dispatch):
    if MEASURE or measure_dispatch.value:
        dispatch_results = dispatch.run(quick=QUICK, out=OUT, **vary_dispatch.value)
    else:
        dispatch_results = saved("dispatch")
    shown(
        dispatch_results,
        beside(dispatch_results, "dispatch"),
        dispatch.check(dispatch_results),
        mo.accordion({"All numbers": dispatch_results}),
    )
    return (dispatch_results,)


@app.cell(hide_code=True)
def ask_mixed(changes, mixed, mo):
    measure_mixed = mo.ui.run_button(label="Measure it here")
    vary_mixed = changes({"strategies": ("threading", "asyncio-threads", "multiprocessing")})
    mo.md(f"""
    ## {mixed.EXPERIMENT.question}

    Fetch, then compute. The waits overlap under every model, the computing only where several cores can be busy.
    **Watch** how far up each strategy is on the map.

    **Change a number and measure again:** `strategies=("threading", "asyncio-threads", "multiprocessing")`: what does
    a thread for each task change?

    {measure_mixed} {vary_mixed}
    """)
    return measure_mixed, vary_mixed


@app.cell
def see_mixed(MEASURE, OUT, QUICK, beside, measure_mixed, mixed, saved, shown, vary_mixed):
    if MEASURE or measure_mixed.value:
        mixed_results = mixed.run(quick=QUICK, out=OUT, **vary_mixed.value)
    else:
        mixed_results = saved("mixed")
    shown(mixed_results, beside(mixed_results, "map"), mixed_results, mixed.check(mixed_results))
    return (mixed_results,)


@app.cell(hide_code=True)
def chapter_waiting(Chapter, mo):
    mo.md(f"""
    # {Chapter.WAITING}

    Most programs wait more than they compute: for a server, a disk, a user. Waiting needs no core.
    """)
    return


@app.cell(hide_code=True)
def ask_io_bound(changes, io_bound, mo):
    measure_io_bound = mo.ui.run_button(label="Measure it here")
    vary_io_bound = changes({"workers": 32}, {"workloads": ("sleep", "files")})
    mo.md(f"""
    ## {io_bound.EXPERIMENT.question}

    Pages from a slow server. **Watch** the lower right corner: all of them are there. Threads and coroutines are as
    fast as processes, and start almost for free.

    **Change a number and measure again:** `workers=32`, and `workloads=("sleep", "files")`: is the disk like the
    network?

    {measure_io_bound} {vary_io_bound}
    """)
    return measure_io_bound, vary_io_bound


@app.cell
def see_io_bound(MEASURE, OUT, QUICK, beside, io_bound, measure_io_bound, saved, shown, vary_io_bound):
    if MEASURE or measure_io_bound.value:
        io_bound_results = io_bound.run(quick=QUICK, out=OUT, **vary_io_bound.value)
    else:
        io_bound_results = saved("io-bound")
    shown(io_bound_results, beside(io_bound_results, "map"), io_bound_results, io_bound.check(io_bound_results))
    return (io_bound_results,)


@app.cell(hide_code=True)
def ask_sync_async(changes, mo, sync_async):
    measure_sync_async = mo.ui.run_button(label="Measure it here")
    vary_sync_async = changes({"workers": (1, 2, 3)})
    mo.md(f"""
    ## {sync_async.EXPERIMENT.question}

    A morning: the kettle, the washing machine, the shower, the hair, the tea. Synchronous means standing by
    the kettle until the water boils: that takes the *sum of all*. Asynchronous means doing something else meanwhile:
    that takes the *critical path*, and nothing can take less. **Watch** the order of events, and `morning+blocking`,
    which looks asynchronous and is not.

    **Change a number and measure again:** `workers=(1, 2, 3)`: how many hands does the morning need?

    {measure_sync_async} {vary_sync_async}
    """)
    return measure_sync_async, vary_sync_async


@app.cell
def see_sync_async(MEASURE, OUT, QUICK, beside, measure_sync_async, saved, shown, sync_async, vary_sync_async):
    if MEASURE or measure_sync_async.value:
        sync_async_results = sync_async.run(quick=QUICK, out=OUT, **vary_sync_async.value)
    else:
        sync_async_results = saved("sync-async")
    shown(
        sync_async_results,
        beside(sync_async_results, "timeline"),
        sync_async_results,
        sync_async.check(sync_async_results),
    )
    return (sync_async_results,)


@app.cell(hide_code=True)
def ask_connections(changes, connections, mo):
    measure_connections = mo.ui.run_button(label="Measure it here")
    vary_connections = changes({"workers": 2000}, {"size": 5})
    mo.md(f"""
    ## {connections.EXPERIMENT.question}

    So many requests at once, each on a connection of its own, to a server that answers after 50 to 200 ms. Ten take
    every model the same time. **Watch** what a thousand take beyond those 200 ms: each request has a price in CPU time.

    **Change a number and measure again:** `size=5`, with which the server answers after 5 to 20 ms: who feels it?

    {measure_connections} {vary_connections}
    """)
    return measure_connections, vary_connections


@app.cell
def see_connections(MEASURE, OUT, QUICK, beside, connections, measure_connections, saved, shown, vary_connections):
    if MEASURE or measure_connections.value:
        connections_results = connections.run(quick=QUICK, out=OUT, **vary_connections.value)
    else:
        connections_results = saved("connections")
    shown(
        connections_results,
        beside(connections_results, "map"),
        connections_results,
        connections.check(connections_results),
    )
    return (connections_results,)


@app.cell(hide_code=True)
def chapter_sharing(Chapter, mo):
    mo.md(f"""
    # {Chapter.SHARING}

    Threads share memory, processes do not. That decides what they cost, and what can go wrong.
    """)
    return


@app.cell(hide_code=True)
def ask_threads_processes(changes, mo, threads_processes):
    measure_threads_processes = mo.ui.run_button(label="Measure it here")
    vary_threads_processes = changes({"workloads": "send", "size": (1000, 100_000, 10_000_000)})
    mo.md(f"""
    ## {threads_processes.EXPERIMENT.question}

    `send` passes data to a task: a thread gets a reference, a process a copy through a pipe, or only a name if the
    data is in shared memory. All tasks read `table`: **watch** *PSS a worker*. In `table+deleted` one task deletes
    it for a moment: **watch** which others miss it.

    **Change a number and measure again:** `workloads="send", size=(1_000, 100_000, 10_000_000)`: from which size on
    does shared memory pay?

    {measure_threads_processes} {vary_threads_processes}
    """)
    return measure_threads_processes, vary_threads_processes


@app.cell
def see_threads_processes(
    MEASURE, OUT, QUICK, measure_threads_processes, mo, saved, shown, threads_processes, vary_threads_processes
):
    if MEASURE or measure_threads_processes.value:
        threads_processes_results = threads_processes.run(quick=QUICK, out=OUT, **vary_threads_processes.value)
    else:
        threads_processes_results = saved("threads-processes")
    _largest = max(row.cell.size for row in threads_processes_results)
    shown(
        threads_processes_results,
        threads_processes_results.where(workload="send", size=_largest),
        threads_processes.check(threads_processes_results),
        mo.accordion({"All numbers": threads_processes_results}),
    )
    return (threads_processes_results,)


@app.cell(hide_code=True)
def ask_handing_over(changes, handing_over, mo):
    measure_handing_over = mo.ui.run_button(label="Measure it here")
    vary_handing_over = changes({"python": "3.14"}, {"workloads": "send", "size": (1_000, 1_000_000)})
    mo.md(f"""
    ## {handing_over.EXPERIMENT.question}

    The same millisecond of work, with more and more to be sent to it. **Watch** where a line crosses that of sequential
    work: there a second worker ceases to pay. A reference never does; a pickle is five copies; out of band it is one; a
    name in shared memory none. joblib maps arrays of more than 1 MB, and pickles smaller ones: **watch** its line fall.

    **Change a number and measure again:** `python="3.14"` has subinterpreters: how many copies do they make, of bytes
    and of a `memoryview`?

    {measure_handing_over} {vary_handing_over}
    """)
    return measure_handing_over, vary_handing_over


@app.cell
def see_handing_over(
    MEASURE, OUT, QUICK, beside, handing_over, measure_handing_over, mo, saved, shown, vary_handing_over
):
    if MEASURE or measure_handing_over.value:
        handing_over_results = handing_over.run(quick=QUICK, out=OUT, **vary_handing_over.value)
    else:
        handing_over_results = saved("handing-over")
    shown(
        handing_over_results,
        beside(handing_over_results, "sizes"),
        handing_over.check(handing_over_results),
        mo.accordion({"All numbers": handing_over_results}),
    )
    return (handing_over_results,)


@app.cell(hide_code=True)
def ask_races(changes, mo, races):
    measure_races = mo.ui.run_button(label="Measure it here")
    vary_races = changes({"size": 100})
    mo.md(f"""
    ## {races.EXPERIMENT.question}

    All threads increment one counter: read, compute, write. **Watch** *lost share*. The GIL protects the
    interpreter, not your program. `counter.value += 1` is correct by luck, and only with a GIL; `+lock` is correct
    everywhere, at a price.

    **Change a number and measure again:** `size=100`: why does a test with small numbers find nothing?

    {measure_races} {vary_races}
    """)
    return measure_races, vary_races


@app.cell
def see_races(MEASURE, OUT, QUICK, measure_races, mo, races, saved, shown, vary_races):
    if MEASURE or measure_races.value:
        races_results = races.run(quick=QUICK, out=OUT, **vary_races.value)
    else:
        races_results = saved("races")
    shown(
        races_results,
        races_results.where(workload="counter", strategy="threading"),
        races.check(races_results),
        mo.accordion({"All numbers": races_results}),
    )
    return (races_results,)


@app.cell(hide_code=True)
def ask_thread_states(changes, mo, thread_states):
    measure_thread_states = mo.ui.run_button(label="Measure it here")
    vary_thread_states = changes({"workloads": "sha256"})
    mo.md(f"""
    ## {thread_states.EXPERIMENT.question}

    A task that has begun is *running*, *ready* (it waits for a core) or *blocked* (for something else: I/O, a lock,
    the GIL). From outside, eight threads and eight processes on two cores look the same, and neither is faster
    than two. **Watch** the states: they distinguish the GIL from a lack of cores.

    **Change a number and measure again:** `workloads="sha256"`, C code that releases the GIL. Which share becomes
    larger, and which smaller?

    {measure_thread_states} {vary_thread_states}
    """)
    return measure_thread_states, vary_thread_states


@app.cell
def see_thread_states(
    MEASURE, OUT, QUICK, beside, busiest, measure_thread_states, mo, saved, shown, thread_states, vary_thread_states
):
    if MEASURE or measure_thread_states.value:
        thread_states_results = thread_states.run(quick=QUICK, out=OUT, **vary_thread_states.value)
    else:
        thread_states_results = saved("thread-states")
    shown(
        thread_states_results,
        beside(thread_states_results, "states", part=busiest),
        beside(thread_states_results, "timeline", "threading", "multiprocessing", part=busiest),
        thread_states.check(thread_states_results),
        mo.accordion({"All numbers": thread_states_results}),
    )
    return (thread_states_results,)


@app.cell(hide_code=True)
def ask_start_up(changes, mo, start_up):
    measure_start_up = mo.ui.run_button(label="Measure it here")
    vary_start_up = changes({"workers": (2, 16)}, {"python": "all"})
    mo.md(f"""
    ## {start_up.EXPERIMENT.question}

    Next to nothing to do, and two or eight workers to do it. **Watch** the marginal cost per worker, in
    milliseconds and in megabytes. A thread costs next to nothing; a forked process shares memory until one of them
    writes; a spawned one is a whole Python.

    **Change a number and measure again:** `workers=(2, 16)`, or `python="all"`.

    {measure_start_up} {vary_start_up}
    """)
    return measure_start_up, vary_start_up


@app.cell
def see_start_up(MEASURE, OUT, QUICK, beside, measure_start_up, mo, saved, shown, start_up, vary_start_up):
    if MEASURE or measure_start_up.value:
        start_up_results = start_up.run(quick=QUICK, out=OUT, **vary_start_up.value)
    else:
        start_up_results = saved("start-up")
    shown(
        start_up_results,
        beside(start_up_results, "matrix"),
        start_up.check(start_up_results),
        mo.accordion({"All numbers": start_up_results}),
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
def ask_free_threading(changes, free_threading, mo):
    measure_free_threading = mo.ui.run_button(label="Measure it here")
    vary_free_threading = changes({"workloads": "sha256"})
    mo.md(f"""
    ## {free_threading.EXPERIMENT.question}

    The same threads, the same source, every Python on this machine. **Watch** *cores busy* of `threading`: about one
    with a GIL, all of them without. Then the seconds of `sequential`: the *build tax*. The arm `+gil`, the same
    build with its GIL on, shows whether it is the price of the build or of the GIL.

    **Change a number and measure again:** `workloads="sha256"`: what gains nothing from a Python without a GIL?

    {measure_free_threading} {vary_free_threading}
    """)
    return measure_free_threading, vary_free_threading


@app.cell
def see_free_threading(
    MEASURE, OUT, QUICK, beside, free_threading, measure_free_threading, mo, saved, shown, vary_free_threading
):
    if MEASURE or measure_free_threading.value:
        free_threading_results = free_threading.run(quick=QUICK, out=OUT, **vary_free_threading.value)
    else:
        free_threading_results = saved("free-threading")
    shown(
        free_threading_results,
        beside(free_threading_results, "matrix"),
        free_threading.check(free_threading_results),
        mo.accordion({"All numbers": free_threading_results}),
    )
    return (free_threading_results,)


@app.cell(hide_code=True)
def ask_convoy(changes, convoy, mo):
    measure_convoy = mo.ui.run_button(label="Measure it here")
    vary_convoy = changes({"workers": 8}, {"python": "this+switch=0.1ms"})
    mo.md(f"""
    ## {convoy.EXPERIMENT.question}

    A service computes, and has to answer meanwhile: a heartbeat is due every 7 ms. **Watch** how late it is. A
    thread that has waited for I/O gets the GIL back after a switch interval; beside several computing threads after
    several: the convoy effect. An event loop is responsive only if its tasks yield often.

    **Change a number and measure again:** `workers=8`, or `python="this+switch=0.1ms"`.

    {measure_convoy} {vary_convoy}
    """)
    return measure_convoy, vary_convoy


@app.cell
def see_convoy(MEASURE, OUT, QUICK, beside, convoy, measure_convoy, mo, saved, shown, vary_convoy):
    if MEASURE or measure_convoy.value:
        convoy_results = convoy.run(quick=QUICK, out=OUT, **vary_convoy.value)
    else:
        convoy_results = saved("convoy")
    shown(
        convoy_results,
        beside(convoy_results, "delays"),
        convoy.check(convoy_results),
        mo.accordion({"All numbers": convoy_results}),
    )
    return (convoy_results,)


@app.cell(hide_code=True)
def ask_released(changes, mo, released):
    measure_released = mo.ui.run_button(label="Measure it here")
    vary_released = changes({"python": "3.14"}, {"workloads": ("released", "released+sha256", "released+json-dumps")})
    mo.md(f"""
    ## {released.EXPERIMENT.question}

    Two threads make the same call all the time. **Watch** the dark grey: there they wait for the GIL, and the call
    holds it. What works on Python objects does; C code that needs none lets go, and so does what waits. `gil-lab
    releases 'EXPRESSION'` asks the same of a call of your own.

    **Change a number and measure again:** `python="3.14"`, or a few calls only.

    {measure_released} {vary_released}
    """)
    return measure_released, vary_released


@app.cell
def see_released(MEASURE, OUT, QUICK, beside, measure_released, mo, released, saved, shown, vary_released):
    if MEASURE or measure_released.value:
        released_results = released.run(quick=QUICK, out=OUT, **vary_released.value)
    else:
        released_results = saved("released")
    shown(
        released_results,
        beside(released_results, "states"),
        released.check(released_results),
        mo.accordion({"All numbers": released_results}),
    )
    return (released_results,)


@app.cell(hide_code=True)
def ask_contention(changes, contention, mo):
    measure_contention = mo.ui.run_button(label="Measure it here")
    vary_contention = changes({"python": ("3.13t", "3.14t")}, {"size": 20_000})
    mo.md(f"""
    ## {contention.EXPERIMENT.question}

    Each operation is done on one object that all threads share, and compared with itself in one thread. **Watch** how
    much of the dashed line, the ceiling, it loses. Without a GIL, what is shared has to be handed from core to core:
    a lock, a dictionary, and even the reference count of an object that is only read.

    **Change a number and measure again:** `python=("3.13t", "3.14t")`.

    {measure_contention} {vary_contention}
    """)
    return measure_contention, vary_contention


@app.cell
def see_contention(MEASURE, OUT, QUICK, beside, contention, measure_contention, mo, saved, shown, vary_contention):
    if MEASURE or measure_contention.value:
        contention_results = contention.run(quick=QUICK, out=OUT, **vary_contention.value)
    else:
        contention_results = saved("contention")
    shown(
        contention_results,
        beside(contention_results, "ladder"),
        contention.check(contention_results),
        mo.accordion({"All numbers": contention_results}),
    )
    return (contention_results,)


@app.cell(hide_code=True)
def chapter_running(Chapter, mo):
    mo.md(f"""
    # {Chapter.RUNNING}

    Source is never run directly. It becomes tokens, a tree, bytecode; then an interpreter runs the bytecode, or a
    compiler turns it into machine code: before the program runs, or while it does.
    """)
    return


@app.cell(hide_code=True)
def ask_compilation(changes, compilation, mo):
    measure_compilation = mo.ui.run_button(label="Measure it here")
    vary_compilation = changes({"python": ("this", "3.14")})
    mo.md(f"""
    ## {compilation.EXPERIMENT.question}

    A `.pyc` file is a code object on disk. **Watch** what it saves: everything before the code object is expensive,
    everything after it is cheap. Then the observations: one iteration of a loop has about as many instructions in
    bytecode as in machine code. What differs is the price of one.

    **Change a number and measure again:** `python=("this", "3.14")`. And read the stages: `gil-lab inspect primes
    --stage types`, `llvm`, `asm`.

    {measure_compilation} {vary_compilation}
    """)
    return measure_compilation, vary_compilation


@app.cell
def see_compilation(MEASURE, OUT, QUICK, beside, compilation, measure_compilation, saved, shown, vary_compilation):
    if MEASURE or measure_compilation.value:
        compilation_results = compilation.run(quick=QUICK, out=OUT, **vary_compilation.value)
    else:
        compilation_results = saved("compilation")
    shown(
        compilation_results,
        beside(compilation_results, "speedups"),
        compilation_results,
        compilation.check(compilation_results),
    )
    return (compilation_results,)


@app.cell
def read_bytecode(count_primes, mo, python_code):
    mo.accordion({"What CPython's interpreter runs of count_primes": mo.plain_text(python_code.text(count_primes))})
    return


@app.cell(hide_code=True)
def ask_implementations(changes, implementations, mo):
    measure_implementations = mo.ui.run_button(label="Measure it here")
    vary_implementations = changes({"size": 30}, {"python": "all"})
    mo.md(f"""
    ## {implementations.EXPERIMENT.question}

    One function, `count_primes`, unchanged. CPython interprets its bytecode; PyPy too, until a loop is hot; Numba
    compiles it before the first pass; Cython translates it to C. **Watch** the first pass compared with later ones, the
    compilation time, and how little Cython gains as long as every name may refer to anything (`cython-untyped`).

    **Change a number and measure again:** `size=30`: what still gains when there is hardly any work? Or `python="all"`.

    {measure_implementations} {vary_implementations}
    """)
    return measure_implementations, vary_implementations


@app.cell
def see_implementations(
    MEASURE, OUT, QUICK, beside, implementations, measure_implementations, mo, saved, shown, vary_implementations
):
    if MEASURE or measure_implementations.value:
        implementations_results = implementations.run(quick=QUICK, out=OUT, **vary_implementations.value)
    else:
        implementations_results = saved("implementations")
    shown(
        implementations_results,
        beside(implementations_results, "warm_up"),
        beside(implementations_results, "matrix"),
        implementations.check(implementations_results),
        mo.accordion({"All numbers": implementations_results}),
    )
    return (implementations_results,)


@app.cell(hide_code=True)
def ask_warm_up(changes, mo, warm_up):
    measure_warm_up = mo.ui.run_button(label="Measure it here")
    vary_warm_up = changes({"size": 10}, {"size": 10_000})
    mo.md(f"""
    ## {warm_up.EXPERIMENT.question}

    About a millisecond of work for plain Python. **Watch** when compilation is paid for: in each pass (`+lazy`), in
    the decorator (`+eager`), hardly, because the machine code is on disk (`+cached`), or only once (`+compiled`,
    which is what benchmarks show). Then *calls to pay back*.

    **Change a number and measure again:** `size=10` and `size=10_000`: after how many calls does it pay off now?

    {measure_warm_up} {vary_warm_up}
    """)
    return measure_warm_up, vary_warm_up


@app.cell
def see_warm_up(MEASURE, OUT, QUICK, beside, measure_warm_up, saved, shown, vary_warm_up, warm_up):
    if MEASURE or measure_warm_up.value:
        warm_up_results = warm_up.run(quick=QUICK, out=OUT, **vary_warm_up.value)
    else:
        warm_up_results = saved("warm-up")
    shown(warm_up_results, beside(warm_up_results, "speedups"), warm_up_results, warm_up.check(warm_up_results))
    return (warm_up_results,)


@app.cell(hide_code=True)
def chapter_slow(Chapter, mo):
    mo.md(f"""
    # {Chapter.SLOW}

    Not only because it is interpreted. A name can refer to anything, and so each number is an object.
    """)
    return


@app.cell(hide_code=True)
def ask_dynamic_types(changes, dynamic_types, mo):
    measure_dynamic_types = mo.ui.run_button(label="Measure it here")
    vary_dynamic_types = changes({"size": 1_000_000}, {"python": "pypy3.11"})
    mo.md(f"""
    ## {dynamic_types.EXPERIMENT.question}

    The same numbers, added up in seven ways. **Watch** *bytes an element* and *allocations an element* beside the
    seconds. A NumPy array is not faster by itself: read element by element, it is slower than a list.

    **Change a number and measure again:** `size=1_000_000`, and `python="pypy3.11"`, where a list of integers is an
    array behind the scenes.

    {measure_dynamic_types} {vary_dynamic_types}
    """)
    return measure_dynamic_types, vary_dynamic_types


@app.cell
def see_dynamic_types(
    MEASURE, OUT, QUICK, beside, dynamic_types, measure_dynamic_types, saved, shown, vary_dynamic_types
):
    if MEASURE or measure_dynamic_types.value:
        dynamic_types_results = dynamic_types.run(quick=QUICK, out=OUT, **vary_dynamic_types.value)
    else:
        dynamic_types_results = saved("dynamic-types")
    shown(
        dynamic_types_results,
        beside(dynamic_types_results, "speedups"),
        dynamic_types_results,
        dynamic_types.check(dynamic_types_results),
    )
    return (dynamic_types_results,)


@app.cell(hide_code=True)
def chapter_numba(Chapter, mo):
    mo.md(f"""
    # {Chapter.NUMBA}

    It compiles a subset of Python, and of NumPy, to machine code. Know that subset.
    """)
    return


@app.cell(hide_code=True)
def ask_numba_strengths(changes, mo, numba_strengths):
    measure_numba_strengths = mo.ui.run_button(label="Measure it here")
    vary_numba_strengths = changes({"size": 2_500_000})
    mo.md(f"""
    ## {numba_strengths.EXPERIMENT.question}

    Pi from points in a square. **Watch** *lines changed* beside the speed-up: on a plain loop one decorator does
    wonders; on NumPy code, whose loops are compiled already, it does little. `parallel=True` fuses the loops, and
    then uses the cores, without a `prange` in the source (`+automatic`).

    **Change a number and measure again:** `size=2_500_000`: larger than any cache.

    {measure_numba_strengths} {vary_numba_strengths}
    """)
    return measure_numba_strengths, vary_numba_strengths


@app.cell
def see_numba_strengths(
    MEASURE, OUT, QUICK, beside, measure_numba_strengths, numba_strengths, saved, shown, vary_numba_strengths
):
    if MEASURE or measure_numba_strengths.value:
        numba_strengths_results = numba_strengths.run(quick=QUICK, out=OUT, **vary_numba_strengths.value)
    else:
        numba_strengths_results = saved("numba-strengths")
    shown(
        numba_strengths_results,
        beside(numba_strengths_results, "speedups"),
        numba_strengths_results,
        numba_strengths.check(numba_strengths_results),
    )
    return (numba_strengths_results,)


@app.cell(hide_code=True)
def ask_numba_limits(changes, mo, numba_limits):
    measure_numba_limits = mo.ui.run_button(label="Measure it here")
    vary_numba_limits = changes({"workloads": "neighbours+boundscheck", "size": 1_000_000})
    mo.md(f"""
    ## {numba_limits.EXPERIMENT.question}

    Each limit is executed; the messages among the observations are Numba's own. **Watch** the wrong index: plain
    Python raises, compiled code returns a wrong answer without any message. No DataFrame and no plain class in
    nopython mode; and what each workaround costs.

    **Change a number and measure again:** `workloads="neighbours+boundscheck", size=1_000_000`: what does bounds
    checking cost?

    {measure_numba_limits} {vary_numba_limits}
    """)
    return measure_numba_limits, vary_numba_limits


@app.cell
def see_numba_limits(MEASURE, OUT, QUICK, beside, measure_numba_limits, numba_limits, saved, shown, vary_numba_limits):
    if MEASURE or measure_numba_limits.value:
        numba_limits_results = numba_limits.run(quick=QUICK, out=OUT, **vary_numba_limits.value)
    else:
        numba_limits_results = saved("numba-limits")
    shown(
        numba_limits_results,
        beside(numba_limits_results, "speedups"),
        numba_limits_results,
        numba_limits.check(numba_limits_results),
    )
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
    connections_results,
    contention_results,
    convoy_results,
    counted,
    cpu_bound_results,
    dispatch_results,
    dynamic_types_results,
    free_threading_results,
    handing_over_results,
    implementations_results,
    io_bound_results,
    mixed_results,
    mo,
    numba_limits_results,
    numba_strengths_results,
    oversubscription_results,
    races_results,
    released_results,
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
            cpu_bound_results,
            concurrency_parallelism_results,
            scaling_results,
            oversubscription_results,
            dispatch_results,
            mixed_results,
            io_bound_results,
            connections_results,
            sync_async_results,
            threads_processes_results,
            handing_over_results,
            races_results,
            thread_states_results,
            start_up_results,
            free_threading_results,
            convoy_results,
            released_results,
            contention_results,
            compilation_results,
            implementations_results,
            warm_up_results,
            dynamic_types_results,
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
