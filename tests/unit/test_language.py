"""Pages and quizzes in another language: complete, with every number in its place, and only where it was asked for."""

import contextlib
import functools
import gettext as standard
import re
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from command_line import called
from made import cell as made_cell
from messages import catalogues, compiled, forms, in_english, placeholders, read, template, untranslated
from reference_sessions import REFERENCE, reference

from gil_lab.analysis.polls import Poll
from gil_lab.cli import report_files
from gil_lab.cli.lecture_slides import _experiment, two_minutes
from gil_lab.experiment import experiments
from gil_lab.model.cell_names import cell_name, strategy_name
from gil_lab.model.errors import UsageError
from gil_lab.model.language import (
    ENGLISH,
    VARIABLE,
    chosen_language,
    gettext,
    in_a_row,
    languages,
    ngettext,
    paragraphs,
    said_again,
    speaking,
    spoken,
)
from gil_lab.report.drawing.labels import in_one_line, text_width, wrapped
from gil_lab.report.drawing.picture import NothingToDrawError
from gil_lab.report.page import page as report_page
from gil_lab.report.page.parts import SAID, text_of
from gil_lab.report.page.slides import slides_page
from gil_lab.report.pictures import draw, names

CHINESE = "zh"
OTHERS = [language for language in languages() if language != ENGLISH]
SCRIPTS = ("figures.js", "quiz.js", "replay.js", "sliders.js", "slides.js", "tables.js")
NAMES_OF_FIELDS = {
    "field",
    "type",
    "mark",
    "calculate",
    "as",
    "fold",
    "groupby",
    "stack",
    "config",
    "format",
    "$schema",
}


@functools.cache
def page(format_, experiment="cpu-bound"):
    """In Chinese, of a reference session: what is seen of it, without scripts and data."""
    results = reference(experiment)
    with speaking(CHINESE):
        ((_, content),) = report_files.FORMATS[format_](results, None, results.folder)
    return content.decode()


