"""Records, rows and files that several test files need, made from the few words that matter to a test."""

import json
from dataclasses import is_dataclass
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from gil_lab.analysis.summaries import Summary
from gil_lab.analysis.verdicts import Verdict
from gil_lab.model.records import (
    Cell,
    CoreSample,
    CpuSpeed,
    Measurement,
    MemoryUse,
    Pass,
    Result,
    StartUpCosts,
    Status,
    TaskSpan,
    Trace,
    Trial,
    Turn,
    Usage,
)
from gil_lab.model.text import one_line
from gil_lab.sessions.csv_table import columns, encoded, encoded_row, layout, values
from gil_lab.sessions.rows import Delays, GilNumbers, IdleShares, Numbers, StateShares, TrialRow, TurnRow

GIL = {"gil_at_start": True, "gil_after_imports": True, "gil": True, "gil_enabled_by": ""}
SEQUENTIAL = frozenset({"sequential", "numba-sequential"})


def cell(strategy="threading", **changes):
    """Of primes, with two workers unless the strategy is sequential."""
    usual = {"workload": "primes", "workers": 1 if strategy in SEQUENTIAL else 2, "interpreter": "3.11"}
    return Cell(strategy=strategy, **{**usual, "tasks": 32, "size": 6500, **changes})


def trial(strategy="threading", number=1, **changes):
    return Trial(
        **{"number": number, "round": 1, "cell": cell(strategy), "min_time_s": 0.5, "timeout_s": 60, **changes}
    )


@cache
def usual_numbers():
    """Of an unflagged trial of threads that kept one core busy."""
    usual = {
        "wall_s": 0.25,
        "launch_s": 0.03,
        "startup_s": 0.001,
        "compile_s": 0.0,
        "warm_up_s": 0.3,
        "passes": 3,
        "cpu_s": 0.25,
        "in_flight": 2.0,
        "cores_busy": 1.0,
        "running_share": 0.5,
        "ready_share": 0.0,
        "blocked_share": 0.5,
        "moved_share": 0.0,
        "other_cores_busy": 0.0,
        "service_cores_busy": 0.0,
        "steal_cores": 0.0,
        "controller_cores_busy": 0.0,
        "pace_before_s": 0.02,
        "pace_after_s": 0.02,
        "workers_seen": 2,
        **GIL,
        "threading_layer": "",
        "versions": "python 3.11.7",
        "peak_rss_bytes": 50_000_000,
        "pss_bytes": 40_000_000,
        "beats": 0,
        "delay_s": None,
        "delay_p99_s": None,
        "delay_max_s": None,
    }
    return from_columns(Numbers, usual)


def numbers(wall_s=0.25, **changes):
    """The usual ones, with other values in some columns or fields."""
    return changed(usual_numbers(), wall_s=wall_s, **changes)


def from_columns(kind, given):
    """A record from values by column, or by field: the records in it are put together."""
    fields = {}
    for field in layout(kind):
        if not field.is_record or isinstance(given.get(field.name), field.kind):
            name = field.name if field.name in given else field.columns[0]
            fields |= {field.name: given[name]} if name in given else {}
        elif given.keys() & set(field.columns):
            inner = dict(zip(columns(field.kind), map(given.get, field.columns), strict=True))
            first, *_ = inner.values()
            fields[field.name] = None if field.may_be_missing and first is None else from_columns(field.kind, inner)
    return kind(**fields)


def changed(record, **changes):
    """Another value in some columns or fields; only the records in it that have one of them are put together anew."""
    given = {}
    for field in layout(type(record)):
        value = getattr(record, field.name)
        if field.is_record and (value is None or changes.keys() & set(field.columns)):
            inner = [None] * len(field.columns) if value is None else values(value)
            given |= dict(zip(field.columns, inner, strict=True))
        elif field.columns[0] not in changes:
            given[field.name] = value
    return from_columns(type(record), {**given, **changes})


