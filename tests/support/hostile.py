"""What a stranger, an editor or a broken disk does to the files of a session: edits, drawn by hypothesis."""

import csv
import io
import json

from hypothesis import strategies as st

TABLES = (
    *("trials.csv", "starts.csv", "passes.csv", "tasks.csv", "beats.csv", "observations.csv", "samples.csv"),
    *("cores.csv", "turns.csv"),
)
DERIVED = ("claims.csv", "summary.csv")

TEXTS = [
    "",
    "=cmd|'/c calc'!A0",
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "]]>",
    "a\u2028b",
    "\x1b]0;owned\x07",
    "\x1b[2J",
    "[/b]",
    "[link=file:///etc/passwd]x[/link]",
    "a|b",
    "`a` *b* _c_",
    "\ud800",
    "\u202etxt.exe",
    "x" * 1000,
    "'",
    "../../etc/passwd",
    "sequential",
    "+",
    "a+b+c",
    "3.13t+gil",
]
NUMBERS = [
    *("0", "-1", "1", "2", "7", "1e-300", "1e-9", "1e9", "1e12", "1e300", "1e308", "1e999", "nan", "inf", "1_000"),
    *("9" * 18, "9" * 19, "9" * 20, "-" + "9" * 18, "9" * 5000, "٣", "TRUE", "yes", "no", "", " 1", "0.5", "1e-5"),
    *("ok", "skipped", "timed", "traced", "warm-up", "disturbed;drifted", "serial-fallback", "gil-reenabled"),
]
BLOCKS = [
    *(
        b"",
        b"\x00",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\r",
        b"\n",
        b"\r\n",
        b'"',
        b",",
        b";",
        b"\t",
        b"\x1b[2J",
        b"{",
        b"[",
    ),
    *(b"\x89PNG\r\n\x1a\n", b"x" * 140_000, b"\xc3", "\u2028".encode(), b"[" * 5000, b"1e999", b"NaN"),
]


def _bytes(draw, content):
    """Some of them replaced, left out or put in."""
    begin = draw(st.integers(0, len(content)))
    end = min(len(content), begin + draw(st.sampled_from([0, 1, 1, 2, 40, 10**9])))
    return content[:begin] + draw(st.sampled_from(BLOCKS) | st.binary(max_size=4)) + content[end:]


def _lines(draw, content):
    """Left out, repeated, moved."""
    lines = content.split(b"\n")
    at, to = draw(st.integers(0, len(lines) - 1)), draw(st.integers(0, len(lines) - 1))
    line = lines[at] if draw(st.booleans()) else lines.pop(at)
    lines[to:to] = [line] * draw(st.integers(0, 3))
    return b"\n".join(lines)


def _fields(draw, content):
    """One to three fields, of one column in some or all rows."""
    try:
        rows = list(csv.reader(io.StringIO(content.decode(errors="replace").replace("\x00", ""))))
    except csv.Error:
        return content
    if len(rows) < 2:
        return content
    for _ in range(draw(st.integers(1, 3))):
        column = draw(st.integers(0, len(rows[0]) - 1))
        value = draw(st.sampled_from(NUMBERS) | st.sampled_from(NUMBERS) | st.sampled_from(TEXTS))
        only = draw(st.none() | st.integers(1, len(rows) - 1))
        for number, row in enumerate(rows[1:], 1):
            if only in (None, number) and column < len(row):
                row[column] = value
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode(errors="surrogatepass")


EDITS = (_bytes, _lines, _fields, _fields)

VALUES = (
    st.none()
    | st.booleans()
    | st.sampled_from([0, -1, 2**70, 10**400, 1.5, 1e300, float("nan"), float("inf")])
    | st.sampled_from(TEXTS)
)
NESTED = st.recursive(
    VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(TEXTS), inner, max_size=3),
    max_leaves=4,
)


def _value(draw, value):
    """The same with another value somewhere within."""
    if isinstance(value, dict) and value and draw(st.integers(0, 3)):
        key = draw(st.sampled_from(sorted(value)))
        return {**value, key: _value(draw, value[key])}
    if isinstance(value, list) and value and draw(st.integers(0, 3)):
        at = draw(st.integers(0, len(value) - 1))
        return [*value[:at], _value(draw, value[at]), *value[at + 1 :]]
    return draw(NESTED)


@st.composite
def edits(draw, files):
    """Of one or two of the files (name to content), the names and what stands in them afterwards."""
    edited = dict(files)
    names = draw(st.lists(st.sampled_from(sorted(files)), min_size=1, max_size=2))
    for name in names:
        if name.endswith(".json") and draw(st.integers(0, 4)):
            try:
                about = json.loads(edited[name])
            except ValueError:
                continue
            edited[name] = json.dumps(_value(draw, about)).encode()
        else:
            edited[name] = draw(st.sampled_from(EDITS))(draw, edited[name])
    return {name: edited[name] for name in names}
