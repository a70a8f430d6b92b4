"""The states: what the tasks of each cell did with their time."""

import pytest
from made_of_cells import Made, processes, sequential, threads
from vega_lite import subtitle, values

from gil_lab.report.drawing.picture import NothingToDrawError
from gil_lab.report.pictures import states


def of_states(make, running, ready, blocked, **changes):
    return make(running_share=running, ready_share=ready, blocked_share=blocked, **changes)


def crowd():
    """Eight threads that wait for the GIL, eight processes that wait for two cores."""
    return Made([sequential(), of_states(threads, 0.13, 0.0, 0.87), of_states(processes, 0.26, 0.73, 0.01)])


def test_the_title_tells_who_is_blocked_and_who_has_to_wait_for_a_core():
    assert states.draw(crowd()).title == "threading x8: 87 % blocked; multiprocessing x8: 73 % ready"


def test_nobody_who_waits_is_told_as_nobody():
    made = Made([of_states(processes, 0.99, 0.01, 0.0)])
    assert states.draw(made).title == "multiprocessing x8 and the others run all the time"


def test_the_states_of_a_cell_stand_one_after_the_other_and_fill_its_bar():
    bars = values(states.draw(crowd()).spec, "bar", cell="multiprocessing x8")
    assert [bar["state"] for bar in bars] == ["running", "ready", "blocked"]
    assert [bar["x"] for bar in bars] == [0, 0.26, 0.99]
    assert [bar["end"] for bar in bars] == [0.26, 0.99, 1]
    assert [bar["share"] for bar in bars] == ["26 %", "73 %", "1 %"]


def test_a_state_in_which_nobody_was_is_not_drawn():
    bars = values(states.draw(crowd()).spec, "bar", cell="threading x8")
    assert [bar["state"] for bar in bars] == ["running", "blocked"]


def test_clocks_that_tell_more_than_the_whole_do_not_draw_beyond_it():
    made = Made([of_states(threads, 0.7, 0.2, 0.2)])
    assert [bar["end"] for bar in values(states.draw(made).spec, "bar")] == [0.7, 0.9, 1]


def test_beside_each_bar_stands_the_state_that_took_longest():
    said = {value["cell"]: value["text"] for value in values(states.draw(crowd()).spec, "text")}
    assert said == {"threading x8": "87 % blocked", "multiprocessing x8": "73 % ready"}


def test_cells_of_one_worker_and_cells_whose_states_are_not_told_have_no_row():
    made = Made([sequential(), of_states(threads, 0.5, None, None), of_states(processes, 0.9, 0.1, 0.0)])
    assert {bar["cell"] for bar in values(states.draw(made).spec, "bar")} == {"multiprocessing x8"}


@pytest.mark.parametrize("rows", [[], [sequential()], [of_states(threads, 0.5, None, None)]])
def test_without_any_there_is_nothing_to_draw_and_a_hint(rows):
    with pytest.raises(NothingToDrawError, match="gil-lab run thread-states"):
        states.draw(Made(rows))


def test_more_cells_than_can_be_looked_at_are_cut_and_told():
    many = [of_states(threads, 0.5, 0.0, 0.5, workers=workers) for workers in range(2, states.MAX_ROWS + 12)]
    spec = states.draw(Made(many)).spec
    assert len({bar["cell"] for bar in values(spec, "bar")}) == states.MAX_ROWS
    assert f"{states.MAX_ROWS} of {len(many)} cells are drawn." in subtitle(spec)
