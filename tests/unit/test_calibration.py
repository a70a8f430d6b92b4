"""Calibration: what identical cells say about a machine, how it is kept, and where it is quoted."""

import json
import math
import random
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from made import cell
from simulated_turns import Scenario, turns
from two_sessions import MACHINE
from whole_session import session

from gil_lab.analysis.calibration import identical_pairs, pooled_rate
from gil_lab.analysis.contrasts import Contrasts, TimedTurn
from gil_lab.analysis.proportions import NOMINAL, proportion
from gil_lab.cli.doctor import calibration as doctor
from gil_lab.cli.outcome import show
from gil_lab.cli.terminal.screen import Screen
from gil_lab.experiment.calibration import design, prepare_calibration
from gil_lab.experiment.results import Results
from gil_lab.measuring.machine import Machine
from gil_lab.model.errors import StoreError
from gil_lab.report.documents.document import FORMATS
from gil_lab.report.documents.session import session_document
from gil_lab.report.page import page
from gil_lab.report.text.calibration import answer, in_time, report_line
from gil_lab.sessions.calibrations import FILE, MAX_BYTES, MAX_KEPT, Calibration, MachineIdentity, keep, read
from gil_lab.sessions.run import results_folder
from gil_lab.sessions.worker_limits import MAX_BLOCK_PROCESSES
from gil_lab.suite.catalogue import Catalogue

HERE = MachineIdentity("here", "a cpu", 2)
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def calibration(days=0, **changes):
    """Of 56 pairs, of which two were different, so many days after now."""
    found = proportion(2 / 56, 14)
    usual = {
        "utc": (NOW + timedelta(days=days)).isoformat(),
        "gil_lab": "0.1.0",
        "machine": HERE,
        "budget_s": 60.0,
        "took_s": 58.4,
        "turns": 640,
        "disturbed_turns": 12,
        "pairs": 56,
        "different": 2,
        "independent": 14,
        "rate": found.value,
        "rate_low": found.low,
        "rate_high": found.high,
        "smallest_difference": 0.0281,
    }
    return Calibration(**{**usual, **changes})


def named(letter, strategy="sequential"):
    return cell(strategy, workload=f"same+{letter}")


def taking_turns(*cells, factors=None, block=0):
    """Turns of these cells in 3 generations of 5 rounds, alike but for noise of 1 % and these factors."""
    chance = random.Random(len(cells) + block)
    return [
        TimedTurn(each, block + generation, number, (factors or {}).get(each, 1) * math.exp(chance.gauss(0, 0.01)))
        for generation in range(3)
        for number in range(5)
        for each in cells
    ]


# What identical cells say


def test_every_pair_of_one_strategy_is_looked_at():
    """Never one of two strategies: those are not identical."""
    cells = [named(letter, strategy) for letter in "abcd" for strategy in ("sequential", "multiprocessing")]
    found = identical_pairs(Contrasts(taking_turns(*cells)), cells)
    assert (found.pairs, found.independent) == (2 * 6, 2 * 3)


def test_a_cell_that_is_not_identical_after_all_is_different_in_each_of_its_pairs():
    """So a wrong calibration is seen."""
    cells = [named(letter) for letter in "abcde"]
    found = identical_pairs(Contrasts(taking_turns(*cells, factors={cells[0]: 1.5})), cells)
    assert (found.pairs, found.different) == (10, 4)
    assert found.rate.value == pytest.approx(0.4)


def test_the_smallest_difference_is_the_median_reach_of_the_intervals():
    """Of three pairs, the one in the middle."""
    cells = [named(letter) for letter in "abc"]
    contrasts = Contrasts(taking_turns(*cells))
    reaches = sorted(contrasts.between(*pair).reach() for pair in combinations(cells, 2))
    assert identical_pairs(contrasts, cells).smallest_difference == pytest.approx(math.expm1(reaches[1]))