def row(strategy="threading", wall_s=0.25, number=1, **changes):
    """One `ok` trial; without `wall_s`, a failed one."""
    usual = {
        "trial": number,
        "round": 1,
        "cell": cell(strategy),
        "status": Status.ERROR if wall_s is None else Status.OK,
        "detail": "",
        "flags": (),
        "began_utc": "2026-11-23T07:15:31+00:00",
    }
    if "numbers" not in changes:
        usual["numbers"] = None if wall_s is None else numbers(wall_s)
    return TrialRow(**{**usual, **changes})


def rounds(strategy, *walls, **changes):
    """One `ok` trial a round."""
    return [row(strategy, wall_s, round=number, **changes) for number, wall_s in enumerate(walls, 1)]


def summary(strategy="threading", **changes):
    """Of three rounds, concurrent and not parallel, as fast as sequential work; fields can be changed."""
    usual = {
        "cell": cell(strategy),
        "status": Status.OK,
        "detail": "",
        "trials": 3,
        "used": 3,
        "drifted": 0,
        "flags": (),
        "wall_s": 0.25,
        "wall_low_s": 0.24,
        "wall_high_s": 0.27,
        "speedup": 0.998,
        "speedup_low": 0.97,
        "speedup_high": 1.03,
        "parallel_speedup": 0.998,
        "parallel_speedup_low": 0.97,
        "parallel_speedup_high": 1.03,
        "efficiency": 0.499,
        "in_flight": 2.0,
        "cores_busy": 1.0,
        "verdict": Verdict.CONCURRENT,
        "running_share": 0.5,
        "ready_share": 0.0,
        "blocked_share": 0.5,
        "moved_share": 0.0,
        "cpu_s": 0.25,
        "launch_s": 0.03,
        "startup_s": 0.001,
        "compile_s": 0.0,
        "other_cores_busy": 0.0,
        **GIL,
        "peak_rss_bytes": 50_000_000,
    }
    return from_columns(Summary, {**usual, **changes})


def failed(strategy="threading", status=Status.TIMEOUT, detail="not done after 60 s", **changes):
    """The summary of a cell that never was `ok`."""
    usual = {"cell": cell(strategy), "trials": 0, "used": 0, "drifted": 0, "flags": ()}
    return from_columns(Summary, {"status": status, "detail": detail, **usual, **changes})


def usage(**changes):
    """A second in which the child kept one core busy, and nobody used the others."""
    usual = {"wall_s": 1.0, "child_s": 1.0, "service_s": 0.0, "controller_s": 0.0, "busy_s": 1.0, "steal_s": 0.0}
    return Usage(**{**usual, **changes})


def spans(workers, tasks=8):
    """Of tasks that were dealt out to this many threads of one process."""
    return tuple(TaskSpan(task, 100, 200 + task % workers, 0, 1000, 500, 0, 0, 0) for task in range(tasks))


def sample(at_ns, busy_s, **changes):
    """Of cores that nobody else used."""
    usual = {"late_ns": 0, "steal_s": (0.0,) * len(busy_s), "child_s": 0.0, "service_s": 0.0, "controller_s": 0.0}
    return CoreSample(at_ns=at_ns, busy_s=busy_s, **{**usual, **changes})


def measurement(**changes):
    """Of two workers that shared one core, on a machine without surprises."""
    usual = {
        "launch_s": 0.03,
        "startup_s": 0.001,
        "compile_s": 0.0,
        "passes": (Pass("warm-up", 0, 300), Pass("timed", 1000, 1250), Pass("traced", 2000, 2250)),
        "spans": spans(2),
        "samples": (sample(1000, (1.0, 2.0)), sample(1300, (1.1, 2.0))),
        "usage": usage(),
        "pace_before_s": 0.02,
        "pace_after_s": 0.02,
        **GIL,
        "threading_layer": "",
        "peak_rss_bytes": None,
        "pss_bytes": None,
    }
    given = {**usual, **changes}
    warm_up, *timed, traced = given.pop("passes")
    traces = (Trace(traced, given.pop("spans")),)
    turn = Turn(1, 1, tuple(timed), given.pop("samples"), given.pop("usage"), given.pop("beats", ()))
    return from_columns(Measurement, {"warm_up": warm_up, "traces": traces, "turns": (turn,), **given})


