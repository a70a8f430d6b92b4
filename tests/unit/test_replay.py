"""The data of a replay: what was measured of some traced passes, moment by moment, and nothing else."""

from importlib import import_module

import pytest
from made import GIL, cell
from made_of_time import Made, span

from gil_lab.report.page.replay import NO_LANE, Replay, replay

NAMES = ("running", "ready", "waiting for the GIL", "waiting for a lock or I/O", "asleep", "blocked", "not running")


def session():
    """Two threads whose tasks share a GIL, and two processes; each two tasks of 10 ms."""
    threads = [span(running=0.5), span(task=1, tid=201, begin_ms=1, end_ms=11, running=0.4)]
    processes = [span(end_ms=8), span(task=1, pid=101, tid=201, end_ms=8)]
    made = Made().add(cell("threading", workers=2), threads, 12, **GIL)
    made.add(cell("multiprocessing", workers=2), processes, 9, in_flight=2.0, cores_busy=2.0)
    return made.held((200, 0, 5, 0), (201, 5, 10, 3), (999, 10, 11, 1), (None, 11, 12, 0))


def cells(made):
    return {one["name"]: one for one in replay(made)["cells"]}


def test_each_task_has_its_worker_its_time_and_its_shares():
    """In the order in which they began; milliseconds from the begin of the pass."""
    tasks = cells(session())["threading x2"]["tasks"]
    assert (tasks["number"], tasks["worker"]) == ([0, 1], [0, 1])
    assert (tasks["begin"], tasks["end"]) == ([0.0, 1.0], [10.0, 11.0])
    for shares in zip(*tasks["shares"], strict=True):
        assert sum(shares) == pytest.approx(1, abs=0.01)


def test_where_it_is_no_page_it_is_one_line():
    """In a plain Python session."""
    assert repr(Replay(replay(session()))) == (
        "Replay of 2 passes: shown in a notebook; elsewhere gil-lab report --open has it"
    )


def test_the_states_have_the_names_and_the_order_of_their_shares():
    """Each with its colour."""
    data = replay(session())
    assert tuple(name for name, _ in data["states"]) == NAMES
    assert all(len(one["tasks"]["shares"]) == len(NAMES) for one in data["cells"])


def test_a_task_is_on_a_core_where_it_was_at_both_ends():
    """Else it is not known which one it was on."""
    tasks = [span(core_begin=1, core_end=1), span(task=1, tid=201, core_begin=0, core_end=1)]
    made = Made().add(cell("threading"), tasks, 12).add(cell("asyncio"), tasks, 12)
    assert cells(made)["threading x2"]["tasks"]["core"] == [1, None]


def test_who_held_the_gil_is_a_worker_or_another_thread():
    """With whether it changed hands meanwhile, unseen; while it was free there is nothing."""
    (gil,) = cells(session())["threading x2"]["holds"]
    assert gil["worker"] == [0, 1, NO_LANE]
    assert gil["begin"] == [0.0, 5.0, 10.0]
    assert gil["seen"] == [1, 0, 1]


def test_a_gil_that_was_not_seen_has_no_holder():
    """Nothing is made up."""
    assert cells(session())["multiprocessing x2"]["holds"] == []


def test_the_counters_end_at_the_numbers_of_the_pass():
    """Tasks in flight, and tasks on a core, on average."""
    made = session()
    shown = cells(made)["threading x2"]
    timeline = next(one for one in made.timelines if one.cell.strategy == "threading")
    assert (shown["inFlight"], shown["coresBusy"]) == (
        pytest.approx(timeline.in_flight, abs=1e-3),
        pytest.approx(timeline.running, abs=1e-3),
    )


def test_three_cells_are_shown_of_as_many_verdicts_as_there_are():
    """Of those that have a pool, the largest."""
    made = Made()
    for strategy, workers, busy in [
        ("sequential", 1, 1.0),
        ("threading", 2, 1.0),
        ("joblib-threading", 8, 1.0),
        ("multiprocessing", 2, 2.0),
        ("asyncio", 2, 0.1),
        ("joblib", 2, 2.0),
    ]:
        made.add(cell(strategy, workers=workers), [span()], 20, cores_busy=busy)
    assert list(cells(made)) == ["joblib-threading x8", "multiprocessing x2", "asyncio x2"]


def test_variants_that_are_work_of_their_own_are_not_mixed():
    """What shares nothing is not beside what shares a lock."""
    made = Made()
    for strategy in ("sequential", "threading", "subinterpreters"):
        for workload in ("contention", "contention+lock"):
            made.add(cell(strategy, workload=workload, workers=2), [span()], 20)
    assert all("+lock" not in name for name in cells(made))


def test_where_each_works_alone_the_slowest_and_the_fastest_stand_beside_the_first():
    """They differ in nothing but how the work is written, and in how long it takes."""
    made = Made()
    for variant, wall_ms in (("", 20), ("+array", 30), ("+numpy-elements", 40), ("+numpy", 1), ("+numba", 2)):
        made.add(cell("sequential", workload=f"sum{variant}", workers=1), [span(end_ms=1)], wall_ms)
    assert list(cells(made)) == ["sequential", "sequential +numpy-elements", "sequential +numpy"]


def test_a_single_pass_is_no_replay():
    """There is nothing to compare it with."""
    assert replay(Made().add(cell("threading", workers=2), [span()], 20)) is None


def test_a_pass_of_very_many_tasks_is_left_out(monkeypatch):
    """A page with it would take long to load."""
    monkeypatch.setattr(import_module("gil_lab.report.page.replay"), "MOST_TASKS", 1)
    assert replay(session()) is None


def test_a_notebook_shows_it_in_a_frame_of_its_own():
    """With nothing in it that could leave the frame, and all that it needs."""
    pytest.importorskip("jinja2")
    shown = Replay(replay(session()))._repr_html_()
    assert shown.startswith("<iframe srcdoc=")
    assert 'sandbox="allow-scripts"' in shown
    assert shown.count("<") == 2
    assert shown.endswith(
        ">Replay: not shown here, as this notebook is not trusted. Run the cell, or trust the notebook.</iframe>"
    )
