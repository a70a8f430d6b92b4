"""The costs: where the time goes, and what pays."""

import pytest
from made_of_cells import Made, nogil, processes, sequential, session, threads
from vega_lite import subtitle, values

from gil_lab.report.pictures import costs


def test_the_title_of_the_costs_is_the_longest_start_beside_its_work():
    title = costs.draw(session()).title
    assert title == ("numba-nogil x8 takes 0.360 s to start and compile before 0.0110 s of work: 32.7 times as long")


def test_the_title_of_the_costs_is_that_of_the_data():
    made = Made([sequential(), processes(startup_s=1.0), nogil(startup_s=0.001, compile_s=0)])
    assert costs.draw(made).title == (
        "multiprocessing x8 takes 1.00 s to start before 0.330 s of work: 3.03 times as long"
    )


def test_a_short_start_is_a_part_of_the_work():
    title = costs.draw(Made([sequential(), processes()])).title
    assert title == "multiprocessing x8 takes 0.0200 s to start before 0.330 s of work: 6 % of it"


def test_no_start_is_said_to_be_none():
    title = costs.draw(Made([sequential(startup_s=0.0)])).title
    assert title == "nothing takes time to start; sequential works for 0.600 s"


def test_the_parts_of_a_cell_stand_one_after_the_other():
    bars = values(costs.draw(session()).spec, "bar", cell="numba-nogil x8")
    assert [bar["part"] for bar in bars] == ["launch", "start-up", "compile", "work, one pass"]
    assert [bar["x"] for bar in bars] == [0, 0.03, 0.23, 0.39]
    assert [bar["end"] for bar in bars] == [0.03, 0.23, 0.39, 0.401]
    assert {bar["whole"] for bar in bars} == {"0.401 s"}


def test_what_took_no_time_is_not_drawn():
    bars = values(costs.draw(session()).spec, "bar", cell="threading x8")
    assert [bar["part"] for bar in bars] == ["launch", "start-up", "work, one pass"]


@pytest.mark.parametrize(
    ("one", "told"),
    [
        (processes(overall=(2, 2, 2)), "0.0400 s"),
        (threads(), "no gain seen"),
        (threads(overall=(0.5, 0.51, 0.52)), "never pays"),
        (threads(overall=(0.5,)), None),
        (threads(overall=(1.8,)), None),
    ],
)
def test_what_pays_is_told_as_far_as_the_interval_tells_it(one, told):
    spec = costs.draw(Made([sequential(), one])).spec
    said = [value["text"] for value in values(spec, "text", cell=f"{one.cell.strategy} x8")]
    assert said == ([told] if told else [])
    assert ("A single round cannot show" in subtitle(spec)) == (told is None)


def test_a_cell_without_times_keeps_its_row_with_the_reason():
    spec = costs.draw(session()).spec
    assert {"cell": "joblib x8", "text": "timeout"} in values(spec, "text")
    assert values(spec, "bar", cell="joblib x8") == []
