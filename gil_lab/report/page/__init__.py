"""A report as one HTML page that needs nothing else: no network, no other file, no server.

Its content security policy admits its scripts and the style sheet by their SHA-256 and nothing more: neither
inline handlers nor eval (Vega's expressions run in its interpreter, `ast`). Data cannot become code: jinja2 escapes
every text, and specifications stand in data blocks in which no `<` is left.
"""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from gil_lab.analysis.claims import Checked, Outcome
from gil_lab.analysis.results import SessionResults
from gil_lab.analysis.summaries import Summary
from gil_lab.model.language import gettext
from gil_lab.model.version import __version__
from gil_lab.report.bundle import bundle
from gil_lab.report.documents.answer import words
from gil_lab.report.documents.session import calibrated
from gil_lab.report.drawing.picture import Picture
from gil_lab.report.page import replay as replays
from gil_lab.report.page import sliders as grids
from gil_lab.report.page.about import plain, settings
from gil_lab.report.page.disturbances import disturbances
from gil_lab.report.page.facts import facts
from gil_lab.report.page.figures import figures
from gil_lab.report.page.glossary import explained, of_column, plain_words
from gil_lab.report.page.parts import MESSAGES, policy, templates, text_of
from gil_lab.report.tables.as_html import table_body
from gil_lab.report.tables.claims import evidence, outcome
from gil_lab.report.tables.claims import sentence as claim_sentence
from gil_lab.report.tables.matrix import Matrix, matrices
from gil_lab.report.tables.results import by_workload, results_table, title
from gil_lab.report.tables.table import Table, signs
from gil_lab.report.text import interpreters as across_words
from gil_lab.report.text import observations as observed_words
from gil_lab.report.text import scaling as scaling_words
from gil_lab.report.text.remarks import remarks
from gil_lab.report.text.sentences import (
    drift,
    flag_lines,
    grouped_sentences,
    name,
    restless,
    sentence,
    too_few_rounds,
    unknown_states,
    unseen_gils,
    without_ranking,
)
from gil_lab.sessions.schema import FILES, LOG, SESSION

FIRST, FIRST_OF_ONE, BESIDE_FIRST = "map", "speedups", "matrix"
"""The pictures that stand before all others if the experiment names none: where nothing ran at the same time, a map has
nothing to tell. Of several interpreters, the last one stands beside it."""
MAX_SENTENCE = 2000
"""Characters of a sentence."""
RAW = (SESSION, *FILES, "summary.csv", "core_use.csv", LOG)


