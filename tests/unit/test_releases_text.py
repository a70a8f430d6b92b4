"""Which calls let go of the GIL, by name, on the first screen."""

from made_of_cells import Made, measured

from gil_lab.model.records import Flag
from gil_lab.report.documents.answer import words
from gil_lab.report.text import releases

CALLS = {"json": 1.0, "sha256": 0.02, "sqlite-rows": 0.6, "sleep": 0.0}
"""How much of its time each holds the GIL."""


def call(name, held, work="released", python="3.11", **changes):
    changed = {"workload": f"{work}+{name}" if name else work, "interpreter": python}
    return measured("sequential", 1, busy=1.0, work=changed, gil_held_share=held, **changes)


def said(*rows):
    return list(releases.lines(Made(list(rows)).rows))


def session(**changes):
    return [call(name, held, **changes) for name, held in CALLS.items()]


def test_calls_are_named_by_their_answer_with_what_lets_go_most_first():
    """The plain work is none of them."""
    assert said(call("", 1.0), *session()) == [
        "Let go of the GIL (2 of 4 calls): sleep, sha256.",
        "Let go of it in part (1 of 4): sqlite-rows.",
        "Hold it all the time (1 of 4): json.",
    ]


def test_it_is_the_answer_of_the_session():
    """No claim stands in its place."""
    assert next(words(Made(session()).rows, ())).startswith("Let go of the GIL (2 of 4 calls)")


def test_a_call_whose_rounds_are_all_flagged_is_not_among_them():
    """It is named with the reason."""
    lines = said(*session(), call("re-sub", 1.0, flags=(Flag.DISTURBED,)))
    assert lines[0] == "Let go of the GIL (2 of 5 calls): sleep, sha256."
    assert lines[-1] == "Not known of re-sub: too few rounds are without a flag."


def test_of_several_pythons_it_is_said_which():
    """Of the first one that has a GIL."""
    assert said(*session(), *session(python="3.14"))[0].startswith("Python 3.11: Let go")


def test_where_there_is_no_room_the_first_are_named():
    """And how many more there are."""
    calls = Made([*session(), call("crc32", 0.01), call("select", 0.0)]).rows
    assert next(releases.lines(calls, 2)) == "Let go of the GIL (4 of 6 calls): sleep, select and 2 more."


def test_variants_that_are_no_calls_have_no_such_sentence():
    """Shares of waiting, and other ways to do the same work."""
    assert not said(*session(work="blend"))
    assert not said(*session(work="counter"))


def test_where_all_calls_are_alike_it_is_not_what_was_asked():
    """As in `contention`, whose rungs all hold it."""
    assert not said(*(call(name, 1.0) for name in CALLS))
    assert not said(*session()[:2])
