"""What stands in one line of a terminal or one cell of a table: foreign text made fit for it, and numbers."""

import math

LONGEST = 200
TOO_SMALL = 1e-9


def one_line(text: str, longest: int = LONGEST) -> str:
    """`text` with every character that is not printable (`str.isprintable`) escaped, cut to `longest` characters."""
    plain = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
    return plain if len(plain) <= longest else plain[: longest - 3] + "..."


def number(value: float) -> str:
    """Three significant digits, never in exponent form: 0.00123, 1.05, 183."""
    rounded = float(f"{value:.2e}")
    if abs(rounded) < TOO_SMALL:
        return "0"
    return f"{value:.{max(0, 2 - math.floor(math.log10(abs(rounded))))}f}"
