"""How cells scale: which pools a law is about, what it predicts of the largest one, and what is said of that."""

import pytest
from made import cell
from made_of_cells import measured, sequential
from test_scaling_laws import SIZES, speedup

from gil_lab.analysis.scaling import scalings
from gil_lab.model.records import Flag
from gil_lab.report.text.scaling import briefly, lines

CORES = 16


def pools(strategy="multiprocessing", serial=0.05, crosstalk=0.002, sizes=SIZES, **changes):
    """As the law has it."""
    made = [sequential()]
    for workers in sizes:
        gain = speedup(workers, serial, crosstalk)
        made.append(measured(strategy, workers, workers, gain, 0.6 / gain, (gain, 0.99 * gain, 1.01 * gain), **changes))
    return made


def test_each_strategy_with_several_numbers_of_workers_is_a_sweep():
    """What it is compared with is none, and neither are two sizes."""
    rows = [*pools(), *pools("threading", serial=1.0)[1:], *pools("joblib", sizes=(2, 4))[1:]]
    found = scalings(rows, CORES)
    assert [(one.cells[0].cell.strategy, one.workers) for one in found] == [
        ("multiprocessing", SIZES),
        ("threading", SIZES),
    ]
    assert found[0].fits[0].serial.value == pytest.approx(0.05)
    assert found[1].fits[0].serial.value == pytest.approx(1)


def test_interpreters_variants_and_sizes_are_sweeps_of_their_own():
    """Their cells do different things."""
    work = ({"interpreter": "3.13t"}, {"workload": "counter+lock"}, {"size": 7})
    rows = [*pools(), *(row for changes in work for row in pools(work=changes)[1:])]
    assert [one.workers for one in scalings(rows, CORES)] == [SIZES] * 4


def test_pools_that_want_more_cores_than_there_are_are_left_out():
    """They say how many cores there are; threads that want one are not, however many they are."""
    rows = [
        *pools(cores_wanted=None),
        *pools("threading", serial=1.0, cores_wanted=1.1)[1:],
    ]
    processes, threads = scalings(rows, 4)
    assert processes.workers == (1, 2, 3, 4)
    assert [row.cell.workers for row in processes.short_of_cores] == [6, 8]
    assert not processes.fits
    assert threads.workers == SIZES
    assert threads.fits


def test_a_pinned_child_has_as_many_cores_as_its_label_says():
    """In a number or by their kind."""
    for setting, kinds in (("cores=3", {}), ("cores=physical", {"physical": 3})):
        work = {"interpreter": f"3.11+{setting}"}
        (found,) = scalings(pools(work=work, cores_wanted=8.0), CORES, kinds)
        assert (found.workers, found.cores) == ((1, 2, 3), 3)


def test_cells_that_are_flagged_in_every_round_are_left_out():
    """Their numbers may be anything."""
    rows = pools()
    rows[3] = measured("multiprocessing", 3, 3.0, 2.0, 9.9, (0.1, 0.1, 0.1), flags=(Flag.DISTURBED,))
    (found,) = scalings(rows, CORES)
    assert found.workers == (1, 2, 4, 6, 8)
    assert [row.cell.workers for row in found.flagged] == [3]
    assert not found.fits
    ((_, text),) = lines([found])
    assert text.startswith("of 1 numbers of workers too few rounds are without a flag")
    assert scalings(rows, CORES, flagged_too=True)[0].fits


def test_the_largest_pool_is_predicted_from_the_others():
    """By each law; the first one may be trusted as much farther as the largest is from the next."""
    (found,) = scalings(pools(), CORES)
    universal, amdahl, gustafson = found.checks
    assert (universal.workers, universal.from_workers) == (8, 6)
    assert universal.predicted.value == pytest.approx(speedup(8, 0.05, 0.002))
    assert universal.off < 1e-9
    assert universal.off < amdahl.off < gustafson.off
    assert found.trusted_up_to == 11  # 8 * 8 / 6


def test_a_law_that_predicts_badly_is_not_to_be_trusted():
    """Eight workers that are no faster than six, although the law had them gain a fifth."""
    rows = [*pools(serial=0.01, crosstalk=0.0)[:-1], measured("multiprocessing", 8, 8.0, 4.0, 0.2, (4.0, 4.01, 3.99))]
    (found,) = scalings(rows, CORES)
    assert not found.checks[0].right
    assert found.trusted_up_to is None
    ((_, text),) = lines([found])
    assert "more than 10 %, so predict nothing beyond 8 workers." in text


def test_a_sweep_is_told_in_sentences():
    """The parameters, the best number of workers, and how a prediction came out."""
    ((name, text),) = lines(scalings(pools(), CORES))
    assert name == "multiprocessing"
    assert text.startswith("serial share 5.0 % [5.0, 5.0], crosstalk 0.20 % [0.20, 0.20]: fastest with 22 workers [")
    assert "From up to x6, x8 was predicted at 5.47x [5.47, 5.47]; it was 5.47x, off by 0 %, Amdahl" in text
    assert text.endswith("so it may be trusted up to 11 workers.")


def test_what_gains_nothing_is_said_to():
    ((_, text),) = lines(scalings(pools("threading", serial=1.0, crosstalk=0.0, cores_wanted=1.1), 2))
    assert "more workers gain nothing" in text


@pytest.mark.parametrize(
    ("sizes", "cores", "wanted", "told"),
    [
        ((1, 2, 4), 8, 1.0, "3 numbers of workers were measured, and a law takes 6: use --workers 1,2,3,4,6,8."),
        (SIZES, 2, 8.0, "from 3 workers on it wants more than the 2 cores, about which no law is: measure it on 6"),
        (
            SIZES,
            6,
            8.0,
            "from 8 workers on it wants more than the 6 cores, about which no law is: use --workers with 6",
        ),
    ],
)
def test_too_few_numbers_of_workers_are_refused_with_what_to_do(sizes, cores, wanted, told):
    """In a line, also in the answer, where nothing else is said of scaling."""
    found = scalings(pools(sizes=sizes, cores_wanted=wanted), cores)
    ((_, text),) = lines(found)
    assert text.startswith(told)
    assert briefly(found) == [f"No law of scaling is fitted to multiprocessing: {text}"]


def test_what_is_the_same_of_several_is_said_once():
    rows = [*pools(sizes=(1, 2, 4)), *pools("threading", sizes=(1, 2, 4))[1:]]
    assert [name for name, _ in lines(scalings(rows, CORES))] == ["multiprocessing, threading"]


def test_a_session_without_a_sweep_says_nothing():
    """Two pools to compare are none."""
    found = scalings(pools(sizes=(2, 4)), CORES)
    assert (found, lines(found), briefly(found)) == ([], [], [])


@pytest.mark.parametrize(
    ("kinds", "told"),
    [
        ({"physical": 4}, "With more than 4 workers two share a physical core"),
        ({"performance": 2}, "With more than 2 workers some run on slower cores"),
        ({"physical": 16}, ""),
    ],
)
def test_workers_that_share_a_core_or_have_a_slow_one_are_told(kinds, told):
    """A law takes that for a serial share."""
    found = scalings([*pools(), *pools("threading")[1:]], CORES, kinds)
    assert "".join(text for _, text in lines(found)[1:]).startswith(told)
    assert len(lines(found)) == 1 + bool(told)


def test_a_sweep_knows_its_cells():
    (found,) = scalings(pools(), CORES)
    assert found.cells[2].cell == cell("multiprocessing", workers=3)
