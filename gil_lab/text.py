"""Foreign text made fit for one line of a terminal or one cell of a table."""

import unicodedata

LONGEST = 200


def one_line(text: str, longest: int = LONGEST) -> str:
    """`text` without control, format and surrogate characters, cut to `longest` characters."""
    plain = "".join(ascii(c)[1:-1] if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") else c for c in text)
    return plain if len(plain) <= longest else plain[: longest - 3] + "..."
