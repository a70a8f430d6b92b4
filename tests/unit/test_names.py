"""Names and sentences: one class a name, and the words that every maintainer of such a tool would use."""

import re
from collections import Counter
from pathlib import Path

import gil_lab

PACKAGE = Path(gil_lab.__file__).parent
ROOT = PACKAGE.parent
CLASS = re.compile(r"^ *class (\w+)[(\[:]", re.MULTILINE)
MODULES = sorted(PACKAGE.rglob("*.py"))
PRIVATE_WORDS = {
    "told": "reported, message, text",
    "untold": "inconclusive, undecided",
    "mend": "fix, repair",
    "doubtful": "flagged",
    "undoubted": "unflagged",
    "somebody": "another process, another user",
    "nobody": "no process, no user, not",
    "held back": "deferred, throttled",
    "cannot tell": "inconclusive, cannot determine",
    "guardian": "supervisor",
}
"""Words of this project's early days that are no standard English in their meaning here, and what to write instead."""
FORMER = re.compile('CannotTellError|"cannot tell"|"told"|def told')
"""What users' files and old results have: the name of an error, an outcome, and a column of claims.csv."""
TEXTS = sorted(
    path
    for pattern in ("gil_lab/**/*.py", "experiments/*.py", "lectures/*.py", "benchmarks/*.py", "docs/*.md", "README.md")
    for path in ROOT.glob(pattern)
)


def words(text: str) -> str:
    """The text in lower case, identifiers split into their words, and one space between any two words."""
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).lower()
    return f" {' '.join(re.findall('[a-z]+', split))} "


def test_no_class_name_is_used_twice():
    names = Counter(name for module in MODULES for name in CLASS.findall(module.read_text(encoding="utf-8")))
    assert len(names) > 100
    assert [name for name, count in names.items() if count > 1] == []


def test_private_words_do_not_come_back():
    """Neither in names nor in comments, docstrings, messages and documentation."""
    assert len(TEXTS) > 100
    for path in TEXTS:
        text = words(FORMER.sub("", path.read_text(encoding="utf-8")))
        assert {word: better for word, better in PRIVATE_WORDS.items() if f" {word} " in text} == {}, path