def test_cells_of_different_blocks_are_no_pairs():
    """They shared no round; in each block, one cell fewer than there are is independent."""
    first, second = [named(letter) for letter in "abc"], [named(letter) for letter in "de"]
    contrasts = Contrasts([*taking_turns(*first), *taking_turns(*second, block=10)])
    found = identical_pairs(contrasts, [*first, *second])
    assert (found.pairs, found.independent) == (3 + 1, 2 + 1)


@pytest.mark.parametrize("rounds", [1, 2])
def test_without_intervals_nothing_is_said(rounds):
    """Two rounds have none, and a cell alone has nothing to be compared with."""
    cells = [named("a"), named("b")]
    taken = [TimedTurn(each, 1, number, 0.1) for number in range(rounds) for each in cells]
    assert identical_pairs(Contrasts(taken), cells) is None
    assert identical_pairs(Contrasts(taking_turns(named("a"))), [named("a")]) is None


def test_simulated_machines_have_about_the_nominal_rate():
    """Ten sessions of eight cells with processes that differ: 280 pairs, of which 5 % are 14."""
    chance, scenario = random.Random(3), Scenario(rounds=12)
    every = [identical_pairs(Contrasts(map(alike, turns(scenario, chance))), alike_cells(8)) for _ in range(10)]
    assert {(one.pairs, one.independent) for one in every} == {(28, 7)}
    assert sum(one.different for one in every) / 280 < 3 * NOMINAL


def alike(turn):
    """The same turn of a cell that differs from the others by its name only."""
    return replace(turn, cell=named(turn.cell.strategy[-2:]))


def alike_cells(number):
    return [named(f"{place:02}") for place in range(number)]


# The interval of the rate


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(0, 14, 0.0, 0.2316), (1, 20, 0.0013, 0.2487), (2, 30, 0.0082, 0.2207), (5, 100, 0.0164, 0.1128)],
)
def test_the_interval_is_that_of_the_tables(successes, trials, low, high):
    """Clopper and Pearson's exact limits."""
    found = proportion(successes / trials, trials)
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


def test_none_and_all_have_a_limit_on_one_side():
    """No false positive seen does not mean that there is none."""
    none, every = proportion(0.0, 14), proportion(1.0, 14)
    assert (none.low, every.high) == (0.0, 1.0)
    assert none.high == pytest.approx(1 - every.low)
    assert none.high == pytest.approx(1 - (NOMINAL / 2) ** (1 / 14))


@given(st.integers(0, 10**6).map(lambda millionths: millionths / 10**6), st.integers(1, 300))
def test_the_interval_holds_the_rate_and_narrows_with_more(value, independent):
    """Whatever the rate, a fraction of a success too."""
    few, many = proportion(value, independent), proportion(value, 4 * independent)
    for found in (few, many):
        assert 0 <= found.low <= found.value <= found.high <= 1
    assert many.high - many.low <= few.high - few.low + 1e-9


@given(st.lists(st.tuples(st.integers(0, 56), st.integers(1, 56)), min_size=1, max_size=MAX_KEPT))
def test_calibrations_are_added_up_with_the_weight_of_their_independent_pairs(found):
    """The pooled rate lies between theirs, and one alone is itself."""
    several = [calibration(different=different, independent=independent) for different, independent in found]
    rates = [different / 56 for different, _ in found]
    pooled = pooled_rate(several)
    assert min(rates) - 1e-9 <= pooled.value <= max(rates) + 1e-9
    assert pooled == proportion(pooled.value, sum(independent for _, independent in found))


# What is measured


def test_the_names_are_the_same_work():
    """Whatever is measured under one of them is the very same function of the same inputs."""
    catalogue, planned = Catalogue(), design()
    assert len(planned.workloads) == 8
    works = [replace(catalogue.workload(name), summary="") for name in planned.workloads]
    assert all(one == other for one, other in pairwise(works))


@pytest.mark.parametrize("cores", [1, 2, 8, 64, 1000])
def test_all_cells_fit_into_one_block_on_any_machine(cores):
    """Cells of different blocks could not be compared."""
    planned = design()
    (workers,) = planned.workers(cores)
    assert workers >= 2
    assert len(planned.workloads) * (workers + 1) <= MAX_BLOCK_PROCESSES


