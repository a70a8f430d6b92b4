"""The quiz in a real browser: nothing is seen before a choice, and then what was measured, alone and with a class."""

import csv

import pytest
from browser import DESKTOP, PHONE
from made_claims import of, session

from gil_lab.model.language import speaking
from gil_lab.report.page.quiz import Quiz

PROJECTOR = (1920, 1080)
READY = "document.documentElement.dataset.state === 'ready'"
DRAWN = "[...document.querySelectorAll('figure')].every(one => one.dataset.state === 'drawn')"
RIGHT = "About as long: one thread computes while the others wait"


@pytest.fixture(scope="module")
def tab(one_browser):
    pytest.importorskip("vl_convert", reason="vl-convert is not installed")
    yield one_browser
    one_browser.cdp("Browser.setDownloadBehavior", behavior="default")


@pytest.fixture(scope="module", autouse=True)
def own_cache(script_cache):
    """Nothing of the user's is read or written."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_CACHE_HOME", str(script_cache))
        yield


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """Of threads that are as fast as one task after the other; and of a session that decides nothing."""
    measured = session(of("sequential", 0.3), of("threading", 0.3), experiment="cpu-bound")
    open_ = session(of("sequential", 0.3), experiment="cpu-bound")
    path = tmp_path_factory.mktemp("quiz") / "quiz.html"
    quiz = Quiz([*measured.quiz_items(), *open_.quiz_items()])
    path.write_text(quiz.document(), encoding="utf-8", newline="")
    return path


def choose(tab, place, quiz=0):
    tab.js(f"document.querySelectorAll('.quiz')[{quiz}].querySelectorAll('[type=radio]')[{place}].click()")
    tab.js(f"document.querySelectorAll('.quiz')[{quiz}].querySelector('[name=show]').click()")


@pytest.mark.parametrize("size", [PROJECTOR, PHONE], ids=["projector", "phone"])
def test_what_its_script_says_is_in_the_language_of_the_page(tab, tmp_path, size):
    """And the page does not scroll sideways."""
    with speaking("zh"):
        measured = session(of("sequential", 0.3), of("threading", 0.3), experiment="cpu-bound")
        quiz = Quiz(measured.quiz_items())
    (tmp_path / "quiz.html").write_text(quiz.document(), encoding="utf-8", newline="")
    tab.open(tmp_path / "quiz.html", size, READY)
    choose(tab, 2)
    tab.wait(DRAWN)
    assert tab.texts(".result h3, .score [role=status]") == ["正确。", "得分：1 题中答对 1 题。"]
    assert tab.texts(".choice .verdict:not(:empty)") == ["正确，你的预测"]
    assert tab.js("document.documentElement.scrollWidth <= innerWidth")
    assert tab.complaints() == []


@pytest.mark.parametrize("size", [PROJECTOR, DESKTOP, PHONE], ids=["projector", "desktop", "phone"])
def test_the_result_opens_only_after_a_choice(tab, file, size):
    """Without a complaint and without a request; the page does not scroll sideways."""
    tab.open(file, size, READY)
    assert tab.all(".result") == []
    assert "0.3" not in tab.js("document.body.innerText")
    assert tab.js("document.querySelector('[name=show]').disabled")
    choose(tab, 0)
    tab.wait(DRAWN)
    assert tab.texts(".result h3") == [f"Not right. Right is: {RIGHT}"]
    assert tab.js("document.activeElement === document.querySelector('.result h3')")
    assert tab.js("document.documentElement.scrollWidth <= innerWidth")
    assert tab.complaints() == []
    assert tab.requests() == [file.as_uri()]


def test_every_control_has_a_name(tab, file):
    """Also for those who hear the page: the question is that of its group of answers."""
    tab.open(file, until=READY)
    tab.js("document.querySelector('[name=class]').click()")
    names = tab.js(
        "[...document.querySelectorAll('input, button')].filter(one => !one.hidden)"
        ".map(one => one.getAttribute('aria-label') || one.closest('label')?.textContent || one.textContent)"
    )
    assert all(name.strip() for name in names)
    assert f"Hands for c: {RIGHT}" in names
    assert tab.texts("fieldset legend")[0].endswith("compared with one task after the other?")


def test_it_is_answered_by_keys(tab, file):
    """An arrow chooses the next answer, the space bar opens the result."""
    from selenium.webdriver.common.keys import Keys

    tab.open(file, until=READY)
    tab.js("document.querySelector('[type=radio]').focus()")
    for key in (Keys.SPACE, Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.TAB, Keys.SPACE):
        tab.press(key)
    assert tab.texts(".result h3") == ["Right."]
    assert tab.texts(".score [role=status]") == ["Score: 1 of 1."]


def test_where_nothing_is_decided_nothing_is_scored(tab, file):
    tab.open(file, until=READY)
    choose(tab, 1, quiz=1)
    assert tab.texts(".result h3") == ["It cannot be said which answer is right, so none is scored."]
    assert tab.texts(".score [role=status]") == ["Score: 0 of 0. Not scored: 1."]


def test_the_hands_of_a_class_are_counted_and_saved_without_names(tab, file, tmp_path):
    """As the documented table; a question can be asked again."""
    tab.open(file, until=READY)
    tab.cdp("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    tab.js("document.querySelector('[name=class]').click()")
    refused, limits = "document.querySelector('.refused').hidden", "Type a whole number from 0 to 1000 for each answer."
    assert tab.js(refused)
    first, *_ = tab.all("[name=hands]")
    first.send_keys("1001")
    assert not tab.js(refused)
    assert tab.texts(".quiz:first-of-type .refused") == [limits]
    assert tab.js("document.querySelector('[name=show]').disabled")
    first.clear()
    for field, number in zip(tab.all("[name=hands]"), (2, 0, 1, 0), strict=False):
        field.send_keys(str(number))
    assert tab.js(refused)
    tab.all("[name=show]")[0].click()
    assert tab.texts(".result h3") == ["1 of 3 are right."]
    assert tab.texts(".quiz:first-of-type .share")[:4] == [" 2 (67 %)", " 0 (0 %)", " 1 (33 %)", " 0 (0 %)"]
    tab.all("[name=save]")[0].click()
    saved = tmp_path / "answers.csv"
    tab.wait_for(saved.exists)
    with saved.open(newline="") as found:
        rows = list(csv.DictReader(found))
    assert list(rows[0]) == ["at_utc", "experiment", "question", "answer", "right_answer"]
    assert [row["answer"] == row["right_answer"] == RIGHT for row in rows] == [False, False, True]
    tab.all("[name=again]")[0].click()
    assert tab.all(".result") == []
