"""What a task takes all in all, over its length: the analysis, the table, the sentences, and the picture `dispatch`."""

from dataclasses import replace

import pytest
from made_of_cells import Made, measured
from vega_lite import subtitle, values, words

from gil_lab.analysis.dispatch import between, dispatches
from gil_lab.model.records import Flag
from gil_lab.report.documents.answer import answer, height
from gil_lab.report.drawing.picture import NothingToDrawError
from gil_lab.report.pictures import dispatch as picture
from gil_lab.report.tables.dispatch import dispatch_table
from gil_lab.report.tables.table import Table
from gil_lab.report.text.dispatch import lines

TASKS = 100
LENGTHS_US = (1, 100, 10_000)


def spun(strategy, length_us, gain, workers=2, **changes):
    """Tasks of that length, so many times as fast as one after the other."""
    work = {"workload": "spin", "tasks": TASKS, "size": length_us}
    gains = (gain, gain * 1.01, gain * 0.99)
    return measured(strategy, workers, wall_s=TASKS * length_us * 1e-6 / gain, overall=gains, work=work, **changes)


def sequential(length_us):
    return spun("sequential", length_us, 1.0, workers=1)


def rows(**gains):
    """By chunk, the gains at each of the lengths: one, all, own (what the API does), threads."""
    names = {
        "one": "multiprocessing by 1",
        "all": "multiprocessing by all",
        "own": "multiprocessing",
        "auto": "multiprocessing by auto",
        "threads": "threading",
    }
    return [
        row
        for place, length in enumerate(LENGTHS_US)
        for row in (sequential(length), *(spun(names[name], length, all_of[place]) for name, all_of in gains.items()))
    ]


USUAL = rows(one=(0.01, 0.5, 1.8), all=(0.1, 1.6, 1.9), own=(0.08, 1.5, 1.8), threads=(0.02, 0.6, 0.9))


def dispatched(made=USUAL):
    (found,) = dispatches(made)
    return found


def named(name, made=USUAL):
    return next(one for one in dispatched(made).series if one.name == name)


def test_a_task_takes_its_work_and_all_else():
    """Both from wall times of passes; with the interval of the speed-up."""
    one = named("multiprocessing by 1")
    assert [length.work_s for length in one.lengths] == pytest.approx([1e-6, 1e-4, 1e-2])
    assert [length.task_s for length in one.lengths] == pytest.approx([1e-4, 2e-4, 1e-2 / 1.8])
    low, high = one.lengths[0].interval_s
    assert low < 1e-4 < high
    assert (one.strategy, one.chunk) == ("multiprocessing", "1")


def test_a_strategy_pays_where_its_line_crosses_that_of_sequential_work():
    """Between two lengths, tasks need a fixed time and a share of their work; with the interval of the speed-ups."""
    found = named("multiprocessing by 1").pays_from
    assert 1e-4 < found.low_s < found.work_s < found.high_s < 1e-2
    assert found.work_s == pytest.approx(3.18e-4, rel=0.01)  # 146 µs and 0.54 of the work


def test_what_pays_at_the_shortest_tasks_pays_at_all():
    """And one that does not pay at the longest is said to pay nowhere."""
    made = rows(one=(1.2, 1.5, 1.9), all=(0.5, 0.6, 0.9))
    found = named("multiprocessing by 1", made).pays_from
    assert (found.at_most, found.work_s) == (True, pytest.approx(1e-6))
    assert named("multiprocessing by all", made).pays_from is None


def test_an_interval_that_reaches_beyond_what_was_measured_is_none():
    """Its end would be made up."""
    made = rows(one=(0.999, 1.5, 1.9), all=(0.5, 0.6, 1.9))
    found = named("multiprocessing by 1", made).pays_from
    assert (found.low_s, found.high_s, found.at_most) == (None, None, False)


def test_a_line_between_two_lengths_is_a_curve_of_a_fixed_time_and_a_share_of_the_work():
    """On logarithmic axes; the lengths that were measured are points of it."""
    one = named("multiprocessing by 1")
    curve = list(between(one.lengths, 3))
    assert len(curve) == 2 * 4 + 1
    assert [curve[place] for place in (0, 4, 8)] == [(each.work_s, pytest.approx(each.task_s)) for each in one.lengths]
    (first, taken), (second, more), (third, most) = curve[4:7]
    assert (more - taken) / (second - first) == pytest.approx((most - more) / (third - second))


def test_the_last_crossing_counts():
    """A single lucky cell before it does not."""
    assert named("multiprocessing by 1", rows(one=(1.1, 0.5, 1.9), all=(1, 1, 1))).pays_from.work_s > 1e-4


def test_the_best_chunks_are_those_that_may_be_as_fast():
    """Without what was left to the API, was chosen, or is flagged."""
    made = rows(one=(0.01, 1.59, 1.8), all=(0.1, 1.6, 1.9), own=(0.5, 1.9, 1.9), auto=(0.5, 1.9, 1.9))
    found = dispatched(made)
    assert [[one.chunk for one in found.best("multiprocessing", place)] for place in range(3)] == [
        ["all"],
        ["all", "1"],
        ["all"],
    ]
    spoilt = [
        replace(row, flags=(Flag.DISTURBED,)) if row.cell.strategy == "multiprocessing by all" else row for row in made
    ]
    assert [one.chunk for one in dispatched(spoilt).best("multiprocessing", 0)] == ["1"]


