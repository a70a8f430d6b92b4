"""The pictures of a measured session in a real browser: all are drawn as the page has them, marks, tooltips and all."""

from dataclasses import replace

import pytest
from browser import DESKTOP, PHONE, browser
from made import cell, measurement, result, sample, trial
from places import ROOT
from reference_sessions import reference

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
ABOUT = {
    "experiment": "scaling",
    "machine": {"host": "vm", "usable_cores": 2},
    "references": dict.fromkeys(STRATEGIES, "sequential"),
}
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
    return Results.read(folder.path)


def written(results, names, folder, rows=None):
    """The file of a page with these pictures, and with the table of `rows`, by default of all."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_CACHE_HOME", str(folder))
        wide, narrow = ([results.picture(name, width) for name in names] for width in (WIDTH, NARROW))
        text = page(results if rows is None else replace(results, rows=rows), wide, narrow=narrow)
    path = folder / "report.html"
    path.write_text(text, encoding="utf-8", newline="")
    return path


@pytest.fixture(scope="module")
def file(results, tmp_path_factory):
    """The page with every picture that there is of that session."""
    return written(results, DRAWABLE, tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="module")
def tab(tmp_path_factory):
    with browser(tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_picture_is_drawn_without_a_complaint_and_without_a_request(tab, file, size):
    """No warning of Vega's, no violated policy; and the page does not scroll sideways."""
    all_drawn(tab, file, size, DRAWABLE)


def all_drawn(tab, file, size, names):
    tab.open(file, size, DRAWN)
    found = tab.js("[...document.querySelectorAll('figure')].map(figure => [figure.id, figure.dataset.state])")
    assert found == [[name, "drawn"] for name in names]
    assert tab.complaints() == []
    assert tab.requests() == [file.as_uri()]
    assert tab.js("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.skipif(
    not (ROOT / "results" / "reference").exists(), reason="there are no reference sessions outside a checkout"
)
@pytest.mark.parametrize("experiment", OF_REFERENCES)
def test_so_are_those_of_single_experiments(tab, experiment, tmp_path):
    """Of the reference sessions; on a phone, where their names have least room."""
    names = OF_REFERENCES[experiment]
    all_drawn(tab, written(reference(experiment), names, tmp_path, rows=()), PHONE, names)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_no_name_loses_its_end(tab, file, size):
    """Also where the browser's font is wider than the one that the room for names was measured with."""
    tab.open(file, size, DRAWN)
    texts = tab.js("[...document.querySelectorAll('figure text')].map(text => text.textContent)")
    assert any("multiprocessing" in text for text in texts)
    assert [text for text in texts if text.endswith("\u2026")] == []  # where Vega cuts


def test_the_map_has_a_mark_for_each_cell(tab, file, results):
    tab.open(file, until=DRAWN)
    names = {row.cell.strategy for row in results.rows}
    data = "[...document.querySelectorAll('#map .mark-symbol path')].map(mark => Object.values(mark.__data__.datum))"
    marks = tab.js(data)
    for name in names:
        assert sum(any(name in str(value) for value in mark) for mark in marks) == sum(
            row.cell.strategy == name for row in results.rows
        )


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_mark_of_the_map_tells_its_strategy_under_the_mouse(tab, file, size):
    tab.open(file, size, DRAWN)
    mark = tab.all("#map .mark-symbol path")[-1]  # the topmost of those that coincide
    values = [str(value) for value in tab.js("Object.values(arguments[0].__data__.datum)", mark)]
    (strategy,) = {name for name in STRATEGIES if any(value.startswith(name) for value in values)}
    tab.hover(mark)
    tab.wait(f"document.querySelector('#vg-tooltip-element.visible')?.textContent.includes('{strategy}')")


def test_no_picture_has_to_be_scrolled_on_a_phone(tab, file):
    """Each is drawn anew for it, with the data that are in the page once."""
    tab.open(file, PHONE, DRAWN)
    boxes = "[...document.querySelectorAll('figure .wide')].map(box => box.scrollWidth - box.clientWidth)"
    assert tab.js(boxes) == [0] * len(DRAWABLE)


def test_the_first_picture_is_the_map(tab, file):
    tab.open(file, until=DRAWN)
    assert tab.js("document.querySelector('figure').id") == "map"
    assert tab.js(
        "document.querySelector('#map').compareDocumentPosition(document.querySelector('h2')) "
        "& Node.DOCUMENT_POSITION_FOLLOWING"
    )
