"""`gil-lab run`."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gil_lab.cli import parsing
from gil_lab.cli.parsing import folder

if TYPE_CHECKING:  # --help must not wait for what only a run needs
    from collections.abc import Mapping

    from gil_lab.experiment import Experiment
    from gil_lab.measuring.machine_load import LoadWatch
    from gil_lab.sessions.options import Options
    from gil_lab.sessions.run import PreparedSession
    from gil_lab.suite.catalogue import Catalogue

Several = list[str] | None
WITH_RESUME = ("experiment", "python", "dry_run", "strict", "resume", "force", "wait_quiet", "verbose")
"""What may be given when a session is resumed; all other options are part of its plan."""


def run(
    experiment: Annotated[
        str, typer.Argument(metavar="[EXPERIMENT|FILE.py|all]", help="What to run; see gil-lab list.")
    ] = "",
    workers: Annotated[Several, typer.Option(metavar="N[,N...]", help="Workers in each pool.")] = None,
    strategy: Annotated[Several, typer.Option(metavar="NAME[,...]", help="Only these, with their references.")] = None,
    workload: Annotated[Several, typer.Option(metavar="NAME[,...]", help="Other work instead.")] = None,
    python: Annotated[Several, typer.Option(metavar="NAME|PATH", help="Which Pythons; see gil-lab pythons.")] = None,
    library_threads: Annotated[
        str | None, typer.Option(metavar="N", help="Threads that libraries may use inside each task. [default: 1]")
    ] = None,
    cluster: Annotated[
        str | None, typer.Option(metavar="tcp://HOST:PORT", help="A running cluster for dask and joblib-dask.")
    ] = None,
    tasks: Annotated[str | None, typer.Option(metavar="N", help="Number of tasks.")] = None,
    size: Annotated[Several, typer.Option(metavar="N[,N...]", help="Size of one task, in the workload's unit.")] = None,
    chunk: Annotated[
        str | None,
        typer.Option(metavar="N|all|auto", help="Tasks handed to a worker at a time. [default: as the API does]"),
    ] = None,
    budget: Annotated[
        str | None, typer.Option(metavar="TIME", help="Measure for so long: 30s, 5m. [default: 7.5 s a cell]")
    ] = None,
    precision: Annotated[
        str | None, typer.Option(metavar="PERCENT", help="Stop before if each speed-up is known within that: 5%.")
    ] = None,
    threshold: Annotated[
        str | None, typer.Option(metavar="PERCENT", help="Smaller differences do not matter. [default: 2%]")
    ] = None,
    rounds: Annotated[
        str | None, typer.Option(metavar="N", help="Exactly so many turns of each cell, whatever the time.")
    ] = None,
    min_time: Annotated[str | None, typer.Option(metavar="S", help="Seconds of a turn. [default: 0.05]")] = None,
    timeout: Annotated[
        str | None, typer.Option(metavar="S", help="Time limit of a start or a turn in seconds. [default: 60]")
    ] = None,
    seed: Annotated[
        str | None, typer.Option(metavar="N", help="Seed of the random order. [default: a new one]")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", parser=folder("out"), help="Where to create the session's folder. [default: results]"
        ),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A quarter of the time: wider intervals.")] = False,
    wait_quiet: Annotated[
        bool, typer.Option("--wait-quiet", help="Begin when other programs leave the cores alone.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the trials without running them.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit code 3 also if a trial is flagged.")] = False,
    resume: Annotated[
        Path | None, typer.Option(metavar="SESSION", help="Measure what is missing in that session, as planned.")
    ] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="End with all evidence: map, verdicts, flags, claims.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Resume although something has changed.")] = False,
    predict: Annotated[
        bool, typer.Option("--predict", help="First a question: predict the result, then see it.")
    ] = False,
) -> int:
    """Run an experiment (or your own FILE.py, or all experiments of the lab), and report on it."""
    planned = {name: value for name, value in locals().items() if name not in WITH_RESUME}
    from gil_lab.cli import run_all
    from gil_lab.cli.outcome import show_plan
    from gil_lab.cli.predicting import check_can_ask
    from gil_lab.measuring.machine_load import LoadWatch
    from gil_lab.model.errors import UsageError
    from gil_lab.sessions.plan import with_library_threads
    from gil_lab.sessions.run import prepare

    watch = LoadWatch()
    options = options_of(
        workers=workers,
        strategy=strategy,
        workload=workload,
        python=python,
        tasks=tasks,
        size=size,
        chunk=chunk,
        budget=budget,
        precision=precision,
        threshold=threshold,
        rounds=rounds,
        min_time=min_time,
        timeout=timeout,
        seed=seed,
        out=out,
        quick=quick,
        cluster=cluster,
    )
    threads = parsing.whole("library-threads", library_threads)
    if resume is not None:
        _check_alone(experiment, planned)
        chosen, prepared = _rest(experiment, resume, options.pythons, force=force)
    else:
        _check_new(experiment, force=force)
        if experiment == run_all.ALL:
            for_one = {"library-threads": threads is not None, "predict": predict, "cluster": cluster is not None}
            if given := [option for option, is_given in for_one.items() if is_given]:
                raise UsageError(f"--{given[0]} is for one experiment; leave out all")
            return run_all.run(options, dry_run=dry_run, strict=strict, wait_quiet=wait_quiet)
        chosen, catalogue = _chosen(experiment)
        if predict and not dry_run:
            check_can_ask(chosen)
        design = chosen.design
        if threads is not None:
            design, options = with_library_threads(threads, design, options)
        prepared = prepare(design, options, catalogue)
    if dry_run:
        show_plan(prepared)
        return 0
    if predict:
        prepared = _predicted(chosen, prepared)
    return _measure(chosen, prepared, watch, wait_quiet=wait_quiet, strict=strict, verbose=verbose)


def options_of(
    *,
    workers: Several,
    strategy: Several,
    workload: Several,
    python: Several,
    tasks: str | None,
    size: Several,
    chunk: str | None,
    budget: str | None,
    precision: str | None,
    threshold: str | None,
    rounds: str | None,
    min_time: str | None,
    timeout: str | None,
    seed: str | None,
    out: Path | None,
    quick: bool,
    cluster: str | None,
) -> "Options":
    """What was typed, as it is meant. Raises UsageError."""
    from gil_lab.sessions.options import Options

    return Options(
        workers=parsing.whole_numbers("workers", workers),
        strategies=parsing.several("strategy", strategy),
        workloads=parsing.several("workload", workload),
        pythons=parsing.several("python", python),
        tasks=parsing.whole("tasks", tasks),
        sizes=parsing.whole_numbers("size", size),
        chunk=parsing.chunk("chunk", chunk),
        rounds=parsing.whole("rounds", rounds),
        budget_s=parsing.duration("budget", budget),
        precision=parsing.share("precision", precision),
        threshold=parsing.share("threshold", threshold),
        min_time_s=parsing.seconds("min-time", min_time),
        timeout_s=parsing.seconds("timeout", "60" if timeout is None else timeout) or 0.0,
        seed=parsing.whole("seed", seed),
        out=out or Path("results"),
        quick=quick,
        cluster=cluster,
    )


def _check_alone(experiment: str, planned: "Mapping[str, object]") -> None:
    """Raise UsageError for options that contradict the plan of the session to resume."""
    from gil_lab.cli import run_all
    from gil_lab.model.errors import UsageError

    if given := [name.replace("_", "-") for name, value in planned.items() if value not in (None, False)]:
        raise UsageError(f"--resume follows the plan of the session; leave out --{given[0]}, or start a new session")
    if experiment == run_all.ALL:
        raise UsageError("--resume continues one session; leave out all")


def _check_new(experiment: str, *, force: bool) -> None:
    from gil_lab.model.errors import UsageError

    if force:
        raise UsageError("--force is for --resume; leave it out")
    if not experiment:
        raise UsageError("Missing argument 'EXPERIMENT|FILE.py|all'; see gil-lab run --help")


def _rest(
    experiment: str, folder: Path, pythons: "tuple[str, ...] | None", *, force: bool
) -> "tuple[Experiment, PreparedSession]":
    """What is missing in a session, and its experiment; without a name, the lab's own one."""
    from gil_lab.experiment import Experiment
    from gil_lab.model.errors import UsageError
    from gil_lab.sessions.resume import rest
    from gil_lab.suite.catalogue import Catalogue, names, variant

    chosen, catalogue = _chosen(experiment) if experiment else (None, Catalogue())
    prepared = rest(folder, catalogue, pythons, force=force)
    name = prepared.design.name
    if chosen is None and name in names("experiments"):
        chosen = variant("experiments", "EXPERIMENT", name)
    if chosen is not None and chosen.design.name != name:
        raise UsageError(
            f"{folder} is a session of {name}, not of {chosen.design.name}; leave {chosen.design.name} out"
        )
    return chosen or Experiment("", prepared.design), prepared


