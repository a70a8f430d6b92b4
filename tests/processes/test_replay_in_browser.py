"""The replay in a real browser: played, stepped, moved, by keys, on a phone, without motion."""

import re

import pytest
from browser import DESKTOP, PHONE
from made import GIL, cell
from made_of_time import Made, span

from gil_lab.report.page.replay import Replay, replay

PROJECTOR = (1920, 1080)
READY = "document.querySelector('.replay')?.dataset.state === 'drawn'"
MANY = 5_000
FRAME_MS = 1000 / 60


@pytest.fixture(scope="module")
def tab(one_browser):
    return one_browser


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """Two threads that share a GIL beside two processes; four tasks of 10 ms each."""
    threads = [
        span(task=0, begin_ms=0, end_ms=20),
        span(task=1, tid=201, begin_ms=0, end_ms=20),
        span(task=2, begin_ms=20, end_ms=40),
        span(task=3, tid=201, begin_ms=20, end_ms=40),
    ]
    processes = [
        span(task=task, pid=100 + task % 2, tid=200 + task % 2, begin_ms=task // 2 * 10, end_ms=10 + task // 2 * 10)
        for task in range(4)
    ]
    made = Made().add(cell("threading", workers=2), threads, 40, **GIL)
    made.add(cell("multiprocessing", workers=2), processes, 20, cores_busy=2.0)
    made.held((200, 0, 5, 0), (201, 5, 10, 1), (200, 10, 40, 9))
    return written(made, tmp_path_factory.mktemp("replay"))


def written(made, folder):
    path = folder / "replay.html"
    path.write_text(Replay(replay(made)).document(), encoding="utf-8", newline="")
    return path


def said(tab):
    """What is read out to those who do not see it."""
    return tab.texts(".said")[0]


@pytest.mark.parametrize("size", [PROJECTOR, DESKTOP, PHONE], ids=["projector", "desktop", "phone"])
def test_it_is_drawn_without_a_complaint_and_without_a_request(tab, file, size):
    """And the page does not scroll sideways."""
    tab.open(file, size, READY)
    assert tab.js("[...document.querySelectorAll('canvas')].every(one => one.width > 100 && one.height > 100)")
    assert tab.complaints() == []
    assert tab.requests() == [file.as_uri()]
    assert tab.js("document.documentElement.scrollWidth <= innerWidth")


def test_every_control_has_a_name(tab, file):
    """Also for those who hear the page."""
    tab.open(file, until=READY)
    controls = tab.js(
        "[...document.querySelectorAll('.replay button, .replay input, .replay select')]"
        ".map(one => one.getAttribute('aria-label') || one.textContent)"
    )
    assert controls == ["Play", "One step back", "One step forward", "Moment of the pass", "Speed"]


def test_it_is_stepped_through_by_keys(tab, file):
    """From one begin, end or hand-off to the next, to the end and back."""
    from selenium.webdriver.common.keys import Keys

    tab.open(file, until=READY)
    tab.js("document.querySelector('[name=forward]').focus()")
    tab.press(Keys.ARROW_RIGHT)
    assert said(tab).startswith("5.00 of 40.00 ms")
    assert "threading x2: 2 queued, 2 in flight, 0 done" in said(tab)
    assert "The GIL is held by worker 2" in said(tab)
    tab.press(Keys.END)
    assert "threading x2: 0 queued, 0 in flight, 4 done; so far 2.0 in flight" in said(tab)
    tab.press(Keys.HOME)
    assert said(tab).startswith("0.00 of 40.00 ms")


def test_the_counters_grow_as_the_tasks_are_done(tab, file):
    """In the middle of the pass of the processes both of their first tasks are done."""
    tab.open(file, until=READY)
    tab.js("document.querySelector('.replay').replay.seek(10)")
    assert "multiprocessing x2: 0 queued, 2 in flight, 2 done" in said(tab)


def test_it_plays_to_its_end_and_stops(tab, file):
    """As fast as it was: 40 ms."""
    tab.open(file, until=READY)
    tab.js("document.querySelector('[name=speed]').append(new Option('at once', 0.01, true, true))")
    tab.all("[name=play]")[0].click()
    tab.wait("document.querySelector('[name=play]').textContent === 'Play'")
    assert "4 done" in said(tab)


def test_without_motion_it_goes_from_one_moment_to_another(tab, file):
    """Where the system asks for that: no frame is animated."""
    tab.open(file, until=READY)
    tab.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-reduced-motion", "value": "reduce"}])
    try:
        tab.open(file, until=READY)
        tab.js("document.querySelector('[name=speed]').append(new Option('at once', 1, true, true))")
        tab.all("[name=play]")[0].click()
        tab.wait("document.querySelector('[name=play]').textContent === 'Play'")
        assert tab.js("document.querySelector('.replay').replay.frames.length") == 0
    finally:
        tab.cdp("Emulation.setEmulatedMedia", features=[])


def test_thousands_of_tasks_are_drawn_by_looking_at_a_few(tab, tmp_path):
    """A frame looks at the current task of each worker, and at no other one: that is counted, not timed."""
    tasks = [span(task=task, tid=200 + task % 8, begin_ms=task // 8, end_ms=task // 8 + 1) for task in range(MANY)]
    made = Made()
    for strategy in ("threading", "multiprocessing"):
        made.add(cell(strategy, workers=8), tasks, MANY / 8 + 1)
    tab.open(written(made, tmp_path), until=READY)
    drawn = tab.js(
        "(() => { const panel = document.querySelector('.replay').replay.panels[0]; let boxes = 0;"
        "const box = panel.box.bind(panel); panel.box = (...given) => { boxes += 1; box(...given); };"
        "panel.draw(300.5); return boxes; })()"
    )
    assert drawn == 8


def test_the_script_is_small():
    """Less than 60 kB, and nothing of it is fetched."""
    from gil_lab.report.page.parts import text_of

    script = text_of("replay.js")
    assert len(script.encode()) < 60_000
    assert not re.search(r"https?:|import\(|fetch\(", script)
