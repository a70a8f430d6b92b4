"""The whole lecture, with the lab's own functions: a marimo notebook, which is a Python file without outputs.

    gil-lab lecture                               give it, in a browser
    marimo edit lectures/lecture.py               read, change a number, run again
    marimo edit lectures/lecture.py -- --measure  measure everything on this machine, in minutes
    python lectures/lecture.py                    all claims and their outcomes, as text

It opens sessions that were measured here, else the reference sessions, so that it loads at once, also on battery. An
experiment has two cells: `ask_` asks for a prediction; `see_` then shows what was measured, and has a button that
measures it on this machine. This file contains no results: everything shown is computed. What is said of an experiment,
which pictures are shown and what may be changed is the `passage` in its file in `experiments/`.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="full",
    app_title="Why Python is slow, and what each remedy does",
    css_file="lecture.css",
)


@app.cell(hide_code=True)
def title(TITLE, gettext, mo, paragraphs):
    mo.md(
        f"# {gettext(TITLE)}\n\n"
        + paragraphs("""
    Each question below is an experiment: the same work, done in several ways, each in a fresh process that is measured
    from outside. **Predict** its result; then it opens: the picture and the **claims**, sentences that can turn out to
    be false: *holds*, *does not hold*, *inconclusive* (too noisy, too few rounds, a missing Python).

    What was not measured here yet is shown as it was on another machine. Press **Measure it here** to see your own
    beside it, as the experiment has it or with something changed. A quick look has wide intervals, which leave some
    claims undecided.
    """)
    )
    return


@app.cell(hide_code=True)
def controls(gettext, mo):
    predict = mo.ui.checkbox(value=True, label=gettext("Predict first: results open after a choice"))
    workers = mo.ui.slider(1, 32, value=8, label=gettext("Workers of cpu-bound"), show_value=True)
    quick = mo.ui.checkbox(value=True, label=gettext("Quick: a quarter of the time"))
    whole_class = mo.ui.checkbox(value=False, label=gettext("A class predicts: count the hands for each answer"))
    mo.hstack([predict, whole_class, workers, quick], justify="start", gap=2, wrap=True)
    return predict, quick, whole_class, workers


@app.cell
def settings(Lecture, mo, predict, quick, workers):
    lecture = Lecture(
        predict=predict.value and mo.app_meta().mode != "script",
        measure="measure" in mo.cli_args(),  # everything, in minutes; else open saved sessions
        quick=quick.value,
        out="results",  # where sessions are written and read, one folder per experiment
    )
    WORKERS = workers.value
    return WORKERS, lecture


@app.cell(hide_code=True)
def ask(asked_of, partial, whole_class):
    asked = partial(asked_of, of_a_class=whole_class.value)
    return (asked,)


@app.cell(hide_code=True)
def imports():
    from functools import partial

    import marimo as mo

    from gil_lab.cli.lecture_cells import Lecture, asked_of, busiest, headed, practised
    from gil_lab.experiment import claims_of
    from gil_lab.model.chapters import TITLE, Chapter
    from gil_lab.model.language import chosen_language, gettext, paragraphs, speak
    from gil_lab.report.tables.claims import CheckedClaims, counted
    from gil_lab.suite.compilers.inspection import python_code
    from gil_lab.suite.workloads.primes import count_primes

    speak(chosen_language())  # gil-lab lecture --language, or GIL_LAB_LANGUAGE
    return (
        Chapter,
        CheckedClaims,
        Lecture,
        TITLE,
        asked_of,
        busiest,
        claims_of,
        count_primes,
        counted,
        gettext,
        headed,
        mo,
        paragraphs,
        partial,
        practised,
        python_code,
    )


@app.cell(hide_code=True)
def chapter_models(Chapter, headed):
    headed(Chapter.MODELS)
    return


@app.cell(hide_code=True)
def ask_cpu_bound(asked):
    cpu_bound = asked("cpu-bound")
    cpu_bound
    return (cpu_bound,)


@app.cell
def see_cpu_bound(WORKERS, cpu_bound, lecture):
    cpu_bound_results = lecture.measured("cpu-bound", cpu_bound, workers=WORKERS)
    lecture.shown(cpu_bound, cpu_bound_results)
    return (cpu_bound_results,)


@app.cell(hide_code=True)
def ask_concurrency_parallelism(asked):
    concurrency_parallelism = asked("concurrency-parallelism")
    concurrency_parallelism
    return (concurrency_parallelism,)


@app.cell
def see_concurrency_parallelism(concurrency_parallelism, lecture):
    concurrency_parallelism_results = lecture.measured("concurrency-parallelism", concurrency_parallelism)
    lecture.shown(concurrency_parallelism, concurrency_parallelism_results)
    return (concurrency_parallelism_results,)


@app.cell(hide_code=True)
def ask_scaling(asked):
    scaling = asked("scaling")
    scaling
    return (scaling,)


@app.cell
def see_scaling(lecture, scaling):
    scaling_results = lecture.measured("scaling", scaling)
    lecture.shown(scaling, scaling_results)
    return (scaling_results,)


@app.cell(hide_code=True)
def ask_oversubscription(asked):
    oversubscription = asked("oversubscription")
    oversubscription
    return (oversubscription,)


@app.cell
def see_oversubscription(lecture, oversubscription):
    oversubscription_results = lecture.measured("oversubscription", oversubscription)
    lecture.shown(oversubscription, oversubscription_results)
    return (oversubscription_results,)


@app.cell(hide_code=True)
def ask_dispatch(asked):
    dispatch = asked("dispatch")
    dispatch
    return (dispatch,)


@app.cell
def see_dispatch(dispatch, lecture):
    dispatch_results = lecture.measured("dispatch", dispatch)
    lecture.shown(dispatch, dispatch_results)
    return (dispatch_results,)


@app.cell(hide_code=True)
def ask_cluster(asked):
    cluster = asked("cluster")
    cluster
    return (cluster,)


@app.cell
def see_cluster(cluster, lecture):
    cluster_results = lecture.measured("cluster", cluster)
    lecture.shown(cluster, cluster_results)
    return (cluster_results,)


@app.cell(hide_code=True)
def ask_mixed(asked):
    mixed = asked("mixed")
    mixed
    return (mixed,)


@app.cell
def see_mixed(lecture, mixed):
    mixed_results = lecture.measured("mixed", mixed)
    lecture.shown(mixed, mixed_results)
    return (mixed_results,)


@app.cell(hide_code=True)
def ask_waiting(asked):
    waiting = asked("waiting")
    waiting
    return (waiting,)


@app.cell
def see_waiting(lecture, waiting):
    waiting_results = lecture.measured("waiting", waiting)
    lecture.shown(waiting, waiting_results, sliders=True)
    return (waiting_results,)


@app.cell(hide_code=True)
def practise_models(Chapter, practised):
    practised(Chapter.MODELS)
    return


@app.cell(hide_code=True)
def chapter_waiting(Chapter, headed):
    headed(Chapter.WAITING)
    return


@app.cell(hide_code=True)
def ask_io_bound(asked):
    io_bound = asked("io-bound")
    io_bound
    return (io_bound,)


@app.cell
def see_io_bound(io_bound, lecture):
    io_bound_results = lecture.measured("io-bound", io_bound)
    lecture.shown(io_bound, io_bound_results)
    return (io_bound_results,)


@app.cell(hide_code=True)
def ask_sync_async(asked):
    sync_async = asked("sync-async")
    sync_async
    return (sync_async,)


@app.cell
def see_sync_async(lecture, sync_async):
    sync_async_results = lecture.measured("sync-async", sync_async)
    lecture.shown(sync_async, sync_async_results)
    return (sync_async_results,)


@app.cell(hide_code=True)
def ask_connections(asked):
    connections = asked("connections")
    connections
    return (connections,)


@app.cell
def see_connections(connections, lecture):
    connections_results = lecture.measured("connections", connections)
    lecture.shown(connections, connections_results)
    return (connections_results,)


@app.cell(hide_code=True)
def practise_waiting(Chapter, practised):
    practised(Chapter.WAITING)
    return


@app.cell(hide_code=True)
def chapter_sharing(Chapter, headed):
    headed(Chapter.SHARING)
    return


@app.cell(hide_code=True)
def ask_threads_processes(asked):
    threads_processes = asked("threads-processes")
    threads_processes
    return (threads_processes,)


@app.cell
def see_threads_processes(lecture, threads_processes):
    threads_processes_results = lecture.measured("threads-processes", threads_processes)
    lecture.shown(
        threads_processes,
        threads_processes_results,
        table={"workload": "send", "size": max(row.cell.size for row in threads_processes_results)},
    )
    return (threads_processes_results,)


@app.cell(hide_code=True)
def ask_handing_over(asked):
    handing_over = asked("handing-over")
    handing_over
    return (handing_over,)


@app.cell
def see_handing_over(handing_over, lecture):
    handing_over_results = lecture.measured("handing-over", handing_over)
    lecture.shown(handing_over, handing_over_results)
    return (handing_over_results,)


@app.cell(hide_code=True)
def ask_races(asked):
    races = asked("races")
    races
    return (races,)


@app.cell
def see_races(lecture, races):
    races_results = lecture.measured("races", races)
    lecture.shown(races, races_results, table={"workload": "counter", "strategy": "threading"})
    return (races_results,)


@app.cell(hide_code=True)
def ask_thread_states(asked):
    thread_states = asked("thread-states")
    thread_states
    return (thread_states,)


@app.cell
def see_thread_states(busiest, lecture, thread_states):
    thread_states_results = lecture.measured("thread-states", thread_states)
    lecture.shown(thread_states, thread_states_results, part=busiest)
    return (thread_states_results,)


@app.cell(hide_code=True)
def ask_start_up(asked):
    start_up = asked("start-up")
    start_up
    return (start_up,)


@app.cell
def see_start_up(lecture, start_up):
    start_up_results = lecture.measured("start-up", start_up)
    lecture.shown(start_up, start_up_results)
    return (start_up_results,)


@app.cell(hide_code=True)
def practise_sharing(Chapter, practised):
    practised(Chapter.SHARING)
    return


@app.cell(hide_code=True)
def chapter_gil(Chapter, headed):
    headed(Chapter.GIL)
    return


@app.cell(hide_code=True)
def ask_free_threading(asked):
    free_threading = asked("free-threading")
    free_threading
    return (free_threading,)


@app.cell
def see_free_threading(free_threading, lecture):
    free_threading_results = lecture.measured("free-threading", free_threading)
    lecture.shown(free_threading, free_threading_results)
    return (free_threading_results,)


@app.cell(hide_code=True)
def ask_convoy(asked):
    convoy = asked("convoy")
    convoy
    return (convoy,)


@app.cell
def see_convoy(convoy, lecture):
    convoy_results = lecture.measured("convoy", convoy)
    lecture.shown(convoy, convoy_results)
    return (convoy_results,)


@app.cell(hide_code=True)
def ask_released(asked):
    released = asked("released")
    released
    return (released,)


@app.cell
def see_released(lecture, released):
    released_results = lecture.measured("released", released)
    lecture.shown(released, released_results)
    return (released_results,)


@app.cell(hide_code=True)
def ask_contention(asked):
    contention = asked("contention")
    contention
    return (contention,)


@app.cell
def see_contention(contention, lecture):
    contention_results = lecture.measured("contention", contention)
    lecture.shown(contention, contention_results)
    return (contention_results,)


@app.cell(hide_code=True)
def practise_gil(Chapter, practised):
    practised(Chapter.GIL)
    return


@app.cell(hide_code=True)
def chapter_running(Chapter, headed):
    headed(Chapter.RUNNING)
    return


@app.cell(hide_code=True)
def ask_compilation(asked):
    compilation = asked("compilation")
    compilation
    return (compilation,)


@app.cell
def see_compilation(compilation, lecture):
    compilation_results = lecture.measured("compilation", compilation)
    lecture.shown(compilation, compilation_results)
    return (compilation_results,)


@app.cell
def read_bytecode(count_primes, gettext, mo, python_code):
    mo.accordion(
        {gettext("What CPython's interpreter runs of count_primes"): mo.plain_text(python_code.text(count_primes))}
    )
    return


@app.cell(hide_code=True)
def ask_implementations(asked):
    implementations = asked("implementations")
    implementations
    return (implementations,)


@app.cell
def see_implementations(implementations, lecture):
    implementations_results = lecture.measured("implementations", implementations)
    lecture.shown(implementations, implementations_results)
    return (implementations_results,)


@app.cell(hide_code=True)
def ask_warm_up(asked):
    warm_up = asked("warm-up")
    warm_up
    return (warm_up,)


@app.cell
def see_warm_up(lecture, warm_up):
    warm_up_results = lecture.measured("warm-up", warm_up)
    lecture.shown(warm_up, warm_up_results)
    return (warm_up_results,)


@app.cell(hide_code=True)
def practise_running(Chapter, practised):
    practised(Chapter.RUNNING)
    return


@app.cell(hide_code=True)
def chapter_slow(Chapter, headed):
    headed(Chapter.SLOW)
    return


@app.cell(hide_code=True)
def ask_dynamic_types(asked):
    dynamic_types = asked("dynamic-types")
    dynamic_types
    return (dynamic_types,)


@app.cell
def see_dynamic_types(dynamic_types, lecture):
    dynamic_types_results = lecture.measured("dynamic-types", dynamic_types)
    lecture.shown(dynamic_types, dynamic_types_results)
    return (dynamic_types_results,)


@app.cell(hide_code=True)
def practise_slow(Chapter, practised):
    practised(Chapter.SLOW)
    return


@app.cell(hide_code=True)
def chapter_numba(Chapter, headed):
    headed(Chapter.NUMBA)
    return


@app.cell(hide_code=True)
def ask_numba_strengths(asked):
    numba_strengths = asked("numba-strengths")
    numba_strengths
    return (numba_strengths,)


@app.cell
def see_numba_strengths(lecture, numba_strengths):
    numba_strengths_results = lecture.measured("numba-strengths", numba_strengths)
    lecture.shown(numba_strengths, numba_strengths_results)
    return (numba_strengths_results,)


@app.cell(hide_code=True)
def ask_numba_limits(asked):
    numba_limits = asked("numba-limits")
    numba_limits
    return (numba_limits,)


@app.cell
def see_numba_limits(lecture, numba_limits):
    numba_limits_results = lecture.measured("numba-limits", numba_limits)
    lecture.shown(numba_limits, numba_limits_results)
    return (numba_limits_results,)


@app.cell(hide_code=True)
def practise_numba(Chapter, practised):
    practised(Chapter.NUMBA)
    return


@app.cell(hide_code=True)
def ask_all(mo, paragraphs):
    mo.md(
        paragraphs("""
    # The story, sentence by sentence

    Every claim of the lecture, and what was measured, including what a claim needs and this machine lacks.
    """)
    )
    return


@app.cell
def see_all(
    CheckedClaims,
    claims_of,
    counted,
    cluster_results,
    compilation_results,
    concurrency_parallelism_results,
    connections_results,
    contention_results,
    convoy_results,
    cpu_bound_results,
    dispatch_results,
    dynamic_types_results,
    free_threading_results,
    handing_over_results,
    implementations_results,
    io_bound_results,
    mixed_results,
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
    waiting_results,
    warm_up_results,
    mo,
):
    checked = CheckedClaims(
        claim
        for results in (
            cpu_bound_results,
            concurrency_parallelism_results,
            scaling_results,
            oversubscription_results,
            dispatch_results,
            cluster_results,
            mixed_results,
            waiting_results,
            io_bound_results,
            sync_async_results,
            connections_results,
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
    mo.accordion({counted(checked): checked})
    return (checked,)


if __name__ == "__main__":
    app.run()
