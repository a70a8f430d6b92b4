"""The messages of pages, quizzes and slides, and the catalogues with their translations.

`python tests/support/messages.py` brings the catalogues up to date: new messages get an empty translation, those that
are gone are left out, and each catalogue is compiled. It prints what is not translated.
"""

import ast
import functools
import re
import string
import sys
from collections.abc import Iterator
from importlib import import_module
from io import BytesIO
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from reference_sessions import REFERENCE, reference

import gil_lab.report.drawing
import gil_lab.report.pictures
from gil_lab.advice.exercises import every_exercise
from gil_lab.analysis.claims import Outcome
from gil_lab.analysis.default_question import QUESTION
from gil_lab.analysis.questions import Question
from gil_lab.analysis.states import TaskState
from gil_lab.analysis.verdicts import Verdict
from gil_lab.cli.lecture_notebook import lecture_file
from gil_lab.experiment import experiments
from gil_lab.model.chapters import TITLE, Chapter
from gil_lab.model.language import DOMAIN, LOCALE, messages_of
from gil_lab.model.records import Cell, Flag
from gil_lab.report.page.glossary import ALIASES, WORDS
from gil_lab.report.tables import results as columns
from gil_lab.sessions.csv_table import columns as names_of_columns
from gil_lab.suite.catalogue import Catalogue as Suite

ROOT = Path(gil_lab.__file__).parent
SOURCES = {
    ROOT: [("report/page/**.js", "javascript"), ("report/page/**.html", "jinja2"), ("**.py", "python")],
    ROOT.parent / "experiments": [("**.py", "python")],
    ROOT.parent / "lectures": [("**.py", "python")],
}
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_noop": None,
    "Observation": (1,),  # its name, also of those that no reference session has
    "NothingToDrawError": (1,),  # the page says why a picture is missing
    "share": (3,),  # of what a share is claimed
    "GilRecords": (1,),  # why a GIL is not seen
}
SAID_OF_LOOPS = ("vectorised", "loop")
"""Observations whose words are the lab's own, and not those of an error."""
MARKS = set("{}")
LEAST_LETTERS = 9
"""Of a message, without what is filled in: a shorter one may stand in a page as a word of its own, such as `on`."""


