"""A picture is one file in gil_lab/report/pictures, and no other edit."""

import re
import sys

import pytest
import whole_session
from places import ROOT

from gil_lab.cli.app import execute
from gil_lab.experiment.results import Results
from gil_lab.report import pictures

PIE = '''"""A pie of all wall times.

It is a poor picture.
"""

from gil_lab.report.drawing.picture import Picture

PLACE = 2.5


def draw(source, width=640):
    spec = {"width": width, "data": {"values": [{"wall": row.wall_s} for row in source.rows]}, "mark": "arc"}
    return Picture("pie-of-walls", "everybody has a slice", {**spec, "encoding": {"theta": {"field": "wall"}}})
'''


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A session, beside which a file is added to the folder of the pictures."""
    (tmp_path / "added").mkdir()
    (tmp_path / "added" / "pie_of_walls.py").write_text(PIE)
    monkeypatch.setattr(pictures, "__path__", [*pictures.__path__, str(tmp_path / "added")])
    yield whole_session.session(tmp_path / "results")
    sys.modules.pop("gil_lab.report.pictures.pie_of_walls", None)


def test_a_file_in_the_folder_is_a_picture_in_its_place(folder):
    """Its first line says what it shows."""
    assert pictures.names()[1:4] == ("matrix", "pie-of-walls", "speedups")
    assert pictures.description("pie-of-walls") == "A pie of all wall times."


def test_the_command_line_lists_it_and_makes_a_file_of_it(folder, tmp_path, capsys):
    pytest.importorskip("vl_convert", reason="vl-convert is not installed")
    asked = ["report", str(folder), "--format", "svg", "--picture", "pie-of-walls", "--out", str(tmp_path / "made")]
    assert execute(asked) in (None, 0)
    assert (tmp_path / "made" / "pie-of-walls.svg").read_text().startswith("<svg")
    assert "pie-of-walls.svg" in capsys.readouterr().out


def test_the_page_has_it(folder, tmp_path):
    pytest.importorskip("vl_convert", reason="vl-convert is not installed")
    assert execute(["report", str(folder), "--format", "html", "--out", str(tmp_path)]) in (None, 0)
    page = (tmp_path / "report.html").read_text()
    assert "everybody has a slice" in page
    assert page.index("map") < page.index("pie-of-walls")


def test_a_notebook_has_it_as_a_method(folder):
    """With its description, and among what completion offers."""
    results = Results.read(folder)
    assert results.pie_of_walls().title == "everybody has a slice"
    assert results.pie_of_walls.__doc__ == "A pie of all wall times."
    assert "pie_of_walls" in dir(results)


def test_results_have_no_other_methods_than_pictures(folder):
    with pytest.raises(AttributeError, match=r"no 'cake'.*pie_of_walls"):
        Results.read(folder).cake()


@pytest.mark.parametrize("name", pictures.names())
def test_the_documentation_has_each_picture_in_the_words_of_its_file(name):
    rows = re.findall(
        r"^\| `([\w-]+)` \| (.*) \|$", (ROOT / "docs" / "reports-and-pictures.md").read_text(), re.MULTILINE
    )
    described = pictures.description(name)
    assert (name, described[0].lower() + described.removesuffix(".")[1:]) in rows
    assert tuple(name for name, _ in rows if name in pictures.names()) == pictures.names()


def test_the_help_of_the_command_names_every_picture(capsys):
    assert execute(["report", "--help"]) in (None, 0)
    text = re.sub(r"-\n\s+", "-", capsys.readouterr().out)  # lines are broken behind a hyphen, too
    assert all(name in text for name in pictures.names())