def page(
    results: SessionResults,
    pictures: Sequence[Picture],
    *,
    narrow: Sequence[Picture] = (),
    replayed: replays.ReplayData | None = None,
    undrawn: Mapping[str, str] | None = None,
    question: str = "",
    first: str = "",
    claims: Sequence[Checked] = (),
    folder: Path | None = None,
) -> str:
    """The report on `results` with these pictures, to be written as UTF-8 with line ends as they are.

    `narrow` are those of them that there are for phones as well, `replayed` the passes that are replayed.
    `undrawn` says of each picture that could not be drawn why; of those that are not `first`, and of which others could
    be drawn, nothing is said. `question` is the experiment's, `first` the picture that answers it, `claims` what became
    of its claims. `folder` is where the page will be, by default the session's: links to the raw files are relative to
    it. The reader's notes are shown that there are by now, so draw the pictures first.
    Raises ExtraError without the extra `report`.
    """
    made = templates()
    made.filters["options"] = _options_as_code
    made.filters["body"] = _body
    made.filters["explained"] = explained
    template = made.get_template("page.html")
    own, style = [MESSAGES, "figures.js", "tables.js", "page.js"], text_of("page.css")
    if replayed:
        own.append(replays.SCRIPT)
    if grid := grids.sliders(results.rows):
        own.append(grids.SCRIPT)
        style += text_of(grids.STYLE)
    scripts = [bundle(), *map(text_of, own)]
    groups = matrices(results.rows, results.across)
    usual = FIRST if any(row.cell.workers > 1 for row in results.rows) else FIRST_OF_ONE
    front = [picture for picture in pictures if picture.name in (first or usual, BESIDE_FIRST)]
    front.sort(key=lambda picture: picture.name != first)
    others = [picture for picture in pictures if picture not in front]
    for_phones = {picture.name: picture for picture in narrow}
    missing = {name: reason for name, reason in (undrawn or {}).items() if name == first or not pictures}
    return template.render(
        policy=policy(scripts, style),
        scripts=scripts,
        style=style,
        experiment=plain(results.session.experiment),
        question=plain(gettext(question)),
        facts=facts(results),
        answer=[
            plain(str(line), MAX_SENTENCE)
            for line in (*words(results.rows, claims), *scaling_words.briefly(results.scalings))
        ],
        replay=replays.section(replayed) if replayed else "",
        sliders=grids.section(grid) if grid else "",
        first=[figure for picture in front for figure in figures(picture, for_phones.get(picture.name))],
        others=[figure for picture in others for figure in figures(picture, for_phones.get(picture.name))],
        undrawn=[(plain(named), plain(gettext(reason))) for named, reason in missing.items()],
        verdicts=[(plain(title(group)), _sentences(group, matrix)) for group, matrix in groups],
        beside=[(plain(called), plain(text, MAX_SENTENCE)) for called, text in across_words.sentences(results.across)],
        laws=[(plain(called), plain(text, MAX_SENTENCE)) for called, text in scaling_words.lines(results.scalings)],
        observed=[
            (plain(called), plain(text, MAX_SENTENCE)) for called, text in observed_words.lines(results.observed)
        ],
        claims=[
            (
                one.judgement.outcome is Outcome.FAILS,
                *(plain(say(one), MAX_SENTENCE) for say in (outcome, claim_sentence, evidence)),
            )
            for one in claims
        ],
        flagged=[plain(line) for line in flag_lines(results.rows)],
        remarks=list(filter(None, _remarks(results))),
        tables=[made for group, matrix in groups for made in _tables(group, matrix)],
        legend=signs(map(results_table, by_workload(results.rows))),
        settings=settings(results.session.about),
        disturbances=disturbances(results),
        files=_files(results.folder, folder or results.folder),
        words=plain_words(),
        version=__version__,
    )


def _options_as_code(text: str) -> str:
    """With `--rounds` as code, which no line is broken in."""
    from markupsafe import Markup, escape

    return Markup(re.sub(r"(?<!\S)--[a-z][a-z-]*", r"<code>\g<0></code>", str(escape(text))))  # noqa: S704 - escaped before


def _body(table: Table) -> str:
    from markupsafe import Markup

    return Markup(table_body(table, sortable=table.sortable, meaning=of_column))  # noqa: S704 - escaped there


def _sentences(group: Sequence[Summary], matrix: Matrix | None) -> list[tuple[str, str]]:
    """On each cell; of what several interpreters ran, what is the same is said once."""
    if matrix is None:
        return [(plain(name(one)), plain(sentence(one), MAX_SENTENCE)) for one in group]
    return [
        (plain(gettext("{name} under {pythons}").format(name=called, pythons=pythons)), plain(text, MAX_SENTENCE))
        for called, rows in grouped_sentences(group).items()
        for pythons, text in rows
    ]


def _remarks(results: SessionResults) -> tuple[str, ...]:
    rows = results.rows
    remedy = results.session.remedy
    return (
        without_ranking(rows),
        drift(rows, remedy),
        restless(rows),
        unknown_states(rows),
        unseen_gils(rows),
        *remarks(rows),
        too_few_rounds(rows, remedy),
        across_words.missing(results.session.about),
        calibrated(results),
    )


def _tables(group: Sequence[Summary], matrix: Matrix | None) -> list[Table]:
    """The matrix, if several interpreters ran it, and the cells."""
    return [*([matrix.table()] if matrix else []), results_table(group, verdicts=True)]


def _files(session: Path, page_folder: Path) -> list[tuple[str, str]]:
    """Name and relative address of each raw file that is there."""
    there = [session / file for file in RAW if (session / file).is_file()]
    return [(file.name, "./" + quote(os.fsencode(os.path.relpath(file, page_folder)))) for file in there]