def result(status=Status.OK, **changes):
    usual = {"trial": trial(), "status": status, "began_utc": "2026-11-23T07:15:31+00:00"}
    return Result(**{**usual, "measurement": measurement() if status is Status.OK else None, **changes})


CLEAN_TEXT = st.text(max_size=30).map(one_line)
WHOLE = st.integers(-(10**18), 10**18)
FLOATS = st.floats(-1e12, 1e12).map(lambda value: float(f"{value:.9g}"))
"""With as many digits as a file holds."""


def instances(kind):
    """A hypothesis strategy for whatever a dataclass allows."""
    if kind is Cell:  # it has one of each at least
        return _built(kind, **dict.fromkeys(("workers", "tasks", "size"), st.integers(1, 2**53)))
    if kind is TrialRow:  # it has numbers exactly if it is ok
        counted = dict.fromkeys(("trial", "round"), st.integers(1, 2**53))
        failures = st.sampled_from([status for status in Status if status is not Status.OK])
        good = _built(kind, numbers=instances(Numbers), status=st.just(Status.OK), **counted)
        return good | _built(kind, numbers=st.none(), status=failures, **counted)
    if kind in (Numbers, StartUpCosts, StateShares, GilNumbers, IdleShares, CpuSpeed, Delays, TurnRow, Usage):
        # what is measured is not less than nothing
        hints, amounts = get_type_hints(kind), FLOATS.map(abs)
        floats = {name: amounts for name, hint in hints.items() if hint is float}
        optional = {name: amounts | st.none() for name, hint in hints.items() if hint == float | None}
        wall = {"wall_s": st.sampled_from([1e-6, 0.25, 4e3])} if kind in (Numbers, TurnRow) else {}
        counts = dict.fromkeys(("passes",) if kind is TurnRow else (), st.integers(1, 1000))
        if kind is Numbers:
            counts = dict.fromkeys(("passes", "workers_seen", "beats"), st.integers(1, 1000))
            optional["memory"] = st.builds(MemoryUse, *[st.integers(0, 10**15) | st.none()] * 2)
            optional["chunk"] = st.integers(1, 10_000) | st.none()
        if kind is GilNumbers:  # a reason is no empty text
            optional["unknown"] = CLEAN_TEXT.filter(bool) | st.none()
        return _built(kind, **{**floats, **optional, **wall, **counts})
    return _built(kind)


def _built(kind, **chosen):
    hints = get_type_hints(kind)
    made = {name: chosen[name] if name in chosen else _named(name, hint) for name, hint in hints.items()}
    return st.builds(kind, **made)


def _named(name, hint):
    """No time is negative."""
    if not name.endswith(("_s", "_ns")) or is_dataclass(hint) or get_origin(hint) is tuple:
        return _of(hint)
    return _of(hint).map(lambda value: None if value is None else abs(value))


def _of(hint):
    if get_origin(hint) is UnionType:
        return st.one_of(*map(_of, get_args(hint)))
    if get_origin(hint) is tuple:
        return st.lists(_of(get_args(hint)[0]), max_size=3).map(tuple)
    if is_dataclass(hint):
        return instances(hint)
    if issubclass(hint, StrEnum):
        return st.sampled_from(hint)
    return {NoneType: st.none(), bool: st.booleans(), int: WHOLE, float: FLOATS, str: CLEAN_TEXT}[hint]


HEADER = encoded(columns(TrialRow))


def text_of(*rows):
    """What trials.csv holds of these rows."""
    return HEADER + "".join(map(encoded_row, rows))


def session_in(folder, trials=(), about=None):
    """A results folder as a session leaves it behind."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "trials.csv").write_text(text_of(*trials), encoding="utf-8")
    told = {"schema": 1, "experiment": "cpu-bound"} if about is None else about
    (folder / "session.json").write_text(json.dumps(told))
    return folder
