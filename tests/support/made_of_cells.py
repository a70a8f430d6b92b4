"""Sessions made up for tests of the pictures that are drawn from summaries: cells with the numbers that matter."""

from dataclasses import dataclass, replace

from made import cell, failed, summary

from gil_lab.analysis.estimates import estimate
from gil_lab.analysis.summaries import break_even_s
from gil_lab.analysis.verdicts import region
from gil_lab.model.records import Flag

HOSTILE = "</script><script>alert(1)</script>\u202e\x1b[31m${x}'];alert(1);['"


@dataclass
class Made:
    """What pictures are drawn from."""

    rows: list
    usable_cores: int | None = 2
    timelines: tuple = ()
    gil_timelines: tuple = ()
    core_series: tuple = ()
    across: tuple = ()
    observed: tuple = ()
    scalings: tuple = ()
    calibrations: tuple = ()
    polls: tuple = ()


def measured(strategy, workers=8, in_flight=2.0, busy=1.0, wall_s=0.3, overall=(1.0,), parallel=None, **changes):
    """A cell of three rounds: `overall` and `parallel` are its speed-ups, round by round; one round gives no interval.

    Without `parallel` it runs the form that sequential work has.
    """
    gain, alone = estimate(overall), estimate(overall if parallel is None else parallel)
    before_s = changes.get("startup_s", 0.001) + changes.get("compile_s", 0.0)
    usual = {
        "cell": cell(strategy, workers=workers, **changes.pop("work", {})),
        "wall_s": wall_s,
        "wall_low_s": 0.95 * wall_s,
        "wall_high_s": 1.1 * wall_s,
        "speedup": gain.value,
        "speedup_low": gain.low,
        "speedup_high": gain.high,
        "parallel_speedup": alone.value,
        "parallel_speedup_low": alone.low,
        "parallel_speedup_high": alone.high,
        "efficiency": alone.value / workers,
        "in_flight": in_flight,
        "cores_busy": busy,
        "verdict": region(in_flight, busy),
        "break_even_s": break_even_s(before_s, gain),
        "trials": len(overall),
        "used": len(overall),
    }
    return summary(strategy, **{**usual, **changes})


def sequential(**changes):
    """Plain Python, which the others are compared with."""
    return _of("sequential", 1, changes, in_flight=1.0, wall_s=0.6, overall=(1.0, 1.0, 1.0))


def compiled(**changes):
    """The reference of the compiled strategies: 30 times as fast as plain Python."""
    speed = {"wall_s": 0.02, "overall": (29, 30, 31), "parallel": (1.0, 1.0, 1.0)}
    return _of("numba-sequential", 1, changes, in_flight=1.0, startup_s=0.2, compile_s=0.15, **speed)


def threads(workers=8, **changes):
    """As under the GIL: no difference seen."""
    return _of("threading", workers, changes, in_flight=4.7, wall_s=0.61, overall=(0.97, 0.99, 1.02))


def processes(workers=8, **changes):
    speed = {"wall_s": 0.33, "overall": (1.7, 1.8, 1.95)}
    return _of("multiprocessing", workers, changes, in_flight=6.1, busy=1.96, startup_s=0.02, **speed)


def nogil(workers=8, **changes):
    """Compiled threads: 30 times by compiling, 1.8 times by running at the same time."""
    speed = {"wall_s": 0.011, "overall": (51, 54, 57), "parallel": (1.75, 1.8, 1.85)}
    return _of("numba-nogil", workers, changes, in_flight=2.5, busy=1.8, startup_s=0.2, compile_s=0.16, **speed)


def _of(strategy, workers, changes, **usual):
    return measured(strategy, workers, **{**usual, **changes})


def session():
    """Eight cells: one flagged, one without numbers, one slower than sequential work."""
    return Made(
        [
            sequential(),
            threads(),
            measured("asyncio", 8, 7.9, 1.0, 0.65, (0.9, 0.92, 0.91)),
            processes(),
            failed("joblib", cell=cell("joblib", workers=8)),
            compiled(),
            nogil(),
            measured(
                "numba-parallel",
                8,
                2.2,
                1.94,
                0.0105,
                (55, 57, 60),
                (1.85, 1.9, 2.0),
                startup_s=0.2,
                compile_s=0.5,
                flags=(Flag.DISTURBED,),
            ),
        ]
    )


def grown():
    """Threads and processes of one, two, four and eight workers on two cores; and compiled threads of one and four."""
    rows = [sequential()]
    rows += [threads(workers, in_flight=0.9 * workers) for workers in (1, 2, 4, 8)]
    for workers in (1, 2, 4, 8):
        gain = min(workers, 2) * 0.95
        speed = {"wall_s": 0.6 / gain, "overall": (gain, 0.97 * gain, 1.02 * gain)}
        rows.append(measured("multiprocessing", workers, 0.9 * workers, gain, **speed))
    return Made(
        [
            *rows,
            compiled(),
            nogil(1, in_flight=1.0, busy=1.0, overall=(29, 28, 30), parallel=(0.97, 0.95, 1.01), wall_s=0.021),
            nogil(4),
        ]
    )


def twenty():
    """Twenty cells with long names."""
    names = ("threading", "multiprocessing-forkserver", "multiprocessing-spawn", "asyncio-threads", "joblib-threading")
    rows = [
        measured(name, workers, workers * (0.95 - 0.03 * at), 1 + 0.9 * (at in (1, 2)), 0.3 + at / 50, (1.5, 1.6, 1.7))
        for at, name in enumerate(names)
        for workers in (2, 4, 8, 16)
    ]
    return Made([sequential(), *rows])


def hostile():
    """Names from a file that was made to do harm, two of them alike where they are cut."""
    names = (HOSTILE, "x" * 190, "x" * 90 + "y" + "x" * 99, "datum['a']\"\\")
    work = {"workload": HOSTILE, "interpreter": HOSTILE}
    return Made([sequential(work=work), *(measured(name, overall=(1.7, 1.8, 1.9), work=work) for name in names)])


def one_cell():
    return Made([sequential()], None)


def many_cores():
    """64 workers on 64 cores."""
    rows = [
        measured("multiprocessing", workers, 0.95 * workers, 0.93 * workers, 0.6 / workers, (0.9 * workers,) * 3)
        for workers in (1, 2, 4, 8, 16, 32, 64)
    ]
    return Made([sequential(), threads(64, in_flight=60.0), *rows], 64)


def one_round():
    """No intervals at all."""
    return Made([sequential(), threads(2, overall=(0.9,)), threads(8, overall=(1.1,)), processes(8, overall=(1.8,))])


def two_kinds_of_work():
    rows = [sequential(), threads(4), processes()]
    return Made([*rows, *(replace(each, cell=replace(each.cell, workload="http")) for each in rows)])
