"""The report's page in a real browser, at the width of a desk and of a phone: what is seen, heard and fetched."""

import dataclasses
import json
from types import SimpleNamespace

import pytest
from browser import DESKTOP, PHONE
from made import cell, rounds, row, session_in

from gil_lab.experiment.results import Results
from gil_lab.model.records import Status
from gil_lab.report.drawing.picture import NARROW, SCHEMA, Picture
from gil_lab.report.page import page

ABOUT = {
    "schema": 1,
    "experiment": "cpu-bound",
    "machine": {"host": "vm", "system": "Linux-" + "6" * 150, "usable_cores": 2},
    "options": {"rounds": 2, "seed": 1},
}
STRATEGIES = {"sequential": 0.5, "threading": 5.2, "multiprocessing": 0.26, "numba-nogil": 0.0101, "asyncio": 12.0}
DRAWN = "[...document.querySelectorAll('figure')].every(figure => figure.dataset.state)"
HOSTILE = "</script><img src=x onerror=\"document.title='broken in'\">{{7*7}}\u202eabc\u200bdef"
SHOWN = HOSTILE.replace("\u202e", "\\u202e").replace("\u200b", "\\u200b")


def marks(*names, name="map", **changes):
    """A point for each name, with a tooltip and an expression that has to be evaluated."""
    return Picture(
        name,
        f"{name}: {len(names)} strategies",
        {
            "$schema": SCHEMA,
            "width": 560,
            "height": 200,
            "title": "In flight, and busy",
            "data": {"values": [{"strategy": each, "at": number} for number, each in enumerate(names)]},
            "transform": [{"calculate": "datum.at * 2 + length(datum.strategy)", "as": "far"}],
            "mark": {"type": "circle", "size": 200},
            "encoding": {
                "x": {"field": "at", "type": "quantitative"},
                "y": {"field": "far", "type": "quantitative"},
                "tooltip": [{"field": "strategy"}, {"field": "far", "format": ".1f"}],
            },
            **changes,
        },
    )


@pytest.fixture(scope="module")
def tab(one_browser):
    return one_browser


@pytest.fixture(scope="module", autouse=True)
def own_cache(script_cache):
    """Nothing of the user's is read or written."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_CACHE_HOME", str(script_cache))
        yield


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Five cells with numbers, one that failed, and one in the middle that has no numbers either."""
    trials = [trial for strategy, wall_s in STRATEGIES.items() for trial in rounds(strategy, wall_s, wall_s * 1.01)]
    trials.insert(2, row("joblib", None, status=Status.TIMEOUT, detail="not done after 60 s"))
    return session(tmp_path_factory.mktemp("results"), trials)


def session(folder, trials, about=None):
    numbered = [dataclasses.replace(trial, trial=number) for number, trial in enumerate(trials, 1)]
    return Results.read(session_in(folder / "cpu-bound" / "one", numbered, about or ABOUT))


def written(results, *pictures, **options):
    file = results.folder / "report.html"
    file.write_text(page(results, pictures, folder=results.folder, **options), encoding="utf-8", newline="")
    return file


PICTURES = (marks(*STRATEGIES), marks("a" * 200, name="timeline"))
"""One of them has a name that is too long."""


