"""Under-fill and tail: for how much of a traced pass workers had no task."""

import pytest
from made import measurement, spans, summary
from made_of_cells import measured

from gil_lab.model.records import Pass, TaskSpan
from gil_lab.report.tables.results import CHUNK_COLUMNS, shown
from gil_lab.sessions.csv_table import columns, later_columns
from gil_lab.sessions.rows import TrialRow
from gil_lab.sessions.trial_rows import numbers


def idle(workers, *tasks, end=100):
    """Shares of a pass from 0 to `end`, whose tasks ran (worker, begin, end)."""
    made = tuple(TaskSpan(at, 1, worker, begin, last, 0, 0, 0, 0) for at, (worker, begin, last) in enumerate(tasks))
    passes = (Pass("warm-up", 0, 100), Pass("timed", 0, 100), Pass("traced", 0, end))
    found = numbers(measurement(passes=passes, spans=made), "", workers).idle
    return found.queued, found.tail


def test_workers_that_are_never_idle_lose_nothing():
    assert idle(2, (1, 0, 50), (2, 0, 50), (1, 50, 100), (2, 50, 100)) == (0, 0)


def test_a_worker_that_has_nothing_to_do_while_tasks_are_queued_is_under_fill():
    """The second one waits until 40 for its task, though there are two."""
    assert idle(2, (1, 0, 100), (2, 40, 100)) == (0.2, 0)


def test_what_is_idle_after_the_last_task_began_is_the_tail():
    """The second one is done at 50, and nothing is left for it."""
    assert idle(2, (1, 0, 100), (2, 0, 50)) == (0, 0.25)


def test_a_worker_that_was_never_given_a_task_is_idle_too():
    """It was asked for."""
    assert idle(2, (1, 0, 50), (1, 50, 100)) == (0.25, 0.25)


def test_time_after_the_last_task_is_the_tail_of_all_workers():
    """Until its answer has arrived."""
    assert idle(2, (1, 0, 80), (2, 0, 80)) == (0, pytest.approx(0.2))


def test_more_tasks_than_workers_leave_nobody_idle():
    """On a GPU all are in flight at once, for one worker."""
    assert idle(1, (1, 0, 100), (2, 0, 100), (3, 0, 100)) == (0, 0)


def test_older_sessions_lack_the_columns_and_read_as_before():
    """All three of them."""
    new = {"underfill_share", "tail_share", "chunk"}
    assert new <= set(columns(TrialRow))
    assert new <= later_columns(TrialRow)


def test_the_table_has_them_where_chunks_are_known():
    """Elsewhere nobody asks."""
    plain = summary(underfill_share=0.1, tail_share=0.05)
    assert not set(CHUNK_COLUMNS) & set(shown([plain]))
    chunked = measured("multiprocessing by 4", 2, chunk=4, underfill_share=0.1, tail_share=0.05)
    found = {column.title: column.text(chunked) for column in shown([chunked])}
    assert (found["chunk"], found["under-fill"], found["tail"]) == ("4", "10%", "5%")


def test_of_several_passes_the_median_counts():
    """Each share for itself."""
    row = numbers(measurement(spans=spans(2)), "", 2)
    assert 0 <= row.idle.queued + row.idle.tail <= 1
