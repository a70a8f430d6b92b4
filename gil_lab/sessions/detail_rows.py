"""The rows of one trial in the files beside trials.csv: its passes, turns, tasks, beats, samples and observations."""

import statistics
from collections.abc import Iterator, Sequence

from gil_lab.model.gil import GilTrace
from gil_lab.model.records import (
    CoreSample,
    Observation,
    Pass,
    Result,
    Trace,
    Trial,
    Turn,
)
from gil_lab.model.text import one_line
from gil_lab.sessions.rows import (
    BeatRow,
    CoreRow,
    GilRow,
    HoldRow,
    ObservationRow,
    PassRow,
    SampleRow,
    TaskRow,
    TurnPlace,
    TurnRow,
)
from gil_lab.sessions.trial_rows import delay_ns


def untimed_pass_rows(trial: Trial, warm_up: Pass, traces: Sequence[Trace]) -> list[PassRow]:
    passes = (warm_up, *(trace.traced for trace in traces))
    return [PassRow(trial.number, count, one) for count, one in enumerate(passes)]


def timed_pass_rows(trial: Trial, turns: Sequence[Turn], first: int) -> list[PassRow]:
    """`first` is the number of the first of them among the passes of the trial."""
    passes = [(one, TurnPlace(trial.round, turn.round, turn.place)) for turn in turns for one in turn.passes]
    return [PassRow(trial.number, count, one, place) for count, (one, place) in enumerate(passes, first)]


def turn_rows(trial: Trial, turns: Sequence[Turn]) -> list[TurnRow]:
    return [
        TurnRow(
            trial.number,
            TurnPlace(trial.round, turn.round, turn.place),
            len(turn.passes),
            statistics.median(one.wall_s for one in turn.passes),
            turn.usage,
            turn.flags,
        )
        for turn in turns
    ]


def task_rows(trial: Trial, traces: Sequence[Trace]) -> list[TaskRow]:
    return [
        TaskRow(trial.number, span, span.blocked_ns, number)
        for number, trace in enumerate(traces, 1)
        for span in trace.spans
    ]


def gil_rows(trial: Trial, traces: Sequence[Trace]) -> list[GilRow]:
    return [GilRow(trial.number, number, gil) for number, seen in _gils(traces) for gil in seen.gils]


def hold_rows(trial: Trial, traces: Sequence[Trace]) -> list[HoldRow]:
    return [HoldRow(trial.number, number, hold) for number, seen in _gils(traces) for hold in seen.holds]


def _gils(traces: Sequence[Trace]) -> Iterator[tuple[int, GilTrace]]:
    """What was seen of them in each traced pass, with its number."""
    return ((number, trace.gil) for number, trace in enumerate(traces, 1) if trace.gil is not None)


def beat_rows(trial: Trial, turns: Sequence[Turn]) -> list[BeatRow]:
    return [BeatRow(trial.number, beat, delay_ns(beat)) for turn in turns for beat in turn.beats]


def observation_rows(result: Result) -> list[ObservationRow]:
    """What the measured process reported; its words are foreign text."""
    observations = result.measurement.observations if result.measurement else ()
    return [
        ObservationRow(
            result.trial.number,
            Observation(one_line(one.name, 80), one.value, one_line(one.unit, 20), one_line(one.text)),
        )
        for one in observations
    ]


def sample_rows(trial: Trial, turns: Sequence[Turn]) -> list[SampleRow]:
    return [
        SampleRow(trial.number, sample.at_ns, sample.late_ns, *_rounded(sample), turn.round)
        for turn in turns
        for sample in turn.samples
    ]


def _rounded(sample: CoreSample) -> tuple[float, float, float]:
    """To the microsecond: more digits would only fill the disk."""
    return round(sample.child_s, 6), round(sample.service_s, 6), round(sample.controller_s, 6)


def core_rows(trial: Trial, turns: Sequence[Turn]) -> list[CoreRow]:
    """Samples of another number of cores than the first one are left out: which of them is missing is unknown."""
    samples = [(turn.round, sample) for turn in turns for sample in turn.samples]
    cores = len(samples[0][1].busy_s) if samples else 0
    return [
        CoreRow(trial.number, core, sample.at_ns, round(busy, 2), round(steal, 2), number)
        for number, sample in samples
        if len(sample.busy_s) == cores
        for core, (busy, steal) in enumerate(zip(sample.busy_s, sample.steal_s, strict=True))
    ]
