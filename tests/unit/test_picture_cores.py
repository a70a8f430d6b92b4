"""The picture `cores`: its title, its rows, and what it does with too many of them."""

from dataclasses import replace

import pytest
from made import cell
from made_of_time import Made, add, dealt, session, span
from vega_lite import layers, values, views

from gil_lab.report.drawing.picture import RUNNING
from gil_lab.report.pictures import cores


def rectangles(picture):
    return [value for value in values(picture.spec, "rect") if "busy" in value]


def labels(picture):
    """The names of the rows, and the headlines above them."""
    plots = views(picture.spec)
    rows = [name for plot in plots for name in plot["encoding"]["y"]["axis"]["values"]]
    return rows + [line for plot in plots if "title" in plot for line in plot["title"]["text"]]


def test_its_title_says_what_was_filled_and_what_others_used():
    """One core's worth that wanders, and all of them."""
    assert cores.draw(session()).title == (
        "threading x8 keeps 1.0 of 2 cores busy and spreads it over both; multiprocessing x8 fills both; "
        "others used at most 0.03 cores"
    )


@pytest.mark.parametrize(
    ("busy", "used", "in_flight", "cores_busy", "expected"),
    [
        ([0.9, 0.0], 0.9, 2.0, 1.0, "threading x2 keeps 1.0 of 2 cores busy; nothing else used them"),
        ([0.1, 0.1], 0.2, 2.0, 0.2, "threading x2 waits, with 0.2 of 2 cores busy; nothing else used them"),
        ([0.9, 0.9], 0.9, 1.0, 1.0, "threading x2 keeps 1.0 of 2 cores busy; others used at most 0.9 cores"),
        ([0.8, 0.6, 0.2], 1.6, 2.0, 1.6, "threading x2 keeps 1.6 of 3 cores busy; nothing else used them"),
        ([0.3] * 4, 1.2, 2.0, 1.2, "threading x2 keeps 1.2 of 4 cores busy and spreads it over all 4;"),
        ([0.5, 0.5, 0, 0], 1.0, 2.0, 1.0, "threading x2 keeps 1.0 of 4 cores busy and spreads it over 2;"),
        ([0.98], 0.98, 2.0, 1.0, "threading x2 keeps 1.0 of 1 core busy; nothing else used them"),
    ],
)
def test_its_title_follows_the_data(busy, used, in_flight, cores_busy, expected):
    """The verdict says what to look at, the samples say how it looks."""
    made = add(Made(), cell(), dealt(2, 4, 10, 0.2), [busy] * 2, [used] * 2, in_flight=in_flight, cores_busy=cores_busy)
    assert cores.draw(made).title.startswith(expected)


def test_every_core_has_a_row_and_others_one_for_all_cores():
    """In per cent of a core, per interval; which core others used is not known."""
    made = Made().add(cell(), [span()], 10.0, [(0.9, 0.2), (0.5, 0.5)], [1.0, 0.9])
    by_row = {}
    for one in rectangles(cores.draw(made)):
        by_row.setdefault(one["row"], []).append((one["begin"], one["end"], one["busy"]))
    assert by_row == {
        "core 0": [(0.0, 0.1, 90.0), (0.1, 0.2, 50.0)],
        "core 1": [(0.0, 0.1, 20.0), (0.1, 0.2, 50.0)],
        "others": [(0.0, 0.1, pytest.approx(10.0)), (0.1, 0.2, pytest.approx(10.0))],
    }


def test_stolen_time_has_a_row_only_where_there_was_any():
    """Most machines have none."""
    made = session()
    assert "steal" not in labels(cores.draw(made))
    made.cores = [replace(one, steal_s=one.at_ns / 1e9 / 100) for one in made.cores]
    assert labels(cores.draw(made)).count("steal") == 4


def test_a_server_of_the_workload_is_told_apart_from_others():
    """It belongs to the trial."""
    made = session()
    assert not any("server" in label for label in labels(cores.draw(made)))
    made.samples = [replace(one, service_s=one.at_ns / 1e9 / 10) for one in made.samples]
    assert "sequential: 1.0 of 2 cores busy, its server 0.1, others 0" in labels(cores.draw(made))


def test_rows_of_many_cores_are_low_and_neighbours_share_one_on_the_largest_machines():
    """The mean of 4 cores: 64 rows for 256."""
    busy = [[0.25 * (core % 4) for core in range(256)]] * 2
    picture = cores.draw(add(Made(), cell(), dealt(2, 4, 10, 0.2), busy))
    shown = {one["row"]: one["busy"] for one in rectangles(picture)}
    assert len(shown) == 65
    assert shown["252-255"] == pytest.approx(37.5)
    assert sum(plot["height"] for plot in views(picture.spec)) < 320


def test_colours_go_in_a_straight_line_from_white_to_dark():
    """So that they get darker steadily, and lead over no third colour."""
    scale = layers(cores.draw(session()).spec)[0]["encoding"]["color"]["scale"]
    assert scale == {"domain": [0, 100], "range": ["#ffffff", RUNNING], "interpolate": "rgb", "clamp": True}
