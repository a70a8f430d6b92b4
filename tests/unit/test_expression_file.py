"""An expression and its set-up in a file, and messages about that file for who gave them."""

import pytest

from gil_lab.advice.expression_file import NAME, ExpressionFile
from gil_lab.model.errors import UsageError
from gil_lab.suite.own_lines import place_of

SETUP = "a = 1\n\ndef f(x):\n    return x / 0"


def written(folder, expression, setup):
    """The names that the file defines, and what stands in it."""
    given = ExpressionFile(expression, setup)
    file = given.write(folder)
    found = {}
    exec(compile(file.read_text(), str(file), "exec"), found)
    return given, file, found


@pytest.mark.parametrize(
    ("expression", "place"),
    [
        ("f(1)", ", in line 4 of --setup: 'return x / 0'"),
        ("1 / 0", ""),
        ("(f,\n\n 1 / 0)", ", in line 3 of the expression: '1 / 0)'"),
        ("\n\n(f,\n 1 / 0)\n", ", in line 4 of the expression: '1 / 0)'"),
    ],
)
def test_a_line_is_that_of_what_was_given(tmp_path, expression, place):
    """Not of the file; an expression of one line stands in the message already."""
    given, file, found = written(tmp_path, expression, SETUP)
    with pytest.raises(ZeroDivisionError) as raised:
        found[NAME]()
    message = f"{NAME} raises it{place_of(raised.value, file)}; fix it"
    assert given.in_users_words(message) == f"{given.called} raises it{place}; fix it"


@pytest.mark.parametrize("quote", ["'", '"', "'\"'", "\\'"])
def test_a_line_with_quotes_is_found_again(tmp_path, quote):
    """However its text is quoted in the message."""
    given, file, found = written(tmp_path, "f()", f"x = 1\ndef f():\n    return 1 / 0  # {quote}")
    with pytest.raises(ZeroDivisionError) as raised:
        found[NAME]()
    told = given.in_users_words(f"it fails{place_of(raised.value, file)}; fix it")
    assert told.startswith("it fails, in line 3 of --setup: ")
    assert told.endswith("; fix it")
    assert "expression.py" not in told


MESSAGES = {
    f"{NAME} does not end within 30 s (importing it); have it do less, or fix it": (
        "--setup does not end within 30 s; have it do less, or fix it"
    ),
    f"{NAME} does not end within 30 s (calling it in call 2); have it do less, or fix it": (
        "f() does not end within 30 s (calling it in call 2); have it do less, or fix it"
    ),
    f"{NAME} ends the Python that runs it (importing it: exit code 3); return instead of exiting": (
        "--setup ends the Python that runs it (exit code 3); leave that out"
    ),
    f"{NAME} ends the Python that runs it (calling it: exit code 3); return instead of exiting": (
        "f() ends the Python that runs it (calling it: exit code 3); give a call that returns"
    ),
    f"{NAME} exits; return instead of sys.exit": "f() exits; give a call that returns",
    f"{NAME} answers with a value of type map, which does its work when it is read; name a function that returns a "
    "list of what is in it": (
        "f() answers with a value of type map, which does its work when it is read; give list(f())"
    ),
    f"{NAME} raises NameError: name 'f' is not defined; fix it": (
        "f() raises NameError: name 'f' is not defined; import or define it with --setup"
    ),
    "expression.py exits when it is imported (exit code 3), in line 4 of expression.py: 'exit(3)'; move what runs "
    "below: if __name__ == '__main__':": "--setup exits (exit code 3), in line 2 of --setup: 'exit(3)'; leave that out",
    f"{NAME} raises StopIteration in call 10, in line 5 of expression.py: 'next(i)'; fix it": (
        "f() raises StopIteration in call 10, in line 3 of --setup: 'next(i)'; fix it"
    ),
    "a Python that is missing": "a Python that is missing",
}


@pytest.mark.parametrize(("message", "shown"), MESSAGES.items())
def test_nothing_is_said_of_a_file_that_nobody_gave(message, shown):
    """Nor of its inputs."""
    assert ExpressionFile("f()", SETUP).in_users_words(message) == shown


@pytest.mark.parametrize(
    ("expression", "called"),
    [
        ("\n f(1) ", "f(1)"),
        ("(1,  # one\n  f('a\tb'))", "(1, f('a\\tb'))"),
        ("f(\n  x +", "f( x +"),
        ("f(" + "1, " * 40 + ")", "f(" + "1, " * 18 + "1..."),
    ],
)
def test_an_expression_is_named_in_one_line(expression, called):
    """Also if it was given in several, and if it is no Python."""
    assert ExpressionFile(expression, "").called == called


@pytest.mark.parametrize("expression", ["", " \n ", "# f()", "  # f()\n# g()"])
def test_an_empty_expression_is_called_that(expression):
    """And one is shown."""
    with pytest.raises(UsageError, match=r"the expression is empty; give a call: 'sorted\(data\)'"):
        ExpressionFile(expression, "").check()


def test_a_comment_of_the_set_up_says_nothing_about_the_file(tmp_path):
    """Its encoding, of which such a comment speaks in the first two lines."""
    _, _, found = written(tmp_path, "x", "# coding: nonsense\nx = 'ä'")
    assert found[NAME]() == "ä"


NO_PYTHON = {
    ("f(1,\n  2 3)", ""): "the expression is no Python (invalid syntax, in line 2): '2 3)'; ",
    ("\n\nf(1,\n  2 3)", ""): "the expression is no Python (invalid syntax, in line 4): '2 3)'; ",
    ("f(", ""): "the expression is no Python ('(' was never closed): 'f('; ",
    ("f()", "a = 1\nfor x in\n  3"): "--setup is no Python (invalid syntax, in line 2): 'for x in'; ",
    ("f()", "for x in"): "--setup is no Python (invalid syntax): 'for x in'; ",
    ("f()", "x = '\0'"): "--setup is no Python (source code string cannot contain null bytes): ",
}


@pytest.mark.parametrize("given", [("-" * 100_000 + "1", ""), ("1", "x = " + "-" * 100_000 + "1")], ids=["", "setup"])
def test_what_is_nested_too_deeply_is_refused(given):
    """Python gives up on it with an error of its memory, or of its recursion."""
    with pytest.raises(UsageError, match=r"is no Python \("):
        ExpressionFile(*given).check()


@pytest.mark.parametrize(("given", "why"), NO_PYTHON.items(), ids=repr)
def test_what_is_no_python_is_named_with_its_line(given, why):
    """And with what to do, before anything is written."""
    with pytest.raises(UsageError) as refused:
        ExpressionFile(*given).check()
    assert str(refused.value).startswith(why.partition("(")[0])
    assert why.partition("): ")[2] in str(refused.value)
    assert str(refused.value).endswith("; fix it, and quote it for the shell")
    assert ("in line" in why) == ("in line" in str(refused.value))