# The file


def test_what_is_kept_is_read_again(tmp_path):
    """In the order of time, whatever their order in the file."""
    keep(tmp_path, calibration(1))
    keep(tmp_path, calibration(-1))
    found = read(tmp_path)
    assert (found.kept, found.note) == ((calibration(-1), calibration(1)), "")
    assert [file.name for file in tmp_path.iterdir()] == [FILE]


def test_no_file_is_no_calibration_and_no_fault(tmp_path):
    """Most people never calibrate."""
    found = read(tmp_path / "nowhere")
    assert (found.kept, found.note) == ((), "")


def test_the_latest_are_kept(tmp_path):
    """The file does not grow for ever."""
    for day in range(MAX_KEPT + 3):
        keep(tmp_path, calibration(day))
    found = read(tmp_path)
    assert [one.at for one in found.kept] == [calibration(day).at for day in range(3, MAX_KEPT + 3)]


def test_the_file_can_be_read_by_people_and_programs(tmp_path):
    """Machine, time, budget, rate with its interval, smallest difference and version stand in it by name."""
    (entry,) = json.loads(keep(tmp_path, calibration()).read_text())["calibrations"]
    assert entry["machine"] == {"host": "here", "cpu": "a cpu", "usable_cores": 2}
    assert (entry["utc"], entry["budget_s"], entry["gil_lab"]) == ("2026-11-28T12:00:00+00:00", 60.0, "0.1.0")
    assert entry["rate_low"] < entry["rate"] == 2 / 56 < entry["rate_high"]
    assert entry["smallest_difference"] == 0.0281


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path):
    """With the cause."""
    (tmp_path / FILE).mkdir()
    with pytest.raises(StoreError, match=r"calibration\.json cannot be written \(.*\)$"):
        keep(tmp_path, calibration())


