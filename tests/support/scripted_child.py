"""What stands in for measured processes, so that sessions are run without any: each ends as a test says."""

from dataclasses import dataclass, field, replace
from typing import ClassVar, Self

from made import measurement, result, spans
from pytest import MonkeyPatch

from gil_lab.measuring import generation
from gil_lab.model.records import Flag, Pass, Result, Start, Status, Trial, Turn


@dataclass
class Script:
    """The nth process that is started ends as `become[n]` says: with a status, or raising it; the others are ok."""

    started: list[int] = field(default_factory=list)
    """Numbers of the trials, in order."""
    turns: list[tuple[int, int]] = field(default_factory=list)
    """The number of the trial and of the round, in order."""
    become: dict[int, Status | BaseException] = field(default_factory=dict)
    at_turn: dict[int, BaseException] = field(default_factory=dict)
    """The nth turn of all raises this."""

    def forget(self) -> None:
        self.started.clear()
        self.turns.clear()
        self.become.clear()
        self.at_turn.clear()


class ScriptedChild:
    """In the place of `gil_lab.measuring.measured_child.MeasuredChild`."""

    script: ClassVar[Script]

    def __init__(self, trial: Trial, launcher: object, catalogue: object) -> None:
        self.trial, self.over, self.began_utc = trial, False, "2026-11-23T07:15:31+00:00"
        self.known, self.traces, self._turns = None, [], []
        self._result = None

    def start(self) -> None:
        self.script.started.append(self.trial.number)
        outcome = self.script.become.get(len(self.script.started), Status.OK)
        if isinstance(outcome, BaseException):
            raise outcome
        if outcome is not Status.OK:
            flags = (Flag.CLOCK_GAP,) if outcome is Status.INTERRUPTED else ()
            self.over, self._result = True, result(outcome, trial=self.trial, flags=flags)
            return
        made = measurement()
        gil, speed = made.gil, made.cpu_speed
        self.known = Start(made.costs, made.warm_up, gil.at_start, gil.after_imports, speed.before_s)

    def trace(self) -> None:
        passes = (Pass("warm-up", 0, 300), Pass("timed", 1000, 1250), Pass("traced", 2000, 3000))
        self.traces += measurement(passes=passes, spans=spans(2, tasks=self.trial.cell.tasks)).traces

    def turn(self, round_number: int, place: int, min_time_s: float, others: object) -> Turn:
        self.script.turns.append((self.trial.number, round_number))
        if error := self.script.at_turn.get(len(self.script.turns)):
            raise error
        (turn,) = measurement().turns
        self._turns.append(replace(turn, round=round_number, place=place))
        return self._turns[-1]

    pids: ClassVar[frozenset[int]] = frozenset()

    def settle(self) -> None:
        pass

    def replace_last(self, turn: Turn) -> Turn:
        self._turns[-1] = turn
        return turn

    def cpu_s(self) -> float:
        return 0.0

    def finish(self) -> Result:
        if self._result is None:
            measured = replace(measurement(), traces=tuple(self.traces), turns=tuple(self._turns))
            self.over, self._result = True, result(trial=self.trial, measurement=measured)
        return self._result

    def release(self) -> None:
        """There is nothing to end."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def scripted(monkeypatch: MonkeyPatch) -> Script:
    """From here on no process is measured; the script that can be written to, and says what was asked for."""
    script = Script()
    monkeypatch.setattr(generation, "MeasuredChild", type("Scripted", (ScriptedChild,), {"script": script}))
    return script