@pytest.fixture(scope="module", params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def seen(request, tab, results):
    """A page at both widths, loaded once for the tests that only look, which come first; the others open their own."""
    file = written(results, *PICTURES, question="?" * 300)
    tab.open(file, request.param, DRAWN)
    return SimpleNamespace(file=file, size=request.param, complaints=tab.complaints(), requests=tab.requests())


def test_the_page_is_drawn_without_a_complaint_and_without_a_request(tab, seen):
    """No warning, no violated policy, nothing fetched but the page itself."""
    assert tab.js("[...document.querySelectorAll('figure')].map(figure => figure.dataset.state)") == ["drawn"] * 2
    assert seen.complaints == []
    assert seen.requests == [seen.file.as_uri()]


def test_the_page_never_scrolls_sideways(tab, seen):
    """What is wider scrolls in its own box."""
    assert tab.js("document.documentElement.scrollWidth <= innerWidth")
    assert tab.js("innerWidth") == seen.size[0]
    for figure in tab.all("figure"):
        assert tab.js("arguments[0].clientWidth <= innerWidth", figure)


def test_a_picture_is_never_so_small_that_it_cannot_be_read(tab, seen):
    """On a phone it scrolls instead; on a desk it fills the column."""
    width = tab.js("document.querySelector('figure svg').getBoundingClientRect().width")
    beyond = tab.js("(box => box.scrollWidth - box.clientWidth)(document.querySelector('figure .wide'))")
    assert (width >= 440 and beyond >= 50) if seen.size == PHONE else (width > 700 and beyond >= 0)


def test_every_strategy_has_a_mark_on_the_map(tab, seen):
    told = tab.js("[...document.querySelectorAll('#map .mark-symbol path')].map(mark => mark.__data__.datum.strategy)")
    assert sorted(told) == sorted(STRATEGIES)


def test_a_mark_under_the_mouse_tells_its_numbers(tab, seen):
    """And stops to when the mouse has gone."""
    tab.hover(tab.all("#map .mark-symbol path")[1])
    tab.wait("document.querySelector('#vg-tooltip-element.visible')?.textContent.includes('threading')")
    assert tab.js("getComputedStyle(document.querySelector('#vg-tooltip-element')).visibility") == "visible"
    assert tab.js(
        "(box => box.left >= 0 && box.right <= innerWidth && box.top >= 0 && box.bottom <= innerHeight)"
        "(document.querySelector('#vg-tooltip-element').getBoundingClientRect())"
    )
    tab.hover(tab.all("h1")[0])
    tab.wait("getComputedStyle(document.querySelector('#vg-tooltip-element')).visibility === 'hidden'")


def test_it_prints_on_paper(tab, seen):
    """Nothing is wider than the sheet, and pictures are not torn."""
    tab.cdp("Emulation.setEmulatedMedia", media="print")
    try:
        assert tab.js("document.documentElement.scrollWidth <= innerWidth")
        assert tab.js("getComputedStyle(document.querySelector('figure')).breakInside") == "avoid"
    finally:
        tab.cdp("Emulation.setEmulatedMedia", media="")


def test_specifications_survive_the_page(tab, seen):
    """What the browser draws is what the picture says."""
    for block, picture in zip(tab.texts("figure script"), PICTURES, strict=True):
        assert json.loads(block) == {key: value for key, value in picture.spec.items() if key != "$schema"}


def test_a_violated_policy_would_be_noticed(tab, results):
    """The test above can fail: a style, a handler and a fetch are refused by the policy."""
    file = written(results)
    text = file.read_text()
    file.write_text(text.replace("<main>", "<main><p style='color: red' onclick='x()'><img src='http://127.0.0.1:9/'>"))
    tab.open(file, until="window.violations.length >= 3")
    assert sorted(tab.violations()) == ["img-src", "script-src-attr", "style-src-attr"]
    assert set(tab.violations()) <= set(tab.complaints())


def test_a_picture_that_fails_says_so_and_does_not_stop_the_others(tab, results):
    bad = marks("x", name="speedups", mark={"type": "nonsense"})
    tab.open(written(results, marks(*STRATEGIES), bad, marks("x", name="timeline")), until=DRAWN)
    states = tab.js("[...document.querySelectorAll('figure')].map(figure => figure.dataset.state)")
    assert states == ["drawn", "failed", "drawn"]
    (line,) = tab.texts("#speedups [role=alert]")
    assert line.startswith("This picture could not be drawn: ")


def test_without_the_drawing_script_words_and_numbers_remain(tab, results):
    """The policy refuses one that is not the very script that was written, as an old browser might."""
    file = written(results, marks(*STRATEGIES))
    text = file.read_text()
    file.write_text(text.replace("window.vegaEmbed=", "window.another="))
    tab.open(file, until=DRAWN)
    assert len(tab.texts("figure [role=alert]")) == 1
    click(tab, "wall s")
    assert names(tab)[0] == "numba-nogil"


def names(tab):
    """Of the table's rows, from top to bottom."""
    return tab.texts("tbody th")


def heading(tab, text):
    (found,) = (button for button in tab.all("thead button") if button.text.split("\u2195")[0].strip() == text)
    return found


def click(tab, text):
    heading(tab, text).click()


@pytest.fixture(scope="module")
def loaded(tab, results):
    """The page without pictures, loaded once for the tests of its table; where it is no more, it is again."""
    file = written(results)
    kept = results.folder / "tables.html"
    file.rename(kept)
    return kept


@pytest.fixture
def table(tab, loaded):
    """Its table as it was given: a third click on the heading that sorts it undoes that."""
    if tab.driver.current_url != loaded.as_uri():
        tab.open(loaded)
    while sorting := tab.all("thead th:is([aria-sort=ascending], [aria-sort=descending]) button"):
        sorting[0].click()
    return tab


AS_GIVEN = ["sequential", "joblib", "threading", "multiprocessing", "numba-nogil", "asyncio"]


def test_a_heading_sorts_by_number_and_failed_cells_stay_last(table):
    """12.1 is more than 5.23, although words would say otherwise. A second click turns round, a third undoes it."""
    assert names(table) == AS_GIVEN
    up = ["numba-nogil", "multiprocessing", "sequential", "threading", "asyncio", "joblib"]
    down = ["asyncio", "threading", "sequential", "multiprocessing", "numba-nogil", "joblib"]
    button = heading(table, "wall s")
    for order, direction in ((up, "ascending"), (down, "descending"), (AS_GIVEN, "none")):
        button.click()
        assert (names(table), direction) == (order, table.js("arguments[0].parentElement.ariaSort", button))


def test_rows_without_a_value_stay_behind_those_with_one(table):
    """A reference has no speed-up against its own form, nor has a cell whose reference was not measured."""
    button = heading(table, "speed-up same form")
    for _ in range(2):
        button.click()
        assert names(table)[-3:] == ["sequential", "numba-nogil", "joblib"]


def test_rows_that_are_equal_stay_in_their_order(table):
    """All had two tasks in flight."""
    button = heading(table, "in flight")
    for _ in range(2):
        button.click()
        assert names(table) == [name for name in AS_GIVEN if name != "joblib"] + ["joblib"]


def test_names_are_sorted_as_words(table):
    click(table, "strategy")
    assert names(table) == [*sorted(STRATEGIES), "joblib"]


def test_only_the_column_that_was_asked_for_last_says_that_it_is_sorted(table):
    for text in ("wall s", "cores busy"):
        click(table, text)
    told = table.js("[...document.querySelectorAll('thead th')].map(heading => heading.ariaSort)")
    assert sorted(told) == ["ascending"] + ["none"] * (len(told) - 1)


@pytest.mark.parametrize("key", ["\ue007", " "], ids=["enter", "space"])
def test_the_keyboard_sorts_too(table, key):
    table.js("arguments[0].focus()", heading(table, "wall s"))
    table.press(key)
    assert names(table)[0] == "numba-nogil"


def test_tables_are_sorted_each_for_itself(tab, tmp_path):
    works = [cell(name, workload=workload) for workload in ("primes", "sha256") for name in ("threading", "asyncio")]
    tab.open(written(session(tmp_path, [row(cell=one) for one in works])))
    heading_of_second = [button for button in tab.all("thead button") if button.text.startswith("strategy")][1]
    heading_of_second.click()
    assert names(tab) == ["threading", "asyncio", "asyncio", "threading"]


def test_hostile_text_is_shown_as_text(tab, tmp_path):
    """From every file of a session, in words, tables, settings, titles, marks and tooltips."""
    about = {
        "experiment": HOSTILE[:38],
        "machine": {"host": HOSTILE, HOSTILE[:30]: HOSTILE},
        "interpreters": {HOSTILE[:20]: {"packages": [{"name": HOSTILE}]}},
    }
    trials = [row("sequential"), row(cell=cell(HOSTILE)), row("joblib", None, detail=HOSTILE)]
    results = session(tmp_path, trials, about)
    shown = marks(HOSTILE, "x" * 30, title={"text": HOSTILE})
    file = written(results, shown, undrawn={"scaling": HOSTILE}, question=HOSTILE)
    tab.open(file, DESKTOP, DRAWN)
    assert SHOWN in tab.js("document.body.innerText")
    assert tab.texts(".question") == [SHOWN]
    assert f"{SHOWN} x2" in tab.texts("dt")
    tab.hover(tab.all("#map .mark-symbol path")[0])
    tab.wait("document.querySelector('#vg-tooltip-element.visible')?.textContent.includes('{{7*7}}')")
    assert tab.all("img") == []
    assert tab.js("document.title") != "broken in"
    assert tab.complaints() == []
    assert tab.requests() == [file.as_uri()]


def test_the_page_is_whole_when_scripts_are_off(tab, results):
    """It says that pictures need them."""
    tab.cdp("Emulation.setScriptExecutionDisabled", value=True)
    try:
        tab.open(written(results, marks(*STRATEGIES)))
        assert "switched off here" in tab.all("noscript")[0].text
        assert "concurrent, not parallel" in tab.all("dl")[0].text
    finally:
        tab.cdp("Emulation.setScriptExecutionDisabled", value=False)


def test_a_picture_for_phones_fits_one(tab, results):
    """Without scrolling; on a desk the usual one is drawn, and when the window becomes narrow the other one."""
    pictures = {"narrow": [results.picture("map", NARROW)], "folder": results.folder}
    file = results.folder / "report.html"
    file.write_text(page(results, [results.map()], **pictures), encoding="utf-8", newline="")
    widths = (
        "(figure => [figure.querySelector('svg').viewBox.baseVal.width,"
        " figure.querySelector('.wide').scrollWidth - figure.clientWidth])(document.querySelector('figure'))"
    )
    tab.open(file, DESKTOP, DRAWN)
    assert tab.js(widths)[0] > 600
    tab.open(file, PHONE, DRAWN)
    assert tab.js(widths)[0] < 380
    assert tab.js(widths)[1] <= 0
