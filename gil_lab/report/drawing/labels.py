"""How wide a text is drawn, and where it is broken or cut to fit.

A specification is made before it is known how wide a text will be, so widths are estimated: those of Helvetica
and Arial (Adobe's font metrics, in classes of like letters) with a little to spare, as other fonts are wider.
"""

import functools
import re
import unicodedata
from collections.abc import Iterable

from gil_lab.model.text import one_line

EMS = (("ijl|'", 0.23), (' .,:;!/\\[]()ftI-r`{}"', 0.31), ("ckszvxyJ*", 0.5), ("mwMW%@", 0.88))
"""Widths of letters in parts of the font's size."""
CAPITAL, LETTER, WIDE = 0.72, 0.57, 1.0
TO_SPARE, BOLD = 1.06, 1.07
SIZE = 11.0
"""Pixels of most text in the pictures."""
LINE = 1.25
"""Height of a line in sizes of its font."""
_OPENING, _CLOSING = "（《「『【“", "，。、：；！？）》」』】”"  # noqa: RUF001 - signs of Chinese
_CHINESE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60"
PIECE = re.compile(rf"[{_OPENING}]*(?:[{_CHINESE}]|[^\s{_CHINESE}]+)[{_CLOSING}]*")
"""Of a text, what is not broken: a word, or a Chinese letter; no line begins with a sign that closes something (the
first rule of the Unicode line breaking algorithm, UAX 14, for such text)."""
MIN_LABEL_CHARACTERS, MAX_LABEL_CHARACTERS = 4, 1000
"""Letters: that a cut text keeps, and of a text that is broken into lines."""


def text_width(text: str, size: float = SIZE, *, bold: bool = False) -> float:
    """Pixels that a line of text is wide at most, in all likelihood."""
    return sum(map(_em, text)) * size * TO_SPARE * (BOLD if bold else 1)


@functools.cache
def _em(character: str) -> float:
    for letters, em in EMS:
        if character in letters:
            return em
    if unicodedata.east_asian_width(character) in "WF":
        return WIDE
    return CAPITAL if character.isupper() else LETTER


def shortened(text: str, width: float, size: float = SIZE) -> str:
    """`text` in one line of at most `width` pixels: of one that is too long, the middle is left out."""
    plain = one_line(text)
    if text_width(plain, size) <= width:
        return plain
    keep = len(plain) - 1
    while keep > MIN_LABEL_CHARACTERS and text_width(_without_middle(plain, keep), size) > width:
        keep -= 1
    return _without_middle(plain, keep)


def _without_middle(text: str, keep: int) -> str:
    """The end tells the number of workers, so it stays."""
    end = keep // 3
    return f"{text[: keep - end]}…{text[len(text) - end :]}"


def wrapped(text: str, width: float, size: float = SIZE, *, bold: bool = False) -> list[str]:
    """`text` in lines of at most `width` pixels, broken at blanks and beside Chinese letters, and within a word only if
    it fills a line alone.
    """
    lines, plain = [""], one_line(text, MAX_LABEL_CHARACTERS)
    for found in PIECE.finditer(plain):
        blank = " " if plain[: found.start()].endswith(" ") else ""
        joined = f"{lines[-1]}{blank}{found[0]}".strip()
        if text_width(joined, size, bold=bold) <= width:
            lines[-1] = joined
            continue
        lines.append("")
        for character in found[0]:
            if text_width(lines[-1] + character, size, bold=bold) > width:
                lines.append("")
            lines[-1] += character
    return [line for line in lines if line] or [""]


def in_one_line(lines: Iterable[str]) -> str:
    """The text that was broken into these lines, with a blank between them, but not between Chinese letters."""
    return re.sub(rf"(?<=[{_CHINESE}])\n(?=[{_CHINESE}])|(?<=[{_CLOSING}])\n", "", "\n".join(lines)).replace("\n", " ")


def balanced(text: str, width: float, size: float = SIZE, *, bold: bool = False) -> list[str]:
    """As `wrapped`, in as many lines, but equally long ones: no last line of a single word."""
    fewest = len(wrapped(text, width, size, bold=bold))
    narrower = (width * part / 20 for part in range(10, 20))
    for narrow in narrower:
        lines = wrapped(text, narrow, size, bold=bold)
        if len(lines) == fewest:
            return lines
    return wrapped(text, width, size, bold=bold)
