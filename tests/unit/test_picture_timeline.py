"""The picture `timeline`: its title, its bars, and what it does with too many of them."""

import pytest
from made import cell
from made_of_time import Made, add, dealt, many_workers, one_task, session, span, untold

from gil_lab.report.drawing.picture import STATE_COLOURS as COLOURS
from gil_lab.report.pictures import timeline


def panels(picture):
    """Of each cell, in the picture `timeline`."""
    return [panel for panel in picture.spec["vconcat"] if "transform" in panel]


def bars(panel):
    return panel["data"]["values"]


def test_its_title_sets_turns_beside_parallel_work():
    """The strategy that comes first, and the one with the most running."""
    assert timeline.draw(session()).title == (
        "threading x8: 7.9 tasks in flight, but only 0.9 running; multiprocessing x8: 1.9 running at the same time"
    )


def test_its_title_tells_waiting_from_turns():
    """Nothing but waiting needs no core."""
    made = add(Made(), cell("threading", workers=4), dealt(4, 8, 20, 0.005))
    assert timeline.draw(made).title == "threading x4: 3.9 tasks in flight wait together, with 0.02 running"


def test_its_title_of_one_cell_says_what_that_does():
    """One after the other."""
    assert timeline.draw(one_task()).title == "sequential: one task after the other, 1.0 running"


def test_passes_that_are_compared_have_the_same_axis_of_time():
    """Half as long is half as wide; what would be a strip on it is shown on another one, with its like."""
    made = Made()
    for name, wall in (("sequential", 100.0), ("threading", 50.0), ("numba-nogil", 4.0), ("numba-parallel", 2.0)):
        made = made.add(cell(name), [span(0, 0, wall)], wall)
    ends = [panel["encoding"]["x"]["scale"]["domain"][1] for panel in panels(timeline.draw(made))]
    assert ends == [100.0, 100.0, 4.0, 4.0]


def test_a_header_counts_what_its_bars_show():
    """Not the medians over rounds: 2 x 30 ms, half of them running, in 40 ms."""
    spans = [span(0, 0, 30, running=0.5, tid=1), span(1, 10, 40, running=0.5, tid=2)]
    (panel,) = panels(timeline.draw(Made().add(cell(), spans, 40.0)))
    assert panel["title"]["text"] == ["threading x2: 40.0 ms, 1.5 in flight, 0.8 running on average"]


def test_every_task_is_a_bar_with_its_shares():
    """In per cent of its own time, and with the move to another core."""
    spans = [span(4, 1, 11, 0.25, 0.5, core_begin=0, core_end=1), span(5, 11.5, 13.5, 1.0, 0.0)]
    (panel,) = panels(timeline.draw(Made().add(cell(), spans, 40.0)))
    assert bars(panel) == [
        {
            "task": 4,
            "worker": 1,
            "lane": 0,
            "begin": 1.0,
            "end": 11.0,
            "running": 0.25,
            "ready": 0.5,
            "blocked": 0.25,
            "core": "0 -> 1",
        },
        {
            "task": 5,
            "worker": 1,
            "lane": 0,
            "begin": 11.5,
            "end": 13.5,
            "running": 1.0,
            "ready": 0.0,
            "blocked": 0.0,
            "core": "0",
        },
    ]


def test_where_ready_is_not_told_the_rest_is_one_colour():
    """Neither ready nor blocked is claimed, in the legend, the bars or the tooltips."""
    picture = timeline.draw(untold())
    (panel,) = panels(picture)
    colour = panel["layer"][0]["encoding"]["color"]
    assert colour["legend"]["values"] == ["running", "not_running"]
    assert "'not_running': 'not running: the system does not report why'" in colour["legend"]["labelExpr"]
    assert {key for bar in bars(panel) for key in bar} & {"ready", "blocked"} == set()
    assert {bar["not_running"] for bar in bars(panel)} == {0.8}
    drawn = dict(zip(colour["scale"]["domain"], colour["scale"]["range"], strict=True))
    assert (drawn["running"], drawn["not_running"]) == (COLOURS["running"], COLOURS["not running"])


def test_cores_that_are_not_told_are_no_line_of_the_tooltip():
    """As on a system without sched_getcpu."""
    made = add(Made(), cell(), dealt(2, 4, 10, 0.2, core_begin=None, core_end=None))
    (panel,) = panels(timeline.draw(made))
    assert "core" not in f"{panel['data']} {panel['encoding']['tooltip']}"


def test_coroutines_of_one_worker_share_its_number():
    """Which stands at the first of their rows only."""
    asyncio = panels(timeline.draw(session()))[2]
    axis = asyncio["encoding"]["y"]["axis"]
    assert axis["values"] == [0.5]
    assert axis["labelExpr"] == f"{['1'] * 8!r}[floor(datum.value)]"


def test_of_very_many_workers_the_first_64_are_drawn_and_it_is_said():
    """In rows of 6 pixels, with every other one numbered."""
    first, second = panels(timeline.draw(many_workers()))
    assert first["height"] == second["height"] == 6 * 64
    assert second["title"]["text"][-1].endswith("(64 of 100 rows drawn)")
    assert "rows drawn" not in first["title"]["text"][-1]
    assert len(first["encoding"]["y"]["axis"]["values"]) == 32


def test_tasks_too_short_to_be_told_apart_are_drawn_together_and_it_is_said():
    """With the same area of each state: what a worker did in between stays white."""
    spans = [span(task, task, task + 0.8, running=0.5, ready=0.25) for task in range(5000)]
    picture = timeline.draw(Made().add(cell(), spans, 5000.0))
    assert "Bars of many short tasks are drawn as one" in " ".join(picture.spec["title"]["subtitle"])
    (panel,) = panels(picture)
    drawn_bars = bars(panel)
    assert 600 <= len(drawn_bars) <= 1201
    assert drawn_bars[0]["task"].startswith("0 and ")
    for state, expected in (("running", 0.4), ("ready", 0.2), ("blocked", 0.2)):
        area = sum((bar["end"] - bar["begin"]) * bar[state] for bar in drawn_bars) / 5000
        assert area == pytest.approx(expected, rel=0.01)
