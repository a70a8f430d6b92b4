"""Rows of trials that a signal or a suspended machine interrupts."""

import os
import signal

import pytest
from made import result

from faults.rig import TALLY
from faults.sessions_on_disk import finished, new, numbers, planned
from gil_lab.model.records import Flag, Status
from gil_lab.sessions.deferred_signals import signals_deferred
from gil_lab.sessions.reader import read


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_fault_37_a_signal_waits_until_the_row_is_whole(tmp_path, monkeypatch, number):
    """It comes at each write and fsync of a trial; the row is there whole, and then the signal is delivered."""

    class Stopped(BaseException):
        pass

    def stop(number, frame):
        raise Stopped

    before = signal.signal(number, stop)
    folder = new(tmp_path, 5)
    reals = {name: getattr(os, name) for name in ("write", "fsync")}
    try:
        for nth, name in enumerate(["write", "fsync"] * 2, 1):

            def interrupted(*given, name=name):
                signal.raise_signal(number)
                return reals[name](*given)

            with monkeypatch.context() as patch, pytest.raises(Stopped):
                patch.setattr(os, name, interrupted)
                folder.append(finished(nth))
            assert numbers(read(folder.path)) == list(range(1, nth + 1))
            assert signal.getsignal(number) is stop
            TALLY["faults injected"] += 1
    finally:
        signal.signal(number, before)
        folder.close()


def test_what_is_ignored_stays_ignored_while_signals_are_deferred():
    """As `nohup` wants it."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with signals_deferred():
            signal.raise_signal(signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_an_interrupted_row_is_superseded_by_a_later_one(tmp_path):
    """Wherever it stands; a note says how many were measured again, and the rows of others are no repetitions."""
    folder = new(tmp_path, 3)
    suspended = result(Status.INTERRUPTED, trial=planned(3)[1], flags=(Flag.CLOCK_GAP,), detail="suspended for 9 s")
    for row in (finished(1), suspended, finished(3), finished(2)):
        folder.append(row)
    folder.close()
    session = read(folder.path)
    assert [(row.trial, row.status) for row in session.trials] == [(1, "ok"), (2, "ok"), (3, "error")]
    assert session.notes == ["1 trial(s) that were interrupted have been measured again"]


def test_a_trial_that_stays_interrupted_is_missing(tmp_path):
    """It is shown with that status, and measured again when the session is resumed."""
    folder = new(tmp_path, 1)
    folder.append(result(Status.INTERRUPTED, trial=planned(1)[0]))
    folder.append(result(Status.INTERRUPTED, trial=planned(1)[0]))
    folder.close()
    session = read(folder.path)
    assert [row.status for row in session.trials] == ["interrupted"]
    assert session.final == []
