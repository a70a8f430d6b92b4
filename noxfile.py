"""Sessions for `nox -s NAME`: quick, all, lint, reference. What CI runs is .ci/run."""

import re
import shutil
from pathlib import Path

import nox

nox.options.sessions = ["quick", "lint"]
nox.options.reuse_existing_virtualenvs = True

REFERENCE = Path("results/reference")
SECTION = re.compile(
    r"^## [^\n]*\n\n`gil-lab run (?P<arguments>[^`]+)`\n\n!\[[^]]*\]\((?P<drawing>[^)]+)\.svg\)", re.MULTILINE
)
"""Of the page of the reference sessions: the command, and the picture that is shown."""


def install(session: nox.Session) -> None:
    session.install("-c", "constraints.txt", "-e", ".[dev]")


@nox.session
def quick(session: nox.Session) -> None:
    """The first group of tests: tests/unit."""
    install(session)
    session.run("pytest", *session.posargs)


@nox.session(name="all")
def every(session: nox.Session) -> None:
    """All three groups of tests."""
    install(session)
    session.run("pytest", "tests", "-n", "3", "--hypothesis-profile=thorough", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Rules, format and types."""
    install(session)
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("mypy")


@nox.session
def reference(session: nox.Session) -> None:
    """Measure the reference sessions again, all or those named, with the commands of their page."""
    install(session)
    for section in SECTION.finditer((REFERENCE / "README.md").read_text(encoding="utf-8")):
        arguments, drawing = section["arguments"].split(), section["drawing"]
        experiment = arguments[0]
        if session.posargs and experiment not in session.posargs:
            continue
        folder, picture = REFERENCE / experiment, drawing.removeprefix(f"{experiment}-")
        before = set(folder.iterdir()) if folder.exists() else set()
        # 3: some cell is not ok, such as one that needs a GPU; the tests of the sessions say which may be so.
        session.run("gil-lab", "run", *arguments, "--out", str(REFERENCE), success_codes=[0, 3])
        for written in folder.glob("*/*.csv"):  # reasons name the Python of this environment
            text = written.read_text(encoding="utf-8")
            if session.bin in text:
                written.write_text(text.replace(f"{session.bin}/", ""), encoding="utf-8")
        for old in before:  # only after the new one is there
            shutil.rmtree(old)
        made = Path(session.create_tmp())
        session.run("gil-lab", "report", str(folder), "--format", "svg", "--picture", picture, "--out", str(made))
        shutil.move(made / f"{picture}.svg", REFERENCE / f"{drawing}.svg")
