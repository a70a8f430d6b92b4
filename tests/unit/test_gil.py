"""The state of the GIL in every row, and who switched it on."""

import sys
import warnings

import pytest
from made import cell, measurement, numbers, row, usage

from gil_lab.analysis.summaries import summaries
from gil_lab.analysis.trials import flagged
from gil_lab.measuring.quality_flags import quality_flags
from gil_lab.model.records import Flag
from gil_lab.sessions.trial_rows import numbers as numbers_of
from gil_lab.suite.catalogue import Catalogue
from gil_lab.suite.instruments import gil

WARNING = (
    "The global interpreter lock (GIL) has been enabled to load module '{}', which has not declared that it can run "
    "safely without the GIL. To override this behavior and keep the GIL disabled (at your own risk), run with "
    "PYTHON_GIL=0 or -Xgil=0."
)


@pytest.fixture
def shown(monkeypatch):
    """What was shown of warnings before the lab listened to them."""
    texts = []
    with warnings.catch_warnings():
        monkeypatch.setattr(warnings, "showwarning", lambda message, *rest: texts.append(str(message)))
        yield texts


@pytest.fixture
def culprit(shown):
    return gil.Culprit()


def test_python_s_own_warning_names_the_module_that_switched_the_gil_on(culprit):
    """The first of them: once it is on, others change nothing."""
    for name in ("_first", "_second"):
        warnings.warn(WARNING.format(name), RuntimeWarning, stacklevel=1)
    assert culprit.module == "_first"


def test_other_warnings_name_nobody_and_all_are_shown_as_before(culprit, shown):
    """The lab listens; it silences nothing."""
    warnings.simplefilter("default", UserWarning)
    warnings.warn("something else", UserWarning, stacklevel=1)
    assert culprit.module == ""
    warnings.warn(WARNING.format("_third"), RuntimeWarning, stacklevel=1)
    assert culprit.module == "_third"
    assert shown == ["something else", WARNING.format("_third")]


def test_a_filter_that_hides_all_warnings_does_not_hide_the_module(shown):
    """Filters that stood before the child began are behind ours."""
    warnings.simplefilter("ignore")
    culprit = gil.Culprit()
    warnings.warn(WARNING.format("_hidden"), RuntimeWarning, stacklevel=1)
    assert culprit.module == "_hidden"


def test_a_python_that_cannot_report_has_a_gil(monkeypatch):
    """Those before 3.13, and PyPy."""
    monkeypatch.delattr(sys, "_is_gil_enabled", raising=False)
    assert gil.enabled()


@pytest.mark.parametrize(
    ("states", "flagged"),
    [((False, False, False), False), ((False, True, True), True), ((False, False, True), True), ((True,) * 3, False)],
)
def test_a_row_is_flagged_exactly_if_the_gil_came_on_during_the_trial(states, flagged):
    """At an import or later, while the work ran."""
    at_start, after_imports, after = states
    one = measurement(gil_at_start=at_start, gil_after_imports=after_imports, gil=after, usage=usage())
    catalogue = Catalogue()
    found = quality_flags(one, catalogue.workload("primes"), catalogue.strategy("threading"), 2, 2)
    assert (Flag.GIL_REENABLED in found) == flagged


def test_a_flagged_row_is_flagged_and_names_the_module_in_one_clean_line():
    """What runs with the lock again must not pass for a run without it."""
    one = numbers_of(measurement(gil_at_start=False, gil=True, gil_enabled_by="x\x1b[31m\ny"), "")
    assert one.gil.enabled_by.isprintable()
    rows = [
        row("threading", number=1, round=1, flags=(Flag.GIL_REENABLED,), numbers=numbers(1.0, gil_enabled_by="_a")),
        row("threading", number=2, round=2),
    ]
    assert [flagged(each) for each in rows] == [True, False]
    (reported,) = summaries(rows, lambda name: "sequential")
    assert (reported.cell, reported.used, reported.trials) == (cell("threading"), 1, 2)


def test_a_summary_names_the_module_if_all_rounds_are_flagged():
    """Then there is nothing better to use."""
    flagged = row("threading", flags=(Flag.GIL_REENABLED,), numbers=numbers(1.0, gil_enabled_by="_a"))
    (reported,) = summaries([flagged], lambda name: "sequential")
    assert reported.gil.enabled_by == "_a"
