"""The language of what is made to be read by a class: pages, quizzes, slides. English, unless another one is chosen.

Messages are looked up by gettext of the standard library in `gil_lab/locale/LANGUAGE/LC_MESSAGES/gil_lab.mo`, which is
compiled from the `.po` file beside it. Both are in the repository, so that a checkout speaks every language without a
build step. Rejected: to compile them when the lab is built (a checkout on PYTHONPATH, and an editable installation
after a change, would have none, or an old one), and to read the `.po` with Babel at run time, a dependency of 10 MB.

What is said in the terminal, in errors and in CSV files is English, whatever LANG says.
"""

import gettext as catalogues
import inspect
import os
import re
import string
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from gil_lab.model.errors import UsageError

DOMAIN = "gil_lab"
LOCALE = Path(__file__).parent.parent / "locale"
ENGLISH = "en"
VARIABLE = "GIL_LAB_LANGUAGE"
"""Of the environment: the language that is chosen where none is named. LANG is of the terminal, and a page is not made
for whoever sits there; so LANG chooses none."""

FULL_STOPS = ("。", "！", "？")  # noqa: RUF001 - Chinese
LEAST_OF_ITS_OWN = 15
"""Characters of a message, without its values."""

_spoken: ContextVar[str] = ContextVar("language")
_usual = [ENGLISH]


@cache
def languages() -> list[str]:
    """Those that there are, English first."""
    return [ENGLISH, *sorted(path.parent.parent.name for path in LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))]


def chosen_language(named: str | None = None) -> str:
    """The one that is named, or by the environment, or English. Raises UsageError for one that there is not."""
    wanted = named or os.environ.get(VARIABLE) or ENGLISH
    if wanted in (known := languages()):
        return wanted
    raise UsageError(f"there is no language {wanted!a:.40}; there are {', '.join(known)}")


@contextmanager
def speaking(language: str | None = None) -> Iterator[None]:
    """What is made inside, in this context, is in that language, by default the chosen one.

    Raises UsageError for one that there is not.
    """
    token = _spoken.set(chosen_language(language))
    try:
        yield
    finally:
        _spoken.reset(token)


def speak(language: str) -> None:
    """From now on, in the whole process: of one that does nothing else, such as that of the lecture."""
    _usual[:] = [chosen_language(language)]


def spoken() -> str:
    """The language that messages are looked up in."""
    return _spoken.get(_usual[0])


def tag() -> str:
    """As HTML names it (BCP 47): `zh-CN`."""
    return _catalogue(spoken()).info().get("language", ENGLISH).replace("_", "-")


def gettext(message: str) -> str:
    """In the language that is spoken; as it is, where that has no translation, as of what users wrote."""
    return _catalogue(spoken()).gettext(str(message)) if message else ""


def said_again(sentence: str) -> str:
    """The same of a sentence that was made in English and kept: of a message with names in braces, with its values."""
    if spoken() == ENGLISH or (known := gettext(sentence)) != sentence:
        return gettext(sentence)
    for pattern, message in _patterns(spoken()):
        if found := pattern.fullmatch(sentence):
            values = {name: said_again(value) for name, value in found.groupdict().items()}
            return gettext(message).format(**values)
    return known


def ngettext(singular: str, plural: str, count: int) -> str:
    """The same of a message with a number in it."""
    return _catalogue(spoken()).ngettext(singular, plural, count)


def listed(names: Iterable[str]) -> str:
    """Separated as the language that is spoken separates the items of a list."""
    return gettext(", ").join(names)


def clauses(said: Iterable[str]) -> str:
    """Parts of a sentence, each of which could be one of its own."""
    return gettext("; ").join(said)


def in_a_row(sentences: Iterable[str]) -> str:
    """One after the other, without those that are empty; after the full stop of a Chinese one there is no blank."""
    text = ""
    for sentence in filter(None, sentences):
        text += f"{'' if text.endswith(FULL_STOPS) or not text else ' '}{sentence}"
    return text


def paragraphs(text: str) -> str:
    """Markdown as it stands in a source, without its indentation, each paragraph in the language that is spoken."""
    whole = inspect.cleandoc(text)
    return whole if spoken() == ENGLISH else "\n\n".join(map(gettext, messages_of(whole)))


def messages_of(text: str) -> list[str]:
    """Of such a text: a paragraph is a message, in one line."""
    return [" ".join(paragraph.split()) for paragraph in inspect.cleandoc(text).split("\n\n")]


def gettext_noop(message: str) -> str:
    """As it is: marks a message that is looked up later, when the language is known."""
    return message


@cache
def _patterns(language: str) -> list[tuple[re.Pattern[str], str]]:
    """Of each message with values that are shown as they are, which sentences it makes; the one with most words first.

    Those with few words of their own would recognize anything.
    """
    made = []
    for message in vars(_catalogue(language))["_catalog"]:
        parts = list(string.Formatter().parse(message)) if isinstance(message, str) and "{" in message else []
        own = sum(map(len, (words for words, *_ in parts)))
        names = [name for _, name, _, _ in parts if name]
        if own < LEAST_OF_ITS_OWN or len({*names}) < len(names) or any(spec or sign for *_, spec, sign in parts):
            continue
        pattern = "".join(re.escape(words) + (f"(?P<{name}>.+)" if name else "") for words, name, *_ in parts)
        made.append((own, re.compile(pattern), message))
    return [(pattern, message) for _, pattern, message in sorted(made, key=lambda each: -each[0])]


@cache
def _catalogue(language: str) -> catalogues.NullTranslations:
    return catalogues.translation(DOMAIN, LOCALE, [language], fallback=language == ENGLISH)
