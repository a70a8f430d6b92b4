"""Whether a call lets go of the GIL: what its interval allows, and how that is said."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from made_of_cells import measured

from gil_lab.advice import releasing
from gil_lab.advice.expression_file import FILE, ExpressionFile
from gil_lab.advice.releasing import FoundRelease, Release
from gil_lab.advice.releasing_text import blocks
from gil_lab.analysis.estimates import Estimate
from gil_lab.analysis.gil_release import GilRelease, releases_within, with_ready
from gil_lab.model.gil import ObservedGil
from gil_lab.model.records import Flag
from gil_lab.report.tables.as_rich import plain_text

NO, PARTLY, YES = GilRelease.NO, GilRelease.PARTLY, GilRelease.YES


@pytest.mark.parametrize(
    ("released", "allowed"),
    [
        (Estimate(0.0, 0.0, 0.01), (NO,)),
        (Estimate(0.03, 0.0, 0.3), (NO, PARTLY)),
        (Estimate(0.48, 0.0, 0.98), (NO, PARTLY, YES)),
        (Estimate(0.5, 0.4, 0.6), (PARTLY,)),
        (Estimate(0.9, 0.74, 1.0), (PARTLY, YES)),
        (Estimate(0.97, 0.95, 0.98), (YES,)),
        (Estimate(0.97, None, None), (NO, PARTLY, YES)),
    ],
)
def test_an_answer_is_what_the_whole_interval_allows(released, allowed):
    """Not what its middle does; without an interval nothing is excluded."""
    assert releases_within(released) == allowed


@pytest.mark.parametrize(
    ("released", "ready", "low", "high"),
    [
        (Estimate(0.5, 0.4, 0.6), 0.0, 0.4, 0.6),
        (Estimate(0.0, 0.0, 0.0), 0.7, 0.0, 0.0),  # held in every sample: also in those when it had no core
        (Estimate(1.0, 1.0, 1.0), 0.7, 1.0, 1.0),
        (Estimate(0.5, 0.5, 0.5), 0.5, 0.0, 1.0),
        (Estimate(0.95, 0.95, 0.95), 0.5, 0.9, 1.0),
        (Estimate(0.5, 0.5, 0.5), 1.0, 0.0, 1.0),
        (Estimate(0.5, None, None), 0.5, None, None),
    ],
)
def test_what_it_did_while_it_had_no_core_may_have_been_anything(released, ready, low, high):
    """So the share of the call's own time is known the less, the longer it waited for a core."""
    seen = with_ready(released, ready)
    assert (seen.value, seen.low, seen.high) == (released.value, pytest.approx(low), pytest.approx(high))


def gil(held, by_tasks, by_others):
    return ObservedGil(1, 0, 300, held, 0.0, 5, by_tasks, by_others)


def released_in(gils, **alone):
    """By `gil-lab releases` of a session whose one trial has these traced passes."""
    row = measured("sequential", 1, work={"workload": "f"}, **alone)
    results = SimpleNamespace(
        rows=[row],
        trials=[SimpleNamespace(trial=1, cell=row.cell)],
        gils=[SimpleNamespace(trial=1, gil=one) for one in gils],
    )
    return releasing._release(row, results, 10)


def test_what_other_threads_hold_is_not_put_to_the_account_of_the_call():
    """A thread that --setup has started computes beside a call that hashes."""
    seen = released_in([gil(0.9, 0.03, 0.87)] * 3)
    assert (seen.answer, seen.released.value) == (YES, pytest.approx(0.97))
    assert seen.held_by_others == pytest.approx(0.87)


def test_where_the_threads_cannot_be_distinguished_nothing_is_said_beside_others():
    """Without them, all that is held is held by the call."""
    assert released_in([gil(0.9, None, 0.87)] * 3).answer is GilRelease.UNKNOWN
    assert released_in([gil(0.9, None, 0.87)] * 3).unknown == releasing.OTHERS_HOLD
    assert released_in([gil(1.0, None, 0.0)] * 3).answer is NO


def test_a_call_that_had_no_core_for_half_of_its_time_has_a_wide_interval():
    """And it is given no answer that its middle alone would bear."""
    seen = released_in([gil(0.5, 0.5, 0.0)] * 3, running_share=0.5, ready_share=0.5, blocked_share=0.0)
    assert (seen.answer, seen.released.low, seen.released.high) == (GilRelease.INCONCLUSIVE, 0.0, 1.0)


def one(released, python="3.11", call_s=0.01, others=0.0, **alone):
    row = measured("sequential", 1, work={"workload": "f", "interpreter": python}, **alone)
    return Release(python, call_s, released, "no reason", others, row, None)


