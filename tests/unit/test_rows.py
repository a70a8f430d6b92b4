"""What a trial's row says of its measurement."""

from dataclasses import replace

import pytest
from made import cell, measurement, trial, usage
from made_of_turns import took_turns

from gil_lab.analysis.speedups_so_far import SpeedupsSoFar
from gil_lab.experiment.results import Results
from gil_lab.model.records import Flag, Pass
from gil_lab.sessions.csv_table import columns, decoded, encoded, encoded_row
from gil_lab.sessions.rows import TurnRow
from gil_lab.sessions.trial_rows import numbers


@pytest.mark.parametrize("pass_ns", [1, 1_000, 1_000_000_000])
def test_cores_busy_are_cpu_seconds_over_the_time_in_which_they_were_used(pass_ns):
    """However little of that time the passes took: the go and the news of them are no work of theirs."""
    passes = (Pass("warm-up", 0, 300), Pass("timed", 1000, 1000 + pass_ns), Pass("traced", 2000, 2250))
    row = numbers(measurement(passes=passes, usage=usage(wall_s=0.4, child_s=0.6)), "")
    assert row.cores_busy == pytest.approx(1.5)
    assert row.wall_s == pass_ns / 1e9


def test_what_is_told_of_a_pass_is_the_median_and_an_equal_share():
    """Wall time as the typical pass took it, CPU time as all of them took it together."""
    timed = (Pass("timed", 1000, 1200), Pass("timed", 1200, 1500), Pass("timed", 1500, 2500))
    passes = (Pass("warm-up", 0, 300), *timed, Pass("traced", 3000, 3250))
    row = numbers(measurement(passes=passes, usage=usage(child_s=0.6)), "")
    assert (row.passes, row.wall_s, row.cpu_s) == (3, 300 / 1e9, pytest.approx(0.2))


@pytest.mark.parametrize(("warm_up_s", "counted_s"), [(0.1, 0.0), (0.4, 0.0), (1.5, 1.3)])
def test_what_workers_import_in_the_first_pass_is_start_up(warm_up_s, counted_s):
    """What it took beyond the median pass, if no later pass took as long."""
    timed = (Pass("timed", 0, 200_000_000), Pass("timed", 0, 100_000_000), Pass("timed", 0, 400_000_000))
    passes = (Pass("warm-up", 0, round(1e9 * warm_up_s)), *timed, Pass("traced", 3000, 3250))
    measured = measurement(passes=passes)
    assert numbers(measured, "").costs.startup_s - measured.costs.startup_s == pytest.approx(counted_s)


def spoilt(turn):
    """The same, disturbed so that it took a hundred times as long, and was taken again."""
    longer = tuple(
        Pass(one.kind, one.begin_ns, one.begin_ns + 100 * (one.end_ns - one.begin_ns)) for one in turn.passes
    )
    return replace(turn, passes=longer, flags=(Flag.DISTURBED, Flag.REPEATED))


def test_a_turn_that_was_repeated_does_not_count():
    """Not even where most of them were: neither in the row nor in the speed-ups that are shown meanwhile."""
    measured = measurement()
    (turn,) = measured.turns
    assert numbers(replace(measured, turns=(spoilt(turn), spoilt(turn), turn)), "") == numbers(measured, "")
    plain, other = cell("sequential", workers=1), cell("threading")
    shown = SpeedupsSoFar([plain, other], None)
    for number in range(1, 5):
        once = replace(turn, round=number)
        first, second = trial(number=1, cell=plain), trial(number=2, cell=other)
        shown.add([(first, once), (second, spoilt(once)), (second, once)])
    assert shown.known[other].value == 1


def test_a_turn_that_was_repeated_does_not_count_in_the_session_either(tmp_path):
    """Its row comes before that of the turn that counts."""
    folder = took_turns(tmp_path, {"sequential": 1, "threading": 0.5})
    before = Results.read(folder).rows
    turns = decoded((folder / "turns.csv").read_text(), TurnRow, "turns.csv").rows
    spoilt_too = [(replace(one, wall_s=100 * one.wall_s, flags=(Flag.DISTURBED, Flag.REPEATED)), one) for one in turns]
    rows = "".join(encoded_row(row) for pair in spoilt_too for row in pair)
    (folder / "turns.csv").write_text(encoded(columns(TurnRow)) + rows)
    assert Results.read(folder).rows == before
