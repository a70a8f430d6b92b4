"""The pages for people: their links lead somewhere, and their lists are those of the program."""

import re
import tomllib
from pathlib import Path

import pytest
from made_claims import of, session
from test_layers import ROOMS

import gil_lab
from gil_lab.analysis.claims import Outcome
from gil_lab.analysis.verdicts import Verdict
from gil_lab.cli import app
from gil_lab.model.records import Flag, Status
from gil_lab.report import pictures
from gil_lab.sessions.csv_table import columns
from gil_lab.sessions.rows import TrialRow
from gil_lab.sessions.schema import CRASH, FILES, LOG, PLAN, RESUMED, SESSION
from gil_lab.suite.catalogue import Catalogue, names
from gil_lab.suite.workloads.released import CALLS

ROOT = next(folder for folder in Path(__file__).parents if (folder / "pyproject.toml").exists())
DOCS = ROOT / "docs"
PLACES = ("*.md", "docs/**/*.md", "results/*.md", "results/reference/*.md", "tests/**/*.md", "lectures/**/*.md")
PAGES = sorted({page for place in PLACES for page in ROOT.glob(place)})
MAX_README_LINES = 180
LINK = re.compile(r"\]\(\s*([^)\s]+)\s*\)")
FENCE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)


def name_of(page):
    return page.relative_to(ROOT).as_posix()


def text_of(page):
    return page.read_text(encoding="utf-8")


def anchors(text):
    """Of its headings, as forges make them: lower case, dashes for spaces, no punctuation, repetitions numbered."""
    made = []
    for heading in re.findall(r"^#+ +(.*?) *$", FENCE.sub("", text), re.MULTILINE):
        plain = re.sub(r"\]\([^)]*\)", "]", heading).lower()
        slug = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        made.append(f"{slug}-{made.count(slug)}" if slug in made else slug)
    return made


def links(text):
    return LINK.findall(FENCE.sub("", text))


def broken(page, text):
    """The links of a page that lead nowhere."""
    for link in links(text):
        if "://" in link:
            yield f"{link}: pages link to what is in the repository"
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if Path(path).is_absolute() or not target.exists():
            yield f"{link}: no such file"
        elif anchor and anchor not in anchors(text_of(target)):
            yield f"{link}: no such heading"


def section(page, heading):
    """What stands under a heading, up to the next one of the same depth."""
    return text_of(DOCS / page).partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def first_column(text):
    """The words in code font in the first field of the rows of its tables."""
    rows = re.findall(r"^\| ([^|]*(?:\\\|[^|]*)*) \|", text, re.MULTILINE)
    return [word for row in rows for word in re.findall(r"`([^`]+)`", row)]


# Links


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page):
    """Files, headings and images are there, under relative paths."""
    assert list(broken(page, text_of(page))) == []


@pytest.mark.parametrize(
    "link",
    ["[a](missing.md)", "![a](missing.svg)", "[a](README.md#no-such-heading)", "[a](#nor-here)", "[a](/etc/passwd)"],
)
def test_a_broken_link_would_be_found(link):
    """Of each kind."""
    assert len(list(broken(ROOT / "README.md", f"# A heading\n\n{link}\n"))) == 1


def test_anchors_are_those_of_forges():
    """Punctuation goes, dashes stay, a repeated heading gets a number; what stands in a code block is none."""
    text = "# What's `new`, really?\n## cpu-bound: a map\n## Twice\n## Twice\n```\n# no heading\n```\n"
    assert anchors(text) == ["whats-new-really", "cpu-bound-a-map", "twice", "twice-1"]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_paths_that_are_named_exist(page):
    """Files and folders in code font, such as `gil_lab/cli/`: a move of them would leave the page behind."""
    tops = "|".join(place.name for place in ROOT.iterdir() if place.is_dir() and place.name[0] != ".")
    named = re.findall(rf"`((?:{tops})/[\w./-]*)`", FENCE.sub("", text_of(page)))
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", sorted({*DOCS.glob("*.md")} - {DOCS / "README.md"}), ids=name_of)
def test_every_page_can_be_found(page):
    """The index links to each page, and so does README."""
    assert page.name in links(text_of(DOCS / "README.md"))
    assert f"docs/{page.name}" in links(text_of(ROOT / "README.md"))


# README