def said(*releases, width=200):
    rows = [each.alone for each in releases]
    results = SimpleNamespace(rows=rows, session=SimpleNamespace(remedy="a larger --budget"))
    return plain_text(blocks(FoundRelease("f()", results, releases)), width)


YES_SAID = "yes, it lets go of the GIL for 97 % [95, 98] of its time."
TOO_WIDE = "inconclusive, between partly and yes: it lets go of the GIL for 90 % [74, 100] of its time."
NO_CORE = "inconclusive, between no and yes: it lets go of the GIL for 48 % [0, 98] of its time."
SAID = {
    "yes": (one(Estimate(0.97, 0.95, 0.98)), YES_SAID),
    "too wide": (
        one(Estimate(0.9, 0.74, 1.0)),
        f"{TOO_WIDE} That is too wide: measure with a larger --budget.",
    ),
    "one pass": (
        one(Estimate(1.0, None, None)),
        (
            "inconclusive: in a single pass it lets go of the GIL for 100 % of its time, which gives no interval; "
            "measure with a larger --budget."
        ),
    ),
    "no core": (
        one(Estimate(0.48, 0.0, 0.98), running_share=0.4, ready_share=0.6, blocked_share=0.0),
        (
            f"{NO_CORE} There was no core for it for 60 % of the time, in which it is not known what it would have "
            "done: close other programs, or measure with a larger --budget."
        ),
    ),
    "beside others": (
        one(Estimate(0.97, 0.95, 0.98), others=0.9),
        (
            f"{YES_SAID} Other threads, of --setup or started by the call, hold the GIL for 90 % of the time: that is "
            "not counted, but the call may wait for them."
        ),
    ),
    "too short": (
        one(Estimate(0.4, 0.4, 0.4), call_s=2e-7),
        "inconclusive. A call is too short for a share of it: have a call do more.",
    ),
    "unknown": (one(None), "unknown (no reason)."),
}


@pytest.mark.parametrize(("release", "line"), SAID.values(), ids=SAID)
def test_the_first_sentence_is_the_answer_with_what_speaks_against_it(release, line):
    """An interval that crosses a bound is no answer: it has a reason and a next step."""
    assert said(release, width=500).splitlines()[0].rstrip() == f"f(): {line}"


def test_each_python_has_its_own_answer_and_its_own_time():
    """Unless all that is said is the same."""
    text = said(one(Estimate(0.97, 0.95, 0.98)), one(Estimate(0, 0, 0), "3.14", call_s=0.002))
    assert "f(), under Python\n3.11  yes, " in text
    assert "\n3.14  no, " in text
    assert [line.split()[-2:] for line in text.splitlines() if line.startswith("3.")][2:] == [
        ["10.0", "ms"],
        ["2.00", "ms"],
    ]


def test_flagged_rounds_are_marked_as_in_a_report():
    """With a star, the flag, what to do about it, and the trials in which the CPU speed changed."""
    flagged = one(Estimate(0.97, 0.95, 0.98), flags=(Flag.DISTURBED, Flag.DRIFTED), drifted=1)
    text = said(flagged)
    assert "97 % [95, 98]*" in text
    assert "* too few rounds without a flag" in text
    assert "Flagged:\n  sequential: too few rounds without a flag (disturbed)." in text
    assert "disturbed:  Close other programs" in text
    assert "The CPU speed changed" not in text  # of flagged rounds there is no interval to believe
    drifted = one(Estimate(0.97, 0.95, 0.98), flags=(Flag.DRIFTED,), drifted=1)
    assert "The CPU speed changed during 1 of 1 trials (flag drifted)" in said(drifted)
    assert "Flagged" not in said(replace(flagged, alone=one(None).alone))


@pytest.mark.parametrize(("flags", "gain"), [((), "1.57 ±8%"), ((Flag.DISTURBED,), "1.57*")])
def test_a_gain_of_flagged_rounds_has_no_interval(flags, gain):
    """A few that were disturbed alike would make it narrow."""
    speedup = Estimate(1.57, 1.44, 1.7, flagged=bool(flags))
    together = replace(measured("threading", 2, flags=flags), speedup=speedup)
    row = next(
        line for line in said(replace(one(Estimate(0.0, 0.0, 0.0)), together=together)).splitlines() if "3.11" in line
    )
    assert gain in row
    assert ("±" in row) == (not flags)


@pytest.mark.parametrize("setup", ["", "a = 1", "a = 1\nb = 2"])
def test_a_line_of_ours_is_none_of_the_set_up(setup):
    """Between it and the expression stands the function that both are made into."""
    given = ExpressionFile("breakpoint()", setup)
    number = 5 + setup.count("\n") + 1
    said = given.in_users_words(f"call raises BdbQuit, in line {number} of {FILE}: 'return ('; fix it")
    assert said == "breakpoint() raises BdbQuit; fix it"
