"""What `gil-lab race` says of Pythons that it did, or did not, try."""

from dataclasses import replace
from pathlib import Path

import pytest

from gil_lab.advice import invariant
from gil_lab.advice.invariant import FoundInvariant
from gil_lab.advice.invariant_text import again, blocks
from gil_lab.model.invariant import Ending, Rounds
from gil_lab.report.tables.as_rich import plain_text


def rounds(number=300, broken=0, *, gil=True, interval_s=0.005, last=False, **changes):
    first = 7 if broken else None
    usual = {"repeats": 10, "what": "2 at a time" if broken else "", "threads": 2, "last": last}
    return Rounds(interval_s, gil, number, broken, first, **{**usual, **changes})


def under(python, *each, free_threaded=False):
    return invariant.Tested(python, free_threaded, each)


def found(*each, pythons=("all",), **changes):
    return FoundInvariant(Path("mine.py"), 0, None, pythons, each, (), **changes)


def said(one):
    return " ".join(plain_text(blocks(one), 80).split())


COMPLETE = (rounds(), rounds(interval_s=0.0001), rounds(interval_s=0.000001, last=True))
WITH_GIL = under("3.11", *COMPLETE)
NOT_TRIED = "Not tried without the GIL, where most races show: "


@pytest.mark.parametrize(
    ("one", "says"),
    [
        (found(WITH_GIL), "no free-threaded Python was found. To get one: uv python install 3.14t"),
        (found(WITH_GIL, pythons=("this",)), "--python names no free-threaded Python; leave it out"),
        (
            found(WITH_GIL, under("3.13t", *COMPLETE, free_threaded=True)),
            "what the file imports switches it on in 3.13t; 3.13t+nogil",
        ),
        (found(WITH_GIL, invariant.Tested("3.13t", True, (), "no numpy")), "see below why not under 3.13t"),
        (
            found(under("3.13t+gil", *COMPLETE, free_threaded=True), pythons=("3.13t+gil",)),
            "--python names no free-threaded",
        ),
    ],
)
def test_that_the_strongest_test_is_missing_is_said_with_how_to_get_it(one, says):
    """An invariant that held under the GIL may hold by luck of its switches."""
    assert NOT_TRIED + says in said(one)


@pytest.mark.parametrize(
    "one",
    [
        found(WITH_GIL, under("3.13t", rounds(gil=False, last=True), free_threaded=True)),
        found(under("3.11", rounds(broken=3), *COMPLETE[1:])),
    ],
)
def test_where_it_was_made_or_is_not_needed_nothing_is_missing(one):
    """What is broken with the GIL is broken."""
    assert NOT_TRIED not in said(one)


def test_settings_that_it_did_not_come_to_have_rows():
    """Under each Python as many as its GIL allows."""
    hung = rounds(4, ending=Ending.HUNG, ended_in=5, why="thread 1 in line 3")
    without = rounds(9, gil=False, last=True, ending=Ending.CRASHED, ended_in=10, why="Segmentation fault")
    text = said(found(under("3.11", hung), under("3.13t", without, free_threaded=True)))
    assert (
        "3.11 5.00 ms 4 10 hung 5 3.11 0.100 ms not tried 3.11 0.00100 ms not tried 3.13t no GIL 9 10 crashed 10"
        in text
    )
    assert "it does not go on under Python 3.11, it crashes under Python 3.13t" in text


def test_what_several_pythons_say_is_said_once():
    """With where."""
    hung = rounds(4, ending=Ending.HUNG, ended_in=5, why="thread 1 in line 3")
    text = said(found(under("3.11", hung), under("3.12", hung)))
    assert "3.11, round 5; 3.12, round 5: hung: thread 1 in line 3; a deadlock" in text
    broke = under("3.11", rounds(broken=3), rounds(broken=1), rounds(broken=1, last=True))
    assert "3.11 at 5.00 ms, round 7 and 2 more: 2 at a time" in said(found(broke))


def test_a_failure_of_several_pythons_is_one_line():
    """A module that some of them lack."""
    lacking = [invariant.Tested(python, False, (), "no numpy") for python in ("3.12", "3.13")]
    assert "Under Python 3.12, 3.13: no numpy" in said(found(WITH_GIL, *lacking))