def test_readme_is_short():
    """What is longer has a page of its own."""
    assert len(text_of(ROOT / "README.md").splitlines()) <= MAX_README_LINES


def test_readme_has_the_map_and_two_commands():
    """CI runs the first two blocks of shell code as they stand."""
    text = text_of(ROOT / "README.md")
    main, tests = re.findall(r"^```sh\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    assert main.rstrip().endswith("gil-lab run cpu-bound --workers 8")
    assert tests.rstrip().endswith("pytest")
    assert main.count("\n") == tests.count("\n") == 1
    (image,) = re.findall(r"!\[[^]]+\]\(([^)]+)\)", text)
    assert image == "results/reference/cpu-bound-map.svg"


# Lists that are those of the program


@pytest.mark.parametrize(
    ("heading", "words"),
    [("Verdicts", list(Verdict)), ("Statuses", list(Status)), ("Flags", list(Flag))],
    ids=["verdicts", "statuses", "flags"],
)
def test_the_glossary_has_every_word(heading, words):
    """Each verdict, status and flag once, and no other."""
    rows = re.findall(r"^\| `?([^`|]+?)`? \|", section("glossary.md", heading), re.MULTILINE)
    assert sorted(set(rows) - {"word", "---"}) == sorted(map(str, words))
    assert len(rows) == len(words) + 2


def test_the_glossary_explains_flags_as_the_program_does():
    """What each means, whether it counts, and what to do."""
    rows = {f"| `{flag}` | {flag.meaning} | {'yes' if flag.counts else 'no'} | {flag.remedy} |" for flag in Flag}
    assert rows == set(re.findall(r"^\| `.*$", section("glossary.md", "Flags"), re.MULTILINE))


def test_the_glossary_explains_statuses_as_the_program_does():
    """In the sentences that stand beside them."""
    rows = {f"| `{status}` | {status.meaning} |" for status in Status}
    assert rows == set(re.findall(r"^\| `.*$", section("glossary.md", "Statuses"), re.MULTILINE))


def test_the_page_on_files_has_every_file():
    """Those with rows, and those beside them."""
    named = set(first_column(text_of(DOCS / "files.md")))
    assert {*FILES, SESSION, PLAN, RESUMED, CRASH, LOG, "summary.csv", "core_use.csv", "claims.csv"} <= named


@pytest.mark.skipif(
    not (ROOT / "results/reference").exists(), reason="there are no reference sessions outside a checkout"
)
def test_the_page_on_files_explains_columns_that_exist():
    """Of trials.csv."""
    explained = first_column(text_of(DOCS / "files.md").partition("| column |")[2])
    assert len(explained) > 25
    assert set(explained) <= set(columns(TrialRow))


def test_the_page_on_running_has_every_option(capsys):
    """Those of `run`, no more and no fewer."""
    assert app.execute(["run", "--help"]) == 0
    there = set(re.findall(r"^ +(?:-[a-z], )?(--[a-z-]+)", capsys.readouterr().out, re.MULTILINE)) - {"--help"}
    listed = {word.split()[0] for word in first_column(section("running.md", "Options of `run`"))}
    assert listed == there


def test_the_page_on_running_has_every_command(capsys):
    """Each once or more."""
    assert app.execute(["--help"]) == 0
    there = re.findall(
        r"^  ([a-z-]+) ", capsys.readouterr().out.partition("Commands:")[2].partition("Exit")[0], re.MULTILINE
    )
    listed = set(re.findall(r"^gil-lab ([a-z-]+)", section("running.md", "Commands"), re.MULTILINE))
    assert listed == set(there)


@pytest.mark.parametrize("kind", ["workload", "strategy"])
def test_the_page_on_your_own_work_has_all_that_ships(kind):
    """Workloads with their variants, and strategies."""
    shipped = section("your-own-work.md", "What ships with the lab")
    workloads, strategies = shipped.split("| strategy |", maxsplit=1)
    catalogue = Catalogue()
    if kind == "strategy":
        assert sorted(first_column(strategies)) == catalogue.strategy_names()
        return
    assert sorted(first_column(workloads)) == catalogue.workload_names()
    for row in re.findall(r"^\| `.*$", workloads, re.MULTILINE):
        name = first_column(row)[0]
        assert sorted(re.findall(r"`\+([\w-]+)`", row)) == sorted(
            variant.partition("+")[2] for variant in catalogue.variant_names(name)
        ) or name in (
            "neighbours",
            "released",
        )  # one row for three workloads, whose variants are left to `gil-lab list`; and a page of its own


def test_the_page_on_released_calls_says_of_each_what_its_sources_say():
    """In their order, and the same as the workload has it."""
    rows = re.findall(r"^\| ([\w-]+) \| (yes|partly|no) \|", text_of(DOCS / "released.md"), re.MULTILINE)
    assert rows == [(name, call.releases) for name, call in CALLS.items()]


def test_the_page_on_reports_has_every_picture():
    """In the order in which reports show them."""
    assert first_column(section("reports-and-pictures.md", "Pictures")) == list(pictures.names())


def test_the_page_on_reports_has_every_format(capsys):
    """As `--format` takes them; `table` is what a report is without it."""
    assert app.execute(["report", "--help"]) == 0
    (formats,) = re.findall(r"--format ([a-z|]+)", capsys.readouterr().out)
    commands = text_of(DOCS / "reports-and-pictures.md").partition("## Pictures")[0]
    assert set(formats.split("|")) - {"table"} <= set(re.findall(r"[a-z]+", commands))


def test_the_table_of_the_layers_is_the_order_that_is_tested():
    """From the roof to the ground."""
    layers = text_of(DOCS / "architecture.md").partition("| layer |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `gil_lab/(\w+)/`", layers, re.MULTILINE) == list(ROOMS)


def test_readme_counts_the_experiments():
    """In words, as a sentence does."""
    assert len(names("experiments")) == 26
    assert "twenty-six experiments" in text_of(ROOT / "README.md")


# Examples


def examples():
    """What the examples of the page define, one after the other as in one file."""
    made = {"__name__": "mine"}
    for block in re.findall(r"^```python\n(.*?)^```$", text_of(DOCS / "your-own-work.md"), re.DOTALL | re.MULTILINE):
        exec(block, made)
    return made


def test_the_example_of_a_workload_and_a_strategy_works():
    """Right answers in a plain loop and under the strategy that is shown; a wrong one is noticed."""
    made = examples()
    workload, strategy = made["COLLATZ"], made["THREAD_POOL"]
    task = workload.forms["call"]
    with workload.open_inputs(3, 50) as inputs, strategy.open(2) as run:
        assert workload.verify(inputs, list(map(task, inputs))) is None
        assert workload.verify(inputs, [0, 0, 0])
        assert run(task, inputs) == list(map(task, inputs))


def test_the_short_example_of_a_workload_works(tmp_path):
    """On files that are there."""
    books = [tmp_path / name for name in ("emma.txt", "dune.txt")]
    for number, book in enumerate(books, 1):
        book.write_text("word " * number)
    made = examples()["WORDS"]
    assert made.tasks == len(made.inputs) == len(books)
    assert list(map(made.forms["call"], books)) == [1, 2]


@pytest.mark.parametrize(("threading_s", "outcome"), [(0.4, Outcome.HOLDS), (0.2, Outcome.FAILS)])
def test_the_example_of_a_claim_judges(threading_s, outcome):
    """Threads that are as fast as sequential, and threads that are twice as fast."""
    measured = session(of("sequential", 0.4), of("threading", threading_s))
    (checked,) = examples()["EXPERIMENT"].check(measured)
    assert checked.sentence == "Threads are no faster than one task after the other"
    assert checked.judgement.outcome is outcome


@pytest.mark.parametrize("page", [page for page in PAGES if page != ROOT / "README.md"], ids=name_of)
def test_a_source_distribution_has_every_page(page):
    """Its list of files names each or a folder above it; README it has anyway."""
    build = tomllib.loads(text_of(ROOT / "pyproject.toml"))["tool"]["hatch"]["build"]["targets"]["sdist"]
    path = f"/{name_of(page)}"
    assert any(path == place or path.startswith(f"{place}/") for place in build["include"])


def test_the_citation_is_of_this_version():
    """CFF 1.2.0, with the keys that it requires."""
    text = text_of(ROOT / "CITATION.cff")
    assert re.search(r"^cff-version: 1\.2\.0$", text, re.MULTILINE)
    assert {"cff-version", "message", "title", "authors"} <= set(re.findall(r"^([a-z-]+):", text, re.MULTILINE))
    assert f"\nversion: {gil_lab.__version__}\n" in text
