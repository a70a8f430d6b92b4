"""The live view of a session: the growing map and the cores, never drawn during a trial."""

import io
from types import SimpleNamespace

import psutil
import pytest
from made import row, sample, trial
from rich.console import Console

from gil_lab.cli.terminal.progress import LiveView
from gil_lab.experiment import measure
from gil_lab.sessions.plan import Design, Options
from gil_lab.sessions.run import SilentWatcher, prepare
from gil_lab.suite.catalogue import Catalogue

SEQUENTIAL, THREADING = trial("sequential", number=1), trial("threading", number=2)


def live_view(height=40, cores=2, encoding="utf-8"):
    """A view of two trials, on a terminal of 80 columns."""
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    prepared = SimpleNamespace(
        trials=[SEQUENTIAL, THREADING],
        earlier=None,
        cells=[SEQUENTIAL.cell, THREADING.cell],
        catalogue=Catalogue(),
        machine=SimpleNamespace(usable_cores=cores),
    )
    return LiveView(Console(file=file, width=80, height=height, force_terminal=True), prepared)


def shown(view, current=THREADING):
    """The lines of one frame, as plain text."""
    plain = Console(file=io.StringIO(), width=80, color_system=None)
    plain.print(*view.view(current), sep="\n")
    return plain.file.getvalue().splitlines()


def finished(view, busy=(0.5, 1.0)):
    """One sequential trial, in which the cores were so busy for a second."""
    samples = [sample(0, (0.0,) * len(busy)), sample(10**9, busy)]
    view.finished(row("sequential"), samples)


def test_the_first_frame_says_what_is_measured():
    """There is nothing to show yet, and no time left is made up."""
    assert shown(live_view(), SEQUENTIAL) == ["[0/2] measuring primes sequential; time left not known yet"]


def test_the_map_fills_up_and_each_core_has_a_bar():
    """With the letter of what is done, and the shares of the last trial."""
    view = live_view()
    finished(view)
    lines = shown(view)
    assert lines[0].strip() == "cores busy"
    assert any("a\u00a0sequential" in line for line in lines)
    assert [line for line in lines if line.startswith("core ")] == [
        "core 0 ██████████░░░░░░░░░░  50 %",
        "core 1 ████████████████████ 100 %",
    ]
    assert lines[-1].startswith("[1/2] measuring primes threading x2; about ")


def test_many_cores_have_a_sign_each():
    """Sixty-four lines would leave no room for anything else."""
    view = live_view(cores=64)
    finished(view, (0.0,) * 32 + (1.0,) * 32)
    (line,) = [line for line in shown(view) if line.startswith("cores ▁")]
    assert line == f"cores {'▁' * 32}{'█' * 32} 32.0 busy"


@pytest.mark.parametrize(("height", "lines"), [(10, 3), (3, 1)])
def test_a_low_terminal_shows_what_fits(height, lines):
    """First the map goes, then the cores; what is measured stays."""
    view = live_view(height)
    finished(view)
    assert len(shown(view)) == lines
    assert "measuring" in shown(view)[-1]


def test_a_terminal_without_unicode_has_plain_bars():
    """As the map has plain lines."""
    view = live_view(encoding="ascii")
    finished(view)
    assert "core 0 ##########..........  50 %" in shown(view)


def test_a_trial_without_samples_leaves_the_cores_as_they_were():
    """A failed trial was not measured."""
    view = live_view()
    view.finished(row("sequential", None), [])
    assert not [line for line in shown(view) if line.startswith("core ")]


class Witness(SilentWatcher):
    """Counts the living processes whenever it is called."""

    def __init__(self):
        self.alive = []

    def started(self, trial):
        self.alive.append(len(psutil.Process().children()))

    def finished(self, row, samples):
        self.alive.append(len(psutil.Process().children()))


def test_the_watcher_is_never_called_while_a_child_lives(tmp_path):
    """So nothing can be drawn then: looking on costs the measured work nothing."""
    before = len(psutil.Process().children())
    options = Options(workers=(2,), tasks=4, sizes=(50,), rounds=1, min_time_s=0.01, out=tmp_path)
    witness = Witness()
    measure(prepare(Design("watched", ("primes",), ("multiprocessing",)), options, Catalogue()), witness)
    assert witness.alive == [before] * 4