def catalogues() -> list[Path]:
    """One for each language but English, which stands in the sources."""
    return sorted(LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


@functools.cache
def template() -> Catalog:
    """Every message, with the files where it stands."""
    found = Catalog(project="gil-lab", copyright_holder="the authors of gil-lab")
    for folder, methods in SOURCES.items():
        for file, _, message, comments, _ in extract_from_dir(
            str(folder), methods, {"**.html": {"trimmed": "true"}}, KEYWORDS, comment_tags=("For translators:",)
        ):
            place = (folder / file).relative_to(ROOT.parent).as_posix()
            found.add(message, locations=[(place, None)], auto_comments=comments)
    for place, message in in_data():
        if message and message not in found:
            found.add(message, locations=[(place, None)])
    return found


def in_data() -> Iterator[tuple[str, str]]:
    """What is looked up though no source marks it, and where it stands."""
    yield from of_experiments()
    yield from of_suite()
    yield from of_lecture()
    for flag in Flag:
        yield from (("gil_lab/model/records.py", text) for text in (flag.meaning, flag.remedy))
    yield from (("gil_lab/analysis/verdicts.py", verdict) for verdict in Verdict)
    for state in TaskState:
        yield from (("gil_lab/analysis/states.py", text) for text in (state, state.meaning))
    yield from (("gil_lab/analysis/claims/judgement.py", outcome) for outcome in Outcome)
    for words in (WORDS.items(), ALIASES.items()):
        yield from (("gil_lab/report/page/glossary.py", text) for pair in words for text in pair)
    for column in (*columns.COLUMNS, columns.VERDICT):
        yield "gil_lab/report/tables/results.py", column.title
    for field in (*names_of_columns(Cell), "work", "variant"):
        yield "gil_lab/analysis/claims/evidence.py", field
    for module in drawing():
        titles = getattr(module, "TOOLTIP", ())
        yield from ((f"{module.__name__.replace('.', '/')}.py", one["title"]) for one in titles)
    for folder in filter(Path.is_dir, sorted(REFERENCE.iterdir())):
        for one in reference(folder.name).observations:
            place = f"experiments/{folder.name.replace('-', '_')}.py"
            yield from ((place, text) for text in (one.observation.name, one.observation.unit))
            if one.observation.name in SAID_OF_LOOPS:
                yield from ((place, text) for text in one.observation.text.split("; "))


def of_experiments() -> Iterator[tuple[str, str]]:
    yield from (("gil_lab/analysis/default_question.py", text) for text in of_question(QUESTION))
    for one in experiments():
        place = f"experiments/{one.design.name.replace('-', '_')}.py"
        yield place, one.question
        yield from ((place, text) for question in one.questions for text in of_question(question))
        yield from ((place, claim.sentence) for claim in one.claims)
        if said := one.passage:
            yield from ((place, text) for each in (said.watch, said.change) for text in messages_of(each))


def of_question(question: Question) -> Iterator[str]:
    yield question.sentence
    for answer in question.answers:
        yield from (answer.sentence, answer.why)


def of_suite() -> Iterator[tuple[str, str]]:
    suite = Suite()
    for name in suite.workload_names():
        workload, place = suite.workload(name), f"gil_lab/suite/workloads/{name.replace('-', '_')}.py"
        yield from ((place, unit) for unit in (workload.size_unit, workload.variant_unit))
        yield from ((place, suite.workload(variant).instead) for variant in (name, *suite.variant_names(name)))
    for name in suite.strategy_names():
        yield f"gil_lab/suite/strategies/{name.replace('-', '_')}.py", suite.strategy(name).workers_are or "workers"


def of_lecture() -> Iterator[tuple[str, str]]:
    """Its chapters and exercises, what it says of experiments, and what its notebook gives to `paragraphs`."""
    yield "gil_lab/model/chapters.py", TITLE
    for chapter in Chapter:
        yield from (("gil_lab/model/chapters.py", text) for text in (str(chapter), chapter.aim, chapter.about))
    for name, exercise in every_exercise().items():
        yield f"exercises/{name.replace('-', '_')}/__init__.py", exercise.question
    tree = ast.parse(lecture_file().read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    texts = [one.value for call in calls if call.func.id == "paragraphs" for one in call.args]
    yield from (("lectures/lecture.py", message) for text in texts for message in messages_of(text))


def drawing() -> Iterator[ModuleType]:
    """What draws pictures."""
    for package in (gil_lab.report.drawing, gil_lab.report.pictures):
        for module in iter_modules(package.__path__, f"{package.__name__}."):
            yield import_module(module.name)


def placeholders(message: str) -> list[str]:
    """The names in its braces, as often as they stand there; none of a text that is no format."""
    if not MARKS & set(message):
        return []
    return sorted(name for _, name, _, _ in string.Formatter().parse(message) if name is not None)


def compiled(catalogue: Catalog) -> bytes:
    """As gettext reads it."""
    into = BytesIO()
    write_mo(into, catalogue)
    return into.getvalue()


def stands_in(message: str, text: str) -> bool:
    """Whether a part of the text was made of this message."""
    parts = re.split(r"\{\w*(?:![rsa])?\}|%\(\w+\)s", message)
    fixed = [part for part in parts if part.strip(" .,:;()")]
    made_of_it = ".{1,200}?".join(re.escape(part.strip()) for part in fixed)
    whole = rf"(?<![\w-]){made_of_it}(?![\w-])"  # no part of a name such as that of a strategy
    return all(part in text for part in fixed) and re.search(whole, text, re.ASCII) is not None


def in_english(text: str) -> list[str]:
    """The messages of the catalogue that stand in a text."""
    found = [one for message in template() if message.id for one in forms(message.id)]
    long = [one for one in found if len(re.sub(r"\{\w*\}|[^A-Za-z]", "", one)) >= LEAST_LETTERS]
    return [one for one in long if stands_in(one, text)]


def read(file: Path) -> Catalog:
    with file.open("rb") as lines:
        return read_po(lines, file.parent.parent.name, DOMAIN)


def updated(file: Path, messages: Catalog) -> Catalog:
    """Of that language, with these messages, in the order of their places."""
    catalogue = read(file)
    catalogue.update(messages, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.creation_date = catalogue.revision_date  # not of today: only a translation is a change
    catalogue.last_translator, catalogue.msgid_bugs_address = "the authors of gil-lab", ""
    return catalogue


def untranslated(catalogue: Catalog) -> list[str]:
    """Messages without a translation, or with one of which nobody knows whether it is right (fuzzy)."""
    return [
        str(message.id)
        for message in catalogue
        if message.id and (not all(forms(message.string)) or not message.string or message.fuzzy)
    ]


def forms(text: str | tuple[str, ...]) -> tuple[str, ...]:
    """A message may have a form for one and a form for several."""
    return text if isinstance(text, tuple) else (text,)


def main() -> int:
    """Exit status 1 if something is not translated."""
    messages, missing = template(), list[str]()
    for file in catalogues():
        catalogue = updated(file, messages)
        with file.open("wb") as text:
            write_po(text, catalogue, width=118, include_lineno=False, sort_by_file=True)
        file.with_suffix(".mo").write_bytes(compiled(catalogue))
        missing += [f"{file}: {message}" for message in untranslated(catalogue)]
    print(*missing, f"{len(list(messages)) - 1} messages, {len(missing)} not translated", sep="\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
