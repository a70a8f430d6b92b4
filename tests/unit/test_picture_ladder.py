"""The picture `ladder`: what sharing one object costs, operation by operation."""

import re
from dataclasses import replace

import pytest
from made_of_cells import Made, measured

from gil_lab.report.drawing.picture import NothingToDrawError
from gil_lab.report.pictures import ladder


def rung(variant, gain, python="3.13t", workers=2, strategy="threading"):
    """Two threads, so many times as fast as one with the same operation."""
    work = {"workload": f"contention{'+' * bool(variant)}{variant}", "interpreter": python}
    gains = (gain, gain * 1.01, gain * 0.99)
    return measured(strategy, workers, overall=gains, parallel=gains, gil=not python.endswith("t"), work=work)


def session(python="3.13t"):
    return [
        rung("", 1.9, python),
        rung("global", 1.8, python),
        rung("dict-set", 0.4, python),
        rung("lock", 0.2, python),
    ]


def points(made):
    """Of each panel."""
    view = ladder.draw(made).spec
    panels = view.get("hconcat") or view.get("vconcat") or [view]
    return [
        next(layer["data"]["values"] for layer in panel["layer"] if layer["mark"]["type"] == "point")
        for panel in panels
    ]


def test_each_operation_is_a_row_below_the_one_that_shares_nothing():
    """With what it loses of that, which is the ceiling."""
    found = [(point["cell"], point["x"], point["lost"]) for point in points(Made(session()))[0]]
    assert found == [
        ("nothing shared", 1.9, "0 %"),
        ("global", 1.8, "5 %"),
        ("dict-set", 0.4, "79 %"),
        ("lock", 0.2, "89 %"),
    ]


def test_under_the_mouse_stands_what_to_do_instead():
    """Of what costs nothing, and of work of a user's own, nothing does."""
    found = {point["cell"]: point["instead"] for point in points(Made(session()))[0]}
    assert found["dict-set"] == "a dictionary for each thread, merged at the end"
    assert (found["global"], found["nothing shared"]) == ("", "")
    own = [replace(row, cell=replace(row.cell, workload=f"mine{row.cell.variant}")) for row in session()]
    assert {point["instead"] for point in points(Made(own))[0]} == {""}


def test_the_title_names_the_ceiling_and_the_worst():
    """Of the first Python without a GIL."""
    made = Made([*session("3.11"), *session()])
    nothing, worst = ladder.draw(made).title.split("; ")
    assert nothing == "2 threads that share nothing are 1.90 times as fast as one"
    assert worst == "that share one lock, 0.200 times (Python 3.13t)"


def lost(made):
    """What stands at the right of the rows."""
    layers = ladder.draw(made).spec["layer"]
    (words,) = [one for one in layers if one["mark"]["type"] == "text" and re.search("lost|loss", str(one))]
    return {value["cell"]: value["text"] for value in words["data"]["values"]}


def test_a_loss_is_said_where_it_is_known():
    """Where intervals overlap, none was seen; the title says so if that is true of all."""
    noisy = [noise(rung(variant, gain)) for variant, gain in (("", 1.2), ("global", 0.9), ("lock", 1.1))]
    assert set(lost(Made(session())).values()) == {"5 % lost", "79 % lost", "89 % lost"}
    assert set(lost(Made(noisy)).values()) == {"no loss seen"}
    assert ladder.draw(Made(noisy)).title.endswith("; no operation is known to lose any of it (Python 3.13t)")


def noise(row):
    """The same with wide intervals."""
    gain = row.parallel_speedup
    return replace(row, parallel_speedup=replace(gain, low=gain.value / 3, high=gain.value * 3))


def test_flagged_cells_are_not_ranked():
    """As in all pictures; of some, the others are."""
    flagged = [replace(row, flags=("disturbed",), trials=1, used=1) for row in session()]
    assert ladder.draw(Made(flagged)).title.startswith("nothing is ranked")
    assert "share one dict-set" in ladder.draw(Made([*session()[:3], flagged[3]])).title


def test_work_whose_plain_form_shares_something_is_no_ladder():
    """`counter` counts on a counter that all share."""
    counter = [replace(row, cell=replace(row.cell, workload=f"counter{row.cell.variant}")) for row in session()]
    with pytest.raises(NothingToDrawError, match="gil-lab run contention"):
        ladder.draw(Made(counter))


def test_series_without_a_colour_are_named():
    """There are six."""
    made = Made([row for minor in range(10, 18) for row in session(f"3.{minor}")])
    assert "Not drawn: 3.16, 3.17." in " ".join(ladder.draw(made).spec["title"]["subtitle"])


def test_of_several_pools_the_smallest_and_the_largest_are_drawn():
    """A panel each."""
    made = Made([*session(), rung("global", 0.5, workers=4), rung("global", 0.3, workers=8)])
    assert [[point["x"] for point in panel if point["cell"] == "global"] for panel in points(made)] == [[1.8], [0.3]]


@pytest.mark.parametrize(("width", "placed"), [(900, "hconcat"), (390, "vconcat")])
def test_panels_stand_side_by_side_where_there_is_room(width, placed):
    """On a phone below each other, with the names again."""
    view = ladder.draw(Made([*session(), rung("global", 0.3, workers=8)]), width).spec
    assert len(view[placed]) == 2
    assert all(panel["width"] > 150 for panel in view[placed])


def test_subinterpreters_are_a_series_of_their_own():
    """With the same Python, whose threads share one object."""
    made = Made([*session("3.14"), *session(), rung("lock", 1.9, "3.14", strategy="subinterpreters")])
    found = {(point["series"], point["x"]) for point in points(made)[0] if point["cell"] == "lock"}
    assert found == {("3.13t", 0.2), ("subinterpreters under 3.14", 1.9), ("3.14", 0.2)}


def test_work_of_few_variants_is_no_ladder():
    """And says what to measure."""
    with pytest.raises(NothingToDrawError, match="gil-lab run contention"):
        ladder.draw(Made(session()[:2]))
