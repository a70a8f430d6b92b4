"""The progress of a session: the growing map, the speed-ups and the cores, drawn only while all children sleep."""

import io
import re
import time
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import pytest
from made import row, sample, trial, usage
from rich.console import Console

from gil_lab.cli.terminal.progress import LiveView, PlainProgress
from gil_lab.experiment import measure
from gil_lab.experiment.library_watcher import LibraryWatcher
from gil_lab.model.records import Flag, Pass, Turn
from gil_lab.sessions import schedule
from gil_lab.sessions.options import Options
from gil_lab.sessions.plan import Design
from gil_lab.sessions.reader import read, read_rows
from gil_lab.sessions.run import SilentWatcher, prepare
from gil_lab.suite.catalogue import Catalogue

SEQUENTIAL, THREADING = trial("sequential", number=1), trial("threading", number=2)


def prepared(cores=2, budget_s=None, precision=None):
    """A session of two trials: of exactly one round, or of as many as the budget allows."""
    return SimpleNamespace(
        trials=[SEQUENTIAL, THREADING],
        earlier=None,
        cells=[SEQUENTIAL.cell, THREADING.cell],
        catalogue=Catalogue(),
        machine=SimpleNamespace(usable_cores=cores),
        budget_s=budget_s,
        options=Options(precision=precision),
    )


def live_view(height=40, cores=2, encoding="utf-8", **effort):
    """A view of that session, on a terminal of 80 columns."""
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    return LiveView(Console(file=file, width=80, height=height, force_terminal=True), prepared(cores, **effort))


def shown(view):
    """The lines that it has drawn, as plain text."""
    plain = Console(file=io.StringIO(), width=80, color_system=None)
    plain.print(view.live.renderable)
    return plain.file.getvalue().splitlines()


def taken(one, wall_s, number=1, busy=(0.5, 1.0), flags=()):
    """A turn of that trial, in which the cores were so busy for a second."""
    samples = (sample(0, (0.0,) * len(busy)), sample(10**9, busy))
    passes = (Pass("timed", 0, round(wall_s * 1e9)),)
    return one, Turn(number, 1, passes, samples, usage(), flags=flags)


def a_round(view, number=1, faster=2.0, **how):
    """Threads were that many times as fast."""
    view.took_turns([taken(SEQUENTIAL, 0.2, number, **how), taken(THREADING, 0.2 / faster, number, **how)])


def test_the_first_frame_says_what_is_started():
    """There is nothing to show yet, and no time left is made up."""
    view = live_view()
    view.started(SEQUENTIAL)
    assert shown(view) == ["[0/2] starting primes sequential; time left not known yet"]


def test_what_is_traced_is_named_too():
    """A traced pass may take as long as a turn."""
    view = live_view()
    view.tracing(THREADING)
    assert shown(view) == ["[0/2] tracing primes threading x2; time left not known yet"]


def test_with_a_budget_the_time_left_is_what_remains_of_it():
    """From the beginning on; how many trials there will be is not known then."""
    view = live_view(budget_s=3600.0)
    view.started(SEQUENTIAL)
    (line,) = shown(view)
    assert re.fullmatch(r"░{30} \[0\] starting primes sequential; about 3\d\d\d s left", line)


def test_a_round_shows_the_speedups_so_far_and_a_bar_for_each_core():
    """The interval comes with the third round; the cores are those of the last turn."""
    view = live_view()
    a_round(view)
    assert shown(view)[0] == "primes threading x2  2.00"
    for number, faster in ((2, 2.02), (3, 1.98), (4, 2.01)):
        a_round(view, number, faster)
    lines = shown(view)
    assert lines[0].startswith("primes threading x2  2.00 ±")
    assert lines[1:] == [
        f"core 0 {'█' * 30}{'░' * 30}  50 %",
        f"core 1 {'█' * 60} 100 %",
        "measured work 1.0, others 0.0",
        "[0/2] round 4; time left not known yet",
    ]


