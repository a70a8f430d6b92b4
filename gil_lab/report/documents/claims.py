"""What became of claims."""

from collections import Counter
from collections.abc import Iterator, Sequence

from gil_lab.analysis.claims import Checked, Outcome
from gil_lab.report.documents.document import Document
from gil_lab.report.tables.blocks import Block, Heading, Pairs
from gil_lab.report.tables.claims import COUNTED, chapter_table, counted, evidence, outcome, sentence

HEADING = "What it claims"
STYLES: dict[str, str] = {Outcome.HOLDS: "green", Outcome.FAILS: "bold red", Outcome.INCONCLUSIVE: "yellow"}
Chapters = Sequence[tuple[str, Sequence[Checked]]]
"""The title of a chapter with the claims of one experiment; several experiments may be of one chapter."""


def claims_blocks(claims: Sequence[Checked], heading: str = HEADING) -> Iterator[Block]:
    """A heading, then each claim with its outcome in front and what it comes from below; nothing if there are none."""
    if not claims:
        return
    yield Heading(f"\n{heading}")
    yield Pairs([row for one in claims for row in _rows(one, outcome(one))], styles=STYLES)
    yield from dict.fromkeys(evidence(one) for one in claims if one.judgement.outcome is Outcome.UNMEASURED)


def _rows(checked: Checked, name: str) -> Iterator[tuple[str, str]]:
    yield name, sentence(checked)
    if checked.judgement.outcome is not Outcome.UNMEASURED and (seen := evidence(checked)):
        yield "", seen


def overview_blocks(claims: Sequence[Checked]) -> Iterator[Block]:
    """How many hold; those that do not, or are inconclusive, with what they come from; of the others, how many."""
    yield f"{counted(claims)}."
    by_outcome = {each: [one for one in claims if one.judgement.outcome is each] for each in Outcome}
    for each in (Outcome.FAILS, Outcome.INCONCLUSIVE):
        if found := by_outcome[each]:
            yield Heading(f"\n{_several(each)}")
            yield Pairs([row for one in found for row in _rows(one, _named_once(one, found))])
    for each, step in ((Outcome.HOLDS, ""), (Outcome.UNMEASURED, "; gil-lab run NAME, or all")):
        if found := by_outcome[each]:
            yield ""
            yield f"{_several(each)}: {_by_experiment(found)}{step}"


def _several(each: Outcome) -> str:
    """`Do not hold`: what is said of several, without their number."""
    return COUNTED[each][1].format(count="").strip().capitalize()


def _named_once(checked: Checked, among: Sequence[Checked]) -> str:
    """Its experiment, unless a claim of the same stands above it."""
    first = next(one for one in among if one.experiment == checked.experiment)
    return checked.experiment if first is checked else " "


def _by_experiment(claims: Sequence[Checked]) -> str:
    """`cpu-bound 6, io-bound 5`."""
    numbers = Counter(one.experiment for one in claims)
    return ", ".join(f"{name} {number}" for name, number in numbers.items())


def claims_document(chapters: Chapters) -> Document:
    """A row a claim."""
    claims = [one for _, found in chapters for one in found]
    return Document(lambda: _chapters(chapters, claims), claims, Checked)


def _chapters(chapters: Chapters, claims: Sequence[Checked]) -> Iterator[Block]:
    """What is not measured has no row, but is named below."""
    measured = [one for one in claims if one.judgement.outcome is not Outcome.UNMEASURED]
    for title in dict.fromkeys(title for title, _ in chapters):
        rows = [one for named, found in chapters if named == title for one in found if one in measured]
        if rows:
            yield chapter_table(title, rows)
    if missing := [one for one in claims if one.judgement.outcome is Outcome.UNMEASURED]:
        yield f"Not measured: {_by_experiment(missing)}; gil-lab run NAME, or all"
    yield f"{counted(claims)}."
