"""Text for one line of a terminal or one cell of a table: untrusted text made safe for it, and numbers."""

import math

MAX_LINE_CHARACTERS = 200
LONGEST_ESCAPE = len(r"\U0010ffff")
ELLIPSIS = "..."
TOO_SMALL = 1e-9


def one_line(text: str, max_characters: int = MAX_LINE_CHARACTERS) -> str:
    """`text` with every character that is not printable (`str.isprintable`) escaped, cut to `max_characters`."""
    plain = text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
    return plain if len(plain) <= max_characters else plain[: max_characters - len(ELLIPSIS)] + ELLIPSIS


def shortened(text: str, max_characters: int, mark: str = "; ") -> str:
    """`cause; next step` in one line. Where there is no room for both, the cause is cut, and the step, which stands
    behind the last `mark`, is kept as long as it takes no more than three quarters.
    """
    plain = one_line(text, len(text) * LONGEST_ESCAPE)
    cause, found, step = plain.rpartition(mark)
    room = max_characters - len(found + step)
    if len(plain) <= max_characters or not found or room < max_characters // 4:
        return _cut(plain, max_characters)
    return _cut(cause, room) + found + step


def _cut(plain: str, max_characters: int) -> str:
    """Between two words, if the last one that is cut is no longer than a third of the rest."""
    if len(plain) <= max_characters:
        return plain
    whole, _, part = plain[: max_characters - len(ELLIPSIS) + 1].rpartition(" ")
    return f"{whole}{ELLIPSIS}" if 3 * len(part) < len(whole) else one_line(plain, max_characters)


def described(error: BaseException) -> str:
    """`ValueError: why`, also of an exception of a user whose text cannot be made."""
    try:
        text = str(error)
    except Exception as failure:
        text = f"(its text cannot be made: {type(failure).__name__})"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def number(value: float, digits: int = 3) -> str:
    """Three significant digits, never in exponent form: 0.00123, 1.05, 183."""
    if math.isinf(value):
        return f"{value}"
    rounded = float(f"{value:.{digits - 1}e}")
    if abs(rounded) < TOO_SMALL:
        return "0"
    return f"{value:.{max(0, digits - 1 - math.floor(math.log10(abs(rounded))))}f}"


def amount(value: float) -> str:
    """Whole numbers as they are, for a count of 5 is not 5.00; thousands without a fraction, too."""
    whole = value.is_integer() and abs(value) < 1e15  # noqa: PLR2004 - exact so far
    return f"{value:,.0f}" if whole or 1e3 <= abs(value) < 1e15 else number(value)  # noqa: PLR2004 - three digits of it
