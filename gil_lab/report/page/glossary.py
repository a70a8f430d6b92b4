"""The words of the page, with what they mean: shown where one points at them, and listed at the page's end.

They are rows of docs/glossary.md, which is not part of the distribution.
"""

import re
from functools import cache

from gil_lab.model.language import gettext, speaking, spoken

WORDS = {
    "tasks in flight": "Concurrency: the tasks' time from begin to end, added up, over the wall time.",
    "cores busy": "Parallelism: the CPU time of the child and its descendants over the wall time.",
    "one at a time": "About one task in flight and up to one core busy.",
    "concurrent, not parallel": "Several tasks in flight and about one core busy.",
    "waiting together": "Several tasks in flight and less than half a core busy.",
    "parallel": "More than one core busy.",
    "parallel across machines": "Workers on several machines are known to compute at the same moment.",
    "parallel, short of cores": "More than one core wanted, where others, or a limit, left no more than one.",
    "running": "On a core.",
    "ready": "Waiting for a core.",
    "blocked": "Waiting for something else: I/O, a lock, the GIL, its turn in the event loop.",
    "verdict": "What tasks in flight and cores busy say together: one at a time, concurrent, waiting, parallel.",
    "wall time": "Time on the clock; of `sequential`, the median of its timed passes, and of other cells what that and "
    "their speed-up come to.",
    "speed-up, overall": "How many times faster than plain sequential Python under the same interpreter.",
    "speed-up, same form": "How many times faster than the same kind of code run sequentially.",
    "interval": "The 95 % interval of a number over the rounds, written in brackets or after ±.",
    "start-up": "All that comes before the first steady pass, but for compilation: importing what the strategy needs, "
    "starting all its workers, and what these import when their first task arrives.",
    "compilation": "The time of just-in-time or ahead-of-time compilers inside the trial.",
    "pays from": "The sequential work from which on start-up and compilation are paid back (break-even).",
    "strategy": "How tasks are run at the same time: `threading`, `asyncio`, `multiprocessing`, ...",
    "workers": "The size of a strategy's pool: threads, processes, interpreters or coroutines.",
    "interpreter": "The Python that runs the work.",
    "marginal cost per worker": "The start-up time and memory that each worker adds beyond those of the smallest pool.",
    "CPU time": "Time that processes spent on cores.",
    "CPU speed": "The CPU time that a fixed spin takes; measured before and after the timed passes.",
}
ALIASES = {
    "task in flight": "tasks in flight",
    "core busy": "cores busy",
    "Speed-up": "speed-up, overall",
    "Pays from": "pays from",
    "Marginal cost per worker": "marginal cost per worker",
}
"""As they stand in sentences."""
COLUMNS = {
    "in flight": "tasks in flight",
    "wall s": "wall time",
    "speed-up overall": "speed-up, overall",
    "speed-up same form": "speed-up, same form",
    "start-up s": "start-up",
    "compile s": "compilation",
    "wor-kers": "workers",
    "Python": "interpreter",
}
"""What columns are about whose titles are no words of the glossary."""


def of_column(title: str) -> str:
    """What the column with this title means, in the language that is spoken; empty if it needs no word."""
    word = COLUMNS.get(title, title)
    return _plain(WORDS[word]) if word in WORDS else ""


def plain_words() -> dict[str, str]:
    """In the language that is spoken, without the marks of code."""
    return {gettext(word): _plain(meaning) for word, meaning in WORDS.items()}


def _plain(meaning: str) -> str:
    return gettext(meaning).replace("`", "")


@cache
def _in_sentences(language: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """What finds a word in a sentence, and which one it is. Where words have no blanks between them, ASCII has."""
    with speaking(language):
        found = {gettext(said): gettext(word) for said, word in {**{word: word for word in WORDS}, **ALIASES}.items()}
    longest_first = sorted(found, key=len, reverse=True)
    any_word = "|".join(map(re.escape, longest_first))
    return re.compile(rf"(?<![\w-])(?:{any_word})(?![\w-])", re.ASCII), found


def explained(text: str) -> str:
    """HTML: the text, with the meaning behind the first occurrence of each word."""
    from markupsafe import Markup, escape

    any_word, words = _in_sentences(spoken())
    meanings, seen = plain_words(), set[str]()

    def mark(match: re.Match[str]) -> str:
        word = words[match[0]]
        if word in seen:
            return str(escape(match[0]))
        seen.add(word)
        return f'<abbr title="{escape(meanings[word])}">{escape(match[0])}</abbr>'

    parts, end = [], 0
    for match in any_word.finditer(text):
        parts += [str(escape(text[end : match.start()])), mark(match)]
        end = match.end()
    return Markup("".join([*parts, str(escape(text[end:]))]))  # noqa: S704 - escaped part by part
