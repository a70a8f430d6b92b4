"""One number changed in a real browser: the cells of one measured point, and what the last move changed."""

import re

import pytest
from browser import DESKTOP, PHONE
from made_claims import of, session
from reference_sessions import reference

from gil_lab.model.records import Flag
from gil_lab.report.page.sliders import of_results
from gil_lab.report.tables.results import by_workload, results_table

PROJECTOR = (1920, 1080)
READY = "document.querySelector('.sliders')?.dataset.state === 'drawn'"
CELLS = "[...document.querySelectorAll('.cells li:not([hidden])')].map(one => one.innerText.replace(/\\s+/g, ' '))"


def at(strategy, wall_s, workers, python="3.11", **changes):
    return of(strategy, wall_s, work={"workers": workers, "interpreter": python}, **changes)


@pytest.fixture(scope="module")
def results():
    """Two Pythons and three sizes of a pool; processes under one of them only, where eight are slow.

    And other work, of which there is nothing sequential.
    """
    return session(
        *(at("sequential", 0.4, 1, python) for python in ("3.11", "3.14")),
        *(at("threading", 0.4, workers, python) for python in ("3.11", "3.14") for workers in (2, 4, 8)),
        at("multiprocessing", 0.2, 2, cores_busy=2.0),
        at("multiprocessing", 0.1, 4, cores_busy=2.0, flags=(Flag.DISTURBED,)),
        at("multiprocessing", 0.8, 8, cores_busy=2.0),
        at("joblib", None, 2, detail="joblib is not installed; python -m pip install joblib"),
        *(of("threading", s, work={"workload": "http", "workers": workers}) for workers, s in ((2, 0.4), (4, 0.2))),
    )


@pytest.fixture(scope="module")
def file(tmp_path_factory, results):
    path = tmp_path_factory.mktemp("sliders") / "sliders.html"
    path.write_text(of_results(results).document(), encoding="utf-8", newline="")
    return path


@pytest.fixture
def tab(one_browser, file):
    """At its first point."""
    one_browser.open(file, until=READY)
    return one_browser


def press(tab, control, *keys):
    tab.js(f"document.querySelector('[name={control}]').focus()")
    for key in keys:
        tab.press(key)


def said(tab):
    return tab.texts(".said")[0]


@pytest.mark.parametrize("name", ["connections", "threads-processes", "waiting", "warm-up"])
def test_in_a_notebook_all_strategies_are_in_the_frame(one_browser, tmp_path, name):
    """However many there are, and controls; below them, where the tables begin, it scrolls."""
    path, made = tmp_path / "sliders.html", of_results(reference(name))
    path.write_text(made.document(), encoding="utf-8", newline="")
    one_browser.open(path, (1000, 900), READY)
    bottom = one_browser.js("document.querySelector('.sliders').getBoundingClientRect().bottom")
    assert bottom <= made.frame_height <= bottom + 150


@pytest.mark.parametrize("size", [PROJECTOR, DESKTOP, PHONE], ids=["projector", "desktop", "phone"])
def test_it_is_drawn_without_a_complaint_and_without_a_request(one_browser, file, size):
    """Nothing of it is wider than the page, at whatever point."""
    one_browser.open(file, size, READY)
    for point in ([0, 0], [2, 0], [2, 1]):
        one_browser.js(f"document.querySelector('.sliders').grids[0].move({point})")
        assert one_browser.js("document.documentElement.scrollWidth <= innerWidth")
        assert one_browser.js(
            "[...document.querySelectorAll('.sliders *')].every(one => one.scrollWidth <= innerWidth)"
        )
    assert one_browser.complaints() == []
    assert one_browser.requests() == [file.as_uri()]


def test_every_control_has_a_name_and_its_value_is_heard(tab):
    """With its unit; the line that says what changed is read out."""
    controls = "[...document.querySelectorAll('.factors input, .factors select')]"
    assert tab.js(f"{controls}.map(one => one.labels[0].textContent)") == ["work", "workers", "Python"]
    assert tab.js(f"{controls}[1].getAttribute('aria-valuetext')") == "2 workers"
    assert tab.js("document.querySelector('.said').getAttribute('role')") == "status"


