"""The picture `sizes`: time of a task over its size, and where each way of running begins or ceases to pay."""

from dataclasses import replace
from itertools import pairwise

import pytest
from made import failed
from made_of_cells import Made, measured, sequential
from vega_lite import check, subtitle, values, words

from gil_lab.model.records import Flag, Status
from gil_lab.report.drawing.picture import NARROW, NothingToDrawError
from gil_lab.report.pictures import sizes

FASTER, SLOWER = (1.7, 1.72, 1.71), (0.5, 0.51, 0.52)
SIZES = (1_000, 100_000, 10_000_000)


def way(gains, strategy="multiprocessing", variant="", **changes):
    return [
        measured(
            strategy,
            2,
            overall=gain,
            wall_s=0.008 / gain[0],
            work={"workload": f"send{variant}", "size": size, "tasks": 8},
            **changes,
        )
        for size, gain in zip(SIZES, gains, strict=True)
    ]


def session(*more):
    rows = [sequential(wall_s=0.008, work={"workload": "send", "size": size, "tasks": 8}) for size in SIZES]
    return Made([*rows, *way([FASTER, FASTER, SLOWER]), *way([FASTER] * 3, "threading"), *more])


def test_each_way_is_a_line_with_the_time_of_a_task_at_each_size():
    """In milliseconds: of all tasks, by their number."""
    drawn = sizes.draw(session()).spec["data"]["values"]
    assert [(one["way"], one["size"], one["y"]) for one in drawn[:3]] == [("sequential", size, 1.0) for size in SIZES]
    assert [one["y"] for one in drawn if one["way"] == "multiprocessing"] == pytest.approx([0.588, 0.588, 2], rel=1e-3)


def test_the_part_of_a_line_in_which_it_ceases_to_pay_is_broad():
    """From the last size at which it is known to pay to the first at which it is not; the others have none."""
    (part,) = [one for one in values(sizes.draw(session()).spec, "rule") if "verdict" in one]
    assert part["verdict"] == "multiprocessing: ceases to pay between 100 kB and 10 MB"
    names = [one for one in values(sizes.draw(session()).spec, "text") if one["text"] == "multiprocessing"]
    assert part["colour"] == names[0]["colour"]


def test_the_title_names_the_first_and_the_last_that_cease_to_pay():
    """With the sizes between which each does."""
    assert sizes.draw(session()).title == "multiprocessing ceases to pay between 100 kB and 10 MB"
    made = session(*way([FASTER, SLOWER, SLOWER], variant="+out-of-band"))
    assert sizes.draw(made).title == (
        "multiprocessing +out-of-band ceases to pay between 1 kB and 100 kB; multiprocessing between 100 kB and 10 MB"
    )


def test_where_nothing_crosses_the_title_names_the_slowest():
    """With the largest tasks."""
    made = session()
    made.rows = [row for row in made.rows if row.cell.strategy != "multiprocessing"]
    assert sizes.draw(made).title == "sequential takes 1.00 ms a task of 10 MB"


@pytest.mark.parametrize("width", [None, NARROW])
def test_names_at_the_ends_do_not_overlap(width):
    """Also on a phone, where they are shorter."""
    made = session(*way([FASTER] * 3, variant="+shared"), *way([FASTER] * 3, "joblib", "+array"))
    spec = sizes.draw(made, *[width] if width else []).spec
    check(spec)
    assert spec["width"] > 100
    heights = sorted(one["y"] for one in values(spec, "text"))
    assert len(heights) == 5
    assert all(below - above >= 13.9 for above, below in pairwise(heights))


def test_what_failed_and_what_is_doubtful_is_said():
    """A cell without numbers is named; one whose rounds are all flagged is hollow, and crosses nothing."""
    made = session()
    made.rows[5] = replace(made.rows[5], flags=(Flag.DISTURBED,))
    made.rows.append(failed("joblib", Status.OOM, cell=replace(made.rows[5].cell, strategy="joblib")))
    picture = sizes.draw(made)
    assert "Not drawn: joblib x2 (oom)." in subtitle(picture.spec)
    assert [one["size"] for one in picture.spec["data"]["values"] if one["fill"] == "white"] == [10_000_000]
    assert not [one for one in values(picture.spec, "rule") if "verdict" in one]


def test_several_workers_and_pythons_are_told_apart():
    """By their names, which are shorter where they are alike."""
    more = [replace(row, cell=replace(row.cell, workers=4)) for row in way([FASTER] * 3, "threading")]
    assert {"threading x2", "threading x4"} <= set(words(sizes.draw(session(*more)).spec))


def test_one_size_is_nothing_to_draw():
    """And says what to measure."""
    made = session()
    made.rows = made.rows[:1]
    with pytest.raises(NothingToDrawError, match="gil-lab run handing-over"):
        sizes.draw(made)