def seen(text):
    without_code = re.sub(r"<(script|style|code)\b.*?</\1>", " ", text, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", without_code).split())


@pytest.mark.parametrize("file", catalogues(), ids=lambda file: file.parent.parent.name)
def test_every_message_has_a_translation_and_no_other_has_one(file):
    """Else: `python tests/support/messages.py`, then translate what it names. A guess (fuzzy) is none."""
    catalogue = read(file)
    assert untranslated(catalogue) == []
    wanted, there = ({message.id for message in each if message.id} for each in (template(), catalogue))
    assert (sorted(map(str, wanted - there)), sorted(map(str, there - wanted))) == ([], [])


@pytest.mark.parametrize("file", catalogues(), ids=lambda file: file.parent.parent.name)
def test_what_is_filled_in_has_the_same_names(file):
    """Whatever the order; of the form for one it may be left out, as `One round`."""
    for message in read(file):
        for id_, text in zip(forms(message.id)[-1:], forms(message.string), strict=False):
            assert set(placeholders(id_)) == set(placeholders(text)), id_
            assert sorted(re.findall(r"%\(\w+\)s", id_)) == sorted(re.findall(r"%\(\w+\)s", text)), id_
            text.format_map(dict.fromkeys(placeholders(text), "1"))


@pytest.mark.parametrize("file", catalogues(), ids=lambda file: file.parent.parent.name)
def test_what_is_read_is_compiled_from_the_catalogue(file):
    """It is in the repository, so that no build step is needed."""
    fresh = standard.GNUTranslations(BytesIO(compiled(read(file))))
    with file.with_suffix(".mo").open("rb") as there:
        assert standard.GNUTranslations(there)._catalog == fresh._catalog


def test_what_scripts_say_is_in_the_catalogue():
    """The page gives them those messages that it finds in them, so both have to see the same."""
    said = {message for script in SCRIPTS for message in SAID.findall(text_of(script))}
    assert len(said) > 30
    assert said <= {message.id for message in template()}


@pytest.mark.parametrize("format_", ["html", "quiz"])
def test_a_page_says_nothing_in_english_that_has_a_translation(format_):
    text = page(format_)
    assert '<html lang="zh-CN">' in text
    assert in_english(seen(text)) == []


def test_it_would_be_seen_if_a_page_were_in_english():
    """Of sentences with numbers in them, too."""
    assert in_english("Nothing: no trial has a flag, and every row could be read.")
    assert in_english("joblib x8 is fastest: 1.90x [1.86, 1.91], parallel.")
    assert not in_english("joblib x8 最快：1.90x [1.86, 1.91]，并行。")


def test_a_page_without_pictures_says_why_in_chinese():
    """Also that of the extra's own reasons; what a session wrote down itself stays as it is."""
    nothing = {"map": "no cell has numbers to draw; measure something first: gil-lab run cpu-bound"}
    with speaking(CHINESE):
        text = report_page(replace(reference("cpu-bound"), rows=()), [], undrawn=nothing)
    assert in_english(seen(text)) == []
    assert "gil-lab run cpu-bound" in seen(text)


def test_why_nothing_is_drawn_is_said_in_chinese_and_is_an_error_in_english():
    """With what is filled in, in both."""
    error = NothingToDrawError(
        "no cell of this session was measured ({reason}); measure something first: gil-lab run cpu-bound",
        reason="failed: {no} number",
    )
    with speaking(CHINESE):
        assert error.said() == "此会话中没有测量任何单元（failed: {no} number）；请先测量：gil-lab run cpu-bound"
        assert str(error) == str(NothingToDrawError(str(error))) != error.said()
    assert error.said() == str(error)


def test_sentences_stand_in_a_row_as_their_language_has_it():
    assert in_a_row(["One.", "", "Two."]) == "One. Two."
    assert in_a_row(["一。", "", "二。"]) == "一。二。"
    assert in_a_row([]) == ""


def test_slides_say_nothing_in_english_that_has_a_translation(tmp_path):
    """Those of the short version, and those of one experiment of the lecture."""
    (own,) = (one for one in experiments() if one.design.name == "cpu-bound")
    with speaking(CHINESE):
        told = _experiment(own, reference("cpu-bound"))
        text = slides_page("", [*two_minutes({"cpu-bound": reference("cpu-bound")}), *told])
    assert in_english(seen(text)) == []
    assert "学完本章后" not in text
    assert seen(text).count("并发") > 5


@pytest.mark.parametrize("name", names())
def test_a_picture_says_nothing_in_english_that_has_a_translation(name):
    """Titles, axes, legends, what stands under the mouse; of the first reference session that has it."""
    with speaking(CHINESE):
        spec = drawn(name).spec
    assert in_english(" | ".join(strings(spec))) == []


def drawn(name):
    if name == "answers":
        (question,) = reference("cpu-bound").asked
        poll = Poll(question.sentence, dict.fromkeys(question.sentences, 3), question.sentences[0])
        return draw(name, SimpleNamespace(polls=[poll]))
    for folder in filter(Path.is_dir, sorted(REFERENCE.iterdir())):
        with contextlib.suppress(NothingToDrawError):
            return reference(folder.name).picture(name)
    raise AssertionError(f"no reference session has {name}")


def strings(part):
    """All texts of a specification, but for what names its fields and for its formulas."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, list | tuple):
        for each in part:
            yield from strings(each)
    elif isinstance(part, Mapping):
        for key, value in part.items():
            yield from () if key in NAMES_OF_FIELDS else strings(value)


def test_what_is_written_to_files_is_english(tmp_path):
    """Claims are checked when a session ends, perhaps in a notebook that speaks another language."""
    (own,) = (one for one in experiments() if one.design.name == "cpu-bound")
    results = replace(reference("cpu-bound"), session=replace(reference("cpu-bound").session, path=tmp_path))
    with speaking(CHINESE):
        own.keep(results)
    assert (tmp_path / "claims.csv").read_text(encoding="utf-8").isascii()


def test_a_paragraph_of_the_lecture_is_a_message():
    """In English it stays as it is written."""
    text = """
        `workers=8`, or
        `workloads="mixed"`.

        Of a user.
        """
    assert paragraphs(text) == '`workers=8`, or\n`workloads="mixed"`.\n\nOf a user.'
    with speaking(CHINESE):
        first, second = paragraphs(text).split("\n\n")
    assert first == '`workers=8`，或 `workloads="mixed"`。'
    assert second == "Of a user."


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("线程在等待锁，进程不等待。", ["线程在等待", "锁，进程不", "等待。"]),
        ("有 GIL 时，threading x8 最快", ["有 GIL 时，", "threading x8", "最快"]),
        ("two words", ["two words"]),
    ],
)
def test_chinese_is_broken_between_letters(text, lines):
    """No line begins with a sign that closes something; Latin words stay whole."""
    width = max(map(text_width, lines)) + 1
    assert wrapped(text, width) == lines
    assert in_one_line(lines) == text.replace("x8 最", "x8 最")


def test_answers_are_saved_in_english():
    """So that classes of several languages can be counted together."""
    text = page("quiz")
    assert '"question":"Several threads count primes in plain Python' in text
    assert "差不多一样长：一个线程计算时，其他线程在等待" in seen(text)


def test_without_a_choice_it_is_english_whatever_the_terminal_speaks(monkeypatch):
    """LANG is of who sits at the terminal; a page is made for others."""
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    monkeypatch.setenv("LANGUAGE", "zh")
    assert chosen_language() == ENGLISH == spoken()
    assert gettext("Predict first") == "Predict first"
    assert ngettext("{count} core", "{count} cores", 2) == "{count} cores"


def test_an_english_page_has_no_messages_beside_those_of_its_scripts():
    results = reference("cpu-bound")
    ((_, content),) = report_files.FORMATS["quiz"](results, None, results.folder)
    assert b'<html lang="en">' in content
    assert b'id="messages"' not in content


def test_a_language_is_chosen_by_name_or_by_the_environment(monkeypatch):
    """The name comes first."""
    monkeypatch.setenv(VARIABLE, CHINESE)
    assert chosen_language() == CHINESE
    assert chosen_language(ENGLISH) == ENGLISH


def test_an_unknown_language_is_refused_with_those_there_are(monkeypatch):
    with pytest.raises(UsageError, match="there is no language 'tlh'; there are en, zh"):
        chosen_language("tlh")
    monkeypatch.setenv(VARIABLE, "../x")
    with pytest.raises(UsageError, match="there is no language"):
        chosen_language()


def test_the_command_refuses_it_in_one_line(tmp_path, monkeypatch):
    """And a language for what is English in any case."""
    monkeypatch.chdir(tmp_path)
    for arguments in ("--format quiz --language tlh", "--language zh", "--format csv --language zh"):
        done = called("report", *arguments.split())
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert "language" in done.stderr


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_ends_with_its_block(language):
    """Also if that fails; inside, another one can be spoken for a while."""
    with pytest.raises(ZeroDivisionError), speaking(language):
        assert spoken() == language
        with speaking(ENGLISH):
            assert gettext("Right.") == "Right."
        assert gettext("Right.") != "Right."
        raise ZeroDivisionError
    assert spoken() == ENGLISH
    assert gettext("what a user wrote") == "what a user wrote"


def test_a_reason_that_was_kept_in_english_is_said_again():
    """Of a message with values, and of values that are messages; what is none of the lab's stays as it is."""
    too_noisy = "too noisy, the interval holds the limit: use {remedy}"
    with speaking("zh"):
        assert said_again("one round has no interval") == gettext("one round has no interval")
        assert said_again(too_noisy.format(remedy="--rounds 30")) == gettext(too_noisy).format(remedy="--rounds 30")
        assert gettext(too_noisy) != too_noisy
        assert said_again("its check failed (KeyError: 'x')") == "its check failed (KeyError: 'x')"
        assert said_again("") == ""
    assert said_again(too_noisy) == too_noisy


def test_how_many_tasks_are_handed_over_at_a_time_is_said_in_each_language():
    """Of names of strategies that say so; one that a user gave is left as it is."""
    assert [strategy_name(name) for name in ("joblib by 64", "joblib")] == ["joblib by 64", "joblib"]
    with speaking("zh"):
        assert strategy_name("joblib by 64") == "joblib " + gettext("by {chunk}").format(chunk=64)
        assert strategy_name("sort by key") == "sort by key"
        assert " by " not in cell_name(made_cell("joblib by 64", workers=2))
