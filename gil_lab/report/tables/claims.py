"""What became of claims: as text for a terminal, as a table for notebooks and documents."""

import html
from collections.abc import Iterable, Iterator, Sequence

from gil_lab.analysis.claims import Checked, Outcome
from gil_lab.analysis.claims.judgement import APART
from gil_lab.model.text import one_line

HEADING = "What it claims"
WIDEST_TOLD = 400
LONG = 120
"""Characters of a cell in a table of a hundred rows."""


def told(checked: Checked) -> str:
    """The numbers that it comes from, or why it cannot be told, with what was seen."""
    judgement = checked.judgement
    parts = (judgement.reason, judgement.told) if judgement.reason else (judgement.told,)
    return one_line(": ".join(filter(None, parts)), WIDEST_TOLD)


def shortly(checked: Checked) -> str:
    """The same of the first of several cells, where all of them would fill a page."""
    whole = told(checked)
    first, apart, _ = whole.partition(APART)
    return f"{first}{apart}..." if len(whole) > LONG else whole


def counted(claims: Sequence[Checked]) -> str:
    """`17 claims: 15 hold, 1 does not hold, 1 cannot be told`."""
    numbers = {outcome: sum(one.judgement.outcome is outcome for one in claims) for outcome in Outcome}
    verbs = {
        Outcome.HOLDS: ("holds", "hold"),
        Outcome.FAILS: ("does not hold", "do not hold"),
        Outcome.UNKNOWN: ("cannot be told", "cannot be told"),
    }
    parts = (
        f"{numbers[outcome]} {one if numbers[outcome] == 1 else several}"
        for outcome, (one, several) in verbs.items()
        if numbers[outcome]
    )
    return f"{len(claims)} claim{'s' * (len(claims) != 1)}: {', '.join(parts)}"


def lines(claims: Iterable[Checked]) -> Iterator[tuple[str, str, str]]:
    """Of each claim the outcome, the sentence and what it comes from."""
    for one in claims:
        yield str(one.judgement.outcome), one_line(one.sentence), told(one)


class CheckedClaims(list[Checked]):
    """The claims of an experiment with what became of them. Shows itself as a table, in a notebook and a terminal."""

    def __repr__(self) -> str:
        return "\n".join(f"{outcome:13}  {sentence}\n{'':15}{seen}" for outcome, sentence, seen in lines(self))

    def _repr_html_(self) -> str:
        return as_html(self)


def as_html(claims: Sequence[Checked]) -> str:
    """A table, every text escaped."""
    rows = "".join(
        f"<tr>{''.join(f'<td>{html.escape(text)}</td>' for text in (outcome, sentence, seen))}</tr>"
        for outcome, sentence, seen in lines(claims)
    )
    head = "".join(f"<th>{text}</th>" for text in ("", "claim", "measured"))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
