"""`gil-lab lecture --slides` and `--short`: pages that need nothing else, with the class's own measurements."""

import re
import shutil
from types import SimpleNamespace

import pytest
from browser import DESKTOP, PHONE, browser
from command_line import called
from places import ROOT

from gil_lab.advice.exercises import every_exercise
from gil_lab.cli import lecture_slides
from gil_lab.cli.lecture_notebook import experiments_in_order
from gil_lab.experiment import experiments
from gil_lab.model.chapters import TITLE, Chapter
from gil_lab.report import pictures, print_file
from gil_lab.report.page.slides import Slide, slides_page

pytestmark = pytest.mark.timeout(240)
PROJECTOR = (1920, 1080)
PAPER = (1209, 680)
"""A page of the PDF in pixels: 320 by 180 mm."""
READY = (
    "document.documentElement.dataset.state === 'ready'"
    " && [...document.querySelectorAll('figure')].every(each => each.dataset.state === 'drawn')"
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Both pages and the PDF, of a class that has measured one experiment."""
    pytest.importorskip("vl_convert", reason="vl-convert is not installed")
    folder = tmp_path_factory.mktemp("class")
    shutil.copytree(ROOT / "results" / "reference" / "cpu-bound", folder / "results" / "cpu-bound")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(print_file, "printed", lambda page: b"%PDF-")  # printed in a test of its own
        whole = called("lecture", "--slides", "--no-browser", cwd=folder)
    short = called("lecture", "--short", "--no-browser", "--out", "elsewhere", cwd=folder)
    return SimpleNamespace(
        said=(whole, short), slides=folder / "results" / "slides.html", short=folder / "elsewhere" / "two-minutes.html"
    )


@pytest.fixture(scope="module")
def tab(tmp_path_factory):
    with browser(tmp_path_factory.mktemp("profile")) as started:
        yield started


def test_their_paths_are_printed(made):
    """And nothing else."""
    whole, short = made.said
    assert (whole.returncode, whole.stdout, whole.stderr) == (0, "results/slides.html\nresults/slides.pdf\n", "")
    assert (short.returncode, short.stdout, short.stderr) == (0, "elsewhere/two-minutes.html\n", "")


def test_every_experiment_is_shown_as_in_the_lecture():
    """In its order, with what to watch, and without what only those can do who have a keyboard."""
    names = experiments_in_order()
    assert sorted(names) == sorted(one.design.name for one in experiments())
    assert names[0] == "cpu-bound"
    for one in experiments():
        assert len(one.passage.watch) > 50
        assert {name for name, *_ in one.passage.pictures} <= set(pictures.names())


def test_slides_have_aims_predictions_results_claims_and_exercises(made):
    """The answer stands on the slide after its question; where numbers come from is said."""
    page = made.slides.read_text()
    slides = re.findall(r'<section class="slide.*?(?=<section class="slide|</main>)', page, re.DOTALL)
    told_of = {
        one.design.name: [each for each in slides if f": {one.design.name}</p>" in each] for one in experiments()
    }
    for name, own in told_of.items():
        assert 'type="a"' in own[0], name
        assert "Measured:" in own[1], name
        assert any("<figure" in each for each in own), name
        assert "What it claims" in own[-1], name
    for chapter in Chapter:
        assert sum(f"After this chapter you can {chapter.aim}." in each for each in slides) == 1
    for name in every_exercise():
        assert sum(f"gil-lab exercise {name}<" in each for each in slides) == 1
    assert f'<h1 id="heading-1">{TITLE}</h1>' in slides[0]
    every = len(told_of)
    assert f"{every} experiments: 1 of them measured here, {every - 1} as they came with gil-lab." in slides[0]
    assert "cpu-bound, measured here: " in told_of["cpu-bound"][1]
    assert "mixed, came with gil-lab: " in told_of["mixed"][1]


def test_the_short_version_is_three_pictures(made):
    """The map, the timeline and the replay."""
    page = made.short.read_text()
    assert page.count('<section class="slide') == 3
    assert page.count('<section class="replay"') == 1
    assert "cpu-bound, measured here: " in page


@pytest.mark.parametrize("which", ["slides", "short"])
def test_they_are_drawn_in_a_browser(tab, made, which):
    """Without a complaint and without a request; none is wider than the window, however wide that becomes."""
    page = getattr(made, which)
    tab.open(page, PROJECTOR, READY)
    for size in (PROJECTOR, DESKTOP, PHONE):
        tab.resize(size)
        tab.wait(f"innerWidth === {size[0]}")
        tab.wait("document.documentElement.scrollWidth <= innerWidth")
    assert tab.complaints() == []
    assert tab.requests() == [page.as_uri()]
    names = tab.js("[...document.querySelectorAll('[id]')].map(each => each.id)")
    assert len(names) == len(set(names))


def test_letters_of_pictures_can_be_read_from_the_last_bench(tab, made):
    """A picture with so many rows that they would be smaller scrolls in its slide; no other one does."""
    tab.open(made.slides, DESKTOP, READY)
    tab.resize((1280, 720))
    tab.wait("innerWidth === 1280")
    shown = "[...document.querySelectorAll('.slide .shown:not(.printed) figure')]"
    scrolls = "(box => box.scrollHeight > box.clientHeight + 1)(one.querySelector('.wide'))"
    assert tab.js(f"{shown}.filter(one => one.closest('.slide').offsetHeight > innerHeight + 1).length") == 0
    letters = "[...one.querySelectorAll('svg text')].map(text => [text, text.getScreenCTM()])"
    size = "parseFloat(getComputedStyle(text).fontSize) * Math.hypot(ctm.a, ctm.b)"
    sizes = tab.js(f"{shown}.map(one => Math.min(...{letters}.map(([text, ctm]) => {size})))")
    assert min(sizes) > 9.5
    rows = tab.js(f"{shown}.filter(one => {scrolls}).map(one => Number(one.style.getPropertyValue('--height')))")
    assert 0 < len(rows) < len(sizes) / 3
    assert min(rows) > 450
    assert tab.js("document.documentElement.scrollWidth <= innerWidth")


def test_keys_lead_from_slide_to_slide(tab, made):
    """Those of presenters' remote controls; in a replay, arrows step through it instead."""
    from selenium.webdriver.common.keys import Keys

    tab.open(made.short, DESKTOP, READY)
    slides = "[...document.querySelectorAll('.slide')]"
    at = f"{slides}.findIndex(each => each.getBoundingClientRect().bottom > innerHeight / 2)"
    for key, place in ((Keys.PAGE_DOWN, 1), (Keys.ARROW_RIGHT, 2), (Keys.ARROW_LEFT, 1), (Keys.HOME, 0), (Keys.END, 2)):
        tab.press(key)
        tab.wait(f"{at} === {place}")
    tab.js("document.querySelector('[name=play]').focus()")
    tab.press(Keys.ARROW_RIGHT)
    assert tab.js("document.querySelector('.replay').replay.time") > 0
    assert tab.js(at) == 2
    tab.press(Keys.PAGE_UP)
    tab.wait(f"{at} === 1")


def test_on_paper_nothing_is_cut_off(tab, made):
    """Each slide fits its page; a replay is a timeline there."""
    tab.cdp("Emulation.setEmulatedMedia", media="print")
    try:
        tab.open(made.slides, PAPER, READY)
        too_much = (
            "[...document.querySelectorAll('.slide')].filter(each => each.scrollHeight > each.clientHeight + 1"
            " || each.scrollWidth > each.clientWidth + 1).map(each => each.textContent)"
        )
        assert tab.js(too_much) == []
        assert tab.js("document.querySelector('.printed figure').offsetHeight") > 100
        assert tab.js("document.querySelector('.replay').offsetHeight") == 0
    finally:
        tab.cdp("Emulation.setEmulatedMedia", media="")


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium on the PATH")
def test_a_slide_is_a_page_of_the_pdf(made):
    """Of the short version, which is printed in a moment; pictures are drawn before."""
    printed = print_file.printed(made.short)
    assert printed.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 3
    assert len(printed) > 20_000


def test_without_a_browser_the_page_is_there_and_the_rest_is_said(tmp_path, monkeypatch):
    """In one line, with the next step."""
    monkeypatch.setattr(print_file, "BROWSERS", ("no-such-browser",))
    monkeypatch.setattr(lecture_slides, "whole_lecture", lambda shown: [Slide("One")])
    ended = called("lecture", "--slides", "--no-browser", cwd=tmp_path)
    assert (ended.returncode, ended.stdout) == (4, "results/slides.html\n")
    why = "no Chromium was found that prints it; open results/slides.html and print it to a file"
    assert ended.stderr == f"gil-lab: error: {why}\n"
    assert "One</h1>" in (tmp_path / "results" / "slides.html").read_text()


def test_a_browser_that_fails_is_no_bug(tmp_path, monkeypatch):
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setattr(print_file, "BROWSERS", (str(broken),))
    with pytest.raises(print_file.PrintError, match="did not print it"):
        print_file.printed(tmp_path / "slides.html")


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--short", "--slides"), "--short and --slides are two different things"),
        (("--short", "--port", "80"), "--port is for the lecture itself"),
        (("--out", "there"), "--out is for the files of --short and --slides"),
    ],
)
def test_options_that_contradict_each_other_are_refused(options, why, tmp_path):
    refused = called("lecture", *options, cwd=tmp_path)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert why in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_a_session_says_cannot_become_code():
    """Neither in a line nor in Markdown."""
    evil = "<script>alert(1)</script>"
    page = slides_page("T", [Slide(evil, evil, lines=[evil], text=f"**{evil}**", answers=[evil], source=evil)])
    assert evil not in page
    assert page.count("&lt;script&gt;") == 6
