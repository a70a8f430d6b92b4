"""The pictures of a measured session in a real browser: all are drawn as the page has them, marks, tooltips and all."""

import pytest
from browser import DESKTOP, PHONE
from made import cell, measurement, result, sample, trial
from reference_sessions import REFERENCE, reference

from gil_lab.experiment.results import Results
from gil_lab.model.records import Pass, TaskSpan
from gil_lab.report import pictures
from gil_lab.report.drawing.picture import NARROW, WIDTH
from gil_lab.report.page import page
from gil_lab.sessions.writer import Folder

STRATEGIES = {"sequential": 1.0, "threading": 1.0, "multiprocessing": 1.9, "asyncio": 1.0}
"""Cores busy."""
PYTHONS = ("3.11", "3.13t+gil")
OF_REFERENCES = {
    "contention": ("gil", "ladder"),
    "convoy": ("delays",),
    "dispatch": ("dispatch",),
    "handing-over": ("sizes",),
    "implementations": ("warm-up",),
    "released": ("releases",),
}
"""Pictures that need more than a made-up session has, by the reference session that has it."""
DRAWABLE = tuple(name for name in pictures.names() if name not in sum(OF_REFERENCES.values(), ()))
LONG = ("timeline", "cores", "gil")
"""Pictures with a plot for each cell: of one Python, with the most workers. Twenty plots take the browser seconds, and
are drawn as three of them are.
"""
ABOUT = {
    "experiment": "scaling",
    "machine": {"host": "vm", "usable_cores": 2},
    "references": dict.fromkeys(STRATEGIES, "sequential"),
}
ANSWERS = """at_utc,experiment,question,answer,right_answer
2026-11-23T07:15:31+00:00,scaling,Which is the fastest?,Two processes,Two processes
2026-11-23T07:15:31+00:00,scaling,Which is the fastest?,Two threads,Two processes
"""
DRAWN = "[...document.querySelectorAll('figure')].every(figure => figure.dataset.state)"
MS = 10**6