@pytest.mark.parametrize(
    "made",
    [
        [],
        rows(threads=(0.1, 0.2, 0.3)),
        [row for row in USUAL if row.cell.size == LENGTHS_US[0]],
        [row for row in USUAL if row.cell.strategy != "sequential"],
    ],
    ids=["nothing", "no chunks", "one length", "nothing to compare with"],
)
def test_without_lengths_and_chunks_there_is_nothing_to_compare(made):
    """And the picture says what to measure."""
    assert dispatches(made) == []
    with pytest.raises(NothingToDrawError, match="gil-lab run dispatch"):
        picture.draw(Made(made))


def test_the_table_has_a_row_a_chunk_and_a_column_a_length():
    """With what a task takes, the best marked, and from where on each pays."""
    table = dispatch_table(dispatched())
    assert [column.title for column in table.columns] == ["strategy", "1.0 µs", "100 µs", "10 ms", "pays from"]
    assert [list(row.texts) for row in table.rows] == [
        ["sequential", "1.0 µs", "100 µs", "10 ms", ""],
        ["multiprocessing by 1", "100 µs", "200 µs", "5.6 ms", "320 µs"],
        ["multiprocessing by all", "10 µs<", "63 µs<", "5.3 ms<", "20 µs"],
        ["multiprocessing", "12 µs", "67 µs", "5.6 ms", "26 µs"],
        ["threading", "50 µs", "170 µs", "11 ms", "never"],
    ]


def test_the_answer_is_where_it_pays_and_how_much_the_chunk_matters():
    """In a sentence for each strategy that has chunks."""
    (said,) = lines(dispatches(USUAL))
    best, worst = said.split("; ")
    assert best.startswith("multiprocessing pays for tasks from 20.2")
    assert best.endswith("on, by all")
    assert worst.startswith("by 1, from 318")
    never = list(lines(dispatches(rows(one=(0.1, 0.2, 0.3), all=(0.2, 0.5, 1.5)))))
    assert never[0].endswith("by 1, at no length that was measured.")
    assert list(lines(dispatches(rows(one=(0.1, 0.2, 0.3), all=(0.2, 0.5, 0.5))))) == [
        "multiprocessing pays at no length of the tasks that was measured."
    ]


def test_the_answer_of_a_session_fits_on_its_screen():
    """The sentences, the table, nothing of the fastest cells. What there is no room for is counted."""
    more = [
        spun(f"joblib by {chunk}", length, gain)
        for chunk in range(1, 20)
        for length, gain in zip(LENGTHS_US, (0.01, 0.4, 1.7), strict=True)
    ]
    blocks = answer([*USUAL, *more], [], "more --rounds")
    assert height(blocks) <= 20
    assert not any("fastest" in block for block in blocks if isinstance(block, str))
    (table,) = (block for block in blocks if isinstance(block, Table))
    assert any(
        f"Not shown: {len(LENGTHS_US) * (19 + 4 + 1 - len(table.rows))} more cells." in str(one) for one in blocks
    )


def test_where_there_is_little_room_the_chunks_that_pay_first_and_last_are_shown():
    """In their order, then those that were left to the API."""
    assert [one.name for one in dispatched().foremost(3)] == [
        "multiprocessing by 1",
        "multiprocessing by all",
        "multiprocessing",
    ]
    assert [one.name for one in dispatched().foremost(99)] == [one.name for one in dispatched().series]


def drawn(made=USUAL, width=640):
    return picture.draw(Made(made), width)


def test_the_title_tells_where_the_first_strategy_pays():
    """With its best chunk and with its worst."""
    best, worst = drawn().title.split("; ")
    assert best.startswith("multiprocessing pays for tasks from 20.2")
    assert best.endswith("on, by all")
    assert worst.startswith("by 1 only from 318")


def test_a_line_a_chunk_with_its_interval():
    """And those of strategies without chunks beside them."""
    (view,) = drawn().spec["vconcat"]
    points = view["data"]["values"]
    assert {point["line"] for point in points} == {"by 1", "by all", "its own chunks", "threading"}
    assert all(point["low"] < point["y"] < point["high"] for point in points)
    assert {"sequential", "ideal on 2 cores", "by 1", "by all", "its own chunks", "threading"} <= set(words(view))


def test_the_lengths_from_which_on_it_pays_are_marked():
    """Of the chunk that pays first, and of the one that pays last."""
    (view,) = drawn().spec["vconcat"]
    assert {"20 µs", "320 µs"} <= set(words(view))


def test_what_pays_nowhere_has_no_mark():
    """The lines are drawn all the same."""
    made = drawn(rows(one=(0.1, 0.2, 0.3), all=(0.2, 0.5, 0.5)))
    assert made.title == "multiprocessing pays at no length of the tasks that was measured"
    (view,) = made.spec["vconcat"]
    assert not [word for word in words(view) if word.endswith((" µs", " ms"))]


def test_each_strategy_that_has_chunks_has_a_panel():
    """With the same axes, and the same look for the same chunk."""
    more = [
        spun(f"joblib by {chunk}", length, gain)
        for chunk in (1, 16)
        for length, gain in zip(LENGTHS_US, (0.01, 0.4, 1.7), strict=True)
    ]
    first, second = drawn([*USUAL, *more]).spec["vconcat"]
    assert first["encoding"]["x"]["scale"] == second["encoding"]["x"]["scale"]
    assert {point["line"] for point in second["data"]["values"]} == {"by 1", "by 16"}
    looks = [
        {(one["colour"], one["shape"]) for one in view["data"]["values"] if one["line"] == "by 1"}
        for view in (first, second)
    ]
    assert looks[0] == looks[1]


@pytest.mark.parametrize("width", [640, 340])
def test_names_stand_beside_the_plot(width):
    """Whatever the width of the picture."""
    (view,) = drawn(width=width).spec["vconcat"]
    assert view["width"] < width - 60
    assert all(value["x"] <= width for value in values(view, "text"))
    assert "logarithmic" in subtitle(drawn(width=width).spec)