def _chosen(experiment: str) -> "tuple[Experiment, Catalogue]":
    """An experiment of the lab, or of a user's file."""
    from gil_lab.cli.suggestion import runs_instead
    from gil_lab.experiment import own_files
    from gil_lab.model.errors import UsageError
    from gil_lab.suite.catalogue import Catalogue, check_known, names, variant

    if not experiment.endswith(".py") and "/" not in experiment:
        if experiment not in names("experiments") and (instead := runs_instead(experiment)):
            raise UsageError(instead)
        check_known("experiment", experiment, names("experiments"))
        return variant("experiments", "EXPERIMENT", experiment), Catalogue()
    catalogue = own_files.read(Path(experiment))
    if catalogue.experiment and (name := catalogue.experiment.design.name) in names("experiments"):
        raise UsageError(f"{experiment} calls its experiment {name}, as one of the lab's; give it another name")
    return catalogue.experiment or _default_experiment(Path(experiment), catalogue), catalogue


def _default_experiment(file: Path, catalogue: "Catalogue") -> "Experiment":
    """For a file without an experiment: its workloads (else the lab's first) under all models and its strategies."""
    from gil_lab.experiment import Experiment
    from gil_lab.sessions.options import MAX_NAME_CHARACTERS
    from gil_lab.sessions.plan import MODELS, Design
    from gil_lab.suite.catalogue import names

    name = re.sub(r"[^A-Za-z0-9]+", "-", file.stem)[:MAX_NAME_CHARACTERS].strip("-") or "file"
    name += "-file" * (name.lower() in names("experiments"))  # results of the lab's own lie under that name
    return Experiment("", Design(name, tuple(catalogue.workloads) or ("primes",), (*MODELS, *catalogue.strategies)))


