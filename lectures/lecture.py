"""The whole lecture, with the lab's own functions: a marimo notebook, which is a Python file without outputs.

    gil-lab lecture                               give it, in a browser
    marimo edit lectures/lecture.py               read, change a number, run again
    marimo edit lectures/lecture.py -- --measure  measure everything on this machine, in minutes
    python lectures/lecture.py                    all claims and their outcomes, as text

It opens the newest sessions that were measured here, else the reference sessions, so that it loads at once, also on
battery. An experiment has two cells: `ask_` asks for a prediction; `see_` then shows what was measured, and has a
button that measures it on this machine. This file contains no results: everything shown is computed.
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
    mo.hstack([predict, workers, quick], justify="start", gap=2, wrap=True)
    return predict, quick, workers


@app.cell
def settings(mo, predict, quick, workers):
    MEASURE = "measure" in mo.cli_args()  # everything, in minutes; else open saved sessions
    PREDICT = predict.value and mo.app_meta().mode != "script"
    QUICK = quick.value
    WORKERS = workers.value
    OUT = "results"  # where sessions are written and read, one folder per experiment
    return MEASURE, OUT, PREDICT, QUICK, WORKERS


@app.cell(hide_code=True)
def imports():
    import marimo as mo

    from gil_lab import GilLabError, Results
    from gil_lab.advice.exercises import every_exercise
    from gil_lab.analysis.questions import LETTERS
    from gil_lab.experiment import claims_of, experiments
    from gil_lab.experiment.newest import is_reference, newest_or_reference
    from gil_lab.model.chapters import TITLE, Chapter
    from gil_lab.model.language import chosen_language, gettext, paragraphs, speak
    from gil_lab.report.documents.prediction import evidence, why
    from gil_lab.report.tables.claims import CheckedClaims, counted
    from gil_lab.sessions.reference import reference_folder
    from gil_lab.suite.compilers.inspection import python_code
    from gil_lab.suite.workloads.primes import count_primes

    speak(chosen_language())  # gil-lab lecture --language, or GIL_LAB_LANGUAGE
    lab = {experiment.design.name: experiment for experiment in experiments()}
    return (
        Chapter,
        CheckedClaims,
        GilLabError,
        LETTERS,
        Results,
        TITLE,
        claims_of,
        count_primes,
        counted,
        every_exercise,
        evidence,
        gettext,
        is_reference,
        lab,
        mo,
        newest_or_reference,
        paragraphs,
        python_code,
        reference_folder,
        why,
    )


@app.cell(hide_code=True)
def asked_and_measured(LETTERS, MEASURE, OUT, QUICK, gettext, lab, mo, newest_or_reference):
    def asked(name, *changes):
        """The question of an experiment, to be predicted; with what may be changed about it, options of its `run`."""
        (question,) = lab[name].questions
        lettered = zip(LETTERS, question.sentences, strict=False)
        answers = {f"{letter}: {gettext(answer)}": answer for letter, answer in lettered}
        named = {", ".join(f"{key}={value!r}" for key, value in options.items()): options for options in changes}
        predict = gettext("**Predict:** {question}").format(question=gettext(question.sentence))
        as_it_is = gettext("as it is")
        return mo.md(f"## {gettext(lab[name].question)}\n\n{predict}\n\n{{answer}}").batch(
            answer=mo.ui.radio(answers),
            measure=mo.ui.run_button(label=gettext("Measure it here")),
            vary=mo.ui.dropdown({as_it_is: {}, **named}, value=as_it_is, label=gettext("with")),
        )

    def measured(name, choice, **options):
        """What the experiment measures now, if it is to; else its newest session here, or the reference."""
        if MEASURE or choice.value["measure"]:
            return lab[name].run(**{"quick": QUICK, "out": OUT, **options, **choice.value["vary"]})
        return newest_or_reference(name, OUT)

    return asked, measured


@app.cell(hide_code=True)
def drawn_beside(GilLabError, Results, gettext, is_reference, mo, reference_folder):
    def drawn(picture, *wanted):
        """A picture, or what it needs: one core, or a missing Python, must not end the lecture."""
        try:
            return picture(*wanted)
        except GilLabError as reason:
            return mo.callout(gettext(str(reason)))

    def beside(results, name, *wanted, part=lambda whole: whole):
        """A picture, of those results or a part of them; of what was measured here, with that of the reference."""
        here = drawn(getattr(part(results), name), *wanted)
        if is_reference(results):
            return here
        reference = Results.read(reference_folder() / results.session.experiment)
        there = drawn(getattr(part(reference), name), *wanted)
        headings = [mo.md(gettext("**Here**")), mo.md(gettext("**Reference**"))]
        columns = [mo.vstack(pair) for pair in zip(headings, (here, there), strict=True)]
        return mo.hstack(columns, widths="equal", align="start", gap=1)

    def busiest(results):
        """Its first work under the most workers."""
        most = max(row.cell.workers for row in results)
        return results.where(workload=results.rows[0].cell.workload, workers=most)

    return beside, busiest, drawn


@app.cell(hide_code=True)
def shown_after_a_choice(PREDICT, beside, drawn, evidence, gettext, is_reference, lab, mo, paragraphs, why):
    def left_no_room(results):
        """A warning, if this machine was too busy to say anything; else nothing."""
        flagged = [row for row in results if row.flagged]
        if is_reference(results) or 2 * len(flagged) < len(results):
            return []
        others = max(row.other_cores_busy or 0.0 for row in flagged)
        text = gettext(
            "This machine was too busy. Every round of {flagged} of {count} cells is flagged; others kept {cores} "
            "cores busy. Look at the reference, or measure again."
        ).format(flagged=len(flagged), count=len(results), cores=f"{others:.1f}")
        return [mo.callout(text, kind="warn")]

    def answer(results, chosen):
        """Whether the prediction is right, what was measured, and why."""
        (found,) = results.answered
        said = gettext("Right is: {answer}.").format(answer=gettext(found.right))
        said = gettext("Right.") if chosen == found.right else said
        said = said if found.right else gettext("It cannot be said which answer is right.")
        kind = "success" if found.right and chosen == found.right else "neutral"
        measured = gettext("Measured: {evidence}").format(evidence=evidence(found))
        return mo.callout(mo.md(f"**{said}** {why(found)}\n\n{measured}"), kind=kind)

    def shown(choice, results, *pictures, text, table=None, **options):
        """What there is to see of an experiment, from the top, once its result was predicted."""
        if PREDICT and not choice.value["answer"]:
            return mo.md(gettext("*Predict first; then it opens.*"))
        pictures = [(one,) if isinstance(one, str) else one for one in pictures]
        return mo.vstack(
            [
                answer(results, choice.value["answer"]),
                *left_no_room(results),
                mo.md(paragraphs(text)),
                mo.hstack([choice.elements["measure"], choice.elements["vary"]], justify="start", gap=1),
                *(beside(results, *wanted, **options) for wanted in pictures),
                *([results.where(**table)] if table else []),
                lab[results.session.experiment].check(results),
                mo.accordion({gettext("Replay"): drawn(results.replay), gettext("All numbers"): results}),
            ],
            gap=1,
        )

    return answer, shown


@app.cell(hide_code=True)
def headed_and_practised(every_exercise, gettext, mo, paragraphs):
    def headed(chapter, text):
        """The beginning of a chapter: what people can do after it, and how it begins."""
        aim = gettext("After this chapter you can {aim}.").format(aim=gettext(chapter.aim))
        return mo.md(f"# {gettext(chapter)}\n\n{aim}\n\n{paragraphs(text)}")

    def practised(chapter):
        """Its end: programs that are broken on purpose."""
        rows = [
            f"- {gettext(each.question)} `gil-lab exercise {name}`"
            for name, each in every_exercise().items()
            if each.chapter is chapter
        ]
        return mo.md("\n\n".join([gettext("### Repair what is broken"), "\n".join(rows)]))

    return headed, practised


@app.cell(hide_code=True)
def chapter_models(Chapter, headed):
    headed(
        Chapter.MODELS,
        """
        Two words for two things that are often confused. **Concurrent**: several tasks are *in flight*, begun and not
        ended. **Parallel**: several *cores are busy*. Both are measured here, from outside.
        """,
    )
    return


@app.cell(hide_code=True)
def ask_cpu_bound(asked):
    cpu_bound = asked("cpu-bound", {"workloads": "sha256"})
    cpu_bound
    return (cpu_bound,)


@app.cell
def see_cpu_bound(WORKERS, cpu_bound, measured, shown):
    cpu_bound_results = measured("cpu-bound", cpu_bound, workers=WORKERS)
    shown(
        cpu_bound,
        cpu_bound_results,
        "map",
        ("timeline", "threading", "multiprocessing"),
        text="""
        **Watch** the map. To the right: more tasks in flight. Upwards: more cores busy. Threads and coroutines are only
        further to the right: they take turns. In the timeline their tasks are *blocked*, by the GIL; those of processes
        are *ready*, for lack of cores. `numba-nogil` uses the very same threads as `threading`.

        **Change a number and measure again:** the workers at the top, or `workloads="sha256"`: plain Python threads,
        and yet parallel. Why?
        """,
    )
    return (cpu_bound_results,)


@app.cell(hide_code=True)
def ask_concurrency_parallelism(asked):
    concurrency_parallelism = asked("concurrency-parallelism", {"workers": 8}, {"workloads": "mixed"})
    concurrency_parallelism
    return (concurrency_parallelism,)


@app.cell
def see_concurrency_parallelism(concurrency_parallelism, measured, shown):
    concurrency_parallelism_results = measured("concurrency-parallelism", concurrency_parallelism)
    shown(
        concurrency_parallelism,
        concurrency_parallelism_results,
        "map",
        text="""
        The same run twice: free, and pinned to one core (`+cores=1`). **Watch** what stays and what falls. In flight
        stays: concurrency needs no cores. Cores busy falls to one, and with it the gain of the processes. Threads under
        the GIL have nothing to lose, and neither has waiting.

        **Change a number and measure again:** `workers=8`, or `workloads="mixed"`.
        """,
    )
    return (concurrency_parallelism_results,)


@app.cell(hide_code=True)
def ask_scaling(asked):
    scaling = asked("scaling", {"workloads": "mandelbrot"})
    scaling
    return (scaling,)


@app.cell
def see_scaling(measured, scaling, shown):
    scaling_results = measured("scaling", scaling)
    shown(
        scaling,
        scaling_results,
        "scaling",
        text="""
        One worker, two, and so on to twice the cores, on purpose. **Watch** where each line stops rising, and which one
        never rises. More workers than cores are more concurrent, but not more parallel. A law of scaling says how much
        of the work only one worker can do at a time, and how far it may be believed.

        **Change a number and measure again:** `workloads="mandelbrot"`, whose tasks are uneven.
        """,
    )
    return (scaling_results,)


@app.cell(hide_code=True)
def ask_oversubscription(asked):
    oversubscription = asked("oversubscription", {"workers": 8})
    oversubscription
    return (oversubscription,)


@app.cell
def see_oversubscription(measured, oversubscription, shown):
    oversubscription_results = measured("oversubscription", oversubscription)
    shown(
        oversubscription,
        oversubscription_results,
        "matrix",
        text="""
        NumPy spreads one product of matrices over all cores by itself. **Watch** how many cores are busy with one task
        at a time, and what happens when each of several processes does the same. joblib knows, and divides the cores.

        **Change a number and measure again:** `workers=8`: how many threads are there then?
        """,
    )
    return (oversubscription_results,)


@app.cell(hide_code=True)
def ask_dispatch(asked):
    dispatch = asked("dispatch", {"workers": 4}, {"strategies": ("joblib-threading", "joblib-threading by 64")})
    dispatch
    return (dispatch,)


@app.cell
def see_dispatch(dispatch, measured, shown):
    dispatch_results = measured("dispatch", dispatch)
    shown(
        dispatch,
        dispatch_results,
        "dispatch",
        text="""
        The same computing, cut into tasks of 1 µs to 100 ms. **Watch** where a line is flat: that is what handing a
        task over takes, however little there is to do. Where it falls below the dashed line of `sequential`, the
        strategy pays. How far apart are the first and the last chunk there? And to the right, where tasks are long:
        which chunk is worst, and why? Look at *tail* in the tables.

        **Change a number and measure again:** `workers=4`, more than there may be cores; or threads, which hand over
        for less and gain nothing here.
        """,
    )
    return (dispatch_results,)


@app.cell(hide_code=True)
def ask_mixed(asked):
    mixed = asked("mixed", {"strategies": ("threading", "asyncio-threads", "multiprocessing")})
    mixed
    return (mixed,)


@app.cell
def see_mixed(measured, mixed, shown):
    mixed_results = measured("mixed", mixed)
    shown(
        mixed,
        mixed_results,
        "map",
        text="""
        Fetch, then compute. The waits overlap under every model, the computing only where several cores can be busy.
        **Watch** how far up each strategy is on the map.

        **Change a number and measure again:** `strategies=("threading", "asyncio-threads", "multiprocessing")`: what
        does a thread for each task change?
        """,
    )
    return (mixed_results,)


@app.cell(hide_code=True)
def practise_models(Chapter, practised):
    practised(Chapter.MODELS)
    return


@app.cell(hide_code=True)
def chapter_waiting(Chapter, headed):
    headed(
        Chapter.WAITING,
        """
        Most programs wait more than they compute: for a server, a disk, a user. Waiting needs no core.
        """,
    )
    return


@app.cell(hide_code=True)
def ask_io_bound(asked):
    io_bound = asked("io-bound", {"workers": 32}, {"workloads": ("sleep", "files")})
    io_bound
    return (io_bound,)


@app.cell
def see_io_bound(io_bound, measured, shown):
    io_bound_results = measured("io-bound", io_bound)
    shown(
        io_bound,
        io_bound_results,
        "map",
        text="""
        Pages from a slow server. **Watch** the lower right corner: all of them are there. Threads and coroutines are as
        fast as processes, and start almost for free.

        **Change a number and measure again:** `workers=32`, and `workloads=("sleep", "files")`: is the disk like the
        network?
        """,
    )
    return (io_bound_results,)


@app.cell(hide_code=True)
def ask_sync_async(asked):
    sync_async = asked("sync-async", {"workers": (1, 2, 3)})
    sync_async
    return (sync_async,)


@app.cell
def see_sync_async(measured, shown, sync_async):
    sync_async_results = measured("sync-async", sync_async)
    shown(
        sync_async,
        sync_async_results,
        "timeline",
        text="""
        A morning: the kettle, the washing machine, the shower, the hair, the tea. Synchronous means standing by the
        kettle until the water boils: that takes the *sum of all*. Asynchronous means doing something else meanwhile:
        that takes the *critical path*, and nothing can take less. **Watch** the order of events, and
        `morning+blocking`, which looks asynchronous and is not.

        **Change a number and measure again:** `workers=(1, 2, 3)`: how many hands does the morning need?
        """,
    )
    return (sync_async_results,)


@app.cell(hide_code=True)
def ask_connections(asked):
    connections = asked("connections", {"workers": 2000}, {"size": 5})
    connections
    return (connections,)


@app.cell
def see_connections(connections, measured, shown):
    connections_results = measured("connections", connections)
    shown(
        connections,
        connections_results,
        "map",
        text="""
        So many requests at once, each on a connection of its own, to a server that answers after 50 to 200 ms. Ten take
        every model the same time. **Watch** what a thousand take beyond those 200 ms: each request has a price in CPU
        time.

        **Change a number and measure again:** `size=5`, with which the server answers after 5 to 20 ms: who feels it?
        """,
    )
    return (connections_results,)


@app.cell(hide_code=True)
def practise_waiting(Chapter, practised):
    practised(Chapter.WAITING)
    return


@app.cell(hide_code=True)
def chapter_sharing(Chapter, headed):
    headed(
        Chapter.SHARING,
        """
        Threads share memory, processes do not. That decides what they cost, and what can go wrong.
        """,
    )
    return


@app.cell(hide_code=True)
def ask_threads_processes(asked):
    threads_processes = asked("threads-processes", {"workloads": "send", "size": (1000, 100_000, 10_000_000)})
    threads_processes
    return (threads_processes,)


@app.cell
def see_threads_processes(measured, shown, threads_processes):
    threads_processes_results = measured("threads-processes", threads_processes)
    shown(
        threads_processes,
        threads_processes_results,
        table={"workload": "send", "size": max(row.cell.size for row in threads_processes_results)},
        text="""
        `send` passes data to a task: a thread gets a reference, a process a copy through a pipe, or only a name if the
        data is in shared memory. All tasks read `table`: **watch** *PSS a worker*. In `table+deleted` one task deletes
        it for a moment: **watch** which others miss it.

        **Change a number and measure again:** `workloads="send", size=(1_000, 100_000, 10_000_000)`: from which size on
        does shared memory pay?
        """,
    )
    return (threads_processes_results,)


@app.cell(hide_code=True)
def ask_handing_over(asked):
    handing_over = asked("handing-over", {"python": "3.14"}, {"workloads": "send", "size": (1_000, 1_000_000)})
    handing_over
    return (handing_over,)


@app.cell
def see_handing_over(handing_over, measured, shown):
    handing_over_results = measured("handing-over", handing_over)
    shown(
        handing_over,
        handing_over_results,
        "sizes",
        text="""
        The same millisecond of work, with more and more to be sent to it. **Watch** where a line crosses that of
        sequential work: there a second worker ceases to pay. A reference never does; a pickle is five copies; out of
        band it is one; a name in shared memory none. joblib maps arrays of more than 1 MB, and pickles smaller ones:
        **watch** its line fall.

        **Change a number and measure again:** `python="3.14"` has subinterpreters: how many copies do they make, of
        bytes and of a `memoryview`?
        """,
    )
    return (handing_over_results,)


@app.cell(hide_code=True)
def ask_races(asked):
    races = asked("races", {"size": 100})
    races
    return (races,)


@app.cell
def see_races(measured, races, shown):
    races_results = measured("races", races)
    shown(
        races,
        races_results,
        table={"workload": "counter", "strategy": "threading"},
        text="""
        All threads increment one counter: read, compute, write. **Watch** *lost share*. The GIL protects the
        interpreter, not your program. `counter.value += 1` is correct by luck, and only with a GIL; `+lock` is correct
        everywhere, at a price.

        **Change a number and measure again:** `size=100`: why does a test with small numbers find nothing?
        """,
    )
    return (races_results,)


@app.cell(hide_code=True)
def ask_thread_states(asked):
    thread_states = asked("thread-states", {"workloads": "sha256"})
    thread_states
    return (thread_states,)


@app.cell
def see_thread_states(busiest, measured, shown, thread_states):
    thread_states_results = measured("thread-states", thread_states)
    shown(
        thread_states,
        thread_states_results,
        "states",
        ("timeline", "threading", "multiprocessing"),
        part=busiest,
        text="""
        A task that has begun is *running*, *ready* (it waits for a core) or *blocked* (for something else: I/O, a lock,
        the GIL). From outside, eight threads and eight processes on two cores look the same, and neither is faster than
        two. **Watch** the states: they distinguish the GIL from a lack of cores.

        **Change a number and measure again:** `workloads="sha256"`, C code that releases the GIL. Which share becomes
        larger, and which smaller?
        """,
    )
    return (thread_states_results,)


@app.cell(hide_code=True)
def ask_start_up(asked):
    start_up = asked("start-up", {"workers": (2, 16)}, {"python": "all"})
    start_up
    return (start_up,)


@app.cell
def see_start_up(measured, shown, start_up):
    start_up_results = measured("start-up", start_up)
    shown(
        start_up,
        start_up_results,
        "matrix",
        text="""
        Next to nothing to do, and two or eight workers to do it. **Watch** the marginal cost per worker, in
        milliseconds and in megabytes. A thread costs next to nothing; a forked process shares memory until one of them
        writes; a spawned one is a whole Python.

        **Change a number and measure again:** `workers=(2, 16)`, or `python="all"`.
        """,
    )
    return (start_up_results,)


@app.cell(hide_code=True)
def practise_sharing(Chapter, practised):
    practised(Chapter.SHARING)
    return


@app.cell(hide_code=True)
def chapter_gil(Chapter, headed):
    headed(
        Chapter.GIL,
        """
        One lock around the interpreter: what it costs, what a Python without it costs, and which threads have to wait.
        """,
    )
    return


@app.cell(hide_code=True)
def ask_free_threading(asked):
    free_threading = asked("free-threading", {"workloads": "sha256"})
    free_threading
    return (free_threading,)


@app.cell
def see_free_threading(free_threading, measured, shown):
    free_threading_results = measured("free-threading", free_threading)
    shown(
        free_threading,
        free_threading_results,
        "matrix",
        text="""
        The same threads, the same source, every Python on this machine. **Watch** *cores busy* of `threading`: about
        one with a GIL, all of them without. Then the seconds of `sequential`: the *build tax*. The arm `+gil`, the same
        build with its GIL on, shows whether it is the price of the build or of the GIL.

        **Change a number and measure again:** `workloads="sha256"`: what gains nothing from a Python without a GIL?
        """,
    )
    return (free_threading_results,)


@app.cell(hide_code=True)
def ask_convoy(asked):
    convoy = asked("convoy", {"workers": 8}, {"python": "this+switch=0.1ms"})
    convoy
    return (convoy,)


@app.cell
def see_convoy(convoy, measured, shown):
    convoy_results = measured("convoy", convoy)
    shown(
        convoy,
        convoy_results,
        "delays",
        text="""
        A service computes, and has to answer meanwhile: a heartbeat is due every 7 ms. **Watch** how late it is. A
        thread that has waited for I/O gets the GIL back after a switch interval; beside several computing threads after
        several: the convoy effect. An event loop is responsive only if its tasks yield often.

        **Change a number and measure again:** `workers=8`, or `python="this+switch=0.1ms"`.
        """,
    )
    return (convoy_results,)


@app.cell(hide_code=True)
def ask_released(asked):
    released = asked(
        "released", {"python": "3.14"}, {"workloads": ("released", "released+sha256", "released+json-dumps")}
    )
    released
    return (released,)


@app.cell
def see_released(measured, released, shown):
    released_results = measured("released", released)
    shown(
        released,
        released_results,
        "releases",
        text="""
        Two threads make the same call all the time. **Watch** for what share of its time a call lets go of the GIL.
        What works on Python objects holds it; C code that needs none lets go, and so does what waits. `gil-lab releases
        'EXPRESSION'` asks the same of a call of your own.

        **Change a number and measure again:** `python="3.14"`, or a few calls only.
        """,
    )
    return (released_results,)


@app.cell(hide_code=True)
def ask_contention(asked):
    contention = asked("contention", {"python": ("3.13t", "3.14t")}, {"size": 20_000})
    contention
    return (contention,)


@app.cell
def see_contention(contention, measured, shown):
    contention_results = measured("contention", contention)
    shown(
        contention,
        contention_results,
        "ladder",
        text="""
        Each operation is done on one object that all threads share, and compared with itself in one thread. **Watch**
        how much of the dashed line, the ceiling, it loses. Without a GIL, what is shared has to be handed from core to
        core: a lock, a dictionary, and even the reference count of an object that is only read.

        **Change a number and measure again:** `python=("3.13t", "3.14t")`.
        """,
    )
    return (contention_results,)


@app.cell(hide_code=True)
def practise_gil(Chapter, practised):
    practised(Chapter.GIL)
    return


@app.cell(hide_code=True)
def chapter_running(Chapter, headed):
    headed(
        Chapter.RUNNING,
        """
        Source is never run directly. It becomes tokens, a tree, bytecode; then an interpreter runs the bytecode, or a
        compiler turns it into machine code: before the program runs, or while it does.
        """,
    )
    return


@app.cell(hide_code=True)
def ask_compilation(asked):
    compilation = asked("compilation", {"python": ("this", "3.14")})
    compilation
    return (compilation,)


@app.cell
def see_compilation(compilation, measured, shown):
    compilation_results = measured("compilation", compilation)
    shown(
        compilation,
        compilation_results,
        "speedups",
        text="""
        A `.pyc` file is a code object on disk. **Watch** what it saves: everything before the code object is expensive,
        everything after it is cheap. Then the observations: one iteration of a loop has about as many instructions in
        bytecode as in machine code. What differs is the price of one.

        **Change a number and measure again:** `python=("this", "3.14")`. And read the stages: `gil-lab inspect primes
        --stage types`, `llvm`, `asm`.
        """,
    )
    return (compilation_results,)


@app.cell
def read_bytecode(count_primes, gettext, mo, python_code):
    mo.accordion(
        {gettext("What CPython's interpreter runs of count_primes"): mo.plain_text(python_code.text(count_primes))}
    )
    return


@app.cell(hide_code=True)
def ask_implementations(asked):
    implementations = asked("implementations", {"size": 30}, {"python": "all"})
    implementations
    return (implementations,)


@app.cell
def see_implementations(implementations, measured, shown):
    implementations_results = measured("implementations", implementations)
    shown(
        implementations,
        implementations_results,
        "warm_up",
        "matrix",
        text="""
        One function, `count_primes`, unchanged. CPython interprets its bytecode; PyPy too, until a loop is hot; Numba
        compiles it before the first pass; Cython translates it to C. **Watch** the first pass compared with later ones,
        the compilation time, and how little Cython gains as long as every name may refer to anything
        (`cython-untyped`).

        **Change a number and measure again:** `size=30`: what still gains when there is hardly any work? Or
        `python="all"`.
        """,
    )
    return (implementations_results,)


@app.cell(hide_code=True)
def ask_warm_up(asked):
    warm_up = asked("warm-up", {"size": 10}, {"size": 10_000})
    warm_up
    return (warm_up,)


@app.cell
def see_warm_up(measured, shown, warm_up):
    warm_up_results = measured("warm-up", warm_up)
    shown(
        warm_up,
        warm_up_results,
        "speedups",
        text="""
        About a millisecond of work for plain Python. **Watch** when compilation is paid for: in each pass (`+lazy`), in
        the decorator (`+eager`), hardly, because the machine code is on disk (`+cached`), or only once (`+compiled`,
        which is what benchmarks show). Then *calls to pay back*.

        **Change a number and measure again:** `size=10` and `size=10_000`: after how many calls does it pay off now?
        """,
    )
    return (warm_up_results,)


@app.cell(hide_code=True)
def practise_running(Chapter, practised):
    practised(Chapter.RUNNING)
    return


@app.cell(hide_code=True)
def chapter_slow(Chapter, headed):
    headed(
        Chapter.SLOW,
        """
        Not only because it is interpreted. A name can refer to anything, and so each number is an object.
        """,
    )
    return


@app.cell(hide_code=True)
def ask_dynamic_types(asked):
    dynamic_types = asked("dynamic-types", {"size": 1_000_000}, {"python": "pypy3.11"})
    dynamic_types
    return (dynamic_types,)


@app.cell
def see_dynamic_types(dynamic_types, measured, shown):
    dynamic_types_results = measured("dynamic-types", dynamic_types)
    shown(
        dynamic_types,
        dynamic_types_results,
        "speedups",
        text="""
        The same numbers, added up in seven ways. **Watch** *bytes an element* and *allocations an element* beside the
        seconds. A NumPy array is not faster by itself: read element by element, it is slower than a list.

        **Change a number and measure again:** `size=1_000_000`, and `python="pypy3.11"`, where a list of integers is an
        array behind the scenes.
        """,
    )
    return (dynamic_types_results,)


@app.cell(hide_code=True)
def practise_slow(Chapter, practised):
    practised(Chapter.SLOW)
    return


@app.cell(hide_code=True)
def chapter_numba(Chapter, headed):
    headed(
        Chapter.NUMBA,
        """
        It compiles a subset of Python, and of NumPy, to machine code. Know that subset.
        """,
    )
    return


@app.cell(hide_code=True)
def ask_numba_strengths(asked):
    numba_strengths = asked("numba-strengths", {"size": 2_500_000})
    numba_strengths
    return (numba_strengths,)


@app.cell
def see_numba_strengths(measured, numba_strengths, shown):
    numba_strengths_results = measured("numba-strengths", numba_strengths)
    shown(
        numba_strengths,
        numba_strengths_results,
        "speedups",
        text="""
        Pi from points in a square. **Watch** *lines changed* beside the speed-up: on a plain loop one decorator does
        wonders; on NumPy code, whose loops are compiled already, it does little. `parallel=True` fuses the loops, and
        then uses the cores, without a `prange` in the source (`+automatic`).

        **Change a number and measure again:** `size=2_500_000`: larger than any cache.
        """,
    )
    return (numba_strengths_results,)


@app.cell(hide_code=True)
def ask_numba_limits(asked):
    numba_limits = asked("numba-limits", {"workloads": "neighbours+boundscheck", "size": 1_000_000})
    numba_limits
    return (numba_limits,)


@app.cell
def see_numba_limits(measured, numba_limits, shown):
    numba_limits_results = measured("numba-limits", numba_limits)
    shown(
        numba_limits,
        numba_limits_results,
        "speedups",
        text="""
        Each limit is executed; the messages among the observations are Numba's own. **Watch** the wrong index: plain
        Python raises, compiled code returns a wrong answer without any message. No DataFrame and no plain class in
        nopython mode; and what each workaround costs.

        **Change a number and measure again:** `workloads="neighbours+boundscheck", size=1_000_000`: what does bounds
        checking cost?
        """,
    )
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
            mixed_results,
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
