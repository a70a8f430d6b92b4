"""What is said where the passes of a cell were not alike, or work was done outside of its tasks."""

from dataclasses import replace

import pytest
from made import cell, numbers, row
from made_of_cells import processes, sequential

from gil_lab.analysis.summaries import summaries
from gil_lab.report.text.elsewhere import work_elsewhere
from gil_lab.report.text.passes import first_pass, traced_passes


def test_ratios_are_medians_over_the_trials():
    """Of what each trial's first and traced passes took, over what its timed ones took."""
    trials = [
        row("sequential", round=number, numbers=numbers(0.1, warm_up_s=0.1 * number, traced_wall_s=0.2))
        for number in (1, 2, 9)
    ]
    (summary,) = summaries(trials, lambda _: "sequential")
    assert summary.first_pass_ratio == pytest.approx(2)
    assert summary.traced_ratio == pytest.approx(2)


def test_of_sessions_without_them_nothing_is_said():
    """Those of an older gil-lab, and cells without numbers."""
    (summary,) = summaries([row("sequential", numbers=numbers(0.1))], lambda _: "sequential")
    assert summary.traced_ratio is None
    assert traced_passes([summary]) == ""


@pytest.mark.parametrize(("ratio", "said"), [(8.0, False), (19.0, False), (21.0, True)])
def test_sequential_passes_that_do_less_than_the_first_one_are_told(ratio, said):
    """A pool's first pass is another matter."""
    found = first_pass([sequential(first_pass_ratio=ratio), processes(first_pass_ratio=100.0)])
    assert bool(found) is said
    assert not said or found.startswith("The first pass took many times as long as later ones (sequential: 21 times)")


@pytest.mark.parametrize(("ratio", "flagged", "said"), [(1.4, False, False), (1.6, False, True), (9.0, True, False)])
def test_traced_passes_that_take_longer_are_told(ratio, flagged, said):
    """On a machine that others use, only if they take much longer."""
    one = sequential(traced_ratio=ratio)
    one = replace(one, flags=("disturbed",), used=one.trials) if flagged else one
    assert bool(traced_passes([one])) is said


def test_of_many_the_worst_is_named():
    """And how many more there are."""
    many = [
        replace(processes(traced_ratio=float(workers)), cell=cell("threading", workers=workers))
        for workers in (2, 5, 3, 4)
    ]
    assert "(threading x5: 5.0 times and 3 more; a task is completed every" in traced_passes(many)


@pytest.mark.parametrize(("cores", "said"), [(None, False), (0.4, False), (0.6, True), (1.9, True)])
def test_cores_that_processes_of_the_inputs_kept_busy_are_told(cores, said):
    """As a pool that is opened in `inputs` does, whose work is none of the tasks'."""
    found = work_elsewhere([sequential(), processes(service_cores_busy=cores)])
    assert bool(found) is said
    assert not said or f"(multiprocessing x8: {cores:.1f} cores), which cores busy does not count" in found


def test_of_many_that_had_work_done_elsewhere_the_first_are_named():
    rows = [replace(processes(service_cores_busy=1.5), cell=cell("threading", workers=many)) for many in (2, 3, 4, 5)]
    assert "x4: 1.5 cores, 1 more)" in work_elsewhere(rows)