def test_few_rounds_are_said_to_be_few():
    """With what makes more of them."""
    assert "longer --budget" not in said(found(WITH_GIL))
    assert "longer --budget" in said(found(under("3.11", rounds(2, last=True))))


def test_the_first_round_that_broke_is_repeated_by_a_command():
    """Also one that did not end; none if all held."""
    hung = rounds(4, ending=Ending.SILENT, ended_in=5)
    line = "gil-lab race mine.py --python 3.11 --workers 2 --repeat 1 --seed 0 --round"
    assert again(found(under("3.11", hung))) == f"{line} 5"
    assert again(found(under("3.11", rounds(broken=2, ending=Ending.CRASHED, ended_in=9)))) == f"{line} 7"
    assert again(found(WITH_GIL)) == ""


def test_the_command_repeats_a_round_where_most_of_them_broke():
    """As often as it was done there: once in most rounds, unless the user said how often."""
    rare, common = rounds(broken=1, last=True), rounds(broken=200, interval_s=0.0001, last=True)
    line = "gil-lab race mine.py --python 3.12 --workers 2 --repeat"
    assert again(found(under("3.11", rare), under("3.12", common))) == f"{line} 1 --seed 0 --round 7"
    given = replace(common, repeats_given=True)
    assert again(found(under("3.11", rare), under("3.12", given))) == f"{line} 10 --seed 0 --round 7"
    repeated = replace(common, first_broken=17)
    assert again(found(under("3.12", repeated))) == f"{line} 10 --seed 0 --round 17"


def test_texts_of_what_broke_name_the_switch_interval():
    """The same round breaks under one and not under another."""
    text = said(found(under("3.11", rounds(broken=1)), under("3.13t", rounds(broken=1, gil=False, what="none"))))
    assert "3.11 at 5.00 ms, round 7: 2 at a time" in text
    assert "3.13t, round 7: none" in text


@pytest.mark.parametrize(("number", "words"), [(3, "none so far"), (5, "none so far"), (6, "fewer than 1 in 2")])
def test_a_few_rounds_exclude_nothing(number, words):
    assert words in said(found(under("3.11", rounds(number, last=True))))


def test_the_command_that_repeats_a_round_takes_a_file_of_any_name():
    """In a shell."""
    for name, shown in (("-mine.py", "./-mine.py"), ("my own.py", "'my own.py'"), ("-my own.py", "'./-my own.py'")):
        one = replace(found(under("3.11", rounds(broken=1))), file=Path(name))
        assert again(one).startswith(f"gil-lab race {shown} --python")


OTHERS = 'Current thread 0x1 (most recent call first):\n  File "/lib/c.py", line 2 in f\n'
OWN = '  File "/my/mine.py", line 4 in g\n'


@pytest.mark.parametrize(
    ("printed", "place", "guesses"),
    [
        (OTHERS, "", True),
        (OTHERS + OWN, ", in line 4 of mine.py", True),
        (OTHERS.partition("\n")[0] + "\n" + OWN, ", in line 4 of mine.py", False),
        (OTHERS + "\nThread 0x2 (most recent call first):\n" + OWN, "", True),
        ("Thread 0x2 (most recent call first):\n" + OWN + "\n" + OTHERS, "", True),
        ("", "", True),
    ],
)
def test_an_extension_module_is_suspected_unless_it_is_a_line_of_the_file(printed, place, guesses):
    """Of the thread that crashed; what others did says nothing."""
    said, guess = invariant._place_of_crash(printed, Path("mine.py"))
    assert (said, "extension module" in guess) == (place, guesses)


def test_what_was_stopped_names_what_was_not_begun():
    """And does not say that nothing is known."""
    stopped = rounds(900, ending=Ending.STOPPED, ended_in=901)
    text = said(found(under("3.11", stopped), untried=("3.12", "3.13t"), stopped=True))
    assert "stopped before the end, not begun under Python 3.12, 3.13t: the invariant held in the 900 rounds" in text
    assert "fewer than 1 in 300" in text