def test_the_map_fills_up_with_the_trials_that_ended():
    """With the letter of what is done."""
    view = live_view()
    view.finished(row("sequential"), [])
    view.started(THREADING)
    lines = shown(view)
    assert lines[0].strip() == "cores busy"
    assert any("a\u00a0sequential" in line for line in lines)
    assert lines[-1] == "[1/2] starting primes threading x2; time left not known yet"


def test_many_cores_have_a_sign_each():
    """Sixty-four lines would leave no room for anything else."""
    view = live_view(cores=64)
    a_round(view, busy=(0.0,) * 32 + (1.0,) * 32)
    (line,) = [line for line in shown(view) if line.startswith("cores ▁")]
    assert line == f"cores {'▁' * 32}{'█' * 32} 32.0 busy"


@pytest.mark.parametrize(("height", "lines"), [(10, 5), (6, 4), (3, 1)])
def test_a_low_terminal_shows_what_fits(height, lines):
    """First the map goes, then the speed-ups, then the cores; the step stays."""
    view = live_view(height)
    view.finished(row("sequential"), [])
    a_round(view)
    assert len(shown(view)) == lines
    assert "round 1" in shown(view)[-1]


def test_a_terminal_without_unicode_has_plain_bars():
    """As the map has plain lines."""
    view = live_view(encoding="ascii")
    a_round(view)
    assert f"core 0 {'#' * 30}{'.' * 30}  50 %" in shown(view)


def test_a_trial_without_samples_leaves_the_cores_as_they_were():
    """A failed trial was not measured."""
    view = live_view()
    view.finished(row("sequential", None), [])
    view.started(THREADING)
    assert not [line for line in shown(view) if line.startswith("core ")]
    a_round(view)
    view.finished(row("sequential", None), [])
    view.started(THREADING)
    assert len([line for line in shown(view) if line.startswith("core ")]) == 2


@pytest.mark.parametrize(
    ("budget_s", "first", "last"),
    [(None, "2 trials", "[1/2]"), (60.0, "2 cells, about 60 s, three rounds at least", "[1]")],
)
def test_a_pipe_gets_a_line_for_each_trial(budget_s, first, last, tmp_path):
    """And for each generation. Without the number of all trials if the time decides; a round is no line."""
    file = io.StringIO()
    progress = PlainProgress(Console(file=file, width=80), prepared(budget_s=budget_s))
    progress.stored_in(tmp_path)
    progress.started(SEQUENTIAL)
    progress.tracing(SEQUENTIAL)
    a_round(progress)
    progress.finished(row("sequential"), [])
    lines = file.getvalue().splitlines()
    assert lines == [
        f"{first}; results go to {tmp_path}",
        "generation 1 of primes",
        f"{last} primes sequential: 0.25 s, 1.0 cores busy",
    ]


def test_generations_of_work_in_several_blocks_have_lines_that_differ():
    """As many cells as do not fit side by side take turns in blocks."""
    file = io.StringIO()
    session = prepared()
    session.trials.append(replace(THREADING, number=3, block=2))
    progress = PlainProgress(Console(file=file, width=80), session)
    for one in session.trials:
        progress.started(one)
    assert file.getvalue() == "generation 1 of primes, part 1 of 2\ngeneration 1 of primes, part 2 of 2\n"


WATCHERS = [lambda session: PlainProgress(Console(file=io.StringIO()), session), LibraryWatcher]


