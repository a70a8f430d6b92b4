"""The answer of a session on one screen: what is fastest, by how much and why; one table; what speaks against it."""

from collections.abc import Iterator, Sequence
from enum import Enum
from itertools import zip_longest

from gil_lab.analysis.across_interpreters import Across
from gil_lab.analysis.claims import Checked, Outcome
from gil_lab.analysis.dispatch import dispatches
from gil_lab.analysis.speedups import baseline_of
from gil_lab.analysis.summaries import Summary
from gil_lab.analysis.verdicts import Verdict
from gil_lab.model.cell_names import Naming, naming, naming_everywhere
from gil_lab.model.language import clauses, gettext, in_a_row, listed, ngettext
from gil_lab.model.records import COUNTED_FLAGS, Status
from gil_lab.model.text import one_line, shortened
from gil_lab.report.tables.as_rich import plain_text
from gil_lab.report.tables.blocks import Block, Note
from gil_lab.report.tables.dispatch import dispatch_table
from gil_lab.report.tables.matrix import matrices
from gil_lab.report.tables.results import (
    CORES_BUSY,
    FURTHER,
    IN_FLIGHT,
    ON_HOSTS,
    OVERALL,
    PYTHON,
    START_UP,
    STRATEGY,
    VERDICT,
    WALL,
    WORKERS,
    by_workload,
    several_pythons,
    several_workers,
    threshold,
    title,
)
from gil_lab.report.tables.sizes import size_tables
from gil_lab.report.tables.table import Column, Row, Table, signs
from gil_lab.report.text import break_even, releases
from gil_lab.report.text.dispatch import lines
from gil_lab.report.text.remarks import remarks
from gil_lab.report.text.sentences import (
    beyond_its_cores,
    duration,
    parts,
    ratio,
    reason,
    too_few_rounds,
    without_ranking,
)
from gil_lab.suite.catalogue import are_same_work

SCREEN_LINES, MAX_LINES = 24, 20
"""Of a terminal, and of the answer in it, without a blank line, the claims, the files, where the evidence is."""
MANY_CELLS, MANY_LINES = 8, 55
"""Of more cells a report is an overview; of 60 lines, some are for claims, files and what to do next."""
MAX_ROWS, MIN_ROWS, MAX_WORKS, MAX_CLAIMS, MAX_NAMED = 8, 3, 2, 2, 4
MAX_REASON = 100
"""Characters of why a cell was not measured, with the next step."""
WORK = Column[Summary](("", "work"), lambda summary: summary.cell.work, right=False, naming=True)
SIZE = Column[Summary](("", "size"), lambda summary: str(summary.cell.size), naming=True)


class Detail(Enum):
    """How much the sentences say, the most first; the table needs room, too."""

    FULL = "with reasons for what is slow"
    SHORTER = "without them"
    SHORTEST = "without what is not known to be faster, and with one claim"


DELAYS = tuple(column for column in FURTHER if column.title.startswith("delay") and "max" not in column.title)
PER_WORKER = tuple(column for column in FURTHER if column.title.startswith("per worker"))