def measured(cores_busy, workers):
    """Four tasks of 100 ms in each pass, on two cores."""
    wall = int(400 * MS / cores_busy)
    begins = [number * 100 * MS for number in range(3)]
    spans = tuple(
        TaskSpan(task, 100, 200 + task % workers, 2000 * MS + task * 10 * MS, 2000 * MS + wall, 90 * MS, 5 * MS, 0, 1)
        for task in range(4)
    )
    return measurement(
        passes=(
            Pass("warm-up", 0, 300 * MS),
            Pass("timed", 1000 * MS, 1000 * MS + wall),
            Pass("traced", 2000 * MS, 2000 * MS + wall),
        ),
        spans=spans,
        samples=tuple(
            sample(1000 * MS + begin, (begin / 1e9, begin * (cores_busy - 1) / 1e9), child_s=begin * cores_busy / 1e9)
            for begin in begins
        ),
        startup_s=0.01 * workers,
    )


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Three numbers of workers and two rounds of each strategy under two Pythons, as a session leaves them behind."""
    cells = [
        cell(strategy, workers=workers, interpreter=python)
        for python in PYTHONS
        for strategy in STRATEGIES
        for workers in ((1,) if strategy == "sequential" else (1, 2, 4))
    ]
    folder = Folder(tmp_path_factory.mktemp("results"), "scaling", "vm", ABOUT, dict.fromkeys(PYTHONS, "python"))
    number = 0
    for one_round in (1, 2):
        for one in cells:
            number += 1
            busy = STRATEGIES[one.strategy] if one.workers > 1 else 1.0
            planned = trial(number=number, round=one_round, cell=one)
            folder.append(result(trial=planned, measurement=measured(busy, one.workers)))
    folder.close()
    (folder.path / "answers.csv").write_text(ANSWERS)
    return Results.read(folder.path)


def drawable():
    """The pictures of the page: those of the made-up session and, in a checkout, those of the reference sessions."""
    return DRAWABLE + sum(OF_REFERENCES.values(), ()) * REFERENCE.exists()


@pytest.fixture(scope="module")
def file(results, tmp_path_factory, script_cache):
    """One page with every picture that there is, each in two widths: to load a page takes longer than to draw one."""
    sessions = dict.fromkeys(DRAWABLE, results)
    if REFERENCE.exists():
        for experiment, names in OF_REFERENCES.items():
            sessions |= dict.fromkeys(names, reference(experiment))
    for name in LONG:
        if name in sessions:
            most = max(row.cell.workers for row in sessions[name])
            sessions[name] = sessions[name].where(workers=most, interpreter=sessions[name].rows[0].cell.interpreter)
    path = tmp_path_factory.mktemp("page") / "report.html"
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_CACHE_HOME", str(script_cache))
        wide, narrow = ([sessions[name].picture(name, width) for name in sessions] for width in (WIDTH, NARROW))
        text = page(results, wide, narrow=narrow)
    path.write_text(text, encoding="utf-8", newline="")
    return path


@pytest.fixture(scope="module", params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def tab(request, file, one_browser):
    """The page at both widths, loaded once for all tests, with what it had complained of and asked for by then."""
    one_browser.open(file, request.param, DRAWN)
    one_browser.at_first = (one_browser.complaints(), one_browser.requests())
    return one_browser


def test_every_picture_is_drawn_without_a_complaint_and_without_a_request(tab, file):
    """No warning of Vega's, no violated policy; and the page does not scroll sideways."""
    found = tab.js("[...document.querySelectorAll('figure')].map(figure => [figure.id, figure.dataset.state])")
    assert found == [[name, "drawn"] for name in drawable()]
    complaints, requests = tab.at_first
    assert complaints == []
    assert requests == [file.as_uri()]
    assert tab.js("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.skipif(not REFERENCE.exists(), reason="there are no reference sessions outside a checkout")
def test_so_are_those_of_single_experiments():
    """Those of the reference sessions are among them, so that there is no picture that no browser has drawn."""
    assert sorted(drawable()) == sorted(pictures.names())


def test_no_name_loses_its_end(tab):
    """Also where the browser's font is wider than the one that the room for names was measured with."""
    texts = tab.js("[...document.querySelectorAll('figure text')].map(text => text.textContent)")
    assert any("multiprocessing" in text for text in texts)
    assert [text for text in texts if text.endswith("\u2026")] == []  # where Vega cuts


def test_the_map_has_a_mark_for_each_cell(tab, results):
    names = {row.cell.strategy for row in results.rows}
    data = "[...document.querySelectorAll('#map .mark-symbol path')].map(mark => Object.values(mark.__data__.datum))"
    marks = tab.js(data)
    for name in names:  # on a phone the longest names are shortened
        assert sum(any(name[:8] in str(value) for value in mark) for mark in marks) == sum(
            row.cell.strategy == name for row in results.rows
        )


def test_a_mark_of_the_map_tells_its_strategy_under_the_mouse(tab):
    mark = tab.all("#map .mark-symbol path")[-1]  # the topmost of those that coincide
    values = [str(value) for value in tab.js("Object.values(arguments[0].__data__.datum)", mark)]
    (strategy,) = {name for name in STRATEGIES if any(value.startswith(name) for value in values)}
    tab.hover(mark)
    tab.wait(f"document.querySelector('#vg-tooltip-element.visible')?.textContent.includes('{strategy}')")


def test_no_picture_has_to_be_scrolled_on_a_phone(tab):
    """Each is drawn anew for it, with the data that are in the page once; a desk has the room for the usual ones."""
    boxes = "[...document.querySelectorAll('figure .wide')].map(box => box.scrollWidth - box.clientWidth)"
    assert tab.js(boxes) == [0] * len(drawable())


def test_the_first_picture_is_the_map(tab):
    assert tab.js("document.querySelector('figure').id") == "map"
    assert tab.js(
        "document.querySelector('#map').compareDocumentPosition(document.querySelector('h2')) "
        "& Node.DOCUMENT_POSITION_FOLLOWING"
    )
