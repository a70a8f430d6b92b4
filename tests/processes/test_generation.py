"""A generation of fake children: each has one turn a round, and what one of them does costs its own cell only."""

import random
import sys
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise

import pytest
from places import FAKE_CHILD
from scripted_child import Script, ScriptedChild

from gil_lab.measuring import dialogue, generation, measured_child
from gil_lab.measuring.generation import Generation
from gil_lab.measuring.launcher import Launcher
from gil_lab.measuring.suspension import Suspension
from gil_lab.model.records import Cell, Flag, Status, Trial, counted, counts
from gil_lab.suite.catalogue import Catalogue

ROUNDS = 3


@pytest.fixture(autouse=True)
def nobody_else(monkeypatch):
    """Whatever else runs on this machine, these turns are not repeated for it."""
    monkeypatch.setattr(dialogue, "turn_flags", lambda *_: ())


@contextmanager
def generation_of(*faults, timeout_s=60.0):
    """A trial for each fault, in the place of its interpreter; started and traced."""
    trials = [
        Trial(number, 1, Cell("primes", "sequential", 1, fault, 2, 10), 0.1, timeout_s)
        for number, fault in enumerate(faults, 1)
    ]
    launchers = {fault: Launcher(command=(sys.executable, str(FAKE_CHILD), fault)) for fault in faults}
    with Generation(trials, launchers, Catalogue()) as made:
        assert made.start() == []
        made.trace()
        yield made


def rounds_of(made, seed=1, count=ROUNDS):
    order = random.Random(seed)
    return [made.round(number, order) for number in range(1, count + 1)]


def turns_by_trial(rounds):
    """Those that count: beside a busy neighbour there may be others."""
    return Counter(trial.number for taken in rounds for trial, turn in taken if counts(turn))


def results(made):
    return {result.trial.number: result for result in made.finish()}


NAMES = ("none", "well", "fine", "good")
"""Of children without a fault."""