def answer(
    rows: Sequence[Summary],
    claims: Sequence[Checked],
    remedy: str,
    most_lines: int = MAX_LINES,
    most_rows: int = MAX_ROWS,
) -> list[Block]:
    """In at most so many lines of 80 columns: the table has as many rows as the sentences leave room for. Of several
    sizes it is one of all ways by size, if there is room for that, if need be without the sentences.

    `remedy` is what a user asks for so that the numbers are known better.
    """
    if by_size := size_tables(rows):
        below = [*by_size, *_against(rows, remedy, len(rows))]
        for blocks in ([*words(rows, claims), "", *below], below):
            if height(blocks) <= most_lines:
                return blocks
    for detail in Detail:
        number_of_rows = most_rows
        while True:
            blocks = list(_blocks(rows, claims, remedy, number_of_rows, detail))
            lines = height(blocks)
            if lines <= most_lines:
                return blocks
            if number_of_rows <= MIN_ROWS:
                break
            # On average a row takes no more than all lines divided by the rows: so many fewer rows are still too many.
            fewer = max(1, (lines - most_lines) * number_of_rows // lines)
            number_of_rows = max(MIN_ROWS, number_of_rows - fewer)
    return blocks


def overview(rows: Sequence[Summary], across: Sequence[Across], claims: Sequence[Checked], remedy: str) -> list[Block]:
    """Of a session of many cells: every cell, side by side under the interpreters or by size, if that takes no more
    than `MANY_LINES`; else as many as there is room for.
    """
    sides = size_tables(rows) or [matrix.table() for _, matrix in matrices(rows, across) if matrix]
    tables = [block for table in sides for block in ("", table)]
    blocks = [*words(rows, claims), *tables, *_against(rows, remedy, len(rows))]
    if sides and height(blocks) <= MANY_LINES:
        return blocks
    return answer(rows, claims, remedy, MANY_LINES, MANY_LINES)


def height(blocks: Sequence[Block], width: int = 80) -> int:
    """Lines that they take in a terminal."""
    return plain_text(blocks, width).count("\n")


def _blocks(
    rows: Sequence[Summary], claims: Sequence[Checked], remedy: str, most_rows: int, detail: Detail
) -> Iterator[Block]:
    yield from words(rows, claims, detail)
    yield ""
    tables, shown = _tables(rows, most_rows)
    yield from tables
    if meanings := signs(tables):
        yield Note(clauses(meanings))
    yield from _against(rows, remedy, shown)


def _tables(rows: Sequence[Summary], most_rows: int) -> tuple[list[Table], int]:
    """And how many cells are in them. Each has at most so many rows."""
    if found := dispatches(rows):
        shown = [one.foremost(most_rows - 1) for one in found]
        cells = sum(len(series.lengths) for some in shown for series in some) + sum(row.is_baseline for row in rows)
        return [dispatch_table(one, some) for one, some in zip(found, shown, strict=True)], cells
    table = _table(rows, most_rows)
    return [table], len(table.rows)


def words(rows: Sequence[Summary], claims: Sequence[Checked], detail: Detail = Detail.FULL) -> Iterator[str]:
    """The answer in sentences; none where nothing is compared and no claim holds."""
    if line := without_ranking(rows):
        yield line
        return
    if found := dispatches(rows):
        yield from lines(found)
        return
    if found_calls := list(releases.lines(rows, None if detail is Detail.FULL else MAX_NAMED)):
        yield from found_calls
        return
    ranked = not any(one.delays for one in rows) and all(are_same_work(one.cell.work) for one in rows)
    gains = (break_even.lines(rows) or list(_gains(rows, detail))) if ranked else []
    if not gains or several_pythons(rows):  # then speed is not all that was asked for, or not at all
        yield from _claimed(claims, 1 if detail is Detail.SHORTEST else MAX_CLAIMS)
    yield from gains


def _against(rows: Sequence[Summary], remedy: str, shown: int) -> Iterator[Block]:
    """What is not shown, and what speaks against the rest."""
    if line := _left_out(rows, shown):
        yield line
    if line := _flagged(rows):
        yield line
    if line := too_few_rounds(rows, remedy):
        yield line
    yield from remarks(rows)


def _gains(rows: Sequence[Summary], detail: Detail) -> Iterator[str]:
    """Of each kind of work, as far as there are speed-ups: the fastest cell, the fastest plain one, and the others."""
    groups = [group for group in by_workload(rows) if any(one.speedup and not one.is_baseline for one in group)]
    for group in groups[:MAX_WORKS]:
        gain = in_a_row(_gain(group, detail))
        yield gettext("{name}: {text}").format(name=title(group), text=gain) if len(groups) > 1 else gain
    if len(groups) > MAX_WORKS:
        yield gettext("For {more} more of these, see the evidence.").format(more=len(groups) - MAX_WORKS)


def _gain(group: Sequence[Summary], detail: Detail) -> Iterator[str]:
    called = naming(one.cell for one in group)
    every = [one for one in group if one.speedup and not one.is_baseline]
    compared = [one for one in every if one.speedup and not one.flagged and not one.speedup.flagged]
    if not compared:
        yield gettext(
            "Nothing is ranked: these cells, or what they are compared with, have too few rounds without a flag."
        )
        return
    if len(compared) < len(every):
        some = len(compared)
        text = ngettext(
            "Of {some} of {all} cells, which is not flagged:", "Of {some} of {all} cells, which are not flagged:", some
        )
        yield text.format(some=some, all=len(every))
    faster = [one for one in compared if _gain_of(one) > 1 and one.speedup and one.speedup.shows_a_difference]
    if not faster:
        yield gettext("Nothing is known to be faster than sequential.")
    else:
        best = max(faster, key=_gain_of)
        alike = [one for one in compared if one is not best and _may_be_as_fast(one, best)]
        text = gettext("{name} is among the fastest: {speedup}.") if alike else gettext("{name} is fastest: {speedup}.")
        yield text.format(name=called(best.cell), speedup=_explained(best))
        if alike:
            names = _listed([called(one.cell) for one in alike])
            yield gettext("As fast, as far as is known: {names}.").format(names=names)
        if best.break_even_s is not None:
            work = duration(best.break_even_s)
            yield gettext("It pays from {work} of sequential work on.").format(work=work)
        if detail is Detail.FULL and (why := beyond_its_cores(best)):
            yield why
        plain = list(filter(_is_plain, faster))
        if plain and best not in plain and not any(one in alike for one in plain):
            yield from _in_plain_python(plain, called, detail)
    rest = [one for one in compared if one not in faster]
    if faster and not several_pythons(group) and detail is not Detail.SHORTEST:
        yield from _no_faster(rest, called)
    slow = sorted(rest, key=_gain_of) if detail is Detail.FULL else []
    if because := next(((one, why) for one in slow if _is_plain(one) and (why := reason(one))), None):
        yield gettext("{name}: {text}").format(name=called(because[0].cell), text=because[1])


def _in_plain_python(faster: Sequence[Summary], called: Naming, detail: Detail) -> Iterator[str]:
    one = max(faster, key=_gain_of)
    text = gettext("In plain Python it is {name}: {speedup}.")
    yield text.format(name=called(one.cell), speedup=_explained(one))
    others = [called(each.cell) for each in faster if each is not one and _may_be_as_fast(each, one)]
    if others and detail is not Detail.SHORTEST:
        yield gettext("As fast, as far as is known: {names}.").format(names=_listed(others))


def _no_faster(rest: Sequence[Summary], called: Naming) -> Iterator[str]:
    """Those that are slower, and those of which it is not known."""
    slower = [one for one in rest if _gain_of(one) < 1 and one.speedup and one.speedup.shows_a_difference]
    unknown = [one for one in rest if one not in slower]
    for text, cells in ((gettext("Slower: {names}."), slower), (gettext("Not known to be faster: {names}."), unknown)):
        if cells:
            yield text.format(names=_listed([called(one.cell) for one in cells]))


def _may_be_as_fast(one: Summary, best: Summary) -> bool:
    """Whether the intervals of their speed-ups overlap."""
    ends = (one.speedup and one.speedup.high, best.speedup and best.speedup.low)
    return None not in ends and (ends[0] or 0) >= (ends[1] or 0)


def _listed(names: Sequence[str]) -> str:
    """The first of them, and how many more there are."""
    first = listed(names[:MAX_NAMED])
    if (more := len(names) - MAX_NAMED) <= 0:
        return first
    return gettext("{names} and {more} more").format(names=first, more=more)


def _is_plain(summary: Summary) -> bool:
    """Whether it runs the form that sequential work has: its two speed-ups are one."""
    return summary.parallel_speedup is not None and not summary.parallel_speedup.of_itself and not parts(summary)


def _gain_of(summary: Summary) -> float:
    return summary.speedup.value if summary.speedup else 0.0


def _explained(summary: Summary) -> str:
    """`1.86x [1.80, 1.92], parallel`; of compiled work, with the part that compilation has."""
    if summary.speedup is None or summary.verdict is None:
        return ""
    alone = "" if summary.verdict is Verdict.ONE_AT_A_TIME else f", {gettext(summary.verdict)}"
    return f"{ratio(summary.speedup)}{parts(summary) or alone}"


def _claimed(claims: Sequence[Checked], most: int) -> Iterator[str]:
    """What the experiment claims, as far as it holds."""
    holding = [one for one in claims if one.judgement.outcome is Outcome.HOLDS]
    text = gettext("{claim}: holds.")
    yield from (text.format(claim=one_line(gettext(one.sentence))) for one in holding[:most])


def _table(rows: Sequence[Summary], most_rows: int) -> Table:
    groups = by_workload(rows)
    works, sizes = {one.cell.work for one in rows}, {(one.cell.work, one.cell.size) for one in rows}
    naming_columns = [
        *([WORK] if len(works) > 1 else []),
        *([SIZE] if len(sizes) > len(works) else []),
        STRATEGY,
        *([PYTHON] if several_pythons(rows) else []),
        *([WORKERS] if several_workers(rows) else []),
    ]
    workers_cost = len(works) == 1 and any(map(PER_WORKER[0].text, rows))
    costs = (START_UP, *PER_WORKER) if workers_cost else (WALL, OVERALL)
    asked = (*((WALL, *DELAYS) if any(one.delays for one in rows) else costs), IN_FLIGHT, CORES_BUSY, ON_HOSTS)
    columns = [*naming_columns, *(column for column in asked if any(map(column.text, rows))), VERDICT]
    shown = _shown(groups, most_rows)
    texts = [Row([column.text(one) for column in columns], flagged=one.flagged) for one in shown]
    return Table(title(rows) if len(groups) == 1 else "", columns, texts, threshold=threshold(rows))


def _shown(groups: Sequence[Sequence[Summary]], most_rows: int) -> list[Summary]:
    """As many as there is room for, in their order: of each kind of work the fastest, the fastest plain one, what these
    are relative to; then the others, and last what those are relative to.
    """
    measured = [[one for one in group if one.wall_s is not None] for group in groups]
    everything = [one for group in measured for one in group]
    first: list[Summary] = []
    for group in measured:  # each with what it is relative to, as long as there is room
        plain = list(filter(_is_plain, group))
        best = [max(alike, key=_gain_of) for alike in (group, plain) if alike]
        references = {baseline_of(each.cell) for each in best}
        first += [*best, *(one for one in everything if one.cell in references)]
    if not any(one.speedup for one in everything):  # then of each strategy its largest pool, and so on
        by_strategy: dict[str, list[Summary]] = {}
        for one in sorted(everything, key=lambda one: -one.cell.workers):
            by_strategy.setdefault(one.cell.strategy, []).append(one)
        first = [one for alike in zip_longest(*by_strategy.values()) for one in alike if one]
    others = sorted(everything, key=lambda one: one.is_baseline)
    chosen = list(dict.fromkeys(map(id, (*first, *others))))[:most_rows]
    return [one for one in everything if id(one) in chosen]


def _left_out(rows: Sequence[Summary], shown: int) -> str:
    """How many cells the table has no room for, and which were not measured."""
    measured = sum(one.wall_s is not None for one in rows)
    more = measured - shown
    lines = [f"Not shown: {more} more cell{'s' * (more != 1)}."] if more > 0 else []
    failed = [one for one in rows if one.wall_s is None]
    called = naming_everywhere(one.cell for one in rows)
    if failed:
        why = _why(failed[0], called)
        lines.append(f"Not measured: {why}" + (f", and {len(failed) - 1} more." if len(failed) > 1 else "."))
    partly = [one for one in rows if one.wall_s is not None and one.status is not Status.OK]
    if partly:
        why = _why(partly[0], called)
        lines.append(f"Some rounds failed: {why}" + (f", and of {len(partly) - 1} more." if len(partly) > 1 else "."))
    return " ".join(lines)


def _why(one: Summary, called: Naming) -> str:
    return shortened(f"{called(one.cell)} {one.status}: {one.detail}", MAX_REASON)


def _flagged(rows: Sequence[Summary]) -> str:
    """Empty also if it is said already, because all are flagged in every round."""
    if without_ranking(rows):
        return ""
    found = [one for one in rows if one.wall_s is not None and not COUNTED_FLAGS.isdisjoint(one.flags)]
    if not found:
        return ""
    flags = sorted({str(flag) for one in found for flag in one.flags if flag in COUNTED_FLAGS})
    return f"Flagged in some rounds: {len(found)} of {len(rows)} cells ({', '.join(flags)})."