def test_it_is_moved_by_keys_from_one_measured_value_to_the_next(tab):
    """And says in one line what that changed: the greatest change first, a flagged cell with its mark."""
    from selenium.webdriver.common.keys import Keys

    press(tab, "workers", Keys.ARROW_RIGHT)
    assert tab.texts("output") == ["4 workers"]
    assert re.fullmatch(
        r"2 → 4 workers: joblib skipped → not measured; multiprocessing 2\.00x → 4\.00x\* \[[\d.]+, [\d.]+\]; "
        r"threading ~1\.00x → ~1\.00x \[[\d.]+, [\d.]+\]",
        said(tab),
    )
    press(tab, "workers", Keys.END)
    assert said(tab).startswith("4 → 8 workers: multiprocessing 4.00x* → 0.500x [")


def test_numbers_are_those_of_the_tables_digit_by_digit(tab, results):
    """Speed-up, wall time, tasks in flight, cores busy and verdict of each cell, also after the tables were sorted."""
    group, _ = by_workload(results.rows)
    table = results_table(group, verdicts=True)
    titles = ["speed-up overall", "wall s", "in flight", "cores busy", "verdict"]
    places = [[column.title for column in table.columns].index(title) for title in titles]
    expected = {
        (row.texts[0], summary.cell.workers): [row.texts[place] for place in places]
        for summary, row in zip(group, table.rows, strict=True)
        if summary.cell.interpreter == "3.11" and not row.detail
    }
    tab.js("document.querySelector('thead button').click()")
    for place, workers in enumerate((2, 4, 8)):
        tab.js(f"document.querySelector('.sliders').grids[0].move([{place}, 0])")
        for line in tab.js(CELLS):
            name, _, rest = line.partition(" ")
            numbers = expected.get((name, 1 if name == "sequential" else workers))
            if numbers:
                speedup, wall, in_flight, busy, verdict = numbers
                assert rest.startswith(
                    f"{speedup} speed-up {wall} s {in_flight} in flight {busy} cores busy {verdict}".strip()
                )


def test_a_cell_without_numbers_shows_its_reason_and_a_flagged_one_its_mark(tab):
    shown = tab.js(CELLS)
    assert "joblib skipped: joblib is not installed; python -m pip install joblib" in shown
    tab.js("document.querySelector('.sliders').grids[0].move([1, 0])")
    (flagged,) = (line for line in tab.js(CELLS) if line.startswith("multiprocessing"))
    assert flagged.startswith("multiprocessing* 4.00 ")
    assert flagged.endswith("flagged")


def test_what_was_not_measured_says_so_and_leads_to_the_nearest_that_was(tab):
    """One change away; the control that it moves has the focus then."""
    tab.js("document.querySelector('.sliders').grids[0].move([2, 1])")
    (line,) = (line for line in tab.js(CELLS) if line.startswith("multiprocessing"))
    assert line.startswith("multiprocessing not measured here; nearest: Python 3.11 ")
    tab.js("[...document.querySelectorAll('.missing button')].find(one => one.textContent === 'Python 3.11').click()")
    assert said(tab).startswith("3.14 → Python 3.11: multiprocessing not measured → 0.500x [")
    assert tab.js("document.activeElement.name") == "Python"


def test_another_work_has_numbers_of_its_own_to_change(tab):
    """Without sequential work its bars are wall times, from 0 to the greatest round."""
    from selenium.webdriver.common.keys import Keys

    press(tab, "work", Keys.ARROW_DOWN)
    assert tab.js("[...document.querySelectorAll('.factors [name]')].map(one => one.name)") == ["work", "workers"]
    press(tab, "workers", Keys.ARROW_RIGHT)
    assert re.fullmatch(r"2 → 4 workers: threading 0\.400 s → 0\.200 s \[0\.199, 0\.201\]", said(tab))
    assert tab.js("Number.parseFloat(document.querySelector('.bar').style.width)") == pytest.approx(49.8, abs=0.2)


def test_an_interval_beyond_the_axis_has_no_end_there(tab):
    """Very wide ones would leave no room for the others."""
    tab.js(
        "(grid => { grid.cellAt('threading', [0, 0]).bar = ['1.00', '0.001', '1.50']; grid.move([0, 0]); })"
        "(document.querySelector('.sliders').grids[0])"
    )
    assert tab.js("[...document.querySelectorAll('.interval')].map(one => one.className)")[:2] == [
        "interval",
        "interval open-left",
    ]


def test_without_motion_no_bar_moves(tab, file):
    """Where the system asks for that."""
    moves = "getComputedStyle(document.querySelector('.bar')).transitionDuration"
    assert "0.25s" in tab.js(moves)
    tab.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-reduced-motion", "value": "reduce"}])
    try:
        assert tab.js(moves) == "0s"
    finally:
        tab.cdp("Emulation.setEmulatedMedia", features=[])
