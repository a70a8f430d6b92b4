"""Which line of a user's file an error came from."""

import linecache
from pathlib import Path

import pytest

from gil_lab.suite.own_lines import described_in, line_of, place_of


@pytest.fixture
def raised(tmp_path):
    """The error that a file of this text raises when it is run."""

    def of(text, run=None):
        linecache.clearcache()
        file = tmp_path / "mine.py"
        file.write_text(text)
        try:
            exec(compile(text, str(file), "exec"), {"run": run})
        except BaseException as error:
            return error, file
        raise AssertionError("it raises nothing")

    return of


def test_the_line_is_named_with_its_text(raised):
    """That of a file of several."""
    error, file = raised("a = 0\n\nb = 1 / a  # all is lost\n")
    assert line_of(error, file) == 3
    assert place_of(error, file) == ", in line 3 of mine.py: 'b = 1 / a  # all is lost'"
    expected = "ZeroDivisionError: division by zero, in line 3 of mine.py: 'b = 1 / a  # all is lost'"
    assert described_in(error, file, 200) == expected


def test_it_is_the_last_line_of_the_file_and_not_one_of_what_it_calls(raised):
    """Whoever reads the message can change that line."""
    error, file = raised("import json\ndef read(text):\n    return json.loads(text)\nread('{')\n")
    assert line_of(error, file) == 3


def test_what_is_no_python_is_named_once(raised):
    """Its own text has the file and the line, too."""
    error, file = raised("a = 1\nb = = 2\n")
    assert described_in(error, file, 200) == "SyntaxError: invalid syntax, in line 2 of mine.py: 'b = = 2'"


def test_a_long_line_is_cut_and_a_strange_one_is_printable(raised):
    """The message has one line."""
    error, file = raised(f"x = '\x1b\\n' + {'1 + ' * 50}1\n")
    assert place_of(error, file).isprintable()
    assert len(place_of(error, file)) < 100


def test_of_an_error_that_did_not_pass_through_the_file_no_line_is_named(raised):
    """Nor of one that has no traceback."""
    error, _ = raised("1 / 0\n")
    assert line_of(error, Path("other.py")) is None
    assert described_in(ValueError("why"), Path("other.py"), 200) == "ValueError: why"


@pytest.mark.parametrize("where", [(3, 4, 5, "x"), ("mine.py", "one", 5, "x"), (None, None, None, None)])
def test_a_syntax_error_of_a_user_s_own_is_an_error_like_others(raised, where):
    """Whatever stands where the file and the line belong."""

    def run():
        raise SyntaxError("odd", where)

    error, file = raised("a = 1\nrun()\n", run)
    assert line_of(error, file) == 2
