"""What became of claims."""

from collections.abc import Iterator, Sequence

from gil_lab.analysis.claims import Checked, Outcome
from gil_lab.report.documents.document import Document
from gil_lab.report.tables.blocks import Block, Heading, Pairs
from gil_lab.report.tables.claims import chapter_table, counted, evidence, outcome, sentence

HEADING = "What it claims"
STYLES: dict[str, str] = {Outcome.HOLDS: "green", Outcome.FAILS: "bold red", Outcome.INCONCLUSIVE: "yellow"}
Chapters = Sequence[tuple[str, Sequence[Checked]]]
"""The title of a chapter with the claims of one experiment; several experiments may be of one chapter."""


def claims_blocks(claims: Sequence[Checked], heading: str = HEADING) -> Iterator[Block]:
    """A heading, then each claim with its outcome in front and what it comes from below; nothing if there are none."""
    if claims:
        yield Heading(f"\n{heading}")
        yield Pairs([row for one in claims for row in _rows(one)], styles=STYLES)


def _rows(checked: Checked) -> Iterator[tuple[str, str]]:
    yield outcome(checked), sentence(checked)
    if seen := evidence(checked):
        yield "", seen


def claims_document(chapters: Chapters) -> Document:
    """A row a claim."""
    claims = [one for _, found in chapters for one in found]
    return Document(lambda: _chapters(chapters, claims), claims, Checked)


def _chapters(chapters: Chapters, claims: Sequence[Checked]) -> Iterator[Block]:
    for title in dict.fromkeys(title for title, _ in chapters):
        yield chapter_table(title, [one for named, found in chapters if named == title for one in found])
    yield f"{counted(claims)}."
