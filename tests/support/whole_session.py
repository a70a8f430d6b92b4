"""A whole session on disk, with tasks, passes and samples, of trials that nobody has measured."""

from dataclasses import replace

from made import cell, measurement, result, sample, spans, trial

from gil_lab.model.records import Pass
from gil_lab.sessions.writer import Folder

MACHINE = {"host": "here", "cpu": "a cpu", "cores": 2, "usable_cores": 2, "system": "Linux"}


def measured(wall_ms, workers):
    """Of a pass that took so long, with tasks that were dealt out to the workers."""
    ns = wall_ms * 1_000_000
    passes = (Pass("warm-up", 0, ns), Pass("timed", 2 * ns, 3 * ns), Pass("traced", 4 * ns, 5 * ns))
    made = tuple(
        replace(span, begin_ns=4 * ns, end_ns=5 * ns, running_ns=ns // 2, ready_ns=ns // 4) for span in spans(workers)
    )
    samples = tuple(sample(2 * ns + step * ns // 4, (step / 10, 0.0), child_s=step / 10) for step in range(5))
    return measurement(passes=passes, spans=made, samples=samples)


def session(out, factor=1, rounds=3):
    """A whole session on disk: sequential, threads and processes."""
    folder = Folder(out, "cpu-bound", "here", {"experiment": "cpu-bound", "machine": MACHINE, "trials": 3 * rounds}, {})
    walls = {"sequential": 400, "threading": 404, "multiprocessing": 200}
    number = 0
    for round_ in range(1, rounds + 1):
        for strategy, wall_ms in walls.items():
            number += 1
            workers = 1 if strategy == "sequential" else 8
            planned = trial(number=number, round=round_, cell=cell(strategy, workers=workers))
            took = measured(round(wall_ms * factor) + round_, workers)
            folder.append(result(trial=planned, measurement=took))
    folder.close()
    return folder.path