def _predicted(experiment: "Experiment", prepared: "PreparedSession") -> "PreparedSession":
    """The session with what the user predicts of it."""
    from dataclasses import replace

    from gil_lab.cli.predicting import asked
    from gil_lab.cli.terminal.screen import Screen

    options = replace(prepared.options, prediction=asked(Screen(), experiment))
    return replace(prepared, options=options)


def _measure(
    experiment: "Experiment",
    prepared: "PreparedSession",
    watch: "LoadWatch",
    *,
    wait_quiet: bool,
    strict: bool,
    verbose: bool,
) -> int:
    from gil_lab.cli.outcome import checked_claims, exit_code, show, show_answer
    from gil_lab.cli.predicting import show_prediction
    from gil_lab.cli.quiet import note_load
    from gil_lab.cli.terminal.progress import progress_for
    from gil_lab.cli.terminal.screen import Screen
    from gil_lab.experiment import measure
    from gil_lab.sessions.crash_log import traceback_kept

    screen = Screen(drop_unwritable=True)
    if prepared.earlier and not prepared.trials:
        screen.print("Nothing is missing in this session.")
    else:
        note_load(screen, watch, prepared.machine.usable_cores, wait=wait_quiet)
    with progress_for(screen, prepared) as watcher:
        results = measure(prepared, watcher)
    with traceback_kept(results.folder):
        show_prediction(screen, results)
        (show if verbose else show_answer)(screen, results, checked_claims(experiment, results))
    return exit_code(results, prepared.options, strict=strict)


COMMAND = run