@pytest.fixture(scope="module")
def sound():
    """A generation without a fault, traced twice: its three series of rounds of three seeds, two of them the same; its
    children and its results.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dialogue, "turn_flags", lambda *_: ())
        with generation_of(*NAMES) as made:
            made.trace()
            series = [rounds_of(made, seed, count=5) for seed in (1, 1, 2)]
            children = list(made.children)
            return series, children, results(made)


def test_each_child_has_one_turn_a_round(sound):
    """In the order in which the turns are listed, one after the other; all of them are in its result."""
    series, _, found = sound
    rounds = [taken for once in series for taken in once]
    assert turns_by_trial(rounds) == dict.fromkeys(range(1, 5), len(rounds))
    for once in series:
        for number, taken in enumerate(once, 1):
            places = [(number, place) for place, _ in enumerate(taken, 1)]
            assert [(turn.round, turn.place) for _, turn in taken] == places
    turns = [turn for taken in rounds for _, turn in taken]
    for earlier, later in pairwise(turns):
        assert earlier.passes[-1].end_ns <= later.passes[0].begin_ns
    for number, result in found.items():
        assert result.status is Status.OK
        assert list(result.measurement.turns) == [
            turn for taken in rounds for trial, turn in taken if trial.number == number
        ]


def test_the_order_of_a_round_is_random_and_the_seed_repeats_it(sound):
    """No cell always follows the same neighbour, or always comes first."""
    orders = [[[trial.number for trial, turn in taken if counts(turn)] for taken in rounds] for rounds in sound[0]]
    assert orders[0] == orders[1] != orders[2]
    assert len(set(map(tuple, orders[0]))) > 3
    assert {tuple(sorted(order)) for order in orders[0]} == {(1, 2, 3, 4)}


def test_all_are_started_and_traced_before_the_first_turn(sound):
    """Start-up and compilation of one disturb no turn of another."""
    series, children, _ = sound
    assert [len(child.traces) for child in children] == [2] * len(NAMES)
    first_ns = min(turn.passes[0].begin_ns for _, turn in series[0][0])
    assert all(child.known.warm_up.end_ns <= first_ns for child in children)
    assert all(trace.traced.end_ns <= first_ns for child in children for trace in child.traces)


def test_a_trial_that_is_skipped_is_a_result_and_starts_nothing():
    """The others have their turns."""
    cell = Cell("primes", "sequential", 1, "none", 2, 10)
    trials = [Trial(1, 1, cell, 0.1, 20.0, skip="it cannot run here"), Trial(2, 1, cell, 0.1, 20.0)]
    watched = []
    launchers = {"none": Launcher(command=(sys.executable, str(FAKE_CHILD), "none"))}
    with Generation(trials, launchers, Catalogue()) as made:
        made.start(watched.append)
        made.trace()
        rounds = rounds_of(made)
        found = results(made)
    assert watched == trials
    assert turns_by_trial(rounds) == {2: ROUNDS}
    assert (found[1].status, found[1].detail) == (Status.SKIPPED, "it cannot run here")
    assert found[2].status is Status.OK


FAILURES = {
    "crash-timed2": (Status.CRASHED, "SIGSEGV before its result"),
    "killed-turned2": (Status.CRASHED, "SIGKILL before its result"),
    "exit-timed2": (Status.PROTOCOL, "exited 0 before its result"),
    "garbage-timed2": (Status.PROTOCOL, "not a message"),
    "stale-turned2": (Status.PROTOCOL, "Prepared instead of Turned"),
    "fail-timed2": (Status.ERROR, "ValueError"),
}


EARLY, LATE = ("crash-ready", "crash-traced", "lost-task"), "bad-end"


@pytest.fixture(scope="module")
def failing():
    """Of a generation in which children fail, each at a step of its own, beside two that do not: by fault, turns and
    results; and who was alive after the rounds.
    """
    faults = ("none", *EARLY, *FAILURES, LATE, "fine")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dialogue, "turn_flags", lambda *_: ())
        with generation_of(*faults) as made:
            turns = turns_by_trial(rounds_of(made))
            alive = [faults[child.trial.number - 1] for child in made.alive]
            found = results(made)
    return (
        {fault: turns[number] for number, fault in enumerate(faults, 1)},
        {fault: found[number] for number, fault in enumerate(faults, 1)},
        alive,
    )


@pytest.mark.parametrize("fault", FAILURES)
def test_what_fails_in_its_second_turn_costs_its_own_cell(failing, fault):
    """The turns of its siblings go on: none of them is lost, and their numbers are theirs."""
    turns, found, alive = failing
    assert (turns["none"], turns[fault], turns["fine"]) == (ROUNDS, 1, ROUNDS)
    assert alive == ["none", LATE, "fine"]
    status, detail = FAILURES[fault]
    assert (found[fault].status, found[fault].measurement) == (status, None)
    assert detail in found[fault].detail
    for sound in ("none", "fine"):
        assert (found[sound].status, len(counted(found[sound].measurement.turns))) == (Status.OK, ROUNDS)


def test_a_child_that_hangs_in_its_second_turn_is_ended_at_the_limit_of_that_step():
    """Its siblings wait so long, and no longer; a busy machine may have taken any time for the steps before."""
    order = random.Random(1)
    with generation_of("none", "hang-timed2", "fine") as made:
        rounds = [made.round(1, order)]
        made.children[1].trial = made.children[1]._dialogue._trial = replace(made.children[1].trial, timeout_s=0.5)
        rounds += [made.round(number, order) for number in (2, 3)]
        found = results(made)
    assert turns_by_trial(rounds) == {1: ROUNDS, 2: 1, 3: ROUNDS}
    assert found[2].status is Status.TIMEOUT
    assert "not done after 0.5 s" in found[2].detail
    assert [found[number].status for number in (1, 3)] == [Status.OK, Status.OK]


@pytest.mark.parametrize("fault", EARLY)
def test_what_fails_before_its_first_turn_has_none(failing, fault):
    """The rounds consist of the others."""
    turns, found, _ = failing
    assert (turns[fault], turns["none"]) == (0, ROUNDS)
    assert found[fault].status is not Status.OK
    assert found["none"].status is Status.OK


def test_what_fails_at_its_end_costs_its_own_cell(failing):
    """Although all of its turns went well."""
    turns, found, _ = failing
    assert turns[LATE] == ROUNDS
    assert [found[fault].status for fault in (LATE, "none")] == [Status.CRASHED, Status.OK]


def test_a_sibling_that_uses_cpu_while_it_should_sleep_flags_the_turns_and_is_named(tmp_path):
    """By its own clock: the turn that it disturbed is flagged, and the blame stands in its own row."""
    file = tmp_path / "pid"
    with generation_of(f"spinner:{file}", f"patient:{file}", "none") as made:
        rounds = rounds_of(made)
        found = results(made)
    turns = [turn for taken in rounds for trial, turn in taken if trial.number == 2]
    assert len(counted(turns)) == ROUNDS
    assert all(Flag.DISTURBED in turn.flags for turn in turns)
    assert list(found[2].measurement.turns) == turns
    assert Flag.RESTLESS in found[1].flags
    assert "used CPU time during the turns of" in found[1].detail
    assert [Flag.RESTLESS in found[number].flags for number in (2, 3)] == [False, False]


class Dozing(ScriptedChild):
    """It uses so much CPU time between two readings of its clock, and a turn takes so long."""

    uses_s, turn_s = 0.0, 1.0
    cpu = 0.0
    disturbed = 0

    def cpu_s(self):
        self.cpu += self.uses_s
        return self.cpu

    def turn(self, round_number, place, min_time_s, others):
        turn = super().turn(round_number, place, min_time_s, others)
        return self.replace_last(replace(turn, usage=replace(turn.usage, wall_s=self.turn_s)))

    def woke_during(self, other):
        self.disturbed += 1


@pytest.mark.parametrize(
    ("turn_s", "uses_s", "flagged"),
    [
        (0.001, 0.0, False),
        (0.001, 0.0019, False),
        (0.001, 0.0021, True),
        (1.0, 0.0199, False),
        (1.0, 0.0201, True),
    ],
)
def test_a_wake_up_is_no_restlessness(monkeypatch, turn_s, uses_s, flagged):
    """Two milliseconds, or a fiftieth of a core in a longer turn: less is not seen in the turn of another one."""
    kind = type("DozingSo", (Dozing,), {"script": Script(), "uses_s": uses_s, "turn_s": turn_s})
    monkeypatch.setattr(generation, "MeasuredChild", kind)
    with generation_of("none", "fine") as made:
        ((_, first), (_, second)) = made.round(1, random.Random(1))
        assert [child.disturbed for child in made.children] == [flagged, flagged]
    assert [Flag.DISTURBED in turn.flags for turn in (first, second)] == [flagged, flagged]


class BesideOthers(ScriptedChild):
    """Others disturb the turns that are named, of all children; they are counted from 1."""

    disturbed = frozenset()

    def turn(self, round_number, place, min_time_s, others):
        turn = super().turn(round_number, place, min_time_s, others)
        flags = (Flag.DISTURBED,) if len(self.script.turns) in self.disturbed else ()
        return self.replace_last(replace(turn, flags=flags))


@pytest.mark.parametrize(
    ("disturbed", "tries"),
    [
        ({}, [1, 1, 1, 1]),
        ({3}, [1, 1, 2, 1]),
        ({3, 4, 6}, [1, 1, 3, 2]),  # each undisturbed one allows for one that is repeated
        ({1}, [1, 1, 1, 1]),
        ({2, 3, 4}, [1, 2, 1, 1]),
        (range(1, 100), [1, 1, 1, 1]),  # a neighbour that never rests: it would be of no use
    ],
)
def test_a_turn_that_others_disturbed_is_repeated_at_once_unless_they_never_rest(monkeypatch, disturbed, tries):
    """The last one counts; those before stay, marked, and all are in the result."""
    kind = type("BesideThese", (BesideOthers,), {"script": Script(), "disturbed": frozenset(disturbed)})
    monkeypatch.setattr(generation, "MeasuredChild", kind)
    with generation_of("none", "fine") as made:
        rounds = rounds_of(made, count=2)
        found = results(made)
    turns = [turn for taken in rounds for _, turn in taken]
    flags = [turn.flags for turn in turns]
    seen = [0]
    for each in flags:
        seen[-1] += 1
        if Flag.REPEATED in each:
            assert Flag.DISTURBED in each
        else:
            seen.append(0)
    assert seen == [*tries, 0]
    assert [turn.place for turn in turns] == [place for taken in rounds for place, _ in enumerate(taken, 1)]
    assert turns_by_trial(rounds) == {1: 2, 2: 2}
    assert Counter(flags) == Counter(turn.flags for result in found.values() for turn in result.measurement.turns)


def test_a_turn_that_only_a_sibling_disturbed_is_not_repeated(monkeypatch):
    """It would be again: what spins does not rest."""
    kind = type("DozingSo", (Dozing,), {"script": Script(), "uses_s": 1.0})
    monkeypatch.setattr(generation, "MeasuredChild", kind)
    with generation_of("none", "fine") as made:
        assert [[turn.flags for _, turn in taken] for taken in rounds_of(made)] == [[(Flag.DISTURBED,)] * 2] * ROUNDS


class Suspended(Suspension):
    """Something was suspended during the nth step that is watched, of all children; they are counted from 1."""

    step, count = 0, 0

    def __init__(self):
        super().__init__()
        type(self).count += 1
        self._number = self.count

    def reason(self, *, stopped):
        return "the machine slept for 9.0 s meanwhile" if self._number == self.step else ""


def suspended_at(monkeypatch, step):
    kind = type("SuspendedAt", (Suspended,), {"step": step, "count": 0})
    monkeypatch.setattr(measured_child, "Suspension", kind)


def test_a_turn_during_which_something_was_suspended_does_not_count(monkeypatch):
    """Its cell loses that turn and no other one; a step is a start, a trace, a turn or an end."""
    suspended_at(monkeypatch, 2 * 2 + 3)  # two starts, two traces, and the first turn of the second round
    with generation_of("none", "fine") as made:
        rounds = rounds_of(made)
        found = results(made)
    assert [len(taken) for taken in rounds] == [2, 1, 2]
    (kept,) = rounds[1]
    lost = 3 - kept[0].number
    assert turns_by_trial(rounds) == {kept[0].number: ROUNDS, lost: ROUNDS - 1}
    assert [turn.round for turn in found[lost].measurement.turns] == [1, 3]
    assert [result.status for result in found.values()] == [Status.OK, Status.OK]


def test_a_start_during_which_something_was_suspended_is_to_be_repeated(monkeypatch):
    """Its costs would be wrong; such a trial has no numbers, and its siblings go on."""
    suspended_at(monkeypatch, 1)
    with generation_of("none", "fine") as made:
        rounds = rounds_of(made)
        found = results(made)
    assert turns_by_trial(rounds) == {2: ROUNDS}
    assert (found[1].status, found[1].flags) == (Status.INTERRUPTED, (Flag.CLOCK_GAP,))
    assert found[2].status is Status.OK


def test_a_trial_without_any_turn_that_counts_is_to_be_repeated(monkeypatch):
    """There is nothing to report of it but why."""
    suspended_at(monkeypatch, 3)
    with generation_of("none") as made:
        assert rounds_of(made, count=1) == [[]]
        (found,) = made.finish()
    assert (found.status, found.flags, found.measurement) == (Status.INTERRUPTED, (Flag.CLOCK_GAP,), None)
    assert "slept for 9.0 s" in found.detail


def test_what_memory_has_no_room_for_is_postponed(monkeypatch):
    """One is started at least; the others are measured when it has ended."""
    trials = [Trial(number, 1, Cell("primes", "sequential", 1, "none", 2, 10), 0.1, 20.0) for number in (1, 2, 3)]
    launchers = {"none": Launcher(command=(sys.executable, str(FAKE_CHILD), "none"))}
    monkeypatch.setattr(generation, "memory_left_bytes", lambda: 1000)
    with Generation(trials, launchers, Catalogue()) as made:
        assert made.start() == trials[1:]
        made.trace()
        assert turns_by_trial(rounds_of(made)) == {1: ROUNDS}
        assert [result.trial for result in made.finish()] == trials[:1]


def test_nothing_of_a_generation_remains_that_was_left_early():
    """An interrupt between two turns ends all of its processes."""
    with pytest.raises(KeyboardInterrupt), generation_of(*NAMES) as made:
        rounds_of(made, count=1)
        processes = [process for child in made.children for process in child.processes]
        assert len(processes) >= len(NAMES)
        raise KeyboardInterrupt
    assert [process for process in processes if process.is_running()] == []
