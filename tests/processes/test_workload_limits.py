"""Workloads in which Numba stops: what it says, and that every way round gives the same answers."""

import pytest

from gil_lab.interpreters import choose
from gil_lab.model.records import Cell
from gil_lab.sessions.plan import reason_to_skip
from gil_lab.suite.catalogue import Catalogue
from gil_lab.suite.workloads import neighbours, tank, walker

CATALOGUE = Catalogue()
NAMES = [name for work in ("neighbours", "tank", "walker") for name in (work, *CATALOGUE.variant_names(work))]
JOBS = [(1, 60), (2, 60), (3, 600)]
object_mode_warns = pytest.mark.filterwarnings("ignore::numba.core.errors.NumbaWarning")


def observed(observe):
    return {one.name: one.text or one.value for one in observe(JOBS, [])}


@object_mode_warns
@pytest.mark.parametrize("name", NAMES)
def test_every_way_round_gives_the_answers_of_plain_python(name):
    """And verify, which counts in another way, agrees."""
    if name.startswith("tank"):
        pytest.importorskip("pandas")
    workload = CATALOGUE.workload(name)
    plain = CATALOGUE.workload(name.partition("+")[0])
    answers = [workload.forms["call"](job) for job in JOBS]
    assert answers == [plain.forms["call"](job) for job in JOBS]
    assert workload.verify(JOBS, answers) is None
    assert workload.verify(JOBS, [answers[0] + 1, *answers[1:]])
    assert all(type(answer) is int for answer in answers)


@pytest.mark.parametrize("name", [name for name in NAMES if "+" in name])
def test_every_way_round_reports_what_its_first_call_took(name):
    if name.startswith("tank"):
        pytest.importorskip("pandas")
    workload = CATALOGUE.workload(name)
    with_warnings_ignored(workload.forms["call"], JOBS[0])
    assert observed(workload.observe)["first call"] > 0


def with_warnings_ignored(task, job):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        task(job)


def test_without_its_compiler_numba_raises_for_a_wrong_index():
    """Run as a student would: a process with NUMBA_DISABLE_JIT=1."""
    assert observed(neighbours.observe_plain)["wrong index"].startswith("IndexError: index 4 is out of bounds")


def test_compiled_code_reads_what_lies_behind_the_array():
    """6 is the right answer of the part; with the number behind it, it is 999."""
    assert neighbours.distances(neighbours.EXAMPLE[:-1]) == 6
    assert neighbours.failing() == "no error, answered 999"


def test_the_check_of_bounds_raises():
    assert neighbours.failing(boundscheck=True).startswith("IndexError")


def test_nopython_mode_refuses_a_table():
    pytest.importorskip("pandas")
    assert observed(tank.observe_plain)["nopython mode"].startswith("TypingError: Failed in nopython mode pipeline")


def test_the_tank_spills_what_does_not_fit_and_gives_nothing_when_empty():
    """By hand: 100, then full and 50 lost, then empty, then 10."""
    assert tank.spilled_of_arrays([100, 100, 0, 10], [0, 0, 2000, 0]) == 200 - tank.CAPACITY


def test_nopython_mode_refuses_a_plain_class():
    assert observed(walker.observe_plain)["nopython mode"].startswith("TypingError: Failed in nopython mode pipeline")


def test_a_walker_goes_one_step_at_a_time():
    one = walker.Walker(1)
    places = [one.step() or one.place for _ in range(50)]
    assert {abs(now - before) for before, now in zip([0, *places], places, strict=False)} == {1}
    assert walker.walking(walker.Walker)(1, 50) == places.count(0)


def test_what_needs_a_package_is_left_out_of_subinterpreters():
    """NumPy, and so all that is built on it, refuses to be imported there."""
    (chosen,) = choose(("this",), strategies=("subinterpreters", "threading")).interpreters
    reasons = [
        reason_to_skip(Cell("neighbours", strategy, 2, chosen.label, 8, 10), CATALOGUE, chosen.facts)
        for strategy in ("subinterpreters", "threading")
    ]
    assert reasons == ["neighbours needs numba, which no subinterpreter can import so far; choose multiprocessing", ""]
