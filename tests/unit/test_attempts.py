"""What a call comes to, in a line; and what the first one takes."""

import pytest

from gil_lab.suite.compilers.attempts import FirstCall, attempt


def fail(message):
    raise LookupError(message)


def test_an_answer_is_reported():
    assert attempt(abs, -3) == "no error, answered 3"


@pytest.mark.parametrize(
    ("message", "reported"),
    [
        ("one", "LookupError: one"),
        ("one\n\n  two\nthree", "LookupError: one, two"),
        ("", "LookupError:"),
        ("\x1b[31mred", "LookupError: \\x1b[31mred"),
    ],
)
def test_an_error_is_its_type_and_the_beginning_of_its_message(message, reported):
    """On one line, in which an escape code can be read and does nothing."""
    assert attempt(fail, message).strip() == reported


def test_what_ends_the_process_is_not_caught():
    with pytest.raises(KeyboardInterrupt):
        attempt(interrupt)


def interrupt():
    raise KeyboardInterrupt


def test_a_function_is_made_when_it_is_first_called_and_once():
    made = []
    first = FirstCall(lambda: made.append(1) or abs)
    assert (made, list(first.observations())) == ([], [])
    assert (first(-3), first(-4), made) == (3, 4, [1])
    (reported,) = first.observations()
    assert (reported.name, reported.unit) == ("first call", "s")
    assert reported.value > 0


def test_a_first_call_that_fails_raises():
    with pytest.raises(LookupError):
        FirstCall(lambda: fail)("one")