@pytest.mark.parametrize("watcher", WATCHERS, ids=["command", "library"])
class TestPrecision:
    """`--precision`, and `precision=` of the library: one rule for both."""

    def test_narrow_intervals_are_enough(self, watcher):
        """Once there are any, from the third round on."""
        watching = watcher(prepared(precision=0.2))
        for number, enough in ((1, False), (2, False), (3, True)):
            a_round(watching, number, 2 + number / 1e4)
            assert watching.has_enough() is enough

    def test_wide_ones_are_not(self, watcher):
        watching = watcher(prepared(precision=0.2))
        for number, faster in enumerate((1.0, 2.0, 4.0), 1):
            a_round(watching, number, faster)
        assert not watching.has_enough()

    @pytest.mark.parametrize("faster", [1.0, 2.0])
    def test_whether_there_is_a_difference_does_not_matter(self, watcher, faster):
        """To stop as soon as there is one would find more of them than there are."""
        watching = watcher(prepared(precision=0.2))
        for number in (1, 2, 3):
            a_round(watching, number, faster + number / 1e4)
        assert watching.has_enough()

    def test_nobody_asked(self, watcher):
        """Then the budget is used up."""
        watching = watcher(prepared())
        for number in (1, 2, 3):
            a_round(watching, number)
        assert not watching.has_enough()

    def test_nothing_is_known(self, watcher):
        """Where the baseline has failed no speed-up is precise, rather than all of them."""
        watching = watcher(prepared(precision=0.2))
        assert not watching.has_enough()
        for number in (1, 2, 3):
            watching.took_turns([taken(THREADING, 0.1, number)])
        assert not watching.has_enough()

    def test_flagged_turns_are_left_out_where_enough_remain(self, watcher):
        """As in the report."""
        watching = watcher(prepared(precision=0.2))
        a_round(watching, 1, 9.0, flags=(Flag.DISTURBED,))
        for number in (2, 3, 4):
            a_round(watching, number, 2 + number / 1e4)
        assert watching.has_enough()


class Witness(SilentWatcher):
    """Notes when it is called, and takes a while each time."""

    def __init__(self):
        self.calls = []

    @contextmanager
    def noted(self, name):
        began_ns = time.monotonic_ns()
        while time.monotonic_ns() < began_ns + 5_000_000:  # as long as drawing may take
            pass
        yield
        self.calls.append((name, began_ns, time.monotonic_ns()))

    def started(self, trial):
        with self.noted("started"):
            pass

    def tracing(self, trial):
        with self.noted("tracing"):
            pass

    def took_turns(self, turns):
        with self.noted("took_turns"):
            pass

    def has_enough(self):
        with self.noted("has_enough"):
            return False

    def finished(self, row, samples):
        with self.noted("finished"):
            pass


@pytest.fixture(scope="module")
def watched(tmp_path_factory, this_is_found_once, children_are_forked):
    """The calls of a session of three rounds in two generations, and its passes."""
    options = Options(workers=(2,), tasks=4, sizes=(50,), rounds=3, min_time_s=0.01, out=tmp_path_factory.mktemp("out"))
    witness = Witness()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schedule, "MAX_GENERATIONS", 2)
        results = measure(prepare(Design("watched", ("primes",), ("multiprocessing",)), options, Catalogue()), witness)
    return witness.calls, read_rows(read(results.folder), "passes.csv")


def test_the_watcher_is_called_at_every_step(watched):
    """Of two cells: before each start and each trace, after each round, at each end."""
    names = [name for name, _, _ in watched[0]]
    counts = {name: names.count(name) for name in names}
    assert counts == {"started": 4, "tracing": 8, "took_turns": 3, "finished": 4}
    assert names[:7] == ["started"] * 2 + ["tracing"] * 4 + ["took_turns"]


def test_the_watcher_is_never_called_during_a_pass(watched):
    """Of whichever child: they all sleep then, so looking on costs the measured work nothing."""
    calls, passes = watched
    assert {row.one.kind for row in passes} == {"warm-up", "traced", "timed"}
    for name, began_ns, ended_ns in calls:
        during = [row for row in passes if row.one.begin_ns < ended_ns and began_ns < row.one.end_ns]
        assert during == [], name


def test_no_two_children_work_at_the_same_time(watched):
    """A pass begins when the one before has ended, whosever it was."""
    _, passes = watched
    ordered = sorted((row.one for row in passes), key=lambda one: one.begin_ns)
    assert all(one.end_ns <= later.begin_ns for one, later in pairwise(ordered))