HOSTILE = {
    "torn": b'{"schema": 1, "calibra',
    "empty": b"",
    "binary": bytes(range(256)),
    "deep": b"[" * 100_000,
    "digits": b'{"schema": ' + b"9" * 5000 + b"}",
    "a list": b"[]",
    "no list": b'{"schema": 1, "calibrations": {}}',
    "newer": b'{"schema": 2, "calibrations": []}',
    "yes": b'{"schema": true, "calibrations": []}',
    "huge": b" " * (MAX_BYTES + 1),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_file_that_cannot_be_used_is_ignored_with_a_note(tmp_path, content):
    """One line that says what is wrong and how to get a good one; a new calibration replaces it."""
    (tmp_path / FILE).write_bytes(content)
    found = read(tmp_path)
    assert found.kept == ()
    assert found.note.startswith("calibration.json ")
    assert found.note.endswith("gil-lab calibrate writes a new one")
    assert found.note.isprintable()
    keep(tmp_path, calibration())
    assert read(tmp_path).kept == (calibration(),)


def test_what_is_no_file_is_not_waited_for(tmp_path):
    """Neither a folder nor a link that leads in a circle."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / FILE).mkdir()
    (tmp_path / FILE).symlink_to(FILE)
    assert "cannot be read" in read(tmp_path / "a").note
    assert "cannot be read" in read(tmp_path).note


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.sampled_from(["", "x" * 2000, "\x1b[2J", "\ud800", "2026-11-28", "2026-11-28T12:00:00+01:00", "0001-01-01"]),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.sampled_from(["host", "cpu", "usable_cores"]), st.integers(), max_size=3),
)


@examples(300)
@given(changes=st.dictionaries(st.sampled_from(sorted(asdict(calibration()))), VALUES, min_size=1, max_size=3))
def test_an_edited_calibration_is_plausible_or_left_out(changes, tmp_path_factory):
    """Nothing that a report shows of it can crash it, and the good one beside it is read."""
    folder = tmp_path_factory.mktemp("edited")
    good = asdict(calibration())
    (folder / FILE).write_text(json.dumps({"schema": 1, "calibrations": [{**good, **changes}, good]}))
    found = read(folder)
    assert calibration() in found.kept
    assert len(found.kept) == 2 or "1 of 2 calibrations" in found.note
    for line in (report_line(found.kept, NOW), *answer(found.kept[0], found.kept)):
        assert line.isprintable()


@pytest.mark.parametrize(
    "changes",
    [
        {"different": 57},
        {"independent": 0},
        {"independent": 57},
        {"disturbed_turns": 641},
        {"rate": 1.5},
        {"pairs": 56.0},
        {"turns": True},
        {"smallest_difference": -0.1},
        {"utc": "2026-11-28T12:00:00"},
        {"machine": {"host": "here", "cpu": "a cpu", "usable_cores": True}},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_left_out(tmp_path, changes):
    """With how many of them."""
    entry = {**asdict(calibration()), **changes}
    (tmp_path / FILE).write_text(json.dumps({"schema": 1, "calibrations": [entry]}))
    found = read(tmp_path)
    assert (found.kept, found.note) == (
        (),
        "1 of 1 calibrations in calibration.json left out: they make no sense",
    )


# Its words


@pytest.mark.parametrize(
    ("seconds", "text"), [(60, "a minute"), (120, "2 minutes"), (90, "90 s"), (20, "20 s"), (1.5, "1.5 s")]
)
def test_a_time_is_said_as_people_say_it(seconds, text):
    """A minute is the default."""
    assert in_time(seconds) == text


def test_the_answer_comes_first():
    """What the machine shows, its false positives with their interval, how long it took and how disturbed it was."""
    assert list(answer(calibration(), [calibration()])) == [
        "This machine shows differences of 2.8 % in a minute.",
        "False positives: 4 % [0, 29] of comparisons of identical work (nominally 5 %; in brackets the 95 % interval).",
        "Measured for 58 s: 640 turns, 12 of them (2 %) disturbed; 56 pairs, 2 called different.",
    ]


def test_earlier_calibrations_narrow_the_rate():
    """They are added up."""
    lines = list(answer(calibration(), [calibration(-1, different=4), calibration()]))
    assert lines[2] == "In all 2 calibrations of this machine: 5 % [0, 21]."


def test_a_calibration_that_others_disturbed_says_so():
    """It says more about them than about the machine."""
    disturbed = calibration(disturbed_turns=500)
    assert "when nothing else runs" in list(answer(disturbed, [disturbed]))[-1]
    assert "(calibrated 2026-11-28, while others used the cores; 4 % " in report_line([disturbed], NOW)


# Reports


def measured(folder):
    """Results of a made-up session of the machine HERE, which began now."""
    made = session(folder / "results")
    renamed_to = made.with_name(f"{NOW:%Y%m%dT%H%M%SZ}-here")
    made.rename(renamed_to)
    return renamed_to


def shown(results):
    screen = Screen()
    screen.width = 200
    with screen.capture() as captured:
        show(screen, results, [])
    return captured.get()


LINE = "This machine shows differences of 2.8 % in a minute (calibrated 2026-11-28; 4 % [0, 29] false positives)."


def everywhere(folder):
    """The report on a terminal, as Markdown and as a page."""
    return [
        shown(Results.read(folder)),
        FORMATS["md"](session_document(Results.read(folder))),
        page(Results.read(folder), []),
    ]


def test_reports_quote_a_recent_calibration_in_one_line(tmp_path):
    """On a terminal, in Markdown and on the page."""
    folder = measured(tmp_path)
    keep(tmp_path / "results", calibration())
    for text in everywhere(folder):
        assert text.count(LINE) == 1


@pytest.mark.parametrize(
    "other",
    [
        calibration(31),
        calibration(-31),
        calibration(machine=MachineIdentity("here", "a cpu", 4)),
        calibration(machine=MachineIdentity("there", "a cpu", 2)),
        calibration(machine=MachineIdentity("here", "another", 2)),
    ],
    ids=["too late", "too early", "other cores", "other host", "other cpu"],
)
def test_a_calibration_of_another_time_or_machine_is_not_quoted(tmp_path, other):
    """30 days before the session or after it, on the same host, CPU and cores."""
    folder = measured(tmp_path)
    keep(tmp_path / "results", other)
    for text in everywhere(folder):
        assert "false positives" not in text
    assert Results.read(folder).calibrations == []


def test_a_session_after_30_days_is_still_near_a_calibration(tmp_path):
    """And of several the nearest in time is quoted, with the false positives of all."""
    folder = measured(tmp_path)
    for days in (-30, 2, 30):
        keep(tmp_path / "results", calibration(days, smallest_difference=0.1 + abs(days) / 100))
    line = (
        "shows differences of 12 % in a minute (calibrated 2026-11-30; 4 % [0, 14] false positives in 3 calibrations)."
    )
    assert line in shown(Results.read(folder))


def test_a_session_that_is_looked_at_from_within_finds_it_too(tmp_path, monkeypatch):
    """`gil-lab report .` in its own folder."""
    folder = measured(tmp_path)
    keep(tmp_path / "results", calibration())
    monkeypatch.chdir(folder)
    assert LINE in shown(Results.read("."))


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_a_note_in_the_report(tmp_path, content):
    """The report itself is as before."""
    folder = measured(tmp_path)
    before = shown(Results.read(folder))
    (tmp_path / "results" / FILE).write_bytes(content)
    after = shown(Results.read(folder))
    notes = [line for line in after.splitlines() if line.startswith("Note: calibration.json")]
    assert len(notes) == 1
    assert after.replace(f"{notes[0]}\n", "") == before


# The doctor


@pytest.fixture
def on_this_machine(monkeypatch):
    """The doctor is on the machine HERE, now."""
    machine = Machine(**{**MACHINE, "host": "here", "cpu": "a cpu", "affinity": 2})
    monkeypatch.setattr(doctor, "this_machine", lambda: machine)


def today(days=0, **changes):
    """Now is when the test runs: the doctor looks at the clock."""
    return calibration(**{"utc": (datetime.now(UTC) + timedelta(days=days)).isoformat(), **changes})


@pytest.mark.usefixtures("on_this_machine")
@pytest.mark.parametrize(
    ("kept", "state", "remedy"),
    [
        ([], "none of this machine in ", "gil-lab calibrate measures it, in a minute"),
        ([{"machine": MachineIdentity("there", "a cpu", 2)}], "none of this machine in ", "gil-lab calibrate"),
        ([{}], "This machine shows differences of 2.8 % in a minute (calibrated ", ""),
        ([{"days": -29}], "This machine shows ", ""),
        ([{"days": -31}], "31 days old; reports no longer quote it", "measure it again: gil-lab calibrate"),
        ([{"days": -31}, {}], "This machine shows ", ""),
        ([{"days": 100}], "of 20", "measure it again"),
        ([{"disturbed_turns": 600}], "This machine shows ", "when nothing else runs"),
    ],
)
def test_the_doctor_says_whether_there_is_a_calibration_and_when_it_is_old(tmp_path, kept, state, remedy):
    """With the next step."""
    for changes in kept:
        keep(tmp_path, today(**changes))
    found = doctor.of_this_machine(tmp_path)
    assert found.about == "calibration"
    assert found.state.startswith(state)
    assert remedy in found.remedy
    assert bool(remedy) == bool(found.remedy)


@pytest.mark.usefixtures("on_this_machine")
@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_the_doctor_survives_a_hostile_file(tmp_path, content):
    """It says what is wrong with it, and how to replace it."""
    (tmp_path / FILE).write_bytes(content)
    found = doctor.of_this_machine(tmp_path)
    assert found.state.startswith("calibration.json ")
    assert found.remedy == "gil-lab calibrate measures it, in a minute"


def test_an_interrupted_calibration_is_made_anew(tmp_path):
    """`run --resume` would measure the rest of it, and keep no calibration."""
    with results_folder(prepare_calibration(tmp_path)) as folder:
        assert (folder.kept_words, folder.resume) == ("what was measured so far", "run the same command again")
