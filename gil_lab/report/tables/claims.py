"""The claims of experiments with what became of them."""

from collections.abc import Iterable, Sequence

from gil_lab.analysis.claims import Checked, Outcome
from gil_lab.analysis.claims.judgement import SEPARATOR
from gil_lab.model.language import gettext, gettext_noop, listed, ngettext
from gil_lab.model.text import ELLIPSIS, LONGEST_ESCAPE, one_line
from gil_lab.report.tables.as_html import as_html
from gil_lab.report.tables.table import Column, Table

MAX_EVIDENCE_CHARACTERS = 400
SHORT = 120
"""Characters of a cell in a table of a hundred rows."""
COUNTED = {
    Outcome.HOLDS: (gettext_noop("{count} holds"), gettext_noop("{count} hold")),
    Outcome.FAILS: (gettext_noop("{count} does not hold"), gettext_noop("{count} do not hold")),
    Outcome.INCONCLUSIVE: (gettext_noop("{count} inconclusive"), gettext_noop("{count} inconclusive")),
    Outcome.UNMEASURED: (gettext_noop("{count} not measured"), gettext_noop("{count} not measured")),
}


def outcome(checked: Checked) -> str:
    return gettext(checked.judgement.outcome)


def sentence(checked: Checked) -> str:
    return one_line(gettext(checked.sentence))


def evidence(checked: Checked) -> str:
    """The numbers that it comes from, or why it is inconclusive, with what was seen."""
    judgement = checked.judgement
    parts = (judgement.reason, judgement.measured) if judgement.reason else (judgement.measured,)
    text = ": ".join(filter(None, parts))
    return _cut(one_line(text, len(text) * LONGEST_ESCAPE))


def _cut(text: str) -> str:
    """Of too many cells the first ones, each of them whole."""
    if len(text) <= MAX_EVIDENCE_CHARACTERS:
        return text
    whole, separator, _ = text[: MAX_EVIDENCE_CHARACTERS - len(ELLIPSIS)].rpartition(SEPARATOR)
    return f"{whole}{separator}{ELLIPSIS}" if whole else one_line(text, MAX_EVIDENCE_CHARACTERS)


def _shortly(checked: Checked) -> str:
    """The same of the first of several cells, where all of them would fill a page."""
    whole = evidence(checked)
    first, separator, _ = whole.partition(SEPARATOR)
    return one_line(f"{first}{separator}{ELLIPSIS}" if separator and len(whole) > SHORT else whole)


def claims_table(claims: Iterable[Checked]) -> Table:
    """Of one experiment."""
    headings = {"": outcome, gettext_noop("claim"): sentence, gettext_noop("measured"): evidence}
    return Table.of("", [Column((heading,), text, right=False) for heading, text in headings.items()], claims)


def chapter_table(title: str, claims: Iterable[Checked]) -> Table:
    """Of the experiments of one chapter: the story, sentence by sentence, and what was measured."""
    headings = {title or "Further": sentence, "": outcome, "measured": _shortly, "experiment": _experiment}
    return Table.of("", [Column((heading,), text, right=False) for heading, text in headings.items()], claims)


def _experiment(checked: Checked) -> str:
    return checked.experiment


def counted(claims: Sequence[Checked]) -> str:
    """`17 claims: 15 hold, 1 does not hold, 1 inconclusive`."""
    numbers = {each: sum(one.judgement.outcome is each for one in claims) for each in Outcome}
    parts = [gettext(COUNTED[each][numbers[each] > 1]).format(count=numbers[each]) for each in COUNTED if numbers[each]]
    text = ngettext("{count} claim: {outcomes}", "{count} claims: {outcomes}", len(claims))
    return text.format(count=len(claims), outcomes=listed(parts))


class CheckedClaims(list[Checked]):
    """The claims of an experiment with what became of them. Shows itself as a table, in a notebook and a terminal."""

    def __repr__(self) -> str:
        return "\n".join(f"{outcome(one):13}  {sentence(one)}\n{'':15}{evidence(one)}" for one in self)

    def _repr_html_(self) -> str:
        return as_html([claims_table(self)])
